"""The oracle's events: waiting, happening, thrown, caught by the nearest scope; compensation and cancelling."""

from collections import ChainMap
from collections.abc import Mapping
from typing import Any

from engine.bpmn import times
from engine.bpmn.model import EventDef, EventKind, Node, NodeKind
from tests.oracle.tokens import Past, Run, State, Step, Stuck, Token, Undo


class Events(State):
    """What waits for events, and how they reach it. Moving tokens on is the oracle's own part."""

    def add(self, run: Run, node: Node, what: str, **more: Any) -> Token:
        raise NotImplementedError

    def kill(self, token: Token) -> None:
        raise NotImplementedError

    def clear(self, run: Run, keep: Token | None = None) -> None:
        raise NotImplementedError

    def leave(self, token: Token) -> None:
        raise NotImplementedError

    def go_on(self, run: Run, node: Node) -> None:
        raise NotImplementedError

    def begin(self, token: Token) -> None:
        raise NotImplementedError

    def later(self, act: Any, *args: Any) -> None:
        raise NotImplementedError

    # Waiting ----------------------------------------------------------------------------------------------

    def listen(self, run: Run, node: Node, event: EventDef, **more: Any) -> Token:
        token = self.add(run, node, "event", event=event, **more)
        self.text((node.scope.starts()[0] if node.scope else node).name, token)  # its name has a value too
        if event.kind is EventKind.TIMER:
            if token.timer is None:
                assert event.timer_kind is not None
                assert event.timer is not None
                try:
                    token.timer = times.due(event.timer_kind, self.value(event.timer, token), self.world)
                except ValueError as error:
                    raise Stuck(f"{node.element}: {error}") from error
        elif event.kind is EventKind.CONDITION:
            self.test(token)
        else:
            token.name = self.text(event.name, token)
        return token

    def test(self, token: Token) -> bool:
        """A condition happens when it becomes true. One on variables that are not there yet is not true."""
        assert token.event is not None
        condition = token.event.condition
        assert condition is not None
        seen = self.see(token)
        now = all(name in seen for name in condition.names) and self.holds(condition, token)
        before, token.was_true = token.was_true, now
        if now and not before:
            self.happen(token)
            return True
        return False

    def happen(self, token: Token, data: Mapping[str, Any] | None = None) -> None:
        """The event that a token waits for: it interrupts or waits on, takes its data, and goes on."""
        if not token.alive:
            return
        node, run = token.node, token.scope
        if node.kind not in (NodeKind.BOUNDARY, NodeKind.EVENT_SUB_PROCESS):
            self.set(token, data or {})
            self._decide(token)
            token.event = None
            self.leave(token)
            return
        interrupting = self._interrupts(node)
        host, timer = token.host, token.timer
        self.kill(token)
        if interrupting:
            if host is not None:
                self.kill(host)
            else:
                self.clear(run)
        else:
            again = None if timer is None else times.following(timer, self.world)
            if timer is None or again is not None:
                event = token.event
                assert event is not None
                self.listen(run, node, event, host=host, timer=again, was_true=token.was_true)
        token.host = None  # what happened belongs to the scope, not to the activity any more
        self.set(token, data or {})
        if node.kind is NodeKind.EVENT_SUB_PROCESS:
            self.later(self._handle, run, node)
        else:
            self.passed(token)
            self.go_on(run, node)

    def _decide(self, token: Token) -> None:
        """The first event behind an event-based gateway ends the waiting of the others."""
        gate, run = token.gate, token.scope
        if gate is None or gate.decided:
            return
        gate.decided = True
        for other in [t for t in run.tokens if t.gate is gate and t is not token]:
            self.kill(other)
        self.left[gate.node.element] += 1
        if token.via is not None and token.via.element:
            self.taken[token.via.element] += 1

    @staticmethod
    def _interrupts(node: Node) -> bool:
        if node.kind is NodeKind.EVENT_SUB_PROCESS:
            assert node.scope is not None
            (node,) = node.scope.starts()
        return node.interrupting

    def _handle(self, run: Run, node: Node) -> None:
        self.begin(self.add(run, node, "activity"))

    # Throwing ---------------------------------------------------------------------------------------------

    def throw(self, token: Token, event: EventDef) -> None:
        run = token.scope
        if event.kind not in (EventKind.COMPENSATION, EventKind.CANCEL):
            self.passed(token)
        match event.kind:
            case EventKind.TERMINATE:
                self.clear(run, keep=token)
                self.leave(token)
            case EventKind.ERROR | EventKind.ESCALATION:
                code = self.text(event.name, token)
                caught = self.raise_to(run, event.kind, code, "")
                if not caught and event.kind is EventKind.ERROR:
                    self.clear(run, keep=token)  # nobody caught it: its scope ends
                self.leave(token)
            case EventKind.SIGNAL:
                name, data = self._sent(token, event)
                self.broadcast(name, data)
                self.leave(token)
            case EventKind.MESSAGE:
                self._sent(token, event)
                self.leave(token)
            case EventKind.COMPENSATION:
                self._compensate(token, event.activity, waits=event.waits)
            case EventKind.CANCEL:
                self.clear(run, keep=token)
                self._compensate(token, None)
            case kind:
                raise Stuck(f"{token.node.element}: nobody throws a {kind}")

    def _sent(self, token: Token, event: EventDef) -> tuple[str, dict[str, Any]]:
        name = self.text(event.name, token) or ""
        data = self.assigned(event.payload, token, self.see(token))
        self.thrown.append((event.kind.value, name, data))
        return name, data

    def send(self, token: Token, event: EventDef) -> None:
        self._sent(token, event)

    def broadcast(self, name: str, data: Mapping[str, Any]) -> int:
        """A signal reaches everything that waits for it now."""
        waiting = [t for t in self.live() if t.event and t.event.kind is EventKind.SIGNAL and t.name == name]
        reached = 0
        for token in self.any_order(waiting):
            reached += token.alive
            self.happen(token, data)
        return reached

    def raise_from(self, token: Token, code: str, why: str) -> bool:
        """An error raised by an activity itself: its own boundary first, then outwards."""
        return self._at_host(token.group or token, EventKind.ERROR, code, why) or self.raise_to(
            token.scope, EventKind.ERROR, code, why
        )

    def raise_to(self, run: Run, kind: EventKind, code: str | None, why: str) -> bool:
        """Outwards from a scope: its event sub-processes, then the boundary of its activity, then the scope around."""
        at: Run | None = run
        while at is not None:
            inside = [t for t in at.tokens if t.node.kind is NodeKind.EVENT_SUB_PROCESS]
            if self._catch(inside, kind, code, why):
                return True
            owner = at.owner
            if owner is None:
                return False
            if self._at_host(owner.group or owner, kind, code, why):
                return True
            at = owner.scope
        return False

    def _at_host(self, host: Token, kind: EventKind, code: str | None, why: str) -> bool:
        return self._catch([t for t in host.scope.tokens if t.host is host], kind, code, why)

    def _catch(self, tokens: list[Token], kind: EventKind, code: str | None, why: str) -> bool:
        fit = [t for t in tokens if t.event and t.event.kind is kind and t.name in (None, code)]
        fit.sort(key=lambda t: t.name is None)  # a code before a catch-all
        if fit:
            event = fit[0].event
            assert event is not None
            kept = {event.code_variable: code, event.message_variable: why}
            self.happen(fit[0], {name: value for name, value in kept.items() if name})
        return bool(fit)

    # Undoing ----------------------------------------------------------------------------------------------

    def remember(self, token: Token) -> None:
        """Of a completed activity: its handler. Of a scope without one: what was done inside, or what undoes it whole."""
        node, run, inner = token.node, token.scope, token.inner
        if node.compensation is not None:
            run.undo.append(self._record(token, handler=run.scope.nodes[node.compensation]))
        elif inner is not None and node.kind is not NodeKind.EVENT_SUB_PROCESS:
            by = next((n for n in inner.scope.event_sub_processes() if undoes_its_scope(n)), None)
            if inner.undo or by is not None:
                variables = dict(inner.variables) if inner.isolated else None
                more = {"scope": inner.scope, "inside": inner.undo, "variables": variables, "by": by}
                run.undo.append(self._record(token, **more))

    def _record(self, token: Token, **more: Any) -> Undo:
        self.clock += 1
        local = None if token.local is None else dict(token.local)
        around = [place for place in self._chain(token) if place is not token.local]
        return Undo(token.node.id, local, dict(ChainMap(*around)), token.born, self.clock, **more)

    def _compensate(self, token: Token, activity: str | None, *, waits: bool = True) -> None:
        run = token.scope
        if activity not in run.scope.nodes:
            while run.owner is not None and run.owner.node.kind is NodeKind.EVENT_SUB_PROCESS:
                run = run.owner.scope
        wanted = [record for record in run.undo if activity in (None, record.activity)]
        run.undo = [record for record in run.undo if record not in wanted]
        self._plan(token, run, wanted)
        token.what = "undoing"
        if token.pending and not waits:
            token.gone_on = True
            self.passed(token)
            self.go_on(token.scope, token.node)
        self._undo_next(token)

    def _plan(self, token: Token, run: Run, records: list[Undo]) -> None:
        """Which handlers are to run, and in which scope: one that is over is opened again for them."""
        for record in records:
            if record.handler is not None:
                token.pending.append(Step(record, run, record.handler, record.local, record.past))
                continue
            assert record.scope is not None
            again = Run(record.scope, token, frame=record.local, for_undo=True)
            if record.variables is not None:
                again.variables, again.isolated = dict(record.variables), True
            token.reopened.append(again)
            if record.by is not None:
                again.undo = record.inside
                past = {**record.past, **(record.local or {})}
                token.pending.append(Step(record, again, record.by, None, past))
            else:
                self._plan(token, again, record.inside)

    def _undo_next(self, token: Token) -> None:
        """Of what is left, begin everything that ended after nothing else that is left had begun."""
        left = [*token.pending, *(step for step, _ in token.running)]
        last = max((step.record.born for step in left), default=0)
        ready = [step for step in token.pending if step.record.ended >= last]
        token.pending = [step for step in token.pending if step not in ready]
        for step in ready:
            local = None if step.local is None else dict(step.local)
            handler = self.add(step.run, step.node, "activity", local=local, undoes=token)
            handler.past = Past(step.past) if step.past else None
            token.running.append((step, handler))
            self.later(self._begin_handler, step.run, handler)
        if not token.running:
            self._undone(token)

    def _begin_handler(self, _run: Run, handler: Token) -> None:
        if handler.alive:
            self.begin(handler)

    def handler_done(self, handler: Token) -> None:
        token = handler.undoes
        if token is not None and token.alive:
            token.running = [(step, other) for step, other in token.running if other is not handler]
            self._undo_next(token)

    def _undone(self, token: Token) -> None:
        """All that was to be undone is: the throwing event goes on; a cancelled transaction is left by its boundary."""
        for run in token.reopened:
            run.open = False
        token.reopened = []
        event = token.node.event
        if token.gone_on:
            self.kill(token)
            return
        if event is not None and event.kind is EventKind.CANCEL:
            owner = token.scope.owner
            assert owner is not None
            self.passed(token)
            if self._at_host(owner.group or owner, EventKind.CANCEL, None, ""):
                return
        self.leave(token)


def undoes_its_scope(node: Node) -> bool:
    """Whether it is a compensation event sub-process."""
    if node.kind is not NodeKind.EVENT_SUB_PROCESS or node.scope is None:
        return False
    return any(s.event is not None and s.event.kind is EventKind.COMPENSATION for s in node.scope.starts())
