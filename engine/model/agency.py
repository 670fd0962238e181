"""An agency and the roles in it."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import Base, JSONText


class Agency(Base):
    """A public body. ``key`` is what models and settings use (``dlh``); names are for people."""

    __tablename__ = "agency"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    name_id: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    calendar: Mapped[dict[str, object] | None] = mapped_column(JSONText)
    """Working calendar (engine.calendar.WorkingCalendar settings); None = the house default."""

    def name(self, locale: str) -> str:
        return self.name_id if locale == "id" else self.name_en


class Role(Base):
    __tablename__ = "role"

    agency_key: Mapped[str] = mapped_column(ForeignKey("agency.key"), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    name_id: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
