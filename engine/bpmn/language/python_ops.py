"""The sandbox's own language in-process: its functions and its arithmetic, each with a bound on what it may cost."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from engine.bpmn.language.scope import Scope
from engine.bpmn.language.values import (
    MAX_ITEMS,
    Failed,
    OverLimit,
    Unset,
    bounded_number,
    bounded_text,
    is_number,
    kind,
    text,
)

SCOPED = frozenset({"now", "today"})
"""Functions that get the Scope as their first argument."""


def working_days(count: Any) -> str:
    """Text for a timer: so many working days of the process's calendar."""
    return f"working:P{_count(count)}D"


def working_hours(count: Any) -> str:
    """Text for a timer: so many working hours of the process's calendar."""
    return f"working:PT{_count(count)}H"


def _count(value: Any) -> int:
    if not is_number(value) or value != int(value) or not 0 <= value <= 100_000:
        raise Failed("working_days() and working_hours() want a whole number from 0 to 100000")
    return int(value)


def _length(value: Any) -> int:
    if not isinstance(value, str | list | tuple | Mapping):
        raise Failed(f"len() of {kind(value)}")
    return len(value)


def _text(value: Any = "") -> str:
    if isinstance(value, bool) or value is None or isinstance(value, float | datetime):
        return str(value)
    return text(value)


def _whole(value: Any = 0) -> int:
    if isinstance(value, str) and len(value) > 60:
        raise Failed("int() of a text that is no number")
    return int(value)


def _real(value: Any = 0) -> float:
    if isinstance(value, str) and len(value) > 60:
        raise Failed("float() of a text that is no number")
    return float(value)


def _rounded(value: Any, places: Any = None) -> Any:
    if not is_number(value):
        raise Failed(f"round() of {kind(value)}")
    if places is None:
        return round(value)
    if not isinstance(places, int) or abs(places) > 30:
        raise Failed("round() wants at most 30 places")
    return round(value, places)


def _items(values: tuple[Any, ...], function: str) -> list[Any]:
    """The items of the one list given, or the several values given."""
    if len(values) == 1:
        return _list(values[0], function)
    return _short(list(values))


def _short(items: list[Any]) -> list[Any]:
    if len(items) > MAX_ITEMS:
        raise OverLimit(f"a list of more than {MAX_ITEMS} items")
    return items


def _sum(items: Any) -> Any:
    total: Any = 0
    for item in _list(items, "sum"):
        if not isinstance(item, int | float | Decimal):
            raise Failed(f"sum() of a list with {kind(item)}")
        total = total + item
    return bounded_number(total)


def _list(value: Any, function: str) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise Failed(f"{function}() of {kind(value)}")
    return _short(list(value))


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "now": Scope.now,
    "today": Scope.today,
    "working_days": working_days,
    "working_hours": working_hours,
    "len": _length,
    "str": _text,
    "int": _whole,
    "float": _real,
    "round": _rounded,
    "min": lambda *values: min(_items(values, "min")),
    "max": lambda *values: max(_items(values, "max")),
    "sum": _sum,
    "abs": abs,
    "sorted": lambda items: sorted(_list(items, "sorted")),
    "any": lambda items: any(_list(items, "any")),
    "all": lambda items: all(_list(items, "all")),
}


def _add(left: Any, right: Any) -> Any:
    if isinstance(left, str) and isinstance(right, str):
        return bounded_text(left + right)
    if isinstance(left, list) and isinstance(right, list):
        return _short(left + right)
    _arithmetic("+", left, right, date | timedelta)
    return bounded_number(left + right)


def _subtract(left: Any, right: Any) -> Any:
    _arithmetic("-", left, right, date | timedelta)
    return bounded_number(left - right)


def _multiply(left: Any, right: Any) -> Any:
    _arithmetic("*", left, right, timedelta)
    return bounded_number(left * right)


def _divide(left: Any, right: Any) -> Any:
    _arithmetic("/", left, right, timedelta)
    return left / right


def _divide_down(left: Any, right: Any) -> Any:
    _arithmetic("//", left, right, timedelta)
    return left // right


def _remainder(left: Any, right: Any) -> Any:
    _arithmetic("%", left, right, timedelta)
    return left % right


def _negative(value: Any) -> Any:
    _arithmetic("-", 0, value, timedelta)
    return -value


def _arithmetic(sign: str, left: Any, right: Any, also: Any) -> None:
    for value in (left, right):
        if not isinstance(value, int | float | Decimal | also):
            raise Failed(f"'{sign}' between {kind(left)} and {kind(right)}")


def member(value: Any, name: str) -> Any:
    """``a.b``: an entry of a group, or a part of a date."""
    if isinstance(value, Mapping):
        if name not in value:
            raise Unset(name)
        return value[name]
    parts = ("year", "month", "day", "hour", "minute", "second") if isinstance(value, datetime) else ()
    if isinstance(value, date) and name in (parts or ("year", "month", "day")):
        return getattr(value, name)
    if isinstance(value, timedelta) and name in ("days", "seconds"):
        return getattr(value, name)
    raise Failed(f"{kind(value)} has no property '{name}'")


OPERATORS: Mapping[str, Callable[..., Any]] = {
    "Add": _add,
    "Sub": _subtract,
    "Mult": _multiply,
    "Div": _divide,
    "FloorDiv": _divide_down,
    "Mod": _remainder,
    "USub": _negative,
    "member": member,
}
