"""FEEL: three-valued logic, decimals, ranges, names of several words, the functions procedures use."""

from datetime import UTC, date, datetime
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
    read_tests,
)
from engine.bpmn.step import World


class CityCalendar:
    timezone = ZoneInfo("Asia/Makassar")

    def due_after(self, start: datetime, duration: str) -> datetime:
        return start


WORLD = World(datetime(2026, 4, 5, 20, 0, tzinfo=UTC), CityCalendar())

BO = {
    "seats": 120,
    "risk": "Medium",
    "safe": True,
    "opinions": [{"agency": "Damkar", "days": 3}, {"agency": "DLH", "days": 9}],
    "days": [3, 9, 14],
    "Current Vacation Status": {"first name": "Bo"},
    "filed": date(2026, 4, 6),
}


def value(text: str) -> Any:
    return evaluate(read_expression(text, Dialect.FEEL), BO, world=WORLD)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("= seats = 120", True),
        ("seats != 120", False),
        ('= risk = "Medium" and safe', True),
        ("unknown", None),
        ("unknown > 5", None),
        ("unknown = null", True),
        ('seats = "120"', None),
        ("false and unknown", False),
        ("true or unknown", True),
        ("not(unknown)", None),
        ("not(safe)", False),
        ("0.1 + 0.2", 0.3),
        ("1 + null", None),
        ("10 / 4", 2.5),
        ("10 / 5", 2),
        ("1 / 0", None),
        ("2 ** 3 ** 2", 64),
        ("-seats + 20", -100),
        ('"Dinas " + "Kesehatan"', "Dinas Kesehatan"),
        ("seats between 100 and 120", True),
        ("seats in [100..120[", False),
        ("seats in ]100..120]", True),
        ("seats in (100..120)", False),
        ("seats in (1, 120, 3)", True),
        ("seats in (<50, >100)", True),
        ("seats in [1, 120]", True),
        ('if seats > 100 then "big" else "small"', "big"),
        ('if unknown then "yes" else "no"', "no"),
        ("Current Vacation Status.first name", "Bo"),
        ("days[1]", 3),
        ("days[-1]", 14),
        ("days[item > 5]", [9, 14]),
        ("opinions[days > 5].agency", ["DLH"]),
        ("opinions.agency", ["Damkar", "DLH"]),
        ("sum(days)", 26),
        ("count(opinions)", 2),
        ("max(3, 9)", 9),
        ("min(days)", 3),
        ("some d in days satisfies d > 10", True),
        ("every d in days satisfies d > 10", False),
        ("for d in days return d * 2", [6, 18, 28]),
        ("for a in 1..2, b in 1..2 return a * b", [1, 2, 2, 4]),
        ('{kind: "SLHS", valid: 3}', {"kind": "SLHS", "valid": 3}),
        ('contains(risk, "edi")', True),
        ('starts with(risk, "Med")', True),
        ("upper case(risk)", "MEDIUM"),
        ("string length(risk)", 6),
        ("substring(risk, 2, 3)", "edi"),
        ('string(seats) + " kursi"', "120 kursi"),
        ('number("12.50")', 12.5),
        ("list contains(days, 9)", True),
        ("floor(2.7)", 2),
        ("decimal(2.345, 2)", 2.34),
        ("modulo(-7, 4)", 1),
        ("today()", date(2026, 4, 6)),
        ('filed = date("2026-04-06")', True),
        ('filed + duration("P1M")', date(2026, 5, 6)),
        ('date("2026-04-10") - filed > duration("P3D")', True),
        ('duration("PT24H")', "P1D"),
        ("filed.year", 2026),
        ("working days(5)", "working:P5D"),
        ('@"2026-04-06" = filed', True),
        ("is defined(unknown)", False),
        ('"a\\"b"', 'a"b'),
    ],
)
def test_an_expression_has_its_value(text: str, expected: object) -> None:
    result = value(text)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(
    ("cell", "given_value", "matches"),
    [
        ("< 5", 3, True),
        ("< 5", 5, False),
        ("[1..5]", 5, True),
        ("]1..5[", 5, False),
        ('"Low", "Medium"', "Medium", True),
        ('not("Low", "Medium")', "High", True),
        ('not("Low")', "Low", False),
        ("1, 2, > 10", 11, True),
        ("true", True, True),
        ('date("2026-04-06")', date(2026, 4, 6), True),
        ('>= date("2026-04-07")', date(2026, 4, 6), False),
        ("null", None, True),
        ("? > 5 and ? < 9", 7, True),
        ('starts with(?, "99")', "9901", True),
        ("seats", 120, True),
        ("-5", -5, True),
        ('"a"', None, False),
    ],
)
def test_a_cell_matches_what_it_names(cell: str, given_value: object, matches: bool) -> None:
    test = read_tests(cell)
    assert test is not None
    assert (evaluate(test, {**BO, "?": given_value}) is True) is matches


@pytest.mark.parametrize("cell", ["-", "", "  "])
def test_a_dash_matches_anything(cell: str) -> None:
    assert read_tests(cell) is None


def test_a_text_without_equals_sign_is_no_expression_in_a_template() -> None:
    assert read_template("seats", Dialect.FEEL).constant
    assert evaluate(read_template("=seats", Dialect.FEEL), BO) == 120


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("a == 1", "one '='"),
        ("a && b", "and"),
        ("'text'", "double quotes"),
        ("frobnicate(1)", "frobnicate"),
        ("function(a) a", "not supported"),
        ("a instance of number", "instance of"),
        ("substring(string: risk)", "by position"),
        ("contains(a)", "1 arguments"),
        ("[1..", "expected"),
        ("if a then b", "else"),
        ("[" * 200 + "]" * 200, "deep"),
    ],
)
def test_what_is_not_understood_is_refused_with_a_sentence(text: str, word: str) -> None:
    with pytest.raises(ExpressionInvalid) as refused:
        read_expression(text, Dialect.FEEL)
    assert word in refused.value.message


def test_loops_inside_loops_have_a_budget() -> None:
    text = "count(for a in 1..5000 return for b in 1..5000 return a * b)"
    with pytest.raises(SandboxError) as stopped:
        value(text)
    assert stopped.value.code == "sandbox_limit"


def test_long_lists_are_looked_at_so_often_only() -> None:
    many = {"many": list(range(10_000))}
    expr = read_expression(" and ".join(['not(list contains(many, "x"))'] * 80), Dialect.FEEL)
    with pytest.raises(SandboxError) as stopped:
        evaluate(expr, many)
    assert stopped.value.code == "sandbox_limit"


def test_unary_tests_nest_so_deep_only() -> None:
    with pytest.raises(ExpressionInvalid, match="deep"):
        read_tests("not(" * 400 + "1" + ")" * 400)


def test_names_are_what_the_case_must_have() -> None:
    expr = read_expression("for d in days return d + seats", Dialect.FEEL)
    assert expr.names == {"days", "seats"}


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet='abx <>=.[](){}",+-*/012?@|&andornt', max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        expr = read_expression(text, Dialect.FEEL)
    except ExpressionInvalid:
        return
    try:
        evaluate(expr, BO, world=WORLD)
    except SandboxError:
        return


@settings(max_examples=200, deadline=None)
@given(st.integers(-50, 50), st.integers(-50, 50), st.integers(-50, 50))
def test_between_is_a_closed_range(x: int, low: int, high: int) -> None:
    both = f"{x} between {low} and {high}", f"{x} in [{low}..{high}]"
    assert [value(text) for text in both] == [low <= x <= high] * 2
