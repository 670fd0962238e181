"""The worker in the background: it ticks, is nudged, keeps to its slots, drains, and lives through faults."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from engine.bpmn.step import Throw
from engine.clock import MovableClock
from engine.connector import Call, Reply, System
from engine.errors import Busy, EngineError, TaskNotOpen
from engine.model import Incident, Job, StoredAnswer, Task
from engine.states import Audit, JobState
from engine.store import answers
from engine.store.db import Database
from engine.usecases.complete_task import complete_task
from engine.worker import Worker
from tests.fakes import FakePartner, Stage, Timer, job, message, task
from tests.usecases.conftest import House

REGISTER = {"population": System("population", "http://127.0.0.1:9")}


def eventually(holds: Callable[[], bool], *, within_s: float = 15) -> None:
    end = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


@contextmanager
def running(worker: Worker) -> Iterator[Worker]:
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


@pytest.fixture
def look(house: House) -> None:
    house.deploy(
        "look", Stage((job("look_up", settings={"system": "population"}),)), Stage((task("decide"),))
    )


def test_a_started_worker_finds_what_is_due(house: House, look: None) -> None:
    settings = replace(house.settings, tick_s=0.05)
    house.start("look")
    with running(house.worker(systems=REGISTER, partner=FakePartner(), settings=settings)):
        eventually(lambda: house.job().state == JobState.DONE)


def test_a_nudge_is_faster_than_the_tick(house: House, look: None) -> None:
    settings = replace(house.settings, tick_s=60)
    with running(house.worker(systems=REGISTER, partner=FakePartner(), settings=settings)) as worker:
        house.start("look")
        worker.nudge()
        eventually(lambda: house.job().state == JobState.DONE, within_s=10)


def test_a_nudge_before_and_after_is_harmless(house: House) -> None:
    worker = house.worker()
    worker.nudge()
    with running(worker):
        worker.nudge()
    worker.nudge()
    worker.stop()
    assert worker.tick() == 0


def test_no_more_jobs_are_claimed_than_there_are_free_slots(house: House, look: None) -> None:
    for _ in range(5):
        house.start("look")
    release, inside = threading.Event(), threading.Semaphore(0)

    def answer(_: Call) -> Reply:
        inside.release()
        release.wait(10)
        return Reply()

    settings = replace(house.settings, tick_s=0.05, worker_threads=2)
    with running(house.worker(systems=REGISTER, partner=FakePartner(answer), settings=settings)):
        for _ in range(2):
            assert inside.acquire(timeout=10)
        time.sleep(0.3)
        states = sorted(row.state for row in house.rows(Job))
        assert states == [JobState.READY] * 3 + [JobState.RUNNING] * 2
        release.set()
        eventually(lambda: {row.state for row in house.rows(Job)} == {JobState.DONE})


def test_a_stopping_worker_ends_what_it_began(house: House, look: None) -> None:
    house.start("look")
    inside = threading.Event()

    def answer(_: Call) -> Reply:
        inside.set()
        time.sleep(0.3)
        return Reply()

    with running(
        house.worker(
            systems=REGISTER, partner=FakePartner(answer), settings=replace(house.settings, tick_s=0.05)
        )
    ):
        assert inside.wait(10)
    assert house.job().state == JobState.DONE


def test_a_database_that_is_away_is_asked_again(
    house: House, look: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.start("look")
    unit, faults = Database.unit, iter([Busy("The database does not answer.", code="database_away")] * 6)

    def sometimes_away(database: Database, actor: Any) -> Any:
        fault = next(faults, None)
        if fault is not None:
            raise fault
        return unit(database, actor)

    worker = house.worker(
        systems=REGISTER, partner=FakePartner(), settings=replace(house.settings, tick_s=0.05)
    )
    monkeypatch.setattr(Database, "unit", sometimes_away)
    with running(worker):
        eventually(lambda: house.job().state == JobState.DONE)


def test_a_job_that_cannot_be_written_is_left_to_its_lease(
    house: House, look: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.start("look")
    partner = FakePartner()
    worker = house.worker(systems=REGISTER, partner=partner)
    (claimed,) = worker._claim(1)
    with monkeypatch.context() as away:
        away.setattr(Database, "unit", _away)
        worker.run_job(claimed)
    assert house.job().state == JobState.RUNNING
    house.clock.move_by(timedelta(seconds=house.settings.lease_s + 1))
    assert worker.run_once() == 1
    assert house.job().state == JobState.DONE
    assert len({call.idempotency_key for call in partner.calls}) == 1


def _away(*_: Any) -> Any:
    raise Busy("The database does not answer.", code="outcome_unknown")


def test_log_lines_hold_keys_and_no_personal_data(house: House, caplog: pytest.LogCaptureFixture) -> None:
    house.deploy("look", Stage((job("look_up", inputs={"nik": "9901025405880001"}),)))
    case_id = house.start("look", data={"applicant": "Wulan Sasmita"})
    with caplog.at_level(logging.INFO, logger="engine.worker"):
        house.worker(partner=FakePartner(ZeroDivisionError("NIK 9901025405880001"))).run_once()
    lines = [record for record in caplog.records if record.name == "engine.worker"]
    assert [line.case_id for line in lines] == [case_id]  # type: ignore[attr-defined]
    told = " ".join(repr(vars(line)) for line in lines)
    assert "9901025405880001" not in told
    assert "Wulan" not in told
    assert "9901025405880001" not in house.incident().message


def test_a_fault_of_ours_ends_as_an_incident_and_the_others_go_on(
    house: House, look: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    house.deploy("poison", Stage((Timer("now", "Now", timedelta(0)),)), Stage((task("decide"),)))
    case_id = house.start("poison")
    house.start("look")

    def broken(*_: Any) -> Any:
        raise ZeroDivisionError("Wulan Sasmita")

    monkeypatch.setattr(house.machines["poison"], "fire", broken)
    settings = replace(house.settings, tick_s=0.05)
    with running(house.worker(systems=REGISTER, partner=FakePartner(), settings=settings)):
        eventually(lambda: house.job(kind="connector").state == JobState.DONE)
        for lease in range(1, 6):
            eventually(lambda lease=lease: house.job(case_id=case_id).fence == lease)  # type: ignore[misc]
            house.clock.move_by(timedelta(seconds=settings.lease_s + 1))
        eventually(lambda: house.rows(Incident) != [])
    incident = house.incident()
    assert (incident.case_id, incident.code) == (case_id, "attempts_spent")
    assert "Wulan" not in caplog.text
    assert any(getattr(line, "fault", "") == "ZeroDivisionError" for line in caplog.records)


def test_a_deadline_and_an_officer_at_once_give_one_outcome(house: House) -> None:
    house.deploy(
        "race", Stage((task("inspect"), Timer("late", "Late", timedelta(hours=1)))), Stage((task("decide"),))
    )
    cases = [house.start("race") for _ in range(8)]
    house.clock.move_by(timedelta(hours=1))
    told: list[str] = []

    def officer() -> None:
        for case_id in cases:
            try:
                open_task = house.rows(Task, case_id=case_id, element_id="inspect")[0].id
                house.act(house.people.ana, complete_task, open_task, {"safe": True})
                told.append("completed")
            except TaskNotOpen:
                told.append("too late")

    thread = threading.Thread(target=officer)
    thread.start()
    house.worker().run_once()
    thread.join(30)
    house.worker().run_once()
    assert len(told) == len(cases)
    for case_id in cases:
        history = house.history(case_id)
        assert history.count(Audit.TASK_COMPLETED) + history.count(Audit.DEADLINE_PASSED) == 1
        assert len(house.rows(Task, case_id=case_id, element_id="decide")) == 1
    assert told.count("completed") == sum(Audit.TASK_COMPLETED in house.history(c) for c in cases)


def test_cases_that_write_to_each_other_at_once_do_not_block(house: House) -> None:
    """Deliveries lock two cases; everybody takes them in the same order."""
    for mine, other in (("a", "b"), ("b", "a")):
        house.deploy(
            mine,
            Stage((task("begin"),)),
            Stage((message("wait", f"to_{mine}"),), thrown=(Throw("message", f"to_{other}"),)),
            Stage((task("end"),)),
        )
    pairs = [
        (house.start("a", business_key=f"K{n}"), house.start("b", business_key=f"K{n}")) for n in range(6)
    ]
    for row in house.rows(Task):
        house.act(house.people.ana, complete_task, row.id, {})
    faults: list[EngineError] = []

    def work() -> None:
        try:
            house.worker().run_once()
        except EngineError as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    house.worker().run_once()
    assert faults == []
    assert house.rows(Incident) == []
    assert len(house.rows(Task, element_id="end")) == 2 * len(pairs)


def test_the_sweep_forgets_old_answers_some_in_each_transaction(house: House, clock: MovableClock) -> None:
    with house.database.unit(house.people.ana) as uow:
        for number in range(2_001):
            answers.keep(uow, f"key-{number}", request_hash="h", status=200, body=b"{}")
    assert house.worker().sweep() == 0
    clock.move_by(timedelta(hours=24, seconds=1))
    assert house.worker().sweep() == 2_001
    assert house.rows(StoredAnswer) == []
