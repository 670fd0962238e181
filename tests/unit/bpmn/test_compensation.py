"""Undoing what was done: handlers, newest first, with what their activities saw, and the cancelling of a transaction."""

import base64

import pytest

from engine.bpmn.library import Deployed
from engine.bpmn.normalise import normalise
from engine.bpmn.spiff.run import SpiffMachine
from engine.bpmn.step import OpenTask, Step
from tests.unit.bpmn.conftest import Begin
from tests.unit.bpmn.harness import Play, flows, process, read


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
    assert case.tasks == ["undo_hotel"]
    case.complete("undo_hotel")
    assert case.tasks == ["undo_flight"]
    case.complete("undo_flight")
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


# The order.


def test_what_ran_side_by_side_is_undone_side_by_side(begin: Begin) -> None:
    body = (
        '<startEvent id="s"/><parallelGateway id="f"/><parallelGateway id="j"/>'
        + compensated(user("flight"), "flight", "undo_flight")
        + compensated(user("hotel"), "hotel", "undo_hotel")
        + compensated(user("pay"), "pay", "undo_pay")
        + throw()
        + '<userTask id="z"/><endEvent id="e"/>'
        + flows("s f", "f flight", "f hotel", "flight j", "hotel j", "j pay", "pay undo", "undo z", "z e")
    )
    case = begin(process(body))
    case.complete_all(["flight", "hotel", "pay"])
    assert case.tasks == ["undo_pay"]
    case.complete("undo_pay")
    assert case.tasks == ["undo_flight", "undo_hotel"]
    case.complete_all(["undo_hotel", "undo_flight"])
    assert case.tasks == ["z"]


def test_each_round_of_a_loop_is_undone_the_last_first(begin: Begin) -> None:
    loop = "<standardLoopCharacteristics><loopCondition>${more}</loopCondition></standardLoopCharacteristics>"
    body = '<startEvent id="s"/>' + compensated(user("hotel", loop), "hotel", "undo_hotel") + throw()
    case = begin(process(body + '<endEvent id="e"/>' + flows("s hotel", "hotel undo", "undo e")))
    case.complete("hotel", more=True, night=1)
    case.complete("hotel", more=False, night=2)
    for night in (2, 1):
        assert (case.tasks, sees(case, "undo_hotel")["night"]) == (["undo_hotel"], night)
        case.complete("undo_hotel")
    assert case.done


def test_an_event_that_does_not_wait_goes_on_while_the_handlers_run(begin: Begin) -> None:
    case = begin(process(BOOKING + throw('waitForCompletion="false"') + REST))
    case.complete_all(["flight", "hotel"])
    assert case.tasks == ["undo_hotel", "z"]
    case.complete("z")
    assert not case.done
    case.complete("undo_hotel")
    case.complete("undo_flight")
    assert case.done
    assert [element for element in case.passed() if element in ("undo", "z", "e")] == ["undo", "z", "e"]


# What a handler sees.


def sees(case: Play, task: str) -> dict[str, object]:
    return dict(case.machine.task_variables(case.step.snapshot, case.task(task).token))


def test_a_handler_sees_what_was_when_its_activity_ended_and_writes_what_is(begin: Begin) -> None:
    case = begin(process(BOOKING + throw('activityRef="flight"') + REST), data={"seat": "none"})
    case.complete("flight", seat="12A")
    case.complete("hotel", seat="changed", reason="illness")
    assert sees(case, "undo_flight") == {"seat": "12A", "reason": "illness"}
    assert case.data["seat"] == "changed"
    case.complete("undo_flight", seat="freed", refund=100)
    assert case.data == {"seat": "freed", "refund": 100, "reason": "illness"}


def test_inside_a_handler_its_own_changes_are_seen(begin: Begin) -> None:
    handler = (
        '<subProcess id="undo_flight" isForCompensation="true"><startEvent id="hs"/>'
        '<scriptTask id="free"><script>seat = seat + " freed"</script></scriptTask><userTask id="tell"/>'
        '<endEvent id="he"/>' + flows("hs free", "free tell", "tell he") + "</subProcess>"
    )
    booked = compensated(user("flight"), "flight", "undo_flight").replace(
        '<userTask id="undo_flight" isForCompensation="true"/>', handler
    )
    body = '<startEvent id="s"/>' + booked + user("pause") + throw() + '<endEvent id="e"/>'
    case = begin(process(body + flows("s flight", "flight pause", "pause undo", "undo e")))
    case.complete("flight", seat="12A")
    case.complete("pause", seat="other")
    assert sees(case, "tell")["seat"] == "12A freed"
    assert case.data["seat"] == "12A freed"


def test_each_instance_is_undone_with_what_it_saw(begin: Begin) -> None:
    loop = '<multiInstanceLoopCharacteristics isSequential="true" camunda:collection="rooms" camunda:elementVariable="room"/>'
    body = '<startEvent id="s"/>' + compensated(user("hotel", loop), "hotel", "undo_hotel") + throw()
    case = begin(
        process(body + '<endEvent id="e"/>' + flows("s hotel", "hotel undo", "undo e")),
        data={"rooms": ["sea", "garden"]},
    )
    case.complete("hotel", price=90)
    case.complete("hotel", price=70)
    for room, price in (("garden", 70), ("sea", 90)):
        seen = sees(case, "undo_hotel")
        assert (seen["room"], seen["price"]) == (room, price)
        case.complete("undo_hotel")
    assert case.done


def test_the_snapshot_does_not_grow_with_values_that_did_not_change(begin: Begin) -> None:
    loop = '<multiInstanceLoopCharacteristics isSequential="true"><loopCardinality>40</loopCardinality></multiInstanceLoopCharacteristics>'
    body = '<startEvent id="s"/>' + compensated(user("hotel", loop), "hotel", "undo_hotel") + throw()
    case = begin(
        process(body + '<endEvent id="e"/>' + flows("s hotel", "hotel undo", "undo e")),
        data={"letter": base64.b64encode(bytes(range(256)) * 20).decode()},
    )
    case.complete("hotel")
    before = len(case.step.snapshot)
    case.complete_all(["hotel"] * 38)
    assert len(case.step.snapshot) < before + 2_000


# Sub-processes and called processes.

TRIP = (
    '<subProcess id="trip"><startEvent id="is"/>'
    + compensated(user("hotel"), "hotel", "undo_hotel")
    + '{more}<endEvent id="ie"/>'
    + flows("is hotel", "hotel ie")
    + "</subProcess>"
)
CANCEL = (
    '<subProcess id="call_off" triggeredByEvent="true"><startEvent id="cs"><compensateEventDefinition/></startEvent>'
    '<userTask id="write"/>{more}<endEvent id="ce"/></subProcess>'
)


def around_trip(trip: str, reference: str = "") -> str:
    return process(
        '<startEvent id="s"/>'
        + trip
        + user("pause")
        + throw(reference)
        + '<userTask id="z"/><endEvent id="e"/>'
        + flows("s trip", "trip pause", "pause undo", "undo z", "z e")
    )


@pytest.mark.parametrize("reference", ["", 'activityRef="trip"'])
def test_an_event_sub_process_undoes_the_sub_process_it_stands_in(begin: Begin, reference: str) -> None:
    cancel = CANCEL.format(more="").replace("</subProcess>", flows("cs write", "write ce") + "</subProcess>")
    case = begin(around_trip(TRIP.format(more=cancel), reference), data={"place": "sea"})
    assert case.tasks == ["hotel"]
    case.complete("hotel", place="hill")
    case.complete("pause", place="town")
    assert (case.tasks, sees(case, "write")["place"]) == (["write"], "hill")
    case.complete("write")
    assert case.tasks == ["z"]
    case.complete("z")
    assert case.done


def test_in_it_the_activities_may_be_undone_too(begin: Begin) -> None:
    inner = '<intermediateThrowEvent id="all"><compensateEventDefinition/></intermediateThrowEvent>'
    cancel = CANCEL.format(more=inner).replace(
        "</subProcess>", flows("cs write", "write all", "all ce") + "</subProcess>"
    )
    case = begin(around_trip(TRIP.format(more=cancel)))
    case.complete_all(["hotel", "pause", "write"])
    assert case.tasks == ["undo_hotel"]
    case.complete("undo_hotel")
    assert case.tasks == ["z"]


def test_it_does_not_wait_for_anything_while_its_sub_process_runs(begin: Begin) -> None:
    cancel = CANCEL.format(more="").replace("</subProcess>", flows("cs write", "write ce") + "</subProcess>")
    case = begin(around_trip(TRIP.format(more=cancel)))
    case.complete("hotel")
    assert (case.tasks, len(case.step.waits)) == (["pause"], 1)


def called_trip(more: str = "") -> str:
    return process(
        '<startEvent id="qs"/>'
        + compensated(user("hotel"), "hotel", "undo_hotel")
        + more
        + '<endEvent id="qe"/>'
        + flows("qs hotel", "hotel qe"),
        key="Q",
    )


CALL = '<callActivity id="trip" calledElement="Q"/>'


def test_what_a_called_process_did_is_undone_with_its_own_variables(begin: Begin) -> None:
    case = begin(around_trip(CALL), called_trip(), data={"room": "of the caller"})
    case.complete("hotel", room="sea")
    case.complete("pause")
    assert (case.task("undo_hotel").process, sees(case, "undo_hotel")) == ("Q", {"room": "sea"})
    case.complete("undo_hotel", room="free")
    assert (case.tasks, case.data) == (["z"], {"room": "of the caller"})


def test_a_called_process_may_undo_itself_by_an_event_sub_process(begin: Begin) -> None:
    cancel = CANCEL.format(more="").replace("</subProcess>", flows("cs write", "write ce") + "</subProcess>")
    case = begin(around_trip(CALL), called_trip(cancel))
    case.complete("hotel", room="sea")
    case.complete("pause")
    assert (case.tasks, sees(case, "write")) == (["write"], {"room": "sea"})
    case.complete("write")
    assert case.tasks == ["z"]


def test_a_call_with_a_handler_is_undone_by_it_alone(begin: Begin) -> None:
    case = begin(around_trip(compensated(CALL, "trip", "undo_trip")), called_trip())
    case.complete_all(["hotel", "pause"])
    assert case.tasks == ["undo_trip"]


def test_a_cancelled_transaction_undoes_what_was_done_as_it_was_then(begin: Begin) -> None:
    inside = (
        '<startEvent id="is"/>'
        + compensated(user("hotel"), "hotel", "undo_hotel")
        + '<userTask id="pay"/><endEvent id="no"><cancelEventDefinition/></endEvent>'
        + flows("is hotel", "hotel pay", "pay no")
    )
    case = begin(
        process(
            f'<startEvent id="s"/><transaction id="t">{inside}</transaction><userTask id="failed"/><endEvent id="e"/>'
            '<boundaryEvent id="b" attachedToRef="t"><cancelEventDefinition/></boundaryEvent>'
            + flows("s t", "t e", "b failed", "failed e")
        )
    )
    case.complete("hotel", room="sea")
    case.complete("pay", room="none")
    assert sees(case, "undo_hotel")["room"] == "sea"
    case.complete("undo_hotel")
    assert case.tasks == ["failed"]
    assert [element for element in case.passed() if element in ("no", "b")] == ["no", "b"]


# What is refused, and snapshots of before.


def test_an_activity_of_another_level_cannot_be_named() -> None:
    xml = around_trip(TRIP.format(more=""), 'activityRef="hotel"')
    problems = normalise(xml.encode(), "test.bpmn").problems
    assert ("compensation_unknown", "undo") in [(p.code, p.element) for p in problems]


def resumed(xml: str, snapshot: str) -> Play:
    """A case goes on from bytes that an earlier version wrote."""
    case = Play(xml)
    machine = SpiffMachine(Deployed(read(xml)))
    content = base64.b64decode(snapshot)
    assert content[0] == 1
    case.take(Step(content, machine.waits(case.world, content)))
    return case


def test_handlers_that_run_in_a_snapshot_of_format_1_are_waited_for() -> None:
    case = resumed(process(BOOKING + throw() + REST), RUNNING)
    assert case.tasks == ["undo_hotel"]
    case.complete("undo_hotel")
    assert case.tasks == ["z"]
    assert case.step.snapshot[0] == 2


def test_what_was_done_in_a_snapshot_of_format_1_is_undone() -> None:
    case = resumed(around_trip(TRIP.format(more="")), KEPT)
    case.complete("pause", place="town")
    assert sees(case, "undo_hotel") == {"place": "town"}
    case.complete("undo_hotel")
    assert [wait.name for wait in case.step.waits if isinstance(wait, OpenTask)] == ["z"]


RUNNING = (
    "AXheTY/LasMwEEX/5a5nYbckAX1F90YY4ciO6FQj9EgpRv+eyE5Md8PMuZczK9ikDHUhSMmT/FgoX5gJaZJgE9QwoAfhC7TtVwQ205PCzTGj0qD3w2w4"
    "Wa0JWb6t34MnUEco/iqgzw9qRSvuzrS0ZMvjftoI5xeovmoacD5i44b9CzeyWbVqyDzbCLXCpOQWbw/3kmxsBk+bJUoJr/laDmIWZvkdS3i/G6KT6PIf"
    "1KmrVev6ACxVWpU="
)
KEPT = (
    "AXheVZDbasQwDET/ZZ4F3bYUlnzFvgcTTOJsTFXL+LKlBP97lUsX+iaNj0Yjr2CbC7orQWoZ5cuhC5WZkEeJLqPre7yCcAPt+orIdlQKi2dGo36FHYt/"
    "+PKjYkk+Kr0Pa3t7OYUaJlGvf+wixbHCiw0Tu6T4Rg2H3Ewzx8bZcnbGEIp8unAkuoIuhGhrdqD3N9oirnh4e0YYzifIPG/Oujdnfw/ueZ5Ops1Lfe9J"
    "ajzrqT6JWZjle6jx70di8pL2Mz8urRnTfgHBJ2mL"
)


def test_an_event_that_waited_for_its_handlers_is_told_as_passed_once(begin: Begin) -> None:
    case = begin(process(BOOKING + throw() + REST))
    case.complete_all(["flight", "hotel"])
    assert "undo" not in case.passed()
    case.complete_all(["undo_hotel", "undo_flight"])
    assert case.passed().count("undo") == 1
