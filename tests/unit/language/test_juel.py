"""JUEL as Camunda reads it: coercions, true division, and what needs beans is refused."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn.expressions import (
    Dialect,
    ExpressionInvalid,
    SandboxError,
    evaluate,
    read_expression,
    read_template,
)
from engine.bpmn.language import juel
from engine.bpmn.language.juel_methods import METHODS
from engine.bpmn.step import World


class NoCalendar:
    def due_after(self, start: datetime, duration: str) -> datetime:
        return start


WORLD = World(datetime(2026, 4, 6, 1, 0, tzinfo=UTC), NoCalendar(), business_key="IMB-7")

ANA = {
    "seats": 120,
    "agency": "DPMPTSP",
    "complete": True,
    "note": None,
    "photos": [],
    "restaurant": {"name": "RM Selera Muara", "lots": [{"m2": 280}]},
    "fee": Decimal("430000.50"),
    "filed": date(2026, 4, 6),
    "nrOfInstances": 4,
    "nrOfCompletedInstances": 2,
    "from": "clerk",
}


ROWS = [{"risk": "high", "why": "size"}, {"risk": "low"}]


def value(text: str, **more: Any) -> Any:
    return evaluate(read_expression(text, Dialect.JUEL), {**ANA, "rows": ROWS, **more}, world=WORLD)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${seats == 120}", True),
        ("#{seats > 50 && complete}", True),
        ("${seats lt 50 or not complete}", False),
        ("${nrOfCompletedInstances/nrOfInstances >= 0.5}", True),
        ("${7 / 2}", 3.5),
        ("${4 / 2}", 2.0),
        ("${7 % 4}", 3),
        ("${-seats + 20 * 2}", -80),
        ("${restaurant.name}", "RM Selera Muara"),
        ("${restaurant.lots[0].m2 >= 280}", True),
        ("${restaurant['name'] == \"RM Selera Muara\"}", True),
        ("${restaurant.owner == null}", True),
        ("${empty note && empty photos && empty ''}", True),
        ("${!empty agency}", True),
        ("${complete ? 'ya' : 'tidak'}", "ya"),
        ("${seats == '120'}", True),
        ("${note > 5}", False),
        ("${!note}", True),
        ("${fee * 2}", Decimal("860001.00")),
        ("${filed < today()}", False),
        ("${working_days(5)}", "working:P5D"),
        ("${working_hours(8)}", "working:PT8H"),
        ("${'it\\'s'}", "it's"),
        ("${from == 'clerk'}", True),
        ("${true}", True),
        ("plain text", "plain text"),
    ],
)
def test_an_expression_has_the_value_it_has_at_home(text: str, expected: object) -> None:
    result = value(text)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${execution.getVariable('seats') == 120}", True),
        ("${execution.getVariable('inspector')}", None),
        ("${execution.hasVariable('note') && !execution.hasVariable('inspector')}", True),
        ("${execution.processBusinessKey}", "IMB-7"),
        ("${execution.getProcessBusinessKey()}", "IMB-7"),
        ("${dateTime().plusWeeks(1).toDate()}", datetime(2026, 4, 13, 1, 0, tzinfo=UTC)),
        ("${now().minusHours(2)}", datetime(2026, 4, 5, 23, 0, tzinfo=UTC)),
        (
            "${dateTime().plusMonths(1).plusYears(1).minusDays(1).plusMinutes(5)}",
            datetime(2027, 5, 5, 1, 5, tzinfo=UTC),
        ),
        ("${filed.plusMonths(11).minusWeeks(1)}", date(2027, 2, 27)),
        ("${filed.isBefore(today().plusDays(1))}", True),
        ("${agency.toLowerCase().startsWith('dpm') && agency.length() == 7}", True),
        ("${agency.substring(1, 3).concat('!')}", "PM!"),
        ("${' a '.trim().equals('a')}", True),
        ("${seats.equals('120')}", False),
        ("${seats.equals(120.0)}", True),
        ("${agency.equalsIgnoreCase('dpmptsp')}", True),
        ("${agency.replace('P', '').indexOf('T')}", 2),
        ("${restaurant.lots.size() == 1 && !restaurant.isEmpty() && photos.isEmpty()}", True),
        ("${restaurant.lots.get(0).get('m2')}", 280),
        ("${restaurant.containsKey('name') && restaurant.keySet().contains('lots')}", True),
        ("${S(restaurant).prop('lots').elements().get(0).prop('m2').numberValue()}", 280),
        ('${S(\'{"name": "Selera", "open": null}\').prop("open").isNull()}', True),
        ("${restaurant.name.value().stringValue()}", "RM Selera Muara"),
        ("${complete.boolValue() && restaurant.hasProp('name')}", True),
        ("${rows.get(1).getSingleEntry()}", "low"),
        ("${rows.collectEntries('why')}", ["size"]),
        ("${rows.getFirstResult().risk}", "high"),
        ("${rows.firstResult.risk}", "high"),
        ("${photos.getSingleResult()}", None),
        ("${restaurant.lots.singleEntry}", 280),
        ("${seats.toString()}", "120"),
    ],
)
def test_methods_of_plain_data_do_what_they_do_at_home(text: str, expected: object) -> None:
    result = value(text)
    assert result == expected
    assert type(result) is type(expected)


def test_an_hour_more_is_an_hour_more_when_the_clocks_change() -> None:
    before = datetime(2026, 3, 29, 1, 30, tzinfo=ZoneInfo("Europe/Amsterdam"))
    assert value("${moment.plusHours(1)}", moment=before).hour == 3
    assert value("${moment.plusDays(1)}", moment=before.replace(day=28)).hour == 1


def test_a_text_does_not_grow_without_bound() -> None:
    with pytest.raises(SandboxError) as failed:
        value("${long.replace('', long)}", long="a" * 1000)
    assert failed.value.code == "sandbox_limit"


def test_what_an_expression_asks_of_the_case_is_among_its_names() -> None:
    expr = read_expression("${execution.getVariable('a') == execution.hasVariable('b')}", Dialect.JUEL)
    assert expr.names == {"a", "b"}


def test_a_template_with_one_expression_keeps_its_type() -> None:
    assert evaluate(read_template("${seats}", Dialect.JUEL), ANA) == 120


def test_a_template_joins_texts_and_writes_nothing_for_null() -> None:
    template = read_template("Periksa ${restaurant.name} (${seats}, ${complete})${note}", Dialect.JUEL)
    assert evaluate(template, ANA) == "Periksa RM Selera Muara (120, true)"
    assert template.names == {"restaurant", "seats", "complete", "note"}


def test_an_escaped_dollar_is_text() -> None:
    assert value("\\${seats}") == "${seats}"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("${execution.getVariable(a)}", "execution.getVariable"),
        ("${execution.setVariable('a', 1)}", "execution.setVariable"),
        ("${execution.processInstanceId}", "execution.processInstanceId"),
        ("${execution.processBusinessKey()}", "execution.processBusinessKey"),
        ("${execution}", "execution"),
        ("${mailService.send(execution)}", "send"),
        ("${dateTime(1)}", "wants 0 values, not 1"),
        ("${filed.plusFortnights(1)}", "plusFortnights"),
        ("${filed.plusWeeks()}", "wants 1 values, not 0"),
        ("${agency.substring(1, 2, 3)}", "wants 1 to 2 values, not 3"),
        ("${agency.getClass()}", "getClass"),
        ("${agency.split(',')}", "split"),
        ("${S(photos, 'application/xml')}", "wants 1 values, not 2"),
        ("${photos.jsonPath('$.a')}", "jsonPath"),
        ("${fn:length(a)}", "fn:length"),
        ("${a instanceof b}", "instanceof"),
        ("${a == }", "expected"),
        ("${a b}", "end"),
        ("${a", "closing"),
        ("${'a}", "closing"),
        ("${a ; b}", ";"),
        ("${" + "(" * 100 + "1" + ")" * 100 + "}", "deep"),
        ("${" + "a + " * 300 + "a}", "deep"),
        ("${" + "a" * 30_000 + "}", "longer"),
        ("${" + "9" * 60 + "}", "too long"),
    ],
)
def test_what_cannot_run_is_refused_with_a_sentence(text: str, word: str) -> None:
    with pytest.raises(ExpressionInvalid) as refused:
        read_expression(text, Dialect.JUEL)
    assert word in refused.value.message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${inspector}", "variable 'inspector' is not set"),
        ("${from2 == 1}", "variable 'from2' is not set"),
        ("${agency + 1}", "adds numbers"),
        ("${seats / 0}", "division by zero"),
        ("${agency > 1}", "no number"),
        ("${seats.size}", "no property 'size'"),
        ("${restaurant && complete}", "true or false"),
        ("${note.length()}", "of nothing"),
        ("${seats.length()}", ".length() of a number"),
        ("${restaurant.lots.get(1)}", "a list with 1 items"),
        ("${restaurant.prop('owner')}", "no such property"),
        ("${S('<a/>')}", "JSON"),
        ("${restaurant.lots.value()}", ".value() of a list"),
        ("${filed.plusHours(1)}", "a date without a time"),
        ("${filed.plusYears(9000)}", "beyond the years"),
        ("${filed.plusDays(1.5)}", "a whole number"),
        ("${filed.before(now())}", "between"),
        ("${agency.substring(4, 2)}", "substring(4, 2)"),
        ("${restaurant.lots.getSingleResult().getSingleEntry().length()}", ".length() of a number"),
        ("${rows.getSingleResult()}", "gave 2 results"),
        ("${rows.get(0).getSingleEntry()}", "the outputs risk, why"),
        ("${restaurant.toString()}", ".toString() of a group"),
    ],
)
def test_a_failure_is_told_in_words(text: str, message: str) -> None:
    with pytest.raises(SandboxError) as failed:
        value(text)
    assert failed.value.code == "expression_failed"
    assert message in failed.value.message


def test_a_variable_cannot_hide_our_own_functions() -> None:
    assert value("${seats == 120}", _x_j_eq=7, _s=1) is True


def test_python_words_are_ordinary_variable_names() -> None:
    assert value("${class == 1 and lambda == 2}", **{"class": 1, "lambda": 2}) is True


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        expr = read_expression("${" + text + "}", Dialect.JUEL)
    except ExpressionInvalid:
        return
    try:
        evaluate(expr, ANA, world=WORLD)
    except SandboxError:
        return


numbers = st.integers(-9, 9)


@st.composite
def arithmetic(draw: st.DrawFn, depth: int = 4) -> tuple[str, float]:
    if depth == 0 or draw(st.booleans()):
        whole = draw(numbers)
        return (f"({whole})", whole)
    left, a = draw(arithmetic(depth=depth - 1))
    right, b = draw(arithmetic(depth=depth - 1))
    op = draw(st.sampled_from(["+", "-", "*"]))
    return f"({left} {op} {right})", {"+": a + b, "-": a - b, "*": a * b}[op]


@settings(max_examples=150, deadline=None)
@given(arithmetic())
def test_arithmetic_agrees_with_arithmetic(pair: tuple[str, float]) -> None:
    text, expected = pair
    assert evaluate(read_expression("${" + text + "}", Dialect.JUEL), {}) == expected


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40))
def test_a_quoted_text_comes_back_as_it_was(text: str) -> None:
    text = text.replace("\x00", "")
    quoted = "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
    assert evaluate(read_expression("${" + quoted + "}", Dialect.JUEL), {}) == text


@pytest.mark.parametrize(
    "text",
    [
        "${environment.output.amount > 10}",
        "${environment.variables.amount > 10}",
        "${content.output.amount > 10}",
        "${content.output.form.amount > 10}",
    ],
)
def test_the_words_of_the_javascript_engine_are_variables_where_they_are_meant(text: str) -> None:
    assert evaluate(read_expression(text, Dialect.ENVIRONMENT), {"amount": 11}) is True
    assert juel.speaks_environment(text)


@pytest.mark.parametrize(
    "text",
    [
        "${environment.settings.amount}",
        "${environment.output}",
        "${content.output.form}",
        "${environment.output.a()}",
    ],
)
def test_other_objects_of_the_javascript_engine_are_refused(text: str) -> None:
    with pytest.raises(ExpressionInvalid, match="object of another engine"):
        read_expression(text, Dialect.ENVIRONMENT)


def test_a_variable_called_environment_is_one_in_every_other_file() -> None:
    made = read_expression("${environment.air == 'clean'}", Dialect.JUEL)
    assert evaluate(made, {"environment": {"air": "clean"}}) is True
    assert not juel.speaks_environment("${environment.air == 'clean'}")


def test_the_howto_lists_every_method_and_no_other() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs/howto/expressions.md").read_text(encoding="utf-8")
    table = page.partition("| of | methods |")[2].partition("\n\n")[0]
    assert set(re.findall(r"`(\w+)\(", table)) == METHODS.keys()
