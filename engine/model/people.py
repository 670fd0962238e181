"""People, what they may do, their API tokens, and the Actor that a unit of work acts for."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import Base, UTCDateTime, new_id
from engine.states import Power


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. ``roles`` are (agency, role) pairs; ``agencies`` those with any membership."""

    id: str
    username: str
    name: str
    agencies: frozenset[str] = frozenset()
    roles: frozenset[tuple[str, str]] = frozenset()
    powers: frozenset[Power] = field(default_factory=frozenset)
    locale: str = "id"

    def may(self, power: Power) -> bool:
        return power in self.powers


SYSTEM = Actor(id="system", username="system", name="Lintas")
"""The house itself: timers, connectors, deliveries."""


class Person(Base):
    __tablename__ = "person"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    locale: Mapped[str] = mapped_column(String(8), default="id")
    active: Mapped[bool] = mapped_column(default=True)
    session_epoch: Mapped[int] = mapped_column(default=0)
    """Raised to end all sessions of the person at once."""


class Member(Base):
    """A person belongs to an agency, with or without roles in it."""

    __tablename__ = "member"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    agency_key: Mapped[str] = mapped_column(ForeignKey("agency.key"), primary_key=True)


class PersonRole(Base):
    __tablename__ = "person_role"
    __table_args__ = (ForeignKeyConstraint(["agency_key", "role_key"], ["role.agency_key", "role.key"]),)

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    agency_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    role_key: Mapped[str] = mapped_column(String(64), primary_key=True)


class PersonPower(Base):
    __tablename__ = "person_power"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    power: Mapped[str] = mapped_column(String(32), primary_key=True)


class ApiToken(Base):
    """A bearer token; only its SHA-256 is kept."""

    __tablename__ = "api_token"
    __table_args__ = (Index(None, "person_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
