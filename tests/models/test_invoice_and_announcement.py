"""Camunda 7's own examples, an invoice and a job announcement, with their beans and HTML forms bound by process.toml."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from engine.model import Actor
from tests.models.bureau import Bureau, bureau, elements, folder_of, the_line
from tests.people import LICENSING

__all__ = ["bureau"]

# 02: an invoice that a decision gives to its approvers

INVOICE = f"""
[lanes]
Accountant = "{LICENSING}"
"Team Assistant" = "{LICENSING}"
Approver = "{LICENSING}"

[services]
"org.camunda.bpm.example.invoice.service.ArchiveInvoiceService" = {{ connector = "partner", inputs = {{ invoice = "invoiceNumber" }} }}

[listeners]
approveInvoice = {{ skip = "whoever approved once may leave the second look to a colleague" }}

[forms]
"start-form.html" = {{ skip = "the register starts it" }}
"approve-invoice.html" = {{ skip = "answered by a program" }}
"prepare-bank-transfer.html" = {{ skip = "answered by a program" }}
"assign-reviewer.html" = {{ skip = "answered by a program" }}
"review-invoice.html" = {{ skip = "answered by a program" }}
"""


@dataclass
class Firm:
    """Demo assigns reviewers, John reviews; Mary manages, Peter keeps accounts, Sam sells."""

    bureau: Bureau
    demo: Actor
    john: Actor
    mary: Actor
    peter: Actor
    sam: Actor

    def receive(self, amount: float, category: str) -> str:
        data = {"amount": amount, "invoiceCategory": category, "invoiceNumber": "GFE-43", "creditor": "Great"}
        return self.bureau.start("invoice", data)

    def groups(self, case_id: str) -> list[str]:
        (task,) = self.bureau.case(case_id)["waits"]["tasks"]
        return sorted(task["roles"])


def invoice_files(models: Path) -> tuple[Path, Path, Path]:
    folder = folder_of(models, "02")
    return folder / "invoice.v2.bpmn", folder / "reviewInvoice.bpmn", folder / "invoiceBusinessDecisions.dmn"


@pytest.fixture
def firm(bureau: Bureau, models: Path) -> Firm:
    people = (
        bureau.hire("demo"),
        bureau.hire("john"),
        bureau.hire("mary", "management"),
        bureau.hire("peter", "accounting"),
        bureau.hire("sam", "sales"),
    )
    model, *beside = invoice_files(models)
    bureau.bind(model, *beside, toml=INVOICE)
    return Firm(bureau, *people)


def test_02_the_bare_upload_names_what_each_element_needs(bureau: Bureau, models: Path) -> None:
    model, *beside = invoice_files(models)
    problems = bureau.refused(model, *beside)
    assert elements(problems, "vendor_code") == ["ServiceTask_1", "approveInvoice"]
    the_line(problems, "ServiceTask_1", "services")
    the_line(problems, "approveInvoice", "listeners")
    assert elements(problems, "listener_event") == ["approveInvoice"]
    forms = {
        "StartEvent_1": "start-form",
        "approveInvoice": "approve-invoice",
        "prepareBankTransfer": "prepare-bank-transfer",
        "assignReviewer": "assign-reviewer",
        "reviewInvoice": "review-invoice",
    }
    assert elements(problems, "form_missing") == sorted(forms)
    for element, key in forms.items():
        the_line(problems, element, "forms", key)
    assert elements(problems, "lane_without_agency") == ["Accountant", "Approver"]
    for lane in ("Accountant", "Approver"):
        the_line(problems, lane, "lanes")
    assert elements(problems, "person_unknown") == ["assignReviewer"]


@pytest.mark.parametrize(
    ("amount", "category", "groups"),
    [
        (100, "Misc", ["accounting", "sales"]),
        (500, "Misc", ["management"]),
        (5000, "Misc", ["management"]),
        (5000, "Travel Expenses", ["accounting", "sales"]),
        (10, "Software License Costs", ["management"]),
    ],
)
def test_02_two_tables_choose_who_approves(
    firm: Firm, amount: float, category: str, groups: list[str]
) -> None:
    case = firm.receive(amount, category)
    assert firm.bureau.tasks(case) == ["Approve Invoice"]
    assert firm.groups(case) == groups
    (decided,) = firm.bureau.events(case, "decision_made")
    assert decided["data"]["decision"] == "invoice-assign-approver"
    assert [one["decision"] for one in decided["data"]["required"]] == ["invoiceClassification"]


def test_02_an_approved_invoice_is_paid_within_a_week_and_archived(firm: Firm) -> None:
    case = firm.receive(300, "Misc")
    (task,) = firm.bureau.case(case)["waits"]["tasks"]
    assert task["due_at"] == (firm.bureau.clock.now() + timedelta(weeks=1)).isoformat().replace("+00:00", "Z")
    firm.bureau.complete(case, "Approve Invoice", {"approved": True}, by=firm.mary)
    assert firm.bureau.tasks(case) == ["Prepare Bank Transfer"]
    assert firm.groups(case) == ["accounting"]
    firm.bureau.complete(case, "Prepare Bank Transfer", by=firm.peter)
    firm.bureau.work()
    assert firm.bureau.asked == [("ServiceTask_1", {"invoice": "GFE-43"})]
    assert firm.bureau.case(case)["outcome"] == "invoiceProcessed"


@pytest.mark.parametrize("clarified", [True, False])
def test_02_a_rejected_invoice_is_reviewed_and_comes_back_only_when_it_is_clarified(
    firm: Firm, clarified: bool
) -> None:
    case = firm.receive(300, "Misc")
    firm.bureau.complete(case, "Approve Invoice", {"approved": False}, by=firm.mary)
    assert firm.bureau.tasks(case) == ["Assign Reviewer"]
    firm.bureau.complete(case, "Assign Reviewer", {"reviewer": "john"}, by=firm.demo)
    (task,) = firm.bureau.case(case)["waits"]["tasks"]
    assert (task["name"], task["assignee"]["username"]) == ("Review Invoice", "john")
    firm.bureau.complete(case, "Review Invoice", {"clarified": clarified}, by=firm.john)
    if not clarified:
        assert firm.bureau.case(case)["outcome"] == "invoiceNotProcessed"
        return
    assert firm.bureau.tasks(case) == ["Approve Invoice"]
    firm.bureau.complete(case, "Approve Invoice", {"approved": True}, by=firm.mary)
    assert firm.bureau.tasks(case) == ["Prepare Bank Transfer"]


# 03: a job announcement

ANNOUNCEMENT = f"""
[lanes]
Automated = "{LICENSING}"
Management = "{LICENSING}"
HR = "{LICENSING}"

[services]
publish_announcement_website = {{ connector = "partner", inputs = {{ id = "jobAnnouncementId" }} }}
"#{{jobAnnouncementService.postToTwitter(jobAnnouncementId)}}" = {{ connector = "partner" }}
"#{{jobAnnouncementService.postToFacebook(jobAnnouncementId)}}" = {{ connector = "partner" }}
mail = {{ connector = "partner" }}

[expressions]
"#{{jobAnnouncementService.findRequester(jobAnnouncementId)}}" = "requester"
"#{{jobAnnouncementService.findEditor(jobAnnouncementId)}}" = "editor"
"""
ANNOUNCED = {"jobAnnouncementId": 7, "requester": "gonzo", "editor": "fozzie"}


def announcement_files(models: Path) -> tuple[Path, Path]:
    folder = folder_of(models, "03")
    name = "camunda-testing-job-announcement"
    return folder / f"{name}.bpmn", folder / f"{name}-publication.bpmn"


@pytest.fixture
def announcement(bureau: Bureau, models: Path) -> tuple[str, Actor, Actor]:
    """A case that begins, Fozzie who writes and Gonzo who asked for it."""
    fozzie, gonzo = bureau.hire("fozzie", "engineering"), bureau.hire("gonzo")
    model, publication = announcement_files(models)
    bureau.bind(model, publication, toml=ANNOUNCEMENT)
    return bureau.start("camunda-testing-job-announcement", ANNOUNCED), fozzie, gonzo


def holder(bureau: Bureau, case_id: str) -> tuple[str, list[str], str | None]:
    (task,) = bureau.case(case_id)["waits"]["tasks"]
    assignee = task["assignee"]
    return task["name"], task["roles"], assignee["username"] if assignee else None


def test_03_the_bare_upload_names_each_bean_and_the_line_to_write(bureau: Bureau, models: Path) -> None:
    problems = bureau.refused(*announcement_files(models))
    services = ["mail", *(f"publish_announcement_{place}" for place in ("facebook", "twitter", "website"))]
    assert elements(problems, "vendor_code") == services
    for element in services:
        the_line(problems, element, "services")
    assert elements(problems, "expression_invalid") == ["correct", "review"]
    the_line(problems, "review", "expressions", "#{jobAnnouncementService.findRequester(jobAnnouncementId)}")
    the_line(problems, "correct", "expressions", "#{jobAnnouncementService.findEditor(jobAnnouncementId)}")
    assert elements(problems, "lane_without_agency") == ["Lane_0sb6j56", "Lane_1klekz5"]


@pytest.mark.parametrize(
    ("twitter", "facebook", "asked"),
    [(True, True, {"twitter", "facebook"}), (False, True, {"facebook"}), (False, False, set())],
)
def test_03_an_approved_announcement_is_published_where_its_publisher_says(
    bureau: Bureau,
    announcement: tuple[str, Actor, Actor],
    twitter: bool,
    facebook: bool,
    asked: set[str],
) -> None:
    case, fozzie, gonzo = announcement
    assert holder(bureau, case) == ("Describe job role", ["engineering"], None)
    (task,) = bureau.case(case)["waits"]["tasks"]
    assert bureau.ask(fozzie).post(f"/tasks/{task['id']}/claim").status_code == 200
    bureau.complete(case, "Describe job role", by=fozzie)
    assert holder(bureau, case) == ("Review job role description", [], "gonzo")
    bureau.complete(case, "Review job role description", {"approved": True}, by=gonzo)
    assert holder(bureau, case) == ("Publish announcement", ["engineering"], None)
    bureau.complete(case, "Publish announcement", {"twitter": twitter, "facebook": facebook}, by=fozzie)
    bureau.work()
    calls = [element.removeprefix("publish_announcement_") for element, _ in bureau.asked]
    assert (calls[0], set(calls[1:-1]), calls[-1]) == ("website", asked, "mail")
    assert bureau.asked[0][1] == {"id": 7}
    assert bureau.case(case)["outcome"] == "Event_194gsd3"


def test_03_what_is_not_approved_goes_back_to_its_editor_until_it_is(
    bureau: Bureau, announcement: tuple[str, Actor, Actor]
) -> None:
    case, fozzie, gonzo = announcement
    bureau.complete(case, "Describe job role", by=fozzie)
    for _ in range(2):
        bureau.complete(case, "Review job role description", {"approved": False}, by=gonzo)
        assert holder(bureau, case) == ("Improve job role description", [], "fozzie")
        bureau.complete(case, "Improve job role description", by=fozzie)
        assert holder(bureau, case) == ("Review job role description", [], "gonzo")
    bureau.complete(case, "Review job role description", {"approved": True}, by=gonzo)
    assert bureau.tasks(case) == ["Publish announcement"]
