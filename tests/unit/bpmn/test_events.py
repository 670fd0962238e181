"""Boundary events, event sub-processes, and where errors, escalations and signals go."""

import pytest

from engine.bpmn.step import Happened
from engine.errors import Conflict, NobodyWaits, StepFailed
from tests.unit.bpmn.conftest import Begin
from tests.unit.bpmn.harness import MONDAY, Play, flows, process

HOUR = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
MAIN = '<startEvent id="s"/><userTask id="a"/><userTask id="b"/><endEvent id="e"/>' + flows(
    "s a", "a b", "b e"
)


def message(name: str) -> str:
    return f'<messageEventDefinition messageRef="{name}"/>'


def messages(*names: str) -> str:
    return "".join(f'<message id="{name}" name="{name}"/>' for name in names)


def event_sub_process(event: str, *, interrupting: bool = True, name: str = "es") -> str:
    flag = "true" if interrupting else "false"
    return (
        f'<subProcess id="{name}" triggeredByEvent="true"><startEvent id="{name}_s" isInterrupting="{flag}">{event}'
        f'</startEvent><userTask id="h"/><endEvent id="{name}_e"/>'
        + flows(f"{name}_s h", f"h {name}_e")
        + "</subProcess>"
    )


def boundary(name: str, host: str, event: str, *, interrupting: bool = True) -> str:
    flag = "true" if interrupting else "false"
    return (
        f'<boundaryEvent id="{name}" attachedToRef="{host}" cancelActivity="{flag}">{event}</boundaryEvent>'
    )


ERROR = '<errorEventDefinition errorRef="er"/>'
ANY_ERROR = "<errorEventDefinition/>"
ERRORS = '<error id="er" errorCode="E"/>'


def test_a_timer_event_sub_process_takes_over_the_case(begin: Begin) -> None:
    case = begin(process(MAIN + event_sub_process(HOUR)))
    assert (case.tasks, len(case.deadlines)) == (["a"], 1)
    case.complete("a")
    assert len(case.deadlines) == 1
    case.wait_for(minutes=61)
    assert case.tasks == ["h"]
    assert case.cancelled() == ["b"]
    case.complete("h")
    assert case.done


def test_a_case_ends_when_only_listeners_are_left(begin: Begin) -> None:
    case = begin(process(MAIN + event_sub_process(HOUR)))
    case.complete_all("ab")
    assert case.done
    assert case.step.waits == ()
    assert case.cancelled() == []


def test_a_cycle_starts_its_event_sub_process_as_often_as_it_says(begin: Begin) -> None:
    cycle = "<timerEventDefinition><timeCycle>R3/PT1H</timeCycle></timerEventDefinition>"
    case = begin(process(MAIN + event_sub_process(cycle, interrupting=False)))
    case.wait_for(minutes=61)
    assert case.tasks == ["a", "h"]
    case.wait_for(hours=2)
    assert case.tasks == ["a", "h", "h", "h"]
    assert case.deadlines == []
    case.wait_for(hours=10)
    assert len(case.tasks) == 4


def test_a_signal_starts_its_event_sub_process_each_time(begin: Begin) -> None:
    xml = process(
        MAIN + event_sub_process('<signalEventDefinition signalRef="sg"/>', interrupting=False),
        around='<signal id="sg" name="flood"/>',
    )
    case = begin(xml)
    assert case.signals == ["flood"]
    case.signal("flood", level=3)
    case.signal("flood", level=4)
    assert case.tasks == ["a", "h", "h"]
    assert case.data["level"] == 4
    case.complete_all("ab")
    assert not case.done
    case.complete_all("hh")
    assert case.done


def test_a_signal_that_nothing_waits_for_is_refused(begin: Begin) -> None:
    case = begin(process(MAIN))
    with pytest.raises(NobodyWaits):
        case.signal("flood")


CONDITION = "<conditionalEventDefinition><condition>${v == 1}</condition></conditionalEventDefinition>"


def test_a_condition_starts_its_event_sub_process_once_it_holds(begin: Begin) -> None:
    case = begin(process(MAIN + event_sub_process(CONDITION)))
    case.complete("a", v=0)
    assert case.tasks == ["b"]
    case.complete("b", v=1)
    assert case.tasks == ["h"]
    case.complete("h")
    assert case.done


def test_a_condition_fires_again_only_after_it_was_false(begin: Begin) -> None:
    xml = process(
        '<startEvent id="s"/><parallelGateway id="fk"/><userTask id="t"/><userTask id="w"/><exclusiveGateway id="m"/>'
        '<userTask id="n"/><endEvent id="e"/>'
        + boundary("bc", "t", CONDITION, interrupting=False)
        + flows("s fk", "fk t", "fk m", "m w", "w m", "t e", "bc n", "n e")
    )
    case = begin(xml)
    for value, open_tasks in ((0, 0), (1, 1), (1, 1), (0, 1), (1, 2)):
        case.complete("w", v=value)
        assert case.tasks.count("n") == open_tasks


def test_a_condition_that_already_holds_interrupts_the_activity_at_once(begin: Begin) -> None:
    xml = process(
        '<startEvent id="s"/><userTask id="t"/><userTask id="n"/><endEvent id="e"/>'
        + boundary("bc", "t", CONDITION)
        + flows("s t", "t e", "bc n", "n e")
    )
    assert begin(xml, data={"v": 1}).tasks == ["n"]


def test_a_non_interrupting_boundary_event_waits_again(begin: Begin) -> None:
    xml = process(
        '<startEvent id="s"/><userTask id="t"/><userTask id="n"/><endEvent id="e"/>'
        + boundary("bm", "t", message("m"), interrupting=False)
        + flows("s t", "t e", "bm n", "n e"),
        around=messages("m"),
    )
    case = begin(xml)
    case.message("m")
    case.message("m")
    assert case.tasks == ["n", "n", "t"]
    case.complete("t")
    assert case.messages == []
    case.complete_all("nn")
    assert case.done


def test_one_message_reaches_one_subscription(begin: Begin) -> None:
    xml = process(
        '<startEvent id="s"/><parallelGateway id="fk"/><userTask id="t"/><userTask id="u"/><endEvent id="e"/>'
        + boundary("b1", "t", message("m"))
        + boundary("b2", "u", message("m"))
        + flows("s fk", "fk t", "fk u", "t e", "u e", "b1 e", "b2 e"),
        around=messages("m"),
    )
    case = begin(xml)
    assert case.messages == ["m", "m"]
    case.message("m")
    assert (case.tasks, case.messages) == (["u"], ["m"])


LOOPED = process(
    '<startEvent id="s"/><exclusiveGateway id="m"/><userTask id="t"/><userTask id="fix"/><endEvent id="e"/>'
    + boundary("bt", "t", HOUR)
    + flows("s m", "m t", "t e", "bt fix", "fix m")
)


def test_a_boundary_event_in_a_loop_waits_in_every_round(begin: Begin) -> None:
    case = begin(LOOPED)
    for _ in range(4):
        assert (case.tasks, len(case.deadlines)) == (["t"], 1)
        case.fire()
        assert (case.tasks, case.deadlines) == (["fix"], [])
        case.complete("fix")
    case.complete("t")
    assert case.done


def test_three_hundred_rounds_with_a_boundary_event_stay_flat(begin: Begin) -> None:
    case = begin(LOOPED)
    sizes = []
    for _ in range(300):
        case.fire()
        case.complete("fix")
        sizes.append(len(case.step.snapshot))
    assert max(sizes) < sizes[0] + 40


def test_a_deadline_says_what_it_interrupts(begin: Begin) -> None:
    case = begin(LOOPED)
    deadline = case.deadlines[0]
    assert (deadline.element, deadline.attached_to, deadline.interrupting) == ("bt", "t", True)
    assert deadline.due_at.hour == 9


def test_an_error_out_of_one_instance_cancels_all(begin: Begin) -> None:
    xml = process(
        '<startEvent id="s"/><subProcess id="mi"><multiInstanceLoopCharacteristics isSequential="false">'
        '<loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics><startEvent id="is"/>'
        f'<userTask id="u"/><endEvent id="ie">{ERROR}</endEvent>'
        + flows("is u", "u ie")
        + '</subProcess><userTask id="h"/><endEvent id="e"/>'
        + boundary("be", "mi", ERROR)
        + flows("s mi", "mi e", "be h", "h e"),
        around=ERRORS,
    )
    case = begin(xml)
    assert case.tasks == ["u"] * 3
    case.complete("u")
    assert case.tasks == ["h"]
    case.complete("h")
    assert case.done


def test_an_error_event_sub_process_waits_for_its_error(begin: Begin) -> None:
    xml = process(
        '<startEvent id="s"/><subProcess id="sp"><startEvent id="is"/><userTask id="u"/>'
        f'<endEvent id="ie">{ERROR}</endEvent>'
        + flows("is u", "u ie")
        + event_sub_process(ERROR)
        + '</subProcess><userTask id="z"/><endEvent id="e"/>'
        + flows("s sp", "sp z", "z e"),
        around=ERRORS,
    )
    for _ in range(2):
        case = begin(xml)
        assert case.tasks == ["u"]
        case.complete("u")
        assert case.tasks == ["h"]
        case.complete("h")
        assert case.tasks == ["z"]
        case.complete("z")
        assert case.done


def test_an_event_sub_process_comes_before_the_boundary_and_a_code_before_a_catch_all(begin: Begin) -> None:
    def xml(*inside: str, outside: str) -> str:
        return process(
            '<startEvent id="s"/><subProcess id="sp"><startEvent id="is"/><userTask id="u"/>'
            f'<endEvent id="ie">{ERROR}</endEvent>'
            + flows("is u", "u ie")
            + "".join(inside)
            + '</subProcess><userTask id="x"/><userTask id="y"/><endEvent id="e"/>'
            + outside
            + flows("s sp", "sp e", "x e", "y e"),
            around=ERRORS,
        )

    by_code = boundary("b1", "sp", ANY_ERROR) + boundary("b2", "sp", ERROR) + flows("b1 x", "b2 y")
    case = begin(xml(outside=by_code))
    case.complete("u")
    assert case.tasks == ["y"]
    case = begin(xml(event_sub_process(ANY_ERROR), outside=by_code))
    case.complete("u")
    assert case.tasks == ["h"]


def test_an_error_that_nobody_catches_ends_its_scope_and_history_says_so(begin: Begin) -> None:
    xml = process(
        '<startEvent id="s"/><subProcess id="sp"><startEvent id="is"/><parallelGateway id="fk"/><userTask id="u"/>'
        f'<userTask id="v"/><endEvent id="ie">{ERROR}</endEvent>'
        + flows("is fk", "fk u", "fk v", "u ie", "v ie")
        + '</subProcess><userTask id="z"/><endEvent id="e"/>'
        + flows("s sp", "sp z", "z e"),
        around=ERRORS,
    )
    case = begin(xml)
    case.complete("u")
    assert case.tasks == ["z"]
    told = [h for h in case.step.happened if h.kind is Happened.ERROR_CAUGHT]
    assert [(h.element, h.detail["code"], h.detail["caught"]) for h in told] == [("ie", "E", False)]
    assert case.cancelled() == ["v"]


def test_a_daily_reminder_comes_every_day_until_the_task_is_done(begin: Begin) -> None:
    daily = "<timerEventDefinition><timeCycle>R/PT24H</timeCycle></timerEventDefinition>"
    case = begin(
        process(
            '<startEvent id="s"/><userTask id="t"/><userTask id="rem"/><endEvent id="e"/>'
            + boundary("bt", "t", daily, interrupting=False)
            + flows("s t", "t e", "bt rem", "rem e")
        )
    )
    case.wait_for(seconds=86401 * 3)
    assert case.tasks == ["rem", "rem", "rem", "t"]
    assert len(case.deadlines) == 1
    tokens = {case.deadlines[0].token}
    case.fire()
    assert case.deadlines[0].token not in tokens
    case.complete("t")
    assert case.deadlines == []
    assert not case.done


def test_reminders_missed_while_the_house_was_closed_do_not_come_in_a_burst(begin: Begin) -> None:
    daily = "<timerEventDefinition><timeCycle>R/PT24H</timeCycle></timerEventDefinition>"
    case = begin(process(MAIN + event_sub_process(daily, interrupting=False)))
    first = case.deadlines[0].due_at
    case.now = first.replace(day=first.day + 4, hour=12)
    case.fire()
    assert case.deadlines[0].due_at > case.now


def test_a_message_at_process_level_ends_what_is_deep_inside(begin: Begin) -> None:
    xml = process(
        '<startEvent id="s"/><subProcess id="sp"><startEvent id="is"/><subProcess id="in"><startEvent id="js"/>'
        '<userTask id="u"/><endEvent id="je"/>'
        + flows("js u", "u je")
        + '</subProcess><endEvent id="ie"/>'
        + flows("is in", "in ie")
        + '</subProcess><userTask id="h2"/><endEvent id="e"/>'
        + boundary("bm", "sp", message("m"))
        + flows("s sp", "sp e", "bm h2", "h2 e")
        + event_sub_process(message("cancel")),
        around=messages("m", "cancel"),
    )
    case = begin(xml)
    assert case.tasks == ["u"]
    case.message("cancel", reason="withdrawn")
    assert (case.tasks, case.messages) == (["h"], [])
    assert case.cancelled() == ["sp", "in", "u"]
    assert case.data == {"reason": "withdrawn"}
    case.complete("h")
    assert case.done


RAISES = process(
    '<startEvent id="s"/><subProcess id="sp"><startEvent id="is"/><serviceTask id="u" camunda:type="external" '
    'camunda:topic="register"/><userTask id="h1"/><endEvent id="ie"/>'
    + boundary("b1", "u", ERROR)
    + flows("is u", "u ie", "b1 h1", "h1 ie")
    + '</subProcess><userTask id="h2"/><endEvent id="e"/>'
    + boundary("b2", "sp", ANY_ERROR)
    + flows("s sp", "sp e", "b2 h2", "h2 e"),
    around=ERRORS,
)


@pytest.mark.parametrize(("code", "task"), [("E", "h1"), ("other", "h2")])
def test_a_failed_job_reaches_its_own_boundary_first_then_outwards(
    begin: Begin, code: str, task: str
) -> None:
    case = begin(RAISES)
    assert case.machine.catches(case.step.snapshot, case.jobs[0].token, code)
    case.fail(code, "not found")
    assert (case.tasks, case.jobs) == ([task], [])


def test_a_failed_job_that_nothing_catches_changes_nothing(begin: Begin) -> None:
    case = begin(
        process(
            '<startEvent id="s"/><serviceTask id="u" camunda:type="external" camunda:topic="register"/>'
            '<endEvent id="e"/>' + flows("s u", "u e")
        )
    )
    assert not case.machine.catches(case.step.snapshot, case.jobs[0].token, "E")
    with pytest.raises(StepFailed) as failure:
        case.fail("E", "not found")
    assert failure.value.problem_code == "unhandled_error"


def test_code_and_message_of_an_error_reach_the_variables_that_ask_for_them(begin: Begin) -> None:
    xml = process(
        '<startEvent id="s"/><serviceTask id="u" camunda:type="external" camunda:topic="register"/>'
        '<userTask id="h"/><endEvent id="e"/>'
        + boundary(
            "b",
            "u",
            '<errorEventDefinition camunda:errorCodeVariable="code" camunda:errorMessageVariable="why"/>',
        )
        + flows("s u", "u e", "b h", "h e")
    )
    case = begin(xml)
    case.fail("NIK_NOT_FOUND", "no such person")
    assert case.data == {"code": "NIK_NOT_FOUND", "why": "no such person"}


ESCALATES = '<escalationEventDefinition escalationRef="late"/>'
ESCALATION = '<escalation id="late" name="late" escalationCode="LATE"/>'


@pytest.mark.parametrize("interrupting", [True, False])
def test_an_escalation_goes_on_unless_it_is_caught_by_an_interrupting_event(
    begin: Begin, interrupting: bool
) -> None:
    xml = process(
        '<startEvent id="s"/><subProcess id="sp"><startEvent id="is"/>'
        f'<intermediateThrowEvent id="up">{ESCALATES}</intermediateThrowEvent><userTask id="u"/><endEvent id="ie"/>'
        + flows("is up", "up u", "u ie")
        + '</subProcess><userTask id="boss"/><endEvent id="e"/>'
        + boundary("b", "sp", ESCALATES, interrupting=interrupting)
        + flows("s sp", "sp e", "b boss", "boss e"),
        around=ESCALATION,
    )
    assert begin(xml).tasks == (["boss"] if interrupting else ["boss", "u"])


def test_an_escalation_that_nobody_catches_goes_by(begin: Begin) -> None:
    xml = process(
        f'<startEvent id="s"/><intermediateThrowEvent id="up">{ESCALATES}</intermediateThrowEvent><userTask id="u"/>'
        '<endEvent id="e"/>' + flows("s up", "up u", "u e"),
        around=ESCALATION,
    )
    assert begin(xml).tasks == ["u"]


def test_an_escalation_end_event_starts_its_event_sub_process(begin: Begin) -> None:
    xml = process(
        f'<startEvent id="s"/><userTask id="a"/><endEvent id="e">{ESCALATES}</endEvent>'
        + flows("s a", "a e")
        + event_sub_process(ESCALATES, interrupting=False),
        around=ESCALATION,
    )
    case = begin(xml)
    case.complete("a")
    assert case.tasks == ["h"]
    case.complete("h")
    assert case.done


def test_a_thrown_signal_reaches_every_catcher_of_the_case_and_leaves_it(begin: Begin) -> None:
    caught = '<signalEventDefinition signalRef="sg"/>'
    xml = process(
        '<startEvent id="s"/><parallelGateway id="fk"/><userTask id="t"/>'
        f'<intermediateCatchEvent id="c1">{caught}</intermediateCatchEvent>'
        f'<intermediateCatchEvent id="c2">{caught}</intermediateCatchEvent>'
        f'<intermediateThrowEvent id="th">{caught}</intermediateThrowEvent>'
        '<userTask id="x"/><userTask id="y"/><userTask id="z"/><endEvent id="e"/>'
        + flows("s fk", "fk t", "t th", "th z", "z e", "fk c1", "c1 x", "x e", "fk c2", "c2 y", "y e"),
        around='<signal id="sg" name="go"/>',
    )
    case = begin(xml)
    assert case.signals == ["go", "go"]
    case.complete("t")
    assert case.tasks == ["x", "y", "z"]
    assert [(t.kind, t.name, t.element) for t in case.thrown] == [("signal", "go", "th")]


def test_a_thrown_message_leaves_the_case_with_what_is_mapped(begin: Begin) -> None:
    xml = process(
        f'<startEvent id="s"/><sendTask id="th" messageRef="m"/><endEvent id="e">{message("n")}</endEvent>'
        + flows("s th", "th e"),
        around=messages("m", "n"),
    )
    case = begin(xml)
    assert case.done
    assert [(t.kind, t.name, t.element) for t in case.thrown] == [
        ("message", "m", "th"),
        ("message", "n", "e"),
    ]


def test_terminate_ends_its_own_scope_only(begin: Begin) -> None:
    xml = process(
        '<startEvent id="s"/><subProcess id="sp"><startEvent id="is"/><parallelGateway id="fk"/><userTask id="u"/>'
        '<userTask id="v"/><endEvent id="stop"><terminateEventDefinition/></endEvent>'
        + flows("is fk", "fk u", "fk v", "u stop", "v stop")
        + '</subProcess><userTask id="z"/><endEvent id="e"/>'
        + flows("s sp", "sp z", "z e")
    )
    case = begin(xml)
    case.complete("u")
    assert case.tasks == ["z"]
    assert case.cancelled() == ["v"]


def test_a_token_that_no_longer_waits_is_refused(begin: Begin) -> None:
    case = begin(process(MAIN))
    token = case.task("a").token
    case.complete("a")
    with pytest.raises(Conflict):
        case.machine.finish(case.world, case.step.snapshot, token, {})


def test_a_person_cannot_complete_what_is_no_task(begin: Begin) -> None:
    case = begin(LOOPED)
    with pytest.raises(Conflict):
        case.machine.finish(case.world, case.step.snapshot, case.deadlines[0].token, {})
    with pytest.raises(Conflict):
        case.machine.fire(case.world, case.step.snapshot, case.task("t").token)


def test_the_outcome_is_the_end_of_what_took_over_the_case(begin: Begin) -> None:
    case = begin(process(MAIN + event_sub_process(message("cancel")), around=messages("cancel")))
    case.message("cancel")
    case.complete("h")
    assert case.step.outcome == "es_e"


def test_the_outcome_is_not_the_end_of_a_reminder(begin: Begin) -> None:
    case = begin(
        process(MAIN + event_sub_process(message("ask"), interrupting=False), around=messages("ask"))
    )
    case.message("ask")
    case.complete_all("ab")
    case.complete("h")
    assert (case.done, case.step.outcome) == (True, "e")


def test_a_condition_behind_an_event_based_gateway_may_hold_already(begin: Begin) -> None:
    xml = process(
        f'<startEvent id="s"/><eventBasedGateway id="g"/><intermediateCatchEvent id="c1">{HOUR}</intermediateCatchEvent>'
        f'<intermediateCatchEvent id="c2">{CONDITION}</intermediateCatchEvent><userTask id="x"/><userTask id="y"/>'
        '<endEvent id="e"/>' + flows("s g", "g c1", "g c2", "c1 x", "c2 y", "x e", "y e")
    )
    case = begin(xml, data={"v": 1})
    assert (case.tasks, case.deadlines) == (["y"], [])
    case = begin(xml, data={"v": 0})
    case.fire()
    assert case.tasks == ["x"]


def test_a_condition_that_holds_at_the_start_takes_the_place_of_the_case(begin: Begin) -> None:
    assert begin(process(MAIN + event_sub_process(CONDITION)), data={"v": 1}).tasks == ["h"]
    assert begin(process(MAIN + event_sub_process(CONDITION, interrupting=False)), data={"v": 1}).tasks == [
        "a",
        "h",
    ]


def test_an_error_inside_an_event_sub_process_reaches_the_next_scope(begin: Begin) -> None:
    inner = (
        f'<subProcess id="es" triggeredByEvent="true"><startEvent id="es_s">{message("m")}</startEvent>'
        f'<userTask id="h"/><endEvent id="es_e">{ERROR}</endEvent>'
        + flows("es_s h", "h es_e")
        + "</subProcess>"
    )
    xml = process(
        '<startEvent id="s"/><subProcess id="sp"><startEvent id="is"/><userTask id="u"/><endEvent id="ie"/>'
        + flows("is u", "u ie")
        + inner
        + '</subProcess><userTask id="boss"/><endEvent id="e"/>'
        + boundary("b", "sp", ERROR)
        + flows("s sp", "sp e", "b boss", "boss e"),
        around=ERRORS + messages("m"),
    )
    case = begin(xml)
    case.message("m")
    case.complete("h")
    assert case.tasks == ["boss"]


def test_a_signal_may_interrupt_the_one_who_threw_it(begin: Begin) -> None:
    signal = '<signalEventDefinition signalRef="sg"/>'
    xml = process(
        f'<startEvent id="s"/><intermediateThrowEvent id="th">{signal}</intermediateThrowEvent><userTask id="a"/>'
        '<endEvent id="e"/>' + flows("s th", "th a", "a e") + event_sub_process(signal),
        around='<signal id="sg" name="stop"/>',
    )
    assert begin(xml).tasks == ["h"]


def test_a_catch_event_waits_for_the_next_match_of_a_cron_once() -> None:
    body = (
        '<startEvent id="s"/><intermediateCatchEvent id="ev"><timerEventDefinition><timeCycle>0 0 7 ? * MON-FRI</timeCycle>'
        '</timerEventDefinition></intermediateCatchEvent><userTask id="h"/><endEvent id="e"/>'
        + flows("s ev", "ev h", "h e")
    )
    case = Play(process(body), mode="restarted")
    assert len(case.deadlines) == 1
    case.fire()
    assert (case.tasks, case.deadlines) == (["h"], [])


def test_a_cron_that_the_case_s_data_hold_is_read_when_it_is_armed() -> None:
    body = (
        '<startEvent id="s"/><intermediateCatchEvent id="ev"><timerEventDefinition><timeCycle>${rhythm}</timeCycle>'
        '</timerEventDefinition></intermediateCatchEvent><userTask id="h"/><endEvent id="e"/>'
        + flows("s ev", "ev h", "h e")
    )
    case = Play(process(body), data={"rhythm": "0 0 7 ? * MON-FRI"})
    assert case.deadlines[0].due_at > MONDAY
    with pytest.raises(StepFailed, match="write names") as failure:
        Play(process(body), data={"rhythm": "0 0 7 ? * 2-6"})
    assert (failure.value.problem_code, failure.value.detail["element"]) == ("timer_invalid", "ev")


def test_an_event_sub_process_begins_at_each_match_of_a_cron() -> None:
    body = (
        '<startEvent id="s"/><userTask id="w"/><endEvent id="e"/><subProcess id="sub" triggeredByEvent="true">'
        '<startEvent id="ev" isInterrupting="false"><timerEventDefinition><timeCycle>0 0 7 1 * ?</timeCycle></timerEventDefinition>'
        '</startEvent><userTask id="h"/>' + flows("ev h") + "</subProcess>" + flows("s w", "w e")
    )
    case = Play(process(body), mode="restarted")
    for number in (1, 2, 3):
        case.fire()
        assert case.tasks == ["h"] * number + ["w"]
    assert len(case.deadlines) == 1
