"""User tasks: what a person is offered, evaluated once, when the token arrives."""

from datetime import datetime
from typing import Any

from engine.bpmn.model import Expr, Work
from engine.bpmn.spiff.activities import ActivitySpec
from engine.bpmn.spiff.data import evaluate, evaluate_text, failed, give_name, text
from engine.bpmn.spiff.tokens import Token
from engine.bpmn.step import OpenTask, Wait
from engine.bpmn.times import due_at

DEFAULT_PRIORITY = 50


class UserTaskSpec(ActivitySpec):
    """A task for a person. What it offers is evaluated once, when the token arrives."""

    def begin(self, token: Token) -> bool | None:
        node, work = self.node, self.node.work or Work()
        give_name(token, node)
        offer: dict[str, Any] = {
            "assignee": evaluate_text(token, work.assignee),
            "users": texts(token, work.candidate_users),
            "groups": texts(token, work.candidate_groups),
            "due": self._due(token, work),
            "follow_up": moment(token, work.follow_up),
            "priority": self._priority(token, work),
        }
        token.internal_data["offer"] = offer
        return None

    def _due(self, token: Token, work: Work) -> datetime | None:
        at = moment(token, work.due)
        if at is not None or work.sla is None:
            return at
        world = token.case.here
        try:
            if work.sla_calendar == "elapsed":
                return due_at(work.sla, world)
            return world.calendar.due_after(world.now, work.sla)
        except ValueError as error:
            raise failed(token, "timer_invalid", f"service level {work.sla}: {error}") from error

    def _priority(self, token: Token, work: Work) -> int:
        value = None if work.priority is None else evaluate(token, work.priority)
        if value is None or value == "":
            return DEFAULT_PRIORITY
        try:
            return int(value)
        except (TypeError, ValueError) as error:
            raise failed(
                token, "expression_failed", f"the priority {value!r} is not a whole number"
            ) from error

    def wait(self, token: Token) -> Wait | None:
        offer = token.internal_data.get("offer")
        if offer is None:
            return None
        return OpenTask(
            token=token.id,
            node=self.node.id,
            element=self.node.element,
            name=token.name or self.node.element,
            lane=self.node.lane,
            form=self.node.work.form if self.node.work else None,
            assignee=offer["assignee"],
            candidate_users=tuple(offer["users"]),
            candidate_groups=tuple(offer["groups"]),
            due_at=offer["due"],
            follow_up_at=offer["follow_up"],
            priority=offer["priority"],
            loop_index=token.internal_data.get("index"),
            process=token.process,
        )


def texts(token: Token, exprs: tuple[Expr, ...]) -> list[str]:
    """Users or groups: each expression gives one, several in a text with commas, or a list; none twice."""
    found: dict[str, None] = {}
    for expr in exprs:
        value = evaluate(token, expr)
        items = value if isinstance(value, list | tuple | set | frozenset) else text(value).split(",")
        for item in items:
            name = text(item).strip()
            if name:
                found[name] = None
    return list(found)


def moment(token: Token, expr: Expr | None) -> datetime | None:
    """A due or follow-up date: a date, a time, or a duration from now, as value or ISO 8601 text."""
    value = None if expr is None else evaluate(token, expr)
    if value is None or value == "":
        return None
    try:
        return due_at(value, token.case.here)
    except ValueError as error:
        raise failed(token, "timer_invalid", str(error)) from error
