"""A case: where it stands, in one row; and which agencies take part in it. A case is the shard unit."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import Base, JSONText, UTCDateTime


class Case(Base):
    """One run of a process version.

    Attributes:
        facts: the few searchable facts that process.toml names (``title``, ``applicant``).
        snapshot: opaque interpreter state; None once closed. version: raised by every change (If-Match, 409).
        outcome: element id of the end event reached, once completed.
        chain_seq, chain_hash: the last link of the case's history.
        variables: root variables, kept at the end when the snapshot goes.
    """

    __tablename__ = "case_"
    __table_args__ = (
        ForeignKeyConstraint(
            ["process_key", "process_version"], ["process_version.process_key", "process_version.version"]
        ),
        Index(None, "process_key", "business_key"),
        Index(None, "state", "case_id"),
        Index(None, "owner_agency", "state", "case_id"),
        Index(None, "owner_agency", "case_id"),
    )

    case_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    process_key: Mapped[str] = mapped_column(String(128))
    process_version: Mapped[int]
    owner_agency: Mapped[str] = mapped_column(String(64))
    business_key: Mapped[str | None] = mapped_column(String(255))
    state: Mapped[str] = mapped_column(String(16))
    facts: Mapped[dict[str, Any]] = mapped_column(JSONText)
    search_text: Mapped[str] = mapped_column(String(1000), default="")
    version: Mapped[int] = mapped_column(default=1)
    snapshot: Mapped[bytes | None] = mapped_column(LargeBinary)
    variables: Mapped[dict[str, Any] | None] = mapped_column(JSONText)
    outcome: Mapped[str | None] = mapped_column(String(255))
    chain_seq: Mapped[int] = mapped_column(default=0)
    chain_hash: Mapped[str] = mapped_column(String(64), default="")
    started_by: Mapped[str] = mapped_column(String(36))
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    # Raised by each flush that changes the row, and checked by it: a change made without the lock cannot be lost.
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class


class CaseAgency(Base):
    """An agency that has, or had, a task in the case: it may see the case."""

    __tablename__ = "case_agency"
    __table_args__ = (Index(None, "agency_key", "case_id"),)

    case_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    agency_key: Mapped[str] = mapped_column(String(64), primary_key=True)
