"""Rules of tokens: joins that can wait for ever, steps that run twice, loops that never wait.

They follow the drawing, not the data: no state is enumerated, every question is one walk over a part of the graph. Loops
are cut at the flow that goes back. So they decide what follows from the drawing alone, and say nothing where two gateways
ask the same question, where an inclusive gateway may or may not take two ways, or where a missing token could still come
round a loop.
"""

from collections.abc import Iterator

from engine.bpmn.lint.data import set_by
from engine.bpmn.lint.graph import ALWAYS, NEVER, Edge, Graph, State
from engine.bpmn.lint.look import CHOICES, KILLS, RUNS_THROUGH, Look, Place
from engine.bpmn.lint.rule import Found, rule
from engine.bpmn.model import ACTIVITIES, Node, NodeKind

JOINS = frozenset({NodeKind.PARALLEL, NodeKind.INCLUSIVE, NodeKind.COMPLEX, NodeKind.END})
MOST_STEPS = 300_000
"""Steps that the joins of one scope may cost together (a second); nothing is said about those that are left."""


@rule(
    "A join that can wait for ever",
    "The parallel gateway waits for a token on each of its flows, but a choice before it can leave one of them empty: the "
    "case stands still there, with no task for anybody. Join with the kind of gateway that split.",
    whole=True,
)
def join_waits_forever(look: Look) -> Iterator[Found]:
    for place in look.places:
        joins = [n for n in place.scope.nodes.values() if n.kind is NodeKind.PARALLEL and len(n.incoming) > 1]
        if not joins:
            continue
        graph = Graph(place)
        never: set[str] = set()  # joins of their own loops: nothing behind them ever runs
        for join in sorted(joins, key=lambda n: graph.order.get(n.id, 0)):
            if graph.steps > MOST_STEPS:
                return
            if never and not never.isdisjoint(graph.dominators(join.id, "")):
                continue
            if _waits_for_itself(graph, join):
                never.add(join.id)
                yield look.at(
                    join,
                    "One of its flows comes back from behind the gateway itself, so the first token waits for ever. "
                    "Let the loop come back to an exclusive gateway.",
                )
            elif (why := _stuck(look, graph, join)) is not None:
                yield look.at(join, why)


def _waits_for_itself(graph: Graph, join: Node) -> bool:
    return any(
        graph.order[source] >= graph.order[join.id] and graph.dominates(join.id, source)
        for source, _ in graph.entering(join.id)
        if join.id in graph.order
    )


def _stuck(look: Look, graph: Graph, join: Node) -> str | None:
    place = graph.place
    if join.id not in graph.order:
        return None
    entering = graph.entering(join.id)
    if any(graph.order[source] >= graph.order[join.id] for source, _ in entering):
        return None
    top = graph.idom.get(join.id)
    if top is None:
        return None
    region = graph.between(top, join.id)
    chain = {at for source, _ in entering for at in graph.dominators(source, top)}
    choices = [place.scope.nodes[i] for i in sorted(chain, key=graph.order.__getitem__)]
    for choice in choices:
        for way in graph.ways(choice):
            if graph.steps > MOST_STEPS:
                return None
            states = graph.spread(region, top, choice.id, way)
            arriving = {edge: states.get(edge, NEVER) for _, edge in entering}
            if ALWAYS not in arriving.values() or NEVER not in arriving.values():
                continue
            empty = next(e for e, s in arriving.items() if s is NEVER)
            if _still_possible(graph, states, top, graph.source(empty), join.id):
                continue
            goes = look.called(place.scope.nodes[graph.target(way[0])])
            return (
                f'When "{look.called(choice)}" goes on to "{goes}", no token comes from '
                f'"{look.called(place.scope.nodes[graph.source(empty)])}", and this join waits for ever.'
            )
    return None


def _still_possible(graph: Graph, states: dict[Edge, State], top: str, source: str, join: str) -> bool:
    """Whether another token may come round a loop to ``source``, or an end ends everything that waits.

    Where the choices of ``states`` hold, only the ways that they leave open are followed; a token that has gone back may
    choose anew.
    """
    waiting, seen = [(top, False)], {(top, False)}
    while waiting:
        at, gone_back = waiting.pop()
        node = graph.place.scope.nodes[at]
        if (at == source and gone_back) or (
            node.kind is NodeKind.END and node.event is not None and node.event.kind in KILLS
        ):
            return True
        for edge in graph.leaving(at):
            if not gone_back and states.get(edge) is NEVER:
                continue
            goes = (graph.target(edge), gone_back or graph.goes_back(edge))
            if goes[0] != join and goes not in seen:
                seen.add(goes)
                waiting.append(goes)
    return False


@rule(
    "Steps that run twice",
    "Branches that run side by side meet without a parallel gateway, so each of them goes on alone: officers get every task "
    "behind it twice. Join the branches with a parallel gateway.",
    whole=True,
)
def runs_twice(look: Look) -> Iterator[Found]:
    for place in look.places:
        merges = [n for n in place.scope.nodes.values() if len(n.incoming) > 1 and n.kind not in JOINS]
        if not merges:
            continue
        graph = Graph(place)
        for merge in merges:
            if graph.steps > MOST_STEPS:
                return
            if (split := _doubled(graph, merge)) is None:
                continue
            behind = [place.scope.nodes[i] for i in place.reach(merge)]
            if any(n.kind in ACTIVITIES for n in behind):
                yield look.at(
                    merge,
                    f'The branches of "{look.called(split)}" meet here without a join, so everything behind runs once for '
                    "each of them. Join them with a parallel gateway."
                    if split.kind is NodeKind.PARALLEL
                    else f'The path of a boundary event that does not interrupt "{look.called(split)}" leads into the way that '
                    "goes on anyway, so everything behind runs twice. End that path on its own.",
                )


def _doubled(graph: Graph, merge: Node) -> Node | None:
    """The parallel gateway, or the activity with its boundary event, of which two ways surely meet in ``merge``."""
    top = graph.idom.get(merge.id)
    if top is None:
        return None
    splits = graph.place.scope.nodes[top]
    flows, beside = graph.at_once(top)
    if splits.kind in CHOICES or len(flows) + len(beside) < 2:
        return None
    region = graph.between(top, merge.id)

    def surely(way: list[Edge]) -> set[Edge]:
        states = graph.spread(region, top, top, way)
        return {edge for _, edge in graph.entering(merge.id) if states.get(edge) is ALWAYS}

    usual = surely(flows)
    return splits if len(usual) > 1 or (usual and beside and surely(beside) - usual) else None


@rule(
    "A loop that never waits",
    "Nothing in the loop waits for a person, a partner or a timer, and nothing in it changes what its condition reads: it "
    "turns until the limit of steps stops the case. Draw what should be waited for, or change the variable.",
    whole=True,
)
def loop_without_wait(look: Look) -> Iterator[Found]:
    for place in look.places:
        for circle in _circles(place):
            nodes = [place.scope.nodes[i] for i in circle]
            asked = {
                name
                for node in nodes
                for flow in (place.scope.flows[f] for f in node.outgoing)
                if flow.condition is not None
                for name in flow.condition.names
            }
            changed = {name for node in nodes for name in _changes(node)}
            if asked.isdisjoint(changed) and None not in changed:
                first = min((n for n in nodes if not n.synthetic), key=lambda n: n.line, default=nodes[0])
                yield look.at(
                    first,
                    f"The loop over {', '.join(sorted(look.called(n) for n in nodes if not n.synthetic)[:4])} waits for nothing "
                    "and changes nothing that its conditions read; it turns until the limit of steps.",
                )


def _changes(node: Node) -> Iterator[str | None]:
    """Variables that a node sets; None: it cannot be told."""
    yield from (m.target if not m.all_variables else None for m in node.outputs)
    if node.script is not None:
        yield from node.script.assigns
    if node.decision is not None:
        yield node.decision.result_variable
    if node.loop is not None:
        yield None
    yield from (name for listener in node.listeners for name in set_by(listener))


def _circles(place: Place) -> Iterator[list[str]]:
    """Groups of nodes that lead back to themselves over nothing that waits (Tarjan, without recursion)."""
    nodes = {i: n for i, n in place.scope.nodes.items() if n.kind in RUNS_THROUGH}
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    on: set[str] = set()
    stack: list[str] = []
    for root in nodes:
        if root in index:
            continue
        work = [(root, _next(place, nodes, root))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on.add(root)
        while work:
            at, rest = work[-1]
            for follower in rest:
                if follower not in index:
                    index[follower] = low[follower] = len(index)
                    stack.append(follower)
                    on.add(follower)
                    work.append((follower, _next(place, nodes, follower)))
                    break
                if follower in on:
                    low[at] = min(low[at], index[follower])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[at])
                if low[at] == index[at]:
                    group: list[str] = []
                    while not group or group[-1] != at:
                        group.append(stack.pop())
                        on.discard(group[-1])
                    if len(group) > 1 or at in [place.scope.flows[f].target for f in nodes[at].outgoing]:
                        yield group


def _next(place: Place, nodes: dict[str, Node], at: str) -> Iterator[str]:
    return (t for f in nodes[at].outgoing if (t := place.scope.flows[f].target) in nodes)
