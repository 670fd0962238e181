"""Business rule tasks: what of a decision's rows becomes a variable."""

from typing import Any

import pytest

from engine.bpmn.dmn import read_decisions
from engine.bpmn.step import Happened
from engine.errors import StepFailed
from tests.unit.bpmn.conftest import Begin
from tests.unit.bpmn.harness import flows, process


def rule(name: str, test: str, *results: str) -> str:
    cells = "".join(
        f'<outputEntry id="{name}_o{i}"><text>{r}</text></outputEntry>' for i, r in enumerate(results)
    )
    return f'<rule id="{name}"><inputEntry id="{name}_i"><text>{test}</text></inputEntry>{cells}</rule>'


def table(*rules: str, outputs: tuple[str, ...] = ("risk",), policy: str = "UNIQUE") -> bytes:
    columns = "".join(f'<output id="o_{name}" name="{name}" typeRef="string"/>' for name in outputs)
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="t">'
        f'<decision id="risk" name="Risk"><decisionTable id="t" hitPolicy="{policy}">'
        '<input id="in" label="Seats"><inputExpression id="ie" typeRef="number"><text>seats</text></inputExpression>'
        f"</input>{columns}{''.join(rules)}</decisionTable></decision></definitions>"
    ).encode()


ONE = table(rule("low", "&lt; 50", '"low"'), rule("high", "&gt;= 50", '"high"'))
BOTH = table(
    rule("low", "&gt;= 0", '"fire"', '"yes"'),
    rule("high", "&gt;= 50", '"police"', '"no"'),
    outputs=("agency", "urgent"),
    policy="RULE ORDER",
)
LIST = table(rule("a", "&gt;= 0", '"fire"'), rule("b", "&gt;= 50", '"police"'), policy="COLLECT")


def drawn(kind: str) -> str:
    return process(
        f'<startEvent id="s"/><businessRuleTask id="t" camunda:decisionRef="risk" camunda:resultVariable="out" '
        f'camunda:mapDecisionResult="{kind}"/><userTask id="z"/><endEvent id="e"/>'
        + flows("s t", "t z", "z e")
    )


@pytest.mark.parametrize(
    ("kind", "content", "seats", "out"),
    [
        ("singleEntry", ONE, 80, "high"),
        ("singleResult", ONE, 20, {"risk": "low"}),
        ("collectEntries", LIST, 80, ["fire", "police"]),
        ("resultList", BOTH, 20, [{"agency": "fire", "urgent": "yes"}]),
        ("singleEntry", table(rule("low", "&lt; 50", '"low"')), 80, None),
    ],
)
def test_the_result_is_mapped_as_the_model_says(
    begin: Begin, kind: str, content: bytes, seats: int, out: Any
) -> None:
    decisions, problems = read_decisions(content, "risk.dmn")
    assert not problems
    case = begin(drawn(kind), data={"seats": seats}, decisions=decisions)
    assert case.data == {"seats": seats, "out": out}


@pytest.mark.parametrize(
    ("mapping", "out"),
    [
        ("${decisionResult.getSingleResult().risk}", "high"),
        ("${decisionResult.singleEntry}", "high"),
        ("${decisionResult.size()}", 1),
    ],
)
def test_an_output_mapping_reads_the_decision_s_rows(begin: Begin, mapping: str, out: Any) -> None:
    decisions, _ = read_decisions(ONE, "risk.dmn")
    drawn = process(
        '<startEvent id="s"/><businessRuleTask id="t" camunda:decisionRef="risk"><extensionElements><camunda:inputOutput>'
        f'<camunda:outputParameter name="out">{mapping}</camunda:outputParameter></camunda:inputOutput></extensionElements>'
        '</businessRuleTask><userTask id="z"/><endEvent id="e"/>' + flows("s t", "t z", "z e")
    )
    case = begin(drawn, data={"seats": 80}, decisions=decisions)
    assert case.data == {"seats": 80, "out": out}


@pytest.mark.parametrize(
    ("kind", "content"), [("singleEntry", LIST), ("singleResult", BOTH), ("collectEntries", BOTH)]
)
def test_more_than_the_model_expects_is_refused(begin: Begin, kind: str, content: bytes) -> None:
    decisions, _ = read_decisions(content, "risk.dmn")
    with pytest.raises(StepFailed) as failure:
        begin(drawn(kind), data={"seats": 80}, decisions=decisions)
    assert (failure.value.problem_code, failure.value.detail["element"]) == ("decision_failed", "t")


def test_history_tells_why_it_was_decided_so(begin: Begin) -> None:
    decisions, _ = read_decisions(ONE, "risk.dmn")
    case = begin(drawn("singleEntry"), data={"seats": 80}, decisions=decisions)
    (told,) = [h for h in case.step.happened if h.kind is Happened.DECIDED]
    assert told.element == "t"
    assert told.detail == {
        "decision": "risk",
        "table": "Risk",
        "policy": "UNIQUE",
        "inputs": {"Seats": 80},
        "outputs": [{"risk": "high"}],
        "matched": ["high"],
        "rules": [2],
    }


def test_a_decision_that_fails_names_its_task(begin: Begin) -> None:
    with pytest.raises(StepFailed) as failure:
        begin(drawn("singleEntry"), data={"seats": 80})
    assert (failure.value.problem_code, failure.value.detail["element"]) == ("decision_failed", "t")
