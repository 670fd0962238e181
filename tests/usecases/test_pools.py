"""Pools of one file, each a process that runs, talk to each other by messages: by case number, and by parts of a message."""

from datetime import timedelta

from engine.model import Case, Incident, Job, Task
from engine.states import CaseState, JobState
from engine.usecases.complete_task import complete_task
from tests.people import FIRE, LICENSING
from tests.usecases.conftest import House, send

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
    'targetNamespace="t"><message id="m_ask" name="opinion wanted"/><message id="m_say" name="opinion"/>'
)


def flow(source: str, target: str) -> str:
    return f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}"/>'


def carrying(**names: str) -> str:
    mapped = "".join(f'<camunda:in source="{source}" target="{target}"/>' for target, source in names.items())
    return f"<extensionElements>{mapped}</extensionElements>"


def two_pools(*, beside: str = "", subscription: str = "", ask: str = "", say: str = "") -> bytes:
    """Licensing asks the fire service for its opinion, which a person there writes, and waits for it."""
    return (
        f'{HEAD}{beside}<collaboration id="co"><participant id="p1" name="{LICENSING}" processRef="licence"/>'
        f'<participant id="p2" name="{FIRE}" processRef="opinion"/>'
        '<messageFlow id="mf1" sourceRef="ask" targetRef="asked"/><messageFlow id="mf2" sourceRef="said" targetRef="hear"/>'
        "</collaboration>"
        f'<process id="licence" isExecutable="true">{subscription}<startEvent id="begin"/>'
        f'<intermediateThrowEvent id="ask"><messageEventDefinition messageRef="m_ask">{ask}</messageEventDefinition></intermediateThrowEvent>'
        '<receiveTask id="hear" messageRef="m_say"/><userTask id="decide"/>'
        f"{flow('begin', 'ask')}{flow('ask', 'hear')}{flow('hear', 'decide')}</process>"
        '<process id="opinion" isExecutable="true"><startEvent id="asked"><messageEventDefinition messageRef="m_ask"/></startEvent>'
        f'<userTask id="inspect"/><endEvent id="said"><messageEventDefinition messageRef="m_say">{say}</messageEventDefinition></endEvent>'
        f"{flow('asked', 'inspect')}{flow('inspect', 'said')}</process></definitions>"
    ).encode()


def variables(house: House, case_id: str) -> dict[str, object]:
    case = house.case(case_id)
    if case.snapshot is None:
        return dict(case.variables or {})
    with house.database.read(house.people.oka) as uow:
        return dict(uow.machine(case).variables(case.snapshot))


def test_two_pools_of_a_file_talk_by_the_case_number_and_tell_only_what_is_mapped(real: House) -> None:
    send(real, "both.bpmn", two_pools(ask=carrying(floor="floor"), say=carrying(safe="is_safe")))
    cases = [
        real.start("licence", business_key=key, data={"floor": n, "debt": 9})
        for n, key in enumerate(("A-1", "A-2"), start=1)
    ]
    real.worker().run_once()
    second = next(c for c in real.rows(Case, process_key="opinion") if c.business_key == "A-2")
    assert variables(real, second.case_id) == {"floor": 2}
    task = real.task("inspect", case_id=second.case_id)
    assert task.agency_key == FIRE
    real.act(real.people.bo, complete_task, task.id, {"is_safe": True, "notes": "not for licensing"})
    real.worker().run_once()
    assert real.task("decide").case_id == cases[1]
    assert variables(real, cases[1]) == {"floor": 2, "debt": 9, "safe": True}
    assert real.case(second.case_id).state == CaseState.COMPLETED
    assert real.case(cases[0]).state == CaseState.RUNNING


PROPERTY = (
    '<correlationProperty id="number"><correlationPropertyRetrievalExpression messageRef="m_ask"><messagePath>number</messagePath>'
    '</correlationPropertyRetrievalExpression><correlationPropertyRetrievalExpression messageRef="m_say">'
    "<messagePath>${number}</messagePath></correlationPropertyRetrievalExpression></correlationProperty>"
)
SUBSCRIPTION = (
    '<correlationSubscription id="cs" correlationKeyRef="k"><correlationPropertyBinding correlationPropertyRef="number">'
    "<dataPath>file</dataPath></correlationPropertyBinding></correlationSubscription>"
)


def test_two_pools_of_a_file_talk_by_a_part_of_their_messages(real: House) -> None:
    content = two_pools(
        beside=PROPERTY,
        subscription=SUBSCRIPTION,
        ask=carrying(number="file"),
        say=carrying(number="number", safe="is_safe"),
    )
    send(real, "both.bpmn", content)
    cases = [real.start("licence", data={"file": file}) for file in (17, 18)]
    real.worker().run_once()
    opinions = real.rows(Case, process_key="opinion")
    assert sorted(case.business_key or "" for case in opinions) == ["17", "18"]
    second = next(case for case in opinions if case.business_key == "18")
    task = real.task("inspect", case_id=second.case_id)
    real.act(real.people.bo, complete_task, task.id, {"is_safe": False})
    real.worker().run_once()
    assert real.task("decide").case_id == cases[1]
    assert variables(real, cases[1])["safe"] is False


def test_an_answer_that_comes_before_the_question_is_heard_waits_for_it(real: House) -> None:
    """Licensing looks at the file before it listens; the fire service is faster."""
    busy = two_pools().replace(b'<receiveTask id="hear"', b'<userTask id="look"/><receiveTask id="hear"')
    busy = busy.replace(flow("ask", "hear").encode(), (flow("ask", "look") + flow("look", "hear")).encode())
    send(real, "both.bpmn", busy)
    case = real.start("licence", business_key="A-1")
    worker = real.worker()
    worker.run_once()
    real.act(real.people.bo, complete_task, real.task("inspect").id, {})
    worker.run_once()
    kept = [job for job in real.rows(Job) if job.state == JobState.READY]
    assert [job.name for job in kept] == ["opinion"]
    assert kept[0].unseen_since is not None
    real.clock.move_by(timedelta(hours=30))
    real.act(real.people.ana, complete_task, real.task("look").id, {})
    worker.run_once()
    assert real.task("decide").case_id == case


def test_a_message_that_several_cases_wait_for_with_one_key_is_left_to_an_operator(real: House) -> None:
    send(real, "both.bpmn", two_pools())
    for _ in range(2):
        real.start("licence", business_key="A-1")
        real.worker().run_once()
    (opinion,) = real.rows(Case, process_key="opinion")
    real.act(real.people.bo, complete_task, real.task("inspect", case_id=opinion.case_id).id, {})
    real.worker().run_once()
    assert real.incident().code == "message_ambiguous"


def test_without_any_key_an_answer_goes_to_the_case_that_asked(real: House) -> None:
    send(real, "both.bpmn", two_pools(ask=carrying(floor="floor"), say=carrying(floor="floor")))
    asking = [real.start("licence", data={"floor": floor}) for floor in (1, 2, 3)]
    real.worker().run_once()
    opinions = real.rows(Case, process_key="opinion")
    assert [case.business_key for case in opinions] == [None] * 3
    for case in reversed(opinions):
        real.act(real.people.bo, complete_task, real.task("inspect", case_id=case.case_id).id, {})
    real.worker().run_once()
    for floor, case_id in enumerate(asking, start=1):
        assert real.task("decide", case_id=case_id)
        assert variables(real, case_id)["floor"] == floor
    assert real.rows(Incident) == []


def test_without_any_key_an_answer_waits_for_its_asker_rather_than_reach_another(real: House) -> None:
    """The first case looks at the file before it listens; the second listens already."""
    content = two_pools().replace(
        b'<receiveTask id="hear"',
        b'<exclusiveGateway id="way" default="way_hear"/><userTask id="look"/><receiveTask id="hear"',
    )
    look = b'<sequenceFlow id="way_look" sourceRef="way" targetRef="look"><conditionExpression>${busy}</conditionExpression></sequenceFlow>'
    drawn = (flow("ask", "way") + flow("way", "hear") + flow("look", "hear")).encode()
    content = content.replace(flow("ask", "hear").encode(), drawn + look)
    send(real, "both.bpmn", content)
    busy = real.start("licence", data={"busy": True})
    real.worker().run_once()
    idle = real.start("licence", data={"busy": False})
    real.worker().run_once()
    first = min(real.rows(Case, process_key="opinion"), key=lambda case: case.case_id)
    real.act(real.people.bo, complete_task, real.task("inspect", case_id=first.case_id).id, {})
    real.worker().run_once()
    assert real.rows(Task, element_id="decide") == []
    real.clock.move_by(timedelta(hours=1))
    real.act(real.people.ana, complete_task, real.task("look").id, {})
    real.worker().run_once()
    assert real.task("decide").case_id == busy
    assert real.case(idle).state == CaseState.RUNNING
