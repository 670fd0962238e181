"""Conditions on states as literal text: a partial index serves only a query that names the state, not a parameter."""

from enum import StrEnum

from sqlalchemy import ColumnElement, and_, literal_column

from engine.model import Incident, Job, Task
from engine.states import IncidentState, JobState, TaskState


def literal(value: StrEnum) -> ColumnElement[str]:
    """A word of a closed vocabulary as SQL text."""
    return literal_column(f"'{value.value}'")


OPEN_TASK = Task.state == literal(TaskState.OPEN)
READY_JOB = Job.state == literal(JobState.READY)
KEPT_MESSAGE = and_(Job.unseen_since.is_not(None), READY_JOB)
RUNNING_JOB = Job.state == literal(JobState.RUNNING)
OPEN_INCIDENT = Incident.state == literal(IncidentState.OPEN)
