"""Every sample procedure is complete in itself: it reads without a problem, is drawn whole, and names what it ships."""

import json
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from engine.bpmn.admit import Known
from engine.bpmn.normalise import normalise
from engine.bpmn.settings import read_process_settings
from engine.usecases.check_files import check_files
from web.uploads import from_disk

PROCESSES = Path(__file__).parents[2] / "processes"
FOLDERS = sorted(folder.parent.name for folder in PROCESSES.glob("*/process.bpmn"))
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"


def drawings(name: str) -> list[Path]:
    return sorted((PROCESSES / name).glob("*.bpmn"))


def anyone() -> Known:
    """The agencies that the samples name; their connectors and systems are the city's, in its own test."""
    lanes = [
        target
        for name in FOLDERS
        for target in read_process_settings((PROCESSES / name / "process.toml").read_bytes())[
            0
        ].lanes.values()
    ]
    return Known(
        agencies={target.agency: frozenset() for target in lanes},
        connectors={"http": lambda settings: []},
        systems=frozenset({"tax", "population", "spatial", "environment", "health", "fire"}),
        create_roles=True,
    )


@pytest.mark.parametrize("name", FOLDERS)
def test_a_sample_has_no_warning_that_nobody_gave_a_reason_for(name: str) -> None:
    found = check_files(from_disk([PROCESSES / name]), anyone())
    assert found.problems == []
    assert all(silenced.reason.endswith(".") for silenced in found.silenced)


@pytest.mark.parametrize("name", FOLDERS)
def test_every_element_of_a_sample_is_drawn(name: str) -> None:
    for file in drawings(name):
        root = etree.parse(file).getroot()
        drawn = {element.get("bpmnElement") for element in root.iter(f"{DI}BPMNShape", f"{DI}BPMNEdge")}
        process = root.find(f"{BPMN}process")
        assert process is not None
        no_shape = {"laneSet", "extensionElements", "process"}
        wanted = {
            element.get("id")
            for element in process.iter(f"{BPMN}*")
            if element.get("id") and etree.QName(element).localname not in no_shape
        }
        assert wanted - drawn == set(), file.name


@pytest.mark.parametrize("name", FOLDERS)
def test_a_sample_ships_every_form_and_decision_it_names(name: str) -> None:
    forms = {file.stem for file in (PROCESSES / name / "forms").glob("*.form")}
    decisions = {file.stem for file in (PROCESSES / name).glob("*.dmn")}
    named_forms, named_decisions = set(), set()
    for file in drawings(name):
        for element in etree.parse(file).getroot().iter(f"{BPMN}*"):
            named_forms.add(element.get(f"{CAMUNDA}formRef"))
            named_decisions.add(element.get(f"{CAMUNDA}decisionRef"))
    assert named_forms - {None} == forms
    assert named_decisions - {None} == decisions


def fields(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for component in components:
        found.append(component)
        found.extend(fields(component.get("components", [])))
    return found


@pytest.mark.parametrize("name", FOLDERS)
def test_a_form_is_named_like_its_file_and_speaks_both_languages(name: str) -> None:
    for file in (PROCESSES / name / "forms").glob("*.form"):
        form = json.loads(file.read_text(encoding="utf-8"))
        assert form["id"] == file.stem
        for field in fields(form["components"]):
            spoken = field.get("properties", {})
            assert spoken.get("label_en") or spoken.get("text_en"), (file.name, field)
            assert all(value.get("label_en") for value in field.get("values", [])), (file.name, field["key"])


@pytest.mark.parametrize("name", FOLDERS)
def test_the_settings_of_a_sample_map_every_lane_it_draws(name: str) -> None:
    content = (PROCESSES / name / "process.toml").read_bytes()
    settings, problems = read_process_settings(content)
    assert problems == []
    lanes = {
        lane.path[-1]
        for file in drawings(name)
        for process in normalise(file.read_bytes(), file.name).processes
        for lane in process.lanes
    }
    assert lanes == set(settings.lanes)
