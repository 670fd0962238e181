"""Jobs: claimed under a lease, finished behind a fence. The row is the truth; whoever dispatches only hints."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Row, and_, case, exists, func, select, tuple_, update
from sqlalchemy.orm import aliased

from engine.errors import StaleVersion
from engine.model import Job, ProcessStart, Subscription
from engine.states import JobKind, JobState, WaitKind
from engine.store.literals import KEPT_MESSAGE, READY_JOB, RUNNING_JOB, literal
from engine.store.time import sql_moment
from engine.store.uow import UnitOfWork

SAVED_WITHIN = timedelta(seconds=10)
"""How long a step of a case may take from the time it writes down to its commit, for ``wake_awaited``."""

_READY, _RUNNING = literal(JobState.READY), literal(JobState.RUNNING)


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """A job that is ours until ``lease_until``. ``attempt`` is 1 for the first call of a connector."""

    case_id: str
    id: str
    kind: JobKind
    token: str
    element_id: str
    name: str
    attempt: int
    max_attempts: int
    fence: int
    lease_until: datetime
    idempotency_key: str
    payload: dict[str, Any]

    @property
    def spent(self) -> bool:
        """Whether no attempt is left after this one."""
        return self.kind is JobKind.CONNECTOR and self.attempt >= self.max_attempts


_CLAIMED = (
    Job.case_id,
    Job.id,
    Job.kind,
    Job.token,
    Job.element_id,
    Job.name,
    Job.attempts,
    Job.max_attempts,
    Job.fence,
    Job.lease_until,
    Job.idempotency_key,
    Job.payload,
)


def claim_due(
    uow: UnitOfWork, *, limit: int, worker: str, lease_s: float, kinds: Collection[JobKind] = tuple(JobKind)
) -> list[ClaimedJob]:
    """Take the jobs that are due, the longest due first, at most one a case.

    A case's jobs run one after another: a case with a running job, or with an earlier due one, is passed over.

    Args:
        limit: how many at most; no more than there are free slots.
        worker: who takes them, for operators' eyes.
        lease_s: seconds until they may be taken by another.
        kinds: only these.
    """
    now = sql_moment(uow.database.clock, uow.database.dialect)
    lease = sql_moment(uow.database.clock, uow.database.dialect, plus_s=lease_s)
    other = aliased(Job)
    # The earlier job is looked for in every kind: if it is just being claimed by another, uncommitted, it still counts.
    in_the_way = exists().where(
        other.case_id == Job.case_id,
        (other.state == _RUNNING)
        | and_(
            other.state == _READY,
            other.run_at <= now,
            tuple_(other.run_at, other.id) < tuple_(Job.run_at, Job.id),
        ),
    )
    due = (
        select(Job.id)
        .where(
            READY_JOB,
            Job.run_at <= now,
            Job.kind.in_([kind.value for kind in kinds]),
            ~in_the_way,
        )
        .order_by(Job.run_at, Job.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Job)
        .cte("due")
    )
    claim = (
        update(Job)
        .where(Job.id.in_(select(due.c.id)))
        .values(
            state=JobState.RUNNING.value,
            worker=worker,
            lease_until=lease,
            fence=Job.fence + 1,
            # Burnt by the claim, so that a crash burns one too.
            attempts=Job.attempts + case((Job.kind == JobKind.CONNECTOR.value, 1), else_=0),
        )
        .returning(Job.run_at, *_CLAIMED)
        .execution_options(synchronize_session=False)
    )
    rows = sorted(uow.session.execute(claim), key=lambda row: (row.run_at, row.id))
    return [_claimed(row) for row in rows]


def _claimed(row: Row[Any]) -> ClaimedJob:
    return ClaimedJob(
        case_id=row.case_id,
        id=row.id,
        kind=JobKind(row.kind),
        token=row.token,
        element_id=row.element_id,
        name=row.name,
        attempt=row.attempts,
        max_attempts=row.max_attempts,
        fence=row.fence,
        lease_until=row.lease_until,
        idempotency_key=row.idempotency_key,
        payload=row.payload,
    )


def finish(uow: UnitOfWork, *, case_id: str, job_id: str, fence: int) -> None:
    """Mark a claimed job as done.

    Raises:
        StaleVersion: another run owns it, or its case no longer waits for it; undo the unit.
    """
    _settle(uow, case_id, job_id, fence, state=JobState.DONE.value, closed_at=uow.now(), last_error=None)


def again(
    uow: UnitOfWork, *, case_id: str, job_id: str, fence: int, after_s: float, error: str, burnt: bool = True
) -> None:
    """Put a claimed job back, to be taken after ``after_s`` seconds.

    Args:
        error: why, one sentence without personal data.
        burnt: False gives the attempt back (the partner was never asked).

    Raises:
        StaleVersion: as ``finish``.
    """
    run_at = sql_moment(uow.database.clock, uow.database.dialect, plus_s=after_s)
    values: dict[str, Any] = {"state": JobState.READY.value, "run_at": run_at, "last_error": error}
    if not burnt:
        values["attempts"] = case((Job.attempts > 0, Job.attempts - 1), else_=0)
    _settle(uow, case_id, job_id, fence, **values)


def give_up(
    uow: UnitOfWork, *, case_id: str, job_id: str, fence: int, error: str, unknown: bool = False
) -> None:
    """Leave a claimed job for an operator: dead, or unknown when the partner may have done it all the same.

    Raises:
        StaleVersion: as ``finish``.
    """
    state = JobState.UNKNOWN if unknown else JobState.DEAD
    _settle(uow, case_id, job_id, fence, state=state.value, last_error=error)


def _settle(uow: UnitOfWork, case_id: str, job_id: str, fence: int, **values: Any) -> None:
    statement = (
        update(Job)
        .where(
            Job.case_id == case_id,
            Job.id == job_id,
            Job.fence == fence,
            Job.state == JobState.RUNNING.value,
        )
        .values(lease_until=None, worker=None, **values)
        .execution_options(synchronize_session=False)
    )
    result = uow.session.execute(statement)
    if not cast(CursorResult[Any], result).rowcount:
        raise StaleVersion(
            "Another run owns this job, or its case no longer waits for it.", case_id=case_id, job_id=job_id
        )


@dataclass(frozen=True, slots=True)
class Lapsed:
    """What ``return_lapsed`` found. ``held`` are still running, under a lease that is over; ``kinds`` one for each."""

    returned: int
    kinds: tuple[JobKind, ...]
    held: list[ClaimedJob]


def return_lapsed(
    uow: UnitOfWork, *, hold: Callable[[ClaimedJob], bool] = lambda job: job.spent, limit: int = 100
) -> Lapsed:
    """Make jobs whose holder went silent ready again, but for those that ``hold`` picks.

    Args:
        hold: which ones must not simply run again: their attempts are used up, or their partner cannot recognise a
            repeat. The caller fails them, with the fence they carry.
    """
    now = sql_moment(uow.database.clock, uow.database.dialect)
    query = (
        select(*_CLAIMED)
        .where(RUNNING_JOB, Job.lease_until < now)
        .order_by(Job.lease_until)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Job)
    )
    lapsed = [_claimed(row) for row in uow.session.execute(query)]
    held = [job for job in lapsed if hold(job)]
    kept = {job.id for job in held}
    ids = [job.id for job in lapsed if job.id not in kept]
    if ids:
        statement = (
            update(Job)
            .where(Job.id.in_(ids))
            .values(state=JobState.READY.value, run_at=now, lease_until=None, worker=None)
            .execution_options(synchronize_session=False)
        )
        uow.session.execute(statement)
    return Lapsed(returned=len(ids), kinds=tuple(job.kind for job in lapsed), held=held)


def wake_messages(uow: UnitOfWork, names: Collection[str]) -> None:
    """Let the worker look at once at messages of these names that are kept: somebody begins to wait, or to start, by them.

    Those that another unit holds are passed over: they are under way.
    """
    _wake(uow, Job.name.in_(sorted(set(names))))


def wake_starts(uow: UnitOfWork, process_key: str) -> None:
    """As ``wake_messages``, for the messages that start the process: one of its cases has ended, and may have barred them."""
    names = select(ProcessStart.name).where(
        ProcessStart.process_key == process_key, ProcessStart.kind == WaitKind.MESSAGE.value
    )
    _wake(uow, Job.name.in_(names))


def wake_awaited(uow: UnitOfWork) -> None:
    """As ``wake_messages``, for messages that a case has begun to wait for since their receiver was last looked for.

    For the tick: so that a step of a case has nothing to do with other cases' rows.
    """
    came = exists().where(
        Subscription.kind == WaitKind.MESSAGE.value,
        Subscription.name == Job.name,
        Subscription.created_at >= Job.unseen_since,
    )
    _wake(uow, and_(Job.unseen_since < uow.now() - SAVED_WITHIN, came))


def _wake(uow: UnitOfWork, which: ColumnElement[bool]) -> None:
    now = uow.now()
    kept = (
        select(Job.id)
        # coalesce keeps SQLite from reading every timer that lies ahead, by the index of due jobs
        .where(KEPT_MESSAGE, which, func.coalesce(Job.run_at, now) > now)
        .with_for_update(skip_locked=True, of=Job)
    )
    wake = update(Job).where(Job.id.in_(kept)).values(run_at=now)
    uow.session.execute(wake.execution_options(synchronize_session=False))


def soonest(uow: UnitOfWork) -> datetime | None:
    """When the next ready job or schedule is due; None when none waits."""
    job = uow.session.scalar(select(func.min(Job.run_at)).where(READY_JOB))
    start = uow.session.scalar(select(func.min(ProcessStart.due_at)))
    return min((at for at in (job, start) if at is not None), default=None)
