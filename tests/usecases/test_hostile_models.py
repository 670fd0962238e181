"""What a hostile designer writes at every door: the step is refused with the element and the sandbox's words, others go on."""

import json
import os
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from engine.clock import MovableClock
from engine.errors import FormStuck, StepFailed
from engine.states import CaseState
from engine.store.db import Database
from engine.usecases.complete_task import complete_task
from tests.people import World
from tests.usecases.conftest import House, send
from tests.usecases.models import bpmn

HUGE = "${n * n * n * n * n}"
ENDLESS = "count(for i in 1..n, j in 1..n return i * j)"
DOORS = {
    "endless script": '<scriptTask id="x"><script>while True: pass</script></scriptTask>',
    "memory": '<scriptTask id="x"><script>y = []\nwhile True: y.append("z" * 9999)</script></scriptTask>',
    "recursion": '<scriptTask id="x"><script>def f(a):\n    return f(a + 1)\ny = f(0)</script></scriptTask>',
    "output": '<scriptTask id="x"><script>for i in range(99999): print("z" * 999)</script></scriptTask>',
    "big number": '<scriptTask id="x"><script>y = 10 ** 10 ** 8</script></scriptTask>',
    "timer": '<intermediateCatchEvent id="x"><timerEventDefinition><timeDuration>PT'
    f"{HUGE}H</timeDuration></timerEventDefinition></intermediateCatchEvent>",
    "input mapping": '<task id="x"><extensionElements><camunda:inputOutput><camunda:inputParameter name="y">'
    f"{HUGE}</camunda:inputParameter></camunda:inputOutput></extensionElements></task>",
    "output mapping": '<task id="x"><extensionElements><camunda:inputOutput><camunda:outputParameter name="y">'
    f"{HUGE}</camunda:outputParameter></camunda:inputOutput></extensionElements></task>",
    "instances": '<task id="x"><multiInstanceLoopCharacteristics><loopCardinality>'
    f"{HUGE}</loopCardinality></multiInstanceLoopCharacteristics></task>",
    "completion": '<task id="x"><multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality>'
    f"<completionCondition>{HUGE}</completionCondition></multiInstanceLoopCharacteristics></task>",
    "name": f'<userTask id="x" name="{HUGE}"/>',
    "assignee": f'<userTask id="x" camunda:assignee="{HUGE}"/>',
    "priority": f'<userTask id="x" camunda:priority="{HUGE}"/>',
    "condition": '<exclusiveGateway id="x" default="f3"/><sequenceFlow id="f4" sourceRef="x" targetRef="last">'
    f"<conditionExpression>= {ENDLESS} = 1</conditionExpression></sequenceFlow>",
    "listener": '<task id="x"><extensionElements><camunda:executionListener event="start" '
    f"expression=\"${{execution.setVariable('y', {HUGE[2:-1]})}}\"/></extensionElements></task>",
    "correlation": '<receiveTask id="x" messageRef="m_answer"><extensionElements><camunda:properties>'
    f'<camunda:property name="correlation" value="{HUGE}"/></camunda:properties></extensionElements></receiveTask>',
    "connector setting": '<serviceTask id="x" camunda:type="external" camunda:topic="partner"><extensionElements>'
    '<camunda:properties><camunda:property name="system" value="population"/>'
    f'<camunda:property name="path" value="={ENDLESS}"/></camunda:properties></extensionElements></serviceTask>',
    "decision table": '<businessRuleTask id="x" camunda:decisionRef="rule" camunda:resultVariable="y"/>',
}
DECISION = f"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:t">
<decision id="rule" name="Rule"><decisionTable id="t" hitPolicy="FIRST"><input id="i" label="n">
<inputExpression id="ie" typeRef="number"><text>n</text></inputExpression></input><output id="o" name="y" typeRef="number"/>
<rule id="r1"><inputEntry id="e1"><text>{ENDLESS} &gt; 1</text></inputEntry><outputEntry id="o1"><text>1</text></outputEntry></rule>
</decisionTable></decision></definitions>""".encode()


def model(key: str, door: str) -> bytes:
    return bpmn(
        key,
        '<startEvent id="s"/><sequenceFlow id="f1" sourceRef="s" targetRef="first"/><userTask id="first"/>'
        f'<sequenceFlow id="f2" sourceRef="first" targetRef="x"/>{door}'
        '<sequenceFlow id="f3" sourceRef="x" targetRef="last"/><userTask id="last"/>',
    )


@pytest.fixture
def house(database: Database, world: World, clock: MovableClock) -> House:
    return House(database, world, clock)


@pytest.mark.parametrize("door", DOORS)
def test_a_bomb_is_refused_to_whoever_sets_it_off_and_other_cases_go_on(house: House, door: str) -> None:
    send(
        house,
        "bomb.bpmn",
        model("bomb", DOORS[door]),
        files={"rule.dmn": DECISION} if door == "decision table" else {},
    )
    send(house, "calm.bpmn", model("calm", '<scriptTask id="x"><script>y = n + 1</script></scriptTask>'))
    bombed = house.start("bomb")
    with pytest.raises(StepFailed) as refused:
        house.act(house.people.ana, complete_task, house.task("first").id, {"n": 10**15})
    codes = {"timer": "timer_invalid", "decision table": "decision_failed"}
    assert refused.value.problem_code == codes.get(door, "sandbox_limit")
    assert refused.value.detail["element"] == "x"
    assert len(str(refused.value)) > 20
    assert house.case(bombed).state == CaseState.RUNNING
    assert house.case(house.start("calm")).state == CaseState.RUNNING


def test_a_worker_that_was_killed_is_replaced_and_the_step_is_taken(house: House) -> None:
    send(house, "calm.bpmn", model("calm", '<scriptTask id="x"><script>y = n + 1</script></scriptTask>'))
    for _ in range(2):
        case = house.start("calm")
        house.act(house.people.ana, complete_task, house.task("first").id, {"n": 1})
        assert house.case(case).state == CaseState.RUNNING
        house.act(house.people.ana, complete_task, house.task("last").id, {})
        assert house.case(case).state == CaseState.COMPLETED
        children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
        if not children.exists():
            pytest.skip("the system does not list the children of a process")
        workers = [int(pid) for pid in children.read_text().split()]
        for pid in [p for p in workers if b"monty" in Path(f"/proc/{p}/cmdline").read_bytes()]:
            os.kill(pid, signal.SIGKILL)


def test_a_bomb_behind_a_deadline_becomes_an_incident_in_the_sandboxes_words(house: House) -> None:
    after = (
        '<boundaryEvent id="late" attachedToRef="first"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
        '</timerEventDefinition></boundaryEvent><sequenceFlow id="l1" sourceRef="late" targetRef="bomb"/>'
        '<scriptTask id="bomb"><script>while True: pass</script></scriptTask>'
    )
    send(house, "bomb.bpmn", model("bomb", f'<task id="x"/>{after}'))
    send(house, "calm.bpmn", model("calm", '<task id="x"/>' + after.replace("while True: pass", "y = 1")))
    bombed, calm = house.start("bomb"), house.start("calm")
    house.clock.move_by(timedelta(hours=2))
    house.worker().run_once()
    incident = house.incident(case_id=bombed)
    assert incident.element_id == "bomb"
    assert incident.code == "sandbox_limit"
    assert "longer than" in incident.message
    assert house.case(bombed).state == CaseState.RUNNING
    assert house.task("first").case_id == bombed  # the case stayed where it was
    assert house.case(calm).state == CaseState.COMPLETED


@pytest.mark.parametrize(
    "field",
    [
        {"type": "textfield", "key": "t", "label": "t", "conditional": {"hide": f"={ENDLESS} = 1"}},
        {"type": "expression", "key": "t", "expression": f"={ENDLESS}"},
    ],
    ids=["condition", "computed"],
)
def test_a_bomb_in_a_form_is_refused_to_who_answers_and_other_tasks_go_on(
    house: House, field: dict[str, object]
) -> None:
    form = {"type": "default", "components": [{"type": "number", "key": "n", "label": "n"}, field]}
    drawn = model("bomb", '<task id="x"/>').replace(
        b'<userTask id="first"/>', b'<userTask id="first" camunda:formKey="trap"/>'
    )
    send(house, "bomb.bpmn", drawn, files={"trap.form": json.dumps(form).encode()})
    send(house, "calm.bpmn", model("calm", '<task id="x"/>'))
    bombed, calm = house.start("bomb"), house.start("calm")
    trap = house.task("first", case_id=bombed).id
    with pytest.raises(FormStuck, match=r"count.*stopped"):
        house.act(house.people.ana, complete_task, trap, {"n": 10**15})
    assert house.task("first", case_id=bombed).state == "open"
    house.act(house.people.ana, complete_task, house.task("first", case_id=calm).id, {"n": 1})
    assert house.task("last").case_id == calm
