"""Multi-instance activities: one token for the whole, one for each instance, in parallel or one after another."""

from typing import Any

from engine.bpmn.model import MultiInstance, Node
from engine.bpmn.spiff.activities import ActivitySpec
from engine.bpmn.spiff.data import assign_outside, evaluate, failed, holds
from engine.bpmn.spiff.interrupt import kill
from engine.bpmn.spiff.specs import ScopeSpec
from engine.bpmn.spiff.tokens import STARTED, Token

EACH = "#each"
"""Ends the spec name of an instance; '#' stands in no XML id."""

MOST_INSTANCES = 5_000


class MultiSpec(ActivitySpec):
    """The whole of a multi-instance activity: boundary events hang on it, and it alone goes on when it is complete.

    Its locals are the counters; an instance's locals are ``loopCounter`` and its item.
    """

    hears = False  # its listeners are those of each instance

    def __init__(self, scope: ScopeSpec, node: Node) -> None:
        super().__init__(scope, node)
        if node.loop is None:
            raise ValueError(f"{node.id} has no instances")
        self.loop: MultiInstance = node.loop

    def _run_hook(self, my_task: Token) -> bool | None:
        for name in self.boundaries:
            my_task.add(self.scope.spec(name)).enter()
            if not my_task.is_live:
                return None
        items, count = self._extent(my_task)
        state = {"count": count, "done": 0, "started": 0, "items": items}
        if self.loop.output_collection:
            state["results"] = [None] * count
        my_task.internal_data["multi"] = state
        if count == 0:
            return True
        self._count(my_task)
        my_task._set_state(STARTED)
        for _ in range(1 if self.loop.sequential else count):
            self._begin_next(my_task)
        return None

    def _extent(self, token: Token) -> tuple[list[Any] | None, int]:
        loop = self.loop
        if loop.collection is not None:
            value = evaluate(token, loop.collection)
            if not isinstance(value, list | tuple):
                cause = f"{loop.collection.source} gave {_shape(value)} where a list is expected"
                raise failed(token, "multi_instance_invalid", cause)
            items: list[Any] | None = list(value)
            count = len(value)
        else:
            value = None if loop.cardinality is None else evaluate(token, loop.cardinality)
            items, count = None, self._number(token, value)
        if count > MOST_INSTANCES:
            cause = f"{count} instances are more than the {MOST_INSTANCES} allowed"
            raise failed(token, "multi_instance_invalid", cause)
        return items, count

    def _number(self, token: Token, value: Any) -> int:
        try:
            count = int(value)
            if isinstance(value, bool) or count != float(value) or count < 0:
                raise ValueError(value)
        except (TypeError, ValueError, OverflowError) as error:
            cause = f"the number of instances must be 0 or more, not {_shape(value)}"
            raise failed(token, "multi_instance_invalid", cause) from error
        return count

    def _begin_next(self, token: Token) -> None:
        state = token.internal_data["multi"]
        index = state["started"]
        state["started"] += 1
        own: dict[str, Any] = {"loopCounter": index}
        if self.loop.item and state["items"] is not None:
            own[self.loop.item] = state["items"][index]
        if self.loop.result is not None:
            own.setdefault(self.loop.result, None)
        self._count(token)
        token.add(self.scope.spec(self.node.id + EACH), index=index, locals=own).enter()

    def instance_done(self, token: Token, instance: Token) -> None:
        """An instance has ended: the next one, or the end of the whole."""
        state = token.internal_data["multi"]
        state["done"] += 1
        self._count(token)
        if self.loop.output_item is not None and "results" in state:
            results = list(state["results"])
            results[instance.internal_data["index"]] = evaluate(instance, self.loop.output_item)
            state["results"] = results
        if state["done"] == state["count"] or self._enough(instance):
            kill(*(part for part in token.parts() if part is not instance and not part.is_waiting))
            token.complete()
        elif self.loop.sequential:
            self._begin_next(token)

    def _enough(self, instance: Token) -> bool:
        loop = self.loop
        if loop.again is not None and not holds(instance, loop.again):
            return True
        return loop.completion is not None and holds(instance, loop.completion)

    def _count(self, token: Token) -> None:
        state = token.internal_data["multi"]
        own = token.internal_data.setdefault("locals", {})
        own["nrOfInstances"] = state["count"]
        own["nrOfCompletedInstances"] = state["done"]
        own["nrOfActiveInstances"] = state["started"] - state["done"]

    def _on_complete_hook(self, my_task: Token) -> None:
        state = my_task.internal_data["multi"]
        if self.loop.output_collection:
            assign_outside(my_task, {self.loop.output_collection: state["results"]})
        kill(*(part for part in list(my_task.children) if part.is_live))
        self.leave(my_task)


def _shape(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, str | int | float):
        return repr(value)
    return f"a {type(value).__name__}"
