"""Four eyes in rows: who did which task of a case, and the people whom a task keeps out for it."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Insert, and_, or_, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from engine.model import Member, Person, PersonRole, Task, TaskCandidate
from engine.model.task import BARRED
from engine.states import TaskState
from engine.store.literals import OPEN_TASK
from engine.store.uow import UnitOfWork

Place = tuple[str, str]
"""Key of the process whose model holds a task, and the task's element."""


def doers(uow: UnitOfWork, case_id: str, places: Collection[Place]) -> dict[Place, dict[str, str]]:
    """Who has completed a task at each of these places so far: person id → name. One statement, none without places.

    Whoever did it in any round of a loop and in any instance counts, also in this unit.
    """
    found: dict[Place, dict[str, str]] = {place: {} for place in places}
    if not places:
        return found
    query = (
        select(Task.process_key, Task.element_id, Task.closed_by, Person.name)
        .outerjoin(Person, Person.id == Task.closed_by)
        .where(
            Task.case_id == case_id,
            Task.state == TaskState.COMPLETED.value,
            tuple_(Task.process_key, Task.element_id).in_(sorted(places)),
        )
    )
    for process, element, person, name in uow.session.execute(query):
        if person is not None:
            found[process, element][person] = name or person
    for row in list(uow.session.identity_map.values()):
        # what this unit has completed is not flushed yet
        if not isinstance(row, Task) or row.case_id != case_id or row.state != TaskState.COMPLETED:
            continue
        if row.closed_by == uow.actor.id and (row.process_key, row.element_id) in found:
            found[row.process_key, row.element_id][uow.actor.id] = uow.actor.name
    return found


def open_tasks_at(uow: UnitOfWork, case_id: str, process: str, elements: Collection[str]) -> list[Task]:
    """The open tasks of a case at these elements of the process."""
    query = select(Task).where(
        Task.case_id == case_id, OPEN_TASK, Task.process_key == process, Task.element_id.in_(sorted(elements))
    )
    # a row that this unit has closed comes back as it is now
    return [task for task in uow.session.scalars(query) if task.state == TaskState.OPEN]


def bar(uow: UnitOfWork, tasks: Collection[Task], person_id: str) -> None:
    """Keep the person from these tasks, for good. One statement; nothing happens where that is so already."""
    rows = [{"case_id": t.case_id, "task_id": t.id, "kind": BARRED, "key": person_id} for t in tasks]
    if rows:
        uow.session.connection().execute(_BAR[uow.database.dialect], rows)


def _bar_statements() -> Mapping[str, Insert]:
    return {
        "postgresql": postgresql.insert(TaskCandidate).on_conflict_do_nothing(),
        "sqlite": sqlite.insert(TaskCandidate).on_conflict_do_nothing(),
    }


_BAR = _bar_statements()


def anybody_left(
    uow: UnitOfWork,
    agency: str,
    *,
    roles: Collection[str],
    users: Collection[str],
    barred: Collection[str],
) -> bool:
    """Whether an active member of the agency may take a task for these roles and user names, without the barred people."""
    in_role = select(PersonRole.person_id).where(
        PersonRole.person_id == Person.id, PersonRole.agency_key == agency
    )
    member = select(Member.person_id).where(Member.person_id == Person.id, Member.agency_key == agency)
    belongs: Any = or_(member.exists(), in_role.exists())
    if roles or users:
        named = in_role.where(PersonRole.role_key.in_(sorted(roles))).exists()
        belongs = and_(belongs, or_(named, Person.username.in_(sorted(users))))
    query = select(Person.id).where(Person.active, belongs, Person.id.not_in(sorted(barred))).limit(1)
    return uow.session.scalar(query) is not None


def parts_of(
    uow: UnitOfWork, case_id: str, process: str, elements: Collection[str], person_id: str
) -> list[str]:
    """The names of the tasks at these elements that the person completed, oldest first, each once."""
    query = (
        select(Task.name)
        .where(
            Task.case_id == case_id,
            Task.process_key == process,
            Task.element_id.in_(sorted(elements)),
            Task.closed_by == person_id,
            Task.state == TaskState.COMPLETED.value,
        )
        .order_by(Task.id)
    )
    return list(dict.fromkeys(uow.session.scalars(query)))
