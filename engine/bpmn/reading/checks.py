"""What is wrong with a process that was read: first as it is drawn, then once everything implicit is drawn too.

What is only worth a look is told by the rules of ``engine.bpmn.lint``.
"""

from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from engine.bpmn.model import EventKind, Node, NodeKind, Process, Scope
from engine.bpmn.reading.draft import Draft
from engine.bpmn.reading.fields import names_of_fields
from engine.bpmn.reading.form_keys import form_key
from engine.bpmn.reading.source import Source
from engine.bpmn.support import REFUSED, constructs
from engine.bpmn.xml import child

WAITS_FOR_EVENT_GATEWAY = frozenset({NodeKind.CATCH, NodeKind.RECEIVE_TASK})


def check_drawing(source: Source, process: Process, draft: Draft) -> None:
    """Rules of the drawing itself: what flows may do, what gateways need, how scopes begin."""
    for scope, holder in draft.scopes:
        _starts(source, process, draft, scope, holder)
        for node in scope.nodes.values():
            _flows(source, draft, scope, node)
            match node.kind:
                case NodeKind.EXCLUSIVE | NodeKind.INCLUSIVE:
                    _conditions(source, draft, scope, node)
                case NodeKind.COMPLEX:
                    _complex(source, draft, node)
                case NodeKind.PARALLEL:
                    _parallel(source, draft, scope, node)
                case NodeKind.EVENT_GATEWAY:
                    _event_gateway(source, draft, scope, node)
                case _:
                    pass
            _cancel(source, draft, node, holder)


def check_process(source: Source, process: Process, draft: Draft) -> None:
    """What the finished scopes show: what is refused by name, and tasks that no agency gets."""
    for scope, _ in draft.scopes:
        for node in scope.nodes.values():
            element = draft.xml.get(node.id)
            if element is None:
                continue
            _refused(source, process, scope, node, element)
            if node.kind is NodeKind.USER_TASK:
                _user_task(source, process, node, element)


def _starts(source: Source, process: Process, draft: Draft, scope: Scope, holder: etree._Element) -> None:
    starts = scope.starts()
    top = scope is process.scope
    by_event = (holder.get("triggeredByEvent") or "").strip() in {"true", "1"}
    if by_event:
        if len(starts) != 1:
            source.error(
                "event_sub_process_start",
                f"An event sub-process has exactly one start event, not {len(starts)}.",
                holder,
            )
        for start in starts:
            if start.event is None and not any(
                str(e.tag).endswith("EventDefinition") for e in draft.xml[start.id]
            ):
                source.error(
                    "event_sub_process_start",
                    "An event sub-process begins with an event. Choose a message, timer, error or other event for its start.",
                    draft.xml[start.id],
                )
            if start.event and start.event.kind is EventKind.ERROR and not start.interrupting:
                source.error(
                    "event_not_allowed",
                    "An error always interrupts. Set isInterrupting to true.",
                    draft.xml[start.id],
                )
        return
    none_starts = [s for s in starts if s.event is None]
    if len(none_starts) > 1:
        source.error(
            "several_starts",
            f"There are {len(none_starts)} plain start events; a case would not know where to begin. Keep one.",
            draft.xml[none_starts[1].id],
        )
    for start in starts:
        if start.event is None:
            continue
        if top:
            _event_start(source, start, draft.xml[start.id])
        else:
            source.error(
                "sub_process_start",
                "A sub-process begins with a plain start event. Remove the event, or make it an event sub-process.",
                draft.xml[start.id],
            )
    if top:
        _started_once(source, draft, starts)


def _event_start(source: Source, start: Node, element: etree._Element) -> None:
    """A start of the process by an event: there is no case yet whose data it could read."""
    event = start.event
    if event is None:
        return
    refused = REFUSED.get(f"process:start:{event.kind.value}")
    if refused is not None:
        source.error("not_supported", refused, element)
        return
    reads = {name for expr in (event.name, event.timer) if expr is not None for name in expr.names}
    if reads:
        source.error(
            "start_reads_data",
            f"The start event reads {', '.join(sorted(reads))}, but before a case begins there is no data. "
            "Write its name or time without variables.",
            element,
        )
    if form_key(source, element) is not None or names_of_fields(source, element):
        source.warn(
            "start_form_ignored",
            "Nobody fills in a form when an event starts the case. Name the form at a plain start event.",
            element,
        )


def _started_once(source: Source, draft: Draft, starts: list[Node]) -> None:
    """One message or signal starts one case of a process, not several."""
    seen: set[tuple[EventKind, str]] = set()
    for start in starts:
        event = start.event
        if event is None or event.name is None or event.kind not in {EventKind.MESSAGE, EventKind.SIGNAL}:
            continue
        trigger = (event.kind, event.name.source)
        if trigger in seen:
            source.error(
                "start_twice",
                f'Two start events wait for the {event.kind.value} "{event.name.source}". Keep one.',
                draft.xml[start.id],
            )
        seen.add(trigger)


def _flows(source: Source, draft: Draft, scope: Scope, node: Node) -> None:
    element = draft.xml[node.id]
    if node.incoming and node.kind in {NodeKind.START, NodeKind.BOUNDARY}:
        source.error(
            "flow_into_start", "No flow may lead into this event. Connect it to what follows.", element
        )
    if node.outgoing and node.kind is NodeKind.END:
        source.error(
            "flow_out_of_end", "No flow may leave an end event. Use an intermediate event here.", element
        )
    if node.kind is NodeKind.EVENT_SUB_PROCESS and (node.incoming or node.outgoing):
        source.error(
            "flow_at_event_sub_process", "An event sub-process has no flows: its event starts it.", element
        )


def _conditions(source: Source, draft: Draft, scope: Scope, node: Node) -> None:
    if len(node.outgoing) < 2:
        return
    element = draft.xml[node.id]
    flows = [scope.flows[f] for f in node.outgoing]
    plain = [f for f in flows if _unconditioned(draft, f.id) and f.id != node.default]
    if node.kind is NodeKind.EXCLUSIVE and len(plain) > 1:
        source.error(
            "two_flows_without_condition",
            f"{len(plain)} flows out of the gateway have no condition ({', '.join(f.element or f.id for f in plain[:4])}). "
            "Give each a condition, and mark one as the default flow.",
            element,
        )
    elif node.kind is NodeKind.EXCLUSIVE and plain:
        if node.default or plain[0] is not flows[-1]:
            source.error(
                "flow_without_condition",
                f'The flow "{plain[0].element or plain[0].id}" has no condition and is not the default flow. Give it one, or make it the default.',
                element,
            )
        else:
            node.default = plain[0].id
            source.warn(
                "flow_without_condition",
                f'The flow "{plain[0].element or plain[0].id}" has no condition; it is taken as the default flow. Mark it so.',
                element,
            )
    elif node.kind is NodeKind.INCLUSIVE and plain:
        source.warn(
            "flow_without_condition",
            f'The flow "{plain[0].element or plain[0].id}" has no condition and is always taken. Write one if that is not meant.',
            element,
        )


def _unconditioned(draft: Draft, flow_id: str) -> bool:
    """As drawn: a condition that could not be read is still one."""
    return not any(str(e.tag).endswith("}conditionExpression") for e in draft.flow_xml[flow_id])


def _complex(source: Source, draft: Draft, node: Node) -> None:
    drawn = draft.xml[node.id]
    wanted = child(drawn, "activationCondition")
    if len(node.incoming) > 1 and (wanted is None or not (wanted.text or "").strip()):
        source.error(
            "complex_without_condition",
            "The complex gateway does not say when it goes on. Write its activationCondition, for example "
            "${activationCount >= 2}, or use a parallel or inclusive gateway.",
            drawn,
        )


def _parallel(source: Source, draft: Draft, scope: Scope, node: Node) -> None:
    if node.default is not None:
        source.warn(
            "default_ignored",
            "A parallel gateway has no default flow: it takes all of them.",
            draft.xml[node.id],
        )
        node.default = None
    for flow_id in node.outgoing:
        flow = scope.flows[flow_id]
        if not _unconditioned(draft, flow_id):
            source.warn(
                "condition_ignored",
                "A parallel gateway takes every flow; this condition is not looked at. Use an inclusive gateway if it should be.",
                draft.flow_xml[flow_id],
            )
            scope.flows[flow_id] = replace(flow, condition=None)


def _event_gateway(source: Source, draft: Draft, scope: Scope, node: Node) -> None:
    element = draft.xml[node.id]
    if len(node.outgoing) < 2:
        source.error(
            "event_gateway_choices",
            "An event-based gateway needs at least two events to choose between. Draw them, or remove the gateway.",
            element,
        )
    for flow_id in node.outgoing:
        target = scope.nodes[scope.flows[flow_id].target]
        if target.kind not in WAITS_FOR_EVENT_GATEWAY:
            source.error(
                "event_gateway_target",
                f'"{target.element}" behind an event-based gateway waits for nothing. '
                "Draw a catching message, signal, timer or condition event, or a receive task.",
                element,
            )
        elif len(target.incoming) > 1:
            source.error(
                "event_gateway_target",
                f'"{target.element}" behind an event-based gateway has further incoming flows. Give it an event of its own.',
                element,
            )
        if not _unconditioned(draft, flow_id):
            source.error(
                "event_gateway_condition",
                "A flow out of an event-based gateway has no condition: the event decides. Remove it.",
                draft.flow_xml[flow_id],
            )


def _cancel(source: Source, draft: Draft, node: Node, holder: etree._Element) -> None:
    if node.event is None or node.event.kind is not EventKind.CANCEL:
        return
    if node.kind is NodeKind.END and not str(holder.tag).endswith("}transaction"):
        source.error(
            "cancel_outside",
            "A cancel event ends a transaction only. Use an error or terminate event.",
            draft.xml[node.id],
        )


def _refused(source: Source, process: Process, scope: Scope, node: Node, element: etree._Element) -> None:
    for name in _names(process, scope, node):
        if name in REFUSED:
            source.error("not_supported", REFUSED[name], element)


def _names(process: Process, scope: Scope, node: Node) -> Iterator[str]:
    # event starts of a process were told as drawn
    if not (node.kind is NodeKind.START and scope is process.scope):
        yield from constructs(node)


def _user_task(source: Source, process: Process, node: Node, element: etree._Element) -> None:
    if node.work is None:
        return
    if process.lanes and not node.lane:
        source.error(
            "outside_lanes", "The task is in no lane, so no agency gets it. Draw it into one.", element
        )
    elif node.lane and any(len(lane.path) > len(node.lane) for lane in process.lanes) and len(node.lane) <= 1:
        source.warn(
            "outside_lanes", f'The task is in the pool "{node.lane[0]}" but in none of its lanes.', element
        )
