"""Compensation: completed activities are undone by their handlers while the throwing event waits or goes on.

A completed activity leaves a record in the ``undo`` list of its scope: its handler, when it began and ended, and every
variable it saw at its end. A sub-process or called process without a handler leaves the records of its own activities,
or, when it has a compensation event sub-process, itself. What ended before another began is undone after that one; what
ran side by side is undone side by side.
"""

from collections import ChainMap
from typing import Any

from engine.bpmn.model import NodeKind
from engine.bpmn.spiff.data import scopes_of
from engine.bpmn.spiff.tokens import STARTED, Scope, Token

Record = dict[str, Any]
"""Of a completed activity: ``activity`` (node id), ``from`` and ``to`` (when, in ids of the case), ``locals`` (its own
variables), ``past`` (ids of the variables around it, inner first); and either ``handler`` (node id in its scope), or
``scope`` (key) with ``undo`` (records), ``variables`` (of a called process) and perhaps ``by`` (node id of the
compensation event sub-process in it)."""


def remember(token: Token, **how: Any) -> None:
    """Keep what compensation of an activity that is about to end will need; ``how``: see ``Record``."""
    case = token.case
    own = token.internal_data.get("locals")
    record: Record = {
        "activity": token.task_spec.node.id,
        "from": token.order,
        "to": int(case.new_id()),
        **how,
    }
    record["past"] = [case.keep(scope) for scope in scopes_of(token) if scope is not own]
    if own is not None:
        record["locals"] = dict(own)
    token.workflow.undo.append(record)


def remember_scope(token: Token, scope: Scope) -> None:
    """Keep what compensation of a sub-process or called process will need, whose scope is about to end."""
    by = scope.spec.undoer
    if not scope.undo and by is None:
        return
    how: dict[str, Any] = {"scope": scope.spec.key, "undo": scope.undo}
    if scope.variables is not None:
        how["variables"] = dict(scope.variables)
    if by is not None:
        how["by"] = by.node.id
    remember(token, **how)


def compensate(token: Token, activity: str | None) -> bool | None:
    """Start the handlers. True: there is nothing to undo; None: the throwing token holds them until all are done.

    Args:
        token: the throwing event's.
        activity: node id; None: everything in the scope.
    """
    scope = token.workflow
    if activity not in scope.spec.scope.nodes:
        scope = _guarded(scope)
    chosen = [record for record in scope.undo if activity in (None, record["activity"])]
    scope.undo = [record for record in scope.undo if activity not in (None, record["activity"])]
    token._set_state(STARTED)
    plan: dict[str, list[Any]] = {"pending": [], "running": []}
    _plan(token, scope, chosen, plan["pending"])
    token.internal_data["undoing"] = plan
    if not plan["pending"]:
        return True
    _begin_next(token)
    return None


def _guarded(scope: Scope) -> Scope:
    """The scope whose activities are meant: an event sub-process compensates the scope it belongs to."""
    while scope.owner is not None and scope.owner.task_spec.node.kind is NodeKind.EVENT_SUB_PROCESS:
        scope = scope.owner.workflow
    return scope


def _plan(token: Token, scope: Scope, records: list[Record], pending: list[dict[str, Any]]) -> None:
    """List the handlers to run, each with the scope it runs in; scopes that are over are opened again for them."""
    for record in records:
        step = {key: record[key] for key in ("from", "to", "past")}
        if "handler" in record:
            step |= {"scope": scope.id, "node": record["handler"], "locals": record.get("locals")}
            pending.append(step)
            continue
        again = Scope(
            token.case,
            token.case.specs[record["scope"]],
            token,
            id=token.case.new_id(),
            variables=record.get("variables"),
        )
        again.reopened = True
        again.frame = record.get("locals")
        if "by" in record:
            again.undo = record["undo"]  # for the event sub-process to throw at
            pending.append(step | {"scope": again.id, "node": record["by"], "around": record.get("locals")})
        else:
            _plan(token, again, record["undo"], pending)


def _begin_next(token: Token) -> None:
    """Start every handler whose activity ended after no other that is still to be undone had begun; newest first."""
    plan = token.internal_data["undoing"]
    latest = max((step["from"] for step in (*plan["pending"], *plan["running"])), default=0)
    ready = [step for step in plan["pending"] if step["to"] >= latest]
    plan["pending"] = [step for step in plan["pending"] if step["to"] < latest]
    started: list[Token] = []
    for step in reversed(ready):
        scope = token.case.scopes[step["scope"]]
        handler = scope.begin(scope.spec.spec(step["node"]), undoes=token.id)
        if step.get("locals") is not None:
            handler.internal_data["locals"] = dict(step["locals"])
        if step["past"]:
            layers = [step.get("around") or {}, *(token.case.pasts[layer] for layer in step["past"])]
            handler.internal_data["past"] = dict(ChainMap(*layers))
        plan["running"].append({"from": step["from"], "token": handler.id})
        started.append(handler)
    for handler in started:
        handler.enter()


def handler_done(handler: Token) -> None:
    """Told when any activity ends: the next handlers begin; with the last one the throwing event is done."""
    if "undoes" not in handler.internal_data:
        return
    token = handler.case.find(handler.internal_data["undoes"])
    if token is None:
        return
    plan = token.internal_data["undoing"]
    plan["running"] = [step for step in plan["running"] if step["token"] != handler.id]
    _begin_next(token)
    if not plan["pending"] and not plan["running"]:
        for scope in list(token.scopes):
            scope.close()
        token.complete()
