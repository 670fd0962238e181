"""Resolves incidents that a case has overtaken by itself, by moving on or by ending."""

from collections.abc import Sequence

from engine.model import Case
from engine.states import Audit
from engine.store.case_incidents import close_incidents
from engine.store.hot import OpenIncident
from engine.store.uow import UnitOfWork


def resolve_incidents(
    uow: UnitOfWork, case: Case, incidents: Sequence[OpenIncident], *, resolution: str
) -> None:
    """Close these incidents, with history."""
    for incident in incidents:
        uow.record(
            Audit.INCIDENT_RESOLVED,
            case,
            element=incident.element_id or None,
            incident_id=incident.id,
            resolution=resolution,
        )
    close_incidents(uow, case.case_id, [incident.id for incident in incidents], resolution=resolution)
