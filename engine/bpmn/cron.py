"""Cron: Quartz and Spring (6 or 7 fields, seconds first), Unix (5 fields) and the @ words, in one form that says the same
everywhere.

The fields are read here, because the dialects differ in them; which moments match is left to cronsim. The number of a
weekday means another day in each dialect, so the one form has names only: ``canonical`` makes it from a file's text,
``Cron.read`` takes nothing else in six and seven fields.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from cronsim import CronSim, CronSimError

LOOKS_LIKE = re.compile(r"@\w+|(?:[\d*?/,\-LW#A-Za-z]+\s+){4,6}[\d*?/,\-LW#A-Za-z]+", re.ASCII)
LIMIT = 200

_WORDS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * SUN",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_YEARS = range(1970, 2100)
_FIELDS = ("seconds", "minutes", "hours", "day of month", "month", "day of week", "year")


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron that has been read.

    Attributes:
        text: as it was given.
        spec: for cronsim: five fields, or six when it fires in several seconds of a minute.
        second: of each minute in which it fires; None with six fields.
        years: the only years in which it fires; None: all.
    """

    text: str
    spec: str
    second: int | None
    years: tuple[int, ...] | None

    @classmethod
    def read(cls, text: str) -> "Cron":
        """The cron of a canonical text.

        Raises:
            ValueError: with a sentence that names the field.
        """
        fields = _split(text)
        quartz = len(fields) > 5
        second, minute, hour, day, month, weekday, year = _seven(fields)
        if quartz:
            _one_of_the_days(text, day, weekday)
        weekdays = _weekdays(text, weekday, first=None if quartz else 0, names=False)
        _days_of_month(text, day)
        single = int(second) if second.isdigit() else None
        rest = " ".join((minute, hour, day.replace("?", "*"), month, weekdays))
        spec = rest if single is not None and single < 60 else f"{second} {rest}"
        found = cls(text, spec, single if spec is rest else None, _years(text, year))
        found.after(datetime(2026, 1, 1, tzinfo=UTC), UTC)  # cronsim reads the other fields
        return found

    def after(self, moment: datetime, zone: tzinfo) -> datetime | None:
        """The first match after ``moment`` (aware) by the clocks of ``zone``, in UTC; None: there is none any more.

        A time of day that a change of clocks leaves out fires when the clocks have changed; one that comes twice, once.

        Raises:
            ValueError: a field that cannot be read, by its name.
        """
        shift = timedelta(seconds=self.second or 0)
        at = moment.astimezone(zone) - shift
        while True:
            try:
                found = next(CronSim(self.spec, at), None)
            except (CronSimError, AssertionError) as fault:
                raise ValueError(f"'{self.text}' is no cron that is run here: {_named(fault)}.") from None
            if found is None:
                return None
            match = (found + shift).astimezone(UTC)
            if (
                match <= moment
            ):  # armed in the hour that comes twice, for a time that fired when it came first
                at = found
                continue
            if self.years is None or found.year in self.years:
                return match
            later = [year for year in self.years if year > found.year]
            if not later:
                return None
            at = datetime(later[0], 1, 1, tzinfo=zone) - timedelta(seconds=1)


def canonical(text: str, *, sunday: int) -> str:
    """A file's cron with the weekdays by name.

    Args:
        sunday: the number of Sunday in six and seven fields: 1 in Quartz, 0 (and 7) in Spring and so in Camunda 8.

    Raises:
        ValueError: with a sentence that names the field.
    """
    fields = _split(text)
    if len(fields) > 5 and fields[5] not in ("*", "?"):
        fields[5] = _weekdays(text, fields[5], first=sunday, names=True)
    made = " ".join(fields)
    Cron.read(made)
    return made


def _split(text: str) -> list[str]:
    if len(text) > LIMIT:
        raise ValueError(f"A cron has at most {LIMIT} characters.")
    if text.startswith("@"):
        if text.lower() not in _WORDS:
            raise ValueError(f"'{text}' is no cron that is run here; known are {', '.join(_WORDS)}.")
        text = _WORDS[text.lower()]
    fields = text.upper().split()
    if not 5 <= len(fields) <= 7:
        raise ValueError(f"A cron has 5, 6 or 7 fields, not {len(fields)}: '{text}'.")
    return fields


def _seven(fields: list[str]) -> list[str]:
    if len(fields) == 5:
        return ["0", *fields, "*"]
    return [*fields, "*"] if len(fields) == 6 else list(fields)


def _one_of_the_days(text: str, day: str, weekday: str) -> None:
    """Unix fires on either; Quartz does not allow both, and Spring fires when both are right: nothing is guessed."""
    if day not in ("*", "?") and weekday not in ("*", "?"):
        raise ValueError(
            f"'{text}' names a day of month and a day of week, which engines read differently. Write ? for one of them."
        )


def _days_of_month(text: str, day: str) -> None:
    for term in day.split(","):
        if "W" in term and term != "LW":
            raise _wrong(
                text, 3, f"{term} (the working day nearest to a date) is not run; LW, the last one, is"
            )
        if term.startswith("L-"):
            raise _wrong(text, 3, f"{term} (days before the last) is not run; L, the last one, is")


def _weekdays(text: str, field: str, *, first: int | None, names: bool) -> str:
    """The field as a list of days, each once, by name or by the numbers that cronsim knows.

    Args:
        first: the number of Sunday in ``field``; None: days have no numbers.
    """
    if field in ("*", "?"):
        return "*"
    if first == 0 and not names and field.startswith("*"):
        return field  # Unix: with a star, both days must be right, not either
    days = (found for term in field.split(",") for found in _days_of(text, term, first))
    return ",".join(dict.fromkeys(f"{_DAYS[day] if names else day}{mark}" for day, mark in days))


def _days_of(text: str, term: str, first: int | None) -> Iterator[tuple[int, str]]:
    """Days from 0 for Sunday to 6 for Saturday, each with its mark: #2 for the second of a month, L for the last."""
    if "#" in term:
        day, _, count = term.partition("#")
        if count not in {"1", "2", "3", "4", "5"}:
            raise _wrong(text, 5, f"{term} names no week from 1 to 5")
        yield _day(text, day, first), f"#{count}"
    elif term == "L" and first == 1:
        yield 6, ""  # in Quartz the last day of the week
    elif term.endswith("L"):
        yield _day(text, term[:-1], first), "L"
    else:
        span, slash, step = term.partition("/")
        if slash and step not in {"1", "2", "3", "4", "5", "6", "7"}:
            raise _wrong(text, 5, f"{term} has no step from 1 to 7")
        begin, dash, end = span.partition("-")
        low = 0 if begin == "*" else _day(text, begin, first)
        high = _day(text, end, first) if dash else 6 if slash or begin == "*" else low
        for days in range(0, (high - low) % 7 + 1, int(step or 1)):
            yield (low + days) % 7, ""


def _day(text: str, name: str, first: int | None) -> int:
    """0 for Sunday to 6 for Saturday."""
    if name in _DAYS:
        return _DAYS.index(name)
    if not (name.isascii() and name.isdigit() and len(name) == 1):
        raise _wrong(text, 5, f"{name or 'nothing'} is no day")
    if first is None:
        raise _wrong(text, 5, f"{name} means another day in each engine; write names, like MON-FRI")
    number = int(name) - first
    if number == 7 and first == 0:
        number = 0
    if not 0 <= number <= 6:
        raise _wrong(text, 5, f"{name} is no day")
    return number


def _years(text: str, field: str) -> tuple[int, ...] | None:
    if field in ("*", "?"):
        return None
    years: set[int] = set()
    for term in field.split(","):
        found = re.fullmatch(r"(\*|\d{4})(?:-(\d{4}))?(?:/(\d{1,3}))?", term, re.ASCII)
        if found is None or found[3] == "0":
            raise _wrong(text, 6, f"{term} is no year from 1970 to 2099")
        low = _YEARS[0] if found[1] == "*" else int(found[1])
        high = int(found[2]) if found[2] else _YEARS[-1] if found[3] or found[1] == "*" else low
        if low not in _YEARS or high not in _YEARS or high < low:
            raise _wrong(text, 6, f"{term} is no year from 1970 to 2099")
        years.update(range(low, high + 1, int(found[3] or 1)))
    return tuple(sorted(years))


def _wrong(text: str, field: int, why: str) -> ValueError:
    return ValueError(f"'{text}' is no cron that is run here: in the field {_FIELDS[field]}, {why}.")


def _named(fault: Exception) -> str:
    name = str(fault).removeprefix("Bad ").replace("-", " ")
    return f"the field {name} cannot be read" if name else "a field cannot be read"
