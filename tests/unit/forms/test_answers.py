"""Answers: typed, bounded, complete; hidden ones dropped, all mistakes at once; from JSON and from HTML alike."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn.step import World
from engine.errors import AnswersInvalid
from engine.forms.answers import check_answers, from_html, hidden, initial_values
from engine.forms.checks import options
from engine.forms.form import Field, Form
from engine.forms.schema import read_form


class CityCalendar:
    timezone = ZoneInfo("Asia/Makassar")

    def due_after(self, start: datetime, duration: str) -> datetime:
        return start


WORLD = World(datetime(2026, 4, 6, 1, 0, tzinfo=UTC), CityCalendar())


def form_of(*components: dict[str, Any]) -> Form:
    form, problems = read_form(
        json.dumps({"id": "opinion", "components": list(components)}).encode(), "opinion.form"
    )
    assert form is not None, problems
    return form


def check(form: Form, raw: dict[str, Any], **variables: Any) -> dict[str, Any]:
    return check_answers(form, raw, variables=variables, world=WORLD)


def codes(form: Form, raw: dict[str, Any], **variables: Any) -> dict[str, list[str]]:
    with pytest.raises(AnswersInvalid) as refused:
        check(form, raw, **variables)
    return {key: [problem.code for problem in problems] for key, problems in refused.value.fields.items()}


def one(kind: str, **more: Any) -> Form:
    return form_of({"type": kind, "key": "a", "label": "A", **more})


CHOICES = {
    "values": [
        {"value": "H", "label": "Health"},
        {"value": 2, "label": "Two"},
        {"value": True, "label": "Yes"},
    ]
}


@pytest.mark.parametrize(
    ("form", "raw", "expected"),
    [
        (one("textfield"), "  Depot Tirta \n", "Depot Tirta"),
        (one("textarea"), "a\r\nb", "a\nb"),
        (one("textfield"), "", None),
        (one("textfield", validate={"pattern": "^C-[0-9]+$"}), "C-123", "C-123"),
        (one("textfield", validate={"validationType": "email"}), "ana@contoh.example", "ana@contoh.example"),
        (one("textfield", validate={"validationType": "phone"}), "+62 811-0000-0001", "+62 811-0000-0001"),
        (one("number"), "7", 7),
        (one("number"), "7,5", 7.5),
        (one("number"), 7.25, 7.25),
        (one("number", decimalDigits=0), "250.000", 250000),
        (one("number", decimalDigits=2), "1.250.000,50", 1250000.5),
        (one("number", decimalDigits=2), "1,250.50", 1250.5),
        (one("number", decimalDigits=3), "1,250", 1.25),
        (one("number", serializeToString=True), "430000.50", Decimal("430000.50")),
        (one("number", increment=0.5), "1.5", 1.5),
        (one("checkbox"), "on", True),
        (one("checkbox"), True, True),
        (one("checkbox"), None, False),
        (one("select", **CHOICES), "H", "H"),
        (one("select", **CHOICES), "2", 2),
        (one("radio", **CHOICES), "true", True),
        (one("checklist", **CHOICES), ["H", "2", "H"], ["H", 2]),
        (one("taglist", **CHOICES), [], []),
        (one("datetime", subtype="date"), "2026-04-06", date(2026, 4, 6)),
        (one("datetime", subtype="time"), "9:30", "09:30"),
        (
            one("datetime", subtype="datetime"),
            "2026-04-06T09:30",
            datetime(2026, 4, 6, 9, 30, tzinfo=ZoneInfo("Asia/Makassar")),
        ),
    ],
)
def test_an_answer_is_kept_in_its_type(form: Form, raw: Any, expected: Any) -> None:
    found = check(form, {"a": raw})["a"]
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("form", "raw", "code"),
    [
        (one("textfield", validate={"required": True}), "   ", "required"),
        (one("checkbox", validate={"required": True}), False, "required"),
        (one("checklist", validate={"required": True}, **CHOICES), [], "required"),
        (one("textfield"), 5, "not_text"),
        (one("textfield"), "a\x00b", "not_text"),
        (one("textfield"), "a\ud800", "not_text"),
        (one("textfield"), "a\nb", "not_text"),
        (one("textarea"), "x" * 10_001, "too_long"),
        (one("textfield", validate={"maxLength": 3}), "abcd", "too_long"),
        (one("textfield", validate={"minLength": 3}), "ab", "too_short"),
        (one("textfield", validate={"pattern": "^C-[0-9]+$"}), "D-1", "pattern"),
        (one("textfield", validate={"validationType": "email"}), "ana@", "bad_email"),
        (one("textfield", validate={"validationType": "phone"}), "12", "bad_phone"),
        (one("number"), "many", "not_a_number"),
        (one("number"), True, "not_a_number"),
        (one("number"), "1e400", "not_a_number"),
        (one("number"), 1e300, "not_a_number"),
        (one("number"), float("nan"), "not_a_number"),
        (one("number"), "250.000", "ambiguous_number"),
        (one("number", decimalDigits=0), "1.5", "too_many_decimals"),
        (one("number", validate={"min": 1}), "0", "too_small"),
        (one("number", validate={"max": "=seats"}), "99", "too_large"),
        (one("number", increment=5), "7", "not_a_step"),
        (one("checkbox"), "maybe", "not_true_or_false"),
        (one("select", **CHOICES), "X", "not_an_option"),
        (one("select", **CHOICES), 1, "not_an_option"),
        (one("checklist", **CHOICES), {"H": 1}, "not_a_list"),
        (one("checklist", **CHOICES), ["H"] * 300, "too_many"),
        (one("datetime", subtype="date"), "2026-02-30", "bad_date"),
        (one("datetime", subtype="date"), "0026-02-03", "bad_date"),
        (one("datetime", subtype="date", disallowPassedDates=True), "2026-04-05", "date_in_past"),
        (one("datetime", subtype="time"), "25:00", "bad_time"),
        (one("datetime", subtype="datetime"), "2026-04-06", "bad_date"),
        (form_of({"type": "dynamiclist", "path": "a", "components": []}), "x", "not_a_list"),
        (form_of({"type": "dynamiclist", "path": "a", "components": []}), [{}] * 201, "too_many"),
    ],
)
def test_a_wrong_answer_has_its_code(form: Form, raw: Any, code: str) -> None:
    assert codes(form, {"a": raw}, seats=50) == {"a": [code]}


def test_all_mistakes_are_told_at_once() -> None:
    form = form_of(
        {"type": "textfield", "key": "name", "validate": {"required": True}},
        {"type": "number", "key": "seats"},
        {
            "type": "dynamiclist",
            "path": "staff",
            "components": [{"type": "textfield", "key": "nip", "validate": {"minLength": 18}}],
        },
    )
    found = codes(form, {"seats": "x", "staff": [{"nip": "9" * 18}, {"nip": "1", "pay": 3}], "admin": True})
    assert found == {
        "name": ["required"],
        "seats": ["not_a_number"],
        "staff[1].nip": ["too_short"],
        "staff[1].pay": ["unknown_field"],
        "admin": ["unknown_field"],
    }


OPINION = form_of(
    {
        "type": "radio",
        "key": "opinion",
        "validate": {"required": True},
        "values": [{"value": "agree"}, {"value": "refuse"}],
    },
    {
        "type": "textarea",
        "key": "reason",
        "conditional": {"hide": '=opinion != "refuse"'},
        "validate": {"required": True},
    },
    {
        "type": "group",
        "conditional": {"hide": '=opinion = "refuse"'},
        "components": [
            {"type": "number", "key": "valid_years", "validate": {"required": '=opinion = "agree"'}}
        ],
    },
    {"type": "expression", "key": "letter", "expression": '=if opinion = "refuse" then "D93" else "D55"'},
    {"type": "textfield", "key": "applicant", "readonly": True},
)


def test_a_hidden_question_is_neither_asked_nor_stored() -> None:
    assert check(OPINION, {"opinion": "agree", "valid_years": 3, "reason": "typed before"}) == {
        "opinion": "agree",
        "valid_years": 3,
        "letter": "D55",
    }
    assert check(OPINION, {"opinion": "refuse", "reason": "formalin", "valid_years": "x"}) == {
        "opinion": "refuse",
        "reason": "formalin",
        "letter": "D93",
    }


def test_a_question_is_required_when_it_shows() -> None:
    assert codes(OPINION, {"opinion": "refuse"}) == {"reason": ["required"]}
    assert codes(OPINION, {"opinion": "agree"}) == {"valid_years": ["required"]}


def test_a_locked_or_computed_answer_cannot_be_sent() -> None:
    raw = {"opinion": "refuse", "reason": "x", "applicant": "Bo", "letter": "D1"}
    found = check(OPINION, raw, applicant="Ana")
    assert "applicant" not in found
    assert found["letter"] == "D93"


def test_conditions_see_the_case_and_a_hidden_answer_is_null_to_them() -> None:
    form = form_of(
        {"type": "checkbox", "key": "has_lpg", "conditional": {"hide": "=floors < 2"}},
        {"type": "number", "key": "lpg_kg", "conditional": {"hide": "=has_lpg != true and floors > 0"}},
    )
    assert check(form, {"has_lpg": True, "lpg_kg": 50}, floors=2) == {"has_lpg": True, "lpg_kg": 50}
    assert check(form, {"has_lpg": False, "lpg_kg": 50}, floors=2) == {"has_lpg": False}


def test_a_draft_requires_nothing_and_gives_back_what_was_sent() -> None:
    assert check_answers(OPINION, {"reason": "so far"}, variables={"opinion": "refuse"}, partial=True) == {
        "reason": "so far",
        "letter": "D93",
    }


def test_an_answer_not_sent_keeps_the_variable_or_takes_the_default() -> None:
    form = form_of(
        {"type": "textfield", "key": "note", "validate": {"required": True}},
        {"type": "number", "key": "copies", "defaultValue": 2},
        {"type": "textfield", "key": "phone"},
    )
    assert check(form, {}, note="kept") == {"copies": 2, "phone": None}


def test_a_nested_answer_leaves_its_neighbours_alone() -> None:
    form = form_of({"type": "textfield", "key": "place.street"})
    place = {"street": "Melati", "kelurahan": "01"}
    assert check(form, {"place": {"street": "Kenari"}}, place=place) == {
        "place": {"street": "Kenari", "kelurahan": "01"}
    }
    assert place["street"] == "Melati"


def test_rows_see_their_own_answers_and_the_form_s() -> None:
    form = form_of(
        {"type": "checkbox", "key": "strict"},
        {
            "type": "dynamiclist",
            "path": "tests",
            "components": [
                {"type": "number", "key": "value"},
                {
                    "type": "textfield",
                    "key": "why",
                    "validate": {"required": True},
                    "conditional": {"hide": "=not(strict and value > 1.1)"},
                },
            ],
        },
    )
    rows = [{"value": 1, "why": "gone"}, {"value": 3, "why": "high"}]
    assert check(form, {"strict": True, "tests": rows})["tests"] == [
        {"value": 1},
        {"value": 3, "why": "high"},
    ]
    assert codes(form, {"strict": True, "tests": [{"value": 3}]}) == {"tests[0].why": ["required"]}


def test_fixed_rows_keep_what_is_locked_in_them() -> None:
    form = form_of(
        {
            "type": "dynamiclist",
            "path": "docs",
            "allowAddRemove": False,
            "components": [
                {"type": "textfield", "key": "name", "readonly": True},
                {"type": "checkbox", "key": "ok"},
            ],
        }
    )
    docs = [{"name": "NIB", "id": 1}, {"name": "SLF", "id": 2}]
    assert check(form, {"docs": [{"ok": True}, {"ok": False, "name": "x"}]}, docs=docs) == {
        "docs": [{"name": "NIB", "id": 1, "ok": True}, {"name": "SLF", "id": 2, "ok": False}]
    }
    assert codes(form, {"docs": [{"ok": True}]}, docs=docs) == {"docs": ["fixed_rows"]}


def test_options_may_come_from_the_case() -> None:
    form = form_of(
        {"type": "select", "key": "agency", "valuesKey": "asked"},
        {
            "type": "select",
            "key": "day",
            "valuesExpression": "=for d in days return {value: d, label: string(d)}",
        },
    )
    variables = {"asked": ["H", {"value": "F", "label": "Fire"}], "days": [3, 5]}
    assert check(form, {"agency": "F", "day": "5"}, **variables) == {"agency": "F", "day": 5}
    assert codes(form, {"agency": "E", "day": 4}, **variables) == {
        "agency": ["not_an_option"],
        "day": ["not_an_option"],
    }
    field = form.components[0]
    assert isinstance(field, Field)
    assert [option.label.read() for option in options(field, variables)] == ["H", "Fire"]


def test_an_html_form_gives_the_same_answers() -> None:
    form = form_of(
        {"type": "datetime", "subtype": "date", "key": "day"},
        {"type": "datetime", "subtype": "datetime", "key": "at"},
        {"type": "checkbox", "key": "ok"},
        {"type": "checklist", "key": "who", "values": [{"value": "H"}, {"value": "F"}]},
        {"type": "textfield", "key": "place.street"},
        {
            "type": "dynamiclist",
            "path": "staff",
            "components": [{"type": "textfield", "key": "name"}, {"type": "checkbox", "key": "chief"}],
        },
    )
    sent = {
        "csrf_token": "x",
        "day.day": "6",
        "day.month": "4",
        "day.year": "2026",
        "at.day": "7",
        "at.month": "4",
        "at.year": "2026",
        "at.hour": "9",
        "at.minute": "05",
        "who": ["H", "F"],
        "place.street": "Melati 14",
        "staff[0].name": "Sari",
        "staff[2].name": "Eko",
        "staff[2].chief": "on",
        "staff[3].name": "",
    }
    assert check(form, dict(from_html(form, sent))) == {
        "day": date(2026, 4, 6),
        "at": datetime(2026, 4, 7, 9, 5, tzinfo=ZoneInfo("Asia/Makassar")),
        "ok": False,
        "who": ["H", "F"],
        "place": {"street": "Melati 14"},
        "staff": [{"name": "Sari", "chief": False}, {"name": "Eko", "chief": True}],
    }


@pytest.mark.parametrize(
    ("day", "month", "year"), [("31", "2", "2026"), ("", "4", "2026"), ("a", "b", "c"), ("6", "4", "26")]
)
def test_a_date_in_three_boxes_that_is_none_is_told(day: str, month: str, year: str) -> None:
    form = one("datetime", subtype="date")
    assert codes(form, dict(from_html(form, {"a.day": day, "a.month": month, "a.year": year}))) == {
        "a": ["bad_date"]
    }


def test_the_page_knows_what_is_hidden_and_what_to_show_first() -> None:
    names = {c.key for c in hidden(OPINION, {"opinion": "refuse"}, variables={}) if isinstance(c, Field)}
    assert names == {"valid_years"}
    assert initial_values(OPINION, {"applicant": "Ana", "place": 1}) == {"applicant": "Ana"}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)

EVERYTHING = form_of(
    {"type": "textfield", "key": "t", "validate": {"pattern": "^a"}},
    {"type": "textarea", "key": "w"},
    {"type": "number", "key": "n", "decimalDigits": 2, "increment": 0.01},
    {"type": "select", "key": "s", **CHOICES},
    {"type": "checklist", "key": "c", **CHOICES},
    {"type": "checkbox", "key": "b"},
    {"type": "datetime", "subtype": "date", "key": "d"},
    {"type": "datetime", "subtype": "time", "key": "i"},
    {"type": "datetime", "subtype": "datetime", "key": "m"},
    {"type": "textfield", "key": "g.x"},
    {"type": "dynamiclist", "path": "l", "components": [{"type": "number", "key": "q"}]},
    {"type": "expression", "key": "e", "expression": "=n + 1"},
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from("twnscbdimgle") | st.text(max_size=3), anything, max_size=8))
def test_whatever_is_sent_is_typed_or_told(raw: dict[str, Any]) -> None:
    try:
        answers = check_answers(EVERYTHING, raw, variables={}, world=WORLD)
    except AnswersInvalid:
        return
    assert set(answers) <= set("twnscbdimgle")
    assert check_answers(EVERYTHING, answers, variables={}, world=WORLD) == answers


def test_what_is_computed_sees_the_answers_given_beside_it_also_when_nothing_is_hidden() -> None:
    form = form_of(
        {"type": "number", "key": "floors", "label": "Floors"},
        {"type": "expression", "key": "double", "expression": "=floors * 2"},
        {"type": "expression", "key": "fourfold", "expression": "=double * 2"},
    )
    assert check(form, {"floors": 3})["fourfold"] == 12
