"""Rules of events: timers that cannot fire, what is thrown and never caught, what is awaited and never comes."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import isodate

from engine.bpmn.lint.look import THROWS, Look, Place, constant
from engine.bpmn.lint.rule import Found, rule
from engine.bpmn.model import EventDef, EventKind, Node, NodeKind, Scope, TimerKind

SHORT = timedelta(minutes=1)
CYCLE = re.compile(r"R(\d*)/(?:[^P/]+/)?(P.+)")
CAUGHT_INSIDE = {
    EventKind.ERROR: frozenset({NodeKind.SERVICE_TASK, NodeKind.CALL_ACTIVITY}),
    EventKind.ESCALATION: frozenset({NodeKind.CALL_ACTIVITY}),
}
"""What may throw an error or escalation that the drawing does not show: a partner's answer, a called process."""

TELLS = frozenset(
    {
        NodeKind.USER_TASK,
        NodeKind.SERVICE_TASK,
        NodeKind.SEND_TASK,
        NodeKind.CALL_ACTIVITY,
        NodeKind.SUB_PROCESS,
        NodeKind.TRANSACTION,
        NodeKind.THROW,
    }
)


@rule(
    "A timer of less than a minute",
    "Timers are looked at every few seconds, and people need longer than that. Most likely M (months, minutes) or S "
    "was mistaken: PT5M is five minutes, P5D five days.",
)
def timer_short(look: Look) -> Iterator[Found]:
    for _, node in look.nodes:
        wait = _length(node.event)
        if wait is not None and wait < SHORT and node.event is not None and node.event.timer is not None:
            yield look.at(
                node,
                f"The timer {node.event.timer.source} is shorter than a minute. Write for example PT5M or P5D.",
            )


@rule(
    "A timer that cannot fire",
    "Another timer interrupts the same work earlier, so this one never comes. Put the reminder before the deadline.",
)
def timer_too_late(look: Look) -> Iterator[Found]:
    for place, node in look.of(NodeKind.BOUNDARY):
        wait = _duration(node.event)
        if wait is None:
            continue
        host = place.scope.nodes.get(node.attached_to or "")
        for other in _on_and_around(place, host) if host is not None else ():
            ends = _duration(other.event)
            if other is node or ends is None or not other.interrupting:
                continue
            if ends < wait:
                yield look.at(
                    node,
                    f'The timer is due after {_text(node)}, but "{look.called(other)}" interrupts after {_text(other)}. '
                    "Put it earlier.",
                )
                break


@rule(
    "Due after its deadline",
    "A timer takes the task away before it is due, so nobody ever sees it late. Shorten the service level, or let the timer "
    "come later.",
)
def due_after_deadline(look: Look) -> Iterator[Found]:
    for place, node in look.of(NodeKind.USER_TASK):
        allowed = _parsed(node.work.sla) if node.work is not None else None
        if allowed is None or node.work is None:
            continue
        # working time is never shorter than the same time by the wall clock
        ends = [
            b
            for b in _on_and_around(place, node)
            if b.interrupting and (_duration(b.event) or allowed) < allowed
        ]
        if ends:
            yield look.at(
                node,
                f'The task is due after {node.work.sla}, but "{look.called(ends[0])}" takes it away after {_text(ends[0])}.',
            )


@rule(
    "Reminders that pile up",
    "The timer repeats without end and opens another task each time; after a long weekend there are dozens of them. "
    "Give it a number of repetitions, like R3/P1D, or send a message instead of opening a task.",
)
def tasks_pile_up(look: Look) -> Iterator[Found]:
    for place, node in look.of(NodeKind.BOUNDARY, NodeKind.EVENT_SUB_PROCESS):
        start = (
            node
            if node.kind is NodeKind.BOUNDARY
            else next(iter(node.scope.starts() if node.scope else []), None)
        )
        if start is None or start.interrupting or not _endless(start.event):
            continue
        inside = place if start is node else Place(node.scope or place.scope, node, place)
        opened = [inside.scope.nodes[i] for i in inside.reach(start)]
        task = next((n for n in sorted(opened, key=lambda n: n.line) if n.kind is NodeKind.USER_TASK), None)
        if task is not None:
            yield look.at(
                node,
                f'The timer repeats without end and opens "{look.called(task)}" each time. Limit it, for example R3/P1D.',
            )


@rule(
    "The deadline ends the case in silence",
    "The task is taken away, the case is over, and nobody is told: neither the applicant nor the agency. "
    "Draw a task or a message on the way.",
    whole=True,
)
def deadline_ends_silently(look: Look) -> Iterator[Found]:
    for place, node in look.of(NodeKind.BOUNDARY):
        if place.holder is not None or not node.interrupting:
            continue
        if node.event is None or node.event.kind is not EventKind.TIMER:
            continue
        path = [place.scope.nodes[i] for i in place.reach(node)]
        if not any(n.kind in TELLS or (n.kind is NodeKind.END and n.event) for n in path):
            yield look.at(
                node,
                "When the time is up the work is taken away and the case ends; nobody is told. Draw a task or a message.",
            )


@rule(
    "Nothing catches this",
    "An error that nobody catches ends everything on its own level and nothing else happens; an escalation goes unheard. "
    "Draw a boundary event or an event sub-process that catches it.",
    whole=True,
)
def never_caught(look: Look) -> Iterator[Found]:
    if look.is_called:
        return  # the caller may catch it
    for place, node in look.of(NodeKind.END, NodeKind.THROW):
        if node.event is None or node.event.kind not in CAUGHT_INSIDE:
            continue
        code = constant(node.event.name)
        if code is not None and not any(_catches(node.event.kind, code, c) for c in _around(place)):
            yield look.at(
                node,
                f'Nothing around it catches the {node.event.kind.value} "{code}". '
                "Draw a boundary event or an event sub-process for it.",
            )


@rule(
    "It waits for what never comes",
    "Nothing inside throws this error or escalation, so the path behind it never runs. Throw it, or remove the event.",
    whole=True,
)
def never_thrown(look: Look) -> Iterator[Found]:
    thrown = _Thrown()
    for place, node in look.of(NodeKind.BOUNDARY, NodeKind.START):
        event = node.event
        if event is None or event.kind not in CAUGHT_INSIDE or _thrown_inside(thrown, place, node):
            continue
        name = constant(event.name)
        what = f'the {event.kind.value} "{name}"' if name else f"any {event.kind.value}"
        if node.kind is NodeKind.BOUNDARY or node.kind is NodeKind.START:
            yield look.at(
                node, f"Nothing inside throws {what}; this path never runs. Throw it, or remove it."
            )


@rule(
    "Two events catch the same",
    "Only one of them is asked; which one is not drawn. Remove one, or give it a code of its own.",
)
def caught_twice(look: Look) -> Iterator[Found]:
    seen: dict[tuple[object, ...], Node] = {}
    for _, node in look.of(NodeKind.BOUNDARY):
        event = node.event
        if event is None or event.kind in {EventKind.TIMER, EventKind.CONDITION, EventKind.COMPENSATION}:
            continue
        code = event.name.code if event.name else None
        first = seen.setdefault((node.attached_to, event.kind, code), node)
        if first is not node and (first.interrupting or node.interrupting):
            yield look.at(
                node, f'"{look.called(first)}" on the same activity catches the same. Remove one of them.'
            )


@rule(
    "A message that nobody here waits for",
    "It is sent to other cases, and none of the processes in this upload, or deployed here, waits for its name: it goes to "
    "nobody. Compare the names. To reach a partner's system, name a connector.",
    whole=True,
)
def message_unheard(look: Look) -> Iterator[Found]:
    waits = look.beside.awaited
    for _, node in look.nodes:
        if node.kind not in THROWS or node.event is None or node.event.kind is not EventKind.MESSAGE:
            continue
        name = constant(node.event.name)
        if name is None or None in waits or name in waits or look.heard(name):
            continue
        yield look.at(
            node,
            f'No process here waits for the message "{name}". Compare the names, or name a connector for a partner.',
        )


@rule(
    "Defined and never used",
    "No event refers to it. Most likely an event was removed, or refers to another one. Remove it.",
)
def definition_unused(look: Look) -> Iterator[Found]:
    if look.beside.first.get(look.process.file, look.process.key) != look.process.key:
        return  # told once a file
    for definition in look.facts.definitions:
        if not definition.used:
            yield Found(
                definition.id,
                definition.line,
                f'No event uses the {definition.kind} "{definition.name}". Remove it, or choose it at its event.',
            )


@rule(
    "It may wait for ever",
    "No timer is beside or around the wait, so a case whose message never comes stands here until somebody notices. "
    "Draw a timer.",
    whole=True,
)
def wait_without_limit(look: Look) -> Iterator[Found]:
    for place, node in look.of(NodeKind.CATCH, NodeKind.RECEIVE_TASK, NodeKind.EVENT_GATEWAY):
        if node.kind is NodeKind.EVENT_GATEWAY:
            behind = list(place.followers(node))
        elif any(
            place.scope.nodes[place.scope.flows[f].source].kind is NodeKind.EVENT_GATEWAY
            for f in node.incoming
        ):
            continue  # told at the gateway
        else:
            behind = [node, *place.boundaries.get(node.id, ())]
        if any(_is_time(n.event) for n in behind) or _timed(place):
            continue
        if node.kind is NodeKind.CATCH and node.event and node.event.kind is EventKind.CONDITION:
            continue
        yield look.at(
            node, "Nothing limits the wait: without its message the case stands here. Draw a timer."
        )


def _on_and_around(place: Place, node: Node) -> Iterator[Node]:
    """Boundary events of a node and of the sub-processes that it is in, from the inside out."""
    at: Place | None = place
    host: Node | None = node
    while at is not None and host is not None:
        yield from at.boundaries.get(host.id, ())
        host, at = at.holder, at.around


def _is_time(event: EventDef | None) -> bool:
    return event is not None and event.kind is EventKind.TIMER


def _timed(place: Place) -> bool:
    """Whether a timer stands on or in a scope around."""
    for at in place.within():
        for node in at.scope.event_sub_processes():
            if node.scope and any(_is_time(s.event) for s in node.scope.starts()):
                return True
        if at.holder is None or at.around is None:
            continue
        if any(_is_time(b.event) for b in at.around.boundaries.get(at.holder.id, ())):
            return True
    return False


def _duration(event: EventDef | None) -> timedelta | None:
    """How long a timer with a plain duration waits."""
    if event is None or event.timer_kind is not TimerKind.DURATION:
        return None
    return _parsed(constant(event.timer))


def _length(event: EventDef | None) -> timedelta | None:
    """A duration, or the period of a cycle."""
    if event is not None and event.timer_kind is TimerKind.CYCLE:
        cycle = CYCLE.fullmatch(constant(event.timer) or "")
        return _parsed(cycle[2]) if cycle else None
    return _duration(event)


def _endless(event: EventDef | None) -> bool:
    if event is None or event.timer_kind is not TimerKind.CYCLE:
        return False
    cycle = CYCLE.fullmatch(constant(event.timer) or "")
    return cycle is not None and not cycle[1]


def _parsed(text: str | None) -> timedelta | None:
    """An ISO 8601 duration of known length; months and years count 30 and 365 days."""
    if text is None:
        return None
    try:
        found = isodate.parse_duration(text)
    except (ValueError, TypeError, OverflowError, ArithmeticError):
        return None
    if isinstance(found, timedelta):
        return found
    try:
        days = float(found.years) * 365 + float(found.months) * 30
        return timedelta(days=days, seconds=found.tdelta.total_seconds())
    except OverflowError:
        return None


def _text(node: Node) -> str:
    return node.event.timer.source if node.event and node.event.timer else "?"


def _around(place: Place) -> Iterator[EventDef]:
    """Every event that could catch what is thrown in a scope, from the inside out."""
    for at in place.within():
        for node in at.scope.event_sub_processes():
            if node.scope is not None and node is not place.holder:
                yield from (s.event for s in node.scope.starts() if s.event is not None)
        if at.holder is not None and at.around is not None:
            yield from (b.event for b in at.around.boundaries.get(at.holder.id, ()) if b.event is not None)


def _catches(kind: EventKind, code: str, event: EventDef) -> bool:
    return event.kind is kind and (event.name is None or constant(event.name) in {code, None})


def _thrown_inside(thrown: "_Thrown", place: Place, node: Node) -> bool:
    """Whether something in what ``node`` guards may throw what it waits for."""
    event = node.event
    if event is None:
        return True
    if node.kind is NodeKind.BOUNDARY:
        host = place.scope.nodes.get(node.attached_to or "")
        if host is None:
            return True
        inside = thrown.by(host)
    elif node.kind is NodeKind.START and place.holder is not None and place.around is not None:
        inside = thrown.within(place.around.scope) - thrown.by(place.holder)
    else:
        return True
    wanted = constant(event.name)
    if wanted is None:
        return any(kind is event.kind for kind, _ in inside)
    return (event.kind, wanted) in inside or (event.kind, None) in inside


class _Thrown:
    """(kind, code) of everything that a node or a scope may throw, counted; code None: it may be any."""

    def __init__(self) -> None:
        self._known: dict[int, Counter[tuple[EventKind, str | None]]] = {}

    def within(self, scope: Scope) -> Counter[tuple[EventKind, str | None]]:
        if id(scope) not in self._known:
            found: Counter[tuple[EventKind, str | None]] = Counter()
            for node in scope.nodes.values():
                found.update(self.by(node))
            self._known[id(scope)] = found
        return self._known[id(scope)]

    def by(self, node: Node) -> Counter[tuple[EventKind, str | None]]:
        found: Counter[tuple[EventKind, str | None]] = Counter()
        if node.scope is not None:
            found.update(self.within(node.scope))
        for kind, unseen in CAUGHT_INSIDE.items():
            if node.kind in unseen:
                found[kind, None] += 1
        if node.kind in {NodeKind.END, NodeKind.THROW} and node.event and node.event.kind in CAUGHT_INSIDE:
            found[node.event.kind, constant(node.event.name)] += 1
        return found
