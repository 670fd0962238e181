"""Listeners: what a model does beside its drawing, at the start and end of elements and as tasks are made and completed."""

from collections import ChainMap
from collections.abc import MutableMapping
from typing import Any

from engine.bpmn import expressions
from engine.bpmn.expressions import SandboxError
from engine.bpmn.model import Action, ActionKind, Flow, Listener, ListenerEvent
from engine.bpmn.spiff.data import evaluate, failed, scopes_of, write
from engine.bpmn.spiff.offers import change_offer
from engine.bpmn.spiff.tokens import Scope, Token


def notify(token: Token, on: ListenerEvent) -> None:
    """Let the listeners of the token's node act.

    Raises:
        StepFailed: an expression or script failed, or gave what the action cannot use.
    """
    if token.task_spec.node.listeners:
        _notify(token, token.task_spec.node.listeners, on, list(scopes_of(token)))


def take(token: Token, flow: Flow) -> None:
    """History, and the flow's listeners: they act outside the activity that the token leaves."""
    token.case.took(flow)
    if flow.listeners:
        own = token.internal_data.get("locals")
        outside = [scope for scope in scopes_of(token) if scope is not own]
        _notify(token, flow.listeners, ListenerEvent.TAKE, outside)


def notify_process(scope: Scope, on: ListenerEvent) -> None:
    """Let the listeners of a process act at its beginning or end; its own variables are the local ones."""
    if scope.variables is not None and not scope.reopened and scope.spec.scope.listeners:
        _notify(scope.task_tree, scope.spec.scope.listeners, on, [scope.variables])


def notify_killed(tokens: list[Token]) -> None:
    """What is interrupted ends too: the innermost first, while every variable is still in its place."""
    for token in reversed(tokens):
        for scope in token.scopes:
            notify_process(scope, ListenerEvent.END)
        spec = token.task_spec
        if spec.node.listeners and spec.hears and spec.is_under_way(token):
            notify(token, ListenerEvent.DELETE)
            notify(token, ListenerEvent.END)


def _notify(
    token: Token,
    listeners: tuple[Listener, ...],
    on: ListenerEvent,
    scopes: list[MutableMapping[str, Any]],
) -> None:
    for listener in listeners:
        if listener.on is not on:
            continue
        if listener.script is not None:
            try:
                known = ChainMap(*scopes)
                assigned = expressions.execute(listener.script, known, world=token.case.world)
            except SandboxError as error:
                raise failed(token, error.code, f"the {on.value} listener: {error.message}") from error
            write(scopes, assigned)
        for action in listener.actions:
            _act(token, action, scopes)


def _act(token: Token, action: Action, scopes: list[MutableMapping[str, Any]]) -> None:
    value = None if action.value is None else evaluate(token, action.value, ChainMap(*scopes))
    match action.kind:
        case ActionKind.SET:
            write(scopes, {action.target: value})
        case ActionKind.SET_LOCAL:
            _own(token, scopes)[action.target] = value
        case ActionKind.REMOVE:
            next((scope for scope in scopes if action.target in scope), {}).pop(action.target, None)
        case ActionKind.REMOVE_LOCAL:
            _own(token, scopes).pop(action.target, None)
        case _:
            change_offer(token, action.kind, value)


def _own(token: Token, scopes: list[MutableMapping[str, Any]]) -> MutableMapping[str, Any]:
    """The variables of the process for its own listeners, else those of the activity."""
    if token is token.workflow.task_tree:
        return scopes[0]
    own: dict[str, Any] = token.internal_data.setdefault("locals", {})
    if not any(scope is own for scope in scopes):
        scopes.insert(0, own)
    return own
