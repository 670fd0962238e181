"""Undoing what was done: handlers, newest first, and the cancelling of a transaction."""

import pytest

from tests.unit.bpmn.conftest import Begin
from tests.unit.bpmn.harness import flows, process


def compensated(activity: str, name: str, handler: str) -> str:
    """An activity with a compensation handler, a user task."""
    return (
        activity
        + f'<boundaryEvent id="{name}_c" attachedToRef="{name}"><compensateEventDefinition/></boundaryEvent>'
        + f'<userTask id="{handler}" isForCompensation="true"/>'
        + f'<association id="{name}_a" associationDirection="One" sourceRef="{name}_c" targetRef="{handler}"/>'
    )


def user(name: str, inside: str = "") -> str:
    return f'<userTask id="{name}">{inside}</userTask>'


def throw(reference: str = "") -> str:
    return (
        f'<intermediateThrowEvent id="undo"><compensateEventDefinition {reference}/></intermediateThrowEvent>'
    )


BOOKING = (
    '<startEvent id="s"/>'
    + compensated(user("flight"), "flight", "undo_flight")
    + compensated(user("hotel"), "hotel", "undo_hotel")
)
REST = '<userTask id="z"/><endEvent id="e"/>' + flows(
    "s flight", "flight hotel", "hotel undo", "undo z", "z e"
)


def test_completed_activities_are_undone_and_the_throwing_event_waits(begin: Begin) -> None:
    case = begin(process(BOOKING + throw() + REST))
    case.complete_all(["flight", "hotel"])
    assert case.tasks == ["undo_flight", "undo_hotel"]
    case.complete("undo_flight")
    assert case.tasks == ["undo_hotel"]
    case.complete("undo_hotel")
    assert case.tasks == ["z"]
    case.complete("z")
    assert case.done


def test_only_the_activity_that_is_named_is_undone(begin: Begin) -> None:
    case = begin(process(BOOKING + throw('activityRef="hotel"') + REST))
    case.complete_all(["flight", "hotel"])
    assert case.tasks == ["undo_hotel"]
    case.complete("undo_hotel")
    assert case.tasks == ["z"]


def test_nothing_completed_means_nothing_to_undo(begin: Begin) -> None:
    body = '<startEvent id="s"/>' + compensated(user("hotel"), "hotel", "undo_hotel") + throw()
    case = begin(
        process(
            body + '<userTask id="z"/><endEvent id="e"/>' + flows("s undo", "undo z", "z hotel", "hotel e")
        )
    )
    assert case.tasks == ["z"]


def test_each_instance_is_undone_with_its_own_item(begin: Begin) -> None:
    loop = '<multiInstanceLoopCharacteristics camunda:collection="rooms" camunda:elementVariable="room"/>'
    body = '<startEvent id="s"/>' + compensated(user("hotel", loop), "hotel", "undo_hotel") + throw()
    case = begin(
        process(
            body + '<userTask id="z"/><endEvent id="e"/>' + flows("s hotel", "hotel undo", "undo z", "z e")
        ),
        data={"rooms": ["sea", "garden"]},
    )
    case.complete_all(["hotel", "hotel"])
    assert case.tasks == ["undo_hotel", "undo_hotel"]
    rooms = {case.machine.task_variables(case.step.snapshot, wait.token)["room"] for wait in case.step.waits}
    assert rooms == {"sea", "garden"}
    case.complete_all(["undo_hotel", "undo_hotel"])
    assert case.tasks == ["z"]


@pytest.mark.parametrize("reference", ["", 'activityRef="trip"'])
def test_what_was_done_in_a_sub_process_is_undone_from_outside(begin: Begin, reference: str) -> None:
    loop = '<multiInstanceLoopCharacteristics camunda:collection="people" camunda:elementVariable="who"/>'
    trip = (
        f'<subProcess id="trip">{loop}<startEvent id="is"/>'
        + compensated(user("hotel"), "hotel", "undo_hotel")
        + '<endEvent id="ie"/>'
        + flows("is hotel", "hotel ie")
        + "</subProcess>"
    )
    case = begin(
        process(
            '<startEvent id="s"/>'
            + trip
            + throw(reference)
            + '<userTask id="z"/><endEvent id="e"/>'
            + flows("s trip", "trip undo", "undo z", "z e")
        ),
        data={"people": ["Ana", "Bo"]},
    )
    case.complete_all(["hotel", "hotel"])
    assert case.tasks == ["undo_hotel", "undo_hotel"]
    people = {case.machine.task_variables(case.step.snapshot, wait.token)["who"] for wait in case.step.waits}
    assert people == {"Ana", "Bo"}
    case.complete_all(["undo_hotel", "undo_hotel"])
    assert case.tasks == ["z"]


def test_an_interrupted_compensation_withdraws_its_handlers(begin: Begin) -> None:
    stop = (
        '<subProcess id="es" triggeredByEvent="true"><startEvent id="es_s"><messageEventDefinition messageRef="m"/>'
        '</startEvent><userTask id="h"/><endEvent id="es_e"/>' + flows("es_s h", "h es_e") + "</subProcess>"
    )
    case = begin(process(BOOKING + throw() + REST + stop, around='<message id="m" name="stop"/>'))
    case.complete_all(["flight", "hotel"])
    case.message("stop")
    assert case.tasks == ["h"]
    case.complete("h")
    assert case.done


def test_a_cancelled_transaction_undoes_its_work_then_leaves_by_its_boundary(begin: Begin) -> None:
    inside = (
        '<startEvent id="is"/>'
        + compensated(user("hotel"), "hotel", "undo_hotel")
        + '<parallelGateway id="fk"/><userTask id="pay"/><userTask id="wait"/><endEvent id="ie"/>'
        + '<endEvent id="no"><cancelEventDefinition/></endEvent>'
        + flows("is hotel", "hotel fk", "fk pay", "fk wait", "pay no", "wait ie")
    )
    xml = process(
        f'<startEvent id="s"/><transaction id="t">{inside}</transaction><userTask id="failed"/><endEvent id="e"/>'
        '<boundaryEvent id="b" attachedToRef="t"><cancelEventDefinition/></boundaryEvent>'
        + flows("s t", "t e", "b failed", "failed e")
    )
    case = begin(xml)
    case.complete("hotel")
    case.complete("pay")
    assert case.tasks == ["undo_hotel"]
    assert case.cancelled() == ["wait"]
    case.complete("undo_hotel")
    assert case.tasks == ["failed"]
    case.complete("failed")
    assert case.done
