"""The measurements. Each is bounded by a count and by a time, and says how far it came."""

import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from engine.clock import MovableClock, SystemClock
from engine.config import Settings
from engine.connector import Call, Reply
from engine.model import SYSTEM, Case
from engine.states import Power
from engine.store import people
from engine.store.commit_limit import commits_per_s
from engine.store.db import Database, retrying
from engine.store.inbox import inbox
from engine.store.scratch import scratch_database
from engine.store.statements import counted
from engine.store.uow import UnitOfWork
from engine.usecases.complete_task import complete_task
from engine.usecases.deploy import deploy
from engine.usecases.keep_agency import AgencyWish, put_agency
from engine.usecases.keep_person import PersonWish, put_person
from engine.usecases.once import once
from engine.usecases.send_message import send_message
from engine.usecases.start_case import start_case
from engine.worker import Worker
from web.bench.models import MODELS, OFFICE, upload

STATE_BYTES = 10_000
"""Of a case, compressed: what a licence with some forms and decisions takes."""

TASKS_A_CASE = 3
LIMIT_S = 2.0
"""Seconds of each look at the bare driver."""

Tell = Callable[[str], None]
Act = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Measure:
    """Attributes:
    count, seconds: how many were done in which time. cpu_ms: of this process, each.
    p50_ms, p95_ms: of single ones; None where they were drained together.
    statements, commits: of one, where it was counted; BEGIN is no statement here.
    of_limit: share of what the bare driver commits, where one is one commit.
    """

    name: str
    count: int
    seconds: float
    cpu_ms: float
    p50_ms: float | None = None
    p95_ms: float | None = None
    statements: int | None = None
    commits: int | None = None
    of_limit: float | None = None

    @property
    def per_s(self) -> float:
        return self.count / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class Age:
    """A completion in a case that has made ``steps`` steps: median of the last ones, and the size of its state."""

    steps: int
    ms: float
    statements: int
    state_bytes: int


@dataclass(frozen=True, slots=True)
class Result:
    """``limit_before``, ``limit_after``: commits a second of the bare driver around the measurements."""

    database: str
    limit_before: float
    limit_after: float
    measures: tuple[Measure, ...]
    ages: tuple[Age, ...]


class _Instant:
    """A partner that answers at once."""

    def problems(self, settings: Mapping[str, str]) -> list[str]:
        return []

    def run(self, call: Call) -> Reply:
        return Reply({"found": True})


class Bench:
    """A throw-away house with one office, one officer, and the processes of ``models``."""

    def __init__(self, database: Database, clock: MovableClock, *, each_s: float) -> None:
        self.db, self._clock, self._each_s = database, clock, each_s
        settings = Settings(max_attempts=1)
        self._worker = Worker(database, {"bench": _Instant()}, {}, settings)
        with database.unit(SYSTEM) as uow:
            put_agency(uow, AgencyWish(OFFICE, "Kantor uji", "Bench office"))
            powers = frozenset({Power.DESIGNER})
            put_person(uow, PersonWish("bench", "Officer", agencies=frozenset({OFFICE}), powers=powers))
            self.officer = people.actor_of(uow, people.person(uow, "bench").id)
        for key in MODELS:
            with database.unit(self.officer) as uow:
                deploy(uow, upload(key), connectors={"bench": _Instant()}, systems=())

    def limit(self) -> float:
        """Commits a second of the bare driver now."""
        process = ("bench_tasks", 1)
        return commits_per_s(self.db, process=process, seconds=LIMIT_S, state_bytes=STATE_BYTES)

    def start(self, key: str, *, heavy: bool = False) -> str:
        """A new case; ``heavy`` with data of STATE_BYTES."""
        data = {"dossier": os.urandom(STATE_BYTES).hex()} if heavy else {}
        with self.db.unit(self.officer) as uow:
            return start_case(uow, key, data=data).case_id

    def cases(self, count: int) -> list[Measure]:
        """Start cases with data, then complete their tasks, each with a key of its own, as the API does it."""
        started: list[str] = []

        def starts() -> Iterator[Act]:
            for _ in range(count):
                yield lambda: started.append(self.start("bench_tasks", heavy=True))

        def completions() -> Iterator[Act]:
            for turn in range(TASKS_A_CASE):
                for case_id in started:
                    yield self._completion(case_id, key=f"{case_id}/{turn}")

        return [self._each("start a case", starts()), self._each("complete a task", completions())]

    def messages(self, count: int) -> Measure:
        """Send each waiting case the message it waits for."""
        waiting = [self.start("bench_message") for _ in range(count)]

        def sends() -> Iterator[Act]:
            for case_id in waiting:
                yield partial(self._send, case_id)

        return self._each("receive a message", sends())

    def timers(self, count: int) -> Measure:
        """Let the timers of waiting cases be due all at once."""
        for _ in range(count):
            self.start("bench_timer")
        self._clock.move_by(timedelta(hours=2))
        return self._drain("pass a timer", count)

    def calls(self, count: int) -> Measure:
        """Call a partner that answers at once."""
        for _ in range(count):
            self.start("bench_call")
        return self._drain("call a partner", count)

    def ages(self, most: int) -> list[Age]:
        """What a completion costs as its case grows old, at each power of ten up to ``most`` steps."""
        case_id = self.start("bench_loop", heavy=True)
        marks = [mark for mark in (10, 100, 1_000, 10_000) if mark <= most]
        found: list[Age] = []
        spent: list[float] = []
        ends = time.perf_counter() + 6 * self._each_s
        for step in range(1, max(marks, default=0) + 1):
            if time.perf_counter() > ends:
                break
            act = self._completion(case_id, key=f"{case_id}/{step}")
            with counted(self.db) as seen:
                began = time.perf_counter()
                act()
                spent.append((time.perf_counter() - began) * 1000)
            if step in marks:
                with self.db.read(SYSTEM) as uow:
                    size = len(uow.row(Case, case_id).snapshot or b"")
                window = spent[-max(5, step // 10) :]
                found.append(Age(step, statistics.median(window), len(seen), size))
        return found

    def _completion(self, case_id: str, *, key: str) -> Act:
        """The act of completing the case's one open task."""
        with self.db.read(self.officer) as uow:
            (row,) = inbox(uow, case=case_id).items

        def answer(uow: UnitOfWork) -> tuple[int, bytes]:
            return 200, complete_task(uow, row.id, {"stop": False}).id.encode()

        return lambda: retrying(lambda: once(self.db, self.officer, key, "0" * 64, answer))

    def _send(self, case_id: str) -> None:
        with self.db.unit(self.officer) as uow:
            send_message(uow, "bench_news", case_id=case_id)

    def _each(self, name: str, work: Iterator[Act]) -> Measure:
        """Do one after another; what an act needs beforehand is not measured, and neither is the first one."""
        with counted(self.db) as seen:
            next(work)()
        spent: list[float] = []
        cpu = 0.0
        for act in work:
            cpu_began, began = time.process_time(), time.perf_counter()
            act()
            spent.append(time.perf_counter() - began)
            cpu += time.process_time() - cpu_began
            if sum(spent) > self._each_s:
                break
        in_order = sorted(spent)
        return Measure(
            name,
            count=len(spent),
            seconds=sum(spent),
            cpu_ms=1000 * cpu / len(spent),
            p50_ms=1000 * statistics.median(spent),
            p95_ms=1000 * in_order[int(0.95 * (len(in_order) - 1))],
            statements=len(seen),
            commits=seen.commits,
        )

    def _drain(self, name: str, count: int) -> Measure:
        """Run what is due in this thread, some at a time."""
        ran, cpu_began, began = 0, time.process_time(), time.perf_counter()
        while ran < count and time.perf_counter() - began < self._each_s:
            some = self._worker.run_once(until_idle=False, limit=count - ran)
            if not some:
                break
            ran += some
        seconds = time.perf_counter() - began
        return Measure(name, ran, seconds, cpu_ms=1000 * (time.process_time() - cpu_began) / max(ran, 1))


def run(
    server_url: str | None, *, folder: Path, cases: int, each_s: float, oldest: int, tell: Tell
) -> Result:
    """Everything, on a database of its own.

    Args:
        server_url: a PostgreSQL server, or None for SQLite in ``folder``.
        cases: of each kind at most. each_s: seconds of each measurement at most (six times that for the old case).
        oldest: steps of the oldest case.
        tell: is told what is measured next.
    """
    with scratch_database(server_url, folder=folder) as url:
        clock = MovableClock(SystemClock().now())
        database = Database(url, clock=clock)
        try:
            database.migrate()
            bench = Bench(database, clock, each_s=each_s)
            tell(f"{database.dialect}: the bare driver")
            before = bench.limit()
            tell(f"{cases} cases of {TASKS_A_CASE} tasks")
            measures = bench.cases(cases)
            for what, measure in (
                ("messages", bench.messages),
                ("timers, due at once", bench.timers),
                ("calls", bench.calls),
            ):
                tell(f"{cases} {what}")
                measures.append(measure(cases))
            tell(f"one case of {oldest} steps")
            ages = bench.ages(oldest)
            tell("the bare driver again")
            after = bench.limit()
        finally:
            database.dispose()
    limit = (before + after) / 2
    shares = tuple(replace(m, of_limit=m.per_s / limit) if m.commits == 1 and limit else m for m in measures)
    return Result(database.dialect, before, after, shares, tuple(ages))
