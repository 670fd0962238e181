"""The inbox: tasks for the reader, page by page, as a union of index scans; and how many there are."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, UnaryExpression, and_, func, or_, select, tuple_, union
from sqlalchemy.orm import defer

from engine.errors import Invalid
from engine.model import Actor, Case, Person, Process, Task, TaskCandidate
from engine.model.task import ANYBODY, ANYONE, BARRED, ROLE, SEE_CANDIDATES, USER
from engine.states import TaskState
from engine.store.literals import OPEN_TASK, literal
from engine.store.page import COUNT_CAP, Named, Page, checked_limit, cursor, paged, place
from engine.store.rows import TaskRow
from engine.store.tasks import TaskColumns, process_named, task_row, task_rows
from engine.store.uow import UnitOfWork
from engine.store.visible import sees_all_tasks

ME, NOBODY = "me", "nobody"


@dataclass(frozen=True, slots=True)
class InboxCounts:
    """How many open tasks the reader has; each stops at 1000. ``late`` are past due."""

    all: int
    mine: int
    unclaimed: int
    late: int
    mine_late: int


@dataclass(frozen=True, slots=True)
class _Order:
    """A sequence of the inbox that an index has. ``place`` gives a task's place in it, as JSON values."""

    columns: tuple[Any, ...]
    types: tuple[type, ...]
    place: Callable[[Task], list[Any]]
    read: Callable[[list[Any]], list[Any]] = list
    descending: bool = False

    def by(self) -> list[UnaryExpression[Any]]:
        return [column.desc() if self.descending else column.asc() for column in self.columns]

    def beyond(self, values: list[Any]) -> ColumnElement[bool]:
        # Typed, or a moment would be compared as the driver writes it and not as the column keeps it.
        there = tuple_(*self.read(values), types=[column.type for column in self.columns])
        here = tuple_(*self.columns)
        return here < there if self.descending else here > there


def _read_moment(values: list[Any]) -> list[Any]:
    return [datetime.fromisoformat(values[0]), values[1]]


_ORDERS = {
    "due": _Order(
        columns=(Task.queue_at, Task.id),
        types=(str, str),
        place=lambda task: [task.queue_at.isoformat(), task.id],
        read=_read_moment,
    ),
    # Ids sort by the time they were made.
    "created": _Order(columns=(Task.id,), types=(str,), place=lambda task: [task.id], descending=True),
    "priority": _Order(
        columns=(Task.urgency, Task.id), types=(int, str), place=lambda task: [task.urgency, task.id]
    ),
}


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is looked for, in the words of ``inbox``."""

    state: TaskState = TaskState.OPEN
    agency: str | None = None
    role: str | None = None
    assignee: str | None = None
    case: str | None = None
    process: str | None = None
    due_before: datetime | None = None
    q: str | None = None
    also: tuple[ColumnElement[bool], ...] = field(default=())


def inbox(
    uow: UnitOfWork,
    *,
    agency: str | None = None,
    role: str | None = None,
    assignee: str | None = None,
    state: str = "open",
    case: str | None = None,
    process: str | None = None,
    due_before: datetime | None = None,
    q: str | None = None,
    sort: str = "due",
    after: str | None = None,
    limit: int = 50,
) -> Page[TaskRow]:
    """The tasks that are for the reader: any member's and their roles' in their agencies, and what they hold.

    Args:
        agency, role, case, process: only these keys; ``process`` is the case's.
        assignee: ``me``, ``nobody`` or a user name.
        state: ``open``, ``completed`` or ``withdrawn``; the latter two come newest first.
        due_before: only tasks due before this moment.
        q: text in the task's name, the business key or the facts.
        sort: ``due`` (soonest first, without due date last), ``created`` (newest first) or ``priority``.
        after: cursor of the page before.
        limit: 1 to 500.

    Raises:
        Invalid: a word, limit or cursor that is none of these.
    """
    wish = _Wish(_state(state), agency, role, assignee, case, process, due_before, q)
    if sort not in _ORDERS:
        raise Invalid(f"Tasks are not sorted by “{sort}”.", code="sort_invalid", sort=sort)
    sort = sort if wish.state is TaskState.OPEN else "created"
    order, name = _ORDERS[sort], f"inbox/{sort}"
    beyond = None if after is None else _beyond(order, name, after)
    branches = []
    for query in _branches(uow.actor, wish):
        query = query if beyond is None else query.where(beyond)
        branches.append(query.order_by(*order.by()).limit(checked_limit(limit) + 1).subquery())
    if not branches:
        return Page([], None)
    # Not UNION ALL: what one holds oneself may stand in one's role's queue as well.
    found = union(*(select(branch) for branch in branches)).subquery()
    shown = task_rows().join(found, and_(found.c.case_id == Task.case_id, found.c.id == Task.id))
    shown = shown.options(defer(Case.snapshot))  # kilobytes a row that no inbox shows
    rows = uow.session.execute(shown.order_by(*order.by()).limit(limit + 1)).all()

    def at(row: TaskColumns) -> str:
        return cursor(name, *order.place(row.Task))

    return paged(rows, limit, task_row, at)


def inbox_counts(uow: UnitOfWork) -> InboxCounts:
    """How many open tasks wait for the reader, in one statement."""
    late = (Task.queue_at < uow.now(),)
    wishes = {
        "all": _Wish(),
        "mine": _Wish(assignee=ME),
        "unclaimed": _Wish(assignee=NOBODY),
        "late": _Wish(also=late),
        "mine_late": _Wish(assignee=ME, also=late),
    }
    columns = []
    for name, wish in wishes.items():
        branches = [query.limit(COUNT_CAP).subquery() for query in _branches(uow.actor, wish)]
        ids = union(*(select(branch) for branch in branches)).limit(COUNT_CAP).subquery()
        columns.append(select(func.count()).select_from(ids).scalar_subquery().label(name))
    return InboxCounts(*uow.session.execute(select(*columns)).one())


@dataclass(frozen=True, slots=True)
class Queue:
    """A process with open tasks for the reader; ``count`` stops at 1000."""

    process: Named
    count: int


def inbox_queues(uow: UnitOfWork) -> list[Queue]:
    """The processes of the reader's open tasks, most tasks first."""
    branches = [query.limit(COUNT_CAP).subquery() for query in _branches(uow.actor, _Wish())]
    if not branches:
        return []
    found = union(*(select(branch) for branch in branches)).limit(COUNT_CAP).subquery()
    query = (
        select(Process, func.count().label("tasks"))
        .join(Case, Case.process_key == Process.key)
        .join(found, found.c.case_id == Case.case_id)
        .group_by(Process.key)
        .order_by(func.count().desc(), Process.key)
    )
    return [Queue(process_named(process), count) for process, count in uow.session.execute(query)]


def _state(text: str) -> TaskState:
    try:
        return TaskState(text)
    except ValueError:
        raise Invalid(f"“{text}” is no state of a task.", code="state_invalid", state=text) from None


def _beyond(order: _Order, name: str, after: str) -> ColumnElement[bool]:
    values = place(name, after, order.types)
    try:
        return order.beyond(values)
    except ValueError:
        raise Invalid("This is no place in this list.", code="cursor_invalid", after=after) from None


def _branches(actor: Actor, wish: _Wish) -> Iterator[Select[str, str]]:
    """One select of (case_id, id) for each index scan whose union is the inbox; never none."""
    if sees_all_tasks(actor):
        yield _select(actor, wish)
        return
    yield _select(actor, wish, Task.assignee == actor.id)
    if wish.assignee == ME:
        return
    for agency in sorted(actor.agencies):
        if wish.agency not in (None, agency):
            continue
        roles = sorted(role for of, role in actor.roles if of == agency)
        for audience in (ANYBODY, *roles):
            yield _select(actor, wish, Task.agency_key == agency, Task.audience == audience)
        named = _candidate(
            or_(
                and_(TaskCandidate.kind == ROLE, TaskCandidate.key.in_(roles)),
                and_(TaskCandidate.kind == USER, TaskCandidate.key == actor.username),
                TaskCandidate.kind == ANYONE,
            )
        )
        kept_out = _candidate(and_(TaskCandidate.kind == BARRED, TaskCandidate.key == actor.id))
        looked_up = (Task.audience == SEE_CANDIDATES, named, ~kept_out)
        yield _select(actor, wish, Task.agency_key == agency, *looked_up)


def _candidate(which: ColumnElement[bool]) -> ColumnElement[bool]:
    return (
        select(TaskCandidate.key)
        .where(TaskCandidate.case_id == Task.case_id, TaskCandidate.task_id == Task.id, which)
        .exists()
    )


def _select(actor: Actor, wish: _Wish, *scan: ColumnElement[bool]) -> Select[str, str]:
    state = OPEN_TASK if wish.state is TaskState.OPEN else Task.state == literal(wish.state)
    query = select(Task.case_id, Task.id).where(state, *scan, *wish.also)
    if wish.agency is not None:
        query = query.where(Task.agency_key == wish.agency)
    if wish.role is not None:
        of_role = _candidate(and_(TaskCandidate.kind == ROLE, TaskCandidate.key == wish.role))
        query = query.where(or_(Task.audience == wish.role, and_(Task.audience == SEE_CANDIDATES, of_role)))
    match wish.assignee:
        case None:
            pass
        case "me":
            query = query.where(Task.assignee == actor.id)
        case "nobody":
            query = query.where(Task.assignee.is_(None))
        case username:
            holder = select(Person.id).where(Person.username == username).scalar_subquery()
            query = query.where(Task.assignee == holder)
    if wish.case is not None:
        query = query.where(Task.case_id == wish.case)
    if wish.due_before is not None:
        query = query.where(Task.queue_at < wish.due_before)
    if wish.process is not None or wish.q:
        query = query.join(Case, Case.case_id == Task.case_id)
    if wish.process is not None:
        query = query.where(Case.process_key == wish.process)
    if wish.q:
        words = wish.q.strip()
        query = query.where(
            or_(
                Task.name.icontains(words, autoescape=True),
                Case.search_text.contains(words.casefold(), autoescape=True),
            )
        )
    return query
