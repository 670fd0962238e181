"""Expressions that others wrote, in the collection of models beside the repository: each is read, or refused in words."""

import os
import re
from pathlib import Path

import pytest
from lxml import etree

from engine.bpmn.expressions import Dialect, ExpressionInvalid, read_expression, read_template
from engine.forms.schema import read_form


def _models() -> Path:
    root = Path(__file__).resolve().parents[3]
    places = [root.parent / "shared", root.parent.parent / "shared"]
    if "LINTAS_SHARED" in os.environ:
        places.insert(0, Path(os.environ["LINTAS_SHARED"]))
    for place in places:
        if (place / "models").is_dir():
            return place / "models"
    pytest.skip("the collection of models is not beside this repository")


def _texts() -> set[str]:
    found: set[str] = set()
    for path in _models().rglob("*.bpmn"):
        for element in etree.parse(path).getroot().iter(etree.Element):
            found.update(str(value) for value in element.attrib.values())
            found.add((element.text or "").strip())
    return found


def test_every_juel_text_is_read_or_refused_for_a_reason() -> None:
    read = 0
    refused: list[str] = []
    for text in sorted(_texts()):
        if "<" in text or not re.search(r"[$#]\{", text):
            continue
        try:
            read_template(text, Dialect.JUEL)
            read += 1
        except ExpressionInvalid:
            refused.append(text)
    assert read > 40
    for text in refused:  # beans, methods and functions of other engines, and nothing else
        assert re.search(r"\w\(|execution|\.\w+ *\(", text), text


def test_every_feel_text_is_read() -> None:
    tried = 0
    for text in sorted(_texts()):
        if text.startswith("=") and len(text) > 1:
            read_expression(text, Dialect.FEEL)
            tried += 1
    assert tried >= 8


def test_the_collection_s_forms_are_read() -> None:
    for name in ("start-form.form", "task-form.form"):
        path = _models() / "04-camunda-forms" / name
        form, problems = read_form(path.read_bytes(), name)
        assert problems == []
        assert form is not None
        assert form.key == path.stem
