"""Events: every kind at every position that BPMN 2.0 (table 10.93) allows, one drawing each."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from tests.conformance.case import Case, State
from tests.unit.bpmn.harness import MONDAY, Play, flows

AROUND = (
    '<message id="m" name="M"/><signal id="sg" name="S"/><error id="er" name="E" errorCode="E"/>'
    '<escalation id="es" name="X" escalationCode="X"/>'
)
DEFINITIONS = {
    "none": "",
    "message": '<messageEventDefinition messageRef="m"/>',
    "timer": "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>",
    "condition": "<conditionalEventDefinition><condition>${ready == true}</condition></conditionalEventDefinition>",
    "signal": '<signalEventDefinition signalRef="sg"/>',
    "error": '<errorEventDefinition errorRef="er"/>',
    "escalation": '<escalationEventDefinition escalationRef="es"/>',
    "compensation": "<compensateEventDefinition/>",
    "cancel": "<cancelEventDefinition/>",
    "terminate": "<terminateEventDefinition/>",
    "link": '<linkEventDefinition name="L"/>',
}
DEFINITIONS["multiple"] = DEFINITIONS["message"] + DEFINITIONS["signal"]
DEFINITIONS["parallel multiple"] = DEFINITIONS["multiple"]

POSITIONS: dict[str, tuple[str, ...]] = {
    "start event": ("none", "message", "timer", "condition", "signal", "multiple", "parallel multiple"),
    "start of an event sub-process, interrupting": (
        "message", "timer", "escalation", "error", "compensation", "condition", "signal", "multiple",
        "parallel multiple",
    ),
    "start of an event sub-process, non-interrupting": (
        "message", "timer", "escalation", "condition", "signal", "multiple", "parallel multiple",
    ),
    "intermediate catch event": (
        "message", "timer", "condition", "link", "signal", "multiple", "parallel multiple",
    ),
    "boundary event, interrupting": (
        "message", "timer", "escalation", "error", "cancel", "compensation", "condition", "signal", "multiple",
        "parallel multiple",
    ),
    "boundary event, non-interrupting": (
        "message", "timer", "escalation", "condition", "signal", "multiple", "parallel multiple",
    ),
    "intermediate throw event": ("none", "message", "escalation", "compensation", "link", "signal", "multiple"),
    "end event": (
        "none", "message", "escalation", "error", "cancel", "compensation", "signal", "multiple", "terminate",
    ),
}  # fmt: skip
"""Position → the kinds that BPMN allows there, in the order of the specification's table."""

REFUSED: dict[tuple[str, str], tuple[str, str]] = {
    ("start event", "condition"): ("not_supported", "ev"),
    **{
        (position, "parallel multiple"): ("not_supported", "ev")
        for position in POSITIONS
        if position != "intermediate catch event"
    },
    **{
        (position, "multiple"): ("several_event_definitions", "ev")
        for position in POSITIONS
        if position.startswith("start of an event sub-process")
    },
}
"""Cells that do not run → the code, and the element it is told at."""

MEANINGS = {
    "none": "none", "message": "message", "timer": "timer", "condition": "conditional", "signal": "signal",
    "error": "error", "escalation": "escalation", "compensation": "compensation", "cancel": "cancel",
    "terminate": "terminate", "link": "link", "multiple": "multiple", "parallel multiple": "parallel multiple",
}  # fmt: skip
_TAGS = {
    "message": "messageEventDefinition",
    "timer": "timerEventDefinition",
    "condition": "conditionalEventDefinition",
    "signal": "signalEventDefinition",
    "error": "errorEventDefinition",
    "escalation": "escalationEventDefinition",
    "compensation": "compensateEventDefinition",
    "cancel": "cancelEventDefinition",
    "terminate": "terminateEventDefinition",
    "link": "linkEventDefinition",
}
_ROOTS = {
    "message": "message",
    "signal": "signal",
    "error": "error",
    "escalation": "escalation",
    "condition": "condition",
}
"""What the definition refers to, or holds."""
_ELEMENTS = {
    "start event": "startEvent",
    "start of an event sub-process, interrupting": "startEvent",
    "start of an event sub-process, non-interrupting": "startEvent",
    "intermediate catch event": "intermediateCatchEvent",
    "boundary event, interrupting": "boundaryEvent",
    "boundary event, non-interrupting": "boundaryEvent",
    "intermediate throw event": "intermediateThrowEvent",
    "end event": "endEvent",
}
_STARTED = {
    "message": ("tests/usecases/test_starts.py::test_a_message_starts_a_case_of_the_newest_version",),
    "signal": (
        "tests/usecases/test_starts.py::test_a_signal_starts_one_case_of_each_process_and_reaches_all_that_wait",
    ),
    "multiple": (
        "tests/usecases/test_several_starts.py::test_a_start_event_with_a_message_and_a_signal_begins_by_either",
    ),
}
_SEVERAL = "tests/unit/bpmn/test_several.py::"
_MULTIPLE = {
    ("intermediate catch event", "multiple"): (
        "test_the_first_of_several_triggers_passes_and_the_others_wait_no_more",
        "test_behind_an_event_based_gateway_each_trigger_is_a_choice",
    ),
    ("intermediate catch event", "parallel multiple"): (
        "test_a_parallel_multiple_event_wants_every_trigger_in_any_order",
    ),
    ("boundary event", "multiple"): (
        "test_each_trigger_on_a_border_interrupts",
        "test_triggers_on_a_border_come_again_where_they_do_not_interrupt",
    ),
    ("intermediate throw event", "multiple"): ("test_all_of_several_are_thrown_before_one_that_interrupts",),
    ("end event", "multiple"): ("test_an_end_event_throws_and_then_ends_what_is_around_it",),
}

Drawn = tuple[str, Callable[[Play], None]]
"""What stands inside the process, and how it is played."""

INSIDE = frozenset({"error", "escalation", "cancel"})
"""Kinds that are thrown by what they catch, rather than from outside."""


def cases() -> Iterator[Case]:
    for position, kinds in POSITIONS.items():
        for kind in kinds:
            yield _case(position, kind)
    yield from _timers()
    yield _cron()
    for kind in ("error", "escalation", "compensation"):
        body, _ = _start(kind)
        yield Case(
            f"start_event-{kind}-outside",
            "Events",
            f"start event of a process, {kind} (which BPMN leaves to event sub-processes)",
            ("startEvent", _TAGS[kind]),
            State.REFUSED,
            body,
            around=AROUND,
            code="not_supported",
            at="ev",
        )


def _case(position: str, kind: str) -> Case:
    code, at = REFUSED.get((position, kind), ("", ""))
    body, play = _drawn(position, kind)
    return Case(
        id=f"{position}, {kind}".replace(", ", "-").replace(" ", "_"),
        group="Events",
        name=f"{position}, {MEANINGS[kind]}",
        about=(_ELEMENTS[position], *(names[kind] for names in (_TAGS, _ROOTS) if kind in names)),
        state=State.REFUSED if code else State.RUNS,
        body=body,
        play=play,
        around=AROUND,
        code=code,
        at=at,
        start="ev" if position == "start event" and kind != "none" else None,
        also=_also(position, kind),
    )


def _also(position: str, kind: str) -> tuple[str, ...]:
    """Tests elsewhere that go further than the line's own."""
    if position == "start event":
        return _STARTED.get(kind, ())
    return tuple(_SEVERAL + name for name in _MULTIPLE.get((position.partition(",")[0], kind), ()))


def _timers() -> Iterator[Case]:
    """A timer on the border of a task; a cycle comes again."""
    for tag, text, rounds in (
        ("timeDate", "2026-11-24T08:00:00Z", 1),
        ("timeDuration", "P1D", 1),
        ("timeCycle", "R2/P1D", 2),
    ):
        body = (
            '<startEvent id="s"/><userTask id="w"/><endEvent id="e"/><boundaryEvent id="ev" attachedToRef="w" '
            f'cancelActivity="false"><timerEventDefinition><{tag}>{text}</{tag}></timerEventDefinition></boundaryEvent>'
            '<userTask id="h"/><endEvent id="e2"/>' + flows("s w", "w e", "ev h", "h e2")
        )

        def play(case: Play, rounds: int = rounds) -> None:
            assert case.deadlines[0].due_at == MONDAY + timedelta(days=1)
            for number in range(1, rounds + 1):
                case.fire()
                assert case.tasks == ["h"] * number + ["w"]
            assert case.deadlines == []
            _finish(case)

        yield Case(
            f"timer-{tag}", "Events", f"timer by {tag}", (tag, "timerEventDefinition"), State.RUNS, body, play
        )


def _cron() -> Case:
    """A timer on the border of a task that comes at each match of a cron."""
    body = (
        '<startEvent id="s"/><userTask id="w"/><endEvent id="e"/><boundaryEvent id="ev" attachedToRef="w" '
        'cancelActivity="false"><timerEventDefinition><timeCycle>0 30 9 ? * 4,6</timeCycle></timerEventDefinition></boundaryEvent>'
        '<userTask id="h"/><endEvent id="e2"/>' + flows("s w", "w e", "ev h", "h e2")
    )

    def play(case: Play) -> None:
        for days in (2, 4, 9):  # Wednesday, Friday and Wednesday again
            assert case.deadlines[0].due_at.date() == (MONDAY + timedelta(days=days)).date()
            case.fire()
        assert case.tasks == ["h", "h", "h", "w"]
        case.complete("w")
        assert case.deadlines == []

    return Case(
        "timer-cron", "Events", "timer by timeCycle, a cron of Quartz, Spring or Unix", ("timeCycle",), State.RUNS, body, play,
        also=("tests/unit/language/test_cron.py::test_a_cron_fires_when_it_says_by_the_clocks_of_the_process",),
    )  # fmt: skip


def _drawn(position: str, kind: str) -> Drawn:
    match position:
        case "start event":
            return _start(kind)
        case "intermediate catch event":
            return _catch(kind)
        case "intermediate throw event":
            return _throw(kind)
        case "end event":
            return _end(kind)
        case _ if kind == "compensation":
            return _compensation(position)
        case _:
            return _around(position, kind)


def _event(tag: str, kind: str, more: str = "") -> str:
    parallel = ' parallelMultiple="true"' if kind == "parallel multiple" else ""
    return f'<{tag} id="ev"{more}{parallel}>{DEFINITIONS[kind]}</{tag}>'


def trigger(play: Play, kind: str) -> None:
    """Lets happen what an event of this kind waits for, from outside."""
    match kind:
        case "message" | "multiple":
            play.message("M")
        case "timer":
            play.fire()
        case "signal":
            play.signal("S")
        case "parallel multiple":
            before = play.tasks
            play.message("M")
            assert play.tasks == before, "one of two triggers is not enough"
            play.signal("S")
        case "condition":
            play.complete("side", ready=True)


def _finish(play: Play) -> None:
    while play.tasks:
        play.complete(play.tasks[0])
    assert play.done


def _start(kind: str) -> Drawn:
    body = _event("startEvent", kind) + '<userTask id="h"/><endEvent id="e"/>' + flows("ev h", "h e")

    def play(case: Play) -> None:
        assert case.tasks == ["h"]
        _finish(case)

    return body, play


def _catch(kind: str) -> Drawn:
    if kind == "link":
        return _link()
    body = (
        '<startEvent id="s"/><parallelGateway id="fk"/><userTask id="side"/><endEvent id="e1"/>'
        + _event("intermediateCatchEvent", kind)
        + '<userTask id="h"/><endEvent id="e"/>'
        + flows("s fk", "fk side", "side e1", "fk ev", "ev h", "h e")
    )

    def play(case: Play) -> None:
        assert case.tasks == ["side"]
        trigger(case, kind)
        assert "h" in case.tasks
        _finish(case)

    return body, play


def _link() -> Drawn:
    body = (
        '<startEvent id="s"/><intermediateThrowEvent id="t"><linkEventDefinition name="L"/></intermediateThrowEvent>'
        '<intermediateCatchEvent id="ev"><linkEventDefinition name="L"/></intermediateCatchEvent>'
        '<userTask id="h"/><endEvent id="e"/>' + flows("s t", "ev h", "h e")
    )

    def play(case: Play) -> None:
        assert case.tasks == ["h"]
        assert case.passed()[:3] == ["s", "t", "ev"]
        _finish(case)

    return body, play


def _around(position: str, kind: str) -> Drawn:
    """A sub-process with a task ``w``; the event is on its border, or starts an event sub-process in the process.

    ``v`` is what comes after ``w`` where the event does not interrupt; ``side`` stands apart, outside what is interrupted
    at a border.
    """
    interrupting = position.endswith(", interrupting")
    thrown = {
        "error": '<endEvent id="th"><errorEventDefinition errorRef="er"/></endEvent>',
        "escalation": '<intermediateThrowEvent id="th"><escalationEventDefinition escalationRef="es"/>'
        "</intermediateThrowEvent>",
        "cancel": '<endEvent id="th"><cancelEventDefinition/></endEvent>',
    }.get(kind, '<intermediateThrowEvent id="th"/>')
    goes_on = kind not in ("error", "cancel")
    inner = (
        f'<startEvent id="is"/><userTask id="w"/>{thrown}'
        + ('<userTask id="v"/><endEvent id="ie"/>' if goes_on else "")
        + flows("is w", "w th", *(("th v", "v ie") if goes_on else ()))
    )
    holder = "transaction" if kind == "cancel" else "subProcess"
    body = (
        '<startEvent id="s"/><parallelGateway id="fk"/><userTask id="side"/><endEvent id="e1"/>'
        f'<{holder} id="box">{inner}</{holder}><endEvent id="e"/>'
        + flows("s fk", "fk side", "side e1", "fk box", "box e")
    )
    if position.startswith("boundary"):
        cancels = "" if interrupting else ' cancelActivity="false"'
        body += _event("boundaryEvent", kind, f' attachedToRef="box"{cancels}')
        body += '<userTask id="h"/><endEvent id="e2"/>' + flows("ev h", "h e2")
    else:
        stays = "" if interrupting else ' isInterrupting="false"'
        body += (
            f'<subProcess id="x" triggeredByEvent="true">{_event("startEvent", kind, stays)}<userTask id="h"/>'
            f'<endEvent id="xe"/>{flows("ev h", "h xe")}</subProcess>'
        )

    def play(case: Play) -> None:
        assert case.tasks == ["side", "w"]
        if kind in INSIDE:
            case.complete("w")
        else:
            trigger(case, kind)
        left = {"h"}
        if not interrupting:
            left.add("v" if kind in INSIDE else "w")
        outside = position.startswith("boundary") or not interrupting
        if outside and kind != "condition":
            left.add("side")
        assert set(case.tasks) == left
        _finish(case)

    return body, play


def _compensation(position: str) -> Drawn:
    if position.startswith("boundary"):
        return _undone(
            '<intermediateThrowEvent id="th"><compensateEventDefinition/></intermediateThrowEvent>', "th e"
        )
    inner = (
        '<startEvent id="is"/><userTask id="w"/><endEvent id="ie"/>'
        '<subProcess id="x" triggeredByEvent="true"><startEvent id="ev"><compensateEventDefinition/></startEvent>'
        f'<userTask id="h"/><endEvent id="xe"/>{flows("ev h", "h xe")}</subProcess>' + flows("is w", "w ie")
    )
    body = (
        f'<startEvent id="s"/><subProcess id="box">{inner}</subProcess>'
        '<intermediateThrowEvent id="th"><compensateEventDefinition/></intermediateThrowEvent><endEvent id="e"/>'
        + flows("s box", "box th", "th e")
    )

    def play(case: Play) -> None:
        case.complete("w")
        assert case.tasks == ["h"]
        _finish(case)

    return body, play


def _undone(thrower: str, last: str, name: str = "ev") -> Drawn:
    """A task with a handler ``h``, then what throws compensation."""
    body = (
        '<startEvent id="s"/><userTask id="w"/>'
        f'<boundaryEvent id="{name}" attachedToRef="w"><compensateEventDefinition/></boundaryEvent>'
        f'<userTask id="h" isForCompensation="true"/><association id="a" sourceRef="{name}" targetRef="h"/>'
        + thrower
        + ('<endEvent id="e"/>' if last else "")
        + flows("s w", f"w {'th' if name == 'ev' else 'ev'}", *((last,) if last else ()))
    )

    def play(case: Play) -> None:
        case.complete("w")
        assert case.tasks == ["h"]
        _finish(case)

    return body, play


def _throw(kind: str) -> Drawn:
    thrower = _event("intermediateThrowEvent", kind)
    match kind:
        case "link":
            body, play = _link()
            return body.replace('id="ev"', 'id="c"').replace('id="t"', 'id="ev"').replace(
                '"t"', '"ev"'
            ).replace('id="ev_h" sourceRef="ev"', 'id="c_h" sourceRef="c"'), _link_play
        case "compensation":
            return _undone(thrower, "ev e", name="c")
        case "escalation":
            return _thrown_inside(thrower, ends=False)
    body = (
        '<startEvent id="s"/>'
        + thrower
        + '<userTask id="h"/><endEvent id="e"/>'
        + flows("s ev", "ev h", "h e")
    )

    def play(case: Play) -> None:
        assert case.tasks == ["h"]
        assert "ev" in case.passed()
        assert _left(case) == _THROWN.get(kind, [])
        _finish(case)

    return body, play


_THROWN = {"message": ["M"], "signal": ["S"], "multiple": ["M", "S"]}


def _left(case: Play) -> list[str]:
    return sorted(throw.name for throw in case.thrown)


def _link_play(case: Play) -> None:
    assert case.tasks == ["h"]
    assert case.passed()[:3] == ["s", "ev", "c"]
    _finish(case)


def _thrown_inside(thrower: str, *, ends: bool) -> Drawn:
    """What throws stands in a sub-process whose border catches it without interrupting."""
    inner = '<startEvent id="is"/>' + thrower + ("" if ends else '<userTask id="v"/><endEvent id="ie"/>')
    inner += flows("is ev", *(() if ends else ("ev v", "v ie")))
    body = (
        f'<startEvent id="s"/><subProcess id="box">{inner}</subProcess><userTask id="after"/><endEvent id="e"/>'
        '<boundaryEvent id="b" attachedToRef="box" cancelActivity="false">'
        '<escalationEventDefinition escalationRef="es"/></boundaryEvent><userTask id="h"/><endEvent id="e2"/>'
        + flows("s box", "box after", "after e", "b h", "h e2")
    )

    def play(case: Play) -> None:
        assert case.tasks == sorted(["h", "after" if ends else "v"])
        _finish(case)

    return body, play


def _end(kind: str) -> Drawn:
    thrower = _event("endEvent", kind)
    match kind:
        case "compensation":
            return _undone(thrower, "", name="c")
        case "escalation":
            return _thrown_inside(thrower, ends=True)
        case "error" | "cancel":
            return _ended_by(kind, thrower)
        case "terminate":
            return _terminated(thrower)
    body = '<startEvent id="s"/><userTask id="w"/>' + thrower + flows("s w", "w ev")

    def play(case: Play) -> None:
        case.complete("w")
        assert case.done
        assert case.step.outcome == "ev"
        assert _left(case) == _THROWN.get(kind, [])

    return body, play


def _ended_by(kind: str, thrower: str) -> Drawn:
    holder = "transaction" if kind == "cancel" else "subProcess"
    inner = '<startEvent id="is"/><userTask id="w"/>' + thrower + flows("is w", "w ev")
    body = (
        f'<startEvent id="s"/><{holder} id="box">{inner}</{holder}><endEvent id="e"/>'
        f'<boundaryEvent id="b" attachedToRef="box">{DEFINITIONS[kind]}</boundaryEvent><userTask id="h"/>'
        '<endEvent id="e2"/>' + flows("s box", "box e", "b h", "h e2")
    )

    def play(case: Play) -> None:
        case.complete("w")
        assert case.tasks == ["h"]
        _finish(case)

    return body, play


def _terminated(thrower: str) -> Drawn:
    inner = (
        '<startEvent id="is"/><parallelGateway id="fk"/><userTask id="w"/><userTask id="gone"/><endEvent id="ie"/>'
        + thrower
        + flows("is fk", "fk w", "fk gone", "gone ie", "w ev")
    )
    body = (
        f'<startEvent id="s"/><subProcess id="box">{inner}</subProcess><userTask id="h"/><endEvent id="e"/>'
        + flows("s box", "box h", "h e")
    )

    def play(case: Play) -> None:
        case.complete("w")
        assert case.tasks == ["h"]
        assert "gone" in case.cancelled()
        _finish(case)

    return body, play
