"""/tasks: the inbox, and what people do with a task."""

from typing import Any

from engine.store import inbox, tasks
from engine.store.page import Page
from engine.store.rows import TaskRow
from engine.store.uow import UnitOfWork
from engine.usecases.assign_task import assign_task
from engine.usecases.claim_task import claim_task
from engine.usecases.complete_task import complete_task
from engine.usecases.release_task import release_task
from web.api.door import Door
from web.api.schemas.tasks import Answers, Assignment, TaskOut, TaskPage, TaskQuery

door = Door("tasks", description="Work that waits for people")


@door.read(
    "/tasks",
    name="listTasks",
    summary="The tasks of my agencies and roles",
    query=TaskQuery(),
    returns=TaskPage(),
)
def list_tasks(uow: UnitOfWork, query: dict[str, Any]) -> Page[TaskRow]:
    return inbox.inbox(uow, **query)


@door.read("/tasks/<task_id>", name="getTask", summary="One task", returns=TaskOut())
def get_task(uow: UnitOfWork, task_id: str) -> TaskRow:
    return tasks.task(uow, task_id)


@door.write("/tasks/<task_id>/claim", name="claimTask", summary="Take a task", returns=TaskOut())
def claim(uow: UnitOfWork, task_id: str) -> TaskRow:
    claim_task(uow, task_id)
    return _now(uow, task_id)


@door.write("/tasks/<task_id>/release", name="releaseTask", summary="Give a task back", returns=TaskOut())
def release(uow: UnitOfWork, task_id: str) -> TaskRow:
    release_task(uow, task_id)
    return _now(uow, task_id)


@door.write(
    "/tasks/<task_id>/assign",
    name="assignTask",
    summary="Give a task to a colleague",
    body=Assignment(),
    returns=TaskOut(),
)
def assign(uow: UnitOfWork, task_id: str, body: dict[str, Any]) -> TaskRow:
    assign_task(uow, task_id, body["user"])
    return _now(uow, task_id)


@door.write(
    "/tasks/<task_id>/complete",
    name="completeTask",
    summary="Complete a task with its answers",
    body=Answers(),
    returns=TaskOut(),
)
def complete(uow: UnitOfWork, task_id: str, body: dict[str, Any]) -> TaskRow:
    complete_task(uow, task_id, body["data"])
    return _now(uow, task_id)


def _now(uow: UnitOfWork, task_id: str) -> TaskRow:
    """The task as this unit has left it."""
    uow.flush()
    return tasks.task(uow, task_id)
