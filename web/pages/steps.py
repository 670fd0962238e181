"""The table beside the diagram: the steps of a process in the order of its flow, and where a case is in them."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.bpmn.model import ACTIVITIES, Node, NodeKind, Process, Scope
from engine.states import Audit
from engine.store.history import EventRow
from engine.store.rows import TaskRow
from web.pages.texts import ngettext
from web.pages.time_left import TimeLeft

_OPENING = frozenset({Audit.TASK_OPENED, Audit.JOB_STARTED})
_CLOSING = frozenset({Audit.TASK_COMPLETED, Audit.JOB_FINISHED})
_TOLD = ACTIVITIES - {NodeKind.SCRIPT_TASK}


@dataclass(frozen=True, slots=True)
class Step:
    """Attributes:
    state: ``done``, ``now``, ``cancelled`` or ``""`` (not yet).
    took: how long it took or has taken, or "".
    left: time left, for a task that is open now.
    """

    name: str
    who: str
    state: str
    took: str
    left: TimeLeft | None = None


def steps(
    process: Process,
    states: Mapping[str, str],
    events: Iterable[EventRow],
    *,
    now: datetime,
    agencies: Mapping[str, str],
    open_tasks: Mapping[str, tuple[TaskRow, TimeLeft]],
) -> list[Step]:
    """The activities of a process that a person would name.

    Args:
        states: element id → state, as the diagram shows it.
        agencies: node id → name of the agency that does it.
        open_tasks: element id → one open task there.
    """
    spans = _spans(events)
    rows = []
    for node in in_order(process.scope):
        if node.kind not in _TOLD or node.synthetic:
            continue
        state = states.get(node.element, "")
        began, ended = spans.get(node.element, (None, None))
        end = ended if state == "done" else now
        waiting = open_tasks.get(node.element)
        rows.append(
            Step(
                name=name_of(node),
                who=agencies.get(node.id, ""),
                state=state,
                took=duration(began, end) if began and end and state in ("done", "now") else "",
                left=waiting[1] if waiting and waiting[1].due_at else None,
            )
        )
    return rows


def in_order(scope: Scope) -> Iterator[Node]:
    """Each node once, along the flows from the starts; what is inside a sub-process follows it."""
    waiting = deque(scope.starts())
    seen: set[str] = set()
    while True:
        if not waiting:
            # what no flow leads to: event sub-processes, handlers of compensation
            rest = next((node for node in scope.nodes.values() if node.id not in seen), None)
            if rest is None:
                return
            waiting.append(rest)
        node = waiting.popleft()
        if node.id in seen:
            continue
        seen.add(node.id)
        yield node
        if node.scope is not None:
            yield from in_order(node.scope)
        waiting.extend(scope.nodes[scope.flows[flow].target] for flow in node.outgoing)
        waiting.extend(scope.boundaries(node.id))


def name_of(node: Node) -> str:
    """What a node is called on pages; a name that holds an expression is shown as it was written."""
    return node.name.source.strip() if node.name is not None and node.name.source.strip() else node.element


def duration(began: datetime, ended: datetime) -> str:
    """Days, hours or minutes, whichever says most in one number."""
    minutes = max(0, round((ended - began).total_seconds() / 60))
    if minutes >= 24 * 60:
        return ngettext("%(num)s day", "%(num)s days", round(minutes / (24 * 60)))
    if minutes >= 60:
        return ngettext("%(num)s hour", "%(num)s hours", round(minutes / 60))
    return ngettext("%(num)s minute", "%(num)s minutes", minutes)


def agency_names(routing: Mapping[str, Mapping[str, object]], named: Mapping[str, str]) -> dict[str, str]:
    """Node id → name of the agency in the routing of a version."""
    found = {}
    for node, route in routing.items():
        key = str(route.get("agency", ""))
        found[node] = named.get(key, key)
    return found


def _spans(events: Iterable[EventRow]) -> dict[str, tuple[datetime | None, datetime | None]]:
    """Element id → when its latest round began and when it ended."""
    spans: dict[str, tuple[datetime | None, datetime | None]] = {}
    for event in sorted(events, key=lambda event: event.seq):
        if event.element_id is None:
            continue
        if event.kind in _OPENING:
            spans[event.element_id] = (event.at, None)
        elif event.kind in _CLOSING:
            began, _ = spans.get(event.element_id, (None, None))
            spans[event.element_id] = (began, event.at)
    return spans
