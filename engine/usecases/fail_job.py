"""A job failed: it is tried again, or it is dead and a person must look at it."""

from datetime import timedelta

from engine.model import Case, Job
from engine.states import Audit, IncidentKind, JobKind
from engine.store import jobs
from engine.store.uow import UnitOfWork
from engine.usecases.held import held_job
from engine.usecases.open_incident import open_incident


def fail_job(
    uow: UnitOfWork,
    case_id: str,
    job_id: str,
    fence: int,
    *,
    reason: str,
    again: bool,
    after_s: float | None = None,
    unknown: bool = False,
    limit: int | None = None,
    code: str = "refused",
    kind: IncidentKind = IncidentKind.JOB_DEAD,
    element: str | None = None,
) -> Case:
    """End the attempt that this run holds without success.

    Args:
        reason: one sentence without personal data.
        again: the failure may pass; the job is tried again while attempts are left.
        after_s: seconds until then.
        unknown: the partner may have done it and cannot tell a repeat: no attempt follows by itself.
        limit: attempts in all, where neither the model nor the job's kind says how many.
        code, kind, element: of the incident, when no attempt follows.

    Raises:
        StaleVersion: another run owns it, or the case no longer waits for it.
    """
    case, job = held_job(uow, case_id, job_id, fence)
    if job.kind != JobKind.CONNECTOR:
        job.attempts += 1  # a connector's attempt is burnt by the claim, before anything leaves the house
    elif limit is not None and not job.payload.get("retries"):
        job.max_attempts = limit
    if unknown:
        give_up_job(
            uow, case, job, fence, reason=reason, code="outcome_unknown", kind=IncidentKind.OUTCOME_UNKNOWN
        )
    elif again and job.attempts < job.max_attempts:
        wait_s = after_s or 0.0
        jobs.again(uow, case_id=case_id, job_id=job_id, fence=fence, after_s=wait_s, error=reason)
        if job.kind == JobKind.CONNECTOR:
            _record(uow, case, job, reason=reason, again_at=uow.now() + timedelta(seconds=wait_s))
    else:
        code = "attempts_spent" if again else code
        give_up_job(uow, case, job, fence, reason=reason, code=code, kind=kind, element=element)
    return case


def give_up_job(
    uow: UnitOfWork,
    case: Case,
    job: Job,
    fence: int,
    *,
    reason: str,
    code: str,
    kind: IncidentKind = IncidentKind.JOB_DEAD,
    element: str | None = None,
) -> None:
    """Leave the job to an operator, with an incident in the same transaction. Raises StaleVersion."""
    unknown = kind is IncidentKind.OUTCOME_UNKNOWN
    jobs.give_up(uow, case_id=case.case_id, job_id=job.id, fence=fence, error=reason, unknown=unknown)
    _record(uow, case, job, reason=reason, again_at=None)
    open_incident(
        uow,
        case,
        kind=kind,
        code=code,
        message=reason,
        element=element or job.element_id,
        element_name=job.name,
        job_id=job.id,
        target=job.payload.get("system") or job.payload.get("connector"),
    )


def _record(uow: UnitOfWork, case: Case, job: Job, *, reason: str, again_at: object) -> None:
    uow.record(
        Audit.JOB_FAILED,
        case,
        element=job.element_id or None,
        element_name=job.name or None,
        agency=job.agency_key,
        job_id=job.id,
        job_kind=job.kind,
        system=job.payload.get("system"),
        attempt=job.attempts,
        reason=reason,
        again_at=again_at,
    )
