"""Event definitions: what an event waits for or throws."""

import ast
import re
from dataclasses import replace
from datetime import datetime

import isodate
from lxml import etree

from engine.bpmn.cron import LOOKS_LIKE, canonical
from engine.bpmn.expressions import Dialect
from engine.bpmn.language import java, xpath
from engine.bpmn.model import Assignment, EventDef, EventKind, Expr, TimerKind
from engine.bpmn.reading.bound import service_line, works
from engine.bpmn.reading.definitions import Definitions
from engine.bpmn.reading.dialects import ZEEBE
from engine.bpmn.reading.mappings import camunda_in
from engine.bpmn.reading.source import Source
from engine.bpmn.xml import child, children, local

KINDS = {
    "messageEventDefinition": EventKind.MESSAGE,
    "signalEventDefinition": EventKind.SIGNAL,
    "timerEventDefinition": EventKind.TIMER,
    "conditionalEventDefinition": EventKind.CONDITION,
    "errorEventDefinition": EventKind.ERROR,
    "escalationEventDefinition": EventKind.ESCALATION,
    "terminateEventDefinition": EventKind.TERMINATE,
    "compensateEventDefinition": EventKind.COMPENSATION,
    "cancelEventDefinition": EventKind.CANCEL,
}
TIMERS = {"timeDate": TimerKind.DATE, "timeDuration": TimerKind.DURATION, "timeCycle": TimerKind.CYCLE}
CATCHING = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent"})
LINKING = frozenset({"intermediateCatchEvent", "intermediateThrowEvent"})
ALLOWED = {
    "startEvent": {"message", "signal", "timer", "condition", "error", "escalation", "compensation"},
    "endEvent": {"message", "signal", "error", "escalation", "terminate", "compensation", "cancel"},
    "intermediateCatchEvent": {"message", "signal", "timer", "condition"},
    "intermediateThrowEvent": {"message", "signal", "escalation", "compensation"},
    "boundaryEvent": {
        "message",
        "signal",
        "timer",
        "condition",
        "error",
        "escalation",
        "compensation",
        "cancel",
    },
}
CYCLE = re.compile(r"R(\d*)/(.+)", re.DOTALL)


def event_definitions(element: etree._Element) -> list[etree._Element]:
    return [e for e in element if local(e).endswith("EventDefinition") and local(e) != "extensionElements"]


def read_events(source: Source, definitions: Definitions, element: etree._Element) -> list[EventDef]:
    """The events of ``element``; none for a none event, a link, or when one is not understood (reported)."""
    found = event_definitions(element)
    if child(element, "eventDefinitionRef") is not None:
        source.error(
            "event_reference",
            "The event points to a definition elsewhere. Put the event definition into the event itself.",
            element,
        )
        return []
    if len(found) > 1 and any(local(one) == "linkEventDefinition" for one in found):
        source.error(
            "several_event_definitions",
            "The event has several definitions. One of them is a link; draw it as an event of its own.",
            element,
        )
        return []
    read = [_read(source, definitions, one, element) for one in found]
    return [event for event in read if event is not None] if None not in read else []


def _read(
    source: Source, definitions: Definitions, definition: etree._Element, element: etree._Element
) -> EventDef | None:
    name = local(definition)
    if name == "linkEventDefinition":
        if local(element) not in LINKING:
            source.error(
                "event_not_allowed",
                f"A {local(element)} cannot carry a link in BPMN. Use an intermediate event.",
                element,
            )
        return None
    kind = KINDS.get(name)
    if kind is None:
        source.error("unknown_element", f"<{name}> is no event of BPMN. Choose another event.", element)
        return None
    if kind.value not in ALLOWED[local(element)]:
        source.error(
            "event_not_allowed",
            f"A {local(element)} cannot carry a {kind.value} event in BPMN. Choose another event.",
            element,
        )
        return None
    match kind:
        case EventKind.TIMER:
            return _timer(source, definition, element)
        case EventKind.CONDITION:
            return _conditional(source, definition, element)
        case EventKind.MESSAGE | EventKind.SIGNAL:
            return _named(source, definitions, definition, element, kind)
        case EventKind.ERROR | EventKind.ESCALATION:
            return _coded(source, definitions, definition, element, kind)
        case EventKind.COMPENSATION:
            return EventDef(
                kind,
                activity=(definition.get("activityRef") or "").strip() or None,
                waits=(definition.get("waitForCompletion") or "true").strip() not in {"false", "0"},
            )
        case EventKind.TERMINATE | EventKind.CANCEL:
            return EventDef(kind)


def message_of_task(source: Source, definitions: Definitions, element: etree._Element) -> EventDef | None:
    """The message of a send or receive task by its ``messageRef``; None when it names none."""
    reference = (element.get("messageRef") or "").strip()
    if not reference:
        return None
    message = definitions.resolve("message", reference, element)
    if message is None:
        return None
    return EventDef(
        EventKind.MESSAGE,
        name=source.template(definitions.code("message", message), element),
        correlation=correlation(source, message, element),
    )


def correlation(source: Source, message: etree._Element | None, element: etree._Element) -> Expr | None:
    """What a message must carry to be meant for this case: zeebe's correlation key or the property ``correlation``.

    A throwing event may say it itself (zeebe's publishMessage, or the property); without, the receiver's key is computed
    over the sender's data.
    """
    own = source.properties(element).get("correlation")
    published = _published(source, element)
    if published is not None:
        for word in ("timeToLive", "messageId"):
            if published.get(word):
                source.warn(
                    "vendor_ignored",
                    f"{word} of <publishMessage> is not read. A message is sent once, and kept as long as the house says.",
                    element,
                )
        return source.expression(published.get("correlationKey") or own, element)
    subscription = source.extension(message, "subscription", space=ZEEBE) if message is not None else None
    key = subscription.get("correlationKey") if subscription is not None else None
    throws = local(element) in {"intermediateThrowEvent", "endEvent", "sendTask"}
    return source.expression(own if throws and own else key or own, element)


def _published(source: Source, element: etree._Element) -> etree._Element | None:
    """zeebe's publishMessage, at the event, its definition or the send task."""
    for holder in (element, *event_definitions(element)):
        found = source.extension(holder, "publishMessage", space=ZEEBE)
        if found is not None:
            return found
    return None


def _named(
    source: Source,
    definitions: Definitions,
    definition: etree._Element,
    element: etree._Element,
    kind: EventKind,
) -> EventDef | None:
    reference = (definition.get(f"{kind.value}Ref") or "").strip()
    if not reference:
        line = f" {service_line(source, element)}" if works(element) else ""
        source.error(f"{kind.value}_missing", f"The event names no {kind.value}. Choose one.{line}", element)
        return None
    found = definitions.resolve(kind.value, reference, element)
    if found is None:
        return None
    if child(definition, "operationRef") is not None:
        source.warn("operation_ignored", "The operation of the message is not read.", element)
    payload: tuple[Assignment, ...] = ()
    if local(element) not in CATCHING:
        payload = camunda_in(source, definition, element)
    return EventDef(
        kind,
        name=source.template(definitions.code(kind.value, found), element),
        correlation=correlation(source, found, element) if kind is EventKind.MESSAGE else None,
        payload=payload,
    )


def _coded(
    source: Source,
    definitions: Definitions,
    definition: etree._Element,
    element: etree._Element,
    kind: EventKind,
) -> EventDef | None:
    catches = local(element) in CATCHING
    reference = (definition.get(f"{kind.value}Ref") or "").strip()
    found = definitions.resolve(kind.value, reference, element) if reference else None
    if reference and found is None:
        return None
    code = definitions.code(kind.value, found) if found is not None else ""
    if not code and not catches:
        source.error(
            f"{kind.value}_without_code",
            f"The event throws an {kind.value} without a code, which nothing could catch by name. Give it a code.",
            element,
        )
        return None
    if found is not None and not code:
        source.warn(
            f"{kind.value}_catches_all",
            f"The {kind.value} has no code, so the event catches every {kind.value}. Give it a code if that is not meant.",
            element,
        )
    code_variable = source.attribute(definition, f"{kind.value}CodeVariable")
    message_variable = source.attribute(definition, "errorMessageVariable")
    told = source.attribute(found, "errorMessage") if found is not None and not catches else None
    return EventDef(
        kind,
        name=source.template(code, element),
        message=source.template(told, element),
        code_variable=source.variable(code_variable, element) if code_variable else None,
        message_variable=source.variable(message_variable, element) if message_variable else None,
    )


def _conditional(source: Source, definition: etree._Element, element: etree._Element) -> EventDef | None:
    condition = child(definition, "condition")
    expression = read_condition(source, condition, element) if condition is not None else None
    if condition is None or not (condition.text or "").strip():
        source.error("condition_missing", "The conditional event has no condition. Write one.", element)
    return EventDef(EventKind.CONDITION, condition=expression) if expression else None


def read_condition(source: Source, condition: etree._Element, at: etree._Element) -> Expr | None:
    """A condition that must be an expression: plain text that is neither true nor false is reported."""
    text = (condition.text or "").strip()
    if not text:
        return None
    if source.is_replaced(text):
        return source.replaced(text, at)
    language = (condition.get("language") or "").strip()
    known = language_of(language)
    if known is None:
        source.error(
            "expression_language",
            f'The condition is written in "{language}", which is not run here. Write it as ${{…}} or, for Camunda 8, as = ….',
            at,
        )
        return None
    if known == "java" or (source.is_jbpm and java.is_return(text)):
        return source.condition(text, Dialect.JAVA, at)
    if known == "feel" and not text.startswith("="):
        text = f"= {text}"
    if text.lower() in {"true", "false"}:
        text = f"${{{text.lower()}}}"
    elif xpath.is_meant(text) and "${" not in text and "#{" not in text:
        return source.condition(text, Dialect.XPATH, at)
    elif not source.is_spiff and not text.startswith("=") and "${" not in text and "#{" not in text:
        source.error(
            "condition_is_text",
            f'"{text[:80]}" is plain text, not a condition. Write it as ${{{text[:80]}}}.',
            at,
        )
        return None
    return source.expression(text, at, code=True)


def language_of(language: str) -> str | None:
    """ "feel", "java", "" (told by the text itself) or None for a language that is not run."""
    low = language.lower()
    if low.endswith(("/java", "/mvel")) or low in {"java", "mvel"}:
        return "java"
    if "feel" in low:
        return "feel"
    if not low or low in {"juel", "unified expression language", "el"} or "xpath" in low or "python" in low:
        return ""
    return None


def _timer(source: Source, definition: etree._Element, element: etree._Element) -> EventDef | None:
    found = [
        (kind, e) for tag, kind in TIMERS.items() for e in children(definition, tag) if (e.text or "").strip()
    ]
    if len(found) != 1:
        source.error(
            "timer_missing" if not found else "several_timers",
            "The timer needs exactly one date, duration or cycle. Write for example PT2H.",
            element,
        )
        return None
    [(kind, text)] = found
    written = (text.text or "").strip()
    plain = _is_iso(kind, written) or LOOKS_LIKE.fullmatch(written) is not None
    expression = source.expression(written, element, code=not plain)
    if expression is None:
        return None
    if expression.constant:
        expression = _constant_timer(source, element, kind, expression)
    return None if expression is None else EventDef(EventKind.TIMER, timer_kind=kind, timer=expression)


def _constant_timer(
    source: Source, element: etree._Element, kind: TimerKind, expression: Expr
) -> Expr | None:
    """A time that stands in the file, as plain text or as a text in an expression; None when it is none."""
    value = ast.literal_eval(expression.code)
    text = value.strip() if isinstance(value, str) else ""
    if LOOKS_LIKE.fullmatch(text):
        try:
            if kind is not TimerKind.CYCLE:
                raise ValueError(f"'{text}' is a cron, which only a cycle may be.")
            text = canonical(text, sunday=0 if source.is_zeebe else 1)
        except ValueError as fault:
            source.error("timer_invalid", f"{fault} Correct it, or write a cycle like R/P1D.", element)
            return None
        source.warn(
            "timer_cron",
            f'"{expression.source}" is a cron of another engine; it is counted in the time zone of the process\'s calendar. '
            "Compare when it fires.",
            element,
        )
        return replace(expression, code=repr(text))
    if isinstance(value, str) and not _is_iso(kind, text):
        source.error(
            "timer_invalid",
            f'"{expression.source}" is no {kind.value} in ISO 8601. '
            "Write a duration like PT2H or P3D, a date like 2026-03-01T08:00:00+08:00, a cycle like R3/PT1H or a cron.",
            element,
        )
        return None
    return expression


def _is_iso(kind: TimerKind, text: str) -> bool:
    match kind:
        case TimerKind.DURATION:
            return is_duration(text)
        case TimerKind.DATE:
            return is_date(text)
        case TimerKind.CYCLE:
            parts = CYCLE.fullmatch(text)
            if parts is None:
                return False
            rest = parts[2].split("/")
            return len(rest) <= 2 and is_duration(rest[-1]) and (len(rest) == 1 or is_date(rest[0]))


def is_duration(text: str) -> bool:
    """Whether ``text`` is an ISO 8601 duration that is longer than nothing."""
    try:
        duration = isodate.parse_duration(text.strip())
    except (ValueError, TypeError, OverflowError, ArithmeticError):
        return False
    return bool(duration) and not text.strip().startswith(("-", "+"))


def is_date(text: str) -> bool:
    """Whether ``text`` is an ISO 8601 date, with or without a time."""
    try:
        datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError):
        return False
    return True
