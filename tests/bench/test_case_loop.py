"""A case that goes round a thousand times stays as quick as it began."""

import statistics
import time

import pytest

from engine.clock import MovableClock
from engine.states import CaseState
from engine.store.db import Database
from engine.usecases.complete_task import complete_task
from tests.people import World
from tests.statements import counted
from tests.usecases.conftest import House, send
from tests.usecases.models import bpmn

pytestmark = pytest.mark.bench

ROUNDS = 1000
LOOP = bpmn(
    "loop",
    """
    <startEvent id="start"/>
    <sequenceFlow id="f1" sourceRef="start" targetRef="merge"/>
    <exclusiveGateway id="merge"/>
    <sequenceFlow id="f2" sourceRef="merge" targetRef="work"/>
    <userTask id="work" name="Work" camunda:candidateGroups="front_desk"/>
    <boundaryEvent id="late" attachedToRef="work">
      <timerEventDefinition><timeDuration>P5D</timeDuration></timerEventDefinition>
    </boundaryEvent>
    <sequenceFlow id="f3" sourceRef="late" targetRef="end"/>
    <sequenceFlow id="f4" sourceRef="work" targetRef="again"/>
    <exclusiveGateway id="again" default="f5"/>
    <sequenceFlow id="f5" sourceRef="again" targetRef="merge"/>
    <sequenceFlow id="f6" sourceRef="again" targetRef="end">
      <conditionExpression xsi:type="tFormalExpression">${stop == true}</conditionExpression>
    </sequenceFlow>
    <endEvent id="end"/>
    """,
)


def test_a_thousand_tasks_in_one_case_run_flat(database: Database, world: World, clock: MovableClock) -> None:
    house = House(database, world, clock)
    send(house, "loop.bpmn", LOOP)
    case_id = house.start("loop", data={"stop": False})
    spent_ms, statements, sizes = [], [], []
    for number in range(ROUNDS):
        open_task = house.task().id
        with counted(database) as seen:
            began = time.perf_counter()
            house.act(world.ana, complete_task, open_task, {"stop": False, "round": number})
            spent_ms.append((time.perf_counter() - began) * 1000)
        statements.append(len(seen))
        sizes.append(len(house.case(case_id).snapshot or b""))
    first, last = statistics.median(spent_ms[:100]), statistics.median(spent_ms[-100:])
    print(f"{database.dialect}: first 100 {first:.2f} ms, last 100 {last:.2f} ms, state {sizes[-1]} bytes")
    assert last < 2 * first
    # One more where the calendar was read anew.
    assert max(statements[1:]) - min(statements[1:]) <= 1
    assert sizes[-1] < 1.2 * sizes[10]
    house.act(world.ana, complete_task, house.task().id, {"stop": True})
    assert house.case(case_id).state == CaseState.COMPLETED
