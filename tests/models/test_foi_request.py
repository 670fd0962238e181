"""British Columbia's request for information: a sub-process for each file, message events, a nightly closure clock.

Its JavaScript looks up, claims and completes tasks by the other engine's Java API. What it sets is bound by process.toml;
the claiming and completing is left to the people in the inbox, and process.toml says so.
"""

from pathlib import Path
from typing import Any

import pytest

from engine.model import Actor
from tests.models.bureau import Bureau, bureau, elements, folder_of, the_line
from tests.people import LICENSING

__all__ = ["bureau"]

BOUND = f"""
owner = "{LICENSING}"

[services]
Event_1i4lvgo = {{ message = "foi-update", data = {{ request = "foiRequestID" }} }}

[listeners]
Flow_0cj6jqd = {{ set = {{ foiRequestID = "foiRequestMetaData.id", filenumbers = "[m.filenumber for m in foiRequestMetaData.ministries]" }} }}
Flow_0wby40k = {{ set = {{ closure_sla_days = "1" }} }}
Event_14uk8xb = {{ set = {{ closure_sla_days = "closure_sla_days + 1" }} }}
Event_1w3edh0 = {{ set = {{ status = "foiRequestMetaData.status", defaultMinistryAssignedGroup = "foiRequestMetaData.group", minTaskName = "foiRequestMetaData.id + ' Ministry Coordinator'", iaoTaskName = "foiRequestMetaData.id + ' IAO'" }} }}
Event_0h1k33c = {{ set = {{ status = "foiRequestMetaData.status" }} }}
Event_1tvpamu = {{ set = {{ status = "foiRequestMetaData.status" }} }}
correnspodance = {{ set = {{ status = "foiRequestMetaData.status" }} }}
Event_0a37bnf = {{ set = {{ status = "foiRequestMetaData.status" }} }}
Event_1i4lvgo = {{ skip = "the event itself sends the message" }}
Event_1qgwj93 = {{ skip = "officers claim in the inbox" }}
Event_00oj0m6 = {{ skip = "officers claim in the inbox" }}
Event_12h21bj = {{ skip = "officers claim in the inbox" }}
Activity_0jdrlcz = {{ skip = "a task is found by its case, and its lane gives it its office" }}
Activity_085uygz = {{ skip = "a task is found by its case" }}
Activity_0cj09ml = {{ skip = "a task is found by its case, and its lane gives it its office" }}
"""
SCRIPTS = [
    "Event_0a37bnf",
    "Event_14uk8xb",
    "Event_1tvpamu",
    "correnspodance",
    "Flow_0wby40k",
    "Flow_0cj6jqd",
]


def request(models: Path) -> Path:
    return folder_of(models, "28") / "foi-request-processing.bpmn"


def about(*files: str, status: str = "Open") -> dict[str, Any]:
    """What the other system knows of a request, or of one of its files."""
    ministries = [{"filenumber": file} for file in files]
    return {
        "foiRequestMetaData": {"id": files[0], "status": status, "group": "justice", "ministries": ministries}
    }


@pytest.fixture
def mina(bureau: Bureau, models: Path) -> Actor:
    """Mina coordinates for the ministry of justice; the process is deployed."""
    found = bureau.hire("mina", "justice")
    bureau.bind(request(models), toml=BOUND)
    return found


def begin(bureau: Bureau, *files: str) -> str:
    return bureau.start("foi-request-processing", about(*files))


def say(bureau: Bureau, case: str, message: str, status: str) -> None:
    """Another system sends a message about the file of a case."""
    body = {"name": message, "case_id": case, "data": about("F-1", status=status)}
    answer = bureau.ask(bureau.world.citra).post("/messages", body)
    assert answer.status_code == 200, answer.text


def close(bureau: Bureau) -> str:
    """A request whose only file was closed at intake."""
    case = begin(bureau, "F-1")
    say(bureau, case, "foi-iao-open-complete", "Closed")
    assert bureau.tasks(case) == ["F-1"]  # the message only tells; an officer completes
    bureau.complete(case, "F-1")
    return case


def test_28_the_bare_upload_names_each_script_and_event(bureau: Bureau, models: Path) -> None:
    problems = bureau.refused(request(models))
    tasks = ["Activity_0cj09ml", "Activity_0jdrlcz", "Activity_085uygz"]
    claims = ["Event_00oj0m6", "Event_12h21bj", "Event_1qgwj93"]
    completes = ["Event_0h1k33c", "Event_1w3edh0", "Event_1i4lvgo"]
    named = sorted([*tasks, *claims, *completes, *SCRIPTS])
    assert elements(problems, "vendor_code") == named
    for element in named:
        the_line(problems, element, "listeners")
    assert elements(problems, "message_missing") == ["Event_1i4lvgo"]
    the_line(problems, "Event_1i4lvgo", "services")


def test_28_the_upload_reports_implicit_splits_and_the_cron(bureau: Bureau, models: Path) -> None:
    warnings = bureau.bind(request(models), toml=BOUND)
    assert elements(warnings, "implicit_split") == ["Activity_0cj09ml", "Activity_0jdrlcz"]
    (cron,) = [message for code, element, message in warnings if code == "timer_cron"]
    assert "0 0 22 1/1 * ? *" in cron
    skipped = {message for code, _, message in warnings if code == "listener_skipped"}
    assert any("officers claim in the inbox" in message for message in skipped)


def test_28_there_is_one_task_for_each_file_called_by_its_number(bureau: Bureau, mina: Actor) -> None:
    case = begin(bureau, "F-1", "F-2", "F-3")
    assert bureau.tasks(case) == ["F-1", "F-2", "F-3"]
    (sent,) = bureau.events(case, "message_sent")
    assert (sent["data"]["name"], sent["element"]) == ("foi-update", "Event_1i4lvgo")
    bureau.complete(case, "F-2", {"status": "Closed"})
    assert bureau.tasks(case) == ["F-1", "F-3"]
    assert bureau.deadlines(case) == ["Event_14uk8xb"]


def test_28_a_call_for_records_goes_to_the_office_and_the_ministry(bureau: Bureau, mina: Actor) -> None:
    case = begin(bureau, "F-1")
    say(bureau, case, "foi-iao-open-complete", "Call For Records")
    bureau.complete(case, "F-1")
    assert bureau.tasks(case) == ["F-1 IAO", "F-1 Ministry Coordinator"]
    ministry = next(t for t in bureau.case(case)["waits"]["tasks"] if "Ministry" in t["name"])
    assert ministry["roles"] == ["justice"]
    assert bureau.variables(case)["feeflow"] == "NA"
    say(bureau, case, "foi-ministry-assignment", "Call For Records")
    say(bureau, case, "foi-iao-correnspodence", "On Hold")
    assert bureau.variables(case)["status"] == "On Hold"
    assert len(bureau.tasks(case)) == 2  # no message takes a task away
    say(bureau, case, "foi-ministry-complete", "Closed")
    bureau.complete(case, "F-1 Ministry Coordinator", by=mina)
    bureau.complete(case, "F-1 IAO")
    assert bureau.deadlines(case) == ["Event_14uk8xb"]


def test_28_a_closed_file_ends_after_five_nights(bureau: Bureau, mina: Actor) -> None:
    case = close(bureau)
    for night in range(1, 5):
        bureau.pass_time(days=1)
        assert bureau.variables(case)["closure_sla_days"] == 1 + night
        assert bureau.deadlines(case) == ["Event_14uk8xb"]
    bureau.pass_time(days=1)
    assert bureau.state(case) == "completed"
    assert bureau.variables(case)["closure_sla_days"] == 6


@pytest.mark.parametrize(
    ("status", "tasks"), [("Open", ["F-1"]), ("Call For Records", ["F-1 IAO", "F-1 Ministry Coordinator"])]
)
def test_28_a_closed_file_is_reopened_within_its_five_nights(
    bureau: Bureau, mina: Actor, status: str, tasks: list[str]
) -> None:
    case = close(bureau)
    bureau.pass_time(days=1)
    say(bureau, case, "foi-iao-reopen", status)
    assert bureau.tasks(case) == tasks
    assert bureau.deadlines(case) == []
    bureau.pass_time(days=10)
    assert bureau.state(case) == "running"
    if status == "Open":
        bureau.complete(case, "F-1", {"status": "Closed"})
        assert bureau.variables(case)["closure_sla_days"] == 1
