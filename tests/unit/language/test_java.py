"""Conditions of jBPM and Kogito: one expression over variables; Java beyond that is refused by its word."""

from typing import Any

import pytest

from engine.bpmn.expressions import Dialect, ExpressionInvalid, evaluate, read_expression


@pytest.mark.parametrize(
    ("text", "variables", "value"),
    [
        ("return approved == true;", {"approved": True}, True),
        ("return approved;", {"approved": False}, False),
        ("return !approved && amount >= 10;", {"approved": False, "amount": 10}, True),
        ('return "yes" == answer || answer == null;', {}, True),
        ("approved == true", {"approved": True}, True),
        ("return order.total > 5 ;\n", {"order": {"total": 6}}, True),
        ("return KieFunctions.isTrue(approved);", {"approved": True}, True),
        ("return KieFunctions.isFalse(approved);", {}, False),
        ("return KieFunctions.isNull(approved);", {}, True),
        ("return KieFunctions.isEmpty(rows);", {"rows": []}, True),
        ('return KieFunctions.equalsTo(state, "open");', {"state": "open"}, True),
        ("return KieFunctions.greaterOrEqualThan(amount, 10);", {"amount": 9}, False),
    ],
)
def test_a_condition_reads_variables_and_null_where_there_is_none(
    text: str, variables: dict[str, Any], value: bool
) -> None:
    assert evaluate(read_expression(text, Dialect.JAVA), variables) is value


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("int a = 1; return a == 1;", "a"),
        ("return kcontext.getVariable('a') == 1;", "kcontext"),
        ("return new java.util.Date().after(due);", "new"),
        ("return order.computeTotal() > 1;", "computeTotal"),
        ("return KieFunctions.between(a, 1, 2);", "between"),
        ("return KieFunctions.isTrue(a, b);", "isTrue"),
        ("System.exit(1)", "exit"),
    ],
)
def test_other_java_is_refused_with_the_word(text: str, word: str) -> None:
    with pytest.raises(ExpressionInvalid) as refusal:
        read_expression(text, Dialect.JAVA)
    assert word in refusal.value.message
