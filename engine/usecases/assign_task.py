"""A colleague gives an open task to a person who may do it."""

from engine.errors import Invalid
from engine.model import Task
from engine.states import Audit
from engine.store.people import actor_of
from engine.store.reach import people_named
from engine.store.rows import may_take
from engine.store.tasks import taken
from engine.store.uow import UnitOfWork
from engine.usecases.access import require_candidate
from engine.usecases.claim_task import hold, require_open
from engine.usecases.four_eyes import require_apart


def assign_task(uow: UnitOfWork, task_id: str, username: str) -> Task:
    """Make another person the holder, also when somebody holds it already; history says who did that.

    The actor holds the task or may take it; so must the person who gets it.

    Raises:
        NotFound: no such task for the actor. NotPermitted: it is for others in the agency; ``four_eyes``: one of the two
            has done what it checks. TaskNotOpen.
        Invalid: ``person_unknown``, or ``person_not_candidate``.
    """
    hand = taken(uow, task_id)
    task, case = hand.task, hand.case
    require_open(task)
    require_apart(uow.actor, hand)
    if task.assignee != uow.actor.id:
        require_candidate(uow.actor, hand)
    person = people_named(uow, [username]).get(username)
    if person is None:
        raise Invalid(
            f"Nobody active has the user name “{username}”.", code="person_unknown", username=username
        )
    receiver = actor_of(uow, person.id)
    require_apart(receiver, hand)
    if not may_take(receiver, task.agency_key, roles=hand.roles, users=hand.users):
        raise Invalid(
            f"{person.name} may not do the task “{task.name}”: it is for others in {task.agency_key}.",
            code="person_not_candidate",
            username=username,
            task_id=task.id,
        )
    before = task.assignee_name
    hold(uow, task, person.id, person.name)
    uow.record(
        Audit.TASK_ASSIGNED,
        case,
        element=task.element_id,
        element_name=task.name,
        agency=task.agency_key,
        task_id=task.id,
        assignee=person.name,
        before=before,
    )
    return task
