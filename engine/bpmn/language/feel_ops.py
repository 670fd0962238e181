"""FEEL's operators: three-valued logic, exact decimals, dates; what has no meaning is null."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from isodate import Duration

from engine.bpmn.language.scope import Scope
from engine.bpmn.language.values import (
    MAX_ITEMS,
    OverLimit,
    bounded_number,
    bounded_text,
    decimal,
    is_number,
    spend,
)

MAX_POWER = 10_000
"""Of an exponent: the months of a mortgage are 360."""

Number = int | float | Decimal


@dataclass(frozen=True, slots=True)
class Span:
    """A range of values; a bound of None is open-ended."""

    low: Any
    high: Any
    low_included: bool
    high_included: bool


def span(low: Any, high: Any, low_included: bool, high_included: bool) -> Span:
    return Span(low, high, low_included, high_included)


def number(value: Decimal, *like: Any) -> Number:
    """A result in the kind of its operands: Decimal if one was, whole numbers as int, the rest as float."""
    if any(isinstance(one, Decimal) for one in like):
        return value
    if value == value.to_integral_value():
        return bounded_number(int(value)) if abs(value.adjusted()) < 80 else float(value)
    return float(value)


def equal(left: Any, right: Any) -> bool | None:
    if left is None or right is None:
        return left is right
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right if isinstance(left, bool) and isinstance(right, bool) else None
    if is_number(left) and is_number(right):
        return decimal(left) == decimal(right)
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        spend(len(left))
        return len(left) == len(right) and all(equal(a, b) is True for a, b in zip(left, right, strict=True))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        spend(len(left))
        return left.keys() == right.keys() and all(equal(left[key], right[key]) is True for key in left)
    if _comparable(left, right) or type(left) is type(right):
        return bool(left == right)
    return None


def differs(left: Any, right: Any) -> bool | None:
    return negated(equal(left, right))


def _comparable(left: Any, right: Any) -> bool:
    if is_number(left) and is_number(right):
        return True
    if isinstance(left, datetime) and isinstance(right, datetime):
        return (left.tzinfo is None) == (right.tzinfo is None)
    for one in (str, datetime, date, time, timedelta):
        if isinstance(left, one) or isinstance(right, one):
            return isinstance(left, one) and isinstance(right, one)
    return False


def _ordered(left: Any, right: Any, test: Callable[[Any, Any], bool]) -> bool | None:
    if isinstance(left, Duration) and isinstance(right, Duration):
        return test(left.years * 12 + left.months, right.years * 12 + right.months)
    if not _comparable(left, right):
        return None
    if is_number(left):
        return test(decimal(left), decimal(right))
    return test(left, right)


def less(left: Any, right: Any) -> bool | None:
    return _ordered(left, right, lambda a, b: a < b)


def at_most(left: Any, right: Any) -> bool | None:
    return _ordered(left, right, lambda a, b: a <= b)


def more(left: Any, right: Any) -> bool | None:
    return _ordered(left, right, lambda a, b: a > b)


def at_least(left: Any, right: Any) -> bool | None:
    return _ordered(left, right, lambda a, b: a >= b)


def within(value: Any, *tests: Any) -> bool | None:
    """Whether a test holds: a range that has the value, a list that has it, or an equal value."""
    unknown = False
    for test in tests:
        outcome = _holds(value, test)
        if outcome is True:
            return True
        unknown = unknown or outcome is None
    return None if unknown else False


def _holds(value: Any, test: Any) -> bool | None:
    if isinstance(test, Span):
        below = (
            True
            if test.low is None
            else (at_least(value, test.low) if test.low_included else more(value, test.low))
        )
        above = (
            True
            if test.high is None
            else (at_most(value, test.high) if test.high_included else less(value, test.high))
        )
        return conjunction(below, above)
    if isinstance(test, list | tuple) and not isinstance(value, list | tuple):
        spend(len(test))
        return any(_holds(value, one) is True for one in test)
    return equal(value, test)


def conjunction(*values: Any) -> bool | None:
    if any(value is False for value in values):
        return False
    return True if all(value is True for value in values) else None


def disjunction(*values: Any) -> bool | None:
    if any(value is True for value in values):
        return True
    return False if all(value is False for value in values) else None


def negated(value: Any) -> bool | None:
    return not value if isinstance(value, bool) else None


def true(value: Any) -> bool:
    return value is True


def add(left: Any, right: Any) -> Any:
    if isinstance(left, str) and isinstance(right, str):
        return bounded_text(left + right)
    if is_number(left) and is_number(right):
        return _computed(lambda a, b: a + b, left, right)
    return _moved(left, right, 1) if isinstance(left, date | time) else _moved(right, left, 1)


def subtract(left: Any, right: Any) -> Any:
    if is_number(left) and is_number(right):
        return _computed(lambda a, b: a - b, left, right)
    if isinstance(left, datetime) and isinstance(right, datetime):
        return left - right if _comparable(left, right) else None
    if isinstance(left, date) and isinstance(right, date) and not isinstance(left, datetime):
        return None if isinstance(right, datetime) else left - right
    return _moved(left, right, -1)


def _moved(moment: Any, by: Any, sign: int) -> Any:
    if not isinstance(by, timedelta | Duration):
        return None
    try:
        if isinstance(moment, timedelta | Duration):
            return moment + by if sign > 0 else moment - by
        if isinstance(moment, date):
            return moment + by if sign > 0 else moment - by
    except (OverflowError, ValueError):
        return None
    return None


def multiply(left: Any, right: Any) -> Any:
    if is_number(left) and is_number(right):
        return _computed(lambda a, b: a * b, left, right)
    if isinstance(left, timedelta) and is_number(right):
        return _scaled(left, float(right))
    return _scaled(right, float(left)) if isinstance(right, timedelta) and is_number(left) else None


def divide(left: Any, right: Any) -> Any:
    if is_number(left) and is_number(right):
        return _computed(lambda a, b: a / b, left, right) if right != 0 else None
    if isinstance(left, timedelta) and isinstance(right, timedelta):
        return left / right if right else None
    return (
        _scaled(left, 1 / float(right))
        if isinstance(left, timedelta) and is_number(right) and right
        else None
    )


def _scaled(value: timedelta, by: float) -> timedelta | None:
    try:
        return value * by
    except (OverflowError, ValueError):
        return None


def power(left: Any, right: Any) -> Any:
    if not (is_number(left) and is_number(right)) or abs(right) > MAX_POWER:
        return None
    return _computed(lambda a, b: a**b, left, right)


def negative(value: Any) -> Any:
    if is_number(value) or isinstance(value, timedelta):
        return -value
    return None


def _computed(work: Callable[[Decimal, Decimal], Decimal], left: Any, right: Any) -> Number | None:
    try:
        result = work(decimal(left), decimal(right))
    except (ArithmeticError, InvalidOperation):
        return None
    return number(result, left, right) if result.is_finite() else None


_PARTS: Mapping[type, tuple[str, ...]] = {
    datetime: ("year", "month", "day", "hour", "minute", "second"),
    date: ("year", "month", "day"),
    time: ("hour", "minute", "second"),
    Duration: ("years", "months"),
}


def member(value: Any, name: str) -> Any:
    """An entry of a group, of each group in a list, or a part of a date, time or duration."""
    if isinstance(value, Mapping):
        return value.get(name)
    if isinstance(value, list | tuple):
        spend(len(value))
        return [member(one, name) for one in value]
    if isinstance(value, date) and name == "weekday":
        return value.isoweekday()
    if isinstance(value, timedelta):
        return _duration_part(value, name)
    parts = _PARTS.get(type(value), ())
    return int(getattr(value, name)) if name in parts else None


def _duration_part(value: timedelta, name: str) -> int | None:
    seconds = int(abs(value).total_seconds())
    sign = -1 if value < timedelta(0) else 1
    parts = {
        "days": seconds // 86400,
        "hours": seconds // 3600 % 24,
        "minutes": seconds // 60 % 60,
        "seconds": seconds % 60,
    }
    return sign * parts[name] if name in parts else None


def as_list(value: Any) -> list[Any]:
    """FEEL reads a single value as a list of one, null as no items."""
    if value is None:
        return []
    if not isinstance(value, list | tuple):
        return [value]
    spend(len(value))
    return list(value)


def index(value: Any, at: Any) -> Any:
    """Items are counted from 1; from the end with -1, -2 …"""
    items = as_list(value)
    if not is_number(at) or int(at) != at or not 0 < abs(at) <= len(items):
        return None
    return items[int(at) - 1 if at > 0 else int(at)]


def filtered(scope: Scope, value: Any, cost: int, condition: Callable[[Scope], Any]) -> Any:
    """The items for which the condition holds; the one item when it is a number."""
    kept: list[Any] = []
    items = as_list(value)
    if not items:
        return items
    for item in items:
        names = {**item, "item": item} if isinstance(item, Mapping) else {"item": item}
        outcome = condition(scope.inner(names, cost))
        if is_number(outcome):
            return index(items, outcome)
        if outcome is True:
            kept.append(item)
    return kept


def let(scope: Scope, names: dict[str, Any], cost: int, body: Callable[[Scope], Any]) -> Any:
    """What the body gives where these names are known."""
    return body(scope.inner(names, cost))


def context(scope: Scope, *entries: tuple[str, int, Callable[[Scope], Any]]) -> dict[str, Any]:
    """A group whose entries read those before them."""
    found: dict[str, Any] = {}
    for key, cost, body in entries:
        found[key] = body(scope.inner(dict(found), cost))
    return found


def each(scope: Scope, how: str, name: str, over: Any, cost: int, body: Callable[[Scope], Any]) -> Any:
    items = as_list(over)
    results = (body(scope.inner({name: item}, cost)) for item in items)
    match how:
        case "some":
            return disjunction(*results) if items else False
        case "every":
            return conjunction(*results) if items else True
        case "flat for":
            return _short([one for result in results for one in as_list(result)])
        case _:
            return _short(list(results))


def _short(items: list[Any]) -> list[Any]:
    if len(items) > MAX_ITEMS:
        raise OverLimit(f"a list of more than {MAX_ITEMS} items")
    return items
