"""Camunda 8's files, and an invoice that a message starts, doing here what they do at home (MANIFEST).

The partners behind their service tasks are bound by process.toml; the house is shut and opened anew between any two steps.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from engine.clock import MovableClock
from engine.config import Settings
from engine.connector import Call, Reply
from engine.model import Actor
from tests.fakes import FakePartner
from tests.models.conftest import Office
from tests.models.test_other_dialects import the_folder, told
from tests.people import LICENSING
from web.wiring import House

SERVICES = """
[services]
runTests = { connector = "partner" }
deploySnapshot = { connector = "partner" }
remindReviewer = { connector = "partner" }
"""
FORM = b"""{"type": "default", "components": [
  {"type": "textfield", "key": "remark", "label": "Remark"}]}"""
INVOICE = f"""
[lanes]
Approver = "{LICENSING}"
"Team Assistant" = "{LICENSING}"
Accountant = "{LICENSING}"

[services]
archiveInvoice = {{ connector = "partner" }}

[forms]
assignApprover = {{ skip = "a program answers" }}
approveInvoice = {{ skip = "a program answers" }}
reviewInvoice = {{ skip = "a program answers" }}
prepareBankTransfer = {{ skip = "a program answers" }}
"""


class Workshop(Office):
    """An office with a partner who does whatever a service task asks, and remembers it."""

    def __init__(self, settings: Settings, clock: MovableClock) -> None:
        self.asked: list[str] = []
        super().__init__(settings, clock)

    def open(self) -> House:
        house = super().open()

        def done(call: Call) -> Reply:
            self.asked.append(call.element_id)
            return Reply({})

        assert isinstance(house.connectors, dict)
        house.connectors["partner"] = FakePartner(done)
        return house

    def upload(self, path: Path, files: Mapping[str, bytes]) -> dict[str, Any]:
        answer = self.ask(self.world.citra).upload(
            "/processes", path.read_bytes(), files, name=path.name, create_roles="true"
        )
        assert answer.status_code == 201, answer.text
        return dict(answer.json)

    def say(self, name: str, **how: Any) -> dict[str, Any]:
        answer = self.ask(self.world.citra).post("/messages", {"name": name, **how})
        assert answer.status_code == 200, answer.text
        self.work()
        return dict(answer.json)

    def work(self) -> None:
        self.open().worker.run_once()

    def do(self, case_id: str, task: str, data: Mapping[str, Any] | None = None, **by: Any) -> None:
        self.complete(case_id, task, data, **by)
        self.work()


@pytest.fixture
def workshop(database_url: str, tmp_path: Path, clock: MovableClock) -> Iterator[Workshop]:
    opened = Workshop(Settings(data_dir=tmp_path, database_url=database_url, secret_key="k" * 48), clock)
    yield opened
    opened.shut()


@pytest.fixture
def pull_request(workshop: Workshop, models: Path) -> str:
    """A pull request that was made; its tests have run."""
    folder = the_folder(models, "16")
    files = {
        "automated-tests.bpmn": (folder / "automated-tests.bpmn").read_bytes(),
        "process.toml": SERVICES.encode(),
    }
    workshop.upload(folder / "pr-created.bpmn", files)
    made = workshop.say("prCreated", business_key="pull 123", data={"prId": "123"})
    assert made["started"] is True
    return str(made["id"])


def test_16_a_pull_request_is_tested_on_three_systems_reviewed_merged_and_deployed(
    workshop: Workshop, pull_request: str
) -> None:
    assert workshop.asked == ["runTests"] * 3
    assert workshop.tasks(pull_request) == ["Request review"]
    workshop.do(pull_request, "Request review")
    assert workshop.messages(pull_request) == ["reviewReceived"]
    review = workshop.say("reviewReceived", correlation="123", data={"reviewResult": "approved"})
    assert (review["id"], review["started"]) == (pull_request, False)
    assert workshop.tasks(pull_request) == ["Merge code"]
    assert workshop.asked == ["runTests"] * 3
    workshop.do(pull_request, "Merge code")
    assert workshop.asked == [*["runTests"] * 3, "deploySnapshot"]
    assert workshop.state(pull_request) == "completed"


def test_16_a_reviewer_who_says_nothing_for_a_day_is_reminded_once(
    workshop: Workshop, pull_request: str
) -> None:
    workshop.do(pull_request, "Request review")
    workshop.pass_time(hours=23)
    assert "remindReviewer" not in workshop.asked
    workshop.pass_time(hours=1)
    assert workshop.asked.count("remindReviewer") == 1
    assert workshop.messages(pull_request) == ["reviewReceived"]
    workshop.pass_time(hours=23)
    assert workshop.asked.count("remindReviewer") == 1
    workshop.say("reviewReceived", correlation="123", data={"reviewResult": "approved"})
    assert workshop.tasks(pull_request) == ["Merge code"]
    assert workshop.deadlines(pull_request) == []


def test_16_a_rejected_pull_request_is_changed_and_reviewed_again(
    workshop: Workshop, pull_request: str
) -> None:
    workshop.do(pull_request, "Request review")
    workshop.say("reviewReceived", correlation="123", data={"reviewResult": "rejected"})
    assert workshop.tasks(pull_request) == ["Make changes"]
    workshop.do(pull_request, "Make changes")
    assert workshop.tasks(pull_request) == ["Request review"]
    workshop.do(pull_request, "Request review")
    workshop.say("reviewReceived", correlation="123", data={"reviewResult": "approved"})
    workshop.do(pull_request, "Merge code")
    assert workshop.state(pull_request) == "completed"
    assert workshop.asked == [*["runTests"] * 3, "deploySnapshot"]


def test_16_a_review_goes_to_the_pull_request_of_its_number(workshop: Workshop, pull_request: str) -> None:
    other = workshop.say("prCreated", business_key="pull 124", data={"prId": "124"})["id"]
    for case_id in (pull_request, other):
        workshop.do(case_id, "Request review")
    review = workshop.say("reviewReceived", correlation="124", data={"reviewResult": "approved"})
    assert review["id"] == other
    assert workshop.messages(pull_request) == ["reviewReceived"]
    again = workshop.ask(workshop.world.citra).post(
        "/messages", {"name": "reviewReceived", "correlation": "9"}
    )
    assert (again.status_code, again.json["code"]) == (409, "nobody_waits")


def the_way(office: Office, case_id: str) -> list[str]:
    """Elements in the order in which the case passed them."""
    events = office.ask(office.world.dewi).get(f"/cases/{case_id}/history").json["items"]
    told_of = [event for event in events if event["kind"] == "elements_passed"]
    return [element for event in told_of for element in event["data"]["passed"]]


@pytest.fixture
def gateway_case(office: Office, models: Path) -> str:
    office.deploy(the_folder(models, "17") / "simpleEventBasedGateway.bpmn")
    return office.start("simpleEventBasedGateway")


def test_17_the_message_goes_its_way(office: Office, gateway_case: str) -> None:
    answer = office.ask(office.world.citra).post(
        "/messages", {"name": "simpleMessage", "correlation": "simple"}
    )
    assert answer.status_code == 200, answer.text
    assert office.state(gateway_case) == "completed"
    assert the_way(office, gateway_case) == [
        "startEvent",
        "eventBasedGateway",
        "messageCatchEvent",
        "exclusiveGateway",
        "endEvent",
    ]


def test_17_an_hour_without_a_message_goes_the_other_way(office: Office, gateway_case: str) -> None:
    office.pass_time(minutes=59)
    assert office.state(gateway_case) == "running"
    office.pass_time(minutes=1)
    assert office.state(gateway_case) == "completed"
    assert the_way(office, gateway_case) == [
        "startEvent",
        "eventBasedGateway",
        "timerCatchEvent",
        "exclusiveGateway",
        "endEvent",
    ]


def test_17_until_then_the_case_waits_at_the_gateway(office: Office, gateway_case: str) -> None:
    assert the_way(office, gateway_case) == ["startEvent"]
    assert office.messages(gateway_case) == ["simpleMessage"]
    assert office.deadlines(gateway_case) == ["timerCatchEvent"]


def test_18_a_day_later_the_task_is_withdrawn(workshop: Workshop, models: Path) -> None:
    path = the_folder(models, "18") / "userTaskTimer.bpmn"
    bare = workshop.ask(workshop.world.citra).upload("/processes", path.read_bytes(), name=path.name)
    assert bare.status_code == 422
    assert "advanced.form" in told(dict(bare.json), "form_missing")[0]
    workshop.upload(path, {"advanced.form": FORM})
    case = workshop.start("userTaskTimer")
    assert workshop.tasks(case) == ["userTask"]
    workshop.pass_time(days=1)
    assert workshop.state(case) == "completed"
    assert workshop.tasks(case) == []
    assert workshop.case(case)["outcome"] == "endEvent"
    kinds = [e["kind"] for e in workshop.ask(workshop.world.dewi).get(f"/cases/{case}/history").json["items"]]
    assert "task_withdrawn" in kinds
    assert the_way(workshop, case)[-2:] == ["timerBoundaryEvent", "endEvent"]


People = Mapping[str, Actor]


@pytest.fixture
def people(workshop: Workshop) -> People:
    """Whom the invoice's model names: demo, who assigns and clarifies, Kermit, who approves, Fozzie of accounting."""
    roles = {"demo": (), "kermit": (), "fozzie": ("accounting",)}
    return {name: workshop.hire(name, *held) for name, held in roles.items()}


@pytest.fixture
def invoice(workshop: Workshop, models: Path, people: People) -> str:
    """An invoice that a message brought, and that demo gave to Kermit."""
    files = {"process.toml": INVOICE.encode()}
    made = workshop.upload(the_folder(models, "24") / "C.1.0.bpmn", files)
    assert [process["key"] for process in made["processes"]] == ["bpmn-miwg-test-case-c.1.0"]
    start = workshop.say("invoice-received-C.1.0", business_key="INV-1")
    assert start["started"] is True
    case_id = str(start["id"])
    assert work_on(workshop, case_id, people["demo"], {"approver": "kermit"}) == "assignApprover"
    return case_id


def work_on(office: Workshop, case_id: str, who: Actor, data: Mapping[str, Any] | None = None) -> str:
    """The person does the only open task of the case; gives its element."""
    (task,) = office.case(case_id)["waits"]["tasks"]
    office.do(case_id, task["name"], data, by=who)
    return str(task["element"])


def test_24_an_approved_invoice_is_paid_and_archived(
    workshop: Workshop, people: People, invoice: str
) -> None:
    assert work_on(workshop, invoice, people["kermit"], {"approved": True}) == "approveInvoice"
    assert work_on(workshop, invoice, people["fozzie"]) == "prepareBankTransfer"
    assert workshop.asked == ["archiveInvoice"]
    case = workshop.case(invoice)
    assert (case["state"], case["outcome"]) == ("completed", "invoiceProcessed")


def test_24_a_clarified_invoice_is_approved_anew_and_one_that_is_not_is_left(
    workshop: Workshop, people: People, invoice: str
) -> None:
    work_on(workshop, invoice, people["kermit"], {"approved": False})
    assert work_on(workshop, invoice, people["demo"], {"clarified": "yes"}) == "reviewInvoice"
    assert work_on(workshop, invoice, people["kermit"], {"approved": False}) == "approveInvoice"
    work_on(workshop, invoice, people["demo"], {"clarified": "no"})
    case = workshop.case(invoice)
    assert (case["state"], case["outcome"]) == ("completed", "invoiceNotProcessed")
    assert workshop.asked == []


def test_24_the_invoice_begins_by_its_message_only_and_the_bare_upload_names_what_is_missing(
    workshop: Workshop, models: Path, invoice: str
) -> None:
    by_hand = workshop.ask(workshop.world.citra).post("/processes/bpmn-miwg-test-case-c.1.0/start", {})
    assert (by_hand.status_code, by_hand.json["code"]) == (422, "no_plain_start")
    path = the_folder(models, "24") / "C.1.0.bpmn"
    bare = workshop.ask(workshop.world.citra).upload("/processes", path.read_bytes(), name=path.name)
    wrong = {(p["element"], p["code"]) for p in bare.json["problems"] if p["severity"] == "error"}
    assert ("archiveInvoice", "vendor_code") in wrong
    assert ("Accountant", "lane_without_agency") in wrong
    assert ("approveInvoice", "form_missing") in wrong
