"""Rules of the drawing: what leads nowhere, what comes from nowhere, what people cannot see or tell apart."""

from collections.abc import Iterator

from engine.bpmn.lint.look import KILLS, Look, Place, plain
from engine.bpmn.lint.rule import Found, rule
from engine.bpmn.model import ACTIVITIES, Node, NodeKind

DEEP = 5
LONG = 120
"""Letters of a name; longer ones do not fit on a line of an inbox."""

FIRST = frozenset({NodeKind.START, NodeKind.EVENT_SUB_PROCESS})


@rule("Nothing leads here", "The element never runs. Connect it, or remove it.")
def unreachable(look: Look) -> Iterator[Found]:
    for place in look.places:
        reached = place.reach(*(n for n in place.scope.nodes.values() if n.kind in FIRST))
        undo = {n.compensation for n in place.scope.nodes.values()}
        for node in place.scope.nodes.values():
            if node.synthetic or node.id in reached or node.id in undo:
                continue
            if node.is_compensation_handler:
                yield look.at(node, "No compensation event leads to this activity; it never runs.")
            else:
                yield look.at(node, "Nothing leads to this element; it never runs. Connect it or remove it.")


@rule("No end", "No path of the level ends, so a case goes round in it for ever. Draw an end event.")
def no_end(look: Look) -> Iterator[Found]:
    for place in look.places:
        nodes = place.scope.nodes.values()
        if nodes and not any(n.kind is NodeKind.END for n in nodes):
            yield _of(look, place, "No path of this level ever ends. Draw an end event.")


@rule(
    "No way to an end",
    "A case that comes here goes round for ever: no path leads from it to an end. Draw a way out.",
    whole=True,
)
def no_way_to_end(look: Look) -> Iterator[Found]:
    for place in look.places:
        nodes = place.scope.nodes
        ends = [n.id for n in nodes.values() if n.kind is NodeKind.END]
        killed = any(n.kind is NodeKind.END and n.event and n.event.kind in KILLS for n in nodes.values())
        if not ends or killed or place.ended_from_outside():
            continue
        before: dict[str, list[str]] = {}
        for node in nodes.values():
            for follower in place.followers(node):
                before.setdefault(follower.id, []).append(node.id)
        leads, waiting = set(ends), ends
        while waiting:
            for earlier in before.get(waiting.pop(), ()):
                if earlier not in leads:
                    leads.add(earlier)
                    waiting.append(earlier)
        reached = place.reach(*(n for n in nodes.values() if n.kind is NodeKind.START))
        lost = [n for n in nodes.values() if n.id in reached - leads and not n.synthetic]
        if lost:
            first = min(lost, key=lambda n: n.line)
            yield look.at(
                first,
                f'From "{look.called(first)}" no path leads to an end ({len(lost)} elements go round for ever). '
                "Draw a way out.",
            )


@rule(
    "The boundary event leads nowhere",
    "When it happens nobody is told and nothing follows: its path ends at once. Draw what should happen.",
)
def boundary_without_flow(look: Look) -> Iterator[Found]:
    for place, node in look.of(NodeKind.BOUNDARY):
        if all(f.synthetic and f.kind is NodeKind.END for f in place.followers(node)):
            yield look.at(node, "Nothing follows the boundary event; its path ends at once.")


@rule("An empty sub-process", "The sub-process does nothing. Draw its steps, or remove it.", whole=True)
def sub_process_empty(look: Look) -> Iterator[Found]:
    for _, node in look.of(NodeKind.SUB_PROCESS, NodeKind.TRANSACTION):
        if node.scope and all(
            n.kind in {NodeKind.START, NodeKind.END} and n.event is None for n in node.scope.nodes.values()
        ):
            yield look.at(node, "The sub-process holds nothing to do. Draw its steps, or remove it.")


@rule(
    "Nested too deep",
    f"Sub-processes more than {DEEP} deep cannot be read on one screen. Move the inner ones into a called process.",
)
def nested_deep(look: Look) -> Iterator[Found]:
    for place in look.places:
        depth = sum(1 for _ in place.within()) - 1
        if depth == DEEP + 1 and place.holder is not None:
            yield look.at(
                place.holder,
                f"The sub-process is the {depth}th inside another. Move inner ones into a called process.",
            )


@rule(
    "Not on the diagram",
    "The element runs but has no shape or line, so nobody sees it or the cases that wait in it. Draw it.",
)
def not_drawn(look: Look) -> Iterator[Found]:
    shown = look.facts.shown
    drawn = [node for _, node in look.nodes if look.facts.tags.get(node.element)]
    if not drawn:
        return
    if not any(node.element in shown for node in drawn):
        yield look.at_process(
            "The file has no diagram of this process: people see its steps as a list only. Draw it in a modelling tool."
        )
        return
    for node in drawn:
        if node.element not in shown:
            yield look.at(node, "The element has no shape in the diagram, so nobody sees it. Draw it.")
    for place in look.places:
        for flow in place.scope.flows.values():
            if flow.element in look.facts.tags and flow.element not in shown:
                source = place.scope.nodes[flow.source]
                yield look.at_flow(
                    flow, "The flow has no line in the diagram, so nobody sees it. Draw it.", otherwise=source
                )


@rule(
    "The name is too long",
    f"A name of more than {LONG} letters does not fit into an inbox or a diagram. Shorten it; "
    "put the rest into the documentation.",
)
def name_long(look: Look) -> Iterator[Found]:
    for _, node in look.nodes:
        length = len(plain(node.name))
        if length > LONG and node.kind in ACTIVITIES:
            yield look.at(
                node, f"The name has {length} letters. Shorten it; the rest belongs into the documentation."
            )


@rule(
    "Two tasks of one name",
    "Officers of one lane see two kinds of task under the same name and cannot tell them apart. Say in the name what is different.",
)
def name_twice(look: Look) -> Iterator[Found]:
    seen: dict[tuple[object, ...], Node] = {}
    for _, node in look.of(NodeKind.USER_TASK):
        name = plain(node.name).casefold()
        if not name:
            continue
        first = seen.setdefault((node.lane, name), node)
        if first is not node:
            yield look.at(
                node,
                f'"{first.element}" in the same lane has the same name, "{plain(node.name)}". Say what is different.',
            )


def _of(look: Look, place: Place, message: str) -> Found:
    return look.at_process(message) if place.holder is None else look.at(place.holder, message)
