"""Gateways: joins count tokens by incoming flow; nothing looks at where a token came from before that."""

from collections import deque
from collections.abc import Iterable

from engine.bpmn.model import Flow, ListenerEvent, Node
from engine.bpmn.spiff.data import failed, holds
from engine.bpmn.spiff.events import ListenerSpec
from engine.bpmn.spiff.listeners import notify
from engine.bpmn.spiff.specs import NodeSpec, ScopeSpec
from engine.bpmn.spiff.tokens import COMPLETED, STARTED, WAITING, Case, Scope, Token


class ExclusiveSpec(NodeSpec):
    """Passes each token on over the first flow whose condition holds, else over the default."""

    def _run_hook(self, my_task: Token) -> bool | None:
        notify(my_task, ListenerEvent.START)
        my_task.chosen = choose(my_task, self.exits, self.node.default, only_first=True)
        return True


def choose(token: Token, exits: list[Flow], default: str | None, *, only_first: bool) -> tuple[Flow, ...]:
    """The flows to take. A flow without condition that is not the default holds.

    Raises:
        StepFailed: ``no_outgoing_flow``.
    """
    chosen: list[Flow] = []
    for flow in exits:
        if flow.id != default and (flow.condition is None or holds(token, flow.condition)):
            chosen.append(flow)
            if only_first:
                break
    if not chosen:
        chosen = [flow for flow in exits if flow.id == default]
    if not chosen:
        cause = "no condition of its outgoing flows holds and there is no default flow"
        raise failed(token, "no_outgoing_flow", cause)
    return tuple(chosen)


class JoinSpec(NodeSpec):
    """A gateway whose tokens wait for each other.

    Attributes:
        entries: ids of the incoming flows.
    """

    def __init__(self, scope: ScopeSpec, node: Node) -> None:
        super().__init__(scope, node)
        self.entries: tuple[str, ...] = tuple(node.incoming)

    def is_under_way(self, token: Token) -> bool:
        return False

    def _update_hook(self, my_task: Token) -> bool:
        notify(my_task, ListenerEvent.START)
        if len(self.entries) < 2:
            return True
        queues = my_task.workflow.queues_at(self)
        my_task._set_state(WAITING)
        queues.setdefault(my_task.internal_data["via"], deque()).append(my_task)
        arrived = self.arrivals(my_task.workflow)
        if len(arrived) == len(self.entries):
            self.join(arrived)
        return False

    def arrivals(self, scope: Scope) -> dict[str, Token]:
        """The oldest token at each incoming flow that has one."""
        found: dict[str, Token] = {}
        for via, queue in scope.queues_at(self).items():
            while queue and not queue[0].is_waiting:
                queue.popleft()
            if queue:
                found[via] = queue[0]
        return found

    def join(self, arrived: dict[str, Token]) -> None:
        """One token of each flow becomes one token; later ones stay for the next round."""
        first, *others = sorted(arrived.values(), key=lambda token: token.order)
        for token in others:
            token._set_state(COMPLETED)
            token.drop()
        first._ready()


class ParallelSpec(JoinSpec):
    """Waits for a token on every incoming flow, then sends one over every outgoing flow."""

    def _run_hook(self, my_task: Token) -> bool | None:
        return True


class InclusiveSpec(JoinSpec):
    """Joins by the rule of BPMN 2.0 (13.3.4), splits over every flow whose condition holds.

    Attributes:
        upstream: for each incoming flow the nodes from which a token could come over it, never through this gateway.
    """

    upstream: dict[str, frozenset[str]]

    def _run_hook(self, my_task: Token) -> bool | None:
        my_task.chosen = choose(my_task, self.exits, self.node.default, only_first=False)
        return True

    def try_join(self, scope: Scope) -> bool:
        """Join if no further token can come. True when it did."""
        arrived = self.arrivals(scope)
        may = self.nothing_comes(scope, [flow for flow in self.entries if flow not in arrived], arrived)
        if may:
            self.join(arrived)
        return may

    def nothing_comes(self, scope: Scope, to: Iterable[str], arrived: Iterable[str]) -> bool:
        """No token can still reach one of the empty flows ``to``, unless it can as well reach a filled one."""
        empty = [self.upstream[flow] for flow in to]
        filled = [self.upstream[flow] for flow in arrived]
        for token in scope.tokens():
            spec = token.task_spec
            if spec is self or isinstance(spec, ListenerSpec) or spec.is_spent(token):
                continue
            at = spec.node.id
            if any(at in nodes for nodes in empty) and not any(at in nodes for nodes in filled):
                return False
        return True


def join_inclusive(case: Case) -> bool:
    """Fire one inclusive (or complex) join that no token can reach any more. True when one fired; asked when nothing else moves."""
    for scope in case.scopes.values():
        seen: set[str] = set()
        for token in scope.tokens():
            spec = token.task_spec
            if isinstance(spec, InclusiveSpec) and token.is_waiting and spec.name not in seen:
                seen.add(spec.name)
                if spec.try_join(scope):
                    return True
    return False


def find_upstream(spec: InclusiveSpec, nodes: dict[str, Node], flows: dict[str, Flow]) -> None:
    """Fill ``upstream`` of a join once its scope is built."""
    spec.upstream = {}
    for entry in spec.entries:
        source = flows[entry].source
        found, todo = {source}, [source]
        while todo:
            for flow_id in nodes[todo.pop()].incoming:
                before = flows[flow_id].source
                if before != spec.node.id and before not in found:
                    found.add(before)
                    todo.append(before)
        spec.upstream[entry] = frozenset(found)


class EventGatewaySpec(NodeSpec):
    """Waits for the first of the events behind it; they are parts of its token until one happens."""

    def _run_hook(self, my_task: Token) -> bool | None:
        notify(my_task, ListenerEvent.START)
        my_task._set_state(STARTED)
        for flow in self.exits:
            my_task.add(self.scope.spec(flow.target), via=flow.id).enter()
            if not my_task.is_live:
                break  # a condition behind it already holds
        return None
