"""The oracle: plays BPMN as tokens on the normalised model, written apart from the engine to catch it lying.

It shares with the engine only the model it reads and the expression door. It is slow, keeps everything in memory and
covers what random models use: tasks, gateways, scopes, boundary events, event sub-processes, multi-instance, events.
"""

from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.bpmn import expressions, times
from engine.bpmn.model import (
    ACTIVITIES,
    Assignment,
    EventDef,
    EventKind,
    Expr,
    Node,
    NodeKind,
    Process,
    Scope,
)
from engine.bpmn.step import World

Vars = dict[str, Any]
JOINS = (NodeKind.PARALLEL, NodeKind.INCLUSIVE)


class Stuck(Exception):
    """The model cannot go on: no outgoing flow, or an unknown subscription."""


@dataclass(eq=False)
class Token:
    scope: "Run"
    node: Node
    what: str  # activity | task | job | event | group
    host: "Token | None" = None  # the activity this boundary event watches
    group: "Token | None" = None  # the multi-instance this is an instance of
    gate: object = None  # event-based gateway: siblings with the same gate die together
    local: Vars | None = None
    inner: "Run | None" = None
    event: EventDef | None = None
    name: str | None = None
    timer: times.Due | None = None
    was_true: bool = False
    index: int | None = None
    total: int = 0
    started: int = 0
    done: int = 0
    items: list[Any] | None = None
    results: list[Any] = field(default_factory=list)
    alive: bool = True


@dataclass(eq=False)
class Run:
    """A running scope."""

    scope: Scope
    owner: Token | None
    variables: Vars = field(default_factory=dict)
    isolated: bool = False
    tokens: list[Token] = field(default_factory=list)
    arrived: dict[str, dict[str, int]] = field(default_factory=dict)  # join id → flow id → tokens waiting
    open: bool = True


class Oracle:
    """One case of ``process``; ``called`` are the processes its call activities name."""

    def __init__(
        self,
        process: Process,
        data: Mapping[str, Any],
        world: World,
        *,
        called: Mapping[str, Process] | None = None,
    ) -> None:
        self.called = dict(called or {})
        self.world = world
        self.queue: list[tuple[Callable[..., None], tuple[Any, ...]]] = []
        self.ended = False
        self.root = self._open(process.scope, None, dict(data), isolated=True)
        self._settle()

    # What can be seen from outside ------------------------------------------------------------------------

    def live(self) -> Iterator[Token]:
        def inside(run: Run) -> Iterator[Token]:
            for token in list(run.tokens):
                yield token
                if token.inner is not None:
                    yield from inside(token.inner)

        if not self.ended:
            yield from inside(self.root)

    def tasks(self) -> list[Token]:
        return sorted((t for t in self.live() if t.what == "task"), key=self._key)

    def jobs(self) -> list[Token]:
        return sorted((t for t in self.live() if t.what == "job"), key=self._key)

    def waiting(self, kind: EventKind) -> list[Token]:
        return sorted((t for t in self.live() if t.event and t.event.kind is kind), key=self._key)

    def timers(self) -> list[tuple[datetime, Token]]:
        armed = [(t.timer.at, t) for t in self.waiting(EventKind.TIMER) if t.timer is not None]
        return sorted(armed, key=lambda pair: (pair[0], self._key(pair[1])))

    def variables(self) -> Vars:
        return self.root.variables

    def _key(self, token: Token) -> tuple[Any, ...]:
        return (token.node.element, self.path(token))

    @staticmethod
    def path(token: Token) -> list[int]:
        """Loop counters from the outermost multi-instance inwards: tells instances of one element apart."""
        found: list[int] = []
        at: Token | None = token
        while at is not None:
            found += [at.index] if at.index is not None else []
            at = at.host if at.host is not None else at.scope.owner
        return found[::-1]

    # What can happen to it --------------------------------------------------------------------------------

    def complete(self, token: Token, answers: Mapping[str, Any]) -> None:
        self._set(token, answers)
        self._leave(token)
        self._settle()

    def finish_job(self, token: Token, reply: Any) -> None:
        token.local = {**(token.local or {}), "reply": reply}
        service = token.node.service
        if service is not None and service.result_variable:
            self._set_outside(token, {service.result_variable: reply})
        self._leave(token)
        self._settle()

    def fail_job_if_caught(self, token: Token, code: str) -> bool:
        caught = self._raise_from(token, code)
        self._settle()
        return caught

    def message(self, token: Token, data: Mapping[str, Any]) -> None:
        self._fire(token, data)
        self._settle()

    def signal(self, name: str, data: Mapping[str, Any]) -> None:
        self._broadcast(name, data)
        self._settle()

    def fire(self, token: Token) -> None:
        self._fire(token)
        self._settle()

    # Variables --------------------------------------------------------------------------------------------

    def _chain(self, token: Token | None) -> Iterator[Vars]:
        while token is not None:
            if token.local is not None:
                yield token.local
            if token.group is not None:
                group = token.group
                yield {
                    "nrOfInstances": group.total,
                    "nrOfCompletedInstances": group.done,
                    "nrOfActiveInstances": group.started - group.done,
                }
            run = token.scope
            yield run.variables
            token = None if run.isolated else run.owner

    def _see(self, token: Token) -> Mapping[str, Any]:
        return ChainMap(*self._chain(token))

    def _value(self, expr: Expr, token: Token) -> Any:
        return expressions.evaluate(expr, self._see(token), world=self.world)

    def _set(self, token: Token, values: Mapping[str, Any]) -> None:
        self._write(list(self._chain(token)), values)

    def _set_outside(self, token: Token, values: Mapping[str, Any]) -> None:
        """Past the token's own locals (an output mapping writes where the activity lives)."""
        chain = list(self._chain(token))
        own = 1 if token.local is not None else 0
        self._write(chain[own:], values)

    @staticmethod
    def _write(chain: list[Vars], values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            next((place for place in chain if name in place), chain[-1])[name] = value

    def _assign(self, rules: tuple[Assignment, ...], token: Token, source: Mapping[str, Any]) -> Vars:
        found: Vars = {}
        for rule in rules:
            if rule.all_variables:
                found.update(source)
            elif rule.value is not None:
                found[rule.target] = expressions.evaluate(rule.value, {**source, **found}, world=self.world)
        return found

    # Scopes -----------------------------------------------------------------------------------------------

    def _open(self, scope: Scope, owner: Token | None, variables: Vars, *, isolated: bool = False) -> Run:
        run = Run(scope, owner, variables, isolated)
        if owner is not None:
            owner.inner = run
        for node in scope.event_sub_processes():
            assert node.scope is not None
            (start,) = node.scope.starts()
            assert start.event is not None
            self._listen(run, node, start.event)
        for node in scope.starts():
            self._later(self._enter, run, node)
        return run

    def _add(self, run: Run, node: Node, what: str, **more: Any) -> Token:
        token = Token(run, node, what, **more)
        run.tokens.append(token)
        return token

    def _kill(self, token: Token) -> None:
        if not token.alive:
            return
        token.alive = False
        token.scope.tokens.remove(token)
        for other in list(token.scope.tokens):
            if other.host is token or other.group is token:
                self._kill(other)
        if token.inner is not None:
            self._clear(token.inner)
            token.inner.open = False

    def _clear(self, run: Run, keep: Token | None = None) -> None:
        for token in list(run.tokens):
            if token is not keep:
                self._kill(token)
        run.arrived.clear()
        self.queue = [(act, args) for act, args in self.queue if args[0] is not run]

    # Tokens -----------------------------------------------------------------------------------------------

    def _later(self, act: Callable[..., None], *args: Any) -> None:
        self.queue.append((act, args))

    def _enter(self, run: Run, node: Node) -> None:
        match node.kind:
            case NodeKind.CATCH if node.event is not None:
                self._listen(run, node, node.event)
            case NodeKind.EVENT_GATEWAY:
                gate = object()
                for flow in node.outgoing:
                    target = run.scope.nodes[run.scope.flows[flow].target]
                    assert target.event is not None
                    self._listen(run, target, target.event, gate=gate)
            case NodeKind.EXCLUSIVE | NodeKind.INCLUSIVE:
                self._route(self._add(run, node, "activity"))
            case NodeKind.END | NodeKind.THROW if node.event is not None:
                self._throw(self._add(run, node, "activity"), node.event)
            case kind if kind in ACTIVITIES or node.loop is not None or run.scope.boundaries(node.id):
                self._begin_activity(self._add(run, node, "activity"))
            case _:
                self._leave(self._add(run, node, "activity"))

    def _begin_activity(self, token: Token) -> None:
        node, loop = token.node, token.node.loop
        for boundary in token.scope.scope.boundaries(node.id):
            if boundary.event is not None and boundary.event.kind is not EventKind.COMPENSATION:
                self._listen(token.scope, boundary, boundary.event, host=token)
        if not token.alive:
            return
        if loop is None:
            self._begin(token)
            return
        token.what = "group"
        if loop.collection is not None:
            token.items = list(self._value(loop.collection, token))
            token.total = len(token.items)
        else:
            assert loop.cardinality is not None
            token.total = int(self._value(loop.cardinality, token))
        token.results = [None] * token.total
        if token.total == 0:
            self._leave(token)
        for _ in range(min(token.total, 1) if loop.sequential else token.total):
            self._instance(token)

    def _instance(self, group: Token) -> None:
        index, loop = group.started, group.node.loop
        assert loop is not None
        group.started += 1
        local: Vars = {"loopCounter": index}
        if loop.item and group.items is not None:
            local[loop.item] = group.items[index]
        self._begin(self._add(group.scope, group.node, "activity", group=group, local=local, index=index))

    def _begin(self, token: Token) -> None:
        node = token.node
        if node.inputs:
            token.local = {**(token.local or {}), **self._assign(node.inputs, token, dict(self._see(token)))}
        match node.kind:
            case NodeKind.USER_TASK:
                token.what = "task"
            case NodeKind.SERVICE_TASK:
                token.what = "job"
            case NodeKind.RECEIVE_TASK:
                assert node.event is not None
                token.what, token.event = "event", node.event
                token.name = self._event_name(node.event, token)
            case NodeKind.SUB_PROCESS | NodeKind.EVENT_SUB_PROCESS | NodeKind.TRANSACTION:
                assert node.scope is not None
                self._open(node.scope, token, {})
            case NodeKind.CALL_ACTIVITY:
                assert node.called is not None
                given = self._assign(node.called.inputs, token, dict(self._see(token)))
                self._open(self.called[node.called.process].scope, token, given, isolated=True)
            case NodeKind.SCRIPT_TASK:
                assert node.script is not None
                self._set(token, expressions.execute(node.script, self._see(token), world=self.world))
                self._later(self._leave_in, token.scope, token)
            case _:
                self._later(self._leave_in, token.scope, token)

    def _leave_in(self, _run: Run, token: Token) -> None:
        self._leave(token)

    def _leave(self, token: Token) -> None:
        if not token.alive:
            return
        node, run, group = token.node, token.scope, token.group
        if token.what != "group" and node.outputs:
            values = self._assign(node.outputs, token, dict(self._see(token)))
            self._set_outside(token, values)
        if group is not None:
            loop = node.loop
            assert loop is not None
            assert token.index is not None
            if loop.output_item is not None:
                group.results[token.index] = self._value(loop.output_item, token)
            group.done += 1
            over = group.done == group.total or (
                loop.completion is not None and bool(self._value(loop.completion, token))
            )
            self._kill(token)
            if over:
                for other in [t for t in run.tokens if t.group is group]:
                    self._kill(other)
                if loop.output_collection:
                    self._set(group, {loop.output_collection: group.results})
                self._leave(group)
            elif loop.sequential:
                self._instance(group)
            return
        self._kill(token)
        for flow in node.outgoing:
            self._later(self._take, run, flow)

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
        token = self._add(run, node, "activity")
        if node.kind is NodeKind.INCLUSIVE:
            self._route(token)
        else:
            self._leave(token)

    def _route(self, token: Token) -> None:
        node, run = token.node, token.scope
        flows = [run.scope.flows[flow] for flow in node.outgoing]
        if len(flows) == 1 and flows[0].condition is None:
            self._leave(token)
            return
        taken = [
            f
            for f in flows
            if f.id != node.default and f.condition is not None and self._value(f.condition, token)
        ]
        if node.kind is NodeKind.EXCLUSIVE:
            taken = taken[:1]
        if not taken and node.default:
            taken = [run.scope.flows[node.default]]
        if not taken:
            raise Stuck(f"{node.element}: no outgoing flow")
        self._kill(token)
        for flow in taken:
            self._later(self._take, run, flow.id)

    def _blocked(self, run: Run, join: Node) -> bool:
        """BPMN 2.0 §13.4.3: a token blocks if it can reach an empty incoming flow and no filled one, never through the join."""
        filled = run.arrived[join.id]
        into = {flow: self._upstream(run.scope, join, flow) for flow in join.incoming}
        places = [t.node.id for t in run.tokens if t.node.kind is not NodeKind.EVENT_SUB_PROCESS]
        places += [t.host.node.id for t in run.tokens if t.host is not None]
        places += [other for other in run.arrived if other != join.id]
        return any(
            any(place in into[flow] for flow in join.incoming if flow not in filled)
            and not any(place in into[flow] for flow in filled)
            for place in places
        )

    @staticmethod
    def _upstream(scope: Scope, join: Node, flow: str) -> set[str]:
        """Nodes from which a token can come along ``flow`` without passing the join; a boundary event leads back to its host."""
        seen = {scope.flows[flow].source}
        todo = list(seen)
        while todo:
            node = scope.nodes[todo.pop()]
            before = [scope.flows[f].source for f in node.incoming]
            before += [node.attached_to] if node.attached_to else []
            for each in before:
                if each != join.id and each not in seen:
                    seen.add(each)
                    todo.append(each)
        return seen

    # Events -----------------------------------------------------------------------------------------------

    def _event_name(self, event: EventDef, token: Token) -> str | None:
        return None if event.name is None else str(self._value(event.name, token))

    def _listen(self, run: Run, node: Node, event: EventDef, **more: Any) -> Token:
        token = self._add(run, node, "event", event=event, **more)
        base = token.host or token
        if event.kind is EventKind.TIMER:
            if token.timer is None:
                assert event.timer_kind is not None
                assert event.timer is not None
                token.timer = times.due(event.timer_kind, self._value(event.timer, base), self.world)
        elif event.kind is EventKind.CONDITION:
            self._test(token)
        else:
            token.name = self._event_name(event, base)
        return token

    def _test(self, token: Token) -> bool:
        assert token.event is not None
        assert token.event.condition is not None
        try:
            now = bool(self._value(token.event.condition, token))
        except expressions.SandboxError:
            now = False
        before, token.was_true = token.was_true, now
        if now and not before:
            self._fire(token)
            return True
        return False

    def _fire(self, token: Token, data: Mapping[str, Any] | None = None) -> None:
        if not token.alive:
            return
        node, run, event = token.node, token.scope, token.event
        assert event is not None
        if data:
            self._set(token, data)
        if node.kind not in (NodeKind.BOUNDARY, NodeKind.EVENT_SUB_PROCESS):
            for other in [
                t for t in run.tokens if token.gate is not None and t.gate is token.gate and t is not token
            ]:
                self._kill(other)
            self._leave(token)
            return
        interrupting = node.interrupting
        if node.kind is NodeKind.EVENT_SUB_PROCESS:
            assert node.scope is not None
            interrupting = node.scope.starts()[0].interrupting
        host = token.host
        self._kill(token)
        if interrupting:
            if host is not None:
                self._kill(host)
            else:
                self._clear(run)
        else:
            again = times.following(token.timer, self.world) if token.timer is not None else None
            if token.timer is None or again is not None:
                self._listen(run, node, event, host=host, timer=again, was_true=token.was_true)
        if node.kind is NodeKind.EVENT_SUB_PROCESS:
            self._later(self._handle, run, node)
        else:
            for flow in node.outgoing:
                self._later(self._take, run, flow)

    def _handle(self, run: Run, node: Node) -> None:
        self._begin(self._add(run, node, "activity"))

    def _throw(self, token: Token, event: EventDef) -> None:
        run = token.scope
        match event.kind:
            case EventKind.TERMINATE:
                self._clear(run, keep=token)
                self._leave(token)
            case EventKind.ERROR | EventKind.ESCALATION:
                code = self._event_name(event, token)
                caught = self._raise(run, event.kind, code)
                if not caught and event.kind is EventKind.ERROR:
                    self._clear(run, keep=token)
                self._leave(token)
            case EventKind.SIGNAL:
                name = self._event_name(event, token)
                self._leave(token)
                self._broadcast(name, {})
            case EventKind.MESSAGE:
                self._leave(token)
            case _:
                raise Stuck(f"{token.node.element}: the oracle does not know a thrown {event.kind}")

    def _broadcast(self, name: str | None, data: Mapping[str, Any]) -> None:
        for token in [
            t for t in self.live() if t.event and t.event.kind is EventKind.SIGNAL and t.name == name
        ]:
            self._fire(token, data)

    def _raise_from(self, token: Token, code: str) -> bool:
        """An error raised by an activity itself: its own boundary first, then outwards."""
        return self._at_host(token.group or token, EventKind.ERROR, code) or self._raise(
            token.scope, EventKind.ERROR, code
        )

    def _raise(self, run: Run, kind: EventKind, code: str | None) -> bool:
        at: Run | None = run
        while at is not None:
            inside = [t for t in at.tokens if t.node.kind is NodeKind.EVENT_SUB_PROCESS]
            if self._catch(inside, kind, code):
                return True
            owner = at.owner
            if owner is None:
                return False
            if self._at_host(owner.group or owner, kind, code):
                return True
            at = owner.scope
        return False

    def _at_host(self, host: Token, kind: EventKind, code: str | None) -> bool:
        return self._catch([t for t in host.scope.tokens if t.host is host], kind, code)

    def _catch(self, tokens: list[Token], kind: EventKind, code: str | None) -> bool:
        fit = [t for t in tokens if t.event and t.event.kind is kind and t.name in (None, code)]
        fit.sort(key=lambda t: t.name is None)  # a code before a catch-all
        if fit:
            self._fire(fit[0])
        return bool(fit)

    # Until everything waits -------------------------------------------------------------------------------

    def _settle(self) -> None:
        for _ in range(50_000):
            if self.queue:
                act, args = self.queue.pop(0)
                if args[0].open:
                    act(*args)
            elif not (self._conditions() or self._inclusive_joins() or self._scope_ends()):
                return
        raise Stuck("the model never waits")

    def _conditions(self) -> bool:
        fired = [self._test(t) for t in self.waiting(EventKind.CONDITION) if t.alive]
        return any(fired)

    def _runs(self) -> list[Run]:
        return [self.root, *(t.inner for t in self.live() if t.inner is not None)]

    def _inclusive_joins(self) -> bool:
        for run in self._runs() if not self.ended else []:
            for join_id in list(run.arrived):
                join = run.scope.nodes[join_id]
                if join.kind is NodeKind.INCLUSIVE and not self._blocked(run, join):
                    self._join(run, join)
                    return True
        return False

    def _scope_ends(self) -> bool:
        if self.ended:
            return False
        for run in reversed(self._runs()):
            listening = all(
                t.node.kind is NodeKind.EVENT_SUB_PROCESS and t.what == "event" for t in run.tokens
            )
            if run.arrived or not listening:
                continue
            self._clear(run)
            run.open = False
            owner = run.owner
            if owner is None:
                self.ended = True
                return False
            if owner.node.kind is NodeKind.CALL_ACTIVITY and owner.node.called is not None:
                values = self._assign(owner.node.called.outputs, owner, run.variables)
                self._set_outside(owner, values)
            owner.inner = None
            self._leave(owner)
            return True
        return False
