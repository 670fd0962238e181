"""JUEL's operators: its coercions (null is 0 or false, a text that is a number compares as one), true division."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from engine.bpmn.language.feel_ops import number as as_number
from engine.bpmn.language.juel_methods import RESULT_PARTS
from engine.bpmn.language.values import Failed, bounded_number, decimal, is_number, kind


def truth(value: Any) -> bool:
    """null is false, the text "true" is true; anything but these and true/false is an error."""
    match value:
        case None:
            return False
        case bool():
            return value
        case str():
            return value.lower() == "true"
        case _:
            raise Failed(f"{kind(value)} stands where true or false is needed")


def negated(value: Any) -> bool:
    return not truth(value)


def empty(value: Any) -> bool:
    return value is None or (isinstance(value, str | list | tuple | Mapping) and len(value) == 0)


def _numeric(value: Any) -> Decimal:
    """Raises Failed when the value is no number and no text that is one."""
    if value is None:
        return Decimal(0)
    if is_number(value):
        return decimal(value)
    if isinstance(value, str) and len(value) <= 60:
        try:
            found = Decimal(value.strip() or "0")
        except InvalidOperation:
            raise Failed(f"the text '{value}' is no number") from None
        if found.is_finite():
            return found
    raise Failed(f"{kind(value)} stands where a number is needed")


def equal(left: Any, right: Any) -> bool:
    if left is None or right is None:
        return left is right
    if is_number(left) or is_number(right):
        if isinstance(left, bool) or isinstance(right, bool):
            return False
        try:
            return _numeric(left) == _numeric(right)
        except Failed:
            return False
    if isinstance(left, bool) or isinstance(right, bool):
        return truth(left) == truth(right)
    return bool(left == right)


def differs(left: Any, right: Any) -> bool:
    return not equal(left, right)


def _ordered(left: Any, right: Any, test: Callable[[Any, Any], bool]) -> bool:
    if left is None or right is None:
        return False
    if is_number(left) or is_number(right):
        return test(_numeric(left), _numeric(right))
    if isinstance(left, str) and isinstance(right, str):
        return test(left, right)
    if isinstance(left, date) and isinstance(right, date):
        try:
            return test(left, right)
        except TypeError:
            raise Failed(f"{kind(left)} cannot be compared with {kind(right)}") from None
    raise Failed(f"{kind(left)} cannot be compared with {kind(right)}")


def less(left: Any, right: Any) -> bool:
    return _ordered(left, right, lambda a, b: a < b)


def at_most(left: Any, right: Any) -> bool:
    return (left is None and right is None) or _ordered(left, right, lambda a, b: a <= b)


def more(left: Any, right: Any) -> bool:
    return _ordered(left, right, lambda a, b: a > b)


def at_least(left: Any, right: Any) -> bool:
    return (left is None and right is None) or _ordered(left, right, lambda a, b: a >= b)


def _computed(work: Callable[[Decimal, Decimal], Decimal], left: Any, right: Any) -> Any:
    a, b = _numeric(left), _numeric(right)
    if abs(a.adjusted()) > 60 or abs(b.adjusted()) > 60:
        raise Failed("a number is too large to compute with")
    return bounded_number(as_number(work(a, b), left, right))


def add(left: Any, right: Any) -> Any:
    if isinstance(left, str) or isinstance(right, str):
        for value in (left, right):
            try:
                _numeric(value)
            except Failed:
                raise Failed("'+' adds numbers; join texts by writing them side by side: ${a}${b}") from None
    return _computed(lambda a, b: a + b, left, right)


def subtract(left: Any, right: Any) -> Any:
    return _computed(lambda a, b: a - b, left, right)


def multiply(left: Any, right: Any) -> Any:
    return _computed(lambda a, b: a * b, left, right)


def divide(left: Any, right: Any) -> Any:
    if _numeric(right) == 0:
        raise Failed("division by zero")
    result = _computed(lambda a, b: a / b, left, right)
    return float(result) if isinstance(result, int) else result


def remainder(left: Any, right: Any) -> Any:
    if _numeric(right) == 0:
        raise Failed("division by zero")
    return _computed(lambda a, b: a % b, left, right)


def negative(value: Any) -> Any:
    return _computed(lambda a, b: a - b, 0, value)


def member(value: Any, name: Any) -> Any:
    """An entry of a group by name, an item of a list by its place from 0; of null it is null."""
    if value is None or name is None:
        return None
    if isinstance(value, Mapping):
        return value.get(name)
    if isinstance(value, list | tuple) and name in RESULT_PARTS:
        return RESULT_PARTS[name](value)
    if isinstance(value, list | tuple):
        at = int(_numeric(name))
        return value[at] if 0 <= at < len(value) else None
    if isinstance(value, date) and isinstance(name, str) and name in ("year", "month", "day"):
        return int(getattr(value, name))
    raise Failed(f"{kind(value)} has no property '{name}'")
