"""Decision graphs, boxed contexts, lists, relations, knowledge models and their invocations."""

from collections.abc import Mapping
from typing import Any

import pytest

from engine.bpmn.dmn import DecisionFailed, decide, read_decisions
from tests.unit.dmn.test_decisions import cell, decided, file, table


def literal(text: str) -> str:
    return cell("literalExpression", text)


def entry(name: str, logic: str) -> str:
    variable = f'<variable name="{name}"/>' if name else ""
    return f"<contextEntry>{variable}{logic}</contextEntry>"


def decision(key: str, logic: str, *needs: str) -> str:
    required = "".join(
        f'<informationRequirement><requiredDecision href="#{need}"/></informationRequirement>'
        for need in needs
    )
    return f'<decision id="{key}" name="{key}">{required}{logic}</decision>'


def knowledge(name: str, parameters: tuple[str, ...], logic: str, *needs: str, kind: str = "") -> str:
    required = "".join(
        f'<knowledgeRequirement><requiredKnowledge href="#{need}"/></knowledgeRequirement>' for need in needs
    )
    formal = "".join(f'<formalParameter name="{one}"/>' for one in parameters)
    return (
        f'<businessKnowledgeModel id="{name}" name="{name}">{required}<encapsulatedLogic {kind}>{formal}{logic}'
        "</encapsulatedLogic></businessKnowledgeModel>"
    )


def value(content: bytes, variables: Mapping[str, Any], key: str = "d") -> Any:
    (row,) = decided(content, variables, key).result
    return row[key]


def test_entries_of_a_context_read_those_before_them_and_the_last_without_a_name_is_the_result() -> None:
    entries = entry("area", literal("wide * long")) + entry("fee", literal("area * 2"))
    whole = file(decision("d", f"<context>{entries}</context>"))
    assert value(whole, {"wide": 3, "long": 4}) == {"area": 12, "fee": 24}
    last = file(decision("d", f"<context>{entries}{entry('', literal('fee + 1'))}</context>"))
    assert value(last, {"wide": 3, "long": 4}) == 25


def test_lists_and_relations_become_lists() -> None:
    assert value(file(decision("d", f"<list>{literal('a')}{literal('a + 1')}</list>")), {"a": 1}) == [1, 2]
    fire, health = cell("literalExpression", '"fire"'), cell("literalExpression", '"health"')
    rows = f"<row>{fire}{literal('14')}</row><row>{health}{literal('base + 3')}</row>"
    relation = f'<relation><column name="agency"/><column name="days"/>{rows}</relation>'
    assert value(file(decision("d", relation)), {"base": 7}) == [
        {"agency": "fire", "days": 14},
        {"agency": "health", "days": 10},
    ]


def test_an_invocation_binds_the_parameters_of_a_knowledge_model_and_hides_the_case_from_it() -> None:
    model = knowledge("Fee", ("size",), literal("size * 2"))
    calls = (
        "<invocation>"
        + literal("Fee")
        + f'<binding><parameter name="size"/>{literal("seats + 1")}</binding></invocation>'
    )
    assert value(file(model, decision("d", calls)), {"seats": 4, "size": 100}) == 10


def test_a_knowledge_model_may_be_a_table_and_history_tells_its_rule() -> None:
    grid = table([(["> 10"], ['"high"']), (["<= 10"], ['"low"'])], inputs=("size",), outputs=("risk",))
    model = knowledge("Risk", ("size",), grid[grid.index("<decisionTable") : grid.index("</decision>")])
    calls = (
        "<invocation>"
        + literal("Risk")
        + f'<binding><parameter name="size"/>{literal("seats")}</binding></invocation>'
    )
    found = decided(file(model, decision("d", calls)), {"seats": 40}, "d")
    assert found.result == [{"d": "high"}]
    assert [(one.key, one.rules, one.inputs) for one in found.required] == [("Risk", (1,), {"size": 40})]


def test_expressions_call_knowledge_models_as_functions_and_those_call_each_other() -> None:
    content = file(
        knowledge("monthly fee", ("rate", "base"), literal("half(rate) * base"), "half"),
        knowledge("half", ("x",), literal("x / 2")),
        decision("d", literal("monthly fee(4, amount) + half(2)")),
    )
    assert value(content, {"amount": 10, "x": -1, "rate": 99}) == 21


def test_cells_of_a_table_call_knowledge_models_too() -> None:
    content = file(
        knowledge("half", ("x",), literal("x / 2")),
        table([(["> half(limit)"], ["half(seats)"])], outputs=("fee",)),
    )
    assert decided(content, {"seats": 30, "limit": 40}).result == [{"fee": 15}]


def test_the_decisions_of_a_graph_are_decided_once_each_and_told_in_order() -> None:
    content = file(
        table(
            [(['"high"', "> 5"], ['"licence"'])],
            key="instrument",
            inputs=("risk", "staff"),
            outputs=("i",),
            before="".join(
                f'<informationRequirement><requiredDecision href="#{one}"/></informationRequirement>'
                for one in ("risk", "staff")
            ),
        ),
        decision("staff", literal("size * 2"), "size"),
        table(
            [(["> 3"], ['"high"'])],
            key="risk",
            inputs=("size",),
            outputs=("risk",),
            before=('<informationRequirement><requiredDecision href="#size"/></informationRequirement>'),
        ),
        decision("size", literal("seats / 10")),
    )
    found = decided(content, {"seats": 50}, "instrument")
    assert found.result == [{"i": "licence"}]
    assert [(one.key, one.rules, one.result) for one in found.required] == [
        ("size", (), [{"size": 5}]),
        ("risk", (1,), [{"risk": "high"}]),
        ("staff", (), [{"staff": 10}]),
    ]


def test_an_expression_that_gives_nothing_for_want_of_a_variable_is_an_error_that_names_it() -> None:
    content = file(decision("d", literal("seats * 2")))
    tables, _ = read_decisions(content, "d.dmn")
    with pytest.raises(DecisionFailed, match="'d' gives nothing: the variable 'seats' is not set"):
        decide(tables, "d", {})
    assert value(file(decision("d", literal('if seats = null then "none" else "some"'))), {}) == "none"


@pytest.mark.parametrize(
    ("content", "code", "element", "word"),
    [
        (file(decision("d", "<conditional/>")), "dmn_not_supported", "d", "boxed conditional"),
        (file(decision("d", "<context><contextEntry/></context>")), "dmn_invalid", "d", "entry"),
        (
            file(
                decision(
                    "d", f'<relation><column name="a"/><row>{literal("1")}{literal("2")}</row></relation>'
                )
            ),
            "dmn_invalid",
            "d",
            "2 cells",
        ),
        (file(decision("d", f"<invocation>{literal('Fee')}</invocation>")), "dmn_invalid", "d", "'Fee'"),
        (
            file(
                knowledge("Fee", ("size",), literal("size")),
                decision(
                    "d",
                    f'<invocation>{literal("Fee")}<binding><parameter name="x"/>{literal("1")}</binding></invocation>',
                ),
            ),
            "dmn_invalid",
            "d",
            "parameter 'x'",
        ),
        (
            file(knowledge("Fee", ("size",), literal("seats")), decision("d", literal("1"))),
            "expression_invalid",
            "Fee",
            "'seats' is no parameter",
        ),
        (
            file(
                knowledge("Fee", ("size",), literal("size"), kind='kind="Java"'), decision("d", literal("1"))
            ),
            "dmn_not_supported",
            "Fee",
            "Java",
        ),
        (
            file(knowledge("Fee", (), literal("1"), "Fee"), decision("d", literal("1"))),
            "dmn_invalid",
            "Fee",
            "itself",
        ),
        (
            file(knowledge("Fee", ("a",), literal("a")), decision("d", literal("Fee(1, 2)"))),
            "expression_invalid",
            "d",
            "2 arguments",
        ),
        (
            file(decision("d", "<list>" * 30 + literal("1") + "</list>" * 30)),
            "dmn_not_supported",
            "d",
            "deeply",
        ),
    ],
)
def test_what_is_not_understood_is_refused_by_name(
    content: bytes, code: str, element: str, word: str
) -> None:
    _, problems = read_decisions(content, "d.dmn")
    (problem,) = problems
    assert (problem.code, problem.element) == (code, element)
    assert word in problem.message
