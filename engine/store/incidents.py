"""Incidents: what operators must look at."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from engine.model import Case, Incident
from engine.states import IncidentKind, IncidentState
from engine.store.literals import OPEN_INCIDENT
from engine.store.operations import Columns, newest, one
from engine.store.page import Named, Page
from engine.store.tasks import process_named
from engine.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """An incident with what people know its case by. ``target`` is the partner's system, where one is involved."""

    id: str
    case_id: str
    kind: IncidentKind
    state: IncidentState
    job_id: str | None
    task_id: str | None
    element_id: str
    target: str | None
    code: str
    message: str
    created_at: datetime
    resolved_at: datetime | None
    resolved_by: str | None
    resolution: str | None
    process: Named
    business_key: str | None


def incidents(
    uow: UnitOfWork,
    *,
    state: str | None = IncidentState.OPEN.value,
    kind: str | None = None,
    case: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[IncidentRow]:
    """Incidents for operators and auditors, newest first; for others there are none.

    Args:
        state: ``open``, ``resolved`` or None for both.
        kind, case: only these.

    Raises:
        Invalid: no such state, kind, limit or cursor.
    """
    return newest(
        uow,
        Incident,
        _row,
        noun="incident",
        states=IncidentState,
        kinds=IncidentKind,
        state=state,
        kind=kind,
        case=case,
        after=after,
        limit=limit,
    )


def incident(uow: UnitOfWork, incident_id: str) -> IncidentRow:
    """One incident.

    Raises:
        NotFound: no such incident, or not for this actor.
    """
    return _row(one(uow, Incident, incident_id, noun="incident"))


def is_held_up(uow: UnitOfWork, case_id: str) -> bool:
    """Whether an incident holds the case up: everybody who sees the case may know that, though not why.

    Raises:
        NotFound: no such case, or not for this actor.
    """
    uow.get(Case, case_id)
    found = select(Incident.id).where(Incident.case_id == case_id, OPEN_INCIDENT).limit(1)
    return uow.session.scalar(found) is not None


def _row(row: Columns) -> IncidentRow:
    incident: Incident = row.Incident
    return IncidentRow(
        id=incident.id,
        case_id=incident.case_id,
        kind=IncidentKind(incident.kind),
        state=IncidentState(incident.state),
        job_id=incident.job_id,
        task_id=incident.task_id,
        element_id=incident.element_id,
        target=incident.target,
        code=incident.code,
        message=incident.message,
        created_at=incident.created_at,
        resolved_at=incident.resolved_at,
        resolved_by=incident.resolved_by,
        resolution=incident.resolution,
        process=process_named(row.Process),
        business_key=row.Case.business_key,
    )
