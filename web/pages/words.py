"""Moments, days and numbers as people read them, in the language and time zone of the request."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from babel import Locale, dates, numbers
from flask_babel import get_locale, get_timezone

from engine.store.page import Named

LONG_NAME = 30


def locale() -> str:
    """``id`` or ``en``."""
    return "en" if str(get_locale() or "id").startswith("en") else "id"


def local(at: datetime) -> datetime:
    """The moment on the wall clock of the house."""
    return at.astimezone(get_timezone() or UTC)


def moment(at: datetime) -> str:
    """``Senin 23 November 2026, 15.30`` or ``Monday 23 November 2026, 15:30``."""
    return f"{_pattern(local(at), 'EEEE d MMMM y')}, {clock(at)}"


def short_moment(at: datetime, now: datetime | None = None) -> str:
    """``Sen 23 Nov, 15.30``; with the year when it is not that of ``now``."""
    there = local(at)
    year = " y" if now is not None and local(now).year != there.year else ""
    return f"{_pattern(there, 'EEE d MMM' + year)}, {clock(at)}"


def day(at: datetime, now: datetime | None = None) -> str:
    """``Rabu 25 November``; with the year when it is not that of ``now``."""
    there = local(at)
    year = " y" if now is not None and local(now).year != there.year else ""
    return _pattern(there, "EEEE d MMMM" + year)


def short_day(at: datetime) -> str:
    """``Rab 25 Nov``."""
    return _pattern(local(at), "EEE d MMM")


def agency(named: Named | None) -> str:
    """An agency's name; one that would fill a line by its key, which is how officers say it: ``DPMPTSP``."""
    if named is None:
        return ""
    name = named.name(locale())
    return name if len(name) <= LONG_NAME else named.key.replace("_", " ").upper()


def plain_day(at: datetime | date) -> str:
    """``9 November 2026``."""
    return _pattern(local(at) if isinstance(at, datetime) else at, "d MMMM y")


def weekday(at: date) -> str:
    """``Kam`` or ``Thu``."""
    return _pattern(at, "EEE")


def clock(at: datetime) -> str:
    """``15.30`` or ``15:30``, local."""
    return _pattern_time(local(at))


def number(value: int | float | Decimal) -> str:
    """With the language's decimal mark and without trailing zeros."""
    return str(numbers.format_decimal(value, locale=_babel_locale(), decimal_quantization=False))


def plainly(value: Any) -> str:
    """Any JSON value of a case as a person reads it, on one line where it can be."""
    match value:
        case None | "":
            return "–"
        case bool():
            return _yes_no(value)
        case int() | float() | Decimal():
            return number(value)
        case datetime():
            return moment(value)
        case date():
            return plain_day(value)
        case str():
            return _maybe_date(value)
        case list() | tuple():
            return ", ".join(plainly(item) for item in value) or "–"
        case dict():
            return "; ".join(f"{humanise(str(key))}: {plainly(item)}" for key, item in value.items()) or "–"
        case _:
            return str(value)


def humanise(key: str) -> str:
    """A variable's name as words: ``floor_area`` → ``Floor area``; what is already words stays."""
    words = (
        "".join(f" {c.lower()}" if c.isupper() and i else c for i, c in enumerate(key))
        if key.isidentifier()
        else key
    )
    words = " ".join(words.replace("_", " ").split())
    return words[:1].upper() + words[1:]


def initials(name: str) -> str:
    """Two letters for the round badge beside a name."""
    parts = [part for part in name.replace(".", " ").split() if part[:1].isalpha()]
    return "".join(part[0] for part in (parts[:1] + parts[-1:] if len(parts) > 1 else parts)).upper() or "?"


def _maybe_date(text: str) -> str:
    """ISO dates and moments that came through JSON read as dates again; every other text stays as it is."""
    if len(text) == 10 and text[4:5] == text[7:8] == "-":
        try:
            return plain_day(date.fromisoformat(text))
        except ValueError:
            return text
    if len(text) >= 19 and text[4:5] == "-" and text[10:11] == "T":
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            return text
        return moment(at) if at.tzinfo else text
    return text


def _yes_no(value: bool) -> str:
    if locale() == "en":
        return "Yes" if value else "No"
    return "Ya" if value else "Tidak"


def _babel_locale() -> Locale:
    return Locale.parse("en_GB" if locale() == "en" else "id")


def _pattern(at: date, pattern: str) -> str:
    return str(dates.format_date(at, pattern, locale=_babel_locale()))


def _pattern_time(at: datetime) -> str:
    return f"{at:%H:%M}" if locale() == "en" else f"{at:%H.%M}"
