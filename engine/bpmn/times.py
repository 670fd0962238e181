"""When a timer is due: dates, ISO 8601 durations, cycles, cron, and working time of the process's calendar."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import isodate

from engine.bpmn.cron import LOOKS_LIKE, Cron
from engine.bpmn.language.scope import zone
from engine.bpmn.model import TimerKind
from engine.bpmn.step import World

WORKING = "working:"
"""Begins the text of a duration in working time; what working_days(5) and working_hours(8) give."""

MIN_PERIOD = timedelta(seconds=1)

CRON = "cron:"
"""Begins the period of a cycle that is a cron."""

_CYCLE = re.compile(r"R(\d*)/([^/]+)(?:/([^/]+))?")
_FAR = datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Due:
    """When a timer fires.

    Attributes:
        at: aware, UTC; in the past when it should have fired already.
        repeat_left: how many times it fires again after this one; None without end, 0 for dates and durations.
        every: the cycle's period as text, for ``following``: a duration, or ``cron:`` and a cron; None when it does not repeat.
    """

    at: datetime
    repeat_left: int | None = 0
    every: str | None = None


def due(kind: TimerKind, value: Any, world: World) -> Due:
    """When a timer that is armed now fires first.

    Args:
        kind: what the timer's element says.
        value: its evaluated expression: ISO 8601 text, a date, a datetime, text of working_days() and working_hours(), or
            for a cycle a cron as ``engine.bpmn.cron.canonical`` writes it; it fires at the next match.
        world: the present moment, and the calendar for working time and local times.

    Raises:
        ValueError: with a sentence that shows the value.
    """
    if isinstance(value, str):
        value = value.strip()
        if LOOKS_LIKE.fullmatch(value):
            return _cron(kind, value, world)
    if kind is TimerKind.CYCLE:
        return _cycle(value, world)
    return Due(due_at(value, world))


def due_at(value: Any, world: World) -> datetime:
    """The moment that a date, or a duration from now, stands for; for attributes that take either (due dates).

    Raises ValueError with a sentence.
    """
    match value:
        case datetime():
            return _utc(value, world)
        case date():
            return _utc(datetime.combine(value, time()), world)
        case str() if value.strip():
            return _text_due(value.strip(), world)
        case _:
            raise ValueError(f"A timer needs a date or a duration, not {value!r}.")


def following(passed: Due, world: World) -> Due | None:
    """The next firing of a cycle after ``passed``, or None when that was the last. Missed ones are not skipped."""
    if passed.every is None or passed.repeat_left == 0:
        return None
    left = None if passed.repeat_left is None else passed.repeat_left - 1
    if passed.every.startswith(CRON):
        match = Cron.read(passed.every.removeprefix(CRON)).after(passed.at, zone(world))
        return None if match is None else Due(match, left, passed.every)
    return Due(_later(passed.at, passed.every, world), left, passed.every)


def after_now(passed: Due, world: World) -> Due | None:
    """The next firing of a schedule that lies ahead; None when there is none. Those that were missed are used up.

    Raises:
        ValueError: it reaches beyond the calendar.
    """
    after = following(passed, world)
    if after is None:
        return None
    ahead = _caught_up(after, world)
    return ahead if ahead.at >= world.now else None


def problem_with(kind: TimerKind, text: str) -> str | None:
    """Why a constant text is no timer, as a sentence; None when it is one."""
    try:
        due(kind, text, World(datetime(2026, 1, 1, tzinfo=UTC), _AnyCalendar()))
    except ValueError as error:
        return str(error)
    return None


class _AnyCalendar:
    """A calendar good enough to see whether a text can be read."""

    def due_after(self, start: datetime, duration: str) -> datetime:
        return start + _elapsed(duration, duration)


def _text_due(text: str, world: World) -> datetime:
    if text.startswith(WORKING) or text[:2].lstrip("-+").startswith("P"):
        return _later(world.now, text, world)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"'{text}' is neither an ISO 8601 date (2026-04-06T09:00:00) nor a duration (P5D, PT8H)."
        ) from None
    return _utc(moment, world)


def _later(start: datetime, duration: str, world: World) -> datetime:
    if duration.startswith(WORKING):
        working = duration.removeprefix(WORKING)
        _elapsed(working, duration)  # the calendar is asked for readable durations only
        return world.calendar.due_after(start, working).astimezone(UTC)
    read = _parsed(duration, duration)
    try:
        # months and years are counted on the local calendar, days and hours are elapsed time
        base = start if isinstance(read, timedelta) else start.astimezone(zone(world))
        moment = (base + read).astimezone(UTC)
    except (OverflowError, ValueError):
        raise ValueError(f"The duration '{duration}' reaches beyond the calendar.") from None
    if moment < start:
        raise ValueError(f"The duration '{duration}' is negative.")
    if moment > _FAR:
        raise ValueError(f"The duration '{duration}' reaches beyond the calendar.")
    return moment


def _parsed(text: str, shown: str) -> timedelta | isodate.Duration:
    try:
        if len(text) > 60:
            raise ValueError
        return isodate.parse_duration(text)
    except (ValueError, ArithmeticError, isodate.ISO8601Error):
        raise ValueError(f"'{shown}' is no ISO 8601 duration such as P5D, PT8H or P1M.") from None


def _elapsed(text: str, shown: str) -> timedelta:
    read = _parsed(text, shown)
    if not isinstance(read, timedelta) or read < timedelta(0):
        raise ValueError(f"'{shown}' is no duration in days or hours.")
    return read


def _cycle(value: Any, world: World) -> Due:
    found = _CYCLE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"'{value}' is no cycle such as R3/PT1H, R/P1D or R2/2026-01-01T00:00:00Z/PT1H.")
    count, first, second = found.groups()
    if count and (len(count) > 6 or int(count) == 0):
        raise ValueError(
            f"The cycle '{value}' repeats {count} times; say from 1 to 999999, or none for no end."
        )
    left = int(count) - 1 if count else None
    if second is None:
        every, at = first, None
    elif second.startswith(("P", WORKING)):
        every, at = second, due_at(first, world)
    elif first.startswith("P"):
        raise ValueError(
            f"The cycle '{value}' names its end; say when it begins: R3/2026-01-01T00:00:00Z/PT1H."
        )
    else:
        at = due_at(first, world)
        every = isodate.duration_isoformat(due_at(second, world) - at)
    _check_period(every, value, world)
    if at is None:
        return Due(_later(world.now, every, world), left, every)
    return _caught_up(Due(at, left, every), world)


def _check_period(every: str, shown: str, world: World) -> None:
    if every.startswith(WORKING):
        long_enough = _elapsed(every.removeprefix(WORKING), shown) >= MIN_PERIOD
    else:
        long_enough = _later(world.now, every, world) - world.now >= MIN_PERIOD
    if not long_enough:
        raise ValueError(f"The cycle '{shown}' repeats faster than once a second.")


def _caught_up(first: Due, world: World) -> Due:
    """The first firing that is not past; of a cycle that is over, the last one, which is due at once."""
    if first.at >= world.now or first.every is None:
        return first
    if first.every.startswith(CRON):
        just_before = world.now - timedelta(seconds=0 if world.now.microsecond else 1)
        return following(replace(first, at=just_before), world) or first
    read = None if first.every.startswith(WORKING) else _parsed(first.every, first.every)
    if isinstance(read, timedelta):  # no walk: it may have begun years ago and repeat each second
        missed = -(-(world.now - first.at) // read)
        if first.repeat_left is not None:
            missed = min(missed, first.repeat_left)
        left = None if first.repeat_left is None else first.repeat_left - missed
        return Due(first.at + missed * read, left, first.every)
    return _walked(first, world)


def _walked(found: Due, world: World) -> Due:
    for _ in range(20_000):
        later = following(found, world)
        if found.at >= world.now or later is None:
            return found
        found = later
    raise ValueError("The cycle began too long ago.")


def _utc(moment: datetime, world: World) -> datetime:
    """A local time is read in the time zone of the process's calendar."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone(world))
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"The date {moment.isoformat()} is beyond the calendar.") from None


def _cron(kind: TimerKind, text: str, world: World) -> Due:
    if kind is not TimerKind.CYCLE:
        raise ValueError(f"'{text}' is a cron, which only a cycle may be; a {kind.value} is one moment.")
    match = Cron.read(text).after(world.now, zone(world))
    if match is None:
        raise ValueError(f"The cron '{text}' never comes again.")
    return Due(match, None, CRON + text)
