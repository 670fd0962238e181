"""Test doubles that keep the contracts honestly: a scripted machine, a calendar of elapsed time, a partner's connector."""

import json
import threading
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import isodate

from engine.bpmn.step import (
    AwaitMessage,
    AwaitSignal,
    Data,
    Happened,
    Happening,
    OpenTask,
    SetDeadline,
    Step,
    Throw,
    Wait,
    WantJob,
    World,
)
from engine.connector import Call, Reply
from engine.errors import Conflict, StepFailed

FORMAT = b"\x7f"


class ElapsedCalendar:
    """Every minute is working time."""

    def due_after(self, start: datetime, duration: str) -> datetime:
        length = isodate.parse_duration(duration)
        assert isinstance(length, timedelta)
        return start + length


@dataclass(frozen=True, slots=True)
class Timer:
    """A deadline ``after`` the stage began; the machine computes its moment once."""

    element: str
    name: str
    after: timedelta
    interrupting: bool = True
    attached_to: str | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """What the case waits for at one place of the script.

    Attributes:
        waits: tokens are filled in by the machine. Any one of them moves the case on, unless ``needs_all``.
        thrown, happened: told when the stage begins.
        fails_unless: the stage cannot begin unless this variable is true; then StepFailed with ``failure``.
        catches: BPMN error codes that move the case on.
    """

    waits: tuple[Wait | Timer, ...]
    needs_all: bool = False
    thrown: tuple[Throw, ...] = ()
    happened: tuple[Happening, ...] = ()
    fails_unless: str | None = None
    failure: str = "expression_failed"
    catches: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _State:
    at: int
    variables: dict[str, Any]
    left: dict[str, int]
    """Token → index in the stage's waits."""
    due: dict[str, str] = field(default_factory=dict)


class FakeMachine:
    """``engine.bpmn.step.Machine`` over a linear script. It holds no case: everything is in the snapshot."""

    def __init__(self, *stages: Stage) -> None:
        self.stages = stages

    def start(self, world: World, data: Data, *, start: str | None = None) -> Step:
        return self._enter(world, 0, dict(data), ())

    def finish(self, world: World, snapshot: bytes, token: str, answers: Data) -> Step:
        return self._take(world, snapshot, token, OpenTask, answers)

    def fire(self, world: World, snapshot: bytes, token: str) -> Step:
        return self._take(world, snapshot, token, SetDeadline, {})

    def receive(self, world: World, snapshot: bytes, token: str, data: Data) -> Step:
        return self._take(world, snapshot, token, AwaitMessage, data)

    def signal(self, world: World, snapshot: bytes, name: str, data: Data) -> Step:
        for wait in self.waits(world, snapshot):
            if isinstance(wait, AwaitSignal) and wait.signal == name:
                return self._take(world, snapshot, wait.token, AwaitSignal, data)
        return self._told(world, _load(snapshot), ())

    def update(self, world: World, snapshot: bytes, data: Data) -> Step:
        return self._told(
            world, replace(_load(snapshot), variables={**_load(snapshot).variables, **data}), ()
        )

    def finish_job(self, world: World, snapshot: bytes, token: str, reply: Any) -> Step:
        return self._take(world, snapshot, token, WantJob, {} if reply is None else {"reply": reply})

    def fail_job(self, world: World, snapshot: bytes, token: str, error: str, message: str) -> Step:
        state = _load(snapshot)
        if error not in self.stages[state.at].catches:
            raise StepFailed(f"nobody catches {error}", code="unhandled_error", element="service")
        step = self._take(world, snapshot, token, WantJob, {})
        caught = Happening(Happened.ERROR_CAUGHT, "service", detail={"code": error, "message": message})
        return replace(step, happened=(caught, *step.happened))

    def catches(self, snapshot: bytes, token: str, error: str) -> bool:
        return error in self.stages[_load(snapshot).at].catches

    def waits(self, world: World, snapshot: bytes) -> tuple[Wait, ...]:
        return self._waits(_load(snapshot))

    def variables(self, snapshot: bytes) -> Data:
        return _load(snapshot).variables

    def task_variables(self, snapshot: bytes, token: str) -> Data:
        return _load(snapshot).variables

    def _take(self, world: World, snapshot: bytes, token: str, kind: type, data: Data) -> Step:
        state = _load(snapshot)
        wait = next((w for w in self._waits(state) if w.token == token), None)
        if wait is None or not isinstance(wait, kind):
            raise Conflict(f"nothing waits at {token}", token=token)
        variables = state.variables | dict(data)
        passed = Happening(Happened.PASSED, wait.element, wait.name)
        left = {t: i for t, i in state.left.items() if t != token}
        stays = isinstance(wait, SetDeadline) and not wait.interrupting
        if stays or (self.stages[state.at].needs_all and left):
            return self._told(world, replace(state, variables=variables, left=left), (passed,))
        cancelled = tuple(
            Happening(Happened.CANCELLED, w.element, w.name) for w in self._waits(state) if w.token in left
        )
        return self._enter(world, state.at + 1, variables, (passed, *cancelled))

    def _enter(
        self, world: World, at: int, variables: dict[str, Any], happened: tuple[Happening, ...]
    ) -> Step:
        if at == len(self.stages):
            end = Happening(Happened.PASSED, "end")
            state = _State(at, variables, {})
            return Step(_dump(state), (), (*happened, end), data=variables, done=True, outcome="end")
        stage = self.stages[at]
        if stage.fails_unless is not None and not variables.get(stage.fails_unless):
            raise StepFailed(f"stage {at} cannot begin", code=stage.failure, element=f"stage_{at}")
        left = {f"t{at}.{i}": i for i in range(len(stage.waits))}
        due = {
            token: (world.now + wait.after).isoformat()
            for token, i in left.items()
            if isinstance(wait := stage.waits[i], Timer)
        }
        state = _State(at, variables, left, due)
        if not stage.waits:
            return self._enter(world, at + 1, variables, (*happened, *stage.happened))
        step = self._told(world, state, (*happened, *stage.happened))
        return replace(step, thrown=stage.thrown)

    def _told(self, world: World, state: _State, happened: tuple[Happening, ...]) -> Step:
        return Step(_dump(state), self._waits(state), happened, data=state.variables)

    def _waits(self, state: _State) -> tuple[Wait, ...]:
        waits = []
        for token, index in state.left.items():
            wait = self.stages[state.at].waits[index]
            if isinstance(wait, Timer):
                wait = SetDeadline(
                    token,
                    wait.element,
                    wait.element,
                    wait.name,
                    datetime.fromisoformat(state.due[token]),
                    wait.interrupting,
                    wait.attached_to,
                )
            else:
                wait = replace(wait, token=token)
            waits.append(wait)
        return tuple(waits)


def _dump(state: _State) -> bytes:
    kept = {"at": state.at, "variables": state.variables, "left": state.left, "due": state.due}
    return FORMAT + zlib.compress(json.dumps(kept).encode())


def _load(snapshot: bytes) -> _State:
    assert snapshot[:1] == FORMAT, "not a snapshot of this machine"
    return _State(**json.loads(zlib.decompress(snapshot[1:])))


def task(node: str, name: str = "", **fields: Any) -> OpenTask:
    return OpenTask("", node, node, name or node.replace("_", " ").capitalize(), (), **fields)


def job(node: str, connector: str = "partner", **fields: Any) -> WantJob:
    return WantJob("", node, node, node.replace("_", " ").capitalize(), connector, **fields)


def message(node: str, name: str, correlation: str | None = None) -> AwaitMessage:
    return AwaitMessage("", node, node, node.capitalize(), name, correlation)


def signal(node: str, name: str) -> AwaitSignal:
    return AwaitSignal("", node, node, node.capitalize(), name)


class FakePartner:
    """A connector that answers what the test says, one answer a call, the last one for ever; it remembers its calls.

    An answer may be a Reply, an exception to raise, or a function of the call.
    """

    def __init__(self, *answers: Reply | Exception | Callable[[Call], Reply]) -> None:
        self.answers: Sequence[Reply | Exception | Callable[[Call], Reply]] = answers or (Reply(),)
        self.calls: list[Call] = []
        self._lock = threading.Lock()

    def run(self, call: Call) -> Reply:
        with self._lock:
            self.calls.append(call)
            answer = self.answers[min(len(self.calls), len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Reply) else answer(call)

    def problems(self, settings: Mapping[str, str]) -> list[str]:
        return []
