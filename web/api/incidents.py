"""/incidents: what a person must look at before a case can go on."""

from typing import Any

from engine.store import incidents
from engine.store.page import Page
from engine.store.uow import UnitOfWork
from engine.usecases.cancel_case import cancel_case
from engine.usecases.retry_incident import retry_incident
from engine.usecases.skip_incident import skip_incident
from web.api.door import Door
from web.api.schemas.common import Reason
from web.api.schemas.jobs import IncidentOut, IncidentPage, IncidentQuery, SkipBody

door = Door("incidents", description="What a person must look at")


@door.read(
    "/incidents",
    name="listIncidents",
    summary="Incidents, newest first",
    query=IncidentQuery(),
    returns=IncidentPage(),
)
def list_incidents(uow: UnitOfWork, query: dict[str, Any]) -> Page[incidents.IncidentRow]:
    return incidents.incidents(uow, **query)


@door.write(
    "/incidents/<incident_id>/retry",
    name="retryIncident",
    summary="Try again what an incident stopped",
    returns=IncidentOut(),
)
def retry(uow: UnitOfWork, incident_id: str) -> incidents.IncidentRow:
    """With all its attempts and the same idempotency key towards the partner. For operators."""
    retry_incident(uow, incident_id)
    return _now(uow, incident_id)


@door.write(
    "/incidents/<incident_id>/skip",
    name="skipIncident",
    summary="Go on without the partner's answer",
    body=SkipBody(),
    returns=IncidentOut(),
)
def skip(uow: UnitOfWork, incident_id: str, body: dict[str, Any]) -> incidents.IncidentRow:
    """The given data stands for the answer. For operators."""
    skip_incident(uow, incident_id, body["data"])
    return _now(uow, incident_id)


@door.write(
    "/incidents/<incident_id>/cancel",
    name="cancelIncidentCase",
    summary="Cancel the case of an incident",
    body=Reason(),
    returns=IncidentOut(),
)
def cancel(uow: UnitOfWork, incident_id: str, body: dict[str, Any]) -> incidents.IncidentRow:
    """For operators."""
    cancel_case(uow, incidents.incident(uow, incident_id).case_id, body["reason"])
    return _now(uow, incident_id)


def _now(uow: UnitOfWork, incident_id: str) -> incidents.IncidentRow:
    """The incident as this unit has left it."""
    uow.flush()
    return incidents.incident(uow, incident_id)
