"""What BPMN leaves implicit is drawn, and the invariants of a scope hold for every file."""

import pytest

from engine.bpmn.model import NodeKind, Process, Scope
from engine.bpmn.reading.scopes import GATEWAYS
from tests.unit.reading.files import (
    around,
    errors,
    flow,
    model,
    node,
    one,
    process,
    read,
    warnings,
)


def assert_explicit(scope: Scope) -> None:
    """The invariants that ``Scope`` promises."""
    for flow_ in scope.flows.values():
        assert flow_.id in scope.nodes[flow_.source].outgoing
        assert flow_.id in scope.nodes[flow_.target].incoming
    ends = [(f.source, f.target) for f in scope.flows.values()]
    assert len(ends) == len(set(ends))
    for found in scope.nodes.values():
        ended = found.kind in {NodeKind.END, NodeKind.EVENT_SUB_PROCESS} or found.is_compensation_handler
        assert bool(found.outgoing) is not ended, found
        if found.kind not in GATEWAYS:
            assert len(found.outgoing) <= 1, found
            assert not any(scope.flows[f].condition for f in found.outgoing)
        if found.default is not None:
            assert found.default in found.outgoing


def paths(found: Process) -> set[tuple[str, str]]:
    return {(f.source, f.target) for f in found.scope.flows.values()}


@pytest.mark.parametrize("number", ["05", "06", "07", "08", "09", "10", "11", "13", "14", "15", "21"])
def test_a_real_model_is_drawn_out(number: str) -> None:
    content, _ = model(number)
    for found in read(content).processes:
        for scope in [found.scope, *(n.scope for n in found.nodes() if n.scope)]:
            assert_explicit(scope)


def test_flows_without_ids_get_the_same_ids_every_time() -> None:
    content = process('<startEvent id="s"/><endEvent id="e"/><sequenceFlow sourceRef="s" targetRef="e"/>')
    [made] = one(content).scope.flows
    assert made == "s.to.e"
    assert next(iter(one(content).scope.flows.values())).element == ""


def test_a_node_without_an_id_is_named_after_what_it_is() -> None:
    found = one(
        process('<startEvent id="s"/><userTask name="Check"/>' + "<endEvent id='e'/>" + flow("s", "e"))
    )
    assert "userTask_without_id" in found.scope.nodes


def test_several_flows_out_of_a_task_split_in_parallel() -> None:
    found = one(
        process(
            '<startEvent id="s"/><task id="a"/><task id="b"/><task id="c"/>'
            + flow("s", "a") + flow("a", "b") + flow("a", "c")
        )
    )  # fmt: skip
    gateway = node(found, "a.split")
    assert gateway.kind is NodeKind.PARALLEL
    assert gateway.synthetic
    assert gateway.element == "a"
    assert gateway.outgoing == ["a_b", "a_c"]


def test_conditional_flows_out_of_a_start_event_split_inclusively() -> None:
    content, _ = model("06")
    found = one(content)
    gateway = node(found, "theStart.split")
    assert gateway.kind is NodeKind.INCLUSIVE
    assert [found.scope.flows[f].condition is not None for f in gateway.outgoing] == [True, True, True]
    assert {t for s, t in paths(found) if s == "theStart.split"} == {
        "inclusiveGw",
        "flow2.pass",
        "flow3.pass",
    }


def test_an_unconditioned_flow_beside_conditional_ones_is_always_taken() -> None:
    found = one(
        process(
            '<startEvent id="s"/><task id="a"/><task id="b"/><task id="c"/>'
            + flow("s", "a") + flow("a", "b", "${big}") + flow("a", "c")
        )
    )  # fmt: skip
    condition = found.scope.flows["a_c"].condition
    assert condition is not None
    assert condition.code == "True"


def test_the_default_of_a_task_goes_to_its_split() -> None:
    found = one(
        process(
            '<startEvent id="s"/><task id="a" default="a_c"/><task id="b"/><task id="c"/>'
            + flow("s", "a") + flow("a", "b", "${big}") + flow("a", "c")
        )
    )  # fmt: skip
    assert node(found, "a.split").default == "a_c"
    assert node(found, "a").default is None
    assert found.scope.flows["a_c"].condition is None


def test_a_lonely_conditional_flow_is_still_asked() -> None:
    found = one(
        process(around("<task id='work'/>").replace(flow("work", "end"), flow("work", "end", "${ok}")))
    )
    assert node(found, "work.split").kind is NodeKind.INCLUSIVE


def test_what_has_no_outgoing_flow_ends() -> None:
    found = one(process('<startEvent id="s"/><userTask id="a"/>' + flow("s", "a")))
    assert node(found, "a.end").kind is NodeKind.END
    assert node(found, "a.end").synthetic


def test_a_sub_process_without_start_begins_everywhere_nothing_leads() -> None:
    reading = read(
        process(
            around(
                '<subProcess id="work"><task id="a"/><task id="b"/><task id="c"/>'
                + flow("a", "b")
                + "</subProcess>"
            )
        )
    )
    [found] = reading.processes
    inner = node(found, "work").scope
    assert inner is not None
    assert_explicit(inner)
    assert inner.nodes["work.start"].kind is NodeKind.START
    assert {inner.flows[f].target for f in inner.nodes["work.split"].outgoing} == {"a", "c"}
    assert ("no_start_event", "work") in warnings(reading)


def test_a_link_becomes_a_flow_through_its_two_events() -> None:
    content, _ = model("13")
    found = one(content)
    throw = next(n for n in found.nodes() if n.kind is NodeKind.EXCLUSIVE and "Throw" in n.id)
    [out] = throw.outgoing
    catch = found.scope.nodes[found.scope.flows[out].target]
    assert catch.kind is NodeKind.EXCLUSIVE
    assert not throw.synthetic
    assert throw.element == throw.id


def test_a_standard_loop_asks_after_each_pass() -> None:
    found = one(
        process(
            around(
                '<userTask id="work"><standardLoopCharacteristics><loopCondition>${again}</loopCondition>'
                "</standardLoopCharacteristics></userTask>"
            )
        )
    )
    assert paths(found) == {
        ("start", "work"),
        ("work", "work.loop"),
        ("work.loop", "work"),
        ("work.loop", "end"),
    }
    assert node(found, "work.loop").default == "work_end"


def test_a_loop_that_tests_first_asks_before_the_first_pass() -> None:
    found = one(
        process(
            around(
                '<userTask id="work"><standardLoopCharacteristics testBefore="true">'
                "<loopCondition>${again}</loopCondition></standardLoopCharacteristics></userTask>"
            )
        )
    )
    assert ("start", "work.loop") in paths(found)
    assert ("start", "work") not in paths(found)


def test_flows_side_by_side_stay_several() -> None:
    found = one(
        process(
            '<startEvent id="s"/><parallelGateway id="g"/><task id="a"/>'
            + flow("s", "g") + flow("g", "a", name="one") + flow("g", "a", name="two")
        )
    )  # fmt: skip
    assert paths(found) >= {("g", "a"), ("g", "two.pass"), ("two.pass", "a")}


def test_compensation_ties_the_activity_to_its_handler() -> None:
    found = one(
        process(
            around('<userTask id="work"/>')
            + '<boundaryEvent id="undo_it" attachedToRef="work"><compensateEventDefinition/></boundaryEvent>'
            '<userTask id="undo" isForCompensation="true"/>'
            '<association sourceRef="undo_it" targetRef="undo"/>'
        )
    )
    assert node(found, "work").compensation == "undo"
    assert node(found, "undo").is_compensation_handler
    assert "undo_it" not in found.scope.nodes


def test_an_exclusive_gateway_with_two_unmarked_flows_is_refused() -> None:
    reading = read(
        process(
            '<startEvent id="s"/><exclusiveGateway id="g"/><task id="a"/><task id="b"/>'
            + flow("s", "g") + flow("g", "a") + flow("g", "b")
        )
    )  # fmt: skip
    assert errors(reading) == [("two_flows_without_condition", "g")]


def test_a_last_flow_without_condition_is_taken_as_the_default() -> None:
    reading = read(
        process(
            '<startEvent id="s"/><exclusiveGateway id="g"/><task id="a"/><task id="b"/>'
            + flow("s", "g") + flow("g", "a", "${x}") + flow("g", "b")
        )
    )  # fmt: skip
    assert errors(reading) == []
    assert node(reading.processes[0], "g").default == "g_b"
    assert ("flow_without_condition", "g") in warnings(reading)
