"""Jobs as operators and the readers of a case see them."""

from collections.abc import Collection

from sqlalchemy import Row, Select, select

from engine.errors import Invalid, NotFound
from engine.model import Case, Job, Process
from engine.states import JobKind, JobState
from engine.store.page import Page, checked_limit, cursor, paged, place
from engine.store.rows import JobRow
from engine.store.tasks import process_named
from engine.store.uow import UnitOfWork
from engine.store.visible import operations_visible

_CURSOR = "jobs"


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
    if state is not None and state not in {s.value for s in JobState}:
        raise Invalid(f"“{state}” is no state of a job.", code="state_invalid", state=state)
    if kind is not None and kind not in {k.value for k in JobKind}:
        raise Invalid(f"“{kind}” is no kind of job.", code="kind_invalid", kind=kind)
    query = _rows().where(operations_visible(uow.actor))
    if case is not None:
        query = query.where(Job.case_id == case)
    if state is not None:
        query = query.where(Job.state == state)
    if kind is not None:
        query = query.where(Job.kind == kind)
    if after is not None:
        query = query.where(Job.id < place(_CURSOR, after, [str])[0])
    rows = uow.session.execute(query.order_by(Job.id.desc()).limit(checked_limit(limit) + 1)).all()
    return paged(rows, limit, _row, lambda row: cursor(_CURSOR, row.Job.id))


def job(uow: UnitOfWork, job_id: str) -> JobRow:
    """One job.

    Raises:
        NotFound: no such job, or not for this actor.
    """
    row = uow.session.execute(_rows().where(Job.id == job_id, operations_visible(uow.actor))).one_or_none()
    if row is None:
        raise NotFound(f"There is no such job for you: {job_id}.", job_id=job_id)
    return _row(row)


def of_case(uow: UnitOfWork, case_id: str, *, states: Collection[JobState]) -> list[JobRow]:
    """The jobs of a case in these states, by due time; whether the case exists for the actor is the caller's question."""
    query = _rows().where(Job.case_id == case_id, Job.state.in_([state.value for state in states]))
    return [_row(row) for row in uow.session.execute(query.order_by(Job.run_at, Job.id))]


def _rows() -> Select[Job, Case, Process]:
    return (
        select(Job, Case, Process)
        .join(Case, Case.case_id == Job.case_id)
        .join(Process, Process.key == Case.process_key)
    )


def _row(row: Row[Job, Case, Process]) -> JobRow:
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
