"""The open incidents of one case: found as the case moves."""

from sqlalchemy import select

from engine.model import Incident
from engine.states import IncidentKind, IncidentState
from engine.store.uow import UnitOfWork


def open_incident_at(
    uow: UnitOfWork, case_id: str, element_id: str, *, kind: IncidentKind, job_id: str | None
) -> Incident | None:
    """The open incident of this kind that the case has at the element already."""
    query = select(Incident).where(
        Incident.case_id == case_id,
        Incident.state == IncidentState.OPEN.value,
        Incident.kind == kind.value,
        Incident.element_id == element_id,
        Incident.job_id.is_(None) if job_id is None else Incident.job_id == job_id,
    )
    return uow.session.scalars(query.limit(1)).one_or_none()
