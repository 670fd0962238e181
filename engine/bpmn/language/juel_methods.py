"""The methods of plain data that JUEL may call: of texts, lists, groups, numbers, dates, Spin's JSON and DMN results.

Each does what it does in Java where that can be said of plain data; the rest is not here and refused by name. A method
of nothing is an error, as it is there.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from isodate import Duration

from engine.bpmn.language.values import (
    MAX_TEXT,
    Failed,
    OverLimit,
    bounded_text,
    is_number,
    kind,
    spend,
    text,
)

MOST_SHIFTED = 100_000


class Method(NamedTuple):
    """``code`` gets the value and the arguments, of which there are ``least`` to ``most``."""

    code: Callable[..., Any]
    least: int = 0
    most: int = 0


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise Failed(f".{name}() of {kind(value)}")
    spend(1 + len(value) // 1000)
    return value


def _whole(value: Any, name: str) -> int:
    if not is_number(value) or value != int(value) or abs(value) > MOST_SHIFTED:
        raise Failed(f".{name}() wants a whole number of at most {MOST_SHIFTED}")
    return int(value)


def _of_text(name: str, work: Callable[..., Any], *, args: int = 0) -> Method:
    def run(value: Any, *given: Any) -> Any:
        return work(_text(value, name), *(_text(arg, name) for arg in given))

    return Method(run, args, args)


def same(left: Any, right: Any) -> bool:
    """Java's equals(), except that numbers compare by value: a text never equals a number."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if is_number(left) and is_number(right):
        return bool(left == right)
    return type(left) is type(right) and bool(left == right)


def _contains(value: Any, sought: Any) -> bool:
    if isinstance(value, str):
        return _text(sought, "contains") in _text(value, "contains")
    if isinstance(value, list | tuple):
        spend(len(value))
        return any(same(item, sought) for item in value)
    raise Failed(f".contains() of {kind(value)}")


def _size(value: Any) -> int:
    if isinstance(value, list | tuple | Mapping):
        return len(value)
    raise Failed(f".size() of {kind(value)}")


def _is_empty(value: Any) -> bool:
    if isinstance(value, str | list | tuple | Mapping):
        return len(value) == 0
    raise Failed(f".isEmpty() of {kind(value)}")


def _get(value: Any, at: Any) -> Any:
    if isinstance(value, Mapping):
        return value.get(at) if isinstance(at, str) else None
    if isinstance(value, list | tuple):
        place = _whole(at, "get")
        if not 0 <= place < len(value):
            raise Failed(f".get({place}) of a list with {len(value)} items")
        return value[place]
    raise Failed(f".get() of {kind(value)}")


def _group(value: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Failed(f".{name}() of {kind(value)}")
    spend(len(value))
    return value


def _list(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise Failed(f".{name}() of {kind(value)}")
    spend(len(value))
    return list(value)


def _index_of(value: Any, sought: Any) -> int:
    if isinstance(value, str):
        return _text(value, "indexOf").find(_text(sought, "indexOf"))
    items = _list(value, "indexOf")
    return next((at for at, item in enumerate(items) if same(item, sought)), -1)


def _substring(value: Any, begin: Any, end: Any = None) -> str:
    whole = _text(value, "substring")
    first = _whole(begin, "substring")
    last = len(whole) if end is None else _whole(end, "substring")
    if not 0 <= first <= last <= len(whole):
        raise Failed(f".substring({first}, {last}) of a text with {len(whole)} characters")
    return whole[first:last]


def _replace(value: Any, old: Any, new: Any) -> str:
    whole, old, new = (_text(part, "replace") for part in (value, old, new))
    times = len(whole) + 1 if not old else whole.count(old)
    if len(whole) + times * (len(new) - len(old)) > MAX_TEXT:
        raise OverLimit(f"a text longer than {MAX_TEXT} characters")
    return whole.replace(old, new)


def _to_string(value: Any) -> str:
    if isinstance(value, str | bool | date) or is_number(value):
        return text(value)
    raise Failed(f".toString() of {kind(value)}")


def _number(value: Any, name: str) -> int | float | Decimal:
    if not is_number(value):
        raise Failed(f".{name}() of {kind(value)}")
    return value  # type: ignore[no-any-return]  # is_number has looked


# dates: java.time and Joda


def _moment(value: Any, name: str) -> date:
    if not isinstance(value, date):
        raise Failed(f".{name}() of {kind(value)}")
    return value


def _shifted(name: str, unit: str, sign: int) -> Method:
    def run(value: Any, count: Any) -> date:
        moment, by = _moment(value, name), sign * _whole(count, name)
        try:
            match unit:
                case "years" | "months":
                    return moment + Duration(**{unit: by})  # type: ignore[no-any-return]
                case "days" | "weeks":  # by the clock on the wall
                    return moment + timedelta(**{unit: by})
        except (OverflowError, ValueError):
            raise Failed(f".{name}({by}) leads beyond the years that can be counted") from None
        if not isinstance(moment, datetime):
            raise Failed(f".{name}() of a date without a time")
        try:
            if moment.tzinfo is None:
                return moment + timedelta(**{unit: by})
            return (moment.astimezone(UTC) + timedelta(**{unit: by})).astimezone(moment.tzinfo)
        except (OverflowError, ValueError):
            raise Failed(f".{name}({by}) leads beyond the years that can be counted") from None

    return Method(run, 1, 1)


def _compared(name: str, test: Callable[[Any, Any], bool]) -> Method:
    def run(value: Any, other: Any) -> bool:
        try:
            return test(_moment(value, name), _moment(other, name))
        except TypeError:
            raise Failed(f".{name}() between {kind(value)} and {kind(other)}") from None

    return Method(run, 1, 1)


# Spin


def spin(value: Any) -> Any:
    """``S(…)`` and ``JSON(…)``: a text as the JSON in it, plain data as it is."""
    if not isinstance(value, str):
        return value
    spend(1 + len(value) // 100)
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        raise Failed("S() wants a text with JSON in it; XML is not read") from None


def _prop(value: Any, name: Any) -> Any:
    group = _group(value, "prop")
    if name not in group:
        raise Failed(f".prop('{name}'): there is no such property")
    return group[name]


def _scalar(value: Any) -> Any:
    if isinstance(value, list | tuple | Mapping):
        raise Failed(f".value() of {kind(value)}")
    return value


def _boolean(value: Any, name: str) -> bool:
    if not isinstance(value, bool):
        raise Failed(f".{name}() of {kind(value)}")
    return value


# results of DMN decisions: a list with one group of outputs for each rule that applied


def _rows(value: Any, name: str) -> list[Any]:
    rows = [value] if isinstance(value, Mapping) else _list(value, name)
    if not all(isinstance(row, Mapping) for row in rows):
        raise Failed(f".{name}() of a list that is no result of a decision")
    return rows


def single_result(value: Any) -> Any:
    rows = _rows(value, "getSingleResult")
    if len(rows) > 1:
        raise Failed(f"the decision gave {len(rows)} results where one is expected")
    return rows[0] if rows else None


def first_result(value: Any) -> Any:
    return next(iter(_rows(value, "getFirstResult")), None)


def single_entry(value: Any) -> Any:
    row = single_result(value)
    if row is not None and len(row) > 1:
        raise Failed(f"the decision gave the outputs {', '.join(row)} where one value is expected")
    return next(iter(row.values()), None) if row else None


def _collect(value: Any, name: Any) -> list[Any]:
    wanted = _text(name, "collectEntries")
    return [row[wanted] for row in _rows(value, "collectEntries") if wanted in row]


RESULT_PARTS: Mapping[str, Callable[[Any], Any]] = {
    "singleResult": single_result,
    "firstResult": first_result,
    "singleEntry": single_entry,
    "resultList": lambda value: _rows(value, "getResultList"),
}
"""What a decision's result has as properties: ``decisionResult.singleResult`` is ``decisionResult.getSingleResult()``."""

METHODS: Mapping[str, Method] = {
    # texts
    "length": _of_text("length", len),
    "isBlank": _of_text("isBlank", lambda value: not value.strip()),
    "equalsIgnoreCase": _of_text("equalsIgnoreCase", lambda a, b: a.casefold() == b.casefold(), args=1),
    "startsWith": _of_text("startsWith", str.startswith, args=1),
    "endsWith": _of_text("endsWith", str.endswith, args=1),
    "toLowerCase": _of_text("toLowerCase", lambda value: bounded_text(value.lower())),
    "toUpperCase": _of_text("toUpperCase", lambda value: bounded_text(value.upper())),
    "trim": _of_text("trim", str.strip),
    "concat": _of_text("concat", lambda a, b: bounded_text(a + b), args=1),
    "substring": Method(_substring, 1, 2),
    "replace": Method(_replace, 2, 2),
    # texts, lists and groups
    "isEmpty": Method(_is_empty),
    "contains": Method(_contains, 1, 1),
    "indexOf": Method(_index_of, 1, 1),
    "size": Method(_size),
    "get": Method(_get, 1, 1),
    "containsKey": Method(lambda value, key: key in _group(value, "containsKey"), 1, 1),
    "keySet": Method(lambda value: list(_group(value, "keySet"))),
    "values": Method(lambda value: list(_group(value, "values").values())),
    # anything
    "equals": Method(same, 1, 1),
    "toString": Method(_to_string),
    # numbers and truth values
    "intValue": Method(lambda value: int(_number(value, "intValue"))),
    "longValue": Method(lambda value: int(_number(value, "longValue"))),
    "doubleValue": Method(lambda value: float(_number(value, "doubleValue"))),
    "booleanValue": Method(lambda value: _boolean(value, "booleanValue")),
    # dates
    **{
        f"{way}{unit.capitalize()}": _shifted(f"{way}{unit.capitalize()}", unit, sign)
        for way, sign in (("plus", 1), ("minus", -1))
        for unit in ("seconds", "minutes", "hours", "days", "weeks", "months", "years")
    },
    "toDate": Method(lambda value: _moment(value, "toDate")),
    "before": _compared("before", lambda a, b: a < b),
    "after": _compared("after", lambda a, b: a > b),
    "isBefore": _compared("isBefore", lambda a, b: a < b),
    "isAfter": _compared("isAfter", lambda a, b: a > b),
    # Spin
    "prop": Method(_prop, 1, 1),
    "hasProp": Method(lambda value, name: name in _group(value, "hasProp"), 1, 1),
    "fieldNames": Method(lambda value: list(_group(value, "fieldNames"))),
    "elements": Method(lambda value: _list(value, "elements")),
    "value": Method(_scalar),
    "stringValue": Method(lambda value: _text(value, "stringValue")),
    "numberValue": Method(lambda value: _number(value, "numberValue")),
    "boolValue": Method(lambda value: _boolean(value, "boolValue")),
    "isNull": Method(lambda value: value is None),
    "isArray": Method(lambda value: isinstance(value, list | tuple)),
    "isObject": Method(lambda value: isinstance(value, Mapping)),
    "isString": Method(lambda value: isinstance(value, str)),
    "isNumber": Method(is_number),
    "isBoolean": Method(lambda value: isinstance(value, bool)),
    "isValue": Method(lambda value: not isinstance(value, list | tuple | Mapping)),
    # results of decisions
    **{f"get{name[0].upper()}{name[1:]}": Method(code) for name, code in RESULT_PARTS.items()},
    "getEntry": Method(_get, 1, 1),
    "collectEntries": Method(_collect, 1, 1),
}
"""By name. What a value of another kind is asked is an error when it is asked."""
OF_NOTHING = frozenset(
    {"isNull", "isArray", "isObject", "isString", "isNumber", "isBoolean", "isValue", "value"}
)
"""Methods that JSON's null has."""


def call(name: str, value: Any, *args: Any) -> Any:
    """Call a method of METHODS."""
    if value is None and name not in OF_NOTHING:
        raise Failed(f".{name}() of nothing: the value is not there")
    return METHODS[name].code(value, *args)
