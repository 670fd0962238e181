"""Files of other engines' own test suites, doing here what they do at home (MANIFEST of the borrowed models).

Each test goes through the API, and the house is shut and opened anew between every two steps.
"""

from pathlib import Path

import pytest

from tests.models.conftest import Office


def the_file(models: Path, number: str, ending: str = "") -> Path:
    (folder,) = models.glob(f"{number}-*")
    (found,) = (path for path in sorted(folder.iterdir()) if path.name.endswith(ending or path.name))
    return found


@pytest.mark.parametrize(
    ("given", "task"),
    [(1, "Send e-mail for more information"), (2, "Check account balance"), (3, "Call customer")],
)
def test_05_a_decision_takes_the_one_way_whose_condition_holds(
    office: Office, models: Path, given: int, task: str
) -> None:
    office.deploy(the_file(models, "05"))
    case = office.start("exclusiveGateway", {"input": given})
    assert office.tasks(case) == [task]
    office.complete(case, task)
    assert office.state(case) == "completed"


def test_05_a_decision_without_a_way_out_refuses_the_start_and_leaves_nothing(
    office: Office, models: Path
) -> None:
    office.deploy(the_file(models, "05"))
    answer = office.ask(office.world.citra).post("/processes/exclusiveGateway/start", {"data": {"input": 4}})
    assert answer.status_code == 422
    assert (answer.json["code"], answer.json["element"]) == ("no_outgoing_flow", "exclusiveGw")
    assert office.ask(office.world.dewi).get("/cases").json["items"] == []


@pytest.mark.parametrize("given", [1, 2, 3])
def test_06_an_inclusive_join_waits_for_exactly_the_branches_taken(
    office: Office, models: Path, given: int
) -> None:
    office.deploy(the_file(models, "06"))
    case = office.start("inclusiveGwMerging", {"input": given})
    assert office.tasks(case) == ["my task"]
    office.complete(case, "my task")
    assert office.state(case) == "completed"


def test_07_timers_open_escalation_tasks_beside_the_late_one(office: Office, models: Path) -> None:
    office.deploy(the_file(models, "07"))
    case = office.start("nonInterruptingTimersOnUserTask")
    assert office.deadlines(case) == ["escalationTimer1", "escalationTimer2"]
    office.pass_time(minutes=59)
    assert office.tasks(case) == ["First Task"]
    office.pass_time(minutes=1)
    assert office.tasks(case) == ["Escalation Task 1", "First Task"]
    office.pass_time(hours=1)
    assert office.tasks(case) == ["Escalation Task 1", "Escalation Task 2", "First Task"]
    office.complete(case, "First Task")
    assert office.tasks(case) == ["Escalation Task 1", "Escalation Task 2"]
    assert office.deadlines(case) == []
    office.complete(case, "Escalation Task 1")
    assert office.state(case) == "running"
    office.complete(case, "Escalation Task 2")
    assert office.state(case) == "completed"


def test_07_a_task_done_in_time_withdraws_what_is_left_of_the_ladder(office: Office, models: Path) -> None:
    office.deploy(the_file(models, "07"))
    case = office.start("nonInterruptingTimersOnUserTask")
    office.pass_time(hours=1)
    office.complete(case, "First Task")
    assert office.tasks(case) == ["Escalation Task 1"]
    assert office.deadlines(case) == []
    office.complete(case, "Escalation Task 1")
    assert office.state(case) == "completed"
    office.pass_time(days=1)
    assert office.tasks(case) == []


def test_08_the_rest_is_withdrawn_when_enough_instances_are_done(office: Office, models: Path) -> None:
    office.deploy(the_file(models, "08"))
    case = office.start("miParallelUserTasksCompletionCondition")
    assert office.tasks(case) == [f"My Task {i}" for i in range(5)]
    for name in ("My Task 3", "My Task 0"):
        office.complete(case, name)
    assert office.tasks(case) == ["My Task 1", "My Task 2", "My Task 4"]
    office.complete(case, "My Task 2")
    assert office.state(case) == "completed"
    assert office.tasks(case) == []


def test_09_a_message_interrupts_the_case_and_its_timer(office: Office, models: Path) -> None:
    office.deploy(the_file(models, "09"))
    case = office.start("process")
    assert office.tasks(case) == ["taskBeforeInterruptingEventSuprocess"]
    assert office.deadlines(case) == ["BoundaryEvent_1"]
    office.tell(case, "newMessage")
    assert office.tasks(case) == ["taskAfterMessageStartEvent"]
    assert office.deadlines(case) == []
    office.pass_time(hours=1)
    assert office.tasks(case) == ["taskAfterMessageStartEvent"]
    office.complete(case, "taskAfterMessageStartEvent")
    assert office.state(case) == "completed"


def test_11_an_escalation_is_caught_by_the_nearest_event_sub_process(office: Office, models: Path) -> None:
    office.deploy(the_file(models, "11"))
    case = office.start("escalationProcess")
    first = "task after catched escalation inside subprocess1"
    assert office.tasks(case) == [first, "task in subprocess"]
    office.complete(case, first)
    second = "task after catched escalation inside subprocess2"
    assert office.tasks(case) == [second, "task in subprocess"]
    office.complete(case, second)
    assert office.tasks(case) == ["task in subprocess"]
    office.complete(case, "task in subprocess")
    assert office.state(case) == "completed"


def test_13_links_lead_from_wait_to_wait(office: Office, models: Path) -> None:
    office.deploy(the_file(models, "13"))
    case = office.start("linkEventValid")
    assert office.messages(case) == ["waitAfterLink1"]
    office.tell(case, "waitAfterLink1")
    assert office.messages(case) == ["waitAfterLink2"]
    office.tell(case, "waitAfterLink2")
    assert office.state(case) == "completed"


def test_14_a_call_activity_runs_the_called_process_inside_the_case(office: Office, models: Path) -> None:
    office.deploy(the_file(models, "14", "simpleSubProcess.bpmn20.xml"))
    office.deploy(the_file(models, "14", "testCallSimpleSubProcess.bpmn20.xml"))
    case = office.start("callSimpleSubProcess")
    for name in ("Task before subprocess", "Task in subprocess", "Task after subprocess"):
        assert office.tasks(case) == [name]
        office.complete(case, name)
    assert office.state(case) == "completed"


def test_15_a_task_waits_for_both_candidate_groups(office: Office, models: Path) -> None:
    office.deploy(the_file(models, "15"), create_roles="true")
    case = office.start("multipleCandidatesGroup")
    (task,) = office.case(case)["waits"]["tasks"]
    assert task["name"] == "Approve expenses"
    assert sorted(task["roles"]) == ["accountancy", "management"]
    seen = office.ask(office.world.ana).get("/tasks").json["items"]
    assert seen == []  # a member of the agency who has neither role


def test_15_unknown_groups_are_refused_by_name_unless_they_shall_be_made(
    office: Office, models: Path
) -> None:
    path = the_file(models, "15")
    answer = office.ask(office.world.citra).upload("/processes", path.read_bytes(), name=path.name)
    assert answer.status_code == 422
    told = " ".join(p["message"] for p in answer.json["problems"] if p["code"] == "role_unknown")
    assert "accountancy" in told
    assert "management" in told
