"""A person takes an open task."""

from engine.errors import TaskClaimed, TaskNotOpen
from engine.model import Task
from engine.states import Audit, TaskState
from engine.store.tasks import Taken, taken
from engine.store.uow import UnitOfWork
from engine.usecases.access import require_candidate
from engine.usecases.four_eyes import require_apart


def claim_task(uow: UnitOfWork, task_id: str) -> Task:
    """Make the actor the task's holder. Claiming what one holds already changes nothing.

    Raises:
        NotFound: no such task for the actor. NotPermitted: it is for others in the agency.
        TaskNotOpen, TaskClaimed.
    """
    hand = taken(uow, task_id)
    task, case = hand.task, hand.case
    require_hold(uow, hand)
    if task.assignee == uow.actor.id:
        return task
    hold(uow, task, uow.actor.id, uow.actor.name)
    uow.record(
        Audit.TASK_CLAIMED,
        case,
        element=task.element_id,
        element_name=task.name,
        agency=task.agency_key,
        task_id=task.id,
    )
    return task


def require_hold(uow: UnitOfWork, hand: Taken) -> None:
    """The actor holds the open task, or nobody does and the actor may.

    Raises:
        TaskNotOpen, TaskClaimed, NotFound. NotPermitted, ``four_eyes`` also for who holds it.
    """
    task = hand.task
    require_open(task)
    require_apart(uow.actor, hand)
    if task.assignee == uow.actor.id:
        return
    require_candidate(uow.actor, hand)
    if task.assignee is not None:
        raise TaskClaimed(
            f"{task.assignee_name} holds the task “{task.name}”.",
            task_id=task.id,
            assignee=task.assignee_name,
        )


def require_open(task: Task) -> None:
    """Raises TaskNotOpen; ``detail["state"]`` says what became of it."""
    if task.state != TaskState.OPEN:
        raise TaskNotOpen(
            f"The task “{task.name}” is {task.state} already.", task_id=task.id, state=task.state
        )


def hold(uow: UnitOfWork, task: Task, person_id: str | None, name: str | None) -> None:
    """Set or clear who holds the task."""
    task.assignee, task.assignee_name = person_id, name
    task.claimed_at = uow.now() if person_id else None
