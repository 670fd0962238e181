"""The state of a case as opaque bytes: a format byte, then compressed JSON (``encoding``) without the definition.

Order is kept: parents stand before their parts. Format 2 keeps with each completed activity that can be compensated when it
ran and what it saw; of format 1 that is not known, so its handlers run side by side and see the present.
"""

import zlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import orjson

from engine.bpmn.spiff.encoding import decode, encode
from engine.bpmn.spiff.tokens import Case, Scope, Token
from engine.bpmn.step import World
from engine.errors import Broken

if TYPE_CHECKING:
    from engine.bpmn.spiff.specs import ScopeSpec

FORMAT = 2
READABLE = frozenset({1, FORMAT})
_LEVEL = 3  # of compression: the sizes of higher levels are within a few percent, their times are not


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
        "pasts": {past: case.pasts[past] for past in sorted(_pasts_of(case), key=int)},
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
    world: World | None,
) -> Case:
    """The case of a snapshot.

    Raises:
        Broken: the bytes are damaged, of another format, or of another version of the process.
    """
    if not snapshot or snapshot[0] not in READABLE:
        raise Broken(
            f"a snapshot of format {snapshot[0] if snapshot else 'none'} cannot be read", code="snapshot"
        )
    try:
        state = decode(zlib.decompress(snapshot[1:]))
    except (zlib.error, orjson.JSONDecodeError) as error:
        raise Broken(f"a snapshot is damaged: {error}", code="snapshot") from error
    case = Case(specs, world)
    case.last_id, case.outcome = state["last"], state["outcome"]
    case.pasts = state.get("pasts", {})
    if snapshot[0] == 1:
        _modernise(state)
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


def _pasts_of(case: Case) -> set[str]:
    """What compensation may still ask for."""
    used: set[str] = set()
    for scope in case.scopes.values():
        for record in _records(scope.undo):
            used.update(record["past"])
    for token in case.tokens():
        for step in token.internal_data.get("undoing", {}).get("pending", ()):
            used.update(step["past"])
    return used


def _records(undo: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    todo = list(undo)
    while todo:
        record = todo.pop()
        yield record
        todo.extend(record.get("undo", ()))


def _modernise(state: dict[str, Any]) -> None:
    """Bring format 1 into the shape of format 2."""
    for row in state["scopes"]:
        for record in _records(row[4]):
            record.update({"from": 0, "to": 0, "past": []})
    handlers: dict[str, list[dict[str, Any]]] = {}
    for token_id, *_, internal in state["tokens"]:
        if "undoes" in internal:
            handlers.setdefault(internal["undoes"], []).append({"from": 0, "token": token_id})
    for token_id, *_, internal in state["tokens"]:
        if "undoing" in internal:
            internal["undoing"] = {"pending": [], "running": handlers.get(token_id, [])}
