"""Runs plays through the real use-cases on a clock that is moved: cases, timers and calls in the order of their time."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from engine.clock import MovableClock
from engine.errors import AnswersInvalid, EngineError, NotFound, StepFailed
from engine.model import SYSTEM, Actor
from engine.store import cases, jobs, processes
from engine.store.rows import TaskRow, may_take
from engine.usecases.cancel_case import cancel_case
from engine.usecases.claim_task import claim_task
from engine.usecases.complete_task import complete_task
from engine.usecases.send_message import send_message
from engine.usecases.start_case import start_case
from engine.usecases.step_failed import note_step_failed
from web.demo.plays import Act, Cancel, Claim, Complete, Pass, Play, Send, Turn
from web.simulators.knobs import Knobs
from web.wiring import House

OPENS, CLOSES = time(8, 0), time(15, 30)
Tell = Callable[[str], None]


@dataclass(slots=True)
class _Running:
    """A play under way."""

    play: Play
    acts: list[Act]
    case_id: str | None = None


@dataclass(slots=True)
class Report:
    """What became of the plays. ``stuck`` says, play by play, why one stopped before its last act."""

    cases: dict[str, str] = field(default_factory=dict)
    stuck: dict[str, str] = field(default_factory=dict)


class Rehearsal:
    """Plays on one house whose clock is movable.

    Args:
        house: opened with ``clock``; its worker does not run by itself.
        people: everybody who may act.
        knobs: of the simulated systems.
        zone: of the agencies' opening hours.
    """

    def __init__(
        self, house: House, clock: MovableClock, people: Iterable[Actor], *, knobs: Knobs, zone: ZoneInfo
    ) -> None:
        self._house, self._clock, self._knobs, self._zone = house, clock, knobs, zone
        self._people = sorted(people, key=lambda who: who.username)
        self._by_name = {who.username: who for who in self._people}
        self._work: Counter[str] = Counter()
        self.report = Report()

    def run(self, plays: Sequence[Play], *, until: datetime, tell: Tell) -> Report:
        """Run the plays, act by act in the order of time, and the clock to ``until``."""
        queue = [(self._in_office_hours(play.starts_at), number) for number, play in enumerate(plays)]
        running = [_Running(play, list(play.acts)) for play in plays]
        heapq.heapify(queue)
        while queue and queue[0][0] <= until:
            at, number = heapq.heappop(queue)
            self._pass_time(at)
            one = running[number]
            try:
                after = self._next_act(one)
            except EngineError as error:
                self._stop(one.play, error)
                continue
            if one.case_id is not None and one.play.name not in self.report.cases:
                self.report.cases[one.play.name] = one.case_id
                tell(one.play.name)
            if after is not None:
                heapq.heappush(queue, (self._in_office_hours(self._clock.now() + after), number))
        self._pass_time(until)
        return self.report

    def _next_act(self, one: _Running) -> timedelta | None:
        """Do what is next in the play; how long until the act after it, None when there is none."""
        if one.case_id is None:
            one.case_id = self._start(one.play)
        elif one.acts:
            act = one.acts.pop(0)
            match act:
                case Pass():
                    return act.time
                case Turn():
                    self._knobs.turn(act.system, **act.knobs)
                case _:
                    self._do(one.case_id, act)
        self._house.worker.run_once()
        return one.play.pace if one.acts else None

    def _start(self, play: Play) -> str:
        with self._house.db.read(SYSTEM) as uow:
            process = processes.process(uow, play.process)
        starter = self._one_of(
            who
            for who in self._people
            if may_take(who, process.owner.key, roles=process.start_roles, users=())
        )
        with self._house.db.unit(starter) as uow:
            return start_case(uow, play.process, business_key=play.business_key, data=play.data).case_id

    def _do(self, case_id: str, act: Complete | Claim | Send | Cancel) -> None:
        match act:
            case Complete():
                task, who = self._task(case_id, act.element, act.by)
                try:
                    with self._house.db.unit(who) as uow:
                        complete_task(uow, task.id, act.answers)
                except StepFailed as failure:
                    note_step_failed(self._house.db, failure, task_id=task.id)
                    raise
            case Claim():
                task, who = self._task(case_id, act.element, act.by)
                with self._house.db.unit(who) as uow:
                    claim_task(uow, task.id)
            case Send():
                with self._house.db.unit(self._owner_member(case_id)) as uow:
                    send_message(uow, act.name, case_id=case_id, data=act.data)
            case Cancel():
                with self._house.db.unit(self._owner_member(case_id)) as uow:
                    cancel_case(uow, case_id, act.reason)

    def _task(self, case_id: str, element: str, by: str | None) -> tuple[TaskRow, Actor]:
        """The open task at the element, and who does it: its holder, the one named, or whoever has done least."""
        with self._house.db.read(SYSTEM) as uow:
            waiting = cases.waits(uow, case_id).tasks
        task = next((task for task in waiting if task.element_id == element), None)
        if task is None:
            there = ", ".join(task.element_id for task in waiting) or "nothing"
            raise NotFound(f"No task waits at {element}; open: {there}.", case_id=case_id, element=element)
        named = task.assignee_username or by
        if named is not None:
            return task, self._by_name[named]
        return task, self._one_of(who for who in self._people if task.for_actor(who))

    def _owner_member(self, case_id: str) -> Actor:
        with self._house.db.read(SYSTEM) as uow:
            owner = cases.case(uow, case_id).owner.key
        return self._one_of(who for who in self._people if owner in who.agencies)

    def _one_of(self, candidates: Iterable[Actor]) -> Actor:
        able = list(candidates)
        if not able:
            raise NotFound("Nobody in the sample city may do this.")
        chosen = min(able, key=lambda who: self._work[who.username])
        self._work[chosen.username] += 1
        return chosen

    def _pass_time(self, until: datetime) -> None:
        """Move the clock, stopping at every deadline and attempt on the way."""
        worker = self._house.worker
        while True:
            with self._house.db.read(SYSTEM) as uow:
                due = jobs.soonest(uow)
            if due is None or due > until:
                break
            self._clock.move_to(max(due, self._clock.now()))
            if worker.run_once() == 0:
                break
        self._clock.move_to(max(until, self._clock.now()))
        worker.run_once()

    def _in_office_hours(self, at: datetime) -> datetime:
        local = at.astimezone(self._zone)
        if local.timetz().replace(tzinfo=None) >= CLOSES:
            local = datetime.combine(local.date() + timedelta(days=1), OPENS, self._zone)
        if local.timetz().replace(tzinfo=None) < OPENS:
            local = datetime.combine(local.date(), OPENS, self._zone)
        while local.weekday() >= 5:
            local = datetime.combine(local.date() + timedelta(days=1), OPENS, self._zone)
        return local

    def _stop(self, play: Play, error: EngineError) -> None:
        fields = f" {error.fields}" if isinstance(error, AnswersInvalid) else ""
        self.report.stuck[play.name] = f"{error.message}{fields} [{error.problem_code}]"
