"""Bad input over the API: each kind has its own code, and the case stays where it was; on both databases."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.people import World
from tests.web.client import Caller, CallerOf, code_of
from tests.web.models import PARTS, PERMIT, after_a_task, script


def deployed(
    caller: CallerOf, world: World, model: bytes, key: str = "small"
) -> tuple[Caller, dict[str, Any]]:
    """The designer deploys a model, starts a case of it, and has its first task."""
    citra = caller(world.citra)
    assert citra.upload("/processes", model).status_code == 201
    started = citra.post(f"/processes/{key}/start", {})
    assert started.status_code == 201, started.text
    assert started.json is not None
    return citra, started.json["waits"]["tasks"][0]


@pytest.fixture
def check(caller: CallerOf, world: World) -> Iterator[tuple[Caller, str]]:
    """Ana, and the address of the permit's first task."""
    assert caller(world.citra).upload("/processes", PERMIT, PARTS).status_code == 201
    ana = caller(world.ana)
    case = ana.post("/processes/permit/start", {}).json
    assert case is not None
    path = f"/tasks/{case['waits']['tasks'][0]['id']}"
    yield ana, path
    task = ana.get(path).json
    assert task is not None
    assert task["state"] == "open"
    history = ana.get(f"/cases/{case['id']}/history?limit=100").json
    assert history is not None
    assert "task_completed" not in [event["kind"] for event in history["items"]]


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b'{"data": {', "application/json", 400, "malformed_json"),
        (b"\xff\xfe", "application/json", 400, "malformed_json"),
        (b'{"data": NaN}', "application/json", 400, "malformed_json"),
        (b"[" * 100_000, "application/json", 400, "malformed_json"),
        (b'{"data": {"x": ' + b"[" * 900 + b"]" * 900 + b"}}", "application/json", 422, "invalid"),
        (b'["ok"]', "application/json", 422, "invalid"),
        (b"null", "application/json", 422, "invalid"),
        (b'{"data": {"decision": "ok"}}', "text/plain", 415, "wrong_content_type"),
        (b"data=ok", "application/x-www-form-urlencoded", 415, "wrong_content_type"),
        (b'{"data": {"trade_name": "a\\u0000b"}}', "application/json", 422, "invalid"),
        (b'{"data": {"trade_name": "\\ud800"}}', "application/json", 400, "malformed_json"),
        (b'{"answers": {}}', "application/json", 422, "invalid"),
        (b'{"data": {}, "more": 1}', "application/json", 422, "invalid"),
        (b'{"data": "ok"}', "application/json", 422, "invalid"),
    ],
)
def test_a_body_that_is_not_understood(
    check: tuple[Caller, str], body: bytes, content_type: str, status: int, code: str
) -> None:
    ana, path = check
    answer = ana.post(f"{path}/complete", data=body, content_type=content_type)
    assert code_of(answer) == (status, code)


def test_a_body_over_the_limit_is_413(check: tuple[Caller, str]) -> None:
    ana, path = check
    assert code_of(ana.post(f"{path}/complete", {"data": {"x": "y" * 1_100_000}})) == (413, "too_large")


def test_a_body_where_none_is_taken_is_refused_unless_it_is_empty(check: tuple[Caller, str]) -> None:
    ana, path = check
    assert code_of(ana.post(f"{path}/claim", {"user": "bo"})) == (422, "invalid")
    assert ana.post(f"{path}/claim", {}).status_code == 200


def test_a_decision_that_no_flow_takes_stops_the_step_and_becomes_an_incident(
    check: tuple[Caller, str], caller: CallerOf, world: World
) -> None:
    ana, path = check
    answer = ana.post(f"{path}/complete", {"data": {"decision": "odd"}})
    assert code_of(answer) == (422, "no_outgoing_flow")
    assert answer.json is not None
    assert answer.json["element"] == "way"
    incidents = caller(world.oka).get("/incidents").json
    assert incidents is not None
    (incident,) = incidents["items"]
    assert (incident["kind"], incident["code"], incident["element"]) == (
        "step_failed",
        "no_outgoing_flow",
        "way",
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("while True:\n    x = 1", "sandbox_limit"),
        ("x = 'a' * 10**9", "sandbox_limit"),
        ("x = unknown_variable + 1", "script_failed"),
        ("x = 1 / 0", "script_failed"),
    ],
)
def test_a_script_that_loops_allocates_or_fails_leaves_the_task_open(
    caller: CallerOf, world: World, text: str, code: str
) -> None:
    citra, task = deployed(caller, world, script(text))
    answer = citra.post(f"/tasks/{task['id']}/complete", {"data": {}})
    assert code_of(answer) == (422, code)
    assert answer.json is not None
    assert answer.json["element"] == "step"
    still = citra.get(f"/tasks/{task['id']}").json
    assert still is not None
    assert still["state"] == "open"
    incidents = caller(world.oka).get("/incidents").json
    assert incidents is not None
    assert [incident["code"] for incident in incidents["items"]] == [code]


@pytest.mark.parametrize(
    "text", ["import time\ntime.sleep(60)", "import os\nx = os.environ", "x = open('/etc/passwd')"]
)
def test_a_script_that_sleeps_or_reaches_outside_is_not_deployed(
    caller: CallerOf, world: World, text: str
) -> None:
    answer = caller(world.citra).upload("/processes", script(text))
    assert code_of(answer) == (422, "process_invalid")
    assert answer.json is not None
    assert "step" in {problem["element"] for problem in answer.json["problems"]}


def test_an_expression_that_names_an_unknown_variable_stops_the_step(caller: CallerOf, world: World) -> None:
    gateway = """<exclusiveGateway id="step"/><sequenceFlow id="other" sourceRef="step" targetRef="second">
      <conditionExpression xsi:type="tFormalExpression">${nowhere &gt; 3}</conditionExpression></sequenceFlow>
      <userTask id="second" name="Second"/><sequenceFlow id="f9" sourceRef="second" targetRef="end"/>"""
    model = after_a_task(gateway).replace(
        b'<exclusiveGateway id="step"/>', b'<exclusiveGateway id="step" default="f3"/>'
    )
    citra, task = deployed(caller, world, model)
    answer = citra.post(f"/tasks/{task['id']}/complete", {"data": {}})
    assert code_of(answer) == (422, "expression_failed")
    assert answer.json is not None
    assert "nowhere" in answer.json["detail"]


def test_a_variable_name_that_is_none_is_refused(caller: CallerOf, world: World) -> None:
    citra, task = deployed(caller, world, after_a_task('<manualTask id="step"/>'))
    answer = citra.post(f"/tasks/{task['id']}/complete", {"data": {"__class__": 1}})
    assert code_of(answer) == (422, "answers_invalid")


def test_an_unknown_case_task_job_or_incident_is_404(caller: CallerOf, world: World) -> None:
    oka = caller(world.oka)
    for path in ("/cases/x", "/cases/x/history", "/cases/x/data", "/tasks/x"):
        assert code_of(oka.get(path)) == (404, "not_found")
    for path in (
        "/tasks/x/claim",
        "/tasks/x/release",
        "/jobs/x/run",
        "/incidents/x/retry",
        "/incidents/x/skip",
    ):
        assert code_of(oka.post(path, {})) == (404, "not_found")


def test_the_problem_never_repeats_what_was_sent(visitor: FlaskClient, check: tuple[Caller, str]) -> None:
    ana, path = check
    answer = ana.post(f"{path}/complete", {"data": {"decision": "9901025405880001"}})
    assert "9901025405880001" not in answer.text


def test_an_address_with_a_nul_in_it_is_refused(caller: CallerOf, world: World) -> None:
    for path in ("/cases/a%00b", "/cases?q=a%00b", "/processes/%00/versions/1"):
        assert code_of(caller(world.oka).get(path)) == (400, "bad_request")
