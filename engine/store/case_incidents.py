"""The open incidents of one case: found and resolved as the case moves."""

from collections.abc import Collection

from sqlalchemy import select, update

from engine.model import Incident
from engine.states import IncidentKind, IncidentState
from engine.store.uow import UnitOfWork


def close_incidents(uow: UnitOfWork, case_id: str, ids: Collection[str], *, resolution: str) -> None:
    """Resolve incidents of a case in one statement, for the unit's actor."""
    if ids:
        statement = (
            update(Incident)
            .where(Incident.case_id == case_id, Incident.id.in_(sorted(ids)))
            .values(
                state=IncidentState.RESOLVED.value,
                resolved_at=uow.now(),
                resolved_by=uow.actor.name,
                resolution=resolution,
            )
            .execution_options(synchronize_session=False)
        )
        uow.session.execute(statement)


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
