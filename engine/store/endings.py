"""What a step ends, in few statements: tasks, jobs and subscriptions that no longer wait, incidents that are over."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import BindParameter, Delete, Update, bindparam, case, delete, update
from sqlalchemy.orm.attributes import set_committed_value

from engine.model import Incident, Job, Subscription, Task
from engine.states import IncidentState, JobState, TaskState
from engine.store.literals import OPEN_TASK
from engine.store.uow import UnitOfWork

_CASE: BindParameter[str] = bindparam("of_case")
_AT: BindParameter[Any] = bindparam("at")


def _ids(name: str) -> BindParameter[Any]:
    return bindparam(name, expanding=True)


_DONE: BindParameter[str] = bindparam("done")
_BY_PERSON = ("closed_by", "assignee", "assignee_name", "claimed_at")
_TASKS = (
    update(Task)
    .where(Task.case_id == _CASE, Task.id.in_(_ids("task_ids")), OPEN_TASK)
    .values(
        state=case((Task.id == _DONE, TaskState.COMPLETED.value), else_=TaskState.WITHDRAWN.value),
        closed_at=_AT,
        **{
            name: case(
                (Task.id == _DONE, bindparam(f"done_{name}", type_=Task.__table__.c[name].type)),
                else_=Task.__table__.c[name],
            )
            for name in _BY_PERSON
        },
    )
)
_JOBS = (
    update(Job)
    .where(Job.case_id == _CASE, Job.id.in_(_ids("job_ids")))
    .values(
        state=JobState.WITHDRAWN.value,
        closed_at=_AT,
        lease_until=None,
        # Whoever runs it now must not finish it.
        fence=case((Job.state == JobState.RUNNING.value, Job.fence + 1), else_=Job.fence),
    )
)
_SUBSCRIPTIONS = delete(Subscription).where(
    Subscription.case_id == _CASE, Subscription.token.in_(_ids("tokens"))
)
_INCIDENTS = (
    update(Incident)
    .where(Incident.case_id == _CASE, Incident.id.in_(_ids("incident_ids")))
    .values(
        state=IncidentState.RESOLVED.value,
        resolved_at=_AT,
        resolved_by=bindparam("by"),
        resolution=bindparam("resolution"),
    )
)
_STATEMENTS: dict[str, Update | Delete] = {
    "task_ids": _TASKS,
    "job_ids": _JOBS,
    "tokens": _SUBSCRIPTIONS,
    "incident_ids": _INCIDENTS,
}
_ALL = _INCIDENTS.add_cte(
    *(statement.cte(f"end_{name}") for name, statement in _STATEMENTS.items() if statement is not _INCIDENTS)
)
"""All four at once: PostgreSQL lets several changes stand in one statement."""


def end(
    uow: UnitOfWork,
    case_id: str,
    *,
    tasks: Collection[str] = (),
    jobs: Collection[str] = (),
    subscriptions: Collection[str] = (),
    incidents: Collection[str] = (),
    resolution: str = "",
) -> None:
    """End rows of a case: one statement on PostgreSQL, one a kind on SQLite; none where there is nothing to end.

    The task that this unit completed goes along with those that are withdrawn.

    Args:
        tasks, jobs, incidents: ids. subscriptions: tokens.
        resolution: of the incidents.
    """
    ids = {"task_ids": tasks, "job_ids": jobs, "tokens": subscriptions, "incident_ids": incidents}
    kinds = [name for name, some in ids.items() if some]
    if not kinds:
        return
    done = _completed_here(uow, case_id) if tasks else None
    values: dict[str, Any] = {name: sorted(some) for name, some in ids.items()}
    values |= {"of_case": case_id, "at": uow.now(), "by": uow.actor.name, "resolution": resolution}
    values |= {f"done_{name}": getattr(done, name, None) for name in _BY_PERSON}
    values["done"] = done.id if done else None
    if done:
        values["task_ids"].append(done.id)
    connection = uow.session.connection()
    if uow.database.dialect == "postgresql" and len(kinds) > 1:
        connection.execute(_ALL, values)
    else:
        for name in kinds:
            connection.execute(_STATEMENTS[name], values)
    if done:
        for name in ("state", "closed_at", *_BY_PERSON):
            set_committed_value(done, name, getattr(done, name))


def _completed_here(uow: UnitOfWork, case_id: str) -> Task | None:
    """The task of this case that the unit has completed, not yet written."""
    for row in uow.session.dirty:
        if isinstance(row, Task) and row.case_id == case_id and row.state == TaskState.COMPLETED:
            return row
    return None
