"""The machine: one process version made ready to run. Each call loads a case, moves it until all waits, writes it."""

from collections.abc import Callable
from typing import Any

from engine.bpmn.library import Deployed, Library
from engine.bpmn.model import EventKind, ListenerEvent
from engine.bpmn.spiff.build import build_specs
from engine.bpmn.spiff.data import assign_outside, bring, failed, seen
from engine.bpmn.spiff.events import check_condition, fire
from engine.bpmn.spiff.gateways import join_inclusive
from engine.bpmn.spiff.listeners import notify
from engine.bpmn.spiff.routing import catcher, throw_error, throw_signal
from engine.bpmn.spiff.scopes import end_scopes, is_listening, open_scope
from engine.bpmn.spiff.snapshot import dump, load
from engine.bpmn.spiff.specs import NodeSpec
from engine.bpmn.spiff.tasks import ServiceTaskSpec
from engine.bpmn.spiff.tokens import READY, Case, Token
from engine.bpmn.spiff.user_task import UserTaskSpec
from engine.bpmn.step import Data, Step, Wait, World
from engine.errors import Conflict, Invalid, NobodyWaits


class SpiffMachine:
    """Implements ``engine.bpmn.step.Machine``. Holds specs only, so threads share it."""

    def __init__(self, own: Deployed, called: Library | None = None) -> None:
        self.process = own.process.key
        self.specs = build_specs(own, called or {})
        self.has_conditions = any(
            node.event is not None and node.event.kind is EventKind.CONDITION
            for spec in self.specs.values()
            for node in spec.scope.nodes.values()
        )

    def start(self, world: World, data: Data, *, start: str | None = None) -> Step:
        """Begin a case.

        Args:
            data: the case's variables; of an event, what it brought.
            start: node or element id of the start event; None for the plain one.

        Raises:
            Invalid ``no_plain_start``: there is none, or no start event of this id.
        """
        spec = self._start_event(start)
        case = Case(self.specs, world)
        # Camunda 8: with output mappings, only what they name goes out of the event.
        stays = spec.node.event is not None and spec.node.only_outputs
        scope = open_scope(
            case, self.specs[self.process], None, variables={} if stays else dict(data), start=spec
        )
        if stays:
            for token in scope.tokens():
                if token.task_spec is spec:
                    bring(token, spec.node, data)
        return self._run(case)

    def _start_event(self, start: str | None) -> NodeSpec:
        for spec in self.specs[self.process].starts:
            if spec.node.event is None if start is None else start in (spec.node.id, spec.node.element):
                return spec
        raise Invalid(
            f"The process {self.process} has no plain start event: "
            f"{'the event it starts by must happen' if start is None else f'nor one called {start}'}.",
            code="no_plain_start",
            process=self.process,
        )

    def finish(self, world: World, snapshot: bytes, token: str, answers: Data) -> Step:
        def done(at: Token) -> None:
            bring(at, at.task_spec.node, answers)
            work = at.task_spec.node.work
            if work is not None and work.done_by is not None:
                assign_outside(at, {work.done_by: world.actor})
            notify(at, ListenerEvent.COMPLETE)
            at.complete()

        return self._move(world, snapshot, token, UserTaskSpec, done)

    def fire(self, world: World, snapshot: bytes, token: str) -> Step:
        return self._event(world, snapshot, token, EventKind.TIMER, {})

    def receive(self, world: World, snapshot: bytes, token: str, data: Data) -> Step:
        return self._event(world, snapshot, token, EventKind.MESSAGE, data)

    def _event(self, world: World, snapshot: bytes, token: str, kind: EventKind, data: Data) -> Step:
        def happens(at: Token) -> None:
            if at.internal_data.get("await", {}).get("kind") != kind.value:
                raise _gone(token)
            fire(at, data)

        return self._move(world, snapshot, token, NodeSpec, happens)

    def signal(self, world: World, snapshot: bytes, name: str, data: Data) -> Step:
        case = self._load(snapshot, world)
        if not throw_signal(case, name, data):
            raise NobodyWaits(f"Nothing in this case waits for the signal {name!r}.", signal=name)
        return self._run(case)

    def update(self, world: World, snapshot: bytes, data: Data) -> Step:
        case = self._load(snapshot, world)
        case.main.variables = {**(case.main.variables or {}), **data}
        return self._run(case)

    def finish_job(self, world: World, snapshot: bytes, token: str, reply: Any) -> Step:
        def answered(at: Token) -> None:
            if isinstance(at.task_spec, ServiceTaskSpec):
                at.task_spec.answer(at, reply)
            at.complete()

        return self._move(world, snapshot, token, ServiceTaskSpec, answered)

    def fail_job(self, world: World, snapshot: bytes, token: str, error: str, message: str) -> Step:
        def thrown(at: Token) -> None:
            if catcher(at, EventKind.ERROR, error, own=True) is None:
                raise failed(at, "unhandled_error", f"nothing catches the error {error}: {message}")
            throw_error(at, error, message, own=True)

        return self._move(world, snapshot, token, NodeSpec, thrown)

    def catches(self, snapshot: bytes, token: str, error: str) -> bool:
        at = self._load(snapshot, None).find(token)
        return at is not None and catcher(at, EventKind.ERROR, error, own=True) is not None

    def waits(self, world: World, snapshot: bytes) -> tuple[Wait, ...]:
        return waits_of(self._load(snapshot, world))

    def variables(self, snapshot: bytes) -> Data:
        return self._load(snapshot, None).main.variables or {}

    def task_variables(self, snapshot: bytes, token: str) -> Data:
        at = self._load(snapshot, None).find(token)
        if at is None:
            raise _gone(token)
        return dict(seen(at))

    def _load(self, snapshot: bytes, world: World | None) -> Case:
        return load(snapshot, self.specs, world)

    def _move(
        self, world: World, snapshot: bytes, token: str, kind: type[NodeSpec], move: Callable[[Token], None]
    ) -> Step:
        case = self._load(snapshot, world)
        at = case.find(token)
        if at is None or not isinstance(at.task_spec, kind) or at.task_spec.wait(at) is None:
            raise _gone(token)
        move(at)
        return self._run(case)

    def _run(self, case: Case) -> Step:
        run(case, has_conditions=self.has_conditions)
        waits = waits_of(case)
        return Step(
            snapshot=dump(case),
            waits=waits,
            happened=tuple(case.happened),
            thrown=tuple(case.thrown),
            data=case.main.variables or {},
            done=case.done,
            outcome=case.outcome if case.done else None,
            stuck=() if waits or case.done else stuck_at(case),
        )


def _gone(token: str) -> Conflict:
    return Conflict(f"Nothing waits at the token {token} any more.", token=token)


def waits_of(case: Case) -> tuple[Wait, ...]:
    """What a case waits for, in the order in which it began to."""
    found = (token.task_spec.wait(token) for token in case.tokens())
    return tuple(wait for wait in found if wait is not None)


def stuck_at(case: Case) -> tuple[str, ...]:
    """The elements at which tokens wait for other tokens or for conditions."""
    waiting = [token for token in case.tokens() if token.is_waiting and not is_listening(token)]
    return tuple(dict.fromkeys(token.task_spec.node.element for token in waiting))


def run(case: Case, *, has_conditions: bool) -> None:
    """Move a case until everything in it waits.

    Raises:
        StepFailed: the model cannot go on; the case is then not to be used any more.
    """
    while not case.done:
        while case.ready:
            token = case.ready.popleft()
            if token._state == READY:
                token.run()
        if has_conditions and check_conditions(case):
            continue
        if not join_inclusive(case) and not end_scopes(case):
            return


def check_conditions(case: Case) -> bool:
    """Look at every condition once more. True when some fired."""
    fired = [check_condition(token) for token in case.tokens() if awaits_condition(token)]
    return any(fired)


def awaits_condition(token: Token) -> bool:
    record = token.internal_data.get("await")
    return token.is_live and record is not None and record["kind"] == EventKind.CONDITION.value
