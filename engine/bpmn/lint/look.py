"""What every rule sees: one process, what belongs to it, and questions that several rules ask."""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from engine.bpmn.admission.lanes import Route
from engine.bpmn.lint.rule import Found
from engine.bpmn.model import EventKind, Expr, Flow, Node, NodeKind, Process, Scope
from engine.bpmn.reading.facts import Facts
from engine.bpmn.settings import ProcessSettings

Answers = Mapping[str, frozenset[str] | None]
"""What a form sets: variable → the values it offers, None where anything can be entered."""

CHOICES = frozenset({NodeKind.EXCLUSIVE, NodeKind.INCLUSIVE, NodeKind.EVENT_GATEWAY, NodeKind.COMPLEX})
GATEWAYS = CHOICES | {NodeKind.PARALLEL}
GATEWAY_TAGS = frozenset(
    {"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"}
)
KILLS = frozenset({EventKind.TERMINATE, EventKind.ERROR, EventKind.CANCEL})
"""End events that end everything that still waits in their scope."""

RUNS_THROUGH = frozenset(
    {
        NodeKind.PASS,
        NodeKind.SCRIPT_TASK,
        NodeKind.DECISION_TASK,
        NodeKind.SEND_TASK,
        NodeKind.THROW,
        NodeKind.EXCLUSIVE,
        NodeKind.PARALLEL,
        NodeKind.INCLUSIVE,
        NodeKind.COMPLEX,
    }
)
"""Kinds that pass a token on without waiting for anybody."""

THROWS = frozenset({NodeKind.THROW, NodeKind.END, NodeKind.SEND_TASK})


@dataclass(frozen=True)
class Place:
    """A scope of the process, with the sub-process that holds it (None: the process itself)."""

    scope: Scope
    holder: Node | None
    around: "Place | None"

    @cached_property
    def boundaries(self) -> Mapping[str, list[Node]]:
        """Boundary events by the activity that they are on."""
        found: dict[str, list[Node]] = {}
        for node in self.scope.nodes.values():
            if node.attached_to is not None:
                found.setdefault(node.attached_to, []).append(node)
        return found

    def followers(self, node: Node) -> Iterator[Node]:
        """Where a token can go next: over flows, or to a boundary event."""
        for flow_id in node.outgoing:
            yield self.scope.nodes[self.scope.flows[flow_id].target]
        yield from self.boundaries.get(node.id, ())

    def reach(self, *first: Node) -> set[str]:
        """Ids of everything that a token from ``first`` can come to in this scope, itself included."""
        waiting, found = list(first), {node.id for node in first}
        while waiting:
            for follower in self.followers(waiting.pop()):
                if follower.id not in found:
                    found.add(follower.id)
                    waiting.append(follower)
        return found

    def within(self) -> Iterator["Place"]:
        """This scope and those around it, from the inside out."""
        at: Place | None = self
        while at is not None:
            yield at
            at = at.around

    def ended_from_outside(self) -> bool:
        """Whether an interrupting event can end the scope while its tokens go round."""
        if any(
            start.interrupting
            for node in self.scope.event_sub_processes()
            if node.scope is not None
            for start in node.scope.starts()
        ):
            return True
        if self.holder is None or self.around is None:
            return False
        return any(b.interrupting for b in self.around.boundaries.get(self.holder.id, ())) or (
            self.around.ended_from_outside()
        )


@dataclass(frozen=True, slots=True)
class Beside:
    """What all processes of an upload say together, gathered once.

    Attributes:
        called: keys of the processes that are called.
        awaited: names of the messages that are waited for; None among them: some name is computed.
        first: file → key of the first process in it.
    """

    called: frozenset[str] = frozenset()
    awaited: frozenset[str | None] = frozenset()
    first: Mapping[str, str] = field(default_factory=dict)


def beside(processes: Sequence[Process]) -> Beside:
    nodes = [node for process in processes for node in process.nodes()]
    first: dict[str, str] = {}
    for process in processes:
        first.setdefault(process.file, process.key)
    return Beside(
        frozenset(n.called.process for n in nodes if n.called is not None),
        frozenset(
            constant(n.event.name)
            for n in nodes
            if n.event is not None and n.event.kind is EventKind.MESSAGE and n.kind not in THROWS
        ),
        first,
    )


@dataclass
class Look:
    """Attributes:
    routing: node id → route, where the deployment knows one.
    answers: form key → what it sets; forms that could not be read are missing.
    beside: what the upload as a whole says.
    heard: whether a deployed process of the house waits for the message of that name.
    """

    process: Process
    settings: ProcessSettings = field(default_factory=ProcessSettings)
    facts: Facts = field(default_factory=Facts)
    routing: Mapping[str, Route] = field(default_factory=dict)
    answers: Mapping[str, Answers] = field(default_factory=dict)
    beside: Beside = field(default_factory=lambda: Beside())
    heard: Callable[[str], bool] = lambda _: False

    @cached_property
    def places(self) -> list[Place]:
        """Every scope, outer before inner."""
        found = [Place(self.process.scope, None, None)]
        for place in found:  # grows while it is walked
            found += [
                Place(node.scope, node, place)
                for node in place.scope.nodes.values()
                if node.scope is not None
            ]
        return found

    @cached_property
    def nodes(self) -> list[tuple[Place, Node]]:
        """Every node that somebody drew."""
        return [
            (place, node)
            for place in self.places
            for node in place.scope.nodes.values()
            if not node.synthetic
        ]

    def of(self, *kinds: NodeKind) -> Iterator[tuple[Place, Node]]:
        return ((place, node) for place, node in self.nodes if node.kind in kinds)

    @property
    def is_called(self) -> bool:
        """Whether a process of the upload calls this one."""
        return self.process.key in self.beside.called

    def at(self, node: Node, message: str) -> Found:
        return Found(node.element, node.line, message)

    def at_flow(self, flow: Flow, message: str, *, otherwise: Node) -> Found:
        """At the flow as it is drawn; a flow that nobody drew is told at the node it leaves."""
        if not flow.element:
            return self.at(otherwise, message)
        return Found(flow.element, self.facts.lines.get(flow.element, otherwise.line), message)

    def at_process(self, message: str) -> Found:
        return Found(self.process.key, self.process.line, message)

    def called(self, node: Node) -> str:
        """How people call an element: its name, or its id."""
        return plain(node.name) or node.element

    def drawn_as_gateway(self, node: Node) -> bool:
        """Links and hand-made splits are gateways of the model too, but nobody drew them so."""
        return not node.synthetic and self.facts.tags.get(node.element) in GATEWAY_TAGS


def plain(expr: Expr | None) -> str:
    """A name as text, with its expressions as they are written."""
    return " ".join(expr.source.split()) if expr is not None else ""


def constant(expr: Expr | None) -> str | None:
    """The text that an expression always gives; None when it depends on something, or gives no text."""
    if expr is None or not expr.constant:
        return None
    try:
        value = ast.literal_eval(expr.code)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return value.strip() if isinstance(value, str) else None
