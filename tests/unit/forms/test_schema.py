"""Reading form-js schemas: the typed tree, words in two languages, and every problem by name."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.forms.form import Computed, Field, FieldKind, Form, Group, ListField, Static, StaticKind
from engine.forms.schema import read_form
from engine.problems import Problem


def read(*components: dict[str, Any], **more: Any) -> tuple[Form | None, list[Problem]]:
    schema = {"type": "default", "id": "opinion", "components": list(components), **more}
    return read_form(json.dumps(schema).encode(), "opinion.form")


def form_of(*components: dict[str, Any]) -> Form:
    form, problems = read(*components)
    assert problems == []
    assert form is not None
    return form


def test_a_form_is_a_tree_of_what_it_asks() -> None:
    form = form_of(
        {"type": "text", "text": "# Pendapat"},
        {
            "type": "group",
            "label": "Tempat",
            "path": "place",
            "components": [{"type": "textfield", "key": "street", "label": "Jalan"}],
        },
        {
            "type": "dynamiclist",
            "path": "staff",
            "components": [{"type": "number", "key": "age", "label": "Umur"}],
        },
        {"type": "expression", "key": "total", "expression": "=count(staff)"},
        {"type": "datetime", "subtype": "date", "dateLabel": "Tanggal", "key": "day"},
        {"type": "button", "label": "Kirim", "action": "submit"},
    )
    assert form.key == "opinion"
    text, group, rows, total, day = form.components
    assert isinstance(text, Static)
    assert text.kind is StaticKind.TEXT
    assert isinstance(group, Group)
    assert [c.key for c in group.components if isinstance(c, Field)] == ["place.street"]
    assert isinstance(rows, ListField)
    assert isinstance(total, Computed)
    assert isinstance(day, Field)
    assert (day.kind, day.label.read()) == (FieldKind.DATE, "Tanggal")


def test_one_form_serves_two_languages() -> None:
    form = form_of(
        {
            "type": "radio",
            "key": "opinion",
            "label": "Pendapat",
            "description": "Pilih satu",
            "properties": {"label_en": "Opinion", "description_en": "Choose one"},
            "values": [{"value": "setuju", "label": "Setuju", "label_en": "Agree"}],
        }
    )
    (field,) = form.components
    assert isinstance(field, Field)
    assert [field.label.read(), field.label.read("id"), field.label.read("en")] == [
        "Pendapat",
        "Pendapat",
        "Opinion",
    ]
    assert field.description.read("en") == "Choose one"
    assert field.options[0].label.read("en") == "Agree"


def test_words_may_hold_values_of_the_case() -> None:
    form = form_of({"type": "text", "text": "Hi **{{name}}**, {{count(staff)}} staff"})
    (text,) = form.components
    assert isinstance(text, Static)
    html = text.content.html("en", {"name": "Ana <b>*x*</b>", "staff": [1, 2]}, markdown=True)
    assert html == "<p>Hi <strong>Ana &lt;b&gt;*x*&lt;/b&gt;</strong>, 2 staff</p>\n"


def test_html_keeps_no_script_no_style_and_no_foreign_image() -> None:
    form = form_of(
        {
            "type": "html",
            "content": '<p style="x" onclick="y">a<script>evil()</script><img src="http://x"><a href="javascript:1">b</a>'
            '<a href="https://contoh.example">{{name}}</a></p>',
        }
    )
    (text,) = form.components
    assert isinstance(text, Static)
    html = text.content.html("", {"name": "<i>Bo</i>"}, markdown=False)
    for bad in ("script", "style", "onclick", "img", "javascript", "<i>"):
        assert bad not in html
    assert 'href="https://contoh.example"' in html


@pytest.mark.parametrize(
    ("component", "code", "name"),
    [
        ({"type": "filepicker", "key": "photos"}, "form_component_unknown", "photos"),
        ({"type": "iframe", "id": "f1"}, "form_component_unknown", "f1"),
        ({"type": "textfield", "id": "f1"}, "form_key_invalid", "f1"),
        ({"type": "textfield", "key": "?!"}, "form_key_invalid", "?!"),
        ({"type": "textfield", "key": "a", "conditional": {"hide": "=b =="}}, "form_expression_invalid", "a"),
        ({"type": "textfield", "key": "a", "validate": {"pattern": "(?=x)"}}, "form_pattern_invalid", "a"),
        ({"type": "textfield", "key": "a", "validate": {"maxLength": "many"}}, "form_limit_invalid", "a"),
        ({"type": "number", "key": "a", "validate": {"min": "x"}}, "form_limit_invalid", "a"),
        ({"type": "number", "key": "a", "increment": "0"}, "form_limit_invalid", "a"),
        ({"type": "select", "key": "a"}, "form_without_options", "a"),
        ({"type": "select", "key": "a", "values": [{"value": 1}, {"value": "1"}]}, "form_option_twice", "a"),
        ({"type": "expression", "key": "a"}, "form_expression_invalid", "a"),
        (
            {"type": "table", "id": "t", "dataSource": "=a", "columnsExpression": "=b"},
            "form_table_invalid",
            "t",
        ),
        ({"type": "text", "id": "t", "text": "{{#if a}}b{{/if}}"}, "form_expression_invalid", "t"),
        ({"type": "image", "id": "i", "source": "javascript:1"}, "form_image_invalid", "i"),
    ],
)
def test_a_component_that_cannot_be_used_is_told_by_its_name(
    component: dict[str, Any], code: str, name: str
) -> None:
    form, problems = read(component)
    assert form is None
    assert (problems[0].code, problems[0].element, problems[0].file) == (code, name, "opinion.form")
    assert problems[0].message


def test_problems_have_the_line_of_their_component() -> None:
    content = (
        b'{\n "components": [\n  {"type": "textfield", "key": "a"},\n  {"type": "magic",\n   "key": "wand"}]}'
    )
    _, problems = read_form(content, "x.form")
    assert [(p.line, p.element) for p in problems] == [(5, "wand")]


def test_a_key_is_used_twice_only_where_conditions_choose() -> None:
    twice = {"type": "textfield", "key": "a"}
    assert [p.code for p in read(twice, twice)[1]] == ["form_key_twice"]
    assert (
        read({**twice, "conditional": {"hide": "=b"}}, {**twice, "conditional": {"hide": "=not(b)"}})[1] == []
    )


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"<h1>no</h1>", b'{"components": 1}', b"\xff\xfe", b"[" * 100_000]
)
def test_what_is_no_form_is_told(content: bytes) -> None:
    form, problems = read_form(content, "x.form")
    assert form is None
    assert [p.code for p in problems] == ["form_malformed"]


def test_a_form_without_an_id_is_known_by_its_file_name() -> None:
    form, _ = read_form(b'{"components": []}', "start-form.form")
    assert form is not None
    assert form.key == "start-form"


def test_a_very_large_form_is_refused() -> None:
    _, problems = read(*({"type": "separator"} for _ in range(600)))
    assert [p.code for p in problems] == ["form_too_large"]


json_things = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "key",
                    "path",
                    "components",
                    "values",
                    "validate",
                    "conditional",
                    "label",
                    "layout",
                    "hide",
                    "min",
                ]
            ),
            inner
            | st.sampled_from(
                ["textfield", "number", "select", "group", "dynamiclist", "table", "=a", "required"]
            ),
            max_size=5,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(st.lists(json_things, max_size=4))
def test_any_json_is_read_or_told(components: list[Any]) -> None:
    form, problems = read_form(json.dumps({"components": components}).encode(), "x.form")
    assert form is not None or problems
