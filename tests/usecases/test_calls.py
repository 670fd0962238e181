"""Call activities between deployed versions: which version is called, whose decisions apply, and who does the work."""

from itertools import pairwise

import pytest

from engine.errors import ProcessInvalid
from engine.model import Task
from engine.states import CaseState, TaskState
from engine.usecases.complete_task import complete_task
from tests.usecases.conftest import House, send
from tests.usecases.models import bpmn, one_task

DMN = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="t">
<decision id="risk" name="Risk"><decisionTable id="t" hitPolicy="UNIQUE">
<output id="o" name="level" typeRef="string"/>
<rule id="r"><outputEntry id="e"><text>"LEVEL"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""


def dmn(level: str) -> dict[str, bytes]:
    return {"risk.dmn": DMN.replace("LEVEL", level).encode()}


def caller(key: str, *called: str, binding: str = "") -> bytes:
    """start → each called process in turn → end."""
    steps = [f"call{n}" for n, _ in enumerate(called)]
    calls = "".join(
        f'<callActivity id="{step}" calledElement="{name}" {binding}/>'
        for step, name in zip(steps, called, strict=True)
    )
    chain = ["start", *steps, "end"]
    flows = "".join(
        f'<sequenceFlow id="f{n}" sourceRef="{a}" targetRef="{b}"/>'
        for n, (a, b) in enumerate(pairwise(chain))
    )
    return bpmn(key, f'<startEvent id="start"/>{calls}<endEvent id="end"/>{flows}')


def named(key: str, name: str) -> bytes:
    return one_task(key).replace(b'name="Work"', f'name="{name}"'.encode())


def open_task(house: House) -> Task:
    [task] = [task for task in house.rows(Task) if task.state == TaskState.OPEN]
    return task


def complete(house: House) -> None:
    house.act(house.people.ana, complete_task, open_task(house).id, {})


def test_a_call_bound_at_deployment_keeps_its_version(real: House) -> None:
    send(real, "clear.bpmn", named("clear", "First"))
    send(real, "caller.bpmn", caller("caller", "clear", binding='camunda:calledElementBinding="deployment"'))
    send(real, "clear.bpmn", named("clear", "Second"))
    real.start("caller")
    assert (open_task(real).name, open_task(real).process_version) == ("First", 1)


def test_a_call_of_the_latest_version_takes_the_newest_of_its_moment(real: House) -> None:
    send(real, "clear.bpmn", named("clear", "First"))
    both = caller("caller", "clear", "clear", binding='camunda:calledElementBinding="latest"')
    send(real, "caller.bpmn", both)
    case_id = real.start("caller")
    assert open_task(real).name == "First"
    send(real, "clear.bpmn", named("clear", "Second"))
    complete(real)  # what is under way stays in its version; the next call is of the newer one
    assert (open_task(real).name, open_task(real).process_version) == ("Second", 2)
    send(real, "clear.bpmn", named("clear", "Third"))
    complete(real)
    assert real.case(case_id).state == CaseState.COMPLETED


def test_a_call_of_a_numbered_version_takes_that_one(real: House) -> None:
    send(real, "clear.bpmn", named("clear", "First"))
    send(real, "clear.bpmn", named("clear", "Second"))
    first = 'camunda:calledElementBinding="version" camunda:calledElementVersion="1"'
    send(real, "caller.bpmn", caller("caller", "clear", binding=first))
    case_id = real.start("caller")
    assert open_task(real).name == "First"
    complete(real)
    assert real.case(case_id).state == CaseState.COMPLETED


def test_a_version_that_is_not_there_is_refused(real: House) -> None:
    send(real, "clear.bpmn", named("clear", "First"))
    second = 'camunda:calledElementBinding="version" camunda:calledElementVersion="2"'
    with pytest.raises(ProcessInvalid) as refusal:
        send(real, "caller.bpmn", caller("caller", "clear", binding=second))
    assert [(p.code, p.element) for p in refusal.value.problems if p.code.startswith("called")] == [
        ("called_version_unknown", "call0")
    ]


def test_each_caller_keeps_the_version_that_it_was_bound_to(real: House) -> None:
    send(real, "clear.bpmn", named("clear", "First"))
    send(real, "middle.bpmn", caller("middle", "clear"))
    send(real, "clear.bpmn", named("clear", "Second"))
    send(real, "caller.bpmn", caller("caller", "clear", "middle"))
    case_id = real.start("caller")
    assert (open_task(real).name, open_task(real).process_version) == ("Second", 2)
    complete(real)
    assert (open_task(real).name, open_task(real).process_version) == ("First", 1)
    complete(real)
    assert real.case(case_id).state == CaseState.COMPLETED


def test_a_process_called_by_what_it_calls_is_the_version_of_that_day(real: House) -> None:
    send(real, "round.bpmn", named("round", "First"))
    send(real, "middle.bpmn", caller("middle", "round"))
    send(real, "round.bpmn", caller("round", "middle"))
    case_id = real.start("round")
    assert (open_task(real).name, open_task(real).process_version) == ("First", 1)
    complete(real)
    assert real.case(case_id).state == CaseState.COMPLETED


def deciding(key: str, variable: str, *, calls: str = "") -> bytes:
    call = f'<callActivity id="call" calledElement="{calls}"><extensionElements>{OUT}</extensionElements></callActivity>'
    behind = "call" if calls else "stay"
    return bpmn(
        key,
        f'<startEvent id="start"/><businessRuleTask id="decide" camunda:decisionRef="risk" '
        f'camunda:resultVariable="{variable}" camunda:mapDecisionResult="singleEntry"/>'
        f'{call if calls else ""}<userTask id="stay" name="Work"/><endEvent id="end"/>'
        '<sequenceFlow id="f1" sourceRef="start" targetRef="decide"/>'
        f'<sequenceFlow id="f2" sourceRef="decide" targetRef="{behind}"/>'
        + ('<sequenceFlow id="f3" sourceRef="call" targetRef="stay"/>' if calls else "")
        + '<sequenceFlow id="f4" sourceRef="stay" targetRef="end"/>',
    )


OUT = '<camunda:out source="inner" target="inner"/>'


def test_caller_and_called_decide_each_by_their_own_table(real: House) -> None:
    send(real, "clear.bpmn", deciding("clear", "inner"), files=dmn("low"))
    send(real, "caller.bpmn", deciding("caller", "outer", calls="clear"), files=dmn("high"))
    case_id = real.start("caller")
    complete(real)
    complete(real)
    assert dict(real.case(case_id).variables or {}) == {"outer": "high", "inner": "low"}
