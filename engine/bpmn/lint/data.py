"""Rules of data: what is read, what sets it, and what two people set at once."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from engine.bpmn.lint.conditions import compared, flows_out
from engine.bpmn.lint.look import Look, Place
from engine.bpmn.lint.rule import Found, rule
from engine.bpmn.model import ActionKind, Assignment, EventKind, Expr, Flow, Listener, Node, NodeKind

COUNTERS = frozenset(
    {
        "loopCounter",
        "nrOfInstances",
        "nrOfActiveInstances",
        "nrOfCompletedInstances",
        "activationCount",
        "waitingForStart",
    }
)
CARRIES_DATA = frozenset({EventKind.MESSAGE, EventKind.SIGNAL, EventKind.ERROR, EventKind.ESCALATION})
SHORTEST, LONGEST = 5, 64
"""Letters of the names that are compared for a slip of the pen."""

MOST_STEPS = 300_000


@dataclass(slots=True)
class Written:
    """What sets variables.

    Attributes:
        ways: variable → for each place that sets it, the values it can give; None where it may give anything.
        open_at: what may set variables of any name (a message, a form that is not known); None: nothing.
    """

    ways: dict[str, list[frozenset[str] | None]] = field(default_factory=dict)
    open_at: str | None = None

    def add(self, name: str | None, values: frozenset[str] | None = None) -> None:
        if name:
            self.ways.setdefault(name, []).append(values)

    def anything(self, who: str) -> None:
        self.open_at = self.open_at or who


def written(look: Look) -> Written:
    """Everything that sets a variable of the process."""
    found = Written()
    _form(look, found, look.settings.start_form or look.process.start_form, look.process.key)
    if look.is_called:
        found.anything("the call")
    for name in (*COUNTERS, look.settings.initiator):
        found.add(name)
    for node in look.process.nodes():
        _node(look, found, node)
    for listener in _listeners(look):
        for name in set_by(listener):
            found.add(name)
    return found


def set_by(listener: Listener) -> Iterator[str]:
    """Variables that a listener sets."""
    if listener.script is not None:
        yield from listener.script.assigns
    yield from (a.target for a in listener.actions if a.kind in {ActionKind.SET, ActionKind.SET_LOCAL})


def _listeners(look: Look) -> Iterator[Listener]:
    for place in look.places:
        yield from place.scope.listeners
        for node in place.scope.nodes.values():
            yield from node.listeners
        for flow in place.scope.flows.values():
            yield from flow.listeners


def _form(look: Look, found: Written, key: str | None, who: str) -> None:
    answers = look.answers.get(key or "")
    if answers is None:
        found.anything(who)
        return
    for name, values in answers.items():
        found.add(name, values)


def _node(look: Look, found: Written, node: Node) -> None:
    for mapping in (*node.inputs, *node.outputs):
        _mapping(found, mapping, node)
    if node.script is not None:
        for name in node.script.assigns:
            found.add(name)
    found.add(node.initiator)
    if node.decision is not None:
        found.add(node.decision.result_variable)
    if node.loop is not None:
        found.add(node.loop.item)
        found.add(node.loop.output_collection)
    if node.service is not None:
        found.add(node.service.result_variable)
        if node.service.result_variable is None and not node.only_outputs:
            found.anything(node.element)
    if node.work is not None:
        found.add(node.work.done_by)
        if node.only_outputs:
            for name, values in (look.answers.get(node.work.form or "") or {}).items():
                found.add(name, values)
        else:
            _form(look, found, node.work.form, node.element)
    if node.called is not None:
        for mapping in node.called.outputs:
            _mapping(found, mapping, node)
    if node.event is not None:
        found.add(node.event.code_variable)
        found.add(node.event.message_variable)
        catches = node.kind not in {NodeKind.END, NodeKind.THROW, NodeKind.SEND_TASK}
        if catches and node.event.kind in CARRIES_DATA and not node.only_outputs:
            found.anything(node.element)


def _mapping(found: Written, mapping: Assignment, node: Node) -> None:
    if mapping.all_variables:
        found.anything(node.element)
    else:
        found.add(mapping.target)


@rule(
    "A variable that nothing sets",
    "The expression reads a variable that no form, script, mapping or decision of the process sets: most likely its name is "
    "mistyped. The case stops there with an incident.",
    whole=True,
)
def variable_unset(look: Look) -> Iterator[Found]:
    sources = written(look)
    names = _Names(sources.ways.keys())
    told: set[str] = set()
    for text, read, node, flow in _reads(look):
        for name in sorted(read - sources.ways.keys() - told):
            near = names.near(name, sure=sources.open_at is not None)
            if near is None and sources.open_at is not None:
                continue
            told.add(name)
            hint = (
                f'"{near}" is set: compare the names.'
                if near is not None
                else "Set it in a form, a script or a mapping, or correct the name."
            )
            message = f'{_short(text)} reads "{name}", which nothing here sets. {hint}'
            yield look.at_flow(flow, message, otherwise=node) if flow else look.at(node, message)


@rule(
    "An answer that the form does not offer",
    "The condition compares with a value that none of the choices in the form has, so it never holds. "
    "Compare both; capitals and spaces count.",
    whole=True,
)
def value_not_offered(look: Look) -> Iterator[Found]:
    sources = written(look)
    if sources.open_at is not None:
        return
    for place, node in look.nodes:
        for flow in flows_out(place, node):
            for name, value in compared(flow.condition):
                offered = _offered(sources.ways.get(name, ()))
                if offered and value not in offered:
                    yield look.at_flow(
                        flow,
                        f'The condition waits for {name} = "{value}", but the forms offer only '
                        f"{', '.join(sorted(offered)[:8])}.",
                        otherwise=node,
                    )


@rule(
    "Two people enter the same answer at once",
    "The tasks are done side by side and set the same variable, so whoever finishes last wins and the other answer is lost. "
    "Give the fields keys of their own.",
)
def answers_collide(look: Look) -> Iterator[Found]:
    for place in look.places:
        nodes = place.scope.nodes.values()
        splits = [n for n in nodes if n.kind is NodeKind.PARALLEL and len(n.outgoing) > 1]
        filled = [n for n in nodes if n.work is not None and n.work.form in look.answers]
        if len(filled) > 1 and sum(len(s.outgoing) for s in splits) * len(nodes) <= MOST_STEPS:
            for split in splits:
                yield from _collisions(look, place, split)


def _collisions(look: Look, place: Place, split: Node) -> Iterator[Found]:
    """Tasks of different branches, before the branches meet again, whose forms share a key."""
    reached = [place.reach(place.scope.nodes[place.scope.flows[f].target]) for f in split.outgoing]
    setters: dict[str, tuple[int, Node]] = {}
    for branch, own in enumerate(reached):
        others = set().union(*(r for n, r in enumerate(reached) if n != branch))
        for node_id in sorted(own - others):
            node = place.scope.nodes[node_id]
            if node.work is None or node.only_outputs or node.loop is not None:
                continue
            local = {mapping.target for mapping in node.inputs}
            for key in sorted((look.answers.get(node.work.form or "") or {}).keys() - local):
                at, first = setters.setdefault(key, (branch, node))
                if at != branch:
                    yield look.at(
                        node,
                        f'The task sets "{key}", as "{look.called(first)}" does beside it; the one that ends last wins. '
                        "Give the fields keys of their own.",
                    )
                    break


def _offered(ways: Sequence[frozenset[str] | None]) -> set[str]:
    """Every value that some form offers; empty when it can be anything."""
    values: set[str] = set()
    for way in ways:
        if way is None:
            return set()
        values |= way
    return values


class _Names:
    """Finds a name that differs from another by its capitals or by one slip of the pen: a letter more, less, other, swapped."""

    def __init__(self, known: Collection[str]) -> None:
        self._plain = {name.casefold(): name for name in known}
        self._without: dict[str, str] = {}
        for name in known:
            for shorter in _without_one(name):
                self._without.setdefault(shorter, name)

    def near(self, name: str, *, sure: bool) -> str | None:
        """``sure``: leave out what may well be two words, such as ``approver`` and ``approved``, ``paper`` and ``papers``."""
        if (same := self._plain.get(name.casefold())) is not None:
            return same
        if len(name) < SHORTEST:
            return None
        for shorter in (name, *_without_one(name)):
            other = self._without.get(shorter) or self._plain.get(shorter.casefold())
            if other is None or len(other) < SHORTEST or _digits(other) != _digits(name):
                continue
            if not sure or _slip(name, other):
                return other
        return None


def _slip(name: str, other: str) -> bool:
    """Whether two names differ by two swapped letters, or by one letter too many that is not their ending."""
    if len(name) == len(other):
        return sorted(name) == sorted(other)
    return name[-1] == other[-1]


def _without_one(name: str) -> Iterator[str]:
    if len(name) <= LONGEST:
        yield from (name[:at] + name[at + 1 :] for at in range(len(name)))


def _digits(name: str) -> str:
    return "".join(letter for letter in name if letter.isdigit())


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 80 else f"{text[:79]}…"


def _reads(look: Look) -> Iterator[tuple[str, frozenset[str], Node, Flow | None]]:
    """Every expression and script of the process: text, names, and the node and perhaps the flow where it stands."""
    for place in look.places:
        for node in place.scope.nodes.values():
            for expr in _of_node(node):
                yield expr.source, expr.names, node, None
            if node.script is not None:
                yield "The script", node.script.names, node, None
            for flow_id in node.outgoing:
                flow = place.scope.flows[flow_id]
                if flow.condition is not None:
                    yield flow.condition.source, flow.condition.names, node, flow


def _of_node(node: Node) -> Iterator[Expr]:
    event, work, loop = node.event, node.work, node.loop
    single: list[Expr | None] = [node.name]
    mappings: list[Assignment] = [*node.inputs, *node.outputs]
    if event is not None:
        single += [event.name, event.timer, event.condition, event.correlation]
        mappings += event.payload
    if work is not None:
        single += [work.assignee, *work.candidate_users, *work.candidate_groups]
        single += [work.due, work.follow_up, work.priority]
    if loop is not None:
        single += [loop.cardinality, loop.collection, loop.completion, loop.again, loop.output_item]
    if node.service is not None:
        single += node.service.expressions.values()
    if node.called is not None:
        mappings += node.called.inputs  # outputs are read among the called process's variables
    single += [action.value for listener in node.listeners for action in listener.actions]
    yield from (expr for expr in (*single, *(m.value for m in mappings)) if expr is not None)
