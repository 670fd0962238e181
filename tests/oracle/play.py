"""Plays one random schedule on the engine and on the oracle, and compares all that can be seen after each move."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.bpmn.interpreter import build
from engine.bpmn.model import EventKind, Process
from engine.bpmn.normalise import normalise
from engine.bpmn.step import AwaitMessage, AwaitSignal, Machine, OpenTask, SetDeadline, Step, WantJob, World
from engine.errors import StepFailed
from tests.oracle.tokens import Oracle, Stuck

BEGAN = datetime(2026, 11, 23, 8, tzinfo=UTC)
DATA = {"v0": 0, "v1": 1, "v2": 2}


class NoWorkingTime:
    """Random models count elapsed time only."""

    timezone = UTC

    def due_after(self, start: datetime, duration: str) -> datetime:
        raise ValueError(f"a random model asked for {duration} of working time from {start}")


@dataclass(frozen=True)
class Seen:
    """What is visible of a case: (element, name) of each wait, due times, root variables, the end."""

    tasks: tuple[Any, ...]
    jobs: tuple[Any, ...]
    messages: tuple[Any, ...]
    timers: tuple[Any, ...]
    variables: tuple[Any, ...]
    ended: bool


def alone(keys: tuple[Any, ...]) -> list[Any]:
    """Keys that stand for one wait only: of twins in one scope nobody could say which of them a move meant."""
    return [key for key in keys if keys.count(key) == 1]


def process_of(xml: bytes) -> Process:
    reading = normalise(xml, "random.bpmn")
    errors = [p for p in reading.problems if p.severity == "error"]
    assert not errors, errors
    (process,) = reading.processes
    return process


def world(at: datetime) -> World:
    return World(now=at, calendar=NoWorkingTime())


class Pair:
    """The same case on both sides; the engine keeps nothing but its snapshot between moves."""

    def __init__(self, process: Process) -> None:
        self.at = BEGAN
        self.machine: Machine = build(process, called={}, decisions={})
        self.moves: list[str] = []
        self.failed = self._both(
            self._start_engine, lambda: setattr(self, "oracle", Oracle(process, DATA, world(self.at)))
        )

    def _start_engine(self) -> None:
        self.step: Step = self.machine.start(world(self.at), DATA)

    def _both(self, on_engine: Callable[[], None], on_oracle: Callable[[], None]) -> bool:
        """Do a move on both sides; True when the model cannot take it, which both must say."""
        said: list[str] = []
        for side, act in (("engine", on_engine), ("oracle", on_oracle)):
            try:
                act()
            except (StepFailed, Stuck) as error:
                said.append(f"{side}: {error}")
        assert len(said) != 1, f"only one side stops: {said} after {self.moves}"
        return bool(said)

    def engine_sees(self) -> Seen:
        waits = self.step.waits
        assert not [w for w in waits if isinstance(w, AwaitSignal)]
        return Seen(
            tasks=tuple(sorted((w.element, w.name) for w in waits if isinstance(w, OpenTask))),
            jobs=tuple(sorted((w.element, w.name) for w in waits if isinstance(w, WantJob))),
            messages=tuple(sorted(w.message for w in waits if isinstance(w, AwaitMessage))),
            timers=tuple(sorted(w.due_at for w in waits if isinstance(w, SetDeadline))),
            variables=tuple(sorted((k, v) for k, v in self.step.data.items() if k in DATA)),
            ended=self.step.done,
        )

    def oracle_sees(self) -> Seen:
        oracle = self.oracle
        return Seen(
            tasks=tuple(sorted((t.node.element, self._name(t)) for t in oracle.tasks())),
            jobs=tuple(sorted((t.node.element, self._name(t)) for t in oracle.jobs())),
            messages=tuple(sorted(str(t.name) for t in oracle.waiting(EventKind.MESSAGE))),
            timers=tuple(at for at, _ in oracle.timers()),
            variables=tuple(sorted((k, v) for k, v in oracle.variables().items() if k in DATA)),
            ended=oracle.ended,
        )

    def _name(self, token: Any) -> str:
        return str(self.oracle._value(token.node.name, token))

    def move(self, rng: random.Random) -> bool:
        """One random move on both sides; False when nothing is left to do."""
        seen = self.engine_sees()
        options: list[tuple[str, Any]] = [("complete", key) for key in alone(seen.tasks)] * 3
        options += [(verb, key) for key in alone(seen.jobs) for verb in ("finish", "fail")]
        options += [("message", name) for name in alone(seen.messages)]
        options += [("fire", due) for due in alone(seen.timers)[:1] if due == seen.timers[0]]
        if seen.ended or not options:
            return False
        verb, key = rng.choice(options)
        answers = {f"v{rng.randrange(3)}": rng.randrange(5)}
        self.moves.append(f"{verb} {key} {answers if verb == 'complete' else ''}")
        self.failed = self._both(
            lambda: self._on_engine(verb, key, answers), lambda: self._on_oracle(verb, key, answers)
        )
        return True

    def _on_engine(self, verb: str, key: Any, answers: dict[str, int]) -> None:
        snapshot, waits, now = self.step.snapshot, self.step.waits, world(self.at)
        match verb:
            case "complete":
                token = next(w.token for w in waits if isinstance(w, OpenTask) and (w.element, w.name) == key)
                self.step = self.machine.finish(now, snapshot, token, answers)
            case "finish":
                token = next(w.token for w in waits if isinstance(w, WantJob) and (w.element, w.name) == key)
                self.step = self.machine.finish_job(now, snapshot, token, {"ok": True})
            case "fail":
                token = next(w.token for w in waits if isinstance(w, WantJob) and (w.element, w.name) == key)
                if self.machine.catches(snapshot, token, "err0"):
                    self.step = self.machine.fail_job(now, snapshot, token, "err0", "no")
            case "message":
                token = next(w.token for w in waits if isinstance(w, AwaitMessage) and w.message == key)
                self.step = self.machine.receive(now, snapshot, token, {})
            case "fire":
                token = next(w.token for w in waits if isinstance(w, SetDeadline) and w.due_at == key)
                self.at = max(self.at, key + timedelta(seconds=1))
                self.step = self.machine.fire(world(self.at), snapshot, token)

    def _on_oracle(self, verb: str, key: Any, answers: dict[str, int]) -> None:
        oracle = self.oracle
        oracle.world = world(self.at)
        match verb:
            case "complete":
                oracle.complete(
                    next(t for t in oracle.tasks() if (t.node.element, self._name(t)) == key), answers
                )
            case "finish":
                oracle.finish_job(
                    next(t for t in oracle.jobs() if (t.node.element, self._name(t)) == key), {"ok": True}
                )
            case "fail":
                token = next(t for t in oracle.jobs() if (t.node.element, self._name(t)) == key)
                oracle.fail_job_if_caught(token, "err0")
            case "message":
                oracle.message(next(t for t in oracle.waiting(EventKind.MESSAGE) if t.name == key), {})
            case "fire":
                oracle.fire(next(t for at, t in oracle.timers() if at == key))


def play(xml: bytes, seed: int, *, moves: int = 40) -> Pair:
    """Play up to ``moves`` moves; raises AssertionError with the moves so far at the first difference."""
    rng = random.Random(seed)
    pair = Pair(process_of(xml))
    for _ in range(moves + 1):
        if pair.failed:
            break
        engine, oracle = pair.engine_sees(), pair.oracle_sees()
        assert engine == oracle, f"\nengine {engine}\noracle {oracle}\nafter {pair.moves}"
        if not pair.move(rng):
            break
    return pair
