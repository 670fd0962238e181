"""Withdraws what a case no longer waits for: tasks, deadlines, calls, subscriptions."""

from collections.abc import Sequence

from engine.model import Case
from engine.states import Audit, JobKind
from engine.store.hot import Waiting, end_subscriptions, withdraw_jobs, withdraw_tasks
from engine.store.uow import UnitOfWork


def withdraw(uow: UnitOfWork, case: Case, rows: Sequence[Waiting]) -> set[str]:
    """Close these rows, with history. Gives the ids of the jobs among them."""
    tasks = [row for row in rows if row.source == "task"]
    jobs = [row for row in rows if row.source == "job"]
    for row in (*tasks, *jobs):
        uow.record(
            _kind(row),
            case,
            element=row.element_id or None,
            element_name=row.name or None,
            agency=row.agency_key,
            **({"task_id": row.id} if row.source == "task" else {"job_id": row.id, "job_kind": row.kind}),
        )
    gone = {row.id for row in jobs}
    withdraw_tasks(uow, case.case_id, [row.id for row in tasks])
    withdraw_jobs(uow, case.case_id, gone)
    end_subscriptions(uow, case.case_id, [row.token for row in rows if row.source == "subscription"])
    return gone


def _kind(row: Waiting) -> Audit:
    if row.source == "task":
        return Audit.TASK_WITHDRAWN
    return Audit.DEADLINE_WITHDRAWN if row.kind == JobKind.TIMER else Audit.JOB_WITHDRAWN
