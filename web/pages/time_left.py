"""How much time is left, as words, shape and colour; the same everywhere a due time is shown."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from web.pages import words
from web.pages.texts import _, ngettext


class WorkingDays(Protocol):
    """The part of a working calendar that pages need (engine.calendar has it)."""

    def working_days_left(self, now: datetime, due: datetime) -> int:
        """Whole working days from ``now`` to ``due``: 0 = due on this day, negative = over."""
        ...


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """Attributes:
    state: ``late``, ``soon``, ``calm``, ``stop``, ``ok`` or ``none``; the class and the icon.
    words: "3 working days left".
    group: ``late``, ``today``, ``week``, ``later`` or ``none``; the heading it stands under in a list.
    due_at: the moment itself, or None.
    days: working days left (negative: over), or None without a due time.
    """

    state: str
    words: str
    group: str
    due_at: datetime | None = None
    days: int | None = None


def time_left(due_at: datetime | None, now: datetime, calendar: WorkingDays) -> TimeLeft:
    """What to say about a due time at ``now``, both aware."""
    if due_at is None:
        return TimeLeft("none", _("No time limit"), "none")
    due_day, today = words.local(due_at).date(), words.local(now).date()
    days = calendar.working_days_left(now, due_at)
    if due_at < now:
        over = abs(days)
        if due_day == today:
            said = _("Over since %(clock)s", clock=words.clock(due_at))
        elif over == 0:
            said = _("Over since %(day)s", day=words.short_day(due_at))
        else:
            said = ngettext("%(num)s working day over", "%(num)s working days over", over)
        return TimeLeft("late", said, "late", due_at, -over)
    if due_day == today:
        return TimeLeft("soon", _("Today, %(clock)s", clock=words.clock(due_at)), "today", due_at, 0)
    group = "week" if due_day < _next_monday(today) else "later"
    if due_day == today + timedelta(days=1):
        return TimeLeft(
            "soon", _("Tomorrow, %(clock)s", clock=words.clock(due_at)), group, due_at, max(days, 1)
        )
    said = ngettext("%(num)s working day left", "%(num)s working days left", max(days, 1))
    return TimeLeft("soon" if days <= 1 else "calm", said, group, due_at, max(days, 1))


def finished(at: datetime | None, now: datetime) -> TimeLeft:
    """For what is done: when it was done."""
    said = _("Done %(when)s", when=words.short_moment(at, now)) if at else _("Done")
    return TimeLeft("ok", said, "none", None)


GROUPS = ("late", "today", "week", "later", "none")


def group_heading(group: str) -> str:
    headings: dict[str, Callable[[], str]] = {
        "late": lambda: _("Late"),
        "today": lambda: _("Today"),
        "week": lambda: _("This week"),
        "later": lambda: _("Later"),
        "none": lambda: _("No time limit"),
    }
    return headings[group]()


@dataclass(frozen=True, slots=True)
class DayCell:
    """One day in the row of day cells. ``state``: ``used``, ``now``, ``over``, ``off`` or ``""`` (still to come)."""

    label: str
    state: str


class OpenDays(Protocol):
    """Which days are working days (engine.calendar has it)."""

    def is_working_day(self, day: date) -> bool: ...


def day_cells(
    start: datetime, due_at: datetime, now: datetime, calendar: OpenDays, *, most: int = 12
) -> list[DayCell]:
    """The days of a step from its start (not counted) to its limit or to now if that is later.

    Returns: nothing when there would be more than ``most`` cells, for they would be too small to see.
    """
    first, limit, today = (words.local(at).date() for at in (start, due_at, now))
    last = max(limit, today)
    cells: list[DayCell] = []
    day = first if first == limit else first + timedelta(days=1)
    while day <= last:
        if not calendar.is_working_day(day):
            if cells and cells[-1].state != "off":
                cells.append(DayCell("", "off"))
        elif day > limit or (day == limit and due_at < now):
            cells.append(DayCell(words.weekday(day), "over"))
        elif day == today:
            cells.append(DayCell(words.weekday(day), "now"))
        else:
            cells.append(DayCell(words.weekday(day), "used" if day < today else ""))
        day += timedelta(days=1)
        if len(cells) > most:
            return []
    while cells and cells[-1].state == "off":
        cells.pop()
    return cells


def _next_monday(day: date) -> date:
    return day + timedelta(days=7 - day.weekday())
