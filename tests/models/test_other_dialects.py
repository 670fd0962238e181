"""Files of jBPM/Kogito, Flowable, Trisotech and bpmn.io's kin, doing here what they do at home (MANIFEST).

Each begins with what the bare upload says, and then runs through the API like ``test_real_files``.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.model import Actor
from tests.models.conftest import Office


def the_folder(models: Path, number: str) -> Path:
    (folder,) = models.glob(f"{number}-*")
    return folder


def upload(
    office: Office,
    models: Path,
    number: str,
    *,
    ending: str = ".bpmn",
    more: Mapping[str, bytes] | None = None,
) -> tuple[int, dict[str, Any]]:
    """Upload a model with everything that lies beside it. Returns the status and the answer."""
    files = sorted(path for path in the_folder(models, number).iterdir() if path.suffix != ".png")
    (model,) = (path for path in files if path.name.endswith(ending))
    beside = {path.name: path.read_bytes() for path in files if path != model}
    answer = office.ask(office.world.citra).upload(
        "/processes", model.read_bytes(), beside | dict(more or {}), name=model.name, create_roles="true"
    )
    return answer.status_code, dict(answer.json)


def told(answer: Mapping[str, Any], code: str) -> list[str]:
    """The sentences of a refusal or of warnings with this code."""
    found = answer.get("problems") or answer.get("warnings") or []
    return [problem["message"] for problem in found if problem["code"] == code]


def test_04_the_bare_upload_asks_for_the_person_whom_the_task_names(office: Office, models: Path) -> None:
    status, answer = upload(office, models, "04")
    assert status == 422
    assert {p["code"] for p in answer["problems"] if p["severity"] == "error"} == {"person_unknown"}
    assert '"demo"' in told(answer, "person_unknown")[0]


def test_04_the_start_form_becomes_case_data_and_the_task_form_shows_it(office: Office, models: Path) -> None:
    demo = office.hire("demo")
    assert upload(office, models, "04")[0] == 201
    key = "camundaFormsQuickstart"
    refused = office.ask(office.world.citra).post(
        f"/processes/{key}/start", {"data": {"creditor": "Toko Maju"}}
    )
    assert refused.status_code == 422
    assert set(refused.json["fields"]) == {"amount"}
    case = office.start(key, {"creditor": "Toko Maju", "amount": "250", "invoiceNumber": "C-17"})
    assert office.variables(case)["creditor"] == "Toko Maju"
    (task,) = office.case(case)["waits"]["tasks"]
    page = office.page(demo, f"/tasks/{task['id']}")
    assert "Toko Maju" in page
    assert "An invoice number in the format: C-123." in page
    wrong = office.ask(demo).post(f"/tasks/{task['id']}/complete", {"data": {"approved": "maybe"}})
    assert (wrong.status_code, set(wrong.json["fields"])) == (422, {"approved"})
    office.complete(case, "Approve Invoice", {"approved": "true", "approvedBy": "demo"}, by=demo)
    assert office.state(case) == "completed"
    assert office.variables(case)["approvedBy"] == "demo"


def test_20_the_bare_upload_runs_and_says_that_the_html_pages_are_not_shown(
    office: Office, models: Path
) -> None:
    status, answer = upload(office, models, "20", ending=".bpmn20.xml")
    assert status == 201
    assert [m.partition(" ")[0] for m in told(answer, "form_is_html")] == [
        "adjustRequest.form",
        "approve.form",
        "request.form",
    ]


VACATION = {"numberOfDays": 4, "startDate": "2026-07-12T10:00", "vacationMotivation": "I'm really tired!"}


def test_20_a_rejected_vacation_is_adjusted_by_who_asked_and_handled_again(
    office: Office, models: Path
) -> None:
    kermit, manager = office.hire("kermit"), office.hire("fozzie", "management")
    assert upload(office, models, "20", ending=".bpmn20.xml")[0] == 201
    case = office.start("vacationRequest", VACATION, by=kermit)
    assert office.variables(case)["employeeName"] == "kermit"
    assert office.tasks(case) == ["Handle vacation request"]
    (task,) = office.ask(manager).get("/tasks").json["items"]
    page = office.page(manager, f"/tasks/{task['id']}")
    assert "kermit would like to take 4 day(s) of vacation" in page
    assert "Do you approve this vacation" in page
    office.complete(
        case,
        task["name"],
        {"vacationApproved": "false", "managerMotivation": "We have a tight deadline!"},
        by=manager,
    )
    (task,) = office.ask(kermit).get("/tasks?assignee=me").json["items"]
    assert task["name"] == "Adjust vacation request"
    page = office.page(kermit, f"/tasks/{task['id']}")
    assert "Reason: We have a tight deadline!" in page
    assert 'value="4"' in page
    office.complete(case, task["name"], {"numberOfDays": 2, "resendRequest": "true"}, by=kermit)
    assert office.tasks(case) == ["Handle vacation request"]
    assert office.variables(case)["numberOfDays"] == 2
    office.complete(case, "Handle vacation request", {"vacationApproved": "true"}, by=manager)
    assert office.state(case) == "completed"


def test_20_a_vacation_that_is_not_asked_for_again_ends(office: Office, models: Path) -> None:
    kermit, manager = office.hire("kermit"), office.hire("fozzie", "management")
    upload(office, models, "20", ending=".bpmn20.xml")
    case = office.start("vacationRequest", VACATION, by=kermit)
    office.complete(case, "Handle vacation request", {"vacationApproved": "false"}, by=manager)
    office.complete(case, "Adjust vacation request", {"resendRequest": "false"}, by=kermit)
    assert office.case(case)["outcome"] == "theEnd2"


def test_20_nobody_asks_in_the_name_of_another(office: Office, models: Path) -> None:
    kermit = office.hire("kermit")
    upload(office, models, "20", ending=".bpmn20.xml")
    own = office.ask(kermit).post(
        "/processes/vacationRequest/start", {"data": {**VACATION, "employeeName": "kermit"}}
    )
    assert own.status_code == 201, own.text
    forged = office.ask(kermit).post(
        "/processes/vacationRequest/start", {"data": {**VACATION, "employeeName": "ana"}}
    )
    assert (forged.status_code, set(forged.json["fields"])) == (422, {"employeeName"})


SECOND = "Second Line Approval"


def test_19_the_bare_upload_asks_for_the_manager_and_says_that_no_forms_came(
    office: Office, models: Path
) -> None:
    status, answer = upload(office, models, "19")
    assert status == 422
    assert {p["code"] for p in answer["problems"] if p["severity"] == "error"} == {"person_unknown"}
    assert '"manager"' in told(answer, "person_unknown")[0]
    assert [m.split('"')[1] for m in told(answer, "form_elsewhere")] == [
        "firstLineApproval",
        "secondLineApproval",
    ]


def test_19_who_approved_first_has_no_second_line(office: Office, models: Path) -> None:
    manager, john = office.hire("manager", "managers"), office.hire("john", "managers")
    assert upload(office, models, "19")[0] == 201
    case = office.start("approvals", {"traveller": {"name": "Ratna"}})
    office.complete(case, "First Line Approval", {"approved": True}, by=manager)
    assert office.variables(case)["approver"] == "manager"
    assert office.ask(manager).get("/tasks").json["items"] == []
    (task,) = office.ask(john).get("/tasks").json["items"]
    assert task["name"] == SECOND
    for verb, body in (("claim", None), ("complete", {"data": {"approved": False}})):
        refused = office.ask(manager).post(f"/tasks/{task['id']}/{verb}", body or {})
        assert (refused.status_code, refused.json["code"]) == (403, "four_eyes")
    given = office.ask(john).post(f"/tasks/{task['id']}/assign", {"user": "manager"})
    assert (given.status_code, given.json["code"]) == (403, "four_eyes")
    assert "another person must do this task" in office.page(manager, f"/tasks/{task['id']}")
    office.complete(case, SECOND, {"approved": False}, by=john)
    assert office.state(case) == "completed"
    data = office.variables(case)
    assert (data["firstLineApproval"], data["secondLineApproval"], data["approver"]) == (
        True,
        False,
        "manager",
    )


PAGES = ("startProcess", "assignApprover", "approveInvoice", "reviewInvoice", "prepareBankTransfer")
BOUND = "\n".join(
    ["[services]", 'archiveInvoice = { skip = "the registry files it by hand" }', "[forms]"]
    + [f'"app:{page}.jsf" = {{ skip = "answers come from a program" }}' for page in PAGES]
).encode()


def test_25_the_bare_upload_names_the_java_bean_the_pages_and_the_person_but_not_the_conditions(
    office: Office, models: Path
) -> None:
    status, answer = upload(office, models, "25", ending="C.1.1.bpmn")
    assert status == 422
    found = {(p["code"], p["element"]) for p in answer["problems"] if p["severity"] == "error"}
    assert found == {
        ("vendor_code", "archiveInvoice"),
        ("person_unknown", "assignApprover"),
        ("person_unknown", "reviewInvoice"),
        *(("form_missing", page) for page in PAGES if page != "startProcess"),
        ("form_missing", "StartEvent_1"),
    }
    assert told(answer, "data_ignored")  # a data object or store does not stop the import


def miwg_invoice(office: Office, models: Path) -> tuple[str, Actor, Actor]:
    """The invoice at the approver Susi, whom the team assistant chose. Gives the case and both people."""
    demo, susi = office.hire("demo"), office.hire("susi")
    office.hire("budi", "accounting")
    status, answer = upload(office, models, "25", ending="C.1.1.bpmn", more={"process.toml": BOUND})
    assert status == 201, answer
    case = office.start("handle-invoice", {"amount": 1200})
    assert office.tasks(case) == ["Assign Approver"]
    office.complete(case, "Assign Approver", {"approver": "susi"}, by=demo)
    (task,) = office.ask(susi).get("/tasks?assignee=me").json["items"]
    assert task["name"] == "Approve Invoice"
    return case, demo, susi


def test_25_an_approved_invoice_is_paid_and_archived(office: Office, models: Path) -> None:
    case, _, susi = miwg_invoice(office, models)
    office.complete(case, "Approve Invoice", {"approved": True}, by=susi)
    assert office.tasks(case) == ["Prepare Bank Transfer"]
    (task,) = office.case(case)["waits"]["tasks"]
    assert task["roles"] == ["accounting"]
    budi = replace(susi, id="person-budi", username="budi")
    office.complete(case, "Prepare Bank Transfer", by=budi)
    assert office.case(case)["outcome"] == "invoiceProcessed"


def test_25_a_doubtful_invoice_is_clarified_and_approved_again_or_ends(office: Office, models: Path) -> None:
    case, demo, susi = miwg_invoice(office, models)
    office.complete(case, "Approve Invoice", {"approved": False}, by=susi)
    assert office.tasks(case) == ["Rechnung klären"]
    office.complete(case, "Rechnung klären", {"clarified": "yes"}, by=demo)
    assert office.tasks(case) == ["Approve Invoice"]
    office.complete(case, "Approve Invoice", {"approved": False}, by=susi)
    office.complete(case, "Rechnung klären", {"clarified": "no"}, by=demo)
    assert office.case(case)["outcome"] == "invoiceNotProcessed"
