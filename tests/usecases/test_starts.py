"""Messages and signals begin cases, as the newest version of each process draws it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from engine.errors import (
    AnswersInvalid,
    Conflict,
    Invalid,
    NobodyWaits,
    NotPermitted,
    ProcessInvalid,
    StepFailed,
)
from engine.model import AuditEvent, Case, Job, ProcessStart
from engine.states import Audit, CaseState, IncidentKind, JobKind, JobState
from engine.usecases.cancel_case import cancel_case
from engine.usecases.complete_task import complete_task
from engine.usecases.retry_incident import retry_incident
from engine.usecases.send_message import send_message
from engine.usecases.send_signal import Spread, send_signal
from tests.people import FIRE, LICENSING
from tests.usecases.conftest import House, send

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="t">'
    '<message id="m_apply" name="application"/><message id="m_answer" name="answer"/><signal id="s_flood" name="flood"/>'
)
BY_MESSAGE = '<startEvent id="{id}"><messageEventDefinition messageRef="{ref}"/></startEvent>'
BY_SIGNAL = '<startEvent id="called"><signalEventDefinition signalRef="s_flood"/></startEvent>'


def flow(source: str, target: str) -> str:
    return f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}"/>'


def model(key: str, *starts: str, task: str = "check", more: str = "") -> bytes:
    """Each start leads to one user task."""
    ids = [start.split('id="')[1].split('"')[0] for start in starts]
    return (
        f'{HEAD}<process id="{key}" isExecutable="true">{"".join(starts)}<userTask id="{task}"/>'
        f"{''.join(flow(start, task) for start in ids)}{more}</process></definitions>"
    ).encode()


PLAIN = '<startEvent id="plain"/>'
APPLIES = BY_MESSAGE.format(id="applied", ref="m_apply")


def test_a_message_starts_a_case_of_the_newest_version(real: House) -> None:
    send(real, "permit.bpmn", model("permit", APPLIES, task="check"))
    send(real, "permit.bpmn", model("permit", APPLIES, task="check_anew"))
    sent = real.act(
        real.people.ana, send_message, "application", business_key="A-1", data={"shop": "Warung Bu Ani"}
    )
    assert sent.started
    case = real.case(sent.case.case_id)
    assert (case.business_key, case.process_version, case.owner_agency) == ("A-1", 2, LICENSING)
    assert real.task().element_id == "check_anew"
    begun = real.rows(AuditEvent, case_id=case.case_id)[0]
    assert (begun.kind, begun.actor_name) == (Audit.CASE_STARTED, "Ana")
    assert '"by":"message","name":"application"' in begun.data


def test_several_starts_of_a_process_each_begin_where_they_are_drawn(real: House) -> None:
    answered = BY_MESSAGE.format(id="answered", ref="m_answer")
    body = f'<userTask id="b"/>{flow("answered", "b")}'
    content = (
        f'{HEAD}<process id="permit" isExecutable="true">{PLAIN}{APPLIES}{answered}<userTask id="a"/>'
        f'<userTask id="p"/>{flow("plain", "p")}{flow("applied", "a")}{body}</process></definitions>'
    ).encode()
    send(real, "permit.bpmn", content)
    by_hand = real.start("permit")
    applied = real.act(real.people.ana, send_message, "application").case.case_id
    answer = real.act(real.people.ana, send_message, "answer").case.case_id
    assert [real.task(case_id=case_id).element_id for case_id in (by_hand, applied, answer)] == [
        "p",
        "a",
        "b",
    ]


def test_a_case_that_waits_takes_the_message_before_a_new_one_starts(real: House) -> None:
    wait = (
        '<receiveTask id="again" messageRef="m_apply"/><endEvent id="end"/>'
        f"{flow('check', 'again')}{flow('again', 'end')}"
    )
    send(real, "permit.bpmn", model("permit", APPLIES, more=wait))
    first = real.act(real.people.ana, send_message, "application", business_key="A-1").case
    real.act(real.people.ana, complete_task, real.task().id, {})
    sent = real.act(real.people.ana, send_message, "application", business_key="A-1")
    assert (sent.case.case_id, sent.started) == (first.case_id, False)
    assert real.case(first.case_id).state == CaseState.COMPLETED


def test_one_running_case_has_a_key_when_a_message_starts_it(real: House) -> None:
    send(real, "permit.bpmn", model("permit", APPLIES))
    first = real.act(real.people.ana, send_message, "application", correlation="A-1").case.case_id
    assert real.case(first).business_key == "A-1"
    before = real.print()
    with pytest.raises(Conflict) as refusal:
        real.act(real.people.ana, send_message, "application", business_key="A-1")
    assert (refusal.value.problem_code, refusal.value.detail["case_id"]) == ("case_running", first)
    assert real.print() == before
    real.act(real.people.ana, cancel_case, first, "applied twice")
    assert real.act(real.people.ana, send_message, "application", business_key="A-1").started
    # Without a key nothing tells two applications apart from one that is sent twice: each starts a case.
    assert real.act(real.people.ana, send_message, "application").started
    assert real.act(real.people.ana, send_message, "application").started


def test_two_messages_with_one_key_at_the_same_moment_start_one_case(real: House) -> None:
    send(real, "permit.bpmn", model("permit", APPLIES))

    def apply(_: int) -> str:
        try:
            real.act(real.people.ana, send_message, "application", business_key="A-1")
        except Conflict as refusal:
            return refusal.problem_code
        return "started"

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(apply, range(8)))
    assert sorted(outcomes) == ["case_running"] * 7 + ["started"]
    assert len(real.rows(Case)) == 1


def test_who_may_start_a_process_may_start_it_by_message(real: House) -> None:
    settings = b'start_roles = ["front_desk"]\n'
    send(real, "permit.bpmn", model("permit", APPLIES), files={"process.toml": settings})
    before = real.print()
    for outsider in (real.people.bo, real.people.gita, real.people.dewi):
        with pytest.raises(NotPermitted):
            real.act(outsider, send_message, "application")
    assert real.print() == before
    for insider in (real.people.ana, real.people.oka):
        assert real.act(insider, send_message, "application").started


def test_a_message_that_starts_several_processes_is_ambiguous_unless_rights_tell_them_apart(
    real: House,
) -> None:
    send(real, "permit.bpmn", model("permit", APPLIES))
    send(real, "fire.bpmn", model("fire", APPLIES), files={"process.toml": f'owner = "{FIRE}"'.encode()})
    assert real.act(real.people.bo, send_message, "application").case.process_key == "fire"
    with pytest.raises(Conflict) as refusal:
        real.act(real.people.oka, send_message, "application")
    assert refusal.value.problem_code == "message_ambiguous"


def test_a_new_version_takes_over_the_starts_and_gives_up_what_it_does_not_draw(real: House) -> None:
    send(real, "permit.bpmn", model("permit", APPLIES, PLAIN))
    send(real, "permit.bpmn", model("permit", PLAIN))
    assert real.rows(ProcessStart) == []
    with pytest.raises(NobodyWaits):
        real.act(real.people.ana, send_message, "application")
    send(real, "permit.bpmn", model("permit", BY_SIGNAL))
    (row,) = real.rows(ProcessStart)
    assert (row.version, row.kind, row.name) == (3, "signal", "flood")


def test_a_process_without_a_plain_start_is_not_started_by_hand(real: House) -> None:
    send(real, "permit.bpmn", model("permit", APPLIES))
    with pytest.raises(Invalid) as refusal:
        real.start("permit")
    assert refusal.value.problem_code == "no_plain_start"
    assert real.rows(Case) == []


def test_a_message_that_cannot_begin_a_case_leaves_nothing(real: House) -> None:
    choice = (
        f'{HEAD}<process id="permit" isExecutable="true">{APPLIES}<exclusiveGateway id="size"/><userTask id="a"/>'
        f'{flow("applied", "size")}<sequenceFlow id="f" sourceRef="size" targetRef="a"><conditionExpression>'
        "${size == 'small'}</conditionExpression></sequenceFlow></process></definitions>"
    ).encode()
    send(real, "permit.bpmn", choice)
    before = real.print()
    with pytest.raises(StepFailed):
        real.act(real.people.ana, send_message, "application", data={"size": "big"})
    with pytest.raises(AnswersInvalid):
        real.act(real.people.ana, send_message, "application", data={"not a name": 1})
    assert real.print() == before


def test_output_mappings_of_a_start_let_in_only_what_they_name(real: House) -> None:
    start = (
        '<startEvent id="applied"><extensionElements><zeebe:ioMapping><zeebe:output source="=form.name" target="applicant"/>'
        '</zeebe:ioMapping></extensionElements><messageEventDefinition messageRef="m_apply"/></startEvent>'
    )
    send(real, "permit.bpmn", model("permit", start))
    sent = real.act(real.people.ana, send_message, "application", data={"form": {"name": "Ani", "debt": 9}})
    case = real.case(sent.case.case_id)
    with real.database.read(real.people.ana) as uow:
        assert uow.machine(case).variables(case.snapshot or b"") == {"applicant": "Ani"}


def test_a_receive_task_that_instantiates_starts_a_case(real: House) -> None:
    task = '<receiveTask id="applied" instantiate="true" messageRef="m_apply"/>'
    send(real, "permit.bpmn", model("permit", task))
    sent = real.act(real.people.ana, send_message, "application", data={"shop": "Warung"})
    assert sent.started
    assert real.task().element_id == "check"
    for broken in (
        model("permit", PLAIN, more=flow("plain", "applied") + task),
        model("permit", task.replace("/>", "><standardLoopCharacteristics/></receiveTask>")).replace(
            b"<standardLoopCharacteristics/>",
            b"<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>",
        ),
    ):
        with pytest.raises(ProcessInvalid) as refusal:
            send(real, "permit.bpmn", broken)
        assert ("not_supported", "applied") in {(p.code, p.element) for p in refusal.value.problems}


def test_a_gateway_that_instantiates_starts_a_case_by_each_of_its_events(real: House) -> None:
    content = (
        f'{HEAD}<process id="permit" isExecutable="true"><eventBasedGateway id="either" instantiate="true"/>'
        '<intermediateCatchEvent id="applied"><messageEventDefinition messageRef="m_apply"/></intermediateCatchEvent>'
        '<intermediateCatchEvent id="called"><signalEventDefinition signalRef="s_flood"/></intermediateCatchEvent>'
        f'<userTask id="a"/><userTask id="b"/>{flow("either", "applied")}{flow("either", "called")}'
        f"{flow('applied', 'a')}{flow('called', 'b')}</process></definitions>"
    ).encode()
    send(real, "permit.bpmn", content)
    case_id = real.act(real.people.ana, send_message, "application").case.case_id
    real.act(real.people.ana, send_signal, "flood")
    real.worker().run_once()
    assert real.task("a").case_id == case_id
    assert real.task("b").case_id != case_id


def test_a_signal_starts_one_case_of_each_process_and_reaches_all_that_wait(real: House) -> None:
    waits = f'{HEAD}<process id="shelter" isExecutable="true">{PLAIN}<intermediateCatchEvent id="alarm">' + (
        '<signalEventDefinition signalRef="s_flood"/></intermediateCatchEvent><userTask id="open"/>'
        f"{flow('plain', 'alarm')}{flow('alarm', 'open')}</process></definitions>"
    )
    send(real, "shelter.bpmn", waits.encode())
    send(real, "pumps.bpmn", model("pumps", BY_SIGNAL, task="pump"))
    send(real, "boats.bpmn", model("boats", BY_SIGNAL, task="row"))
    send(
        real,
        "fire.bpmn",
        model("fire", BY_SIGNAL, task="go"),
        files={"process.toml": f'owner = "{FIRE}"'.encode()},
    )
    real.start("shelter")
    real.start("shelter")
    assert real.act(real.people.ana, send_signal, "flood", {"level": 2}) == Spread(cases=2, started=2)
    real.worker().run_once()
    rows = real.rows(Case)
    assert sorted(case.process_key for case in rows) == ["boats", "pumps", "shelter", "shelter"]
    with real.database.read(real.people.ana) as uow:
        assert all(uow.machine(c).variables(c.snapshot or b"")["level"] == 2 for c in rows)
    with pytest.raises(NobodyWaits):
        real.act(real.people.hadi, send_signal, "flood")


def thrower(key: str, event: str, more: str = "") -> bytes:
    """start → throws ``event`` → end, when a person has let it."""
    return (
        f'{HEAD}<process id="{key}" isExecutable="true">{PLAIN}<userTask id="let"/><intermediateThrowEvent id="tell">'
        f"{event}</intermediateThrowEvent>{flow('plain', 'let')}{flow('let', 'tell')}{more}</process></definitions>"
    ).encode()


SENDS = (
    '<messageEventDefinition messageRef="m_apply"><extensionElements><camunda:in source="shop" target="name"/>'
    "</extensionElements></messageEventDefinition>"
)


def let(house: House, **where: Any) -> None:
    house.act(house.people.ana, complete_task, house.task("let", **where).id, {})


def test_a_message_of_one_case_starts_a_case_of_another_agency_s_process_with_what_was_mapped(
    real: House,
) -> None:
    send(real, "sender.bpmn", thrower("sender", SENDS))
    send(real, "fire.bpmn", model("fire", APPLIES), files={"process.toml": f'owner = "{FIRE}"'.encode()})
    real.start("sender", business_key="A-1", data={"shop": "Warung", "debt": 9})
    let(real)
    real.worker().run_once()
    (case,) = real.rows(Case, process_key="fire")
    assert (case.business_key, case.started_by, case.state) == ("A-1", "system", CaseState.RUNNING)
    with real.database.read(real.people.bo) as uow:
        assert uow.machine(case).variables(case.snapshot or b"") == {"name": "Warung"}
    assert '"sender":"sender"' in real.rows(AuditEvent, case_id=case.case_id)[0].data


def test_a_start_that_fails_is_the_new_case_s_own_incident_and_the_sender_goes_on(real: House) -> None:
    broken = (
        f'{HEAD}<process id="fire" isExecutable="true">{APPLIES}<exclusiveGateway id="size"/><userTask id="a"/>'
        f'{flow("applied", "size")}<sequenceFlow id="f" sourceRef="size" targetRef="a"><conditionExpression>'
        "${name == 'small'}</conditionExpression></sequenceFlow></process></definitions>"
    ).encode()
    send(real, "sender.bpmn", thrower("sender", SENDS))
    send(real, "fire.bpmn", broken)
    sender = real.start("sender", data={"shop": "big"})
    let(real)
    real.worker().run_once()
    assert real.case(sender).state == CaseState.COMPLETED
    (case,) = real.rows(Case, process_key="fire")
    incident = real.incident()
    assert (incident.case_id, incident.kind, incident.element_id) == (
        case.case_id,
        IncidentKind.STEP_FAILED,
        "size",
    )
    real.act(real.people.oka, retry_incident, incident.id)
    assert real.job(kind=JobKind.START).state == JobState.READY
    real.worker().run_once()
    real.act(real.people.oka, cancel_case, case.case_id, "cannot begin")
    assert [job.state for job in real.rows(Job, kind=JobKind.START)] == [JobState.WITHDRAWN]


def test_a_message_of_a_case_waits_while_a_case_with_its_key_runs(real: House) -> None:
    send(real, "sender.bpmn", thrower("sender", SENDS))
    send(real, "fire.bpmn", model("fire", APPLIES))
    for _ in range(2):
        case_id = real.start("sender", business_key="A-1")
        let(real, case_id=case_id)
        real.worker().run_once()
    (case,) = real.rows(Case, process_key="fire")
    assert real.worker().run_once() == 0
    real.act(real.people.ana, cancel_case, case.case_id, "done")
    real.worker().run_once()
    assert [c.state for c in real.rows(Case, process_key="fire")] == [CaseState.CANCELLED, CaseState.RUNNING]


def test_a_message_is_kept_until_a_process_that_starts_by_it_is_deployed(real: House) -> None:
    send(real, "sender.bpmn", thrower("sender", SENDS))
    real.start("sender", business_key="A-1")
    let(real)
    real.worker().run_once()
    assert real.worker().run_once() == 0
    send(real, "fire.bpmn", model("fire", APPLIES))
    real.worker().run_once()
    assert [case.business_key for case in real.rows(Case, process_key="fire")] == ["A-1"]


def test_starts_that_cannot_be_are_refused_by_name(real: House) -> None:
    timer = "<startEvent id='t'><timerEventDefinition><timeDuration>${now() - now()}</timeDuration></timerEventDefinition></startEvent>"
    with pytest.raises(ProcessInvalid) as refusal:
        send(real, "permit.bpmn", model("permit", timer.replace("'", '"')))
    assert [p.code for p in refusal.value.problems if p.severity == "error"] == ["start_invalid"]
