"""Draws what BPMN leaves implicit: links, compensation, starts, splits, ends, loops, flows side by side."""

import re
from dataclasses import replace

from lxml import etree

from engine.bpmn.model import EventKind, Expr, Flow, MultiInstance, Node, NodeKind, Scope
from engine.bpmn.reading.draft import Draft, add_flow, insert, redraw
from engine.bpmn.reading.events import read_condition
from engine.bpmn.reading.scopes import GATEWAYS
from engine.bpmn.reading.several import spread
from engine.bpmn.reading.source import Source
from engine.bpmn.xml import BPMN, child, local

ALWAYS = Expr(source="true", code="True", constant=True)


def make_explicit(source: Source, draft: Draft) -> None:
    """Bring every scope of ``draft`` to the invariants of ``Scope``; what cannot be is reported."""
    drawn = {node_id for scope, _ in draft.scopes for node_id in scope.nodes}
    associations = _associations(source.root)
    for scope, holder in draft.scopes:
        spread(source, draft, scope, holder)
        _attach(source, draft, scope)
        _links(source, draft, scope)
        _compensation(source, draft, scope, associations)
        _throws_of_compensation(source, draft, scope, drawn)
        _implicit_start(source, draft, scope, holder)
        _defaults(source, draft, scope)
        _splits(source, draft, scope)
        _ends(source, scope)
        _loops(source, draft, scope)
        _side_by_side(source, scope)


def _associations(root: etree._Element) -> dict[str, list[str]]:
    """Both ends of every association by the other end."""
    found: dict[str, list[str]] = {}
    for association in root.iter(f"{{{BPMN}}}association"):
        one, other = (
            (association.get("sourceRef") or "").strip(),
            (association.get("targetRef") or "").strip(),
        )
        found.setdefault(one, []).append(other)
        found.setdefault(other, []).append(one)
    return found


def _attach(source: Source, draft: Draft, scope: Scope) -> None:
    for node in list(scope.nodes.values()):
        if node.kind is not NodeKind.BOUNDARY:
            continue
        host = scope.nodes.get(node.attached_to or "")
        if host is None or not can_carry_boundary(host) or host.is_compensation_handler:
            source.error(
                "boundary_without_host",
                f'The boundary event is attached to "{node.attached_to}", which is no activity of its level. Attach it anew.',
                draft.xml[node.id],
            )
        elif node.event and node.event.kind is EventKind.CANCEL and host.kind is not NodeKind.TRANSACTION:
            source.error(
                "cancel_outside",
                "Only a transaction is cancelled. Use an error event here.",
                draft.xml[node.id],
            )
        elif not node.lane:
            node.lane = host.lane


def can_carry_boundary(node: Node) -> bool:
    return node.kind not in GATEWAYS | {
        NodeKind.START,
        NodeKind.END,
        NodeKind.CATCH,
        NodeKind.THROW,
        NodeKind.BOUNDARY,
        NodeKind.EVENT_SUB_PROCESS,
    }


def _links(source: Source, draft: Draft, scope: Scope) -> None:
    catches: dict[str, str] = {}
    for name, node_id in draft.catches.get(scope.id, []):
        if name in catches:
            source.error(
                "link_twice",
                f'Two catch events are called "{name}". A link has one target.',
                draft.xml[node_id],
            )
        catches.setdefault(name, node_id)
    used = set()
    for name, node_id in draft.throws.get(scope.id, []):
        target = catches.get(name)
        if target is None:
            source.error(
                "link_without_target",
                f'The link "{name}" leads nowhere. Draw a catching link event with this name on the same level.',
                draft.xml[node_id],
            )
        elif scope.nodes[node_id].outgoing:
            source.error(
                "link_with_flow", "A throwing link event has no outgoing flow. Remove it.", draft.xml[node_id]
            )
        else:
            used.add(name)
            add_flow(scope, Flow(source.new_id(f"{node_id}.link"), node_id, target))
    for name, node_id in draft.catches.get(scope.id, []):
        if name not in used:
            source.warn("link_without_source", f'Nothing leads to the link "{name}".', draft.xml[node_id])


def _compensation(source: Source, draft: Draft, scope: Scope, associations: dict[str, list[str]]) -> None:
    for boundary, element in draft.compensations.get(scope.id, {}).items():
        host = scope.nodes.get((element.get("attachedToRef") or "").strip())
        handlers = [scope.nodes[t] for t in associations.get(boundary, []) if t in scope.nodes]
        if host is None or not can_carry_boundary(host):
            source.error(
                "boundary_without_host", "The compensation event is on no activity. Attach it anew.", element
            )
        elif len(handlers) != 1:
            source.error(
                "compensation_without_handler",
                "The compensation event needs one association to the activity that undoes the work. Draw it.",
                element,
            )
        elif host.compensation is not None:
            source.error("compensation_twice", "The activity has two compensation events. Keep one.", element)
        else:
            [handler] = handlers
            if not handler.is_compensation_handler:
                source.warn(
                    "compensation_mark",
                    f'Activity "{handler.element}" undoes work but is not marked "for compensation".',
                    element,
                )
            handler.is_compensation_handler = True
            host.compensation = handler.id
    for node in scope.nodes.values():
        if not node.is_compensation_handler:
            continue
        if node.incoming or node.outgoing:
            source.error(
                "compensation_with_flow",
                "An activity for compensation has no flows. Remove them, or the mark.",
                draft.xml[node.id],
            )


def _throws_of_compensation(source: Source, draft: Draft, scope: Scope, drawn: set[str]) -> None:
    near: set[str] | None = None
    for node in scope.nodes.values():
        wanted = node.event.activity if node.event else None
        if not wanted:
            continue
        near = _levels_compensated(draft, scope) if near is None else near
        if wanted in near:
            continue
        where = "is on another level" if wanted in drawn else "does not exist"
        source.error(
            "compensation_unknown",
            f'The event compensates "{wanted}", which {where}. Choose an activity of its own level.',
            draft.xml[node.id],
        )
    undoers = [n for n in scope.event_sub_processes() if _is_for_compensation(n)]
    for node in undoers[1:]:
        source.error(
            "compensation_twice",
            "This level has two event sub-processes for compensation. Keep one.",
            draft.xml[node.id],
        )


def _is_for_compensation(node: Node) -> bool:
    starts = node.scope.starts() if node.scope is not None else []
    return any(s.event is not None and s.event.kind is EventKind.COMPENSATION for s in starts)


def _levels_compensated(draft: Draft, scope: Scope) -> set[str]:
    """What an event of ``scope`` can compensate: its own level; in an event sub-process, the one around it."""
    near = set(scope.nodes)
    around = {n.scope.id: (outer, n) for outer, _ in draft.scopes for n in outer.nodes.values() if n.scope}
    while scope.id in around and around[scope.id][1].kind is NodeKind.EVENT_SUB_PROCESS:
        scope = around[scope.id][0]
        near |= set(scope.nodes)
    return near


def _implicit_start(source: Source, draft: Draft, scope: Scope, holder: etree._Element) -> None:
    """A level without a start event begins at everything that no flow leads to."""
    if scope.starts() or (holder.get("triggeredByEvent") or "").strip() in {"true", "1"}:
        return
    links = {node_id for _, node_id in draft.catches.get(scope.id, [])}
    first = [
        n
        for n in scope.nodes.values()
        if not n.incoming
        and n.kind not in {NodeKind.BOUNDARY, NodeKind.EVENT_SUB_PROCESS}
        and n.id not in links
        and not n.is_compensation_handler
    ]
    if not first:
        source.error("no_start", f"The {local(holder)} has no beginning. Draw a start event.", holder)
        return
    source.warn(
        "no_start_event",
        f"The {local(holder)} has no start event; it begins at {', '.join(n.element for n in first[:5])}.",
        holder,
    )
    made_for = Node(
        scope.id, NodeKind.START, holder.get("id") or scope.id, holder.sourceline or 0, lane=first[0].lane
    )
    start = insert(scope, source.new_id(f"{scope.id}.start"), NodeKind.START, made_for)
    before = start
    if len(first) > 1:
        before = insert(scope, source.new_id(f"{scope.id}.split"), NodeKind.PARALLEL, made_for)
        add_flow(scope, Flow(source.new_id(f"{start.id}.flow"), start.id, before.id))
    for node in first:
        add_flow(scope, Flow(source.new_id(f"{before.id}.to.{node.id}"), before.id, node.id))


def _defaults(source: Source, draft: Draft, scope: Scope) -> None:
    """A default flow leaves its own node and has no condition of its own."""
    for node in scope.nodes.values():
        if node.default is None:
            continue
        if node.default not in node.outgoing:
            source.error(
                "default_unknown",
                f'The default flow "{node.default}" does not leave this element. Choose one that does.',
                draft.xml[node.id],
            )
            node.default = None
            continue
        flow = scope.flows[node.default]
        if flow.condition is not None:
            source.warn(
                "default_condition",
                "The condition of a default flow is not looked at.",
                draft.flow_xml[flow.id],
            )
            scope.flows[flow.id] = replace(flow, condition=None)


def _splits(source: Source, draft: Draft, scope: Scope) -> None:
    """Several flows, or a conditional one, out of anything but a gateway: a gateway behind it."""
    for node in list(scope.nodes.values()):
        if node.kind in GATEWAYS or not node.outgoing:
            continue
        flows = [scope.flows[f] for f in node.outgoing]
        conditional = any(f.condition for f in flows)
        if len(flows) == 1 and not conditional:
            node.default = None
            continue
        if conditional and (element := draft.xml.get(node.id)) is not None:
            source.warn(
                "implicit_split",
                "Flows with conditions leave this element itself: every flow whose condition holds is taken, and where none "
                "holds the case stops here. Draw a gateway behind it that shows the choice.",
                element,
            )
        kind = NodeKind.INCLUSIVE if conditional else NodeKind.PARALLEL
        gateway = insert(scope, source.new_id(f"{node.id}.split"), kind, node)
        for flow in flows:
            condition = flow.condition
            if conditional and condition is None and flow.id != node.default:
                condition = ALWAYS
            redraw(scope, replace(flow, source=gateway.id, condition=condition))
        if conditional:
            gateway.default = node.default
        node.default = None
        add_flow(scope, Flow(source.new_id(f"{node.id}.out"), node.id, gateway.id))


def _ends(source: Source, scope: Scope) -> None:
    """What has no outgoing flow ends its token."""
    for node in list(scope.nodes.values()):
        if (
            node.outgoing
            or node.is_compensation_handler
            or node.kind in {NodeKind.END, NodeKind.EVENT_SUB_PROCESS}
        ):
            continue
        end = insert(scope, source.new_id(f"{node.id}.end"), NodeKind.END, node)
        add_flow(scope, Flow(source.new_id(f"{node.id}.out"), node.id, end.id))


def _loops(source: Source, draft: Draft, scope: Scope) -> None:
    """A standard loop is an exclusive gateway behind (or before) its activity that leads back to it."""
    for node in list(scope.nodes.values()):
        element = draft.xml.get(node.id)
        marker = child(element, "standardLoopCharacteristics") if element is not None else None
        if element is None or marker is None:
            continue
        condition = child(marker, "loopCondition")
        again = read_condition(source, condition, element) if condition is not None else None
        unconditioned = condition is None or not (condition.text or "").strip()
        before = (marker.get("testBefore") or "").strip() in {"true", "1"}
        most = (marker.get("loopMaximum") or "").strip()
        if most and _bounded_loop(source, node, element, most, again):
            if before and again is not None:
                _test_first(source, scope, node, again)
            continue
        if unconditioned and not most:
            source.error(
                "loop_without_condition", "The loop has no condition. Write when it goes on.", element
            )
        if again is None or most or not node.outgoing:
            continue
        gateway = insert(scope, source.new_id(f"{node.id}.loop"), NodeKind.EXCLUSIVE, node)
        if before:
            for flow_id in list(node.incoming):
                redraw(scope, replace(scope.flows[flow_id], target=gateway.id))
        [leaving] = node.outgoing
        redraw(scope, replace(scope.flows[leaving], source=gateway.id))
        gateway.default = leaving
        add_flow(scope, Flow(source.new_id(f"{gateway.id}.test"), node.id, gateway.id))
        add_flow(scope, Flow(source.new_id(f"{gateway.id}.again"), gateway.id, node.id, condition=again))


def _bounded_loop(source: Source, node: Node, element: etree._Element, most: str, again: Expr | None) -> bool:
    """A standard loop with a maximum is instances one after another, at most so many; False when it is not understood."""
    if not re.fullmatch(r"[1-9][0-9]{0,3}", most):
        source.error(
            "loop_maximum", f'loopMaximum="{most}" is no number from 1 to 9999. Write for example 3.', element
        )
        return False
    if node.loop is not None:
        source.error("loop_maximum", "The activity is marked with two kinds of loops. Keep one.", element)
        return False
    count = Expr(source=most, code=most, constant=True)
    node.loop = MultiInstance(sequential=True, cardinality=count, again=again)
    return True


def _test_first(source: Source, scope: Scope, node: Node, again: Expr) -> None:
    """The loop's condition is also asked before the first round: a way past the activity."""
    gateway = insert(scope, source.new_id(f"{node.id}.loop"), NodeKind.EXCLUSIVE, node)
    behind = insert(scope, source.new_id(f"{node.id}.on"), NodeKind.PASS, node)
    for flow_id in list(node.incoming):
        redraw(scope, replace(scope.flows[flow_id], target=gateway.id))
    for flow_id in list(node.outgoing):
        redraw(scope, replace(scope.flows[flow_id], source=behind.id))
    add_flow(scope, Flow(source.new_id(f"{gateway.id}.again"), gateway.id, node.id, condition=again))
    past = Flow(source.new_id(f"{gateway.id}.past"), gateway.id, behind.id)
    gateway.default = past.id
    add_flow(scope, past)
    add_flow(scope, Flow(source.new_id(f"{node.id}.done"), node.id, behind.id))


def _side_by_side(source: Source, scope: Scope) -> None:
    """Several flows between the same two nodes: each further one passes through a node of its own."""
    seen: set[tuple[str, str]] = set()
    for flow in list(scope.flows.values()):
        ends = (flow.source, flow.target)
        if ends in seen:
            between = insert(
                scope, source.new_id(f"{flow.id}.pass"), NodeKind.EXCLUSIVE, scope.nodes[flow.source]
            )
            redraw(scope, replace(flow, target=between.id))
            add_flow(scope, Flow(source.new_id(f"{flow.id}.on"), between.id, flow.target))
        seen.add(ends)
