"""Incidents: what operators must look at."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, Select, func, select

from engine.errors import Invalid, NotFound
from engine.model import Case, Incident, Process
from engine.states import IncidentKind, IncidentState
from engine.store.literals import OPEN_INCIDENT
from engine.store.page import COUNT_CAP, Named, Page, checked_limit, cursor, paged, place
from engine.store.tasks import process_named
from engine.store.uow import UnitOfWork
from engine.store.visible import operations_visible

_CURSOR = "incidents"


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
    if state is not None and state not in {s.value for s in IncidentState}:
        raise Invalid(f"“{state}” is no state of an incident.", code="state_invalid", state=state)
    if kind is not None and kind not in {k.value for k in IncidentKind}:
        raise Invalid(f"“{kind}” is no kind of incident.", code="kind_invalid", kind=kind)
    query = _rows().where(operations_visible(uow.actor))
    if state is not None:
        query = query.where(Incident.state == state)
    if kind is not None:
        query = query.where(Incident.kind == kind)
    if case is not None:
        query = query.where(Incident.case_id == case)
    if after is not None:
        query = query.where(Incident.id < place(_CURSOR, after, [str])[0])
    rows = uow.session.execute(query.order_by(Incident.id.desc()).limit(checked_limit(limit) + 1)).all()
    return paged(rows, limit, _row, lambda row: cursor(_CURSOR, row.Incident.id))


def incident(uow: UnitOfWork, incident_id: str) -> IncidentRow:
    """One incident.

    Raises:
        NotFound: no such incident, or not for this actor.
    """
    query = _rows().where(Incident.id == incident_id, operations_visible(uow.actor))
    row = uow.session.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"There is no such incident for you: {incident_id}.", incident_id=incident_id)
    return _row(row)


def open_count(uow: UnitOfWork) -> int:
    """How many incidents are open for the actor; stops at 1000."""
    found = select(Incident.id).where(OPEN_INCIDENT, operations_visible(uow.actor)).limit(COUNT_CAP)
    return uow.session.scalar(select(func.count()).select_from(found.subquery())) or 0


def is_held_up(uow: UnitOfWork, case_id: str) -> bool:
    """Whether an incident holds the case up: everybody who sees the case may know that, though not why.

    Raises:
        NotFound: no such case, or not for this actor.
    """
    uow.get(Case, case_id)
    found = select(Incident.id).where(Incident.case_id == case_id, OPEN_INCIDENT).limit(1)
    return uow.session.scalar(found) is not None


def _rows() -> Select[Incident, Case, Process]:
    return (
        select(Incident, Case, Process)
        .join(Case, Case.case_id == Incident.case_id)
        .join(Process, Process.key == Case.process_key)
    )


def _row(row: Row[Incident, Case, Process]) -> IncidentRow:
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
