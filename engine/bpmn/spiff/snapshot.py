"""The state of a case as opaque bytes: a format byte, then compressed JSON without the definition.

Values that JSON does not know (dates, decimals, large integers, infinity) are kept as ``{"$t": kind, "v": text}``; a user's own
key of that name is escaped, so every key comes back as it was. Order is kept: parents stand before their parts.
"""

import zlib
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Any

import orjson

from engine.bpmn.spiff.tokens import Case, Scope, Token
from engine.bpmn.step import World
from engine.errors import Broken, StepFailed

if TYPE_CHECKING:
    from engine.bpmn.dmn import Table
    from engine.bpmn.spiff.specs import ScopeSpec

FORMAT = 1
_LEVEL = 3  # of compression: the sizes of higher levels are within a few percent, their times are not
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


def dump(case: Case) -> bytes:
    """The snapshot of a case that waits.

    Raises:
        StepFailed: ``mapping_failed``: a variable holds a value that cannot be kept.
    """
    scopes = list(case.scopes.values()) or [case.main]  # of a finished case the variables stay
    number = {scope.id: index for index, scope in enumerate(scopes)}
    state = {
        "last": case.last_id,
        "outcome": case.outcome,
        "scopes": [
            [
                scope.id,
                scope.spec.key,
                scope.owner.id if scope.owner is not None else None,
                scope.variables,
                scope.undo,
                scope.frame,
                scope.reopened,
            ]
            for scope in scopes
        ],
        "tokens": [
            [
                token.id,
                number[token.workflow.id],
                token.task_spec.name,
                token._state,
                token._parent,
                token.internal_data,
            ]
            for token in case.tokens()
        ],
    }
    return bytes([FORMAT]) + zlib.compress(encode(state), _LEVEL)


def load(
    snapshot: bytes,
    specs: Mapping[str, "ScopeSpec"],
    decisions: Mapping[str, "Table"],
    world: World | None,
) -> Case:
    """The case of a snapshot.

    Raises:
        Broken: the bytes are damaged, of another format, or of another version of the process.
    """
    if not snapshot or snapshot[0] != FORMAT:
        raise Broken(
            f"a snapshot of format {snapshot[0] if snapshot else 'none'} cannot be read", code="snapshot"
        )
    try:
        state = decode(zlib.decompress(snapshot[1:]))
    except (zlib.error, orjson.JSONDecodeError) as error:
        raise Broken(f"a snapshot is damaged: {error}", code="snapshot") from error
    case = Case(specs, decisions, world)
    case.last_id, case.outcome = state["last"], state["outcome"]
    try:
        _restore(case, state)
    except KeyError as error:
        raise Broken(
            f"a snapshot names {error}, which this version of the process has not", code="snapshot"
        ) from error
    return case


def _restore(case: Case, state: dict[str, Any]) -> None:
    # A scope's owner is a token of an earlier scope; a token's parent is an earlier token.
    by_scope: dict[int, list[list[Any]]] = {}
    for row in state["tokens"]:
        by_scope.setdefault(row[1], []).append(row)
    owners: dict[str, Token] = {}
    for index, (scope_id, key, owner, variables, undo, frame, reopened) in enumerate(state["scopes"]):
        scope = Scope(
            case,
            case.specs[key],
            None if owner is None else owners[owner],
            id=scope_id,
            variables=variables,
        )
        scope.undo, scope.frame, scope.reopened = undo, frame, reopened
        for token_id, _, name, token_state, parent, internal in by_scope.get(index, ()):
            token = Token(scope, scope.spec.spec(name), scope.tasks[parent], state=token_state, id=token_id)
            token.internal_data = internal
            owners[token_id] = token


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
