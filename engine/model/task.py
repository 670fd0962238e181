"""A task: work that waits for a person of one agency."""

from datetime import datetime

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import Base, UTCDateTime


class Task(Base):
    """Attributes: ``token`` is the interpreter's; ``element_id`` the uploaded file's; ``assignee`` a person id.

    ``process_key`` and ``process_version`` name the version whose model opened it: the case's own, or a called one.
    Its forms are that version's.
    """

    __tablename__ = "task"
    __table_args__ = (
        Index(None, "id", unique=True),
        Index(
            "ix_task_inbox",
            "agency_key",
            "due_at",
            "id",
            postgresql_where=text("state = 'open'"),
            sqlite_where=text("state = 'open'"),
        ),
        Index(
            "ix_task_assignee",
            "assignee",
            "due_at",
            "id",
            postgresql_where=text("state = 'open'"),
            sqlite_where=text("state = 'open'"),
        ),
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
    assignee: Mapped[str | None] = mapped_column(String(36))
    assignee_name: Mapped[str | None] = mapped_column(String(200))
    form_key: Mapped[str | None] = mapped_column(String(255))
    priority: Mapped[int] = mapped_column(default=50)
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    follow_up_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_by: Mapped[str | None] = mapped_column(String(36))


class TaskCandidate(Base):
    """Who in the agency may take the task: a role or a person. No row at all = any member of the agency."""

    __tablename__ = "task_candidate"

    case_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    task_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)  # role | user
    key: Mapped[str] = mapped_column(String(64), primary_key=True)  # role key | username
