"""An operator answers for the partner: the job that an incident stopped is finished with given data."""

from typing import Any

from engine.errors import Conflict
from engine.model import Incident
from engine.states import Audit, JobKind, JobState
from engine.store.uow import UnitOfWork
from engine.usecases.advance import advance
from engine.usecases.moving import move
from engine.usecases.retry_incident import open_case_incident, resolve


def skip_incident(uow: UnitOfWork, incident_id: str, data: Any = None) -> Incident:
    """Resolve the incident and let the case go on as if the call had answered ``data`` (JSON).

    A message that cannot be delivered is given up; ``data`` has no meaning then.

    Raises:
        NotFound. NotPermitted: not an operator. Conflict ``incident_resolved``.
        Conflict ``incident_not_skippable``: there is no call to answer for.
        StepFailed: the model cannot go on; nothing was changed.
    """
    incident, case, job = open_case_incident(uow, incident_id)
    if job is None or job.kind in (JobKind.TIMER, JobKind.START):
        raise Conflict(
            "There is no partner's answer to give here; retry it or cancel the case.",
            code="incident_not_skippable",
            incident_id=incident_id,
        )
    step = None
    if job.kind == JobKind.CONNECTOR:
        step = move(uow, case, lambda m, world, state: m.finish_job(world, state, job.token, data))
    job.state, job.closed_at = JobState.DONE, uow.now()
    job.fence += 1
    resolve(uow, incident, "skipped")
    uow.record(
        Audit.INCIDENT_SKIPPED,
        case,
        element=incident.element_id or None,
        element_name=job.name or None,
        agency=job.agency_key,
        incident_id=incident.id,
        code=incident.code,
        answers=data,
    )
    if step is not None:
        advance(uow, case, step)
    return incident
