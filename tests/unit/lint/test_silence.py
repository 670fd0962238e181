"""Meilani silences a warning that is meant: with a reason, at one element, and never an error."""

import pytest

from engine.bpmn.admit import Admission, Upload
from engine.usecases.check_files import check_files
from tests.unit.reading.files import extended, process
from tests.unit.reading.house import house


def task(ignore: str, *, more: str = "") -> bytes:
    prop = f'<camunda:properties><camunda:property name="ignore" value="{ignore}"/></camunda:properties>'
    return process(f'<startEvent id="s"/><userTask id="check" {more}>{extended(prop)}</userTask>')


def check(content: bytes, settings: str = "") -> Admission:
    files = {"process.toml": settings.encode()} if settings else {}
    return check_files(Upload("licence.bpmn", content, files), house())


def codes(found: Admission) -> set[str]:
    return {p.code for p in found.problems}


def test_a_reason_in_the_drawing_silences_one_warning_of_one_element() -> None:
    found = check(task("task_without_form: the officer signs on paper"))
    [silenced] = found.silenced
    assert (silenced.problem.code, silenced.problem.element) == ("task_without_form", "check")
    assert silenced.reason == "the officer signs on paper"
    assert "task_without_form" not in codes(found)
    assert {"task_without_sla", "task_without_name"} <= codes(found)


@pytest.mark.parametrize("between", ["; ", "&#10;"])
def test_several_are_silenced_in_one_property(between: str) -> None:
    found = check(task(f"task_without_form: on paper{between}task_without_sla: at once"))
    assert {s.problem.code for s in found.silenced} == {"task_without_form", "task_without_sla"}


def test_process_toml_silences_without_touching_the_drawing() -> None:
    plain = process('<startEvent id="s"/><userTask id="check"/>')
    found = check(plain, '[ignore]\ncheck = { task_without_form = "on paper" }')
    assert [(s.problem.code, s.reason) for s in found.silenced] == [("task_without_form", "on paper")]


def test_without_a_reason_nothing_is_silenced() -> None:
    found = check(task("task_without_form"))
    assert found.silenced == []
    assert {"task_without_form", "ignore_without_reason"} <= codes(found)


def test_an_empty_reason_in_process_toml_is_an_error() -> None:
    plain = process('<startEvent id="s"/><userTask id="check"/>')
    assert "settings_invalid" in codes(check(plain, '[ignore]\ncheck = { task_without_form = " " }'))
    assert "settings_invalid" in codes(check(plain, '[ignore]\ncheck = "task_without_form"'))


def test_an_error_cannot_be_silenced() -> None:
    found = check(task("due_invalid: we know", more='camunda:dueDate="tomorrow"'))
    assert {p.code for p in found.errors} == {"due_invalid"}
    [entry] = [p for p in found.warnings if p.code == "ignore_unused"]
    assert "cannot be silenced" in entry.message


def test_an_entry_that_silences_nothing_is_told_where_it_stands() -> None:
    [entry] = [p for p in check(task("no_default: it has one")).warnings if p.code == "ignore_unused"]
    assert (entry.element, entry.line) == ("check", 3)
    found = check(process('<startEvent id="s"/>'), '[ignore]\ngone = { no_default = "it has one" }')
    [entry] = [p for p in found.warnings if p.code == "ignore_unused"]
    assert entry.file == "process.toml"


def test_what_is_silenced_is_no_setting_of_a_connector() -> None:
    silent = extended(
        '<lintas:property name="connector" value="http"/><lintas:property name="path" value="/x"/>'
        '<lintas:property name="ignore" value="unreachable: drawn for later"/>'
    )
    found = check(process(f'<startEvent id="s"/><serviceTask id="call">{silent}</serviceTask>'))
    [admitted] = found.processes
    [service] = [n.service for n in admitted.process.nodes() if n.service is not None]
    assert dict(service.settings) == {"path": "/x"}
    assert [s.problem.code for s in found.silenced] == ["unreachable"]
