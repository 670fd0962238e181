"""The open incidents of one case: found and resolved as the case moves."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import and_, or_, select, update

from engine.model import Incident
from engine.states import IncidentKind, IncidentState
from engine.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Resolved:
    id: str
    element_id: str


def overtaken(
    uow: UnitOfWork, case_id: str, *, resolution: str, job_ids: Collection[str] = (), everything: bool = False
) -> list[Resolved]:
    """Resolve, in one statement, the incidents that the case has overtaken by moving on.

    Those are steps that failed in a person's request, and the incidents of ``job_ids``; or ``everything``.
    """
    over = or_(
        and_(Incident.kind == IncidentKind.STEP_FAILED.value, Incident.job_id.is_(None)),
        Incident.job_id.in_(sorted(job_ids)),
    )
    statement = (
        update(Incident)
        .where(Incident.case_id == case_id, Incident.state == IncidentState.OPEN.value)
        .values(
            state=IncidentState.RESOLVED.value,
            resolved_at=uow.now(),
            resolved_by=uow.actor.name,
            resolution=resolution,
        )
        .returning(Incident.id, Incident.element_id)
        .execution_options(synchronize_session=False)
    )
    if not everything:
        statement = statement.where(over)
    return [Resolved(*row) for row in uow.session.execute(statement)]


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
