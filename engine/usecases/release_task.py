"""The holder of a task gives it back to those who may take it."""

from engine.errors import Conflict, NotPermitted
from engine.model import Task
from engine.states import Audit
from engine.store.tasks import taken
from engine.store.uow import UnitOfWork
from engine.usecases.claim_task import hold, require_open


def release_task(uow: UnitOfWork, task_id: str) -> Task:
    """Nobody holds the task afterwards.

    Raises:
        NotFound: no such task for the actor. NotPermitted: somebody else holds it.
        TaskNotOpen. Conflict ``task_not_held``: nobody holds it.
    """
    hand = taken(uow, task_id)
    task, case = hand.task, hand.case
    require_open(task)
    if task.assignee is None:
        raise Conflict(f"Nobody holds the task “{task.name}”.", code="task_not_held", task_id=task.id)
    if task.assignee != uow.actor.id:
        raise NotPermitted(
            f"Only {task.assignee_name} can release the task “{task.name}”.",
            task_id=task.id,
            assignee=task.assignee_name,
        )
    hold(uow, task, None, None)
    uow.record(
        Audit.TASK_RELEASED,
        case,
        element=task.element_id,
        element_name=task.name,
        agency=task.agency_key,
        task_id=task.id,
    )
    return task
