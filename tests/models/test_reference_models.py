"""Reference models of MIWG and the DMN TCK, and an error handler without an end: through the API, the house shut between."""

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.models.conftest import Office

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
KEYS = {"22": "WFP-6-1", "23": "Process_ba16239e-181e-4b9f-bc5b-0bb2ee973450"}


def the_file(models: Path, number: str, ending: str) -> Path:
    (folder,) = models.glob(f"{number}-*")
    (found,) = (path for path in sorted(folder.iterdir()) if path.name.endswith(ending))
    return found


def test_10_the_handler_of_an_error_runs_once_and_only_after_the_error(office: Office, models: Path) -> None:
    office.deploy(the_file(models, "10", ".xml"))
    case = office.start("CatchErrorInEmbeddedSubProcess")
    assert office.tasks(case) == ["Escalated Task"]
    office.complete(case, "Escalated Task")
    assert office.state(case) == "completed"
    kinds = [
        event["kind"] for event in office.ask(office.world.dewi).get(f"/cases/{case}/history").json["items"]
    ]
    assert kinds.count("task_opened") == 1
    assert kinds.count("error_caught") == 1


@pytest.mark.parametrize("number", ["22", "23"])
def test_22_23_documentation_is_refused_with_the_reason_and_kept_for_viewing(
    office: Office, models: Path, number: str
) -> None:
    path = the_file(models, number, ".bpmn")
    citra = office.ask(office.world.citra)
    refused = citra.upload("/processes", path.read_bytes(), name=path.name)
    assert refused.status_code == 422
    (why,) = (p for p in refused.json["problems"] if p["code"] == "not_executable")
    assert (why["element"], why["severity"]) == (KEYS[number], "error")
    assert "isExecutable" in why["message"]
    kept = citra.upload("/processes", path.read_bytes(), name=path.name, view_only="true")
    assert kept.status_code == 201, kept.text
    assert (kept.json["key"], kept.json["view_only"]) == (KEYS[number], True)
    start = office.ask(office.world.citra).post(f"/processes/{KEYS[number]}/start", {"data": {}})
    assert (start.status_code, start.json["code"]) == (409, "not_executable")
    page = office.page(office.world.citra, f"/processes/{KEYS[number]}/versions/1")
    for name in drawn_names(path):
        assert name in page, f"{name} is drawn, and not in the table beside the drawing"


def drawn_names(path: Path) -> set[str]:
    """The names of the pools, tasks, events and gateways of a file."""
    root = etree.parse(path).getroot()
    kinds = ("participant", "task", "Task", "Event", "Gateway", "subProcess", "callActivity")
    named = (e for e in root.iter(f"{BPMN}*") if etree.QName(e).localname.endswith(kinds))
    return {" ".join(name.split()) for e in named if (name := e.get("name"))}


def test_23_every_element_that_could_not_run_is_named(office: Office, models: Path) -> None:
    path = the_file(models, "23", ".bpmn")
    answer = office.ask(office.world.citra).upload("/processes/check", path.read_bytes(), name=path.name)
    told = {problem["element"] for problem in answer.json["problems"]}
    assert unfinished(path) - told == set()


def unfinished(path: Path) -> set[str]:
    """Ids of what says too little to run: events without what they wait for or throw, work without who does it."""
    found = set()
    for element in etree.parse(path).getroot().iter(f"{BPMN}*"):
        name = etree.QName(element).localname
        owner = str(element.getparent().get("id")) if element.getparent() is not None else ""
        match name:
            case "messageEventDefinition" | "signalEventDefinition":
                if not element.get(name.replace("EventDefinition", "Ref")):
                    found.add(owner)
            case "timerEventDefinition":
                if not [e for e in element if (e.text or "").strip()]:
                    found.add(owner)
            case "conditionalEventDefinition":
                if not "".join(element.itertext()).strip():
                    found.add(owner)
            case "multiInstanceLoopCharacteristics":
                if (
                    element.find(f"{BPMN}loopCardinality") is None
                    and element.find(f"{BPMN}loopDataInputRef") is None
                ):
                    found.add(owner)
            case "serviceTask":
                found.add(str(element.get("id")))
    assert len(found) > 20
    return found


DECISION = "_3b2953a3-745f-4d2e-b55d-75c8c5ae653c"
LOAN = f"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="t"><process id="loan" isExecutable="true">
 <startEvent id="s"/><sequenceFlow id="f1" sourceRef="s" targetRef="decide"/>
 <businessRuleTask id="decide" name="Eligibility" camunda:decisionRef="{DECISION}" camunda:resultVariable="approval"
  camunda:mapDecisionResult="singleEntry"/><sequenceFlow id="f2" sourceRef="decide" targetRef="e"/><endEvent id="e"/>
 </process></definitions>""".encode()


def test_27_a_case_decides_the_conformance_kits_three_cases_and_tells_why(
    office: Office, models: Path
) -> None:
    table = the_file(models, "27", ".dmn")
    answer = office.ask(office.world.citra).upload(
        "/processes", LOAN, {table.name: table.read_bytes()}, name="loan.bpmn"
    )
    assert answer.status_code == 201, answer.text
    cases = etree.parse(the_file(models, "27", "-test-01.xml")).getroot().findall("{*}testCase")
    assert len(cases) == 3
    for given in cases:
        inputs = {
            str(node.get("name")): _value(node.find("{*}value")) for node in given.findall("{*}inputNode")
        }
        expected = _value(given.find("{*}resultNode/{*}expected/{*}value"))
        case = office.start("loan", inputs)
        history = office.ask(office.world.dewi).get(f"/cases/{case}/history").json["items"]
        (made,) = (event for event in history if event["kind"] == "decision_made")
        assert made["data"]["outputs"] == [{"Approval Status": expected}]
        assert made["data"]["inputs"] == {
            "Age": inputs["Age"],
            "RiskCategory": inputs["RiskCategory"],
            "isAffordable": inputs["isAffordable"],
        }
        (rule,) = made["data"]["rules"]
        page = office.page(office.world.dewi, f"/cases/{case}")
        assert f"aturan {rule}</b>" in page
        assert str(expected) in page


def _value(node: etree._Element | None) -> Any:
    assert node is not None
    kind = (node.get("{http://www.w3.org/2001/XMLSchema-instance}type") or "").rpartition(":")[2]
    text = node.text or ""
    return {"decimal": lambda: float(text), "boolean": lambda: text == "true"}.get(kind, lambda: text)()
