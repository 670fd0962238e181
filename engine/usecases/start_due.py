"""The clock starts cases: schedules whose time has come."""

from datetime import datetime

from engine.bpmn.step import World
from engine.bpmn.times import Due, after_now
from engine.model import Case, ProcessStart
from engine.states import IncidentKind
from engine.store.starts import due_starts
from engine.store.uow import UnitOfWork
from engine.usecases.open_incident import open_incident
from engine.usecases.start_by_event import start_by_time

SCHEDULE_STOPPED = "schedule_stopped"
"""Code of the incident of a case whose schedule has no next time that could be computed."""


def start_due(uow: UnitOfWork, *, limit: int) -> int:
    """Start one case for each due schedule and set its next time, in one transaction; gives how many.

    So a schedule starts exactly one case for a time, however many workers look and whenever one is killed. Times that
    went by while no worker ran are not made up for: one case starts, for the first of them, and the next one at the next
    time that lies ahead. The case begins by a job of its own; when the model cannot begin, that job's incident tells, and
    the schedule goes on.
    """
    found = due_starts(uow, limit=limit)
    for row in found:
        due_at = row.due_at
        if due_at is None:
            continue
        case = start_by_time(uow, row, scheduled_at=due_at, timer=row.timer)
        _go_on(uow, row, case, due_at)
    return len(found)


def _go_on(uow: UnitOfWork, row: ProcessStart, case: Case, due_at: datetime) -> None:
    passed = Due(due_at, row.repeat_left, row.every)
    row.due_at = None
    if passed.every is None:
        return
    try:
        following = after_now(passed, World(uow.now(), uow.calendar_of(case)))
    except ValueError as fault:
        open_incident(
            uow,
            case,
            kind=IncidentKind.JOB_DEAD,  # the case's own steps do not settle it
            code=SCHEDULE_STOPPED,
            message=f"The schedule {row.timer} has no next time: {fault}. Correct it and deploy the process again.",
            element=row.element_id,
            element_name=row.label,
        )
        return
    if following is not None:
        row.due_at, row.repeat_left = following.at, following.repeat_left
