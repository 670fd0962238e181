"""What BPMN lets start a case besides start events: receive tasks and event-based gateways that instantiate."""

from engine.bpmn.model import EventKind, Node, NodeKind, Process, Scope
from engine.bpmn.reading.draft import Draft
from engine.bpmn.reading.source import Source
from engine.bpmn.support import REFUSED

STARTS = frozenset({EventKind.MESSAGE, EventKind.SIGNAL, EventKind.TIMER})


def start_by_receiving(source: Source, process: Process, draft: Draft) -> None:
    """Make start events of them: of the task itself, and of each event behind the gateway. What cannot be is reported."""
    for scope, node in draft.instantiating:
        events = [node] if node.kind is NodeKind.RECEIVE_TASK else _behind(scope, node)
        bare = (
            scope is process.scope and not node.incoming and all(_may_start(scope, e, node) for e in events)
        )
        if not bare:
            source.error("not_supported", REFUSED["instantiate"], draft.xml[node.id])
            continue
        if node.kind is NodeKind.EVENT_GATEWAY:
            _take_out(scope, node)
        for event in events:
            event.kind = NodeKind.START


def _behind(scope: Scope, gateway: Node) -> list[Node]:
    return [scope.nodes[scope.flows[flow].target] for flow in gateway.outgoing]


def _may_start(scope: Scope, node: Node, gateway: Node) -> bool:
    """A message, signal or time that nothing but the gateway leads to, and that is nothing else besides."""
    return (
        node.kind in {NodeKind.CATCH, NodeKind.RECEIVE_TASK}
        and node.event is not None
        and node.event.kind in STARTS
        and node.loop is None
        and not node.inputs
        and not scope.boundaries(node.id)
        and all(scope.flows[flow].source == gateway.id for flow in node.incoming)
    )


def _take_out(scope: Scope, gateway: Node) -> None:
    for flow_id in gateway.outgoing:
        flow = scope.flows.pop(flow_id)
        scope.nodes[flow.target].incoming.remove(flow_id)
    del scope.nodes[gateway.id]
