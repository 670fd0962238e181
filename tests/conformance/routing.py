"""Sequence flows and gateways."""

from collections.abc import Iterator

from tests.conformance.activities import _refused, _runs, passes_on
from tests.conformance.case import Case
from tests.conformance.events import AROUND
from tests.unit.bpmn.harness import Play, flow_if, flows

GATEWAYS = "tests/unit/bpmn/test_gateways.py::"


def _split(kind: str, ways: str, more: str = "") -> str:
    return f'<startEvent id="s"/><{kind} id="g" {more}/>{ways}<endEvent id="e"/>' + flows("s g")


def cases() -> Iterator[Case]:
    group = "Flows and gateways"
    two = '<userTask id="a"/><userTask id="h"/>'
    chosen = two + flow_if("g", "a", "${n == 1}") + flow_if("g", "h", "${n == 2}") + flows("a e", "h e")
    yield _runs(
        "sequence_flow",
        "sequence flow",
        ("sequenceFlow",),
        '<startEvent id="s"/><userTask id="h"/><endEvent id="e"/>' + flows("s h", "h e"),
        passes_on,
        group=group,
    )
    yield _runs(
        "exclusive",
        "exclusive gateway, split",
        ("exclusiveGateway", "conditionExpression"),
        _split("exclusiveGateway", chosen),
        passes_on,
        data={"n": 2},
        group=group,
    )
    yield _runs(
        "exclusive-default", "default flow", ("default",),
        _split("exclusiveGateway", two + flow_if("g", "a", "${n == 1}") + flows("g h", "a e", "h e"), 'default="g_h"'),
        passes_on, data={"n": 9}, group=group,
    )  # fmt: skip

    def each(case: Play) -> None:
        assert case.tasks == ["h", "h"]
        case.complete_all(["h", "h"])
        assert case.done

    merged = (
        '<startEvent id="s"/><parallelGateway id="g"/><task id="a"/><task id="b"/>{merge}<userTask id="h"/>'
        '<endEvent id="e"/>' + flows("s g", "g a", "g b", "a j", "b j", "j h", "h e")
    )
    yield _runs(
        "exclusive-merge",
        "exclusive gateway, merge: each token goes on",
        ("exclusiveGateway",),
        merged.format(merge='<exclusiveGateway id="j"/>'),
        each,
        group=group,
    )
    yield _runs(
        "implicit_merge", "several flows into an activity: each token begins it", ("sequenceFlow",),
        merged.format(merge="").replace("a_j", "a_h").replace("b_j", "b_h").replace('targetRef="j"', 'targetRef="h"').replace(
            '<sequenceFlow id="j_h" sourceRef="j" targetRef="h"/>', ""
        ),
        each, group=group,
    )  # fmt: skip
    yield _runs(
        "parallel",
        "parallel gateway, split and join",
        ("parallelGateway",),
        merged.format(merge='<parallelGateway id="j"/>'),
        passes_on,
        group=group,
        also=(GATEWAYS + "test_a_join_in_a_loop_waits_for_both_branches_in_every_round",),
    )
    some = (
        '<startEvent id="s"/><inclusiveGateway id="g"/><userTask id="a"/><userTask id="b"/><userTask id="c"/>'
        '<inclusiveGateway id="j"/><userTask id="h"/><endEvent id="e"/>'
        + flow_if("g", "a", "${n > 0}") + flow_if("g", "b", "${n > 1}") + flow_if("g", "c", "${n > 2}")
        + flows("s g", "a j", "b j", "c j", "j h", "h e")
    )  # fmt: skip

    def both(case: Play) -> None:
        assert case.tasks == ["a", "b"]
        case.complete("a")
        assert case.tasks == ["b"]
        case.complete("b")
        passes_on(case)

    yield _runs(
        "inclusive",
        "inclusive gateway, split and join",
        ("inclusiveGateway",),
        some,
        both,
        data={"n": 2},
        group=group,
        also=(GATEWAYS + "test_an_inclusive_join_fires_when_the_missing_branch_dies",),
    )
    yield _runs(
        "conditional_flows", "conditional flows out of an activity", ("conditionExpression",),
        '<startEvent id="s"/><task id="g"/>' + chosen + '<endEvent id="e"/>' + flows("s g"), passes_on, data={"n": 2}, group=group,
        also=(GATEWAYS + "test_conditional_flows_from_a_task_take_all_that_hold",),
    )  # fmt: skip

    def in_parallel(case: Play) -> None:
        assert case.tasks == ["a", "h"]
        case.complete("a")
        passes_on(case)

    yield _runs(
        "implicit_split",
        "several flows out of an activity: all are taken",
        ("sequenceFlow",),
        '<startEvent id="s"/><task id="g"/>'
        + two
        + '<endEvent id="e"/>'
        + flows("s g", "g a", "g h", "a e", "h e"),
        in_parallel,
        group=group,
    )
    yield _runs(
        "implicit_end",
        "activity without a flow out of it",
        ("sequenceFlow",),
        '<startEvent id="s"/><userTask id="h"/>' + flows("s h"),
        passes_on,
        group=group,
    )
    yield _runs(
        "implicit_start",
        "process without a start event",
        ("process",),
        '<userTask id="h"/><endEvent id="e"/>' + flows("h e"),
        passes_on,
        group=group,
    )
    first = (
        '<startEvent id="s"/><eventBasedGateway id="g"{more}/>'
        '<intermediateCatchEvent id="m1"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>'
        '<intermediateCatchEvent id="t1"><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>'
        '</intermediateCatchEvent><userTask id="h"/><userTask id="late"/><endEvent id="e"/>'
        + flows("s g", "g m1", "g t1", "m1 h", "t1 late", "h e", "late e")
    )

    def decides(case: Play) -> None:
        case.message("M")
        assert case.deadlines == []
        passes_on(case)

    yield _runs(
        "event_based",
        "event-based gateway",
        ("eventBasedGateway",),
        first.format(more=""),
        decides,
        around=AROUND,
        group=group,
    )
    yield _refused(
        "event_based-parallel",
        "event-based gateway, parallel",
        ("eventGatewayType",),
        first.format(more=' eventGatewayType="Parallel"'),
        "not_supported",
        "g",
        around=AROUND,
        group=group,
    )
    yield _runs(
        "event_based-instantiate", "event-based gateway that starts the case (instantiate)", ("instantiate",),
        first.replace('<startEvent id="s"/>', "").replace('<sequenceFlow id="s_g" sourceRef="s" targetRef="g"/>', "").format(more=' instantiate="true"'),
        passes_on, around=AROUND, group=group, start="m1",
        also=("tests/usecases/test_starts.py::test_a_gateway_that_instantiates_starts_a_case_by_each_of_its_events",),
    )  # fmt: skip
    yield _runs(
        "complex",
        "complex gateway, joining by its activation condition",
        ("complexGateway", "activationCondition"),
        merged.format(
            merge='<complexGateway id="j"><activationCondition>${activationCount &gt;= 1}</activationCondition></complexGateway>'
        ),
        passes_on,
        group=group,
        also=(GATEWAYS + "test_a_complex_gateway_goes_on_with_two_of_three_and_takes_the_third_away",),
    )
