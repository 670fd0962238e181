"""Splits and joins: tokens are counted by incoming flow, in loops too."""

import pytest

from engine.errors import StepFailed
from tests.unit.bpmn.conftest import Begin
from tests.unit.bpmn.harness import flow_if, flows, process

FORK = process(
    '<startEvent id="s"/><parallelGateway id="fk"/><userTask id="a"/><userTask id="b"/><parallelGateway id="jn"/>'
    '<userTask id="c"/><endEvent id="e"/>' + flows("s fk", "fk a", "fk b", "a jn", "b jn", "jn c", "c e")
)


def looped(gateway: str, conditions: tuple[str, str] | None) -> str:
    split = (
        flows("fk a", "fk b")
        if conditions is None
        else flow_if("fk", "a", conditions[0]) + flow_if("fk", "b", conditions[1])
    )
    return process(
        f'<startEvent id="s"/><exclusiveGateway id="m"/><{gateway} id="fk"/><userTask id="a"/><userTask id="b"/>'
        f'<{gateway} id="jn"/><userTask id="c"/><exclusiveGateway id="g" default="g_e"/><endEvent id="e"/>'
        + flows("s m", "m fk", "a jn", "b jn", "jn c", "c g", "g e")
        + split
        + flow_if("g", "m", "${again}")
    )


@pytest.mark.parametrize(
    "xml",
    [
        looped("parallelGateway", None),
        looped("inclusiveGateway", ("${x == 1}", "${x < 5}")),
    ],
    ids=["parallel", "inclusive"],
)
def test_a_join_in_a_loop_waits_for_both_branches_in_every_round(begin: Begin, xml: str) -> None:
    case = begin(xml, data={"again": True, "x": 1})
    for first, second in (("a", "b"), ("b", "a"), ("b", "a"), ("a", "b")):
        assert case.tasks == ["a", "b"]
        case.complete(first)
        assert case.tasks == [second]
        case.complete(second)
        assert case.tasks == ["c"]
        case.complete("c", again=True)
    case.complete_all("ab")
    case.complete("c", again=False)
    assert case.done


def test_parallel_branches_lose_nothing(begin: Begin) -> None:
    case = begin(FORK, data={"shared": ["o"], "x": 0})
    case.complete("a", shared=["o", "a"], x=1, from_a=1)
    case.complete("b", shared=["o", "a", "b"], from_b=2)
    assert case.data == {"shared": ["o", "a", "b"], "x": 1, "from_a": 1, "from_b": 2}


def test_an_inclusive_join_fires_when_the_missing_branch_dies(begin: Begin) -> None:
    case = begin(
        process(
            '<startEvent id="s"/><inclusiveGateway id="o"/><userTask id="a"/><userTask id="b"/>'
            '<inclusiveGateway id="j"/><userTask id="z"/><endEvent id="e"/>'
            + flows("s o", "a j", "b j", "j z", "z e", "bt dead")
            + flow_if("o", "a", "${true}")
            + flow_if("o", "b", "${true}")
            + '<boundaryEvent id="bt" attachedToRef="b"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
            '</timerEventDefinition></boundaryEvent><endEvent id="dead"/>'
        )
    )
    case.complete("a")
    assert case.tasks == ["b"]
    case.fire()
    assert case.tasks == ["z"]


def test_an_inclusive_join_waits_for_the_chosen_branches_only(begin: Begin) -> None:
    case = begin(
        process(
            '<startEvent id="s"/><inclusiveGateway id="o"/><userTask id="a"/><userTask id="b"/><userTask id="c"/>'
            '<inclusiveGateway id="j"/><userTask id="z"/><endEvent id="e"/>'
            + flows("s o", "a j", "b j", "c j", "j z", "z e")
            + flow_if("o", "a", "${input > 2}")
            + flow_if("o", "b", "${input > 0}")
            + flow_if("o", "c", "${input > 1}")
        ),
        data={"input": 2},
    )
    assert case.tasks == ["b", "c"]
    case.complete("c")
    assert case.tasks == ["b"]
    case.complete("b")
    assert case.tasks == ["z"]


def test_an_exclusive_merge_passes_each_token(begin: Begin) -> None:
    case = begin(
        process(
            '<startEvent id="s"/><parallelGateway id="fk"/><userTask id="a"/><exclusiveGateway id="m"/>'
            '<userTask id="b"/><endEvent id="e"/>' + flows("s fk", "fk a", "fk m", "a m", "m b", "b e")
        )
    )
    assert case.tasks == ["a", "b"]
    case.complete("a")
    assert case.tasks == ["b", "b"]
    case.complete("b")
    assert not case.done
    case.complete("b")
    assert case.done


DECIDE = process(
    '<startEvent id="s"/><exclusiveGateway id="g"/><userTask id="x"/><userTask id="y"/><endEvent id="e"/>'
    + flows("s g", "x e", "y e")
    + flow_if("g", "x", "${input == 1}")
    + flow_if("g", "y", "${input > 0}")
)


@pytest.mark.parametrize(("given", "task"), [(1, "x"), (2, "y")])
def test_an_exclusive_gateway_takes_the_first_flow_that_holds(begin: Begin, given: int, task: str) -> None:
    assert begin(DECIDE, data={"input": given}).tasks == [task]


def test_a_gateway_without_a_flow_to_take_says_so(begin: Begin) -> None:
    with pytest.raises(StepFailed) as failure:
        begin(DECIDE, data={"input": 0})
    assert failure.value.problem_code == "no_outgoing_flow"
    assert failure.value.detail["element"] == "g"


def test_a_condition_that_is_no_truth_value_is_not_guessed_at(begin: Begin) -> None:
    xml = process(
        '<startEvent id="s"/><exclusiveGateway id="g" default="g_e"/><userTask id="x"/><endEvent id="e"/>'
        + flows("s g", "g e", "x e")
        + flow_if("g", "x", "${permit}")
    )
    with pytest.raises(StepFailed) as failure:
        begin(xml, data={"permit": "false"})
    assert failure.value.problem_code == "expression_failed"
    assert "'false'" in failure.value.message


def test_an_unknown_variable_in_a_condition_stops_the_step(begin: Begin) -> None:
    with pytest.raises(StepFailed) as failure:
        begin(DECIDE)
    assert failure.value.problem_code == "expression_failed"
    assert failure.value.detail["element"] == "g"
    assert "input" in failure.value.message


def test_conditional_flows_from_a_task_take_all_that_hold(begin: Begin) -> None:
    xml = process(
        '<startEvent id="s"/><userTask id="t"/><userTask id="x"/><userTask id="y"/><endEvent id="e"/>'
        + flows("s t", "x e", "y e")
        + flow_if("t", "x", "${v > 1}")
        + flow_if("t", "y", "${v > 2}")
    )
    case = begin(xml)
    case.complete("t", v=3)
    assert case.tasks == ["x", "y"]
    case = begin(xml)
    case.complete("t", v=2)
    assert case.tasks == ["x"]


def test_history_tells_the_flows_that_were_taken_in_order(begin: Begin) -> None:
    case = begin(DECIDE, data={"input": 1})
    case.complete("x")
    assert case.happened == [
        ("passed", "s"),
        ("flow", "s_g"),
        ("passed", "g"),
        ("flow", "g_x"),
        ("passed", "x"),
        ("flow", "x_e"),
        ("passed", "e"),
    ]
    assert case.step.outcome == "e"


EVENTS = process(
    '<startEvent id="s"/><eventBasedGateway id="g"/><intermediateCatchEvent id="c1"><timerEventDefinition>'
    "<timeDuration>PT1H</timeDuration></timerEventDefinition></intermediateCatchEvent>"
    '<receiveTask id="c2" messageRef="m"/><userTask id="x"/><userTask id="y"/><endEvent id="e"/>'
    + flows("s g", "g c1", "g c2", "c1 x", "c2 y", "x e", "y e"),
    around='<message id="m" name="paid"/>',
)


def test_the_first_event_behind_an_event_based_gateway_decides(begin: Begin) -> None:
    case = begin(EVENTS)
    assert (case.messages, len(case.deadlines)) == (["paid"], 1)
    case.message("paid", amount=5)
    assert (case.tasks, case.deadlines) == (["y"], [])
    assert case.data == {"amount": 5}
    assert case.passed() == ["s", "g", "c2"]
    assert case.cancelled() == []
    case = begin(EVENTS)
    case.fire()
    assert (case.tasks, case.messages) == (["x"], [])


def test_a_join_that_waits_in_vain_is_told_when_nothing_else_waits(begin: Begin) -> None:
    xml = process(
        '<startEvent id="s"/><exclusiveGateway id="g" default="g_b"/><userTask id="a"/><userTask id="b"/>'
        '<parallelGateway id="j"/><endEvent id="e"/>'
        + flows("s g", "g b", "a j", "b j", "j e")
        + flow_if("g", "a", "${x == 1}")
    )
    case = begin(xml, data={"x": 1})
    assert case.step.stuck == ()
    case.complete("a")
    assert (case.step.waits, case.done, case.step.stuck) == ((), False, ("j",))


# Complex gateways.


def three_to(gateway: str, after: str = "") -> str:
    """Three tasks a, b, c side by side lead to the gateway ``g``, then task ``z``."""
    return process(
        '<startEvent id="s"/><parallelGateway id="f"/><userTask id="a"/><userTask id="b"/><userTask id="c"/>'
        f'{gateway}<userTask id="z"/><endEvent id="e"/>'
        + flows("s f", "f a", "f b", "f c", "a g", "b g", "c g", "z e")
        + (after or flows("g z"))
    )


def complex_gateway(condition: str) -> str:
    return f'<complexGateway id="g"><activationCondition>{condition}</activationCondition></complexGateway>'


TWO_OF_THREE = complex_gateway("${activationCount &gt;= 2}")


def test_a_complex_gateway_goes_on_with_two_of_three_and_takes_the_third_away(begin: Begin) -> None:
    case = begin(three_to(TWO_OF_THREE))
    case.complete("b")
    assert case.tasks == ["a", "c"]
    case.complete("a")
    assert case.tasks == ["c", "z"]
    case.complete("z")
    assert not case.done
    case.complete("c")
    assert (case.done, case.passed().count("g"), case.passed().count("z")) == (True, 1, 1)


def test_when_it_is_reset_a_conditional_flow_may_ask_which_phase_it_is(begin: Begin) -> None:
    after = (
        '<userTask id="late"/>'
        + flow_if("g", "z", "${waitingForStart}")
        + flow_if("g", "late", "${!waitingForStart && activationCount == 1}")
        + flows("late e")
    )
    case = begin(three_to(TWO_OF_THREE, after))
    case.complete_all(["a", "b"])
    assert case.tasks == ["c", "z"]
    case.complete("c")
    assert case.tasks == ["late", "z"]
    case.complete_all(["late", "z"])
    assert (case.done, dict(case.data)) == (True, {})


def test_it_does_not_wait_to_be_reset_for_a_token_that_cannot_come(begin: Begin) -> None:
    xml = three_to(TWO_OF_THREE).replace(
        '<userTask id="c"/>', '<userTask id="c"/><exclusiveGateway id="x" default="x_g"/>'
    )
    xml = xml.replace('sourceRef="c" targetRef="g"', 'sourceRef="c" targetRef="x"').replace(
        "</process>", flows("x g") + flow_if("x", "e", "${leave}") + "</process>"
    )
    case = begin(xml)
    case.complete_all(["a", "b", "z"])
    assert not case.done
    case.complete("c", leave=True)
    assert case.done


def test_in_a_loop_it_begins_anew_after_it_was_reset(begin: Begin) -> None:
    after = (
        '<exclusiveGateway id="again" default="again_e"/>'
        + flows("g z", "again e")
        + flow_if("again", "f", "${round == 1}")
    )
    xml = three_to(TWO_OF_THREE, after).replace(
        'id="z_e" sourceRef="z" targetRef="e"', 'id="z_again" sourceRef="z" targetRef="again"'
    )
    xml = xml.replace(
        '<sequenceFlow id="s_f" sourceRef="s" targetRef="f"/>',
        '<exclusiveGateway id="m"/>' + flows("s m", "m f"),
    ).replace('id="again_f" sourceRef="again" targetRef="f"', 'id="again_m" sourceRef="again" targetRef="m"')
    case = begin(xml, data={"round": 1})
    case.complete_all(["a", "b"])
    case.complete("z")
    assert case.tasks == ["a", "b", "c", "c"]
    case.complete("c")
    case.complete_all(["a", "b"])
    assert case.tasks == ["c", "z"]
    case.complete("z", round=2)
    case.complete("c")
    assert case.done


def test_its_condition_may_ask_the_data_that_comes_meanwhile(begin: Begin) -> None:
    case = begin(three_to(complex_gateway("${urgent || activationCount == 3}")), data={"urgent": False})
    case.complete("a")
    assert case.tasks == ["b", "c"]
    case.complete("b", urgent=True)
    assert case.tasks == ["c", "z"]
    case.complete_all(["c", "z"])
    assert case.done


def test_a_complex_gateway_splits_by_conditions(begin: Begin) -> None:
    xml = process(
        '<startEvent id="s"/><complexGateway id="g" default="g_n"/><userTask id="x"/><userTask id="y"/><userTask id="n"/>'
        '<endEvent id="e"/>'
        + flows("s g", "g n", "x e", "y e", "n e")
        + flow_if("g", "x", "${a}")
        + flow_if("g", "y", "${b}")
    )
    assert begin(xml, data={"a": True, "b": True}).tasks == ["x", "y"]
    assert begin(xml, data={"a": False, "b": False}).tasks == ["n"]


def test_an_activation_that_is_neither_true_nor_false_stops_the_step(begin: Begin) -> None:
    case = begin(three_to(complex_gateway("${activationCount}")))
    with pytest.raises(StepFailed) as failure:
        case.complete("a")
    assert failure.value.detail["element"] == "g"


def test_an_inclusive_join_behind_it_does_not_wait_for_it_to_be_reset(begin: Begin) -> None:
    after = '<inclusiveGateway id="i"/><userTask id="d"/>' + flows("g i", "f d", "d i", "i z")
    case = begin(three_to(TWO_OF_THREE, after))
    case.complete_all(["a", "b", "d"])
    assert case.tasks == ["c", "z"]
