"""Ends what a case no longer waits for: tasks, deadlines, calls, subscriptions; and the incidents that are over with it."""

from collections.abc import Sequence

from engine.model import Case
from engine.states import Audit, JobKind
from engine.store.endings import end
from engine.store.hot import OpenIncident, Waiting
from engine.store.uow import UnitOfWork


def withdraw(
    uow: UnitOfWork, case: Case, rows: Sequence[Waiting], *, over: Sequence[OpenIncident], resolution: str
) -> None:
    """Close these rows and incidents, with history.

    Args:
        over: incidents that the case has overtaken by itself, by moving on or by ending.
        resolution: what is said of them.
    """
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
    for incident in over:
        uow.record(
            Audit.INCIDENT_RESOLVED,
            case,
            element=incident.element_id or None,
            incident_id=incident.id,
            resolution=resolution,
        )
    end(
        uow,
        case.case_id,
        tasks=[row.id for row in tasks],
        jobs=[row.id for row in jobs],
        subscriptions=[row.token for row in rows if row.source == "subscription"],
        incidents=[incident.id for incident in over],
        resolution=resolution,
    )


def _kind(row: Waiting) -> Audit:
    if row.source == "task":
        return Audit.TASK_WITHDRAWN
    return Audit.DEADLINE_WITHDRAWN if row.kind == JobKind.TIMER else Audit.JOB_WITHDRAWN
