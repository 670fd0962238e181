"""History: append-only, hash-chained per case, written in the same transaction as what it tells."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import Base, UTCDateTime


class AuditEvent(Base):
    """Attributes: ``data`` is JSON text, the exact bytes that were hashed. ``seq`` counts from 1 without a gap."""

    __tablename__ = "audit_event"
    __table_args__ = (Index(None, "at"),)

    case_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    kind: Mapped[str] = mapped_column(String(32))
    actor_id: Mapped[str] = mapped_column(String(36))
    actor_name: Mapped[str] = mapped_column(String(200))
    agency_key: Mapped[str | None] = mapped_column(String(64))
    element_id: Mapped[str | None] = mapped_column(String(255))
    element_name: Mapped[str | None] = mapped_column(String(500))
    data: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(String(64))


class HouseEvent(Base):
    """What happened outside any case: deployments, sign-ins refused, tokens made."""

    __tablename__ = "house_event"
    __table_args__ = (Index(None, "at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    kind: Mapped[str] = mapped_column(String(32))
    actor_id: Mapped[str] = mapped_column(String(36))
    actor_name: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(255))
    data: Mapped[str] = mapped_column(Text)
