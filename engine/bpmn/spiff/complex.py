"""Complex gateways: the rule of BPMN 2.0 (13.3.5), with its two phases.

The gateway goes on when its activation condition holds over the tokens that have arrived. Then it waits to be reset: for
the flows that brought none, until no token can come over them any more; what comes is taken away. A flow without a condition
is taken in the first phase only; one with a condition may ask for ``waitingForStart`` in both.
"""

from typing import Any

from engine.bpmn.model import ListenerEvent
from engine.bpmn.spiff.data import evaluate, failed, holds, seen
from engine.bpmn.spiff.gateways import InclusiveSpec, choose
from engine.bpmn.spiff.listeners import notify
from engine.bpmn.spiff.tokens import COMPLETED, WAITING, Scope, Token


class ComplexSpec(InclusiveSpec):
    """A waiting token with ``reset`` stands for the second phase; it holds the flows that have had their token."""

    def _update_hook(self, my_task: Token) -> bool:
        notify(my_task, ListenerEvent.START)
        if len(self.entries) < 2:
            my_task.internal_data["locals"] = _state(start=True, count=1)
            return True
        my_task._set_state(WAITING)
        self.settle(my_task.workflow)
        return False

    def is_spent(self, token: Token) -> bool:
        return "reset" in token.internal_data and not any(flow.condition for flow in self.exits)

    def arrivals(self, scope: Scope) -> dict[str, Token]:
        found: dict[str, Token] = {}
        for token in scope.tokens():
            if token.task_spec is self and token.is_waiting and "reset" not in token.internal_data:
                found.setdefault(token.internal_data["via"], token)
        return found

    def settle(self, scope: Scope) -> bool:
        """Take the next step that needs no looking ahead. True when there was one."""
        arrived = self.arrivals(scope)
        holder = self._resetting(scope)
        if holder is not None:
            missing = self._missing(holder)
            if not all(flow in arrived for flow in missing):
                return False
            self._reset(holder, arrived)
            return True
        if not arrived or not self._is_active(arrived):
            return False
        self._activate(scope, arrived)
        return True

    def try_join(self, scope: Scope) -> bool:
        if self.settle(scope):
            return True
        holder = self._resetting(scope)
        if holder is None:
            return False
        arrived = self.arrivals(scope)
        missing = self._missing(holder)
        come = [flow for flow in missing if flow in arrived]
        if not self.nothing_comes(scope, [flow for flow in missing if flow not in arrived], come):
            return False
        self._reset(holder, arrived)
        return True

    def _resetting(self, scope: Scope) -> Token | None:
        return next((t for t in scope.tokens() if t.task_spec is self and "reset" in t.internal_data), None)

    def _missing(self, holder: Token) -> list[str]:
        return [flow for flow in self.entries if flow not in holder.internal_data["reset"]]

    def _is_active(self, arrived: dict[str, Token]) -> bool:
        condition = self.node.activation
        first = next(iter(arrived.values()))
        if condition is None:
            return len(arrived) == len(self.entries)
        value = evaluate(first, condition, {**seen(first), **_state(start=True, count=len(arrived))})
        if isinstance(value, bool):
            return value
        cause = f"the condition {condition.source} gave {value!r} instead of true or false"
        raise failed(first, "expression_failed", cause)

    def _activate(self, scope: Scope, arrived: dict[str, Token]) -> None:
        first, *others = sorted(arrived.values(), key=lambda token: token.order)
        _take_away(others)
        first.internal_data["locals"] = _state(start=True, count=len(arrived))
        holder = scope.begin(self, reset=list(arrived))
        holder._set_state(WAITING)
        first._ready()
        if not self._missing(holder):
            self._reset(holder, {})

    def _reset(self, holder: Token, arrived: dict[str, Token]) -> None:
        late = [arrived[flow] for flow in self._missing(holder) if flow in arrived]
        _take_away(late)
        del holder.internal_data["reset"]
        holder.internal_data["locals"] = _state(start=False, count=len(late))
        holder.internal_data["again"] = True
        holder._ready()

    def _run_hook(self, my_task: Token) -> bool | None:
        if "again" not in my_task.internal_data:
            my_task.chosen = choose(my_task, self.exits, self.node.default, only_first=False)
            return True
        my_task.chosen = tuple(
            flow
            for flow in self.exits
            if flow.id != self.node.default and flow.condition is not None and holds(my_task, flow.condition)
        )
        my_task.told = not my_task.chosen
        return True

    def _on_complete_hook(self, my_task: Token) -> None:
        if my_task.told:
            return  # it was reset and sends nothing on
        super()._on_complete_hook(my_task)


def _state(*, start: bool, count: int) -> dict[str, Any]:
    """What the conditions of the gateway see beside the case's variables."""
    return {"waitingForStart": start, "activationCount": count}


def _take_away(tokens: list[Token]) -> None:
    for token in tokens:
        token._set_state(COMPLETED)
        token.drop()
