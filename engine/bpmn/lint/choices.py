"""Rules of gateways and their conditions."""

from collections.abc import Iterator

from engine.bpmn.lint.conditions import DECIDE, always, flows_out, one_holds
from engine.bpmn.lint.look import Look, Place
from engine.bpmn.lint.rule import Found, rule
from engine.bpmn.model import Flow, NodeKind


@rule(
    "No default flow",
    "A case for which no condition holds stops here until an operator helps. Mark the flow that is taken then as the default.",
)
def no_default(look: Look) -> Iterator[Found]:
    for place, node in look.of(*DECIDE):
        flows = flows_out(place, node)
        conditions = [f.condition for f in flows if f.condition is not None]
        if (
            len(flows) > 1
            and node.default is None
            and len(conditions) == len(flows)
            and not one_holds(conditions)
        ):
            yield look.at(
                node,
                "The gateway has no default flow; a case for which no condition holds stops here. "
                "Mark one flow as default.",
            )


@rule("The gateway does nothing", "It has one way in and one way out. Remove it.")
def gateway_idle(look: Look) -> Iterator[Found]:
    for place, node in look.of(NodeKind.PARALLEL, *DECIDE):
        flows = flows_out(place, node)
        if (
            look.drawn_as_gateway(node)
            and len(node.incoming) <= 1
            and len(flows) == 1
            and flows[0].condition is None
        ):
            yield look.at(node, "The gateway neither splits nor joins. Remove it.")


@rule(
    "Joins and splits at once",
    "One gateway waits for several branches and opens several new ones; readers see only one of the two. "
    "Draw a joining gateway and a splitting one.",
)
def splits_and_joins(look: Look) -> Iterator[Found]:
    for _, node in look.of(NodeKind.PARALLEL, NodeKind.INCLUSIVE):
        if look.drawn_as_gateway(node) and len(node.incoming) > 1 and len(node.outgoing) > 1:
            yield look.at(
                node,
                f"The gateway joins {len(node.incoming)} flows and splits into {len(node.outgoing)} at once. "
                "Draw two gateways.",
            )


@rule(
    "All ways lead to the same step",
    "The conditions are looked at, but whatever they say the same follows. Lead the flows where they should go.",
)
def choice_without_effect(look: Look) -> Iterator[Found]:
    for place, node in look.of(NodeKind.EXCLUSIVE):
        flows = flows_out(place, node)
        if len(flows) > 1 and len({_target(place, flow) for flow in flows}) == 1:
            yield look.at(
                node, "Every flow out of the gateway leads to the same step, so nothing is decided here."
            )


@rule(
    "Two flows with the same condition",
    "The flows are asked in turn and the first one wins: the second is never taken. Correct one of the conditions.",
)
def same_condition(look: Look) -> Iterator[Found]:
    for place, node in look.of(NodeKind.EXCLUSIVE):
        seen: dict[str, Flow] = {}
        for flow in flows_out(place, node):
            if flow.condition is None or flow.id == node.default:
                continue
            first = seen.setdefault(flow.condition.code, flow)
            if first is not flow:
                yield look.at_flow(
                    flow,
                    f'"{first.element}" has the same condition and is asked first; this flow is never taken.',
                    otherwise=node,
                )


@rule(
    "A condition that is always the same",
    "The condition reads no variable, so every case goes the same way. Write what it should ask.",
)
def condition_constant(look: Look) -> Iterator[Found]:
    for place, node in look.nodes:
        for flow in flows_out(place, node):
            if flow.condition is None or flow.condition.names or not flow.element:
                continue
            if (value := always(flow.condition)) is not None:
                yield look.at_flow(
                    flow,
                    f"The condition {flow.condition.source} is always {'true' if value else 'false'}. "
                    "Write what it should ask, or make the flow the default.",
                    otherwise=node,
                )


@rule(
    "The gateway has no name",
    "History and diagram cannot say what was decided: the gateway asks nothing and its flows carry no answers. "
    "Write the question at the gateway, or the answers at its flows.",
)
def gateway_without_name(look: Look) -> Iterator[Found]:
    for place, node in look.of(*DECIDE):
        flows = flows_out(place, node)
        if not look.drawn_as_gateway(node) or node.name is not None or len(flows) < 2:
            continue
        silent = [f for f in flows if f.element not in look.facts.labels and f.id != node.default]
        if silent:
            yield look.at(
                node, "The gateway has no name, and not all of its flows have one. Write what is decided."
            )


def _target(place: Place, flow: Flow) -> str:
    """The step that a flow leads to, past nodes that nobody drew."""
    node = place.scope.nodes[flow.target]
    while node.synthetic and len(node.outgoing) == 1:
        node = place.scope.nodes[place.scope.flows[node.outgoing[0]].target]
    return node.id
