"""A person completes a task: the answers go into the case, and the case moves to its next waits."""

from collections.abc import Mapping
from typing import Any

from engine.model import Task
from engine.states import Audit, TaskState
from engine.store.forms import form_of
from engine.store.tasks import taken
from engine.store.uow import UnitOfWork
from engine.usecases.advance import advance
from engine.usecases.answers import read_answers
from engine.usecases.claim_task import hold, require_hold
from engine.usecases.four_eyes import keep_apart
from engine.usecases.moving import move, require_running, world_of


def complete_task(uow: UnitOfWork, task_id: str, answers: Mapping[str, Any]) -> Task:
    """Close an open task with the form's answers and move its case on.

    A task that nobody holds is completed by whoever may take it, and counts as claimed by them.

    Args:
        answers: raw values by field key; without a form, JSON values by variable name.

    Raises:
        NotFound: no such task for the actor. NotPermitted: it is for others in the agency.
        TaskNotOpen, TaskClaimed. AnswersInvalid: by field.
        StepFailed: the model cannot go on; nothing was changed.
    """
    hand = taken(uow, task_id)
    task, case = hand.task, hand.case
    require_hold(uow, hand)
    snapshot = require_running(case)
    given = read_answers(
        form_of(uow, task.process_key, task.process_version, task.form_key),
        answers,
        variables=lambda: uow.machine(case).task_variables(snapshot, task.token),
        world=world_of(uow, case),
    )
    step = move(uow, case, lambda machine, world, state: machine.finish(world, state, task.token, given))
    if task.assignee is None:
        hold(uow, task, uow.actor.id, uow.actor.name)
    task.state, task.closed_at, task.closed_by = TaskState.COMPLETED, uow.now(), uow.actor.id
    uow.record(
        Audit.TASK_COMPLETED,
        case,
        element=task.element_id,
        element_name=task.name,
        agency=task.agency_key,
        task_id=task.id,
        answers=given,
        due_at=task.due_at,
    )
    keep_apart(uow, case, task, still=step.waits)
    advance(uow, case, step)
    return task
