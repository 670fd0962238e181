"""An operator lets the house try again what an incident stopped."""

from engine.errors import Conflict
from engine.model import Case, Incident, Job, Task
from engine.states import Audit, IncidentKind, IncidentState, JobKind, JobState, Power
from engine.store.four_eyes import anybody_left
from engine.store.tasks import candidates_of
from engine.store.uow import UnitOfWork
from engine.usecases.access import require_power
from engine.usecases.keep_message import as_sent
from engine.usecases.open_incident import STUCK


def retry_incident(uow: UnitOfWork, incident_id: str) -> Incident:
    """Resolve the incident; its job is ready again with all its attempts and the same idempotency key.

    An incident without a job came from a person's request: it is resolved, and the person may try again.

    Raises:
        NotFound. NotPermitted: not an operator. Conflict ``incident_resolved``, ``nothing_to_retry``.
    """
    incident, case, job = open_case_incident(uow, incident_id)
    if incident.code == STUCK:
        raise Conflict(
            "Nothing can be tried again: the case waits for branches that can no longer arrive. Cancel it with a reason.",
            code="nothing_to_retry",
            incident_id=incident_id,
        )
    if incident.kind == IncidentKind.NOBODY_LEFT and not _somebody_may(uow, incident):
        raise Conflict(
            "Still nobody may do the task. Give one more person the role it asks for; then it is in their inbox.",
            code="nothing_to_retry",
            incident_id=incident_id,
        )
    if job is not None:
        job.state, job.attempts, job.run_at = JobState.READY, 0, uow.now()
        job.fence += 1
        job.lease_until, job.worker = None, None
        if job.kind == JobKind.MESSAGE:
            job.payload = as_sent(job.payload)
    resolve(uow, incident, "retried")
    uow.record(
        Audit.INCIDENT_RETRIED,
        case,
        element=incident.element_id or None,
        element_name=(job.name or None) if job else None,
        incident_id=incident.id,
        code=incident.code,
    )
    return incident


def _somebody_may(uow: UnitOfWork, incident: Incident) -> bool:
    task = uow.row(Task, incident.task_id or "")
    named = candidates_of(uow, task.case_id, [task.id])[task.id]
    return anybody_left(uow, task.agency_key, roles=named.roles, users=named.users, barred=named.barred)


def open_case_incident(uow: UnitOfWork, incident_id: str) -> tuple[Incident, Case, Job | None]:
    """An open incident, its locked case and its dead or unknown job, for an operator.

    Raises:
        NotFound. NotPermitted: not an operator. Conflict ``incident_resolved``.
    """
    incident = uow.get(Incident, incident_id)
    require_power(uow.actor, Power.OPERATOR)
    case = uow.row(Case, incident.case_id, lock=True)
    incident = uow.row(Incident, incident_id, lock=True)
    job = uow.row(Job, (incident.case_id, incident.job_id)) if incident.job_id else None
    if incident.state != IncidentState.OPEN or (
        job is not None and job.state not in (JobState.DEAD, JobState.UNKNOWN)
    ):
        raise Conflict(
            f"The incident is {incident.state}: {incident.resolution or 'its job runs again'}.",
            code="incident_resolved",
            incident_id=incident_id,
        )
    return incident, case, job


def resolve(uow: UnitOfWork, incident: Incident, resolution: str) -> None:
    """Say in the incident's row who ended it, when and how."""
    incident.state, incident.resolution = IncidentState.RESOLVED, resolution
    incident.resolved_at, incident.resolved_by = uow.now(), uow.actor.name
