"""A task: work that waits for a person of one agency."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import Base, UTCDateTime

END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)

DEFAULT_PRIORITY = 50

ANYBODY, SEE_CANDIDATES = "", "*"

ROLE, USER, ANYONE, BARRED = "role", "user", "anyone", "barred"
"""Kinds of candidates."""


def _open(name: str, *columns: str) -> Index:
    """An index over open tasks only: closed ones are most, and no inbox asks for them."""
    return Index(name, *columns, postgresql_where=text("state = 'open'"), sqlite_where=text("state = 'open'"))


def _queue_at(context: Any) -> datetime:
    return context.get_current_parameters().get("due_at") or END_OF_TIME


def _urgency(context: Any) -> int:
    return -int(context.get_current_parameters().get("priority", DEFAULT_PRIORITY))


class Task(Base):
    """Attributes:
    token: the interpreter's. element_id: the uploaded file's. assignee: a person id.
    audience: who in the agency finds it in the inbox: "" = any member, a role key = members in that role, "*" = see
        the candidates (several, or persons). With it an inbox is one index scan for each role of the reader.
    urgency: ``-priority``, so that the most urgent comes first in ascending order.
    queue_at: ``due_at``, or the end of time without one, so that pages by due date need no rule for missing values.
    process_key, process_version: the version whose model opened it: the case's own, or a called one. Its forms are
        that version's.
    """

    __tablename__ = "task"
    __table_args__ = (
        Index(None, "id", unique=True),
        _open("ix_task_inbox", "agency_key", "audience", "queue_at", "id"),
        _open("ix_task_inbox_new", "agency_key", "audience", "id"),
        _open("ix_task_inbox_priority", "agency_key", "audience", "urgency", "id"),
        _open("ix_task_assignee", "assignee", "queue_at", "id"),
        _open("ix_task_queue", "queue_at", "id"),
        Index("ix_task_closed", "agency_key", "state", "id"),
        Index("ix_task_held", "assignee", "id"),
    )

    case_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    token: Mapped[str] = mapped_column(String(64))
    element_id: Mapped[str] = mapped_column(String(255))
    node_id: Mapped[str] = mapped_column(String(255))
    process_key: Mapped[str] = mapped_column(String(128))
    process_version: Mapped[int]
    name: Mapped[str] = mapped_column(String(500))
    agency_key: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    audience: Mapped[str] = mapped_column(String(64), default=ANYBODY)
    assignee: Mapped[str | None] = mapped_column(String(36))
    assignee_name: Mapped[str | None] = mapped_column(String(200))
    form_key: Mapped[str | None] = mapped_column(String(255))
    priority: Mapped[int] = mapped_column(default=DEFAULT_PRIORITY)
    urgency: Mapped[int] = mapped_column(default=_urgency)
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    queue_at: Mapped[datetime] = mapped_column(UTCDateTime, default=_queue_at)
    follow_up_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_by: Mapped[str | None] = mapped_column(String(36))


class TaskCandidate(Base):
    """Who in the agency may take the task: a role, a person by user name, or any member; and who may not.

    Read only where the task's audience says so. ``barred``: ``key`` is the id of a person who may not do it, whatever the
    other rows say.
    """

    __tablename__ = "task_candidate"

    case_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    task_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
