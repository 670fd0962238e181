"""BPMN's own conditions in XPath: data objects, comparisons, and, or, not; everything else is refused by name."""

from typing import Any

import pytest

from engine.bpmn.expressions import Dialect, ExpressionInvalid, evaluate, read_expression


@pytest.mark.parametrize(
    ("text", "variables", "value"),
    [
        ("bpmn:getDataObject('approved')", {"approved": True}, True),
        ("not(bpmn:getDataObject('approved'))", {"approved": False}, True),
        ("getDataObject('clarified') = 'yes'", {"clarified": "yes"}, True),
        ("getDataObject('clarified') = 'yes'", {}, False),
        ('bpmn:getDataObject("clarified") != "yes"', {"clarified": "no"}, True),
        ("bpmn:getDataObject('amount') > 10 and bpmn:getDataObject('amount') <= 20.5", {"amount": 20}, True),
        ("bpmn:getDataObject('amount') < -1 or true()", {"amount": 3}, True),
        ("(false() or getDataObject('a') = 1) and not(false())", {"a": 1}, True),
        ("getProcessProperty('state') = 'open'", {"state": "open"}, True),
        ("bpmn:getDataObject('order')/total >= 5", {"order": {"total": 5}}, True),
        ("bpmn:getDataObject('The answer') = 'yes'", {"The_answer": "yes"}, True),
    ],
)
def test_a_condition_reads_data_objects_as_variables(
    text: str, variables: dict[str, Any], value: Any
) -> None:
    assert evaluate(read_expression(text, Dialect.XPATH), variables) is value


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("approved = 'yes'", "getDataObject('approved')"),
        ("count(bpmn:getDataObject('rows')) > 1", "count()"),
        ("bpmn:getDataInput('x') = 1", "getDataInput()"),
        ("bpmn:getDataObject(name) = 1", "quotes"),
        ("bpmn:getDataObject('a') = ", "value is expected"),
        ("bpmn:getDataObject('a') 1", "should end"),
        ("bpmn:getDataObject('a')//b", "name is expected"),
        ("- bpmn:getDataObject('a')", "number is expected"),
    ],
)
def test_what_is_not_known_is_refused_with_the_word(text: str, word: str) -> None:
    with pytest.raises(ExpressionInvalid) as refusal:
        read_expression(text, Dialect.XPATH)
    assert word in refusal.value.message
