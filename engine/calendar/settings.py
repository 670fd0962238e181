"""Reads a working calendar from settings: a table of a TOML file, or the JSON kept with an agency.

time_zone = "Asia/Makassar"
hours = { mon = ["07:30-12:00", "13:00-16:00"], fri = ["07:30-11:30"] }
days = ["mon", "fri"]                     # count in day counts; left out: the days with hours
holidays = ["2026-01-01", "2026-12-28/2026-12-31"]
special = { "2026-02-14" = ["08:00-12:00"] }
closing = "16:00"                         # of days counted, but special ones; left out: each day's last hour
extends = "nasional"                      # another calendar, which this one adds to
"""

from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from engine.calendar.working import Interval, WorkingCalendar

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
KEYS = frozenset({"time_zone", "hours", "days", "holidays", "special", "closing", "extends"})
MAX_RANGE_DAYS = 366


class CalendarInvalid(ValueError):
    """Settings that make no calendar; the message names the key."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key}: {reason}")
        self.key = key


def from_settings(
    settings: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]] | None = None
) -> WorkingCalendar:
    """The calendar of these settings.

    Args:
        settings: as above.
        known: the calendars that ``extends`` may name. Holidays and special days are added to theirs; the other keys
            replace theirs.

    Raises:
        CalendarInvalid: names the key.
    """
    whole = _extended(settings, known or {}, ())
    hours = _hours(whole.get("hours"))
    return WorkingCalendar(
        timezone=_zone(whole.get("time_zone")),
        hours=hours,
        days=_days(whole.get("days"), hours),
        holidays=_holidays(whole.get("holidays", ())),
        special=_special(whole.get("special", {})),
        closing=_clock("closing", whole["closing"]) if "closing" in whole else None,
    )


def _extended(
    settings: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]], seen: tuple[str, ...]
) -> dict[str, Any]:
    for key in settings:
        if key not in KEYS:
            raise CalendarInvalid(
                str(key), f"is no setting of a calendar; there are {', '.join(sorted(KEYS))}"
            )
    name = settings.get("extends")
    if name is None:
        return dict(settings)
    if not isinstance(name, str) or name not in known or name in seen:
        raise CalendarInvalid("extends", f"'{name}' is no other calendar")
    base = _extended(known[name], known, (*seen, name))
    added = {
        "holidays": [
            *_list("holidays", base.get("holidays", ())),
            *_list("holidays", settings.get("holidays", ())),
        ],
        "special": {
            **_table("special", base.get("special", {})),
            **_table("special", settings.get("special", {})),
        },
    }
    return {**base, **settings, **added}


def _list(key: str, value: Any) -> Sequence[Any]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise CalendarInvalid(key, "must be a list")
    return value


def _table(key: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise CalendarInvalid(key, "must be a table of names and lists")
    return value


def _zone(name: Any) -> ZoneInfo:
    if not isinstance(name, str) or not name:
        raise CalendarInvalid("time_zone", "is missing; for example Asia/Makassar")
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise CalendarInvalid("time_zone", f"'{name}' is no time zone; for example Asia/Makassar") from None


def _hours(value: Any) -> dict[int, tuple[Interval, ...]]:
    hours: dict[int, tuple[Interval, ...]] = {}
    for name, intervals in _table("hours", {} if value is None else value).items():
        if name not in WEEKDAYS:
            raise CalendarInvalid(f"hours.{name}", f"is no weekday; there are {', '.join(WEEKDAYS)}")
        found = _intervals(f"hours.{name}", intervals)
        if found:
            hours[WEEKDAYS.index(name)] = found
    if not hours:
        raise CalendarInvalid("hours", "names no day with opening hours")
    return hours


def _intervals(key: str, value: Any) -> tuple[Interval, ...]:
    found: list[Interval] = []
    for text in _list(key, value):
        opens, dash, closes = str(text).partition("-")
        if not dash:
            raise CalendarInvalid(key, f"'{text}' is no pair of times such as 07:30-16:00")
        interval = (_clock(key, opens), _clock(key, closes))
        if interval[1] != time(0) and interval[1] <= interval[0]:
            raise CalendarInvalid(key, f"'{text}' ends before it begins")
        found.append(interval)
    found.sort()
    for before, after in pairwise(found):
        if before[1] == time(0) or after[0] < before[1]:
            raise CalendarInvalid(key, "has hours that overlap")
    return tuple(found)


def _clock(key: str, value: Any) -> time:
    text = str(value).strip()
    try:
        if len(text) != 5:
            raise ValueError
        return time(0) if text == "24:00" else time.fromisoformat(text)
    except ValueError:
        raise CalendarInvalid(key, f"'{text}' is no time such as 07:30") from None


def _days(value: Any, hours: Mapping[int, tuple[Interval, ...]]) -> frozenset[int]:
    if value is None:
        return frozenset(hours)
    days: set[int] = set()
    for name in _list("days", value):
        if name not in WEEKDAYS or WEEKDAYS.index(name) not in hours:
            raise CalendarInvalid("days", f"'{name}' is no weekday with opening hours")
        days.add(WEEKDAYS.index(name))
    if not days:
        raise CalendarInvalid("days", "names no day")
    return frozenset(days)


def _holidays(value: Any) -> frozenset[date]:
    days: set[date] = set()
    for entry in _list("holidays", value):
        first, _, last = str(entry).partition("/")
        begins = _day("holidays", first)
        ends = _day("holidays", last) if last else begins
        if not 0 <= (ends - begins).days <= MAX_RANGE_DAYS:
            raise CalendarInvalid("holidays", f"'{entry}' is no range of days within a year")
        days.update(begins + timedelta(days=n) for n in range((ends - begins).days + 1))
    return frozenset(days)


def _special(value: Any) -> dict[date, tuple[Interval, ...]]:
    special: dict[date, tuple[Interval, ...]] = {}
    for day, intervals in _table("special", value).items():
        found = _intervals(f"special.{day}", intervals)
        if not found:
            raise CalendarInvalid(f"special.{day}", "has no hours; a day off belongs to holidays")
        special[_day("special", day)] = found
    return special


def _day(key: str, text: Any) -> date:
    try:
        return date.fromisoformat(str(text).strip())
    except ValueError:
        raise CalendarInvalid(key, f"'{text}' is no date such as 2026-01-01") from None
