"""Real models walked at random: after every step the rows say exactly what the interpreter waits for."""

import os
import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from engine.bpmn.admit import BPMN_ENDINGS, Upload
from engine.bpmn.normalise import Reading, normalise
from engine.bpmn.step import World as Told
from engine.clock import MovableClock
from engine.connector import Reply, TryAgain
from engine.errors import Conflict, StepFailed
from engine.model import SYSTEM, Actor, Case, Incident, Job, Subscription, Task, TaskCandidate
from engine.states import CaseState, IncidentState, JobKind, JobState, WaitKind
from engine.store.db import Database
from engine.store.history import verify
from engine.store.hot import PENDING_JOB
from engine.usecases.complete_task import complete_task
from engine.usecases.deploy import deploy
from engine.usecases.retry_incident import retry_incident
from engine.usecases.run_job_now import run_job_now
from engine.usecases.send_message import send_message
from engine.usecases.send_signal import send_signal
from engine.usecases.start_case import start_case
from tests.fakes import FakePartner
from tests.people import LICENSING, World
from tests.usecases.conftest import House
from tests.usecases.models import EVERYTHING, one_task

STEPS = 25
REAL = ("05", "06", "07", "08", "09", "11", "13", "14", "15")


def _shared() -> Path | None:
    root = Path(__file__).parents[2]
    for place in (os.environ.get("LINTAS_SHARED"), root / "../shared", root / "../../shared"):
        if place and (Path(place) / "models").is_dir():
            return Path(place) / "models"
    return None


SHARED = _shared()
FOLDERS = (
    sorted(p.name for p in SHARED.iterdir() if p.is_dir() and p.name[:1].isdigit()) if SHARED else ["none"]
)


@pytest.fixture
def real(database: Database, world: World, clock: MovableClock) -> House:
    return House(database, world, clock)


class Walk:
    """One case, moved at random by whoever may."""

    def __init__(self, house: House, files: Mapping[str, bytes], seed: str) -> None:
        self.house, self.files = house, files
        self.dice = random.Random(seed)
        self.readings = [normalise(c, n) for n, c in self.files.items() if n.endswith(BPMN_ENDINGS)]
        names = {s.connector for node in self._nodes() if (s := node.service) is not None}
        self.partners = {name: FakePartner(self._answer) for name in names}

    def _nodes(self) -> Iterator[Any]:
        return (
            node for reading in self.readings for process in reading.processes for node in process.nodes()
        )

    def deploy(self) -> str:
        """The key of the process to start."""
        main = next(name for name in self.files if name.endswith(BPMN_ENDINGS))
        lanes = {
            "/".join(lane.path): LICENSING
            for reading in self.readings
            for process in reading.processes
            for lane in process.lanes
        }
        made = self.house.act(
            self.house.people.citra,
            deploy,
            Upload(main, self.files[main], {n: c for n, c in self.files.items() if n != main}),
            lanes=lanes,
            create_roles=True,
            connectors=self.partners,
            systems=(),
        )
        return str(made.versions[0].process_key)

    def data(self) -> dict[str, Any]:
        """A guess at what the model's conditions read."""
        flows = [flow for reading in self.readings for flow in _flows(reading)]
        names = {name for flow in flows if flow.condition is not None for name in flow.condition.names}
        return {name: self.dice.choice([True, False, 1, 2, 3, "yes"]) for name in sorted(names)}

    def _answer(self, _: Any) -> Reply:
        if self.dice.random() < 0.2:
            raise TryAgain("The partner is away.")
        return Reply(self.data(), error=self.dice.choice([None, None, "DECEASED"]))

    def step(self) -> None:
        """Something that can happen now happens: an officer, a partner, time, a message, an operator."""
        house = self.house
        choices: list[tuple[str, Any]] = [("task", row) for row in house.rows(Task, state="open")]
        choices += [("job", row) for row in house.rows(Job, state=JobState.READY)]
        choices += [("event", row) for row in house.rows(Subscription)]
        choices += [("incident", row) for row in house.rows(Incident, state=IncidentState.OPEN) if row.job_id]
        if not choices:
            return
        kind, row = self.dice.choice(choices)
        match kind:
            case "task":
                house.act(self._officer(row), complete_task, row.id, self.data())
            case "job":
                if row.kind == JobKind.TIMER:
                    house.act(house.people.oka, run_job_now, row.id)
                house.worker(**self.partners).run_once(limit=1, until_idle=False)
            case "event" if row.kind == WaitKind.MESSAGE:
                house.act(house.people.oka, send_message, row.name, case_id=row.case_id, data=self.data())
            case "event":
                house.act(house.people.oka, send_signal, row.name)
            case _:
                house.act(house.people.oka, retry_incident, row.id)

    def _officer(self, task: Task) -> Actor:
        candidates = self.house.rows(TaskCandidate, task_id=task.id)
        users = [c.key for c in candidates if c.kind == "user"]
        return Actor(
            id=task.assignee or "walker",
            username=users[0] if users else "walker",
            name="Walker",
            agencies=frozenset({task.agency_key}),
            roles=frozenset((task.agency_key, key) for key in (task.audience, *(c.key for c in candidates))),
        )

    def check(self) -> None:
        for case in self.house.rows(Case):
            waits = self._waits(case)
            rows = (
                [t.token for t in self.house.rows(Task, case_id=case.case_id, state="open")]
                + [
                    j.token
                    for j in self.house.rows(Job, case_id=case.case_id)
                    if j.token and j.state in PENDING_JOB
                ]
                + [s.token for s in self.house.rows(Subscription, case_id=case.case_id)]
            )
            assert sorted(rows) == sorted(waits), case.state
            with self.house.database.read(SYSTEM) as uow:
                assert verify(uow, case.case_id).intact

    def _waits(self, case: Case) -> list[str]:
        if case.state != CaseState.RUNNING:
            assert case.snapshot is None
            return []
        with self.house.database.read(SYSTEM) as uow:
            told = Told(uow.now(), uow.calendar_of(case))
            return [wait.token for wait in uow.machine(case).waits(told, case.snapshot or b"")]


def _flows(reading: Reading) -> Iterator[Any]:
    for process in reading.processes:
        yield from process.scope.flows.values()
        for scope, _ in process.scope.walk():
            yield from scope.flows.values()


@pytest.mark.parametrize("number", REAL)
def test_real_models_keep_their_rows_in_step(real: House, number: str) -> None:
    if SHARED is None:
        pytest.skip("the real models are not beside the repository; LINTAS_SHARED says where they are")
    (folder,) = SHARED.glob(f"{number}-*")
    files = {f.name: f.read_bytes() for f in sorted(folder.iterdir()) if f.is_file()}
    _walk(Walk(real, files, number), STEPS)


@pytest.mark.parametrize("seed", ["ana", "bo", "citra", "dewi"])
def test_waits_of_every_kind_keep_their_rows_in_step(real: House, seed: str) -> None:
    walk = Walk(real, {"everything.bpmn": EVERYTHING, "clear.bpmn": one_task("clear")}, seed)
    _walk(walk, 3 * STEPS)


def _walk(walk: Walk, steps: int) -> None:
    house, key, started = walk.house, walk.deploy(), 0
    for _ in range(steps):
        before = house.print()
        try:
            if (started < 3 and walk.dice.random() < 0.1) or not started:
                started += 1
                house.act(house.people.oka, start_case, key, data=walk.data())
            else:
                walk.step()
        except (StepFailed, Conflict):
            assert house.print() == before
        walk.check()
