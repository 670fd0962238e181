"""Where a thrown event goes: the nearest scope first, a code before a catch-all, event sub-processes before boundaries."""

from collections.abc import Iterable, Mapping
from typing import Any

from engine.bpmn.model import EventKind
from engine.bpmn.spiff.data import assign, evaluate_text, mapped, seen
from engine.bpmn.spiff.events import BoundarySpec, EventSpec, ListenerSpec, fire
from engine.bpmn.spiff.interrupt import kill_all
from engine.bpmn.spiff.tokens import Case, Token
from engine.bpmn.step import Happened, Throw


def catcher(token: Token, kind: EventKind, code: str | None, *, own: bool = False) -> Token | None:
    """The armed event that an error, escalation or cancel from ``token`` reaches.

    Args:
        own: look at the boundary of the token's own activity first: the activity itself failed.
    """
    scope = token.workflow
    found = _best(_edge(token), kind, code) if own else None
    while found is None:
        if kind is not EventKind.CANCEL:
            found = _best((t for t in scope.tokens() if isinstance(t.task_spec, ListenerSpec)), kind, code)
        owner = scope.owner
        if found is not None or owner is None:
            break
        found = _best(_edge(owner), kind, code)
        scope = owner.workflow
    return found


def _edge(activity: Token) -> list[Token]:
    """The boundary events of an activity; those of a multi-instance activity hang on the whole of it."""
    whole = activity.holder or activity
    return [part for part in whole.parts() if isinstance(part.task_spec, BoundarySpec)]


def _best(tokens: Iterable[Token], kind: EventKind, code: str | None) -> Token | None:
    catch_all: Token | None = None
    for token in tokens:
        record = token.internal_data.get("await")
        if record is None or record["kind"] != kind.value:
            continue
        if record["name"] is None:
            catch_all = catch_all or token
        elif record["name"] == code:
            return token
    return catch_all


def throw_error(token: Token, code: str | None, message: str = "", *, own: bool = False) -> bool:
    """An error from ``token``. True when it was caught; then the token is gone."""
    found = catcher(token, EventKind.ERROR, code, own=own)
    token.case.tell(
        Happened.ERROR_CAUGHT, found or token, code=code or "", message=message, caught=found is not None
    )
    if found is not None:
        _hand_over(found, code, message)
    return found is not None


def throw_escalation(token: Token, code: str | None) -> bool:
    """An escalation from ``token``, which goes on unless it is interrupted. True when it was caught."""
    found = catcher(token, EventKind.ESCALATION, code)
    token.case.tell(Happened.ESCALATED, token, code=code or "", caught=found is not None)
    if found is not None:
        _hand_over(found, code, "")
    return found is not None


def _hand_over(found: Token, code: str | None, message: str) -> None:
    spec = found.task_spec
    fire(found)
    if isinstance(spec, EventSpec):
        payload: dict[str, Any] = {}
        if spec.event.code_variable:
            payload[spec.event.code_variable] = code
        if spec.event.message_variable:
            payload[spec.event.message_variable] = message
        assign(found, payload)


def throw_signal(case: Case, name: str, payload: Mapping[str, Any]) -> int:
    """Reach every catcher of this case that waits now. Returns how many it reached."""
    reached = 0
    for token in case.listening(name):
        if token.is_live:  # one that was reached before may have interrupted it
            fire(token, payload)
            reached += 1
    return reached


def end_by_error(token: Token) -> None:
    """Nobody caught it: the scope of the error ends, as history says."""
    kill_all(token.workflow, keep=token)


def throw_message(token: Token) -> None:
    """Put the message of the token's node among what leaves the case."""
    node = token.task_spec.node
    if node.event is None:
        return
    token.case.thrown.append(
        Throw(
            kind=EventKind.MESSAGE.value,
            name=evaluate_text(token, node.event.name) or node.element,
            data=mapped(token, node.event.payload, seen(token)),
            correlation=evaluate_text(token, node.event.correlation),
            element=node.element,
        )
    )
