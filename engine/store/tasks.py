"""One task, and how a task's row is put together for those who read it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import Row, Select, and_, select

from engine.errors import NotFound
from engine.model import Agency, Case, Person, Process, Task, TaskCandidate
from engine.model.task import ANYBODY, SEE_CANDIDATES
from engine.states import CaseState, TaskState
from engine.store.page import Named
from engine.store.rows import TaskRow
from engine.store.uow import UnitOfWork
from engine.store.visible import task_visible

TaskColumns = Row[Task, Case, Agency, Process, str]

Narrowed = Mapping[str, tuple[list[str], list[str]]]
"""Task id → roles, user names; only of tasks whose audience says to look there."""


def task(uow: UnitOfWork, task_id: str) -> TaskRow:
    """One task, open or not.

    Raises:
        NotFound: no such task, or not for this actor.
    """
    row = uow.session.execute(task_rows().where(Task.id == task_id, task_visible(uow.actor))).one_or_none()
    if row is None:
        raise NotFound(f"There is no such task for you: {task_id}.", task_id=task_id)
    return task_row(row, narrowed(uow, [row]))


def task_rows() -> Select[Task, Case, Agency, Process, str]:
    """Every task with its case, agency, process and holder; the caller says which."""
    return (
        select(Task, Case, Agency, Process, Person.username.label("holder"))
        .join(Case, Case.case_id == Task.case_id)
        .join(Agency, Agency.key == Task.agency_key)
        .join(Process, Process.key == Case.process_key)
        .outerjoin(Person, Person.id == Task.assignee)
    )


def narrowed(uow: UnitOfWork, rows: Sequence[TaskColumns]) -> Narrowed:
    """The candidates of those tasks on a page that have several; mostly no statement at all."""
    found: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    looked_up = [row.Task for row in rows if row.Task.audience == SEE_CANDIDATES]
    if looked_up:
        query = (
            select(TaskCandidate)
            .where(
                TaskCandidate.case_id.in_({t.case_id for t in looked_up}),
                TaskCandidate.task_id.in_({t.id for t in looked_up}),
            )
            .order_by(TaskCandidate.kind, TaskCandidate.key)
        )
        for candidate in uow.session.scalars(query):
            found[candidate.task_id][0 if candidate.kind == "role" else 1].append(candidate.key)
    return found


def task_row(row: TaskColumns, candidates: Narrowed) -> TaskRow:
    """The frozen row of what ``task_rows`` selects."""
    task: Task = row.Task
    case: Case = row.Case
    if task.audience == SEE_CANDIDATES:
        roles, users = candidates[task.id]
    else:
        roles, users = ([] if task.audience == ANYBODY else [task.audience]), []
    return TaskRow(
        id=task.id,
        case_id=task.case_id,
        element_id=task.element_id,
        node_id=task.node_id,
        name=task.name,
        state=TaskState(task.state),
        agency=agency_named(row.Agency),
        roles=tuple(roles),
        users=tuple(users),
        assignee=task.assignee,
        assignee_name=task.assignee_name,
        assignee_username=row.holder,
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
    candidates = narrowed(uow, rows)
    return [task_row(row, candidates) for row in rows]
