"""A case over the API, from its start to its end: tasks, messages, signals, timers, history; on both databases."""

from datetime import timedelta
from typing import Any

import pytest

from engine.clock import MovableClock
from tests.people import World
from tests.web.client import Caller, CallerOf, code_of
from tests.web.models import PARTS, PERMIT


@pytest.fixture
def permit(caller: CallerOf, world: World) -> str:
    """The permit, deployed; its key."""
    answer = caller(world.citra).upload("/processes", PERMIT, PARTS)
    assert answer.status_code == 201, answer.text
    return "permit"


def start(who: Caller, **body: Any) -> dict[str, Any]:
    answer = who.post("/processes/permit/start", body)
    assert answer.status_code == 201, answer.text
    assert answer.json is not None
    return answer.json


def only_task(who: Caller, case: dict[str, Any]) -> dict[str, Any]:
    page = who.get(f"/tasks?case={case['id']}").json
    assert page is not None
    (task,) = page["items"]
    found: dict[str, Any] = task
    return found


def complete(who: Caller, task: dict[str, Any], **data: Any) -> None:
    answer = who.post(f"/tasks/{task['id']}/complete", {"data": data})
    assert answer.status_code == 200, answer.text


def test_a_case_goes_through_two_agencies_to_its_end(caller: CallerOf, world: World, permit: str) -> None:
    ana, bo = caller(world.ana), caller(world.bo)
    case = start(ana, business_key="PERMIT-1")
    assert case["state"] == "running"
    assert [task["name"] for task in case["waits"]["tasks"]] == ["Check the papers"]
    task = only_task(ana, case)
    assert (task["agency"]["key"], task["roles"], task["form"]) == ("dpmptsp", ["front_desk"], "check")
    claimed = ana.post(f"/tasks/{task['id']}/claim").json
    assert claimed is not None
    assert claimed["assignee"] == {"username": "ana", "name": "Ana"}
    complete(ana, task, decision="ok", trade_name="Warung Bo")
    inspection = only_task(bo, case)
    assert inspection["facts"]["title"] == "Warung Bo"
    assert inspection["business_key"] == "PERMIT-1"
    seen = bo.get(f"/cases/{case['id']}").json
    assert seen is not None
    assert [deadline["element"] for deadline in seen["waits"]["deadlines"]] == ["late"]
    complete(bo, inspection)
    ended = ana.get(f"/cases/{case['id']}").json
    assert ended is not None
    assert (ended["state"], ended["outcome"]) == ("completed", "granted")
    assert ended["waits"] == {"tasks": [], "deadlines": [], "jobs": [], "messages": []}


def test_another_agency_sees_neither_case_nor_task(caller: CallerOf, world: World, permit: str) -> None:
    case = start(caller(world.ana))
    task = only_task(caller(world.ana), case)
    for stranger in (caller(world.hadi), caller(world.bo), caller(world.sari)):
        assert stranger.get(f"/tasks?case={case['id']}").json == {"items": [], "next": None}
        for path in (f"/cases/{case['id']}", f"/cases/{case['id']}/history", f"/tasks/{task['id']}"):
            assert code_of(stranger.get(path)) == (404, "not_found")
        assert code_of(stranger.post(f"/tasks/{task['id']}/claim")) == (404, "not_found")
        assert code_of(stranger.post(f"/tasks/{task['id']}/complete", {"data": {}})) == (404, "not_found")
        assert code_of(stranger.post(f"/cases/{case['id']}/cancel", {"reason": "mine"})) == (404, "not_found")


def test_a_colleague_without_the_role_may_look_but_not_take(
    caller: CallerOf, world: World, permit: str
) -> None:
    case = start(caller(world.ana))
    task = only_task(caller(world.ana), case)
    gita = caller(world.gita)
    assert gita.get(f"/tasks/{task['id']}").status_code == 200
    assert gita.get("/tasks").json == {"items": [], "next": None}
    assert code_of(gita.post(f"/tasks/{task['id']}/claim"))[0] == 403


def test_the_owner_and_the_auditor_read_the_data_others_do_not(
    caller: CallerOf, world: World, permit: str
) -> None:
    ana, bo = caller(world.ana), caller(world.bo)
    case = start(ana)
    complete(ana, only_task(ana, case), decision="ok", trade_name="Warung Bo")
    for reader in (ana, caller(world.dewi)):
        data = reader.get(f"/cases/{case['id']}/data").json
        assert data is not None
        assert data["data"]["trade_name"] == "Warung Bo"
    assert bo.get(f"/cases/{case['id']}").status_code == 200
    assert bo.get(f"/cases/{case['id']}/data").status_code in {403, 404}


def test_the_history_tells_everything_in_order_and_page_by_page(
    caller: CallerOf, world: World, permit: str
) -> None:
    ana, bo, dewi = caller(world.ana), caller(world.bo), caller(world.dewi)
    case = start(ana)
    complete(ana, only_task(ana, case), decision="ok", trade_name="Warung Bo")
    complete(bo, only_task(bo, case))
    events: list[dict[str, Any]] = []
    after = ""
    while True:
        page = dewi.get(f"/cases/{case['id']}/history?limit=3{after}").json
        assert page is not None
        events += page["items"]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    kinds = [event["kind"] for event in events]
    assert kinds[0] == "case_started"
    assert kinds.count("task_completed") == 2
    assert "case_completed" in kinds
    of_bo = bo.get(f"/cases/{case['id']}/history?limit=100").json
    assert of_bo is not None
    hidden = [e for e in of_bo["items"] if e["kind"] == "task_completed" and e["agency"] == "dpmptsp"]
    assert "Warung" not in str(hidden)


def test_a_task_is_released_and_given_to_a_colleague(caller: CallerOf, world: World, permit: str) -> None:
    ana = caller(world.ana)
    task = only_task(ana, start(ana))
    path = f"/tasks/{task['id']}"
    assert code_of(ana.post(f"{path}/release"))[0] == 409
    ana.post(f"{path}/claim")
    released = ana.post(f"{path}/release").json
    assert released is not None
    assert released["assignee"] is None
    assert code_of(ana.post(f"{path}/assign", {"user": "gita"})) == (422, "person_not_candidate")
    assert code_of(ana.post(f"{path}/assign", {"user": "nobody"})) == (422, "person_unknown")
    given = ana.post(f"{path}/assign", {"user": "ana"}).json
    assert given is not None
    assert given["assignee"]["username"] == "ana"


def test_a_task_completed_twice_is_completed_once(caller: CallerOf, world: World, permit: str) -> None:
    ana = caller(world.ana)
    task = only_task(ana, start(ana))
    complete(ana, task, decision="ok")
    again = ana.post(f"/tasks/{task['id']}/complete", {"data": {"decision": "no"}})
    assert code_of(again) == (409, "task_not_open")


def test_the_same_completion_with_the_same_key_gets_the_same_answer(
    caller: CallerOf, world: World, permit: str
) -> None:
    ana = caller(world.ana)
    case = start(ana)
    path, body = f"/tasks/{only_task(ana, case)['id']}/complete", {"data": {"decision": "ok"}}
    first, second = ana.post(path, body, key="k-1"), ana.post(path, body, key="k-1")
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.data == second.data
    assert second.headers["Idempotency-Replayed"] == "true"
    assert code_of(ana.post(path, {"data": {"decision": "no"}}, key="k-1")) == (409, "idempotency_key_reused")
    page = ana.get(f"/cases/{case['id']}/history?limit=100").json
    assert page is not None
    assert [event["kind"] for event in page["items"]].count("task_completed") == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "sélamat"])
def test_a_key_that_is_none_is_refused(caller: CallerOf, world: World, permit: str, key: str) -> None:
    answer = caller(world.ana).post("/processes/permit/start", {}, key=key)
    assert code_of(answer) == (422, "idempotency_key_invalid")


def test_a_message_reaches_the_one_case_that_waits_and_a_signal_all(
    caller: CallerOf, world: World, permit: str
) -> None:
    ana = caller(world.ana)
    cases = [start(ana, business_key=f"PERMIT-{n}") for n in (1, 2)]
    for case in cases:
        complete(ana, only_task(ana, case), decision="wait")
    message = {"name": "more_papers", "data": {"papers": 3}}
    assert code_of(ana.post("/messages", message)) == (409, "message_ambiguous")
    for case in cases:
        answer = ana.post("/messages", {**message, "business_key": case["business_key"]})
        assert answer.status_code == 200, answer.text
        assert answer.json is not None
        assert [wait["kind"] for wait in answer.json["waits"]["messages"]] == ["signal"]
    assert code_of(ana.post("/messages", message)) == (409, "nobody_waits")
    assert ana.post("/signals", {"name": "storm"}).json == {"cases": 2, "started": 0}
    assert code_of(ana.post("/signals", {"name": "sunshine"})) == (409, "nobody_waits")


def test_a_case_is_cancelled_for_a_reason_by_its_owner(caller: CallerOf, world: World, permit: str) -> None:
    ana = caller(world.ana)
    case = start(ana)
    path = f"/cases/{case['id']}/cancel"
    assert code_of(ana.post(path, {"reason": "  "})) == (422, "invalid")
    assert code_of(ana.post(path)) == (422, "invalid")
    cancelled = ana.post(path, {"reason": "Withdrawn by the applicant"}).json
    assert cancelled is not None
    assert (cancelled["state"], cancelled["waits"]["tasks"]) == ("cancelled", [])
    assert code_of(ana.post(path, {"reason": "again"})) == (409, "case_closed")


def test_a_program_of_the_owner_changes_the_data_of_a_case_once_a_key(
    caller: CallerOf, world: World, permit: str
) -> None:
    ana = caller(world.ana)
    case = start(ana)
    path = f"/cases/{case['id']}/data"
    body = {"data": {"floors": 3}, "reason": "The register wrote"}
    for wrong in (
        {"data": {}, "reason": "x"},
        {"data": {"a": 1}},
        {"data": {"a": 1}, "reason": " "},
        {"reason": "x"},
    ):
        assert code_of(ana.post(path, wrong)) == (422, "invalid")
    assert code_of(ana.post(path, {"data": {"two words": 1}, "reason": "x"}))[0] == 422
    answers = [ana.post(path, body, key="once") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert "Idempotency-Replayed" in answers[1].headers
    data = ana.get(f"/cases/{case['id']}/data").json
    assert data is not None
    assert data["data"]["floors"] == 3
    history = ana.get(f"/cases/{case['id']}/history").json
    assert history is not None
    assert [event["kind"] for event in history["items"]].count("data_changed") == 1
    ana.post(f"/cases/{case['id']}/cancel", {"reason": "Withdrawn"})
    assert code_of(ana.post(path, body)) == (409, "case_closed")


def test_an_operator_runs_a_timer_before_its_time(caller: CallerOf, world: World, permit: str) -> None:
    ana, oka = caller(world.ana), caller(world.oka)
    case = start(ana)
    complete(ana, only_task(ana, case), decision="ok")
    jobs = oka.get(f"/jobs?case={case['id']}&kind=timer").json
    assert jobs is not None
    (timer,) = jobs["items"]
    assert (timer["element"], timer["state"], timer["target"]) == ("late", "ready", None)
    assert code_of(ana.post(f"/jobs/{timer['id']}/run"))[0] in {403, 404}
    ran = oka.post(f"/jobs/{timer['id']}/run").json
    assert ran is not None
    assert ran["run_at"] < timer["run_at"]


def test_cases_and_tasks_are_found_and_paged(
    caller: CallerOf, world: World, permit: str, clock: MovableClock
) -> None:
    ana = caller(world.ana)
    for n in range(5):
        start(ana, business_key=f"PERMIT-{n}")
        clock.move_by(timedelta(minutes=1))
    for path in ("/cases?state=running", "/tasks?sort=created"):
        seen: list[str] = []
        after = ""
        while True:
            page = ana.get(f"{path}&limit=2{after}" if "?" in path else path).json
            assert page is not None
            seen += [item["id"] for item in page["items"]]
            if page["next"] is None:
                break
            after = f"&after={page['next']}"
        assert len(seen) == len(set(seen)) == 5
    found = ana.get("/cases?q=permit-3").json
    assert found is not None
    assert [case["business_key"] for case in found["items"]] == ["PERMIT-3"]
    assert ana.get("/cases?process=other").json == {"items": [], "next": None}


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/tasks?state=done", "state"),
        ("/tasks?sort=name", "sort"),
        ("/tasks?due_before=tomorrow", "due_before"),
        ("/tasks?due_before=2026-11-24T10:00:00", "due_before"),
        ("/cases?state=lost", "state"),
        ("/cases?limit=1000", "limit"),
        ("/jobs?kind=magic", "kind"),
        ("/incidents?state=gone", "state"),
    ],
)
def test_a_filter_with_a_wrong_value_is_named(caller: CallerOf, world: World, path: str, field: str) -> None:
    answer = caller(world.ana).get(path)
    assert code_of(answer) == (422, "invalid")
    assert answer.json is not None
    assert list(answer.json["fields"]) == [field]
