"""What starts a case of a process by itself: messages, signals and times, evaluated before any case exists."""

from dataclasses import dataclass

from engine.bpmn import expressions
from engine.bpmn.expressions import SandboxError
from engine.bpmn.model import EventKind, Expr, Node, TimerKind
from engine.bpmn.step import World
from engine.bpmn.times import Due, due

NAME_LIMIT = 255
TEXT_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Trigger:
    """One event start of a process.

    Attributes:
        name: of the message or signal; "" for a timer.
        label: the event's own name in the file; "" when it has none.
        timer_kind, timer, due: of a timer: its text as the file has it, and when it starts a case first.
    """

    node: str
    element: str
    kind: EventKind
    name: str
    label: str
    timer_kind: TimerKind | None = None
    timer: str | None = None
    due: Due | None = None


def trigger_of(node: Node, world: World) -> Trigger:
    """What the event start ``node`` waits for, counted from now.

    Raises:
        ValueError: with a sentence; it cannot be evaluated, or is no time.
    """
    event = node.event
    if event is None:
        raise ValueError(f"{node.element} is a plain start event.")
    label = "" if node.name is None else _text(node.name, world)[:TEXT_LIMIT]
    if event.kind is EventKind.TIMER and event.timer is not None and event.timer_kind is not None:
        first = due(event.timer_kind, _value(event.timer, world), world)
        text = event.timer.source[:TEXT_LIMIT]
        return Trigger(node.id, node.element, event.kind, "", label, event.timer_kind, text, first)
    name = "" if event.name is None else _text(event.name, world)
    if len(name) > NAME_LIMIT:
        raise ValueError(f"The name of the {event.kind.value} has more than {NAME_LIMIT} characters.")
    return Trigger(node.id, node.element, event.kind, name or node.element, label)


def _text(expr: Expr, world: World) -> str:
    value = _value(expr, world)
    return "" if value is None else str(value)


def _value(expr: Expr, world: World) -> object:
    try:
        return expressions.evaluate(expr, {}, world=world)
    except SandboxError as error:
        raise ValueError(f"{expr.source}: {error.message}") from error
