"""One scope as a graph without its backward flows: who dominates whom, and where tokens surely, maybe or never come."""

from collections.abc import Iterator
from enum import Enum

from engine.bpmn.lint.look import CHOICES, Place
from engine.bpmn.model import Node, NodeKind

Edge = tuple[str, str, str]
"""(source, target, id of the flow; "" from an activity to its boundary event)."""


class State(Enum):
    """Whether a token comes over an edge, when one comes to the beginning of the part that is looked at."""

    ALWAYS = 2
    MAYBE = 1
    NEVER = 0


ALWAYS, MAYBE, NEVER = State.ALWAYS, State.MAYBE, State.NEVER


class Graph:
    """Attributes:
    order: node id → its place in an order in which every flow but the backward ones leads forward; only what is reached.
    idom: node id → the nearest node that every path to it passes.
    steps: nodes that ``spread`` has looked at so far.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        self._out: dict[str, list[Edge]] = {}
        self._in: dict[str, list[Edge]] = {}
        for node in place.scope.nodes.values():
            for flow_id in node.outgoing:
                self._edge((node.id, place.scope.flows[flow_id].target, flow_id))
            for boundary in place.boundaries.get(node.id, ()):
                self._edge((node.id, boundary.id, ""))
        self.steps = 0
        self.order = self._sorted()
        self.idom = self._dominators()

    def _edge(self, edge: Edge) -> None:
        self._out.setdefault(edge[0], []).append(edge)
        self._in.setdefault(edge[1], []).append(edge)

    def _sorted(self) -> dict[str, int]:
        """Reverse postorder from the start events, without recursion."""
        done: list[str] = []
        seen: set[str] = set()
        for start in self.place.scope.starts():
            if start.id in seen:
                continue
            seen.add(start.id)
            work: list[tuple[str, Iterator[Edge]]] = [(start.id, iter(self._out.get(start.id, ())))]
            while work:
                at, rest = work[-1]
                for _, target, _ in rest:
                    if target not in seen:
                        seen.add(target)
                        work.append((target, iter(self._out.get(target, ()))))
                        break
                else:
                    done.append(at)
                    work.pop()
        return {node_id: n for n, node_id in enumerate(reversed(done))}

    def _dominators(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for at in self.order:
            sources = [s for s, _ in self.entering(at) if s in self.order and self.order[s] < self.order[at]]
            if not sources:
                continue
            near = sources[0]
            for other in sources[1:]:
                near = self._meet(found, near, other)
                if near == "":
                    break
            if near:
                found[at] = near
        return found

    def _meet(self, found: dict[str, str], one: str, other: str) -> str:
        while one != other:
            if self.order[one] > self.order[other]:
                one = found.get(one, "")
            else:
                other = found.get(other, "")
            if not one or not other:
                return ""
        return one

    def entering(self, node_id: str) -> list[tuple[str, Edge]]:
        """(source, edge) of everything that leads to a node and is reached."""
        return [(e[0], e) for e in self._in.get(node_id, ()) if e[0] in self.order]

    def at_once(self, node_id: str) -> tuple[list[Edge], list[Edge]]:
        """What tokens can leave a node over in one go: its flows, and the boundary events that do not interrupt it."""
        nodes = self.place.scope.nodes
        edges = self._out.get(node_id, [])
        return [e for e in edges if e[2]], [e for e in edges if not e[2] and not nodes[e[1]].interrupting]

    def leaving(self, node_id: str) -> list[Edge]:
        return self._out.get(node_id, [])

    def goes_back(self, edge: Edge) -> bool:
        return self.order[edge[1]] <= self.order[edge[0]]

    @staticmethod
    def target(edge: Edge) -> str:
        return edge[1]

    @staticmethod
    def source(edge: Edge) -> str:
        return edge[0]

    def dominators(self, node_id: str, top: str) -> Iterator[str]:
        """``node_id`` and what dominates it, up to ``top``."""
        at: str | None = node_id
        while at is not None:
            yield at
            if at == top:
                return
            at = self.idom.get(at)

    def dominates(self, one: str, other: str) -> bool:
        return one in self.dominators(other, one)

    def between(self, top: str, bottom: str) -> list[str]:
        """Everything on a way from ``top`` to ``bottom``, both included, in order."""
        found, waiting = {bottom, top}, [bottom]
        while waiting:
            at = waiting.pop()
            for source, _ in self.entering(at):
                if source not in found and self.order[top] < self.order[source] < self.order[at]:
                    found.add(source)
                    waiting.append(source)
        return sorted(found, key=self.order.__getitem__)

    def ways(self, node: Node) -> Iterator[list[Edge]]:
        """What a choice can take, each way without the others; also what interrupts an activity."""
        edges = self._out.get(node.id, [])
        flows = [e for e in edges if e[2]]
        if node.kind in CHOICES and len(flows) > 1:
            scope = self.place.scope
            for edge in flows:
                condition = scope.flows[edge[2]].condition
                sure = condition is not None and condition.constant and condition.code == "True"
                if node.kind not in {NodeKind.INCLUSIVE, NodeKind.COMPLEX}:
                    yield [edge]
                elif not sure:
                    with_it = [e for e in flows if e is edge or self._unasked(e, node)]
                    yield with_it
        for edge in edges:
            if not edge[2] and self.place.scope.nodes[edge[1]].interrupting:
                yield [edge]

    def _unasked(self, edge: Edge, node: Node) -> bool:
        """Whether an inclusive gateway takes the flow in any case."""
        condition = self.place.scope.flows[edge[2]].condition
        return edge[2] != node.default and (condition is None or condition.code == "True")

    def spread(self, region: list[str], top: str, choice: str, way: list[Edge]) -> dict[Edge, State]:
        """Where tokens come in ``region`` when one comes to ``top``, ``choice`` is reached and takes ``way``."""
        self.steps += len(region)
        forced = set(self.dominators(choice, top))
        inside = set(region)
        states: dict[Edge, State] = {}
        for at in region:
            node = self.place.scope.nodes[at]
            come = ALWAYS if at in forced else self._come(node, states, inside)
            for edge in self._out.get(at, ()):
                if at == choice:
                    states[edge] = ALWAYS if edge in way else NEVER
                elif edge[1] in forced and at in forced and self._only_way(edge, inside):
                    states[edge] = ALWAYS
                else:
                    states[edge] = self._go(node, edge, come)
            if at in forced and at != choice:
                self._leave_others(at, forced, states, inside)
        return states

    def _only_way(self, edge: Edge, inside: set[str]) -> bool:
        return sum(e[0] in inside for e in self._in.get(edge[1], ())) == 1

    def _leave_others(self, at: str, forced: set[str], states: dict[Edge, State], inside: set[str]) -> None:
        """A choice on the way to the choice that is looked at has taken that way, and no other."""
        node = self.place.scope.nodes[at]
        if node.kind not in {NodeKind.EXCLUSIVE, NodeKind.EVENT_GATEWAY}:
            return
        taken = [e for e in self._out[at] if e[1] in forced and self._only_way(e, inside)]
        if len(taken) == 1:
            for edge in self._out[at]:
                if edge is not taken[0] and edge[2]:
                    states[edge] = NEVER

    def _come(self, node: Node, states: dict[Edge, State], inside: set[str]) -> State:
        coming = [states[e] for e in self._in.get(node.id, ()) if e in states and e[0] in inside]
        if not coming:
            return NEVER
        if node.kind is NodeKind.PARALLEL and len(node.incoming) > 1:
            return min(coming, key=lambda s: s.value)
        return max(coming, key=lambda s: s.value)

    def _go(self, node: Node, edge: Edge, come: State) -> State:
        if come is NEVER:
            return NEVER
        if not edge[2]:
            return MAYBE  # a boundary event may happen
        if node.kind in CHOICES and len(node.outgoing) > 1:
            return MAYBE
        return come
