"""The oracle: plays BPMN as tokens on the normalised model, written from the standard's text to catch the engine lying.

It is slow, keeps everything in memory, and where BPMN leaves the order of things open it can take any of them
(``order``). It covers what random models use: tasks, gateways, scopes, calls, boundary events, event sub-processes,
many instances, events thrown and caught, compensation and transactions.
"""

import random
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from engine.bpmn import expressions
from engine.bpmn.model import ACTIVITIES, EventKind, Node, NodeKind, Process, Scope
from engine.bpmn.step import World
from tests.oracle.events import Events, undoes_its_scope
from tests.oracle.tokens import Gate, Run, Stuck, Token, Vars

JOINS = (NodeKind.PARALLEL, NodeKind.INCLUSIVE)
LONGEST = 10_000
"""How often a case may move until it waits. No random model that ever waits comes near."""


class Oracle(Events):
    """One case of ``process``; ``called`` are the processes its call activities name."""

    def __init__(
        self,
        process: Process,
        data: Mapping[str, Any],
        world: World,
        *,
        called: Mapping[str, Process] | None = None,
        order: random.Random | None = None,
    ) -> None:
        super().__init__(process, world, called or {}, order)
        self.root = self._open(process.scope, None, dict(data), isolated=True)
        self._settle()

    # What can be seen from outside ------------------------------------------------------------------------

    def tasks(self) -> list[Token]:
        return [t for t in self.live() if t.what == "task"]

    def jobs(self) -> list[Token]:
        return [t for t in self.live() if t.what == "job"]

    def waiting(self, kind: EventKind) -> list[Token]:
        return [t for t in self.live() if t.event and t.event.kind is kind]

    def timers(self) -> list[tuple[datetime, Token]]:
        armed = [(t.timer.at, t) for t in self.waiting(EventKind.TIMER) if t.timer is not None]
        return sorted(armed, key=lambda pair: pair[0])

    def variables(self) -> Vars:
        return self.root.variables

    # What can happen to it --------------------------------------------------------------------------------

    def complete(self, token: Token, answers: Mapping[str, Any]) -> None:
        def done() -> None:
            self.set(token, answers)
            self.leave(token)

        self._move(done)

    def finish_job(self, token: Token, reply: Any) -> None:
        def done() -> None:
            token.local = {**(token.local or {}), "reply": reply}
            service = token.node.service
            if service is not None and service.result_variable:
                self.set_outside(token, {service.result_variable: reply})
            self.leave(token)

        self._move(done)

    def fail_job_if_caught(self, token: Token, code: str, why: str) -> None:
        self._move(lambda: self.raise_from(token, code, why))

    def message(self, token: Token, data: Mapping[str, Any]) -> None:
        self._move(lambda: self.happen(token, data))

    def signal(self, name: str, data: Mapping[str, Any]) -> None:
        self._move(lambda: self.broadcast(name, data))

    def fire(self, token: Token) -> None:
        self._move(lambda: self.happen(token))

    def _move(self, act: Callable[[], Any]) -> None:
        self.taken.clear()
        self.left.clear()
        self.thrown.clear()
        act()
        self._settle()

    # Scopes -----------------------------------------------------------------------------------------------

    def _open(self, scope: Scope, owner: Token | None, variables: Vars, *, isolated: bool = False) -> Run:
        run = Run(scope, owner, variables, isolated)
        if owner is None:
            self.root = run
        else:
            owner.inner = run
        for node in scope.event_sub_processes():
            if undoes_its_scope(node):
                continue
            assert node.scope is not None
            (start,) = node.scope.starts()
            assert start.event is not None
            listener = self.listen(run, node, start.event)
            if start.interrupting and not listener.alive:
                return run  # its condition holds already: it takes the place of the normal course
        for node in scope.starts():
            self.later(self._enter, run, node)
        return run

    def add(self, run: Run, node: Node, what: str, **more: Any) -> Token:
        self.clock += 1
        token = Token(run, node, what, born=self.clock, **more)
        run.tokens.append(token)
        return token

    def kill(self, token: Token) -> None:
        if not token.alive:
            return
        token.alive = False
        token.scope.tokens.remove(token)
        for other in list(token.scope.tokens):
            if other.host is token or other.group is token:
                self.kill(other)
        for run in [token.inner, *token.reopened]:
            if run is not None:
                self.clear(run)
                run.open = False

    def clear(self, run: Run, keep: Token | None = None) -> None:
        for token in list(run.tokens):
            if token is not keep:
                self.kill(token)
        run.arrived.clear()
        self.queue = [(act, args) for act, args in self.queue if args[0] is not run]

    # Tokens -----------------------------------------------------------------------------------------------

    def later(self, act: Callable[..., None], *args: Any) -> None:
        self.queue.append((act, args))

    def go_on(self, run: Run, node: Node, flows: list[str] | None = None) -> None:
        """A token goes on along the flows of a node it has left."""
        for flow_id in node.outgoing if flows is None else flows:
            flow = run.scope.flows[flow_id]
            if flow.element:
                self.taken[flow.element] += 1
            self.later(self._take, run, flow_id)

    def _enter(self, run: Run, node: Node) -> None:
        match node.kind:
            case NodeKind.CATCH if node.event is not None:
                self.listen(run, node, node.event)
            case NodeKind.EVENT_GATEWAY:
                self._wait_for_first(run, node)
            case NodeKind.EXCLUSIVE | NodeKind.INCLUSIVE:
                self._route(run, node)
            case NodeKind.END | NodeKind.THROW if node.event is not None:
                self.throw(self.add(run, node, "activity"), node.event)
            case kind if kind in ACTIVITIES or node.loop is not None or run.scope.boundaries(node.id):
                self._begin_activity(self.add(run, node, "activity"))
            case _:
                self.leave(self.add(run, node, "activity"))

    def _wait_for_first(self, run: Run, node: Node) -> None:
        gate = Gate(node)
        for flow_id in node.outgoing:
            flow = run.scope.flows[flow_id]
            target = run.scope.nodes[flow.target]
            assert target.event is not None
            self.listen(run, target, target.event, gate=gate, via=flow)
            if gate.decided:
                return

    def _begin_activity(self, token: Token) -> None:
        node, loop = token.node, token.node.loop
        if loop is None:
            self._map_in(token)
        else:
            token.what = "group"
        for boundary in token.scope.scope.boundaries(node.id):
            if boundary.event is not None and boundary.event.kind is not EventKind.COMPENSATION:
                self.listen(token.scope, boundary, boundary.event, host=token)
                if not token.alive:
                    return
        if loop is None:
            self.begin(token, mapped=True)
            return
        if loop.collection is not None:
            items = self.value(loop.collection, token)
            if not isinstance(items, list | tuple):
                raise Stuck(f"{node.element}: no list")
            token.items = list(items)
            token.total = len(token.items)
        else:
            assert loop.cardinality is not None
            count = self.value(loop.cardinality, token)
            if isinstance(count, bool) or not str(count).removesuffix(".0").isdigit():
                raise Stuck(f"{node.element}: no number of instances")
            token.total = int(float(count))
        token.results = [None] * token.total
        if token.total == 0:
            self._group_done(token)
        for _ in range(min(token.total, 1) if loop.sequential else token.total):
            self._instance(token)

    def _instance(self, group: Token) -> None:
        index, loop = group.started, group.node.loop
        assert loop is not None
        group.started += 1
        local: Vars = {"loopCounter": index}
        if loop.item and group.items is not None:
            local[loop.item] = group.items[index]
        token = self.add(group.scope, group.node, "activity", group=group, local=local, index=index)
        self.later(self._begin_instance, group.scope, token)

    def _begin_instance(self, _run: Run, token: Token) -> None:
        if token.alive:
            self.begin(token)

    def _map_in(self, token: Token) -> None:
        for rule in token.node.inputs:
            local = token.local = {} if token.local is None else token.local
            if rule.all_variables:
                local.update(self.see(token))
            else:
                local[rule.target] = None if rule.value is None else self.value(rule.value, token)

    def begin(self, token: Token, *, mapped: bool = False) -> None:
        """The work of an activity begins: of a single one, or of one of many instances."""
        node = token.node
        if not mapped:
            self._map_in(token)
        match node.kind:
            case NodeKind.USER_TASK:
                token.what, token.name = "task", self.text(node.name, token)
                self._offer(token)
            case NodeKind.SERVICE_TASK:
                token.what, token.name = "job", self.text(node.name, token)
                for expr in node.service.expressions.values() if node.service else ():
                    self.value(expr, token)
            case NodeKind.RECEIVE_TASK:
                assert node.event is not None
                token.what, token.event = "event", node.event
                self.text(node.name, token)
                token.name = self.text(node.event.name, token)
            case NodeKind.SUB_PROCESS | NodeKind.EVENT_SUB_PROCESS | NodeKind.TRANSACTION:
                assert node.scope is not None
                self._open(node.scope, token, {})
            case NodeKind.CALL_ACTIVITY:
                assert node.called is not None
                given = self.assigned(node.called.inputs, token, self.see(token))
                self._open(self.called[node.called.process].scope, token, given, isolated=True)
            case NodeKind.SCRIPT_TASK:
                assert node.script is not None
                try:
                    found = expressions.execute(node.script, self.see(token), world=self.world)
                except expressions.SandboxError as error:
                    raise Stuck(f"{node.element}: {error.message}") from error
                self.set(token, found)
                self.leave(token)
            case NodeKind.SEND_TASK if node.event is not None:
                self.send(token, node.event)
                self.leave(token)
            case _:
                self.leave(token)

    def _offer(self, token: Token) -> None:
        """What is offered to people must have values, though nobody compares them here."""
        work = token.node.work
        if work is not None:
            single = (work.assignee, work.due, work.follow_up, work.priority)
            for expr in (*single, *work.candidate_users, *work.candidate_groups, *work.excluded):
                if expr is not None:
                    self.value(expr, token)

    def leave(self, token: Token) -> None:
        """The work of a token's node is done."""
        if not token.alive:
            return
        node, run, group = token.node, token.scope, token.group
        for rule in node.outputs:
            if rule.all_variables:
                self.set_outside(token, dict(self.see(token)))
            else:
                found = None if rule.value is None else self.value(rule.value, token)
                self.set_outside(token, {rule.target: found})
        self.remember(token)
        self.passed(token)
        if group is None:
            self.kill(token)
            self.go_on(run, node)
            self.handler_done(token)
            return
        loop = node.loop
        assert loop is not None
        assert token.index is not None
        group.done += 1
        if loop.output_item is not None:
            group.results[token.index] = self.value(loop.output_item, token)
        over = group.done == group.total or (
            loop.completion is not None and self.holds(loop.completion, token)
        )
        self.kill(token)
        if over:
            self._group_done(group)
        elif loop.sequential:
            self._instance(group)

    def _group_done(self, group: Token) -> None:
        loop, run, node = group.node.loop, group.scope, group.node
        assert loop is not None
        if loop.output_collection:
            self.set(group, {loop.output_collection: group.results})
        self.passed(group)
        self.kill(group)
        self.go_on(run, node)
        self.handler_done(group)

    # Gateways ---------------------------------------------------------------------------------------------

    def _take(self, run: Run, flow_id: str) -> None:
        node = run.scope.nodes[run.scope.flows[flow_id].target]
        if node.kind in JOINS and len(node.incoming) > 1:
            waiting = run.arrived.setdefault(node.id, {})
            waiting[flow_id] = waiting.get(flow_id, 0) + 1
            if len(waiting) == len(node.incoming):
                self._join(run, node)
        else:
            self._enter(run, node)

    def _join(self, run: Run, node: Node) -> None:
        left = {flow: count - 1 for flow, count in run.arrived.pop(node.id).items() if count > 1}
        if left:
            run.arrived[node.id] = left
        if node.kind is NodeKind.INCLUSIVE:
            self._route(run, node)
        else:
            self.leave(self.add(run, node, "activity"))

    def _route(self, run: Run, node: Node) -> None:
        token = self.add(run, node, "activity")
        flows = [run.scope.flows[flow] for flow in node.outgoing if flow != node.default]
        holding = (f.id for f in flows if f.condition is None or self.holds(f.condition, token))
        if node.kind is NodeKind.EXCLUSIVE:  # in their order, until one holds
            taken = [flow for flow in [next(holding, None)] if flow is not None]
        else:
            taken = list(holding)
        if not taken and node.default:
            taken = [node.default]
        if not taken:
            raise Stuck(f"{node.element}: no outgoing flow")
        self.passed(token)
        self.kill(token)
        self.go_on(run, node, taken)

    def _blocked(self, run: Run, join: Node) -> bool:
        """BPMN 2.0 §13.4.3: a token blocks if it can reach an empty incoming flow and no filled one, never through the join."""
        filled = run.arrived[join.id]
        into = {flow: self._upstream(run.scope, join, flow) for flow in join.incoming}
        places = [
            t.node.id for t in run.tokens if t.node.kind is not NodeKind.EVENT_SUB_PROCESS and not t.gone_on
        ]
        places += [t.gate.node.id for t in run.tokens if t.gate is not None]
        places += [other for other in run.arrived if other != join.id]
        return any(
            any(place in into[flow] for flow in join.incoming if flow not in filled)
            and not any(place in into[flow] for flow in filled)
            for place in places
        )

    @staticmethod
    def _upstream(scope: Scope, join: Node, flow: str) -> set[str]:
        """Nodes from which a token can come along ``flow`` without passing the join."""
        seen = {scope.flows[flow].source}
        todo = list(seen)
        while todo:
            for incoming in scope.nodes[todo.pop()].incoming:
                before = scope.flows[incoming].source
                if before != join.id and before not in seen:
                    seen.add(before)
                    todo.append(before)
        return seen

    # Until everything waits -------------------------------------------------------------------------------

    def _settle(self) -> None:
        for _ in range(LONGEST):
            if self.queue:
                at = 0 if self.order is None else self.order.randrange(len(self.queue))
                act, args = self.queue.pop(at)
                if args[0].open:
                    act(*args)
            elif not (self._conditions() or self._inclusive_joins() or self._scope_ends()):
                return
        raise Stuck("the model never waits")

    def _conditions(self) -> bool:
        fired = [self.test(t) for t in self.any_order(self.waiting(EventKind.CONDITION)) if t.alive]
        return any(fired)

    def _inclusive_joins(self) -> bool:
        for run in self.any_order(self.runs()) if not self.ended else []:
            for join_id in self.any_order(list(run.arrived)):
                join = run.scope.nodes[join_id]
                if join.kind is NodeKind.INCLUSIVE and not self._blocked(run, join):
                    self._join(run, join)
                    return True
        return False

    def _scope_ends(self) -> bool:
        """Scopes in which nothing is left but what listens end, the innermost first."""
        ended = False
        for run in reversed(self.runs() if not self.ended else []):
            listening = all(
                t.node.kind is NodeKind.EVENT_SUB_PROCESS and t.what == "event" for t in run.tokens
            )
            on_the_way = any(args[0] is run for _, args in self.queue)
            if not run.open or run.arrived or run.for_undo or on_the_way or not listening:
                continue
            self.clear(run)
            run.open = False
            owner = run.owner
            if owner is None:
                self.ended = True
                return False
            if owner.node.called is not None:
                self.set(owner, self.assigned(owner.node.called.outputs, owner, run.variables))
            self.leave(owner)
            ended = True
        return ended
