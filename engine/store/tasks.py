"""One task: for those who read it, with all that its row shows; and for those who change it, with its case locked."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Row, Select, and_, func, select

from engine.errors import NotFound
from engine.model import Agency, Case, Person, Process, Task, TaskCandidate
from engine.model.task import ANYBODY, ANYONE, BARRED, ROLE, SEE_CANDIDATES, USER
from engine.states import CaseState, TaskState
from engine.store.literals import OPEN_TASK
from engine.store.page import Named
from engine.store.rows import TaskRow
from engine.store.uow import UnitOfWork
from engine.store.visible import task_visible

TaskColumns = Row[Task, Case, Agency, Process, str, str]

_BETWEEN = "\x1f"  # no key and no user name can hold it: neither XML nor a form lets it through
_NAMED = (
    select(func.aggregate_strings(TaskCandidate.kind + ":" + TaskCandidate.key, _BETWEEN))
    .where(
        Task.audience == SEE_CANDIDATES,
        TaskCandidate.case_id == Task.case_id,
        TaskCandidate.task_id == Task.id,
    )
    .correlate(Task)
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class Taken:
    """A task that this unit may change.

    Attributes:
        roles, users: who in its agency may take it; both empty = any member. barred: ids of people who may not.
    """

    task: Task
    case: Case
    roles: tuple[str, ...]
    users: tuple[str, ...]
    barred: tuple[str, ...]


class Candidates(NamedTuple):
    """Who in its agency may take a task: roles and user names (both empty = any member), without the barred person ids."""

    roles: tuple[str, ...]
    users: tuple[str, ...]
    barred: tuple[str, ...]


def taken(uow: UnitOfWork, task_id: str) -> Taken:
    """Lock the task's case and read the task; ``task`` then shows how this unit has left it without reading again.

    One statement on SQLite, where a writing unit is alone; two on PostgreSQL.

    Raises:
        NotFound: no such task, or not for this actor.
    """
    wanted = and_(Task.id == task_id, task_visible(uow.actor))
    uow.flush()  # what is read again under the lock must not undo what this unit has changed
    if uow.database.dialect == "postgresql":
        # A statement of its own: joined to the locked row, the task's columns would be those from before the wait.
        owner = select(Task.case_id).where(wanted).scalar_subquery()
        uow.session.execute(select(Case.case_id).where(Case.case_id == owner).with_for_update(of=Case))
    fresh = task_rows().where(wanted).execution_options(populate_existing=True)
    row = uow.session.execute(fresh).one_or_none()
    if row is None:
        raise _no_such(task_id)
    uow.hold(row.Case)
    uow.at_hand[task_id] = row
    return Taken(row.Task, row.Case, *_candidates(row))


def held_by(uow: UnitOfWork, person_id: str) -> list[Taken]:
    """The open tasks that a person holds, for a change on the house's behalf: their cases are locked, in one order."""
    wanted = and_(Task.assignee == person_id, OPEN_TASK)
    uow.flush()
    owners = select(Task.case_id).where(wanted)
    uow.session.execute(
        select(Case.case_id).where(Case.case_id.in_(owners)).order_by(Case.case_id).with_for_update(of=Case)
    )
    fresh = task_rows().where(wanted).order_by(Task.id).execution_options(populate_existing=True)
    found = []
    for row in uow.session.execute(fresh):
        uow.hold(row.Case)
        found.append(Taken(row.Task, row.Case, *_candidates(row)))
    return found


def task(uow: UnitOfWork, task_id: str) -> TaskRow:
    """One task, open or not; one that this unit has taken, as it has left it.

    Raises:
        NotFound: no such task, or not for this actor.
    """
    if task_id in uow.at_hand:
        row: TaskColumns = uow.at_hand[task_id]
        return task_row(row, holder=_holder(uow, row.Task))
    found = uow.session.execute(task_rows().where(Task.id == task_id, task_visible(uow.actor))).one_or_none()
    if found is None:
        raise _no_such(task_id)
    return task_row(found)


def _no_such(task_id: str) -> NotFound:
    return NotFound(f"There is no such task for you: {task_id}.", task_id=task_id)


def _holder(uow: UnitOfWork, task: Task) -> str | None:
    """The user name of who holds it now."""
    if task.assignee is None or task.assignee == uow.actor.id:
        return uow.actor.username if task.assignee else None
    person = uow.session.get(Person, task.assignee)
    return person.username if person else None


def task_rows() -> Select[Task, Case, Agency, Process, str, str]:
    """Every task with its case, agency, process, holder and candidates; the caller says which."""
    return (
        select(Task, Case, Agency, Process, Person.username.label("holder"), _NAMED.label("named"))
        .join(Case, Case.case_id == Task.case_id)
        .join(Agency, Agency.key == Task.agency_key)
        .join(Process, Process.key == Case.process_key)
        .outerjoin(Person, Person.id == Task.assignee)
    )


def _candidates(row: TaskColumns) -> Candidates:
    audience = row.Task.audience
    if audience != SEE_CANDIDATES:
        return Candidates((() if audience == ANYBODY else (audience,)), (), ())
    return _of_kinds(text.split(":", 1) for text in sorted((row.named or "").split(_BETWEEN)))


def _of_kinds(pairs: Iterable[Sequence[str]]) -> Candidates:
    found: dict[str, list[str]] = {ROLE: [], USER: [], ANYONE: [], BARRED: [], "": []}
    for pair in pairs:
        found[pair[0]].append(pair[-1])
    return Candidates(tuple(found[ROLE]), tuple(found[USER]), tuple(found[BARRED]))


def candidates_of(uow: UnitOfWork, case_id: str, task_ids: Collection[str]) -> dict[str, Candidates]:
    """Who may take each of these tasks of a case, in one statement."""
    if not task_ids:
        return {}
    query = select(TaskCandidate.task_id, TaskCandidate.kind, TaskCandidate.key).where(
        TaskCandidate.case_id == case_id, TaskCandidate.task_id.in_(sorted(task_ids))
    )
    pairs: dict[str, list[tuple[str, str]]] = {task_id: [] for task_id in task_ids}
    for task_id, kind, key in uow.session.execute(query):
        pairs[task_id].append((kind, key))
    return {task_id: _of_kinds(sorted(found)) for task_id, found in pairs.items()}


def task_row(row: TaskColumns, *, holder: str | None = None) -> TaskRow:
    """The frozen row of what ``task_rows`` selects. ``holder``: the user name of who holds it, where that has changed."""
    task: Task = row.Task
    case: Case = row.Case
    roles, users, barred = _candidates(row)
    return TaskRow(
        id=task.id,
        case_id=task.case_id,
        element_id=task.element_id,
        node_id=task.node_id,
        name=task.name,
        state=TaskState(task.state),
        agency=agency_named(row.Agency),
        roles=roles,
        users=users,
        barred=barred,
        assignee=task.assignee,
        assignee_name=task.assignee_name,
        assignee_username=(holder or row.holder) if task.assignee else None,
        form_key=task.form_key,
        model_key=task.process_key,
        model_version=task.process_version,
        priority=task.priority,
        due_at=task.due_at,
        follow_up_at=task.follow_up_at,
        created_at=task.created_at,
        claimed_at=task.claimed_at,
        closed_at=task.closed_at,
        process=process_named(row.Process),
        business_key=case.business_key,
        facts=case.facts,
        case_state=CaseState(case.state),
        case_version=case.version,
    )


def agency_named(agency: Agency) -> Named:
    return Named(agency.key, agency.name_id, agency.name_en)


def process_named(process: Process) -> Named:
    return Named(process.key, process.title_id, process.title_en)


def of_case(uow: UnitOfWork, case_id: str, *, state: TaskState | None = TaskState.OPEN) -> list[TaskRow]:
    """The tasks of a case that exist for the actor, oldest first; whether the case does is the caller's question."""
    wanted = and_(Task.case_id == case_id, task_visible(uow.actor))
    if state is not None:
        wanted = and_(wanted, Task.state == state.value)
    rows = uow.session.execute(task_rows().where(wanted).order_by(Task.id)).all()
    return [task_row(row) for row in rows]
