"""Real workers in processes of their own, a real partner over HTTP, and real signals."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.http.connector import HttpConnector
from engine.bpmn.admit import Upload
from engine.connector import System
from engine.model import SYSTEM, AuditEvent, Case, Incident, Job
from engine.states import Audit, CaseState, IncidentKind, JobState
from engine.store.db import Database
from engine.usecases.deploy import deploy
from engine.usecases.start_case import start_case
from tests.people import World, settle
from tests.usecases.models import bpmn

pytestmark = pytest.mark.faults

ROOT = Path(__file__).parents[2]
LOOK = bpmn(
    "look",
    """
    <startEvent id="start"/>
    <sequenceFlow id="f1" sourceRef="start" targetRef="look_up"/>
    <serviceTask id="look_up" name="Look up" camunda:type="external" camunda:topic="http">
      <extensionElements><camunda:properties>
        <camunda:property name="system" value="population"/>
        <camunda:property name="path" value="/people"/>
      </camunda:properties></extensionElements>
    </serviceTask>
    <sequenceFlow id="f2" sourceRef="look_up" targetRef="end"/>
    <endEvent id="end"/>
    """,
)


class Partner:
    """The population register: it does a thing once for one Idempotency-Key, and may hold the first answers back."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.effects: set[str] = set()
        self.arrived, self.released = threading.Event(), threading.Event()
        self.released.set()
        partner, lock = self, threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with lock:
                    partner.calls.append(self.headers["Idempotency-Key"])
                    partner.effects.add(self.headers["Idempotency-Key"])
                partner.arrived.set()
                partner.released.wait(10)
                body = json.dumps({"name": "Wulan"}).encode()
                try:
                    self.send_response(200)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    return  # the caller is gone

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.released.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def partner() -> Iterator[Partner]:
    made = Partner()
    yield made
    made.close()


class Office:
    """A database on the real clock, and worker processes on it."""

    def __init__(self, database_url: str, partner: Partner) -> None:
        self.url, self.partner = database_url, partner
        self.database = Database(database_url)
        self.people: World = settle(self.database)
        self.workers: list[subprocess.Popen[bytes]] = []
        with self.database.unit(self.people.citra) as uow:
            systems = {"population": System("population", partner.url)}
            connectors = {"http": HttpConnector()}
            deploy(uow, Upload("look.bpmn", LOOK), connectors=connectors, systems=systems)

    def start_case(self) -> str:
        with self.database.unit(self.people.ana) as uow:
            return start_case(uow, "look").case_id

    def start_worker(self, **environment: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(ROOT / "tests/faults/worker_process.py"), self.url, self.partner.url]
        process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)} | environment
        )
        self.workers.append(process)
        return process

    def jobs(self) -> list[Job]:
        with self.database.read(SYSTEM) as uow:
            return list(uow.session.scalars(select(Job)))

    def incidents(self) -> list[Incident]:
        with self.database.read(SYSTEM) as uow:
            return list(uow.session.scalars(select(Incident)))

    def starts(self) -> list[str]:
        """The times for which a schedule has started a case."""
        with self.database.read(SYSTEM) as uow:
            query = select(AuditEvent.data).where(AuditEvent.kind == Audit.CASE_STARTED)
            return [str(json.loads(data)["scheduled_at"]) for data in uow.session.scalars(query)]

    def case_states(self) -> list[str]:
        with self.database.read(SYSTEM) as uow:
            return list(uow.session.scalars(select(Case.state)))

    def close(self) -> None:
        for process in self.workers:
            if process.poll() is None:
                process.kill()
            process.wait(10)
        self.database.dispose()


@pytest.fixture
def office(database_url: str, partner: Partner) -> Iterator[Office]:
    made = Office(database_url, partner)
    yield made
    made.close()


def eventually(holds: Callable[[], bool], *, within_s: float = 20) -> None:
    end = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def test_a_worker_killed_during_a_call_leads_to_one_effect(office: Office, partner: Partner) -> None:
    partner.released.clear()
    case_id = office.start_case()
    first = office.start_worker()
    assert partner.arrived.wait(20)
    first.send_signal(signal.SIGKILL)
    first.wait(10)
    (held,) = office.jobs()
    assert (held.state, held.attempts) == (JobState.RUNNING, 1)
    partner.released.set()
    office.start_worker()
    eventually(lambda: office.jobs()[0].state == JobState.DONE)
    assert len(partner.calls) == 2
    assert len(partner.effects) == 1
    (done,) = office.jobs()
    assert (done.attempts, done.fence) == (2, 2)
    with office.database.read(SYSTEM) as uow:
        assert uow.get(Case, case_id).state == CaseState.COMPLETED
        kinds = Counter(uow.session.scalars(select(AuditEvent.kind).where(AuditEvent.case_id == case_id)))
    assert (kinds[Audit.JOB_FINISHED], kinds[Audit.CASE_COMPLETED]) == (1, 1)


def test_a_partner_that_cannot_tell_a_repeat_is_left_to_an_operator(office: Office, partner: Partner) -> None:
    partner.released.clear()
    office.start_case()
    first = office.start_worker(FORGETFUL="1")
    assert partner.arrived.wait(20)
    first.send_signal(signal.SIGKILL)
    first.wait(10)
    partner.released.set()
    office.start_worker(FORGETFUL="1")
    eventually(lambda: office.jobs()[0].state == JobState.UNKNOWN)
    assert [i.kind for i in office.incidents()] == [IncidentKind.OUTCOME_UNKNOWN]
    assert len(partner.calls) == 1


def test_a_worker_told_to_stop_ends_its_call_first(office: Office, partner: Partner) -> None:
    partner.released.clear()
    office.start_case()
    worker = office.start_worker()
    assert partner.arrived.wait(20)
    office.start_case()  # not begun any more, or begun by nobody: it waits for the next worker
    worker.send_signal(signal.SIGTERM)
    time.sleep(0.2)
    partner.released.set()
    assert worker.wait(20) == 0
    states = Counter(job.state for job in office.jobs())
    assert states[JobState.RUNNING] == 0
    assert states[JobState.DONE] >= 1
    office.start_worker()
    eventually(lambda: {job.state for job in office.jobs()} == {JobState.DONE})
    assert len(partner.calls) == len(partner.effects) == 2


def test_several_workers_call_once_a_job(office: Office, partner: Partner) -> None:
    for _ in range(30):
        office.start_case()
    for _ in range(2):
        office.start_worker(LEASE_S="60")  # a lease that lapses on a busy machine is another test's subject
    eventually(lambda: {job.state for job in office.jobs()} == {JobState.DONE}, within_s=40)
    assert len(partner.calls) == len(partner.effects) == 30


EVERY_SECOND = bpmn(
    "count",
    """
    <startEvent id="clock"><timerEventDefinition><timeCycle>R/PT1S</timeCycle></timerEventDefinition></startEvent>
    <sequenceFlow id="f1" sourceRef="clock" targetRef="end"/>
    <endEvent id="end"/>
    """,
)


def test_a_schedule_starts_one_case_a_time_though_workers_are_killed(office: Office) -> None:
    with office.database.unit(World.citra) as uow:
        deploy(uow, Upload("count.bpmn", EVERY_SECOND), connectors={}, systems={})
    for _ in range(3):
        office.start_worker()
        victim = office.start_worker()
        time.sleep(1.2)
        victim.send_signal(signal.SIGKILL)
        victim.wait(10)
    eventually(lambda: len(office.starts()) >= 6)
    with office.database.unit(World.citra) as uow:
        once = EVERY_SECOND.replace(b"R/PT1S", b"2020-01-01T00:00:00Z").replace(b"timeCycle", b"timeDate")
        deploy(uow, Upload("count.bpmn", once), connectors={}, systems={})
    # what a killed worker held comes back with its lease
    eventually(lambda: any(at.startswith("2020") for at in office.starts()))
    eventually(lambda: set(office.case_states()) == {CaseState.COMPLETED})
    times = office.starts()
    assert len(times) == len(set(times)) == len(office.case_states())
    assert office.incidents() == []
