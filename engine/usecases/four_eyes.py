"""Four eyes: who did one task of a case may not do the one that checks it.

A task keeps people out by rows of their own kind among its candidates. They are written when the task opens and whenever
a task it is kept apart from is completed, under the case's lock. Reading who may take a task therefore answers this too:
in the inbox, for claiming, giving and completing, in every door.
"""

from collections.abc import Collection, Mapping, Sequence

from engine.bpmn.step import OpenTask, Wait
from engine.errors import NotPermitted
from engine.model import Actor, Case, Task
from engine.states import Audit, IncidentKind
from engine.store.four_eyes import anybody_left, bar, doers, open_tasks_at
from engine.store.hot import Known, NewTask
from engine.store.tasks import Candidates, Taken, candidates_of
from engine.store.uow import UnitOfWork
from engine.store.versions import version_of
from engine.usecases.open_incident import open_incident
from engine.usecases.routing import Way

NOBODY_LEFT = "four_eyes"
"""Code of the incident of a task that everybody who could do it is kept out of; also of a refusal."""


def require_apart(actor: Actor, hand: Taken) -> None:
    """Raises NotPermitted ``four_eyes`` when the task keeps the actor out."""
    if actor.id in hand.barred:
        raise NotPermitted(
            f"{actor.name} has done another part of this case, so somebody else must do the task “{hand.task.name}”.",
            code="four_eyes",
            task_id=hand.task.id,
        )


def barred_people(
    uow: UnitOfWork,
    case: Case,
    waits: Sequence[OpenTask],
    ways: Sequence[Way],
    people: Mapping[str, Known],
) -> list[dict[str, str]]:
    """For each new task whom it keeps out: person id → name. No statement where no task is kept apart from another."""
    places = {(way.process_key, element) for way in ways for element in way.apart}
    done = doers(uow, case.case_id, places)
    found: list[dict[str, str]] = []
    for wait, way in zip(waits, ways, strict=True):
        excluded = {people[name].id: people[name].name for name in wait.excluded if name in people}
        for element in way.apart:
            excluded |= done[way.process_key, element]
        found.append(excluded)
    return found


def keep_apart(uow: UnitOfWork, case: Case, task: Task, *, still: Collection[Wait]) -> None:
    """The actor has completed ``task``: keep them out of the open tasks that it is kept apart from.

    One that they hold goes back to the queue.

    Args:
        still: what the case waits for now; tasks that are about to be withdrawn need no care.
    """
    version = version_of(uow, task.process_key, task.process_version)
    apart = version.routing.get(task.node_id, {}).get("apart", ())
    if not apart:
        return
    waiting = {wait.token for wait in still}
    others = [
        other for other in open_tasks_at(uow, case.case_id, task.process_key, apart) if other.token in waiting
    ]
    bar(uow, others, uow.actor.id)
    for other in others:
        if other.assignee == uow.actor.id:
            other.assignee, other.assignee_name, other.claimed_at = None, None, None
            uow.record(
                Audit.TASK_RELEASED,
                case,
                element=other.element_id,
                element_name=other.name,
                agency=other.agency_key,
                task_id=other.id,
                reason="four_eyes",
            )
    named = candidates_of(uow, case.case_id, [other.id for other in others])
    tell_if_nobody_is_left(uow, case, [(other, named[other.id]) for other in others])


def tell_if_nobody_is_left(
    uow: UnitOfWork, case: Case, tasks: Sequence[tuple[Task | NewTask, Candidates]]
) -> None:
    """Open an incident for each element at which everybody who could do a task is kept out: no deadline would tell it.

    One statement for each kind of candidates: the instances of a multi-instance task mostly have the same.
    """
    asked: dict[tuple[str, Candidates], bool] = {}
    told: set[str] = set()
    for task, named in tasks:
        if not named.barred or task.element_id in told:
            continue
        key = (task.agency_key, named)
        if key not in asked:
            asked[key] = anybody_left(
                uow, task.agency_key, roles=named.roles, users=named.users, barred=named.barred
            )
        if asked[key]:
            continue
        told.add(task.element_id)
        whom = f"the roles {', '.join(named.roles)}" if named.roles else "the task"
        open_incident(
            uow,
            case,
            kind=IncidentKind.NOBODY_LEFT,
            code=NOBODY_LEFT,
            element=task.element_id,
            element_name=task.name,
            task_id=task.id,
            message=f"Nobody in {task.agency_key} may do the task “{task.name}”: everybody for {whom} has done another "
            "part of this case. It waits until one more person can take it.",
        )
