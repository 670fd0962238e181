"""What a user task offers: to whom, until when, how urgent. Values as the model's expressions give them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from engine.bpmn.model import ActionKind
from engine.bpmn.spiff.data import failed, text
from engine.bpmn.spiff.tokens import Token
from engine.bpmn.times import due_at

DEFAULT_PRIORITY = 50


def names_in(value: Any) -> list[str]:
    """Users or groups: one, several in a text with commas, or a list."""
    items = value if isinstance(value, list | tuple | set | frozenset) else text(value).split(",")
    return [name for item in items if (name := text(item).strip())]


def priority(token: Token, value: Any) -> int:
    """A priority; nothing is the usual one."""
    if value is None or value == "":
        return DEFAULT_PRIORITY
    try:
        return int(value)
    except (TypeError, ValueError) as error:
        raise failed(token, "expression_failed", f"the priority {value!r} is not a whole number") from error


def moment(token: Token, value: Any) -> datetime | None:
    """A due or follow-up date: a date, a time, or a duration from now, as value or ISO 8601 text; nothing is none."""
    if value is None or value == "":
        return None
    try:
        return due_at(value, token.case.here)
    except ValueError as error:
        raise failed(token, "timer_invalid", str(error)) from error


def _offer(token: Token) -> dict[str, Any]:
    offer: dict[str, Any] = token.internal_data["offer"]
    return offer


def _set_name(token: Token, value: Any) -> None:
    token.internal_data["name"] = text(value) or token.task_spec.node.element


def _set_assignee(token: Token, value: Any) -> None:
    _offer(token)["assignee"] = text(value) or None


def _add(key: str) -> Callable[[Token, Any], None]:
    def add(token: Token, value: Any) -> None:
        offer = _offer(token)
        offer[key] = list(dict.fromkeys([*offer[key], *names_in(value)]))

    return add


def _set_priority(token: Token, value: Any) -> None:
    _offer(token)["priority"] = priority(token, value)


def _set_moment(key: str) -> Callable[[Token, Any], None]:
    def put(token: Token, value: Any) -> None:
        _offer(token)[key] = moment(token, value)

    return put


_CHANGES: Mapping[ActionKind, Callable[[Token, Any], None]] = {
    ActionKind.TASK_NAME: _set_name,
    ActionKind.TASK_ASSIGNEE: _set_assignee,
    ActionKind.TASK_USERS: _add("users"),
    ActionKind.TASK_GROUPS: _add("groups"),
    ActionKind.TASK_PRIORITY: _set_priority,
    ActionKind.TASK_DUE: _set_moment("due"),
    ActionKind.TASK_FOLLOW_UP: _set_moment("follow_up"),
}


def change_offer(token: Token, kind: ActionKind, value: Any) -> None:
    """What a listener of a task that was just made does to its offer.

    Raises:
        StepFailed: the value is no number or no date.
    """
    _CHANGES[kind](token, value)
