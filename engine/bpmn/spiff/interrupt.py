"""Interrupting: tokens end with everything that belongs to them, and history and listeners hear of it."""

from engine.bpmn.spiff.listeners import notify_killed
from engine.bpmn.spiff.tokens import CANCELLED, Scope, Token, instance_of
from engine.bpmn.step import Happened


def kill(*tokens: Token) -> None:
    """Interrupt tokens with everything that belongs to them, down to called processes.

    Raises:
        StepFailed: a listener of what is interrupted failed.
    """
    doomed = _with_parts(tokens)
    notify_killed(doomed)
    for token in doomed:
        if not token.is_live:
            continue
        spec = token.task_spec
        if spec.is_under_way(token) and not token.told and not spec.node.synthetic:
            token.case.tell(Happened.CANCELLED, token, **instance_of(token))
        for scope in list(token.scopes):
            scope.close()
        token._set_state(CANCELLED)
        token.drop()


def _with_parts(tokens: tuple[Token, ...]) -> list[Token]:
    """The live ones of these and all that belongs to them, outer before inner."""
    found: list[Token] = []
    stack = list(reversed(tokens))
    while stack:
        token = stack.pop()
        if token.is_live:
            found.append(token)
            for scope in token.scopes:
                stack.extend(reversed(scope.tokens()))
            stack.extend(reversed(token.parts()))
    return found


def kill_all(scope: Scope, keep: Token | None = None) -> None:
    """Interrupt what is in a scope, except one token and what it belongs to."""
    kill(*(token for token in scope.tokens() if token is not keep and token.holder is None))
