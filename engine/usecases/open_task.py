"""Opens tasks: routes each to its agency, and in it to the roles and people that the model names."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypedDict

from engine.bpmn.step import OpenTask, Wait
from engine.errors import StepFailed
from engine.model import Case
from engine.states import Audit
from engine.store.hot import Known, NewTask, Standing
from engine.store.hot import open_tasks as insert_tasks
from engine.store.tasks import Candidates
from engine.store.uow import UnitOfWork
from engine.usecases.four_eyes import barred_people, tell_if_nobody_is_left
from engine.usecases.routing import Routes, Way


class Names(TypedDict):
    usernames: set[str]
    role_keys: set[str]


def named_in(waits: Iterable[Wait]) -> Names:
    """The people and roles that tasks name, for ``standing`` to look up. A group may be written ``agency/role``."""
    tasks = [wait for wait in waits if isinstance(wait, OpenTask)]
    groups = {name for wait in tasks for name in wait.candidate_groups}
    return {
        "usernames": {
            name for wait in tasks for name in (*wait.candidate_users, *wait.excluded, wait.assignee) if name
        },
        "role_keys": groups | {name.partition("/")[2] for name in groups if "/" in name},
    }


def open_tasks(
    uow: UnitOfWork, case: Case, waits: Sequence[OpenTask], routes: Routes, *, before: Standing
) -> None:
    """Write the tasks and who may take them; their agencies take part in the case from now on.

    Args:
        before: where the case stood; knows the people and roles that the waits name.

    Raises:
        StepFailed: ``role_unknown`` or ``person_unknown``, when an expression named one that does not exist.
    """
    ways = [routes.way(wait.node, wait.process) for wait in waits]
    people, roles = before.people, before.roles
    taking_part = before.agencies | {case.owner_agency}
    barred = barred_people(uow, case, waits, ways, people)
    tasks = [
        _task(wait, way, people, roles, barred=kept_out)
        for wait, way, kept_out in zip(waits, ways, barred, strict=True)
    ]
    insert_tasks(uow, case.case_id, tasks, taking_part=taking_part)
    for wait, task, kept_out in zip(waits, tasks, barred, strict=True):
        uow.record(
            Audit.TASK_OPENED,
            case,
            element=wait.element,
            element_name=task.name,
            agency=task.agency_key,
            task_id=task.id,
            due_at=task.due_at,
            roles=task.roles,
            users=task.users,
            assignee=task.assignee_name,
            loop_index=wait.loop_index,
            **({"not_for": sorted(kept_out.values())} if kept_out else {}),
        )
    tell_if_nobody_is_left(
        uow, case, [(task, Candidates(task.roles, task.users, task.barred)) for task in tasks]
    )


def _task(
    wait: OpenTask,
    way: Way,
    people: Mapping[str, Known],
    roles: Collection[tuple[str, str]],
    *,
    barred: Mapping[str, str],
) -> NewTask:
    assignee = _person(wait, wait.assignee, people) if wait.assignee else None
    if assignee is not None and assignee.id in barred:
        assignee = None  # four eyes: it waits in the queue for somebody else
    return NewTask(
        token=wait.token,
        element_id=wait.element,
        node_id=wait.node,
        process_key=way.process_key,
        process_version=way.process_version,
        name=(wait.name or wait.element)[:500],
        agency_key=way.agency,
        roles=_roles(wait, way, roles),
        users=tuple(_person(wait, name, people).username for name in wait.candidate_users),
        assignee=assignee.id if assignee else None,
        assignee_name=assignee.name if assignee else None,
        form_key=wait.form,
        priority=wait.priority,
        due_at=wait.due_at,
        follow_up_at=wait.follow_up_at,
        guarded=bool(way.apart or wait.excluded),
        barred=tuple(barred),
    )


def _roles(wait: OpenTask, way: Way, known: Collection[tuple[str, str]]) -> tuple[str, ...]:
    """The model's groups, else the lane's roles; people named without a group stand alone."""
    if not wait.candidate_groups:
        return () if wait.candidate_users else way.roles
    roles = tuple(dict.fromkeys(name.removeprefix(f"{way.agency}/") for name in wait.candidate_groups))
    for role in roles:
        if (way.agency, role) not in known:
            raise StepFailed(
                f"The task “{wait.name or wait.element}” is for the group “{role}”, which is no role of {way.agency}.",
                code="role_unknown",
                element=wait.element,
                role=role,
                agency=way.agency,
            )
    return roles


def _person(wait: OpenTask, username: str, people: Mapping[str, Known]) -> Known:
    if username not in people:
        raise StepFailed(
            f"The task “{wait.name or wait.element}” is for “{username}”, but nobody active has this user name.",
            code="person_unknown",
            element=wait.element,
            username=username,
        )
    return people[username]
