"""A step that the model could not take in a person's request: nothing was written, but an operator must see it."""

from engine.errors import NotFound, StepFailed
from engine.model import SYSTEM, Case
from engine.states import CaseState, IncidentKind
from engine.store.db import Database
from engine.usecases.open_incident import open_incident


def note_step_failed(database: Database, failure: StepFailed, *, task_id: str | None = None) -> str | None:
    """Open an incident for the failure, in a unit of its own after the request's was undone.

    One a case and element: the incident that is open already keeps the newest words. It closes by itself when the case
    next moves on.

    Returns:
        The incident's id; None when there is no running case for it (a case that could not begin was never written).
    """
    case_id = failure.detail.get("case_id")
    if case_id is None:
        return None
    with database.unit(SYSTEM) as uow:
        try:
            case = uow.row(Case, case_id, lock=True)
        except NotFound:
            return None
        if case.state != CaseState.RUNNING:
            return None
        incident = open_incident(
            uow,
            case,
            kind=IncidentKind.STEP_FAILED,
            code=failure.problem_code,
            message=failure.message,
            element=str(failure.detail.get("element", "")),
            task_id=task_id,
        )
        return incident.id
