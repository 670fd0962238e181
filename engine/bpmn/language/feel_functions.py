"""FEEL's functions that procedures use. Arguments that make no sense give null, as FEEL wants it."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

import isodate

from engine.bpmn.language import feel_ops as ops
from engine.bpmn.language.scope import Scope
from engine.bpmn.language.values import MAX_ITEMS, OverLimit, bounded_text, decimal, is_number, spend, text

FUNCTIONS: dict[str, tuple[int, int | None]] = {}
"""Name to the fewest and the most arguments (None: any number)."""

CODE: dict[str, Callable[..., Any]] = {}
"""Name to what is run. The first argument is the Scope for the names in SCOPED."""

SCOPED = frozenset({"now", "today"})

Function = Callable[..., Any]


def _feel(name: str, fewest: int, most: int | None = -1) -> Callable[[Function], Function]:
    def known(function: Function) -> Function:
        def null_for_nonsense(*args: Any) -> Any:
            try:
                return function(*args)
            except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
                return None

        FUNCTIONS[name] = (fewest, fewest if most == -1 else most)
        CODE[name] = null_for_nonsense
        return function

    return known


@_feel("not", 1)
def _not(value: Any) -> Any:
    return ops.negated(value)


@_feel("is defined", 1)
def _is_defined(value: Any) -> bool:
    return value is not None


@_feel("get or else", 2)
def _get_or_else(value: Any, otherwise: Any) -> Any:
    return otherwise if value is None else value


@_feel("now", 0)
def _now(scope: Scope) -> datetime:
    return scope.now()


@_feel("today", 0)
def _today(scope: Scope) -> date:
    return scope.today()


@_feel("working days", 1)
@_feel("working_days", 1)
def _working_days(count: Any) -> str | None:
    return f"working:P{int(count)}D" if is_number(count) and 0 <= count <= 10_000 else None


@_feel("working hours", 1)
@_feel("working_hours", 1)
def _working_hours(count: Any) -> str | None:
    return f"working:PT{int(count)}H" if is_number(count) and 0 <= count <= 100_000 else None


def _parsed(read: Callable[[str], Any], value: str) -> Any:
    if len(value) > 60:
        return None
    try:
        return read(value.strip())
    except (ValueError, ArithmeticError, isodate.ISO8601Error):
        return None


@_feel("date", 1, 3)
def _date(first: Any, month: Any = None, day: Any = None) -> date | None:
    if isinstance(first, datetime):
        return first.date()
    if isinstance(first, date):
        return first
    if isinstance(first, str):
        return _parsed(date.fromisoformat, first)  # type: ignore[no-any-return]  # date or None by what it reads with
    return _parsed(lambda _: date(int(first), int(month), int(day)), "") if is_number(day) else None


@_feel("date and time", 1, 2)
def _date_and_time(first: Any, clock: Any = None) -> datetime | None:
    if isinstance(first, date) and isinstance(clock, time):
        return datetime.combine(first, clock)
    if isinstance(first, datetime):
        return first
    if isinstance(first, date):
        return datetime.combine(first, time())
    return _parsed(datetime.fromisoformat, first) if isinstance(first, str) else None


@_feel("time", 1)
def _time(value: Any) -> time | None:
    if isinstance(value, datetime):
        return value.timetz()
    return _parsed(time.fromisoformat, value) if isinstance(value, str) else None


@_feel("duration", 1)
def _duration(value: Any) -> Any:
    if isinstance(value, timedelta | isodate.Duration):
        return value
    return _parsed(isodate.parse_duration, value) if isinstance(value, str) else None


@_feel("years and months duration", 2)
def _months_between(start: Any, end: Any) -> Any:
    if not (isinstance(start, date) and isinstance(end, date)):
        return None
    sign, (first, last) = (1, (start, end)) if _day(start) <= _day(end) else (-1, (end, start))
    months = (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)
    return isodate.Duration(years=sign * (months // 12), months=sign * (months % 12))


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


@_feel("@", 1)
def _at(value: str) -> Any:
    """A date, date and time, time or duration by its own look."""
    if "P" in value[:2]:
        return _duration(value)
    if "T" in value:
        return _date_and_time(value)
    return _time(value) if ":" in value else _date(value)


@_feel("day of week", 1)
def _day_of_week(value: Any) -> str | None:
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    return names[value.weekday()] if isinstance(value, date) else None


@_feel("string", 1)
def _string(value: Any) -> str | None:
    if value is None or isinstance(value, list | tuple | Mapping):
        return None
    return text(value)


@_feel("number", 1, 3)
def _number(value: Any, grouping: Any = None, point: Any = None) -> Any:
    if is_number(value):
        return value
    if not isinstance(value, str) or len(value) > 60:
        return None
    if isinstance(grouping, str) and grouping:
        value = value.replace(grouping, "")
    if isinstance(point, str) and point:
        value = value.replace(point, ".")
    try:
        found = Decimal(value.strip())
    except InvalidOperation:
        return None
    return ops.number(found) if found.is_finite() and abs(found.adjusted()) < 60 else None


def _texts(*values: Any) -> bool:
    return all(isinstance(value, str) for value in values)


@_feel("contains", 2)
def _contains(value: Any, part: Any) -> bool | None:
    return part in value if _texts(value, part) else None


@_feel("starts with", 2)
def _starts_with(value: Any, part: Any) -> bool | None:
    return value.startswith(part) if _texts(value, part) else None


@_feel("ends with", 2)
def _ends_with(value: Any, part: Any) -> bool | None:
    return value.endswith(part) if _texts(value, part) else None


@_feel("string length", 1)
def _string_length(value: Any) -> int | None:
    return len(value) if _texts(value) else None


@_feel("upper case", 1)
def _upper_case(value: Any) -> str | None:
    return value.upper() if _texts(value) else None


@_feel("lower case", 1)
def _lower_case(value: Any) -> str | None:
    return value.lower() if _texts(value) else None


@_feel("trim", 1)
def _trim(value: Any) -> str | None:
    return value.strip() if _texts(value) else None


@_feel("substring", 2, 3)
def _substring(value: Any, start: Any, length: Any = None) -> str | None:
    if not _texts(value) or not is_number(start) or start == 0:
        return None
    first = int(start) - 1 if start > 0 else max(len(value) + int(start), 0)
    last = len(value) if length is None else first + int(length)
    return value[first : max(last, first)]  # type: ignore[no-any-return]  # _texts has checked it


@_feel("substring before", 2)
def _substring_before(value: Any, part: Any) -> str | None:
    return (value.partition(part)[0] if part and part in value else "") if _texts(value, part) else None


@_feel("substring after", 2)
def _substring_after(value: Any, part: Any) -> str | None:
    if not _texts(value, part):
        return None
    return value.partition(part)[2] if part else value  # type: ignore[no-any-return]  # _texts has checked it


@_feel("split", 2)
def _split(value: Any, by: Any) -> list[str] | None:
    return value.split(by, MAX_ITEMS) if _texts(value, by) and by else None


@_feel("string join", 1, 2)
def _string_join(items: Any, by: Any = "") -> str | None:
    parts = [one for one in ops.as_list(items) if one is not None]
    return bounded_text((by or "").join(parts)) if _texts(by or "", *parts) else None


def _given(values: tuple[Any, ...]) -> list[Any]:
    """The items of the one list given, or the arguments themselves."""
    return ops.as_list(values[0]) if len(values) == 1 else list(values)


@_feel("count", 1, None)
def _count(*values: Any) -> int:
    return len(_given(values))


@_feel("sum", 1, None)
def _sum(*values: Any) -> Any:
    items = _given(values)
    if not items or not all(is_number(one) for one in items):
        return None
    return ops.number(sum((decimal(one) for one in items), Decimal(0)), *items)


@_feel("mean", 1, None)
def _mean(*values: Any) -> Any:
    items = _given(values)
    return ops.divide(_sum(*values), len(items)) if items else None


def _extreme(values: tuple[Any, ...], better: Callable[[Any, Any], bool | None]) -> Any:
    items = _given(values)
    best = items[0] if items else None
    for one in items[1:]:
        outcome = better(one, best)
        if outcome is None:
            return None
        best = one if outcome else best
    return best


@_feel("min", 1, None)
def _min(*values: Any) -> Any:
    return _extreme(values, ops.less)


@_feel("max", 1, None)
def _max(*values: Any) -> Any:
    return _extreme(values, ops.more)


@_feel("all", 1, None)
def _all(*values: Any) -> bool | None:
    return ops.conjunction(*_given(values))


@_feel("any", 1, None)
def _any(*values: Any) -> bool | None:
    return ops.disjunction(*_given(values))


@_feel("list contains", 2)
def _list_contains(items: Any, value: Any) -> bool | None:
    if items is None:
        return None
    return any(ops.equal(one, value) is True for one in ops.as_list(items))


@_feel("append", 2, None)
def _append(items: Any, *more: Any) -> list[Any]:
    return _bounded([*ops.as_list(items), *more])


@_feel("concatenate", 1, None)
def _concatenate(*lists: Any) -> list[Any]:
    return _bounded([one for items in lists for one in ops.as_list(items)])


@_feel("flatten", 1)
def _flatten(items: Any) -> list[Any]:
    flat: list[Any] = []
    waiting = [items]
    while waiting:
        one = waiting.pop()
        spend(1)
        if isinstance(one, list | tuple):
            waiting.extend(reversed(one))
        else:
            flat.append(one)
    return _bounded(flat)


@_feel("distinct values", 1)
def _distinct_values(items: Any) -> list[Any]:
    kept: list[Any] = []
    for one in ops.as_list(items):
        spend(len(kept))
        if not any(ops.equal(one, other) is True for other in kept):
            kept.append(one)
    return kept


@_feel("reverse", 1)
def _reverse(items: Any) -> list[Any]:
    return ops.as_list(items)[::-1]


@_feel("index of", 2)
def _index_of(items: Any, value: Any) -> list[int]:
    return [at for at, one in enumerate(ops.as_list(items), 1) if ops.equal(one, value) is True]


@_feel("sublist", 2, 3)
def _sublist(items: Any, start: Any, length: Any = None) -> list[Any] | None:
    given = ops.as_list(items)
    if not is_number(start) or start == 0:
        return None
    first = int(start) - 1 if start > 0 else len(given) + int(start)
    return given[max(first, 0) : None if length is None else max(first, 0) + int(length)]


@_feel("abs", 1)
def _abs(value: Any) -> Any:
    return abs(value) if is_number(value) or isinstance(value, timedelta) else None


def _rounded(value: Any, places: Any, how: str) -> Any:
    if not is_number(value) or not is_number(places) or abs(places) > 30:
        return None
    try:
        return ops.number(decimal(value).quantize(Decimal(1).scaleb(-int(places)), rounding=how), value)
    except InvalidOperation:
        return None


@_feel("floor", 1, 2)
def _floor(value: Any, places: Any = 0) -> Any:
    return _rounded(value, places, ROUND_FLOOR)


@_feel("ceiling", 1, 2)
def _ceiling(value: Any, places: Any = 0) -> Any:
    return _rounded(value, places, ROUND_CEILING)


@_feel("decimal", 2)
def _decimal(value: Any, places: Any) -> Any:
    return _rounded(value, places, ROUND_HALF_EVEN)


@_feel("round half up", 1, 2)
def _round_half_up(value: Any, places: Any = 0) -> Any:
    return _rounded(value, places, ROUND_HALF_UP)


@_feel("modulo", 2)
def _modulo(value: Any, by: Any) -> Any:
    if not (is_number(value) and is_number(by)) or by == 0:
        return None
    quotient = (decimal(value) / decimal(by)).to_integral_value(rounding=ROUND_FLOOR)
    return ops.number(decimal(value) - decimal(by) * quotient, value, by)


@_feel("even", 1)
def _even(value: Any) -> bool | None:
    return value % 2 == 0 if is_number(value) else None


@_feel("odd", 1)
def _odd(value: Any) -> bool | None:
    return value % 2 == 1 if is_number(value) else None


@_feel("range of", 2)
def _range_of(low: Any, high: Any) -> list[int] | None:
    """The whole numbers of ``for x in 1..5``."""
    if not (is_number(low) and is_number(high)):
        return None
    if abs(high - low) > MAX_ITEMS:
        raise OverLimit(f"a range of more than {MAX_ITEMS} numbers")
    step = 1 if high >= low else -1
    return list(range(int(low), int(high) + step, step))


@_feel("get value", 2)
def _get_value(group: Any, key: Any) -> Any:
    return group.get(key) if isinstance(group, Mapping) else None


@_feel("get entries", 1)
def _get_entries(group: Any) -> list[dict[str, Any]] | None:
    return (
        [{"key": key, "value": value} for key, value in group.items()] if isinstance(group, Mapping) else None
    )


def _bounded(items: list[Any]) -> list[Any]:
    if len(items) > MAX_ITEMS:
        raise OverLimit(f"a list of more than {MAX_ITEMS} items")
    return items
