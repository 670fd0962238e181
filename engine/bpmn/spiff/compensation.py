"""Compensation: completed activities are undone by their handlers, newest first, while the throwing event waits.

A completed activity leaves a record in the ``undo`` list of its scope: its handler and the locals it had, or, for a
sub-process without a handler, the records of its own activities.
"""

from typing import Any

from engine.bpmn.model import NodeKind
from engine.bpmn.spiff.tokens import STARTED, Scope, Token


def compensate(token: Token, activity: str | None) -> bool | None:
    """Start the handlers. True: there is nothing to undo; None: the throwing token waits for them.

    Args:
        token: the throwing event's.
        activity: node id; None: everything in the scope.
    """
    scope = _guarded(token.workflow)
    chosen = [record for record in scope.undo if activity is None or record["activity"] == activity]
    scope.undo = [record for record in scope.undo if record not in chosen]
    token._set_state(STARTED)
    token.internal_data["undoing"] = 0
    started: list[Token] = []
    _begin(token, scope, chosen, started)
    token.internal_data["undoing"] = len(started)
    for handler in started:
        handler.enter()
    return None if started else True


def _guarded(scope: Scope) -> Scope:
    """The scope whose activities are meant: an event sub-process compensates the scope it belongs to."""
    while scope.owner is not None and scope.owner.task_spec.node.kind is NodeKind.EVENT_SUB_PROCESS:
        scope = scope.owner.workflow
    return scope


def _begin(token: Token, scope: Scope, records: list[dict[str, Any]], started: list[Token]) -> None:
    for record in reversed(records):
        if "scope" in record:
            inner = Scope(
                token.case, token.case.specs[record["scope"]], token, id=token.case.new_id(), variables=None
            )
            inner.reopened = True
            inner.frame = record.get("locals")
            _begin(token, inner, record["undo"], started)
        else:
            handler = scope.begin(scope.spec.spec(record["handler"]), undoes=token.id)
            if "locals" in record:
                handler.internal_data["locals"] = dict(record["locals"])
            started.append(handler)


def handler_done(handler: Token) -> None:
    """Told when any activity ends: with the last handler the throwing event goes on."""
    if "undoes" not in handler.internal_data:
        return
    token = handler.case.find(handler.internal_data["undoes"])
    if token is None:
        return
    token.internal_data["undoing"] -= 1
    if token.internal_data["undoing"] == 0:
        for scope in list(token.scopes):
            scope.close()
        token.complete()
