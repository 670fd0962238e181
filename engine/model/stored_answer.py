"""The answer to a state-changing request, kept so that a repeat with the same Idempotency-Key gets the same answer."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import Base, UTCDateTime


class StoredAnswer(Base):
    __tablename__ = "stored_answer"
    __table_args__ = (Index(None, "created_at"),)

    actor_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
