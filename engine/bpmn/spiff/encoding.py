"""Values as JSON bytes and back, with our own tags for what JSON does not know: dates, decimals, large integers, infinity.

A tagged value is ``{"$t": kind, "v": text}``; a user's own key of that name is escaped, so every key comes back as it was,
in its order.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any

import orjson

from engine.errors import StepFailed

_TAG = "$t"
_TAG_BYTES = b'"$t":'
_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME

_READERS: dict[str, Callable[[Any], Any]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": lambda seconds: timedelta(days=seconds[0], seconds=seconds[1], microseconds=seconds[2]),
    "decimal": Decimal,
    "int": int,
    "float": float,
    "set": lambda items: {untagged(item) for item in items},
    "map": lambda pairs: {untagged(key): untagged(value) for key, value in pairs},
}


def encode(value: Any) -> bytes:
    """JSON with our own tags, dictionaries in their own order."""
    tagged = 0

    def default(other: Any) -> Any:
        nonlocal tagged
        tagged += 1
        return _tag(other)

    try:
        out = orjson.dumps(value, default=default, option=_OPTIONS) if _is_finite(value) else b""
    except orjson.JSONEncodeError:
        out = (
            b""  # a key that is no text, an integer over 64 bits, or what cannot be kept: the slow way tells
        )
    if out and out.count(_TAG_BYTES) == tagged:
        return out
    return orjson.dumps(_escaped(value, "the case"), option=_OPTIONS)


def _is_finite(value: Any) -> bool:
    """JSON would turn what is no finite number into null."""
    todo = [value]
    while todo:
        at = todo.pop()
        kind = type(at)
        if kind is dict:
            todo.extend(at.values())
        elif kind is list or kind is tuple:
            todo.extend(at)
        elif kind is float and not isfinite(at):
            return False
    return True


def decode(content: bytes) -> Any:
    value = orjson.loads(content)
    return untagged(value) if _TAG_BYTES in content else value


def _tag(value: Any) -> dict[str, Any]:
    match value:
        case datetime():
            return {_TAG: "datetime", "v": value.isoformat()}
        case date():
            return {_TAG: "date", "v": value.isoformat()}
        case time():
            return {_TAG: "time", "v": value.isoformat()}
        case timedelta():
            return {_TAG: "timedelta", "v": [value.days, value.seconds, value.microseconds]}
        case Decimal():
            return {_TAG: "decimal", "v": str(value)}
        case set() | frozenset():
            return {_TAG: "set", "v": sorted(value, key=repr)}
    raise TypeError(type(value).__name__)


def _escaped(value: Any, where: str) -> Any:
    """The slow way: the whole tree with everything tagged that JSON would not bring back as it was."""
    if isinstance(value, dict):
        if _TAG in value or not all(type(key) is str for key in value):
            pairs = [[_escaped(key, where), _escaped(item, str(key))] for key, item in value.items()]
            return {_TAG: "map", "v": pairs}
        return {key: _escaped(item, key) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_escaped(item, where) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**63:
        return {_TAG: "int", "v": str(value)}
    if isinstance(value, float) and not isfinite(value):
        return {_TAG: "float", "v": str(value)}
    if value is None or isinstance(value, str | int | float | bool):
        return value
    try:
        return _escaped_tag(_tag(value), where)
    except TypeError as error:
        cause = f"the variable {where!r} holds a {type(value).__name__}, which cannot be kept"
        raise StepFailed(cause, code="mapping_failed", element="", variable=where) from error


def _escaped_tag(tagged: dict[str, Any], where: str) -> dict[str, Any]:
    return {_TAG: tagged[_TAG], "v": _escaped(tagged["v"], where)}


def untagged(value: Any) -> Any:
    if isinstance(value, dict):
        if _TAG in value:
            return _READERS[value[_TAG]](value["v"])
        return {key: untagged(item) for key, item in value.items()}
    if isinstance(value, list):
        return [untagged(item) for item in value]
    return value
