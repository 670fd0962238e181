"""Files of jBPM/Kogito, Flowable, Trisotech and bpmn.io's kin, doing here what they do at home (MANIFEST).

Each begins with what the bare upload says, and then runs through the API like ``test_real_files``.
"""

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from engine.connector import System
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
    assert status == 201, [p for p in answer["problems"] if p["severity"] == "error"]
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


ABOVE = b"""[expressions]
"${environment.services.isAbove(10, environment.output.amount)}" = "amount > 10"
"""


def test_21_the_bare_upload_shows_the_line_that_says_what_the_service_does(
    office: Office, models: Path
) -> None:
    status, answer = upload(office, models, "21")
    assert status == 422
    (problem,) = (p for p in answer["problems"] if p["severity"] == "error")
    assert (problem["code"], problem["element"]) == ("expression_invalid", "toEscalate")
    assert "under [expressions]" in problem["message"]
    assert told(answer, "environment_read")


def test_21_an_order_above_ten_escalates_beside_the_order_and_ends_with_a_signal(
    office: Office, models: Path
) -> None:
    assert upload(office, models, "21", more={"process.toml": ABOVE})[0] == 201
    case = office.start("Process_0")
    (task,) = office.case(case)["waits"]["tasks"]
    assert "Amount" in office.page(office.world.ana, f"/tasks/{task['id']}")
    office.complete(case, "Order", {"amount": 11})
    assert office.state(case) == "completed"
    passed = passed_in(office, case)
    assert {"escalate", "escalated", "endWithSignal", "orderEnd", "end"} <= passed
    assert "placeOrder" not in passed
    assert office.variables(case)["code"] == "AmountTooBig"
    kinds = [e["kind"] for e in office.ask(office.world.dewi).get(f"/cases/{case}/history").json["items"]]
    assert "signal_sent" in kinds


def test_21_an_order_of_ten_is_placed_without_escalation(office: Office, models: Path) -> None:
    upload(office, models, "21", more={"process.toml": ABOVE})
    case = office.start("Process_0")
    office.complete(case, "Order", {"amount": 10})
    passed = passed_in(office, case)
    assert {"placeOrder", "orderEnd", "end"} <= passed
    assert passed.isdisjoint({"escalate", "escalated", "endWithSignal"})


def passed_in(office: Office, case: str) -> set[str]:
    """The elements that a case has passed, by its history."""
    events = office.ask(office.world.dewi).get(f"/cases/{case}/history").json["items"]
    return {element for e in events if e["kind"] == "elements_passed" for element in e["data"]["passed"]}


FETCH, DECIDE = "_2b960d84-feb1-46a9-a1a1-c300dd996b99", "_1a818a94-ba6f-413b-a7e8-6f8fd2a11e32"
DEMONSTRATION = f"""[services]
{FETCH} = {{ connector = "http", system = "hr", method = "GET", path = "/vacation/${{Employee_Badge_Number}}", errors = "404:404", results = {{ body = "reply" }} }}
{DECIDE} = {{ decision = "vacation", result = "Vacation_Approval_Status" }}
update = {{ connector = "http", system = "hr", path = "/updated" }}
emailService = {{ skip = "mails are sent by the house" }}
""".encode()

DECISION = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" namespace="t" id="d" name="d">
  <decision id="vacation" name="Vacation Approval"><decisionTable id="t" hitPolicy="FIRST">
    <input id="i"><inputExpression id="e" typeRef="number"><text>Current Vacation Status.days</text></inputExpression></input>
    <output id="o1" name="Approval"/><output id="o2" name="Reason"/>
    <rule id="r1"><inputEntry id="a"><text>0</text></inputEntry><outputEntry id="b"><text>"Refused"</text></outputEntry>
      <outputEntry id="c"><text>"No days are left"</text></outputEntry></rule>
    <rule id="r2"><inputEntry id="f"><text>&lt; 5</text></inputEntry><outputEntry id="g"><text>"Manual Validation Required"</text></outputEntry>
      <outputEntry id="h"><text>"Few days are left"</text></outputEntry></rule>
    <rule id="r3"><inputEntry id="k"><text>-</text></inputEntry><outputEntry id="l"><text>"Approved"</text></outputEntry>
      <outputEntry id="m"><text>"Enough days are left"</text></outputEntry></rule>
  </decisionTable></decision></definitions>"""

REMAINING = {1: 0, 2: 3, 3: 20}
"""Badge number -> days that are left; others are not employed."""


class Register(BaseHTTPRequestHandler):
    """The personnel register of the demonstration."""

    def do_GET(self) -> None:
        badge = int(self.path.rpartition("/")[2])
        if badge not in REMAINING:
            self.answer(404, {})
            return
        person = {"name": f"Employee {badge}", "email": "e@example.org", "days": REMAINING[badge]}
        self.answer(200, {"value": [person]})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.answer(200, {})

    def answer(self, status: int, body: Mapping[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Tests are quiet."""


@pytest.fixture
def register(office: Office) -> Iterator[None]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Register)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    office.systems = {"hr": System("hr", f"http://127.0.0.1:{server.server_port}", timeout_s=5.0)}
    yield
    server.shutdown()
    server.server_close()
    thread.join()


def test_26_the_bare_upload_names_every_connector_and_keeps_the_file_as_it_is(
    office: Office, models: Path
) -> None:
    status, answer = upload(office, models, "26")
    assert status == 422
    errors = [p for p in answer["problems"] if p["severity"] == "error"]
    assert {p["code"] for p in errors} == {"connector_unknown", "connector_settings"}
    assert len({p["element"] for p in errors}) == 8  # what is asked, decided, mailed and written back
    assert any("Current_Vacation_Status" in m for m in told(answer, "variable_renamed"))


def vacation(office: Office, models: Path, badge: int) -> str:
    """A request of the employee with this badge, as far as it goes without people."""
    status, answer = upload(
        office, models, "26", more={"process.toml": DEMONSTRATION, "vacation.dmn": DECISION}
    )
    assert status == 201, [p for p in answer["problems"] if p["severity"] == "error"]
    key = answer["key"]
    original = office.ask(office.world.citra).get(f"/processes/{key}/versions/{answer['version']}/diagram")
    (model,) = the_folder(models, "26").glob("*.bpmn")
    assert original.data == model.read_bytes()  # every extension attribute is kept
    case = office.start(key, {"Employee_Badge_Number": badge, "From": "2026-12-01", "To": "2026-12-04"})
    office.work()
    return case


@pytest.mark.parametrize(
    ("badge", "outcome"),
    [
        (1, "Vacation Refused Automatically"),
        (3, "Vacation Approved Automatically"),
        (9, "Employee not found"),
    ],
)
def test_26_a_request_is_settled_without_people(
    office: Office, models: Path, register: None, badge: int, outcome: str
) -> None:
    case = vacation(office, models, badge)
    assert (office.state(case), ended_at(office, case)) == ("completed", outcome)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [("Approved", "Vacation Approved by Manager"), ("Refused", "Vacation Refused by Manager")],
)
def test_26_a_manager_decides_where_few_days_are_left(
    office: Office, models: Path, register: None, answer: str, outcome: str
) -> None:
    manager = office.hire("budi", "manager")
    case = vacation(office, models, 2)
    (task,) = office.ask(manager).get("/tasks").json["items"]
    assert task["name"] == "Manually Approve Vacation"
    assert "Employee 2" in office.page(manager, f"/tasks/{task['id']}")
    office.complete(case, task["name"], {"Vacation_Approval": answer, "Reason": "As agreed"}, by=manager)
    office.work()
    assert (office.state(case), ended_at(office, case)) == ("completed", outcome)


def ended_at(office: Office, case: str) -> str:
    """The name of the end event that a case reached."""
    events = office.ask(office.world.dewi).get(f"/cases/{case}/history").json["items"]
    return str(next(e["name"] for e in events if e["kind"] == "case_completed"))
