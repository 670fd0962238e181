"""Variables: who sets them, who reads them, and where nobody can tell."""

import json

from engine.bpmn.admit import Upload
from engine.usecases.check_files import check_files
from tests.unit.reading.files import extended, flow, process
from tests.unit.reading.house import house

START = '<startEvent id="start" camunda:formKey="application"/>'


def field(key: str, *values: str, **more: object) -> dict[str, object]:
    kind = (
        {"type": "select", "values": [{"value": v, "label": v} for v in values]}
        if values
        else {"type": "textfield"}
    )
    return {"key": key, "label": key, **kind, **more}


def told(code: str, inside: str, **forms: list[dict[str, object]]) -> list[tuple[str, str]]:
    """(element, message) of the findings; ``forms``: key → fields."""
    files = {
        f"{key}.form": json.dumps({"id": key, "components": fields}).encode() for key, fields in forms.items()
    }
    found = check_files(Upload("licence.bpmn", process(inside), files), house())
    assert found.errors == []
    return [(p.element, p.message) for p in found.warnings if p.code == code]


def asked(condition: str, between: str = "") -> str:
    """start, perhaps something between, then a choice by ``condition``."""
    return (
        f'{START}<exclusiveGateway id="g" default="no"/><task id="a"/><task id="b"/>{between}'
        f"{flow('g', 'a', condition, name='yes')}{flow('g', 'b', name='no')}"
    )


def test_what_a_start_form_a_script_or_a_mapping_sets_is_set() -> None:
    script = '<scriptTask id="s" scriptFormat="python"><script>size = seats * 2</script></scriptTask>'
    assert told("variable_unset", asked("${size > 2}", script), application=[field("seats")]) == []
    mapped = extended(
        '<camunda:inputOutput><camunda:outputParameter name="size">${seats}</camunda:outputParameter></camunda:inputOutput>'
    )
    between = f'<userTask id="t" camunda:formKey="application">{mapped}</userTask>'
    assert told("variable_unset", asked("${size > 2}", between), application=[field("seats")]) == []
    [(element, message)] = told("variable_unset", asked("${size > 2}"), application=[field("seats")])
    assert element == "yes"
    assert '"size", which nothing here sets' in message


def test_a_task_without_a_form_or_a_partner_may_set_anything() -> None:
    assert (
        told("variable_unset", asked("${size > 2}", '<userTask id="t"/>'), application=[field("seats")]) == []
    )
    call = extended(
        '<lintas:property name="connector" value="http"/><lintas:property name="path" value="/x"/>'
    )
    between = f'<serviceTask id="c">{call}</serviceTask>'
    assert told("variable_unset", asked("${size > 2}", between), application=[field("seats")]) == []


def test_fields_in_groups_count_and_locked_ones_do_not() -> None:
    group = {"type": "group", "label": "Place", "components": [field("size")]}
    assert told("variable_unset", asked("${size == '2'}"), application=[group]) == []
    locked = [field("size", readonly=True)]
    assert told("variable_unset", asked("${size == '2'}"), application=locked) != []


def test_a_value_is_compared_with_what_all_forms_offer_together() -> None:
    twice = '<userTask id="t" camunda:formKey="other"/>'
    forms = {"application": [field("kind", "shop", "stall")], "other": [field("kind", "kiosk")]}
    assert told("value_not_offered", asked("${kind == 'kiosk'}", twice), **forms) == []
    [(element, message)] = told("value_not_offered", asked("${kind == 'Shop'}", twice), **forms)
    assert element == "yes"
    assert "kiosk, shop, stall" in message


def test_a_value_is_not_judged_where_it_may_be_typed_or_computed() -> None:
    assert told("value_not_offered", asked("${kind == 'Shop'}"), application=[field("kind")]) == []
    script = '<scriptTask id="s" scriptFormat="python"><script>kind = "Shop"</script></scriptTask>'
    choice = [field("kind", "shop", "stall")]
    assert told("value_not_offered", asked("${kind == 'Shop'}", script), application=choice) == []


def side_by_side(one: str, other: str, more: str = "") -> str:
    return (
        f'<startEvent id="start"/><parallelGateway id="p"/>{one}{other}<parallelGateway id="j"/>{more}{flow("start", "p")}'
        f"{flow('p', 'a')}{flow('p', 'b')}{flow('a', 'j')}{flow('b', 'j')}"
    )


def test_the_same_key_is_no_matter_one_after_the_other_or_apart() -> None:
    a, b = (f'<userTask id="{name}" camunda:formKey="note"/>' for name in "ab")
    assert [e for e, _ in told("answers_collide", side_by_side(a, b), note=[field("note")])] == ["b"]
    after = f'<userTask id="c" camunda:formKey="note"/>{flow("j", "c")}'
    plain = '<userTask id="b"/>'
    assert told("answers_collide", side_by_side(a, plain, after), note=[field("note")]) == []
    local = extended(
        '<camunda:inputOutput><camunda:inputParameter name="note">x</camunda:inputParameter></camunda:inputOutput>'
    )
    apart = f'<userTask id="b" camunda:formKey="note">{local}</userTask>'
    assert told("answers_collide", side_by_side(a, apart), note=[field("note")]) == []
