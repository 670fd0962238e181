"""Jobs as operators and the readers of a case see them."""

from collections.abc import Collection

from engine.model import Job
from engine.states import JobKind, JobState
from engine.store.operations import Columns, newest, one, with_case
from engine.store.page import Page
from engine.store.rows import JobRow
from engine.store.tasks import process_named
from engine.store.uow import UnitOfWork


def jobs(
    uow: UnitOfWork,
    *,
    case: str | None = None,
    state: str | None = None,
    kind: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[JobRow]:
    """Jobs for operators and auditors, newest first; for others there are none.

    Args:
        case, state, kind: only these.

    Raises:
        Invalid: no such state, kind, limit or cursor.
    """
    return newest(
        uow,
        Job,
        _row,
        noun="job",
        states=JobState,
        kinds=JobKind,
        state=state,
        kind=kind,
        case=case,
        after=after,
        limit=limit,
    )


def job(uow: UnitOfWork, job_id: str) -> JobRow:
    """One job.

    Raises:
        NotFound: no such job, or not for this actor.
    """
    return _row(one(uow, Job, job_id, noun="job"))


def of_case(uow: UnitOfWork, case_id: str, *, states: Collection[JobState]) -> list[JobRow]:
    """The jobs of a case in these states, by due time; whether the case exists for the actor is the caller's question."""
    query = with_case(Job).where(Job.case_id == case_id, Job.state.in_([state.value for state in states]))
    return [_row(row) for row in uow.session.execute(query.order_by(Job.run_at, Job.id))]


def _row(row: Columns) -> JobRow:
    job: Job = row.Job
    return JobRow(
        id=job.id,
        case_id=job.case_id,
        kind=JobKind(job.kind),
        state=JobState(job.state),
        element_id=job.element_id,
        name=job.name,
        target=job.payload.get("system") or job.payload.get("connector"),
        agency_key=job.agency_key,
        run_at=job.run_at,
        attempts=job.attempts,
        max_attempts=job.max_attempts,
        lease_until=job.lease_until,
        worker=job.worker,
        last_error=job.last_error,
        created_at=job.created_at,
        closed_at=job.closed_at,
        process=process_named(row.Process),
        business_key=row.Case.business_key,
    )
