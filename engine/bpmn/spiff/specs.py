"""The spec graph: one ScopeSpec a process or sub-process, one NodeSpec a node. Immutable after build, shared by threads."""

import ast
from typing import Any

from SpiffWorkflow.specs import WorkflowSpec
from SpiffWorkflow.specs.base import TaskSpec

from engine.bpmn.library import Deployed
from engine.bpmn.model import Expr, Flow, ListenerEvent, Node, NodeKind, Scope
from engine.bpmn.spiff.data import assign, map_inputs, map_outputs, seen
from engine.bpmn.spiff.listeners import notify, take
from engine.bpmn.spiff.tokens import Token
from engine.bpmn.step import Wait


class ScopeSpec(WorkflowSpec):  # type: ignore[misc]  # SpiffWorkflow ships no types
    """The graph of one scope.

    Attributes:
        key: unique among the scopes of a machine: the process key, or ``process/node`` for a scope inside it.
        process: name of the process the scope belongs to, as in ``engine.bpmn.library``.
        deployed: that process, with its decisions and what its calls mean.
        listeners: the event sub-processes of the scope that wait while it runs.
        undoer: its compensation event sub-process, if it has one.
        starts: its start events.
    """

    def __init__(self, key: str, process: str, scope: Scope, deployed: Deployed) -> None:
        super().__init__(name=key)
        self.deployed = deployed
        self.key = key
        self.process = process
        self.scope = scope
        self.listeners: list[NodeSpec] = []
        self.undoer: NodeSpec | None = None
        self.starts: list[NodeSpec] = []
        self.start = NodeSpec(self, Node(id=ROOT, kind=NodeKind.PASS, element=scope.id, synthetic=True))

    def plain_start(self) -> "NodeSpec":
        """Where a person's case, and a called process, begins; ``build_specs`` sees to it that a called one has it."""
        return next(spec for spec in self.starts if spec.node.event is None)

    def spec(self, node_id: str) -> "NodeSpec":
        found: NodeSpec = self.task_specs[node_id]
        return found


ROOT = "#root"
"""Name of the spec at the root of each tree; '#' stands in no XML id."""


class NodeSpec(TaskSpec):  # type: ignore[misc]  # SpiffWorkflow ships no types
    """A node that passes its token on, and what all nodes share.

    The life of a token is Spiff's: ``_update_hook`` says whether it may run now, ``_run_hook`` runs it (True: completed,
    None: it waits), ``_on_complete_hook`` sends it on.

    Attributes:
        title: the name in the file, as far as it is known without a case.
        exits: outgoing flows in the order of the file.
        hears: its node's listeners are its own.
    """

    hears = True

    def __init__(self, scope: ScopeSpec, node: Node, *, name: str | None = None) -> None:
        super().__init__(scope, name or node.id)
        self.scope = scope
        self.node = node
        self.title = title_of(node)
        self.exits: list[Flow] = []

    def link(self, flow: Flow) -> None:
        """Add an outgoing flow; its target is built."""
        self.exits.append(flow)
        self.connect(self.scope.spec(flow.target))

    def is_under_way(self, token: Token) -> bool:
        """Whether killing the token interrupts something a reader of history would miss."""
        return token.is_started

    def is_spent(self, token: Token) -> bool:
        """Whether nothing can come from the token any more, though it is still there."""
        return False

    def wait(self, token: Token) -> Wait | None:
        """What the token waits for from outside; None when it waits for other tokens."""
        return None

    def test(self) -> None:
        """Nothing to check: the model is checked when it is admitted."""

    def _predict(self, my_task: Token, *args: Any, **kwargs: Any) -> None:
        """No predictions: a token below is made when its flow is taken, so chains of any length build flat."""

    def _update_hook(self, my_task: Token) -> bool:
        return True

    def _on_ready_hook(self, my_task: Token) -> None:
        my_task.case.ready.append(my_task)

    def _run_hook(self, my_task: Token) -> bool | None:
        map_inputs(my_task, self.node.inputs)
        notify(my_task, ListenerEvent.START)
        return True

    def _on_complete_hook(self, my_task: Token) -> None:
        notify(my_task, ListenerEvent.END)
        map_outputs(my_task, self.node.outputs)
        self.leave(my_task)

    def leave(self, token: Token) -> None:
        """Send the token on over the chosen flows, or all."""
        token.case.passed(token)
        for flow in self.exits if token.chosen is None else token.chosen:
            take(token, flow)
            token.add(self.scope.spec(flow.target), via=flow.id)


class StartSpec(NodeSpec):
    """A start event inside its scope: what it waited for has already happened."""

    def _run_hook(self, my_task: Token) -> bool | None:
        name, starter = self.node.initiator, my_task.case.here.actor
        if name is not None and seen(my_task).get(name) is None:
            assign(my_task, {name: starter})
        return super()._run_hook(my_task)


def title_of(node: Node) -> str:
    return "" if node.name is None else constant(node.name)


def constant(expr: Expr) -> str:
    """The text of a constant expression, else its source."""
    if not expr.constant:
        return expr.source
    value = ast.literal_eval(expr.code)
    return value if isinstance(value, str) else str(value)
