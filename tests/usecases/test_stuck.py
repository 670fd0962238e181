"""A case that nothing can move any more is reported, not left in silence."""

import pytest

from engine.clock import MovableClock
from engine.errors import Conflict
from engine.states import Audit, CaseState, IncidentKind, IncidentState
from engine.store.db import Database
from engine.usecases.cancel_case import cancel_case
from engine.usecases.complete_task import complete_task
from engine.usecases.retry_incident import retry_incident
from tests.people import World
from tests.usecases.conftest import House, send
from tests.usecases.models import bpmn

ONE_WAY_TWO_AWAITED = bpmn(
    "stuck",
    """
    <startEvent id="start"/><sequenceFlow id="f1" sourceRef="start" targetRef="first"/>
    <userTask id="first"/><sequenceFlow id="f2" sourceRef="first" targetRef="one"/>
    <exclusiveGateway id="one" default="f4"/>
    <sequenceFlow id="f3" sourceRef="one" targetRef="a">
      <conditionExpression xsi:type="tFormalExpression">${floors > 2}</conditionExpression></sequenceFlow>
    <sequenceFlow id="f4" sourceRef="one" targetRef="b"/>
    <userTask id="a"/><userTask id="b"/>
    <sequenceFlow id="f5" sourceRef="a" targetRef="both"/><sequenceFlow id="f6" sourceRef="b" targetRef="both"/>
    <parallelGateway id="both"/><sequenceFlow id="f7" sourceRef="both" targetRef="end"/><endEvent id="end"/>
    """,
)


@pytest.fixture
def stuck(database: Database, world: World, clock: MovableClock) -> tuple[House, str]:
    """A join that waits for a branch that was never taken."""
    house = House(database, world, clock)
    send(house, "stuck.bpmn", ONE_WAY_TWO_AWAITED)
    case_id = house.start("stuck")
    house.act(world.ana, complete_task, house.task("first").id, {"floors": 3})
    house.act(world.ana, complete_task, house.task("a").id, {})
    return house, case_id


def test_a_join_that_can_never_fire_becomes_an_incident(stuck: tuple[House, str]) -> None:
    house, case_id = stuck
    incident = house.incident()
    assert (incident.kind, incident.code, incident.element_id) == (IncidentKind.STEP_FAILED, "stuck", "both")
    assert "cancel it" in incident.message
    assert house.case(case_id).state == CaseState.RUNNING
    assert house.history(case_id).count(Audit.INCIDENT_OPENED) == 1


def test_trying_again_cannot_help_and_says_so(stuck: tuple[House, str]) -> None:
    house, _ = stuck
    before = house.print()
    with pytest.raises(Conflict, match="Cancel it") as refused:
        house.act(house.people.oka, retry_incident, house.incident().id)
    assert refused.value.problem_code == "nothing_to_retry"
    assert house.print() == before


def test_cancelling_ends_the_case_and_its_incident(stuck: tuple[House, str]) -> None:
    house, case_id = stuck
    house.act(house.people.oka, cancel_case, case_id, "The drawing waits for a branch that nobody takes.")
    assert house.case(case_id).state == CaseState.CANCELLED
    assert house.incident().state == IncidentState.RESOLVED
