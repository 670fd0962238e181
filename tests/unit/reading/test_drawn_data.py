"""Forms that a file names, holds or draws, and the data associations that copy."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from engine.bpmn.interpreter import build
from engine.bpmn.reading.fields import fields_key, read_date
from engine.bpmn.step import World
from engine.forms.schema import read_form
from tests.unit.bpmn.harness import EveryDayCalendar
from tests.unit.reading.files import around, errors, extended, one, process, read, warnings


def form_of(inside: str) -> dict[str, dict[str, Any]]:
    """The components of the form that fields drawn into a task make, by key; the form itself must be sound."""
    made = one(process(around(f'<userTask id="work">{extended(inside)}</userTask>')))
    content = made.forms["licence.work.fields"]
    form, problems = read_form(content, "licence.work.fields.form")
    assert form is not None, problems
    [work] = [n.work for n in made.nodes() if n.work is not None]
    assert work.form == form.key == "licence.work.fields"
    return {component["key"]: component for component in json.loads(content)["components"]}


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("camunda-forms:app:start.form", "start"),
        ("camunda-forms:deployment:forms/start.form", "start"),
        ("camunda-forms:bpmn:start", "start"),
        ("embedded:deployment:forms/start.html", "start"),
        ("app:start.jsf", "start"),
        ("start.json", "start"),
        ("org/example/start.form", "start"),
    ],
)
def test_a_form_key_is_known_without_the_words_around_it(written: str, key: str) -> None:
    made = one(process(around(f'<userTask id="work" camunda:formKey="{written}"/>')))
    assert [n.work.form for n in made.nodes() if n.work is not None] == [key]


def test_camunda_8_names_a_form_by_id_by_key_or_by_reference() -> None:
    for attribute in ("formId", "formKey", "externalReference"):
        task = extended(f'<zeebe:formDefinition {attribute}="check"/>')
        made = one(process(around(f'<userTask id="work">{task}</userTask>')))
        assert [n.work.form for n in made.nodes() if n.work is not None] == ["check"]


def test_a_form_that_stands_in_the_process_is_found_by_its_id() -> None:
    schema = '{"components": [{"type": "textfield", "key": "note"}]}'
    inside = extended(f'<zeebe:userTaskForm id="f1">{schema}</zeebe:userTaskForm>')
    task = extended('<zeebe:formDefinition formKey="camunda-forms:bpmn:f1"/>')
    made = one(process(inside + around(f'<userTask id="work">{task}</userTask>')))
    assert made.forms == {"f1": schema.encode()}


def test_fields_of_camunda_become_a_form_with_types_labels_defaults_and_limits() -> None:
    fields = form_of(
        "<camunda:formData>"
        '<camunda:formField id="name" label="Name" type="string" defaultValue="Sari">'
        '<camunda:validation><camunda:constraint name="required"/><camunda:constraint name="minlength" config="2"/>'
        '<camunda:constraint name="maxlength" config="20"/></camunda:validation></camunda:formField>'
        '<camunda:formField id="seats" type="long" defaultValue="12"><camunda:validation>'
        '<camunda:constraint name="min" config="1"/><camunda:constraint name="max" config="99"/></camunda:validation></camunda:formField>'
        '<camunda:formField id="open" type="boolean" defaultValue="true"><camunda:validation>'
        '<camunda:constraint name="required"/></camunda:validation></camunda:formField>'
        '<camunda:formField id="begin" type="date" defaultValue="31/12/2026"/>'
        '<camunda:formField id="kind" type="enum" defaultValue="b"><camunda:value id="a" name="Kiosk"/>'
        '<camunda:value id="b" name="Restaurant"/></camunda:formField>'
        '<camunda:formField id="number" type="string"><camunda:validation><camunda:constraint name="readonly"/>'
        "</camunda:validation></camunda:formField></camunda:formData>"
    )
    assert fields["name"] == {
        "type": "textfield",
        "key": "name",
        "id": "field_name",
        "label": "Name",
        "validate": {"required": True, "minLength": 2, "maxLength": 20},
        "defaultValue": "Sari",
    }
    assert (fields["seats"]["decimalDigits"], fields["seats"]["defaultValue"]) == (0, 12)
    assert fields["seats"]["validate"] == {"min": 1, "max": 99}
    assert fields["open"]["defaultValue"] is True
    assert (
        "validate" not in fields["open"]
    )  # "no" is an answer there; a required box here would have to be ticked
    assert (fields["begin"]["subtype"], fields["begin"]["defaultValue"]) == ("date", "2026-12-31")
    assert fields["kind"]["type"] == "radio"
    assert fields["kind"]["defaultValue"] == "b"
    assert [option["label"] for option in fields["kind"]["values"]] == ["Kiosk", "Restaurant"]
    assert fields["number"]["readonly"] is True


def test_properties_of_flowable_become_a_form_as_well() -> None:
    fields = form_of(
        '<camunda:formProperty id="days" name="Days" type="long" value="${days}" required="true"/>'
        '<camunda:formProperty id="from" variable="begin" type="date" datePattern="dd-MM-yyyy hh:mm"/>'
        '<camunda:formProperty id="boss" name="Boss" writable="false"/>'
        '<camunda:formProperty id="secret" readable="false" writable="false"/>'
    )
    assert fields["days"]["validate"] == {"required": True}
    assert "defaultValue" not in fields["days"]  # the variable of its name is shown anyway
    assert fields["begin"]["subtype"] == "datetime"
    assert fields["boss"]["readonly"] is True
    assert set(fields) == {"days", "begin", "boss"}


@pytest.mark.parametrize(
    "field",
    [
        '<camunda:formField id="f" type="money"/>',
        '<camunda:formField id="f" type="string" defaultValue="${a + b}"/>',
        '<camunda:formField id="f" type="long" defaultValue="many"/>',
        '<camunda:formField id="f" type="date" defaultValue="tomorrow"/>',
        '<camunda:formField id="f"><camunda:validation><camunda:constraint name="validator" config="org.example.V"/>'
        "</camunda:validation></camunda:formField>",
        '<camunda:formField id="f"><camunda:properties><camunda:property id="p" value="v"/></camunda:properties></camunda:formField>',
    ],
)
def test_what_a_form_has_no_word_for_is_told_by_the_name_of_the_field(field: str) -> None:
    reading = read(
        process(
            around(
                f'<userTask id="work">{extended(f"<camunda:formData>{field}</camunda:formData>")}</userTask>'
            )
        )
    )
    assert errors(reading) == []
    [message] = [p.message for p in reading.problems if p.code == "field_not_kept"]
    assert '"f"' in message


def test_a_long_id_gives_a_short_key_that_stays_the_same() -> None:
    key = fields_key("licence", "a" * 200)
    assert len(key) == 40
    assert key == fields_key("licence", "a" * 200) != fields_key("licence", "b" * 200)


@pytest.mark.parametrize(
    ("written", "pattern", "timed", "read_as"),
    [
        ("31/12/2026", None, False, "2026-12-31"),
        ("2026-12-31", None, False, "2026-12-31"),
        ("12-31-2026", "MM-dd-yyyy", False, "2026-12-31"),
        ("31-12-2026 14:30", "dd-MM-yyyy HH:mm", True, "2026-12-31T14:30"),
        ("Monday", "EEEE", False, None),
    ],
)
def test_a_date_is_read_by_its_pattern(
    written: str, pattern: str | None, timed: bool, read_as: str | None
) -> None:
    assert read_date(written, pattern, timed=timed) == read_as


# data associations


def associated(associations: str, objects: str = "") -> bytes:
    io = (
        '<ioSpecification><dataInput id="in" name="given"/><dataInput id="same" name="order"/>'
        '<dataOutput id="out" name="answer"/></ioSpecification>'
    )
    data = (
        '<dataObject id="o" name="order"/><dataObjectReference id="r" name="Order drawn" dataObjectRef="o"/>'
    )
    return process(around(f'<userTask id="work">{io}{associations}</userTask>') + data + objects)


def arrow(kind: str, begin: str, end: str, more: str = "") -> str:
    source = f"<sourceRef>{begin}</sourceRef>" if begin else ""
    return f"<data{kind}Association>{source}<targetRef>{end}</targetRef>{more}</data{kind}Association>"


def mapped(content: bytes) -> tuple[dict[str, str], dict[str, str]]:
    [work] = [n for n in one(content).nodes() if n.id == "work"]
    return (
        {m.target: m.value.code for m in work.inputs if m.value},
        {m.target: m.value.code for m in work.outputs if m.value},
    )


def test_an_association_copies_between_a_data_object_and_what_a_task_reads_and_gives() -> None:
    inputs, outputs = mapped(associated(arrow("Input", "r", "in") + arrow("Output", "out", "r")))
    assert set(inputs) == {"given"}
    assert "order" in inputs["given"]
    assert set(outputs) == {"order"}
    assert "answer" in outputs["order"]


def test_a_copy_between_equal_names_needs_nothing() -> None:
    assert mapped(associated(arrow("Input", "r", "same"))) == ({}, {})


def test_an_assignment_and_a_transformation_may_compute() -> None:
    assignment = "<assignment><from>${1 + 1}</from><to>in</to></assignment>"
    inputs, _ = mapped(associated(arrow("Input", "", "in", assignment)))
    assert set(inputs) == {"given"}
    transformation = "<transformation>${answer == 'yes'}</transformation>"
    _, outputs = mapped(associated(arrow("Output", "out", "r", transformation)))
    assert set(outputs) == {"order"}


@pytest.mark.parametrize(
    "associations",
    [
        arrow("Input", "", "in", "<assignment><from>java(x)</from><to>in</to></assignment>"),
        arrow("Input", "", "in", "<assignment><from>${1}</from><to>in/part</to></assignment>"),
        arrow("Input", "r", "in") + arrow("Input", "o", "in"),
        arrow("Output", "out", "r", "<transformation>upper(answer)</transformation>"),
    ],
)
def test_an_association_that_is_not_understood_is_told(associations: str) -> None:
    reading = read(associated(associations))
    assert errors(reading) == []
    assert ("data_ignored", "work") in warnings(reading)


def test_a_data_object_with_spaces_has_a_variable_by_rule() -> None:
    more = '<dataObject id="o2" name="The 2nd answer"/>'
    content = associated(arrow("Output", "out", "o2"), more)
    assert set(mapped(content)[1]) == {"The_2nd_answer"}
    [message] = [p.message for p in read(content).problems if p.code == "variable_renamed"]
    assert "The_2nd_answer" in message


def test_two_names_do_not_share_a_variable() -> None:
    more = '<dataObject id="o2" name="The answer"/><dataObject id="o3" name="The_answer"/>'
    content = associated(arrow("Output", "out", "o2") + arrow("Input", "o3", "in"), more)
    assert ("variable_name", "work") in errors(read(content))


def test_a_data_object_with_a_value_is_a_variable_that_a_case_begins_with() -> None:
    value = extended("<camunda:value>{}</camunda:value>")
    objects = "".join(
        f'<dataObject id="{name}" name="{name}" itemSubjectRef="xsd:{kind}">{value.format(text)}</dataObject>'
        for name, kind, text in (
            ("seats", "int", "12"),
            ("open", "boolean", "true"),
            ("town", "string", "Manado"),
        )
    )
    made = one(process(around('<task id="work"/>') + objects))
    machine = build(made, called={}, decisions={})
    world = World(datetime(2026, 1, 1, tzinfo=UTC), EveryDayCalendar())
    step = machine.start(world, {"seats": 40})
    assert step.data == {"seats": 40, "open": True, "town": "Manado"}
