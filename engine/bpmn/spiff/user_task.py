"""User tasks: what a person is offered, evaluated once, when the token arrives."""

from datetime import datetime
from typing import Any

from engine.bpmn.model import Expr, ListenerEvent, Work
from engine.bpmn.spiff.activities import ActivitySpec
from engine.bpmn.spiff.data import evaluate, evaluate_text, failed, give_name
from engine.bpmn.spiff.listeners import notify
from engine.bpmn.spiff.offers import moment, names_in, priority
from engine.bpmn.spiff.tokens import Token
from engine.bpmn.step import OpenTask, Wait
from engine.bpmn.times import due_at


class UserTaskSpec(ActivitySpec):
    """A task for a person. What it offers is evaluated once, when the token arrives."""

    def begin(self, token: Token) -> bool | None:
        node, work = self.node, self.node.work or Work()
        give_name(token, node)
        offer: dict[str, Any] = {
            "assignee": evaluate_text(token, work.assignee),
            "users": names(token, work.candidate_users),
            "groups": names(token, work.candidate_groups),
            "due": self._due(token, work),
            "follow_up": moment(token, value_of(token, work.follow_up)),
            "priority": priority(token, value_of(token, work.priority)),
        }
        if work.excluded:
            offer["excluded"] = names(token, work.excluded)
        token.internal_data["offer"] = offer
        notify(token, ListenerEvent.CREATE)
        return None

    def _due(self, token: Token, work: Work) -> datetime | None:
        at = moment(token, value_of(token, work.due))
        if at is not None or work.sla is None:
            return at
        world = token.case.here
        try:
            if work.sla_calendar == "elapsed":
                return due_at(work.sla, world)
            return world.calendar.due_after(world.now, work.sla)
        except ValueError as error:
            raise failed(token, "timer_invalid", f"service level {work.sla}: {error}") from error

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
            excluded=tuple(offer.get("excluded", ())),
            due_at=offer["due"],
            follow_up_at=offer["follow_up"],
            priority=offer["priority"],
            loop_index=token.internal_data.get("index"),
            process=token.process,
        )


def names(token: Token, exprs: tuple[Expr, ...]) -> list[str]:
    """Users or groups; none twice."""
    return list(dict.fromkeys(name for expr in exprs for name in names_in(evaluate(token, expr))))


def value_of(token: Token, expr: Expr | None) -> Any:
    return None if expr is None else evaluate(token, expr)
