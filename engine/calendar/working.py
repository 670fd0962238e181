"""The working calendar of an agency: when it is open, and when a number of its days or hours is used up.

Days are counted as offices count them: the day something arrives is day 0, day 1 is the next working day, and the time is
up at closing time of the last day. Hours are counted while the office is open, to the second, across changes of the
clock. All moments are aware; results are in UTC.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Interval = tuple[time, time]
"""Open from, to; an end of 00:00 is midnight at the end of the day."""

MAX_DAYS = 20_000
MAX_SPAN = timedelta(hours=100_000)
_LOOK_AHEAD_DAYS = 100_000  # longer than any allowed span on the emptiest allowed calendar

_DAYS = re.compile(r"P(\d{1,5})D")
_HOURS = re.compile(r"PT(?=\d)(?:(\d{1,6})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?")


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Implements ``engine.bpmn.step.Calendar``.

    Attributes:
        timezone: of the opening hours and of what a day is.
        hours: weekday (0 = Monday) to its open intervals, in order and apart.
        days: weekdays that count in day counts; a day with opening hours may be left out (a Saturday counter).
        holidays: days off.
        special: days with hours of their own, which replace those of the weekday; such a day counts.
        closing: when a day counted in days ends, unless it is special; None = when its last interval does.
    """

    timezone: ZoneInfo
    hours: Mapping[int, tuple[Interval, ...]]
    days: frozenset[int]
    holidays: frozenset[date] = frozenset()
    special: Mapping[date, tuple[Interval, ...]] = field(default_factory=dict)
    closing: time | None = None

    def due_after(self, start: datetime, duration: str) -> datetime:
        """The moment when ``duration`` of working time after ``start`` is used up.

        Args:
            start: aware.
            duration: whole days (``P5D``) or hours, minutes and seconds (``PT8H``); not both, no weeks or months.

        Raises:
            ValueError: with a sentence, when the duration is neither, or too long.
        """
        if found := _DAYS.fullmatch(duration):
            return self._after_days(start, int(found.group(1)))
        if found := _HOURS.fullmatch(duration):
            hours, minutes, seconds = (int(part or 0) for part in found.groups())
            return self._after_time(start, timedelta(hours=hours, minutes=minutes, seconds=seconds))
        raise ValueError(f"Working time is counted in days (P5D) or in hours (PT8H), not as '{duration}'.")

    def _after_days(self, start: datetime, count: int) -> datetime:
        if count > MAX_DAYS:
            raise ValueError(f"{count} working days are more than {MAX_DAYS}.")
        if count == 0:
            return start.astimezone(UTC)
        day = self._local_day(start)
        for _ in range(_LOOK_AHEAD_DAYS):
            day += timedelta(days=1)
            count -= self.is_working_day(day)
            if count == 0:
                return self._closes(day)
        raise ValueError("The calendar has too few working days.")

    def _after_time(self, start: datetime, span: timedelta) -> datetime:
        if span > MAX_SPAN:
            raise ValueError(f"{span} of working time is more than {MAX_SPAN}.")
        moment = start.astimezone(UTC)
        if not span:
            return moment
        day = self._local_day(start)
        for ahead in range(_LOOK_AHEAD_DAYS):
            for opens, closes in self.open_on(day + timedelta(days=ahead)):
                begins = max(opens, moment)
                if closes <= begins:
                    continue
                if span <= closes - begins:
                    return begins + span
                span -= closes - begins
        raise ValueError("The calendar has too few working hours.")

    def is_working_day(self, day: date) -> bool:
        if day in self.holidays:
            return False
        return day in self.special or day.weekday() in self.days

    def is_working(self, moment: datetime) -> bool:
        """Whether the office is open."""
        return any(opens <= moment < closes for opens, closes in self.open_on(self._local_day(moment)))

    def working_days_between(self, start: datetime, end: datetime) -> int:
        """Working days after the day of ``start``, up to and with that of ``end``; negative when ``end`` is earlier.

        It undoes ``due_after``: between a start and its due date after n days lie n.
        """
        first, last = self._local_day(start), self._local_day(end)
        if last < first:
            return -self.working_days_between(end, start)
        return sum(self.is_working_day(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))

    def working_days_left(self, now: datetime, due: datetime) -> int:
        """Working days that remain after today until ``due``: 0 on its day, negative when it has passed."""
        return self.working_days_between(now, due)

    def working_time_between(self, start: datetime, end: datetime) -> timedelta:
        """How long the office was open between two moments; nothing when ``end`` is not later."""
        total = timedelta(0)
        day, last = self._local_day(start), self._local_day(end)
        while day <= last:
            for opens, closes in self.open_on(day):
                total += max(min(closes, end) - max(opens, start), timedelta(0))
            day += timedelta(days=1)
        return total

    def open_on(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The open intervals of a local day, in UTC."""
        if day in self.holidays:
            return
        for opens, closes in self.special.get(day, self.hours.get(day.weekday(), ())):
            yield self._at(day, opens), self._at(day, closes, end=True)

    def _closes(self, day: date) -> datetime:
        special = self.special.get(day)
        if self.closing is not None and special is None:
            return self._at(day, self.closing, end=True)
        intervals = special or self.hours[day.weekday()]
        return self._at(day, intervals[-1][1], end=True)

    def _local_day(self, moment: datetime) -> date:
        return moment.astimezone(self.timezone).date()

    def _at(self, day: date, clock: time, *, end: bool = False) -> datetime:
        if end and clock == time(0):
            day += timedelta(days=1)
        return datetime.combine(day, clock, self.timezone).astimezone(UTC)
