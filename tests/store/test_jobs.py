"""Jobs are taken once, finished by their holder only, and come back when the holder goes silent."""

import threading
from datetime import timedelta

import pytest

from engine.clock import MovableClock
from engine.errors import Collision, StaleVersion
from engine.model import SYSTEM, Agency, Case, Job
from engine.states import JobKind, JobState
from engine.store import jobs
from engine.store.db import Database, retrying
from engine.store.endings import end
from engine.store.jobs import ClaimedJob
from engine.store.uow import UnitOfWork
from tests.people import LICENSING, World
from tests.store.rows import add_case, add_job, add_process


def cases(database: Database, count: int) -> list[str]:
    with database.unit(SYSTEM) as uow:
        add_process(uow)
        return [add_case(uow).case_id for _ in range(count)]


def take(
    uow: UnitOfWork, *, limit: int = 10, worker: str = "w", kinds: tuple[JobKind, ...] = tuple(JobKind)
) -> list[ClaimedJob]:
    return jobs.claim_due(uow, limit=limit, worker=worker, lease_s=60, kinds=kinds)


def test_due_jobs_are_taken_longest_due_first(database: Database, world: World, clock: MovableClock) -> None:
    one, two, three = cases(database, 3)
    now = clock.now()
    with database.unit(SYSTEM) as uow:
        later = add_job(uow, one, run_at=now + timedelta(seconds=1))
        second = add_job(uow, two, run_at=now - timedelta(minutes=1))
        first = add_job(uow, three, run_at=now - timedelta(minutes=2))
    with database.unit(SYSTEM) as uow:
        taken = take(uow)
    assert [job.id for job in taken] == [first, second]
    assert [(job.fence, job.attempt) for job in taken] == [(1, 1), (1, 1)]
    assert taken[0].lease_until == now + timedelta(seconds=60)
    clock.move_by(timedelta(seconds=1))
    with database.unit(SYSTEM) as uow:
        assert [job.id for job in take(uow)] == [later]
        assert jobs.soonest(uow) is None


def test_only_calls_burn_attempts_and_kinds_can_be_chosen(database: Database, world: World) -> None:
    one, two = cases(database, 2)
    with database.unit(SYSTEM) as uow:
        timer = add_job(uow, one, kind=JobKind.TIMER.value)
        add_job(uow, two)
    with database.unit(SYSTEM) as uow:
        assert [(job.id, job.attempt) for job in take(uow, kinds=(JobKind.TIMER,))] == [(timer, 0)]


def test_a_cases_jobs_run_one_after_another(database: Database, world: World) -> None:
    (one,) = cases(database, 1)
    with database.unit(SYSTEM) as uow:
        first, second = add_job(uow, one), add_job(uow, one)
    with database.unit(SYSTEM) as uow:
        taken = take(uow)
        assert [job.id for job in taken] == [first]
        assert take(uow) == []
    with database.unit(SYSTEM) as uow:
        jobs.finish(uow, case_id=one, job_id=first, fence=taken[0].fence)
        assert [job.id for job in take(uow)] == [second]


def test_the_database_itself_keeps_a_case_from_running_twice(database: Database, world: World) -> None:
    (one,) = cases(database, 1)

    def two_at_once() -> None:
        with database.unit(SYSTEM) as uow:
            add_job(uow, one, state=JobState.RUNNING.value)
            add_job(uow, one, state=JobState.RUNNING.value)

    with pytest.raises(Collision):
        two_at_once()


def test_who_lost_the_lease_cannot_finish(database: Database, world: World, clock: MovableClock) -> None:
    (one,) = cases(database, 1)
    with database.unit(SYSTEM) as uow:
        job = add_job(uow, one)
    with database.unit(SYSTEM) as uow:
        (zombie,) = take(uow)
    clock.move_by(timedelta(seconds=61))
    with database.unit(SYSTEM) as uow:
        assert jobs.return_lapsed(uow).returned == 1
        (heir,) = take(uow)
    assert (heir.fence, heir.attempt) == (2, 2)
    assert heir.idempotency_key == zombie.idempotency_key

    def finish(held: ClaimedJob) -> None:
        with database.unit(SYSTEM) as uow:
            jobs.finish(uow, case_id=one, job_id=job, fence=held.fence)

    with pytest.raises(StaleVersion):
        finish(zombie)
    finish(heir)
    with pytest.raises(StaleVersion):
        finish(heir)
    with database.read(SYSTEM) as uow:
        assert uow.get(Job, job).state == JobState.DONE.value


def test_a_job_whose_attempts_are_spent_is_held_not_returned(
    database: Database, world: World, clock: MovableClock
) -> None:
    one, two = cases(database, 2)
    with database.unit(SYSTEM) as uow:
        last = add_job(uow, one, attempts=4)
        add_job(uow, two)
    with database.unit(SYSTEM) as uow:
        take(uow)
    clock.move_by(timedelta(minutes=2))
    with database.unit(SYSTEM) as uow:
        lapsed = jobs.return_lapsed(uow)
        assert lapsed.returned == 1
        assert [(job.id, job.fence) for job in lapsed.held] == [(last, 1)]
        jobs.give_up(uow, case_id=one, job_id=last, fence=1, error="silence", unknown=True)
    with database.read(SYSTEM) as uow:
        assert uow.get(Job, last).state == JobState.UNKNOWN.value


def test_a_failed_job_comes_again_after_its_pause(
    database: Database, world: World, clock: MovableClock
) -> None:
    (one,) = cases(database, 1)
    with database.unit(SYSTEM) as uow:
        add_job(uow, one)
    with database.unit(SYSTEM) as uow:
        (held,) = take(uow)
        jobs.again(uow, case_id=one, job_id=held.id, fence=held.fence, after_s=5, error="away")
    with database.unit(SYSTEM) as uow:
        assert take(uow) == []
        clock.move_by(timedelta(seconds=5))
        (held,) = take(uow)
        assert held.attempt == 2
        jobs.again(uow, case_id=one, job_id=held.id, fence=held.fence, after_s=0, error="x", burnt=False)
        assert take(uow)[0].attempt == 2


def test_a_withdrawn_job_cannot_be_finished(database: Database, world: World) -> None:
    (one,) = cases(database, 1)
    with database.unit(SYSTEM) as uow:
        add_job(uow, one)
    with database.unit(SYSTEM) as uow:
        (held,) = take(uow)
    with database.unit(SYSTEM) as uow:
        uow.get(Case, one, lock=True)
        end(uow, one, jobs=[held.id])
        with pytest.raises(StaleVersion):
            jobs.finish(uow, case_id=one, job_id=held.id, fence=held.fence)


def test_what_one_worker_is_taking_the_other_passes_over(database: Database, world: World) -> None:
    """On PostgreSQL the second does not wait; SQLite lets one writer in at a time."""
    if database.dialect == "sqlite":
        pytest.skip("SQLite has one writer: nothing can be passed over")
    keys = cases(database, 4)
    with database.unit(SYSTEM) as uow:
        made = [add_job(uow, key) for key in keys]
        made.append(add_job(uow, keys[0]))
    with database.unit(SYSTEM) as first, database.unit(SYSTEM) as second:
        one = [job.id for job in take(first, limit=2)]
        two = [job.id for job in take(second, limit=9)]
    assert one == made[:2]
    assert two == made[2:4]  # not the second job of the case that is just being taken


def test_many_workers_take_each_job_once(database: Database, world: World) -> None:
    keys = cases(database, 12)
    with database.unit(SYSTEM) as uow:
        made = [add_job(uow, key) for key in keys for _ in range(2)]
    finished: list[str] = []
    overlap: list[str] = []
    running: set[str] = set()
    guard = threading.Lock()

    def claim(name: str) -> list[ClaimedJob]:
        with database.unit(SYSTEM) as uow:
            return take(uow, limit=3, worker=name)

    def finish(job: ClaimedJob) -> None:
        with database.unit(SYSTEM) as uow:
            jobs.finish(uow, case_id=job.case_id, job_id=job.id, fence=job.fence)

    def work(name: str) -> None:
        idle = 0
        while idle < 5:
            taken = retrying(lambda: claim(name), tries=20)
            idle = 0 if taken else idle + 1
            for job in taken:
                with guard:
                    if job.case_id in running:
                        overlap.append(job.id)
                    running.add(job.case_id)
            for job in taken:
                with guard:
                    running.discard(job.case_id)
                    finished.append(job.id)
                retrying(lambda job=job: finish(job), tries=20)  # type: ignore[misc]  # binds the loop's job

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(finished) == sorted(made)
    assert overlap == []


def test_the_databases_own_clock_judges_what_is_due(database_url: str) -> None:
    """Without a clock set by hand, due dates and leases are the database's business."""
    database = Database(database_url)
    try:
        (one,) = cases_of(database)
        with database.unit(SYSTEM) as uow:
            due = add_job(uow, one, run_at=uow.now() - timedelta(seconds=2))
        with database.unit(SYSTEM) as uow:
            (held,) = take(uow)
            assert held.id == due
            ahead = (held.lease_until - uow.now()).total_seconds()
            assert 30 < ahead < 90
            assert jobs.return_lapsed(uow).returned == 0
    finally:
        database.dispose()


def cases_of(database: Database) -> list[str]:
    with database.unit(SYSTEM) as uow:
        uow.add(Agency(key=LICENSING, name_id="DPMPTSP", name_en="Licensing"))
    return cases(database, 1)
