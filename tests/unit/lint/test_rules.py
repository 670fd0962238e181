"""docs/warnings.md is true: every rule stands there with its own words, one example that shows it and one that does not."""

import json
import re
from pathlib import Path

import pytest

from engine.bpmn.admit import Admission, Upload
from engine.bpmn.lint.run import RULES
from engine.problems import Severity
from engine.usecases.check_files import check_files
from tests.unit.reading.files import document, process
from tests.unit.reading.house import house

PAGE = (Path(__file__).resolve().parents[3] / "docs/warnings.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### `([a-z_]+)`\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL))
BLOCK = re.compile(r"```(xml|toml|json)\n(.*?)\n```", re.DOTALL)


def check(example: str) -> Admission:
    """Upload what stands in ``example``: a model, and perhaps forms and process.toml."""
    [model, *more] = BLOCK.findall(example)
    files = {
        "process.toml" if language == "toml" else f"{json.loads(text)['id']}.form": text.encode()
        for language, text in more
    }
    content = document(model[1]) if "<process" in model[1] else process(model[1])
    return check_files(Upload("licence.bpmn", content, files), house())


@pytest.mark.parametrize("code", RULES)
def test_the_example_of_a_rule_shows_what_it_finds_and_the_mended_one_does_not(code: str) -> None:
    shows, mended = SECTIONS[code].split("Without it:")
    found = check(shows)
    assert found.errors == []
    [problem, *_] = [p for p in found.warnings if p.code == code]
    assert problem.severity is Severity.WARNING
    assert problem.line > 0
    assert problem.message.endswith(".")
    without = check(mended)
    assert without.errors == []
    assert [p for p in without.warnings if p.code == code] == []


def test_the_page_has_each_rule_once_in_the_rules_own_words() -> None:
    assert sorted(SECTIONS) == sorted(RULES)
    for code, section in SECTIONS.items():
        assert section.startswith(f"**W** {RULES[code].title}. {RULES[code].why}\n")


FORM = '{"id": "first", "components": [{"type": "textfield", "key": "approver", "label": "Approver"}]}'


def reading(variable: str) -> list[str]:
    """What is said of a condition in a process that a message may bring any variable into."""
    content = document(
        '<message id="m" name="news"/><process id="licence" isExecutable="true"><startEvent id="s" camunda:formKey="first"/>'
        f'<exclusiveGateway id="g" default="h"/><receiveTask id="a" messageRef="m"/><task id="b"/>'
        f'<sequenceFlow id="f" sourceRef="g" targetRef="a"><conditionExpression>${{{variable} == \'x\'}}</conditionExpression>'
        '</sequenceFlow><sequenceFlow id="h" sourceRef="g" targetRef="b"/></process>'
    )
    found = check_files(Upload("licence.bpmn", content, {"first.form": FORM.encode()}), house())
    return [p.message for p in found.warnings if p.code == "variable_unset"]


@pytest.mark.parametrize("mistyped", ["Approver", "aprover", "appover", "apporver", "approover"])
def test_a_slip_of_the_pen_is_told_even_where_a_message_may_bring_any_variable(mistyped: str) -> None:
    [told] = reading(mistyped)
    assert '"approver" is set' in told


@pytest.mark.parametrize("another", ["approved", "approvers", "approve", "officer", "approver"])
def test_a_name_that_may_well_be_another_word_is_left_alone(another: str) -> None:
    assert reading(another) == []
