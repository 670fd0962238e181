"""The hot path: what a step of a case reads and writes, in few statements that are compiled once."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    Insert,
    String,
    bindparam,
    cast,
    inspect,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.dialects import postgresql, sqlite

from engine.model import CaseAgency, Incident, Job, Person, Role, Subscription, Task, TaskCandidate, new_id
from engine.model.task import ANYBODY, ANYONE, BARRED, ROLE, SEE_CANDIDATES, USER
from engine.states import IncidentState, JobState, TaskState
from engine.store.literals import OPEN_TASK
from engine.store.uow import UnitOfWork

PENDING_JOB = (JobState.READY, JobState.RUNNING, JobState.DEAD, JobState.UNKNOWN)
"""A job in one of these states stands for a wait: a dead one until an operator retries or skips it."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row that stands for a wait of the interpreter.

    Attributes:
        token: the interpreter's; "" for a delivery, which no token waits for.
        id: of the task or job; the token again for a subscription.
        kind: ``task``, the job's kind, or ``message`` / ``signal`` of a subscription.
        state: of the task or job; ``open`` for a subscription.
    """

    source: str  # task | job | subscription
    token: str
    id: str
    kind: str
    state: str
    element_id: str
    name: str
    agency_key: str | None


@dataclass(frozen=True, slots=True)
class OpenIncident:
    id: str
    kind: str
    element_id: str
    job_id: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody active whom new work names."""

    id: str
    username: str
    name: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stands: what it waits for, what is wrong with it, and which agencies take part in it.

    Attributes:
        people: of the user names asked for, those that somebody active has.
        roles: (agency, role) pairs of the role keys asked for.
    """

    waits: list[Waiting] = field(default_factory=list)
    incidents: list[OpenIncident] = field(default_factory=list)
    agencies: set[str] = field(default_factory=set)
    people: dict[str, Known] = field(default_factory=dict)
    roles: set[tuple[str, str]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task to be opened. ``roles`` (of the agency) and ``users`` (usernames) narrow who may take it.

    ``guarded``: it may keep people out, now (``barred``: person ids) or later.
    """

    token: str
    element_id: str
    node_id: str
    process_key: str
    process_version: int
    name: str
    agency_key: str
    roles: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    assignee: str | None = None
    assignee_name: str | None = None
    form_key: str | None = None
    priority: int = 50
    due_at: datetime | None = None
    follow_up_at: datetime | None = None
    guarded: bool = False
    barred: tuple[str, ...] = ()
    id: str = field(default_factory=new_id)

    @property
    def audience(self) -> str:
        if self.guarded or self.users or len(self.roles) > 1:
            return SEE_CANDIDATES
        return self.roles[0] if self.roles else ANYBODY


_TEXT = String()
_CASE: BindParameter[str] = bindparam("of_case", type_=_TEXT)
_NOTHING = cast(null(), _TEXT)
_ROWS = (
    select(
        literal("task", _TEXT).label("source"),
        Task.token,
        Task.id,
        literal("task", _TEXT).label("kind"),
        Task.state,
        Task.element_id,
        Task.name,
        Task.agency_key,
    ).where(Task.case_id == _CASE, OPEN_TASK),
    select(
        literal("job", _TEXT),
        Job.token,
        Job.id,
        Job.kind,
        Job.state,
        Job.element_id,
        Job.name,
        Job.agency_key,
    ).where(Job.case_id == _CASE, Job.state.in_([state.value for state in PENDING_JOB])),
    select(
        literal("subscription", _TEXT),
        Subscription.token,
        Subscription.token,
        Subscription.kind,
        literal("open", _TEXT),
        Subscription.element_id,
        Subscription.label,
        _NOTHING,
    ).where(Subscription.case_id == _CASE),
    select(
        literal("incident", _TEXT),
        _NOTHING,
        Incident.id,
        Incident.kind,
        Incident.state,
        Incident.element_id,
        _NOTHING,
        Incident.job_id,
    ).where(Incident.case_id == _CASE, Incident.state == IncidentState.OPEN.value),
    select(
        literal("agency", _TEXT),
        _NOTHING,
        CaseAgency.agency_key,
        _NOTHING,
        _NOTHING,
        _NOTHING,
        _NOTHING,
        _NOTHING,
    ).where(CaseAgency.case_id == _CASE),
)
_STANDING: CompoundSelect[Any] = union_all(*_ROWS)
_STANDING_AND_NAMES: CompoundSelect[Any] = union_all(
    *_ROWS,
    select(
        literal("person", _TEXT),
        Person.username,
        Person.id,
        _NOTHING,
        _NOTHING,
        _NOTHING,
        Person.name,
        _NOTHING,
    ).where(Person.username.in_(bindparam("usernames", expanding=True)), Person.active),
    select(
        literal("role", _TEXT),
        _NOTHING,
        Role.key,
        _NOTHING,
        _NOTHING,
        _NOTHING,
        _NOTHING,
        Role.agency_key,
    ).where(Role.key.in_(bindparam("role_keys", expanding=True))),
)


def standing(
    uow: UnitOfWork, case_id: str, *, usernames: Collection[str] = (), role_keys: Collection[str] = ()
) -> Standing:
    """What an advance must know of a case's rows, and of the people and roles that new work names: one statement.

    Rows that this unit has already closed or deleted do not count, even where that is not flushed yet.
    """
    found = Standing()
    query = _STANDING
    values: dict[str, Any] = {"of_case": case_id}
    if usernames or role_keys:
        query = _STANDING_AND_NAMES
        values |= {"usernames": sorted(usernames), "role_keys": sorted(role_keys)}
    for row in uow.session.connection().execute(query, values):
        match row.source:
            case "incident":
                found.incidents.append(OpenIncident(row.id, row.kind, row.element_id, row.agency_key))
            case "agency":
                found.agencies.add(row.id)
            case "person":
                found.people[row.token] = Known(row.id, row.token, row.name)
            case "role":
                found.roles.add((row.agency_key, row.id))
            case _:
                wait = Waiting(*row)
                if not _closed_here(uow, case_id, wait):
                    found.waits.append(wait)
    return found


def waiting(uow: UnitOfWork, case_id: str) -> list[Waiting]:
    """The open tasks, unfinished jobs and subscriptions of a case, in one statement; closed ones as in ``standing``."""
    return standing(uow, case_id).waits


def _closed_here(uow: UnitOfWork, case_id: str, wait: Waiting) -> bool:
    model = {"task": Task, "job": Job, "subscription": Subscription}[wait.source]
    row = uow.session.identity_map.get(inspect(model).identity_key_from_primary_key((case_id, wait.id)))
    if isinstance(row, Task):
        return row.state != TaskState.OPEN.value
    if isinstance(row, Job):
        return row.state not in PENDING_JOB
    return row is not None and row in uow.session.deleted


def open_tasks(
    uow: UnitOfWork, case_id: str, tasks: Sequence[NewTask], *, taking_part: Collection[str] = ()
) -> None:
    """Insert tasks with their candidates, and let their agencies take part in the case: three statements at most.

    Args:
        taking_part: agencies that are known to do so already.
    """
    now = uow.now()
    rows, candidates = [], []
    for task in tasks:
        row = asdict(task)
        roles, users, barred = row.pop("roles"), row.pop("users"), row.pop("barred")
        del row["guarded"]
        rows.append(
            row
            | {
                "case_id": case_id,
                "audience": task.audience,
                "state": TaskState.OPEN.value,
                "created_at": now,
                "claimed_at": now if task.assignee else None,
            }
        )
        if task.audience != SEE_CANDIDATES:
            continue  # the task's own row says it
        common = {"case_id": case_id, "task_id": task.id}
        candidates += [common | {"kind": ROLE, "key": key} for key in dict.fromkeys(roles)]
        candidates += [common | {"kind": USER, "key": key} for key in dict.fromkeys(users)]
        candidates += [common | {"kind": BARRED, "key": key} for key in dict.fromkeys(barred)]
        if not roles and not users:
            candidates.append(common | {"kind": ANYONE, "key": ""})
    uow.insert(Task, rows)
    uow.insert(TaskCandidate, candidates)
    take_part(uow, case_id, {task.agency_key for task in tasks} - set(taking_part))


def take_part(uow: UnitOfWork, case_id: str, agencies: Collection[str]) -> None:
    """Let the agencies see the case from now on; those that do already are no matter."""
    if agencies:
        rows = [{"case_id": case_id, "agency_key": key} for key in sorted(agencies)]
        uow.session.connection().execute(_JOIN[uow.database.dialect], rows)


def _join_statements() -> dict[str, Insert]:
    return {
        "postgresql": postgresql.insert(CaseAgency).on_conflict_do_nothing(),
        "sqlite": sqlite.insert(CaseAgency).on_conflict_do_nothing(),
    }


_JOIN = _join_statements()
