"""What a hostile designer writes at every door: the step is refused with the element and the sandbox's words, others go on."""

import os
import signal
from pathlib import Path

import pytest

from engine.clock import MovableClock
from engine.errors import StepFailed
from engine.states import CaseState
from engine.store.db import Database
from engine.usecases.complete_task import complete_task
from tests.people import World
from tests.usecases.conftest import House, send
from tests.usecases.models import bpmn

HUGE = "${n * n * n * n * n}"
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
}


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
    send(house, "bomb.bpmn", model("bomb", DOORS[door]))
    send(house, "calm.bpmn", model("calm", '<scriptTask id="x"><script>y = n + 1</script></scriptTask>'))
    bombed = house.start("bomb")
    with pytest.raises(StepFailed) as refused:
        house.act(house.people.ana, complete_task, house.task("first").id, {"n": 10**15})
    assert refused.value.problem_code == ("timer_invalid" if door == "timer" else "sandbox_limit")
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
