"""Opens an incident: something a person must look at before the case can go on."""

from engine.model import Case, Incident, new_id
from engine.states import Audit, IncidentKind, IncidentState
from engine.store.case_incidents import open_incident_at
from engine.store.uow import UnitOfWork

STUCK = "stuck"
"""Code of the incident of a case that nothing outside can move any more; trying again cannot help."""


def open_incident(
    uow: UnitOfWork,
    case: Case,
    *,
    kind: IncidentKind,
    code: str,
    message: str,
    element: str,
    element_name: str = "",
    job_id: str | None = None,
    task_id: str | None = None,
    target: str | None = None,
) -> Incident:
    """The incident, with history; one that is open already for the same trouble keeps the newest words."""
    incident = open_incident_at(uow, case.case_id, element, kind=kind, job_id=job_id)
    if incident is not None:
        incident.code, incident.message = code, message
        return incident
    incident = Incident(
        case_id=case.case_id,
        id=new_id(),
        kind=kind,
        state=IncidentState.OPEN,
        job_id=job_id,
        task_id=task_id,
        element_id=element,
        target=target,
        code=code,
        message=message,
        created_at=uow.now(),
    )
    uow.add(incident)
    uow.record(
        Audit.INCIDENT_OPENED,
        case,
        element=element or None,
        element_name=element_name or None,
        incident_id=incident.id,
        incident_kind=kind,
        code=code,
        message=message,
    )
    return incident
