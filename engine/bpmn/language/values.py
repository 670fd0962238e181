"""Bounded values: what expressions may compute with, how large it may get, and how failures are told."""

import threading
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from isodate import Duration, duration_isoformat

MAX_TEXT = 200_000
"""Characters of a text that an expression builds."""

MAX_ITEMS = 10_000
MAX_DEPTH = 40
MAX_BYTES = 1 << 20
"""Of a result, counted as its JSON would be, roughly."""

MAX_INT = (1 << 63) - 1
MAX_BITS = 256

BUDGET = 150_000
"""Units of work of one evaluation in-process; a unit is about a microsecond: an item looked at, a part evaluated."""

_budget = threading.local()


class Failed(Exception):
    """The expression cannot give a value; the message is for the designer."""


class OverLimit(Exception):
    """The expression wants more than the sandbox gives."""


class Unset(Failed):
    """A variable that the case does not have."""

    def __init__(self, name: str) -> None:
        super().__init__(f"variable '{name}' is not set")
        self.name = name


def allow(units: int) -> None:
    """Gives this thread's next evaluation so much work."""
    _budget.units = units


def spend(units: int) -> None:
    """Takes from the work of the evaluation under way. Raises OverLimit when it is used up."""
    left = getattr(_budget, "units", BUDGET) - units
    _budget.units = left
    if left < 0:
        raise OverLimit("more work than an expression may do")


def kind(value: Any) -> str:
    """The kind of a value in a designer's words."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true/false"
        case int() | float() | Decimal():
            return "a number"
        case str():
            return "text"
        case datetime():
            return "a date and time"
        case date():
            return "a date"
        case time():
            return "a time"
        case timedelta() | Duration():
            return "a duration"
        case list() | tuple():
            return "a list"
        case Mapping():
            return "a group of values"
        case _:
            return "something that is no data"


def is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def decimal(value: int | float | Decimal) -> Decimal:
    """The number as it is written: 0.1 is a tenth."""
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def text(value: Any) -> str:
    """A value as it reads in a template."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case int() | Decimal():
            return format(value, "f") if isinstance(value, Decimal) else str(value)
        case date() | time():
            return value.isoformat()
        case timedelta() | Duration():
            return str(duration_isoformat(value))
        case _:
            raise Failed(f"{kind(value)} cannot be written as text")


def joined(*parts: Any) -> str:
    return bounded_text("".join(text(part) for part in parts))


def bounded_text(value: str) -> str:
    if len(value) > MAX_TEXT:
        raise OverLimit(f"a text longer than {MAX_TEXT} characters")
    return value


def bounded_number(value: Any) -> Any:
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        raise OverLimit("a number that is too large")
    return value


def checked(value: Any) -> Any:
    """The value as case data: JSON, dates and Decimal. Raises Failed for anything else, OverLimit for too much of it."""
    if value is None or isinstance(value, bool):
        return value
    return _Check().walk(value, 0)


class _Check:
    def __init__(self) -> None:
        self.size = 0

    def spend(self, size: int) -> None:
        self.size += size
        if self.size > MAX_BYTES:
            raise OverLimit(f"a result larger than {MAX_BYTES // 1024} kB")

    def walk(self, value: Any, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise OverLimit(f"a result nested deeper than {MAX_DEPTH} levels")
        match value:
            case None | bool():
                self.spend(5)
                return value
            case str():
                self.spend(len(value) if value.isascii() else len(value.encode("utf-8", "surrogatepass")))
                if "\x00" in value or not _encodes(value):
                    raise Failed("the result is text with characters that cannot be stored")
                return str(value)
            case int():
                if abs(value) > MAX_INT:
                    raise OverLimit("a number that is too large")
                self.spend(8)
                return int(value)
            case float():
                if value != value or value in (float("inf"), float("-inf")):
                    raise Failed("the result is not a number")
                self.spend(8)
                return float(value)
            case Decimal():
                if not value.is_finite() or abs(value.adjusted()) > 100:
                    raise Failed("the result is not a number")
                self.spend(len(value.as_tuple().digits))
                return value
            case date():  # a datetime is one, too
                self.spend(10)
                return value
            case time() | timedelta() | Duration():
                return text(value)
            case list() | tuple():
                self.spend(2)
                return [self.walk(item, depth + 1) for item in value]
            case Mapping():
                return self._group(value, depth)
            case _:
                raise Failed(f"the result is {kind(value)}")

    def _group(self, value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        self.spend(2)
        group: dict[str, Any] = {}
        for key, item in value.items():
            if not isinstance(key, str):
                raise Failed("the result has a name that is not text")
            self.spend(len(key))
            group[key] = self.walk(item, depth + 1)
        return group


def _encodes(value: str) -> bool:
    return value.isascii() or not any("\ud800" <= char <= "\udfff" for char in value)
