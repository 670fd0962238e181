"""Events with several definitions: drawn out into one event for each, with the gateways that BPMN leaves implicit."""

from dataclasses import replace

from lxml import etree

from engine.bpmn.model import EventDef, EventKind, Flow, Node, NodeKind, Scope
from engine.bpmn.reading.draft import Draft, add_flow, insert, redraw
from engine.bpmn.reading.source import Source
from engine.bpmn.support import REFUSED

_STARTS = {EventKind.MESSAGE, EventKind.SIGNAL, EventKind.TIMER}
_CATCHES = _STARTS | {EventKind.CONDITION}
_ENDS = {EventKind.ERROR, EventKind.TERMINATE, EventKind.CANCEL}
_THROWS = (EventKind.MESSAGE, EventKind.SIGNAL, EventKind.COMPENSATION, EventKind.ESCALATION)
"""In the order in which they are thrown: what may interrupt the thrower comes last."""

_ALLOWED: dict[NodeKind, set[EventKind]] = {
    NodeKind.START: _STARTS,
    NodeKind.CATCH: _CATCHES,
    NodeKind.BOUNDARY: _CATCHES | {EventKind.ERROR, EventKind.ESCALATION},
    NodeKind.THROW: set(_THROWS),
    NodeKind.END: {*_THROWS, *_ENDS},
}


def spread(source: Source, draft: Draft, scope: Scope, holder: etree._Element) -> None:
    """Replace each event of the level that has several definitions. What cannot be drawn out is refused."""
    inner = (holder.get("triggeredByEvent") or "").strip() in {"true", "1"}
    for node in list(scope.nodes.values()):
        events = draft.several.get(node.id)
        if events is None:
            continue
        element = draft.xml[node.id]
        if _true(element.get("parallelMultiple")):
            if node.kind is not NodeKind.CATCH or _after_gateway(scope, node):
                source.error("not_supported", REFUSED["parallelMultiple"], element)
            elif _can_be(source, node, events, element):
                _all_of(source, scope, node, events)
        elif node.kind is NodeKind.START and inner:
            _refuse(source, element, "Draw an event sub-process for each.")
        elif _can_be(source, node, events, element):
            _one_of_or_each(source, draft, scope, node, events)


def _can_be(source: Source, node: Node, events: list[EventDef], element: etree._Element) -> bool:
    kinds = {event.kind for event in events}
    strangers = kinds - _ALLOWED.get(node.kind, set())
    if strangers:
        _refuse(source, element, f"One of them is {min(strangers)}; draw it as an event of its own.")
    elif node.inputs or node.outputs or node.listeners:
        _refuse(
            source,
            element,
            "Its mappings and listeners do not say which one they belong to; draw one event for each.",
        )
    elif node.kind is NodeKind.BOUNDARY and EventKind.ERROR in kinds and not node.interrupting:
        _refuse(source, element, "An error always interrupts its activity; draw it as an event of its own.")
    elif sum(event.kind in _ENDS for event in events) > 1:
        _refuse(source, element, "Only one of them can end what is around it; draw one end event for each.")
    else:
        return True
    return False


def _refuse(source: Source, element: etree._Element, why: str) -> None:
    source.error("several_event_definitions", f"The event has several definitions. {why}", element)


def _one_of_or_each(source: Source, draft: Draft, scope: Scope, node: Node, events: list[EventDef]) -> None:
    if node.kind in {NodeKind.THROW, NodeKind.END}:
        _each(source, draft, scope, node, events)
        return
    if node.kind is NodeKind.CATCH and not _after_gateway(scope, node):
        gateway = insert(scope, source.new_id(f"{node.id}.first"), NodeKind.EVENT_GATEWAY, node)
        for flow_id in list(node.incoming):
            redraw(scope, replace(scope.flows[flow_id], target=gateway.id))
        add_flow(scope, Flow(source.new_id(f"{gateway.id}.to"), gateway.id, node.id))
    onward = insert(scope, source.new_id(f"{node.id}.onward"), NodeKind.PASS, node)
    for flow_id in list(node.outgoing):
        redraw(scope, replace(scope.flows[flow_id], source=onward.id))
    onward.default, node.default = node.default, None
    node.event = events[0]
    add_flow(scope, Flow(source.new_id(f"{node.id}.on"), node.id, onward.id))
    for event in events[1:]:
        other = _beside(source, draft, scope, node, event)
        for flow_id in list(node.incoming):
            add_flow(scope, Flow(source.new_id(f"{other.id}.to"), scope.flows[flow_id].source, other.id))
        add_flow(scope, Flow(source.new_id(f"{other.id}.on"), other.id, onward.id))


def _all_of(source: Source, scope: Scope, node: Node, events: list[EventDef]) -> None:
    """The event itself becomes the join behind one event for each definition."""
    split = insert(scope, source.new_id(f"{node.id}.split"), NodeKind.PARALLEL, node)
    for flow_id in list(node.incoming):
        redraw(scope, replace(scope.flows[flow_id], target=split.id))
    for event in events:
        waits = insert(scope, source.new_id(f"{node.id}.one"), NodeKind.CATCH, node)
        waits.name, waits.event = node.name, event
        add_flow(scope, Flow(source.new_id(f"{waits.id}.to"), split.id, waits.id))
        add_flow(scope, Flow(source.new_id(f"{waits.id}.on"), waits.id, node.id))
    node.kind, node.event = NodeKind.PARALLEL, None
    if len(node.outgoing) > 1 or node.default:
        onward = insert(scope, source.new_id(f"{node.id}.onward"), NodeKind.PASS, node)
        for flow_id in list(node.outgoing):
            redraw(scope, replace(scope.flows[flow_id], source=onward.id))
        onward.default, node.default = node.default, None
        add_flow(scope, Flow(source.new_id(f"{node.id}.on"), node.id, onward.id))


def _each(source: Source, draft: Draft, scope: Scope, node: Node, events: list[EventDef]) -> None:
    """One after the other; the event itself stays the last, which for an end event is the one that ends."""
    *before, node.event = sorted(
        events, key=lambda event: _THROWS.index(event.kind) if event.kind in _THROWS else 9
    )
    for event in before:
        throws = insert(scope, source.new_id(f"{node.id}.throw"), NodeKind.THROW, node)
        throws.event = event
        draft.xml[throws.id] = draft.xml[node.id]
        for flow_id in list(node.incoming):
            redraw(scope, replace(scope.flows[flow_id], target=throws.id))
        add_flow(scope, Flow(source.new_id(f"{throws.id}.on"), throws.id, node.id))


def _beside(source: Source, draft: Draft, scope: Scope, node: Node, event: EventDef) -> Node:
    other = replace(node, id=source.new_id(f"{node.id}.or"), event=event, incoming=[], outgoing=[])
    scope.nodes[other.id] = other
    draft.xml[other.id] = draft.xml[node.id]
    return other


def _after_gateway(scope: Scope, node: Node) -> bool:
    """Whether the event is one of the choices of an event-based gateway."""
    before = [scope.nodes[scope.flows[flow].source].kind for flow in node.incoming]
    return NodeKind.EVENT_GATEWAY in before


def _true(text: str | None) -> bool:
    return (text or "").strip() in {"true", "1"}
