"""Plays one random schedule on the engine and on the oracle, and compares all that can be seen after each move.

The engine runs three times over: read back from its snapshot before every move, kept in memory all along, and on a
machine that is built anew on the way. All three must say the same, down to the tokens and the content of the snapshot.
"""

import random
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.bpmn.library import Deployed, Library
from engine.bpmn.model import EventKind, Process
from engine.bpmn.normalise import normalise
from engine.bpmn.spiff.run import SpiffMachine
from engine.bpmn.spiff.snapshot import decode
from engine.bpmn.step import (
    AwaitMessage,
    AwaitSignal,
    Happened,
    OpenTask,
    SetDeadline,
    Step,
    WantJob,
    World,
)
from engine.errors import StepFailed
from tests.oracle.drawing import COLLECTIONS
from tests.oracle.generate import model_of
from tests.oracle.oracle import Oracle
from tests.oracle.shrink import Tape, shrink
from tests.oracle.tokens import Stuck, Token
from tests.unit.bpmn.harness import KeptMachine

BEGAN = datetime(2026, 11, 23, 8, tzinfo=UTC)
DATA = {"v0": 0, "v1": 1, "v2": 2, **COLLECTIONS}
ORDERS = 300
"""How many of the orders that BPMN leaves open are tried before a difference is believed."""


class NoWorkingTime:
    """Random models count elapsed time only."""

    timezone = UTC

    def due_after(self, start: datetime, duration: str) -> datetime:
        raise ValueError(f"a random model asked for {duration} of working time from {start}")


@dataclass(frozen=True)
class Seen:
    """What is visible of a case: (element, name) of each wait, due times, variables, the end, and what just happened."""

    tasks: tuple[Any, ...]
    jobs: tuple[Any, ...]
    messages: tuple[Any, ...]
    signals: tuple[Any, ...]
    timers: tuple[Any, ...]
    variables: tuple[Any, ...]
    ended: bool
    taken: tuple[Any, ...]
    passed: tuple[Any, ...]
    thrown: tuple[Any, ...]


def alone(keys: Sequence[Any]) -> list[Any]:
    """Keys that stand for one wait only: of twins in one scope nobody could say which of them a move meant."""
    return [key for key in keys if keys.count(key) == 1]


def processes_of(xml: bytes) -> tuple[Process, dict[str, Process]]:
    """The process that is played, and those it calls."""
    reading = normalise(xml, "random.bpmn")
    errors = [p for p in reading.problems if p.severity == "error"]
    assert not errors, errors
    process, *called = reading.processes
    return process, {each.key: each for each in called}


def deployed(process: Process, called: dict[str, Process]) -> tuple[Deployed, Library]:
    """The same as the engine takes them."""
    return Deployed(process), {key: Deployed(each) for key, each in called.items()}


def world(at: datetime) -> World:
    return World(now=at, calendar=NoWorkingTime())


def _shown(values: Any) -> tuple[Any, ...]:
    return tuple(sorted((k, repr(v)) for k, v in values.items()))


class Pair:
    """The same case on both sides."""

    def __init__(
        self,
        process: Process,
        called: dict[str, Process],
        *,
        xml: bytes | None = None,
        order: random.Random | None = None,
    ) -> None:
        self.at = BEGAN
        self.xml = xml
        self.machine = SpiffMachine(*deployed(process, called))
        self.kept = KeptMachine(*deployed(process, called))
        self.moves: list[str] = []

        def begin() -> None:
            self.oracle = Oracle(process, DATA, world(self.at), called=called, order=order)

        self.failed = self._both(lambda: self._on_machines("start", DATA), begin)

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

    def _on_machines(self, verb: str, *what: Any) -> None:
        """One call on the machine that reads its snapshot and on the one that keeps the case in memory."""
        told: list[Any] = []
        snapshot = [] if verb == "start" else [self.step.snapshot]
        for machine in (self.machine, self.kept):
            try:
                told.append(getattr(machine, verb)(world(self.at), *snapshot, *what))
            except StepFailed as failure:
                told.append(failure)
        reloaded, kept = told
        if isinstance(reloaded, StepFailed):
            assert str(reloaded) == str(kept), f"only reloaded: {reloaded}; kept: {kept}; after {self.moves}"
            raise reloaded
        assert isinstance(kept, Step), f"only kept: {kept}; after {self.moves}"
        for part in ("waits", "happened", "thrown", "data", "done", "outcome", "stuck"):
            one, other = getattr(reloaded, part), getattr(kept, part)
            assert one == other, f"{part} reloaded: {one}\nkept: {other}\nafter {self.moves}"
        one, other = content(reloaded.snapshot), content(kept.snapshot)
        assert one == other, f"snapshot reloaded: {one}\nkept: {other}\nafter {self.moves}"
        self.step: Step = reloaded

    def restart(self) -> None:
        """As after a restart of the server: the file is read and the machine is built anew."""
        if self.xml is None:
            return
        self.machine = SpiffMachine(*deployed(*processes_of(self.xml)))

    # What can be seen ---------------------------------------------------------------------------------------

    def engine_sees(self) -> Seen:
        waits, happened = self.step.waits, self.step.happened
        return Seen(
            tasks=tuple(sorted((w.element, w.name) for w in waits if isinstance(w, OpenTask))),
            jobs=tuple(sorted((w.element, w.name) for w in waits if isinstance(w, WantJob))),
            messages=tuple(sorted(w.message for w in waits if isinstance(w, AwaitMessage))),
            signals=tuple(sorted(w.signal for w in waits if isinstance(w, AwaitSignal))),
            timers=tuple(sorted(w.due_at for w in waits if isinstance(w, SetDeadline))),
            variables=_shown(self.step.data),
            ended=self.step.done,
            taken=_shown(Counter(h.element for h in happened if h.kind is Happened.FLOW)),
            passed=_shown(Counter(h.element for h in happened if h.kind is Happened.PASSED)),
            thrown=tuple(sorted((t.kind, t.name, repr(t.data)) for t in self.step.thrown)),
        )

    def oracle_sees(self) -> Seen:
        oracle = self.oracle
        return Seen(
            tasks=tuple(sorted(_key(t) for t in oracle.tasks())),
            jobs=tuple(sorted(_key(t) for t in oracle.jobs())),
            messages=tuple(sorted(str(t.name) for t in oracle.waiting(EventKind.MESSAGE))),
            signals=tuple(sorted(str(t.name) for t in oracle.waiting(EventKind.SIGNAL))),
            timers=tuple(at for at, _ in oracle.timers()),
            variables=_shown(oracle.variables()),
            ended=oracle.ended,
            taken=_shown(oracle.taken),
            passed=_shown(oracle.left),
            thrown=tuple(sorted((kind, name, repr(data)) for kind, name, data in oracle.thrown)),
        )

    def compare(self) -> None:
        """Raises AssertionError with the moves so far at the first difference."""
        engine, oracle = self.engine_sees(), self.oracle_sees()
        for part in engine.__dataclass_fields__:
            one, other = getattr(engine, part), getattr(oracle, part)
            assert one == other, f"{part}\nengine {one}\noracle {other}\nafter {self.moves}"
        for key in alone(engine.tasks)[:2]:
            token = next(w.token for w in self.step.waits if isinstance(w, OpenTask) and _of(w) == key)
            one = dict(self.machine.task_variables(self.step.snapshot, token))
            other = dict(self.oracle.see(self._task(key)))
            assert one == other, f"{key} sees\nengine {one}\noracle {other}\nafter {self.moves}"

    # What happens -------------------------------------------------------------------------------------------

    def move(self, tape: Tape) -> bool:
        """One random move on both sides; False when nothing is left to do."""
        seen = self.engine_sees()
        options: list[tuple[str, Any]] = [("complete", key) for key in alone(seen.tasks)] * 3
        options += [(verb, key) for key in alone(seen.jobs) for verb in ("finish", "fail")]
        options += [("message", name) for name in alone(seen.messages)] * 2
        options += [("signal", name) for name in sorted(set(seen.signals))]
        options += [("fire", due) for due in alone(seen.timers)[:1] if due == seen.timers[0]]
        if seen.ended or not options:
            return False
        verb, key = tape.choice(options)
        data = {f"v{tape.draw(3)}": tape.draw(5)}
        if tape.chance(4):
            self.restart()
        self.moves.append(f"{verb} {key} {data}")
        self.failed = self._both(
            lambda: self._on_engine(verb, key, data), lambda: self._on_oracle(verb, key, data)
        )
        return True

    def _on_engine(self, verb: str, key: Any, data: dict[str, int]) -> None:
        waits = self.step.waits
        match verb:
            case "complete":
                token = next(w.token for w in waits if isinstance(w, OpenTask) and _of(w) == key)
                self._on_machines("finish", token, data)
            case "finish":
                self._on_machines("finish_job", self._job(key), {"ok": True})
            case "fail":
                token, code = self._job(key), f"err{min(data.values()) % 2}"
                if self.machine.catches(self.step.snapshot, token, code):
                    self._on_machines("fail_job", token, code, "no")
                else:
                    self.step = Step(self.step.snapshot, waits, data=self.step.data)
            case "message":
                token = next(w.token for w in waits if isinstance(w, AwaitMessage) and w.message == key)
                self._on_machines("receive", token, data)
            case "signal":
                self._on_machines("signal", key, data)
            case "fire":
                token = next(w.token for w in waits if isinstance(w, SetDeadline) and w.due_at == key)
                self.at = max(self.at, key + timedelta(seconds=1))
                self._on_machines("fire", token)

    def _job(self, key: Any) -> str:
        return next(w.token for w in self.step.waits if isinstance(w, WantJob) and _of(w) == key)

    def _task(self, key: Any) -> Token:
        return next(t for t in self.oracle.tasks() if _key(t) == key)

    def _on_oracle(self, verb: str, key: Any, data: dict[str, int]) -> None:
        oracle = self.oracle
        oracle.world = world(self.at)
        match verb:
            case "complete":
                oracle.complete(self._task(key), data)
            case "finish":
                oracle.finish_job(next(t for t in oracle.jobs() if _key(t) == key), {"ok": True})
            case "fail":
                token = next(t for t in oracle.jobs() if _key(t) == key)
                oracle.fail_job_if_caught(token, f"err{min(data.values()) % 2}", "no")
            case "message":
                oracle.message(next(t for t in oracle.waiting(EventKind.MESSAGE) if t.name == key), data)
            case "signal":
                oracle.signal(key, data)
            case "fire":
                oracle.fire(next(t for at, t in oracle.timers() if at == key))


def _of(wait: OpenTask | WantJob) -> tuple[str, str]:
    return wait.element, wait.name


def _key(token: Token) -> tuple[str, str]:
    return token.node.element, token.name or token.node.element


def content(snapshot: bytes) -> Any:
    return decode(zlib.decompress(snapshot[1:]))


def play(xml: bytes, schedule: Tape, *, moves: int = 40, order: random.Random | None = None) -> Pair:
    """Play up to ``moves`` moves; raises AssertionError with the moves so far at the first difference."""
    return _played(Pair(*processes_of(xml), xml=xml, order=order), schedule, moves)


def play_processes(
    process: Process, called: dict[str, Process], schedule: Tape, *, moves: int, orders: int = ORDERS
) -> None:
    """Play a process that was read already, in the oracle's first order or in any other that BPMN allows.

    Raises AssertionError with the moves up to the first difference.
    """
    try:
        _played(Pair(process, called), schedule, moves)
    except AssertionError as difference:
        for number in range(orders):
            try:
                again = Tape(given=schedule.drawn)
                _played(Pair(process, called, order=random.Random(number)), again, moves)
            except AssertionError:
                continue
            return
        raise difference from None


def _played(pair: Pair, schedule: Tape, moves: int) -> Pair:
    for _ in range(moves + 1):
        if pair.failed:
            break
        pair.compare()
        if not pair.move(schedule):
            break
    return pair


class Difference(AssertionError):
    """Engine and oracle differ, in every order that was tried. Tells a small model that differs too."""


@dataclass
class Played:
    """One model: how many moves were compared; whether only another legal order than the first agreed."""

    moves: int
    used: set[str]
    raced: bool = False


def play_seed(seed: int, *, depth: int, orders: int = ORDERS) -> Played:
    """Draw and play the model of a seed. Raises Difference, shrunken, when no legal order of the oracle agrees.

    Where BPMN leaves the order of concurrent branches open (a script in one, an interruption from another), the engine
    may take any of the legal orders: then one of those the oracle can take must show exactly the same after every move.
    """
    drawing, schedule = Tape(seed), Tape(seed + 1_000_000_007)
    xml, used = model_of(drawing, depth=depth)
    try:
        return Played(len(play(xml, schedule).moves), used)
    except AssertionError as difference:
        if agrees(xml, schedule.drawn, orders):
            return Played(0, used, raced=True)
        small = smaller(drawing.drawn, schedule.drawn, depth)
        raise Difference(f"seed {seed}, depth {depth}: {difference}\n\n{small}") from None


def agrees(xml: bytes, schedule: Sequence[int], orders: int) -> bool:
    """Whether the oracle shows the same as the engine in some order that BPMN allows."""
    return any(not _differs(xml, schedule, random.Random(number)) for number in range(orders))


def _differs(xml: bytes, schedule: Sequence[int], order: random.Random | None = None) -> bool:
    try:
        play(xml, Tape(given=schedule), order=order)
    except AssertionError:
        return True
    return False


def smaller(drawing: list[int], schedule: list[int], depth: int) -> str:
    """A small model and schedule that differ, told with their first difference."""

    def differs(tapes: tuple[list[int], ...]) -> bool:
        xml, _ = model_of(Tape(given=tapes[0]), depth=depth)
        return _differs(xml, tapes[1]) and not agrees(xml, tapes[1], 20)

    drawn, moves = shrink((drawing, schedule), differs)
    xml, _ = model_of(Tape(given=drawn), depth=depth)
    try:
        play(xml, Tape(given=moves))
    except AssertionError as difference:
        return f"{xml.decode().replace('><', '>' + chr(10) + '<')}\n\n{difference}"
    return "(a smaller one differs in other orders only)"
