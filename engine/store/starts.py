"""What begins cases by itself: message, signal and timer starts of the newest versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from engine.model import Case, ProcessStart
from engine.states import CaseState, WaitKind
from engine.store.time import sql_moment
from engine.store.uow import UnitOfWork

TIMER = "timer"
PLAIN_START = "plain_start"
"""Key in a version's settings: whether people can start it; versions from before it was kept all have a plain start."""
MESSAGE_START = "message_start"
"""Key in a version's settings: whether messages start it."""


@dataclass(frozen=True, slots=True)
class StartRow:
    """An event that starts cases of a process. ``next_at``: of a timer that will start one."""

    element_id: str
    kind: str  # message | signal | timer
    name: str
    label: str
    timer: str | None
    next_at: datetime | None


def starts_of(uow: UnitOfWork, process_key: str) -> list[ProcessStart]:
    """All event starts of the process's newest version, in the order of their ids."""
    query = (
        select(ProcessStart).where(ProcessStart.process_key == process_key).order_by(ProcessStart.element_id)
    )
    return list(uow.session.scalars(query))


def start_rows(uow: UnitOfWork, process_keys: Sequence[str]) -> dict[str, tuple[StartRow, ...]]:
    """What starts each of these processes, by key."""
    found: dict[str, tuple[StartRow, ...]] = dict.fromkeys(process_keys, ())
    query = (
        select(ProcessStart)
        .where(ProcessStart.process_key.in_(list(process_keys)))
        .order_by(ProcessStart.process_key, ProcessStart.element_id)
    )
    for row in uow.session.scalars(query):
        line = StartRow(row.element_id, row.kind, row.name, row.label, row.timer, row.due_at)
        found[row.process_key] += (line,)
    return found


def started_by(uow: UnitOfWork, *, kind: WaitKind, name: str) -> list[ProcessStart]:
    """The starts that a message or signal of this name begins a case at, whoever the actor is."""
    query = (
        select(ProcessStart)
        .where(ProcessStart.kind == kind.value, ProcessStart.name == name)
        .order_by(ProcessStart.process_key, ProcessStart.element_id)
    )
    return list(uow.session.scalars(query))


def due_starts(uow: UnitOfWork, *, limit: int) -> list[ProcessStart]:
    """Schedules whose time has come, locked until the end of the unit; those that another worker holds are passed over."""
    now = sql_moment(uow.database.clock, uow.database.dialect)
    query = (
        select(ProcessStart)
        .where(ProcessStart.due_at.is_not(None), ProcessStart.due_at <= now)
        .order_by(ProcessStart.due_at, ProcessStart.process_key, ProcessStart.node_id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=ProcessStart)
        .execution_options(populate_existing=True)
    )
    return list(uow.session.scalars(query))


def running_with(uow: UnitOfWork, process_key: str, business_key: str) -> str | None:
    """The id of a running case of the process with this business key, if there is one."""
    query = (
        select(Case.case_id)
        .where(
            Case.process_key == process_key,
            Case.business_key == business_key,
            Case.state == CaseState.RUNNING.value,
        )
        .order_by(Case.case_id)
        .limit(1)
    )
    return uow.session.scalar(query)
