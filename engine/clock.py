"""The only reader of the wall clock. Everything else is told the time by its unit of work or its world."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock. Due dates and leases are judged by the database's clock instead (store/time.py)."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class MovableClock:
    """A clock that a test, a scenario or a rehearsal sets and moves; it never moves by itself."""

    def __init__(self, at: datetime) -> None:
        if at.tzinfo is None:
            raise ValueError("a clock needs an aware datetime")
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        return self._at

    def move_to(self, at: datetime) -> None:
        if at.astimezone(UTC) < self._at:
            raise ValueError(f"time does not go back: {at} is before {self._at}")
        self._at = at.astimezone(UTC)

    def move_by(self, by: timedelta) -> None:
        self.move_to(self._at + by)
