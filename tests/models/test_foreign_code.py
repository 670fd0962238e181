"""Camunda 7 files whose Java code process.toml binds, doing here what they do at home (MANIFEST of the borrowed models)."""

from pathlib import Path

import pytest

from tests.models.bureau import Bureau, bureau, elements, folder_of, the_line
from tests.usecases.models import bpmn

__all__ = ["bureau"]

# 12: a compensation throw event that names one activity


UNDO = """
[services]
undoBookHotel = { connector = "partner" }
undoBookFlight = { connector = "partner" }
"""


def trip(models: Path) -> Path:
    (found,) = folder_of(models, "12").iterdir()
    return found


def test_12_the_bare_upload_names_each_handler_and_the_line_to_write(bureau: Bureau, models: Path) -> None:
    problems = bureau.refused(trip(models))
    assert elements(problems, "vendor_code") == ["undoBookFlight", "undoBookHotel"]
    for element in ("undoBookFlight", "undoBookHotel"):
        the_line(problems, element, "services")


def test_12_only_the_hotel_is_undone_once_for_each_booking(bureau: Bureau, models: Path) -> None:
    bureau.bind(trip(models), toml=UNDO)
    case = bureau.start("compensateProcess")
    bureau.work()
    assert [element for element, _ in bureau.asked] == ["undoBookHotel"] * 5
    assert bureau.state(case) == "running"
    bureau.tell(case, "beforeEnd")
    assert bureau.state(case) == "completed"


def test_12_a_class_is_one_key_for_all_who_name_it(bureau: Bureau, models: Path) -> None:
    name = "org.camunda.bpm.engine.test.bpmn.event.compensate.helper.UndoService"
    bureau.bind(trip(models), toml=f'[services]\n"{name}" = {{ skip = "nothing was booked" }}\n')
    case = bureau.start("compensateProcess")
    assert bureau.way(case).count("undoBookHotel") == 5
    assert "undoBookFlight" not in bureau.way(case)


# 30: a block that checks whether a statutory deadline moves

DEADLINE = """
[services]
Activity_0rao4g3 = { set = { hersteltermijnAanwezig = "verzoek.hersteltermijn" } }
Activity_0kiwint = { connector = "partner", results = { hersteltermijnAfgelopen = "reply.lapsed" } }
Activity_1jobqwk = { connector = "partner" }
Activity_0v8838j = { connector = "partner", result = "doorlooptijd" }
Event_0x5lyq8 = { message = "AFHANDELTERMIJN_AANGEPAST", data = { doorlooptijd = "doorlooptijd" } }
"""
PARENT = bpmn(
    "parent",
    """<startEvent id="start"/><sequenceFlow id="f1" sourceRef="start" targetRef="moved"/>
    <intermediateCatchEvent id="moved"><messageEventDefinition messageRef="m_moved"/></intermediateCatchEvent>
    <sequenceFlow id="f2" sourceRef="moved" targetRef="end"/><endEvent id="end"/>""",
).replace(b"<process ", b'<message id="m_moved" name="AFHANDELTERMIJN_AANGEPAST"/><process ')


def deadline(models: Path) -> Path:
    (found,) = folder_of(models, "30").iterdir()
    return found


def test_30_the_bare_upload_names_the_event_without_a_message(bureau: Bureau, models: Path) -> None:
    problems = bureau.refused(deadline(models))
    assert [(code, element) for code, element, _ in problems] == [("message_missing", "Event_0x5lyq8")]
    the_line(problems, "Event_0x5lyq8", "services")


@pytest.mark.parametrize(
    ("repair_term", "lapsed", "asked"),
    [
        (False, None, []),
        (True, True, ["Activity_0kiwint"]),
        (True, False, ["Activity_0kiwint", "Activity_1jobqwk", "Activity_0v8838j"]),
    ],
)
def test_30_a_repair_term_that_has_not_lapsed_is_stopped_and_moves_the_deadline(
    bureau: Bureau, models: Path, repair_term: bool, lapsed: bool | None, asked: list[str]
) -> None:
    bureau.bind(deadline(models), toml=DEADLINE)
    bureau.bring("parent.bpmn", PARENT)
    parent = bureau.start("parent")
    bureau.replies = {"Activity_0kiwint": [{"lapsed": lapsed}], "Activity_0v8838j": ["P3D"]}
    case = bureau.start("controleren-afhandeltermijn", {"verzoek": {"hersteltermijn": repair_term}})
    bureau.work()
    assert [element for element, _ in bureau.asked] == asked
    assert bureau.state(case) == "completed"
    if lapsed is not False:
        assert bureau.state(parent) == "running"
        assert "Event_0x5lyq8" not in bureau.way(case)
        return
    assert bureau.state(parent) == "completed"
    assert bureau.variables(parent)["doorlooptijd"] == "P3D"
