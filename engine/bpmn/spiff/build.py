"""From the model to the spec graph: every scope of the process and of those it calls, without recursion."""

from collections.abc import Callable

from engine.bpmn.library import Deployed, Library
from engine.bpmn.model import Called, EventKind, Node, NodeKind, Scope
from engine.bpmn.spiff.activities import ActivitySpec
from engine.bpmn.spiff.complex import ComplexSpec
from engine.bpmn.spiff.decision_task import DecisionTaskSpec
from engine.bpmn.spiff.events import BoundarySpec, CatchSpec
from engine.bpmn.spiff.gateways import (
    EventGatewaySpec,
    ExclusiveSpec,
    InclusiveSpec,
    ParallelSpec,
    find_upstream,
)
from engine.bpmn.spiff.multi import EACH, MultiSpec
from engine.bpmn.spiff.scopes import CallSpec, CompensationSpec, EventSubProcessSpec, SubProcessSpec
from engine.bpmn.spiff.specs import NodeSpec, ScopeSpec, StartSpec
from engine.bpmn.spiff.tasks import ReceiveTaskSpec, ScriptTaskSpec, SendTaskSpec, ServiceTaskSpec
from engine.bpmn.spiff.throws import EndSpec, ThrowSpec
from engine.bpmn.spiff.user_task import UserTaskSpec

CALLED = "@"
"""Begins the key of a called process's scopes, so that a process that calls itself stays apart from its caller."""

_ACTIVITIES: dict[NodeKind, type[ActivitySpec]] = {
    NodeKind.USER_TASK: UserTaskSpec,
    NodeKind.RECEIVE_TASK: ReceiveTaskSpec,
    NodeKind.SEND_TASK: SendTaskSpec,
    NodeKind.SERVICE_TASK: ServiceTaskSpec,
    NodeKind.SCRIPT_TASK: ScriptTaskSpec,
    NodeKind.DECISION_TASK: DecisionTaskSpec,
    NodeKind.SUB_PROCESS: SubProcessSpec,
    NodeKind.TRANSACTION: SubProcessSpec,
    NodeKind.CALL_ACTIVITY: CallSpec,
    NodeKind.PASS: ActivitySpec,
}
_OTHERS: dict[NodeKind, Callable[[ScopeSpec, Node], NodeSpec]] = {
    NodeKind.START: StartSpec,
    NodeKind.END: EndSpec,
    NodeKind.CATCH: CatchSpec,
    NodeKind.THROW: ThrowSpec,
    NodeKind.BOUNDARY: BoundarySpec,
    NodeKind.EVENT_SUB_PROCESS: EventSubProcessSpec,
    NodeKind.EXCLUSIVE: ExclusiveSpec,
    NodeKind.PARALLEL: ParallelSpec,
    NodeKind.INCLUSIVE: InclusiveSpec,
    NodeKind.EVENT_GATEWAY: EventGatewaySpec,
    NodeKind.COMPLEX: ComplexSpec,
}


def build_specs(own: Deployed, called: Library) -> dict[str, ScopeSpec]:
    """Every scope by its key; the case's own is its process's key.

    Raises:
        ValueError: a process is called that was not given, or one without a plain start event, or the model breaks an invariant of ``engine.bpmn.model``.
    """
    main = own.process.key
    library = {main: own, **called}
    specs: dict[str, ScopeSpec] = {}
    todo: list[tuple[str, str, Deployed, Scope]] = [(main, main, own, own.process.scope)]
    # also what nothing calls any more: a case may be inside a version that was the newest when it was called
    todo += [(CALLED + name, name, deployed, deployed.process.scope) for name, deployed in called.items()]
    while todo:
        key, name, deployed, scope = todo.pop()
        if key in specs:
            continue
        specs[key] = spec = _build_scope(ScopeSpec(key, name, scope, deployed))
        for node in scope.nodes.values():
            if node.scope is not None:
                todo.append((_inner(spec, node), name, deployed, node.scope))
            elif node.called is not None:
                wanted = _called_by(spec, node.id, node.called)
                if wanted not in library:
                    raise ValueError(f"{node.element} calls the process {wanted!r}, which is not there")
                if not library[wanted].process.scope.plain_starts():
                    raise ValueError(
                        f"{node.element} calls the process {wanted!r}, which has no plain start event"
                    )
                todo.append((CALLED + wanted, wanted, library[wanted], library[wanted].process.scope))
    return specs


def _called_by(scope: ScopeSpec, node: str, called: Called) -> str:
    """Name in the library of what a call activity calls."""
    return scope.deployed.calls.get(node, called.process)


def _inner(scope: ScopeSpec, node: Node) -> str:
    """Key of the scope inside a node; node ids are unique in a process."""
    if node.called is not None:
        return CALLED + _called_by(scope, node.id, node.called)
    prefix = CALLED + scope.process if scope.key.startswith(CALLED) else scope.process
    return f"{prefix}/{node.id}"


def _build_scope(spec: ScopeSpec) -> ScopeSpec:
    scope = spec.scope
    for node in scope.nodes.values():
        _build_node(spec, node)
    for node in scope.nodes.values():
        built = spec.spec(node.id)
        for flow_id in node.outgoing:
            built.link(scope.flows[flow_id])
        if node.attached_to is not None:
            host = spec.spec(node.attached_to)
            if not isinstance(host, ActivitySpec):
                raise ValueError(f"{node.element} is attached to {host.node.element}, which is no activity")
            host.boundaries.append(node.id)
        if isinstance(built, InclusiveSpec):
            find_upstream(built, scope.nodes, scope.flows)
    return spec


def _build_node(scope: ScopeSpec, node: Node) -> None:
    spec: NodeSpec
    if node.kind in _ACTIVITIES:
        kind = _ACTIVITIES[node.kind]
        if node.loop is None:
            spec = kind(scope, node)
            _set_inner(scope, spec)
        else:
            spec = MultiSpec(scope, node)
            _set_inner(scope, kind(scope, node, name=node.id + EACH, each=True))
    else:
        kind_ = CompensationSpec if _undoes(node) else _OTHERS[node.kind]
        spec = kind_(scope, node)
        _set_inner(scope, spec)
    if isinstance(spec, EventSubProcessSpec):
        scope.listeners.append(spec)
    elif isinstance(spec, CompensationSpec):
        scope.undoer = spec
    elif isinstance(spec, StartSpec):
        scope.starts.append(spec)


def _undoes(node: Node) -> bool:
    """Whether it is a compensation event sub-process."""
    starts = node.scope.starts() if node.kind is NodeKind.EVENT_SUB_PROCESS and node.scope else []
    return any(start.event is not None and start.event.kind is EventKind.COMPENSATION for start in starts)


def _set_inner(scope: ScopeSpec, spec: NodeSpec) -> None:
    if isinstance(spec, SubProcessSpec | CallSpec | EventSubProcessSpec | CompensationSpec):
        spec.inner = _inner(scope, spec.node)
