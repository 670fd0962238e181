"""Who may do what over the API: every person of the tests against every kind of route; on both databases."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.people import World
from tests.web.client import CallerOf, code_of
from tests.web.models import PARTS, PERMIT

EVERYBODY = ("ana", "gita", "citra", "bo", "hadi", "dewi", "oka", "sari")
"""Front desk, verifier and designer of the owner; fire service; no part in it; auditor; operator; administrator."""


@pytest.fixture
def case(caller: CallerOf, world: World) -> dict[str, Any]:
    """A permit that waits for the front desk."""
    assert caller(world.citra).upload("/processes", PERMIT, PARTS).status_code == 201
    started = caller(world.ana).post("/processes/permit/start", {}).json
    assert started is not None
    return dict(started)


def statuses(caller: CallerOf, world: World, path: str, body: Any = None) -> dict[str, int]:
    found = {}
    for name in EVERYBODY:
        who = caller(getattr(world, name))
        answer = who.get(path) if body is None else who.post(path, body)
        found[name] = answer.status_code
    return found


def table(row: str) -> dict[str, int]:
    return dict(zip(EVERYBODY, map(int, row.split()), strict=True))


@pytest.mark.parametrize(
    ("path", "row"),
    #               ana gita citra bo  hadi dewi oka sari
    [
        ("/cases/{case}", "200 200 200 404 404 200 200 404"),
        ("/cases/{case}/history", "200 200 200 404 404 200 200 404"),
        ("/cases/{case}/data", "200 200 200 404 404 200 403 404"),
        ("/tasks/{task}", "200 200 200 404 404 200 404 404"),
        ("/processes/permit", "200 200 200 200 200 200 200 200"),
        ("/processes/permit/versions/1/diagram", "200 200 200 200 200 200 200 200"),
        ("/agencies", "200 200 200 200 200 200 200 200"),
        ("/people", "403 403 403 403 403 403 403 200"),
        ("/tasks", "200 200 200 200 200 200 200 200"),
        ("/jobs", "200 200 200 200 200 200 200 200"),
        ("/incidents", "200 200 200 200 200 200 200 200"),
    ],
)
def test_who_reads_what(caller: CallerOf, world: World, case: dict[str, Any], path: str, row: str) -> None:
    address = path.format(case=case["id"], task=case["waits"]["tasks"][0]["id"])
    assert statuses(caller, world, address) == table(row)


@pytest.mark.parametrize(
    ("path", "body", "row"),
    #                                                              ana gita citra bo  hadi dewi oka sari
    [
        ("/processes/permit/start", {"data": {}}, "201 201 201 403 403 403 201 403"),
        ("/tasks/{task}/release", {}, "409 409 409 404 404 409 404 404"),
        ("/tasks/{task}/complete", {"data": {"decision": 1}}, "422 403 403 404 404 403 404 404"),
        ("/tasks/{task}/assign", {"user": "nobody"}, "422 403 403 404 404 403 404 404"),
        ("/cases/{case}/data", {"data": {"x": 1}, "reason": "told"}, "200 200 200 404 404 403 200 404"),
        ("/cases/{case}/cancel", {"reason": ""}, "422 422 422 422 422 422 422 422"),
        ("/incidents/none/retry", {}, "404 404 404 404 404 404 404 404"),
        ("/jobs/none/run", {}, "404 404 404 404 404 404 404 404"),
    ],
)
def test_who_changes_what(
    caller: CallerOf, world: World, case: dict[str, Any], path: str, body: dict[str, Any], row: str
) -> None:
    address = path.format(case=case["id"], task=case["waits"]["tasks"][0]["id"])
    assert statuses(caller, world, address, body) == table(row)


def test_lists_show_each_only_what_exists_for_them(
    caller: CallerOf, world: World, case: dict[str, Any]
) -> None:
    def seen(path: str) -> set[str]:
        found = set()
        for name in EVERYBODY:
            page = caller(getattr(world, name)).get(path).json
            assert page is not None
            if page["items"]:
                found.add(name)
        return found

    assert seen("/cases") == {"ana", "gita", "citra", "dewi", "oka"}
    assert seen("/tasks") == {"ana", "dewi"}


def test_a_task_completed_twice_at_once_is_completed_once(
    caller: CallerOf, world: World, case: dict[str, Any]
) -> None:
    path = f"/tasks/{case['waits']['tasks'][0]['id']}/complete"
    callers = [caller(world.ana) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda who: who.post(path, {"data": {"decision": "ok"}}), callers))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert {code_of(answer)[1] for answer in answers if answer.status_code == 409} == {"task_not_open"}


def test_twins_with_one_key_at_once_get_one_answer(
    caller: CallerOf, world: World, case: dict[str, Any]
) -> None:
    path = f"/tasks/{case['waits']['tasks'][0]['id']}/complete"
    callers = [caller(world.ana) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda who: who.post(path, {"data": {"decision": "ok"}}, key="twins"), callers)
        )
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.data for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 3
