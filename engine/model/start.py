"""A start event of a process's newest version that a message, a signal or the clock begins a case at."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import Base, UTCDateTime


class ProcessStart(Base):
    """Replaced with each deployment of its process, in the same transaction.

    Attributes:
        node_id: of the interpreter's model. element_id: in the uploaded file.
        kind: message | signal | timer. name: of the message or signal, "" for a timer. label: the event's own name.
        timer_kind, timer: of a timer: date | duration | cycle, and its text as the file has it.
        due_at: when it starts the next case; None: not any more, or no timer.
        every, repeat_left: as in engine.bpmn.times.Due.
    """

    __tablename__ = "process_start"
    __table_args__ = (
        Index(None, "kind", "name"),
        Index(
            "ix_process_start_due",
            "due_at",
            postgresql_where=text("due_at IS NOT NULL"),
            sqlite_where=text("due_at IS NOT NULL"),
        ),
    )

    process_key: Mapped[str] = mapped_column(ForeignKey("process.key"), primary_key=True)
    node_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    version: Mapped[int]
    element_id: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(255), default="")
    label: Mapped[str] = mapped_column(String(500), default="")
    timer_kind: Mapped[str | None] = mapped_column(String(16))
    timer: Mapped[str | None] = mapped_column(String(500))
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    every: Mapped[str | None] = mapped_column(String(255))
    repeat_left: Mapped[int | None]
