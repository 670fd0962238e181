"""What somebody holds and may hold no longer goes back to its queue."""

from engine.model import Actor
from engine.states import Audit
from engine.store.rows import may_take
from engine.store.tasks import held_by
from engine.store.uow import UnitOfWork
from engine.usecases.claim_task import hold


def give_back(uow: UnitOfWork, person_id: str, now: Actor | None) -> int:
    """Release the open tasks of a person, with history in each case; gives how many.

    Args:
        now: who the person is from now on, to keep what they still may hold; None = nobody, all goes back.
    """
    released = 0
    for hand in held_by(uow, person_id):
        task = hand.task
        if now is not None and may_take(now, task.agency_key, roles=hand.roles, users=hand.users):
            continue
        hold(uow, task, None, None)
        uow.record(
            Audit.TASK_RELEASED,
            hand.case,
            element=task.element_id,
            element_name=task.name,
            agency=task.agency_key,
            task_id=task.id,
            reason="holder_left",
        )
        released += 1
    return released
