"""What all activities share: mappings, boundary events, instances and compensation."""

from engine.bpmn.model import ListenerEvent, Node
from engine.bpmn.spiff.compensation import handler_done, remember
from engine.bpmn.spiff.data import map_inputs, map_outputs
from engine.bpmn.spiff.events import stands_behind_gateway
from engine.bpmn.spiff.interrupt import kill
from engine.bpmn.spiff.listeners import notify
from engine.bpmn.spiff.specs import NodeSpec, ScopeSpec
from engine.bpmn.spiff.tokens import Token


class ActivitySpec(NodeSpec):
    """An activity: inputs are set, boundary events armed, it runs, outputs are read, boundary events are withdrawn.

    One spec of a multi-instance activity stands for the whole (``multi.py``), another for each instance.

    Attributes:
        boundaries: the boundary events on it, by spec name.
        each: it is an instance; it then has no boundary events and no way out of its own.
    """

    def __init__(self, scope: ScopeSpec, node: Node, *, name: str | None = None, each: bool = False) -> None:
        super().__init__(scope, node, name=name)
        self.each = each
        self.boundaries: list[str] = []

    def begin(self, token: Token) -> bool | None:
        """Do the work. True: done at once; None: it waits."""
        return True

    def instance_done(self, token: Token, instance: Token) -> None:
        """Told to the whole of a multi-instance activity when an instance has ended."""

    def _run_hook(self, my_task: Token) -> bool | None:
        map_inputs(my_task, self.node.inputs)
        if not stands_behind_gateway(my_task):
            notify(my_task, ListenerEvent.START)
        for name in self.boundaries:
            my_task.add(self.scope.spec(name)).enter()
            if not my_task.is_live:
                return None  # a condition that already holds interrupts it before it begins
        return self.begin(my_task)

    def _on_complete_hook(self, my_task: Token) -> None:
        notify(my_task, ListenerEvent.END)
        map_outputs(my_task, self.node.outputs)
        kill(*(part for part in list(my_task.children) if part.is_waiting))
        if self.node.compensation is not None:
            remember(my_task, handler=self.node.compensation)
        whole = my_task.parent if self.each else None
        if whole is not None and isinstance(whole.task_spec, ActivitySpec):
            my_task.case.passed(my_task)
            whole.task_spec.instance_done(whole, my_task)
        else:
            self.leave(my_task)

    def leave(self, token: Token) -> None:
        super().leave(token)
        handler_done(token)
