"""A process while it is being read: its scopes, and which element of the file each node came from."""

from dataclasses import dataclass, field

from lxml import etree

from engine.bpmn.model import EventDef, Flow, Node, NodeKind, Scope


@dataclass(slots=True)
class Draft:
    """Of one process.

    Attributes:
        scopes: every scope, outer before inner, with the element it was read from.
        xml: node id → element in the file (not for inserted nodes).
        flow_xml: flow id → element in the file.
        throws, catches: the link events of a scope, as (link name, node id).
        compensations: boundary id → its element, for compensation boundaries, which become no node.
        several: node id → its events, for an event with several definitions.
        instantiating: receive tasks and event-based gateways that are drawn to start the case, with their scope.
    """

    scopes: list[tuple[Scope, etree._Element]] = field(default_factory=list)
    xml: dict[str, etree._Element] = field(default_factory=dict)
    flow_xml: dict[str, etree._Element] = field(default_factory=dict)
    throws: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    catches: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    compensations: dict[str, dict[str, etree._Element]] = field(default_factory=dict)
    several: dict[str, list[EventDef]] = field(default_factory=dict)
    instantiating: list[tuple[Scope, Node]] = field(default_factory=list)


def add_flow(scope: Scope, flow: Flow) -> None:
    """Put ``flow`` into its scope and tell both ends."""
    scope.flows[flow.id] = flow
    scope.nodes[flow.source].outgoing.append(flow.id)
    scope.nodes[flow.target].incoming.append(flow.id)


def redraw(scope: Scope, flow: Flow) -> None:
    """Put a flow with a new source or target in the place of the one with its id."""
    old = scope.flows[flow.id]
    if old.source != flow.source:
        scope.nodes[old.source].outgoing.remove(flow.id)
        scope.nodes[flow.source].outgoing.append(flow.id)
    if old.target != flow.target:
        scope.nodes[old.target].incoming.remove(flow.id)
        scope.nodes[flow.target].incoming.append(flow.id)
    scope.flows[flow.id] = flow


def insert(scope: Scope, node_id: str, kind: NodeKind, made_for: Node) -> Node:
    """A node that BPMN leaves implicit, drawn for ``made_for``."""
    node = Node(
        id=node_id,
        kind=kind,
        element=made_for.element,
        line=made_for.line,
        lane=made_for.lane,
        synthetic=True,
    )
    scope.nodes[node_id] = node
    return node
