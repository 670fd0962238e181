"""A job: a service call, a deadline or a delivery that the house must do by itself. The row is the truth."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import Base, JSONText, UTCDateTime


class Job(Base):
    """Attributes:
    token: the interpreter's wait, or "" for a delivery or a start. run_at: not before; for a timer its due time.
    fence: raised by each claim; only the holder of the latest may finish. lease_until: on the database's clock.
    idempotency_key: what partners see, the same in every attempt.
    unseen_since: of a delivery that is kept: receivers that began to wait since then may not have been seen.
    payload: connector: {connector, system, settings, inputs}; message: {kind, name, data, correlation};
        start: {start, data}.
    """

    __tablename__ = "job"
    __table_args__ = (
        UniqueConstraint("case_id", "idempotency_key"),
        Index(
            "ix_job_due",
            "run_at",
            "case_id",
            postgresql_where=text("state = 'ready'"),
            sqlite_where=text("state = 'ready'"),
        ),
        Index(
            "ix_job_lease",
            "lease_until",
            postgresql_where=text("state = 'running'"),
            sqlite_where=text("state = 'running'"),
        ),
        # Whoever begins to wait, or to start, by a message is looked for among those that are kept.
        Index(
            "ix_job_kept",
            "unseen_since",
            postgresql_where=text("unseen_since IS NOT NULL AND state = 'ready'"),
            sqlite_where=text("unseen_since IS NOT NULL AND state = 'ready'"),
        ),
        Index(None, "id", unique=True),
        # A case's jobs never run at once, however many claim: the database itself says no.
        Index(
            "ix_job_running",
            "case_id",
            unique=True,
            postgresql_where=text("state = 'running'"),
            sqlite_where=text("state = 'running'"),
        ),
    )

    case_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    token: Mapped[str] = mapped_column(String(64), default="")
    element_id: Mapped[str] = mapped_column(String(255), default="")
    name: Mapped[str] = mapped_column(String(500), default="")
    agency_key: Mapped[str | None] = mapped_column(String(64))
    run_at: Mapped[datetime] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int] = mapped_column(default=5)
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    worker: Mapped[str | None] = mapped_column(String(128))
    fence: Mapped[int] = mapped_column(default=0)
    idempotency_key: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(JSONText)
    unseen_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
