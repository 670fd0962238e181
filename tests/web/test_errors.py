"""What the door says when something is wrong with a request, before any use-case is asked."""

import logging
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine.errors import (
    AnswersInvalid,
    Broken,
    Busy,
    CaseClosed,
    NotFound,
    NotPermitted,
    ProcessInvalid,
    StepFailed,
)
from engine.errors import TooLarge as TooLargeError
from engine.model import Actor
from engine.problems import Problem
from tests.people import World
from web.marks import public

RAISED = {
    "missing": (NotFound("There is no such case for you.", case="x"), 404, "not_found"),
    "forbidden": (NotPermitted("Only designers deploy."), 403, "not_permitted"),
    "closed": (CaseClosed("The case is closed."), 409, "case_closed"),
    "stuck": (
        StepFailed("No way out.", code="no_outgoing_flow", element="Gateway_1"),
        422,
        "no_outgoing_flow",
    ),
    "large": (TooLargeError("Over 5 MB."), 413, "too_large"),
    "busy": (Busy("The database is busy."), 503, "busy"),
    "broken": (Broken("The snapshot is broken."), 500, "broken"),
    "answers": (
        AnswersInvalid("Two answers.", {"seats": [{"code": "too_many", "params": {"max": 9}}]}),
        422,
        "answers_invalid",
    ),
    "process": (
        ProcessInvalid("One problem.", [Problem(7, "Task_1", "lane_without_agency", "Map the lane.")]),
        422,
        "process_invalid",
    ),
}


@pytest.fixture
def app(app: Flask) -> Flask:
    @public
    def fail(name: str) -> str:
        if name == "surprise":
            raise ZeroDivisionError("secret of the house")
        raise RAISED[name][0]

    app.add_url_rule("/api/test/<name>", "test_fail", fail)
    app.add_url_rule("/test/<name>", "test_fail_page", fail)
    return app


@pytest.mark.parametrize("name", RAISED)
def test_each_family_of_errors_has_its_status_and_code(visitor: FlaskClient, name: str) -> None:
    error, status, code = RAISED[name]
    answer = visitor.get(f"/api/test/{name}")
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    problem = answer.json
    assert problem is not None
    assert problem["type"] == f"urn:lintas:problem:{code}"
    assert (problem["status"], problem["code"], problem["detail"]) == (status, code, error.message)


def test_problems_of_a_file_and_of_answers_are_listed(visitor: FlaskClient) -> None:
    problem = visitor.get("/api/test/process").json
    assert problem is not None
    assert problem["problems"] == [
        {
            "line": 7,
            "element": "Task_1",
            "code": "lane_without_agency",
            "message": "Map the lane.",
            "severity": "error",
            "file": "",
        }
    ]
    answers = visitor.get("/api/test/answers").json
    assert answers is not None
    assert answers["fields"] == {"seats": [{"code": "too_many", "params": {"max": 9}}]}
    stuck = visitor.get("/api/test/stuck").json
    assert stuck is not None
    assert stuck["element"] == "Gateway_1"


def test_a_surprise_is_logged_and_tells_nothing_of_the_inside(
    visitor: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "lintas.errors"):
        answer = visitor.get("/api/test/surprise")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.headers["X-Request-Id"] in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_a_page_gets_a_page(visitor: FlaskClient) -> None:
    answer = visitor.get("/test/missing")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")


def test_a_busy_database_says_when_to_come_back(visitor: FlaskClient) -> None:
    assert visitor.get("/api/test/busy").headers["Retry-After"] == "1"


def test_unknown_addresses_and_wrong_methods_are_problems_too(
    visitor: FlaskClient, token_for: Callable[[Actor], str], world: World
) -> None:
    bearer = {"Authorization": f"Bearer {token_for(world.ana)}"}
    missing = visitor.get("/api/v1/nothing", headers=bearer)
    assert (missing.status_code, missing.content_type) == (404, "application/problem+json")
    wrong = visitor.delete("/api/v1/agencies", headers=bearer)
    assert (wrong.status_code, wrong.content_type) == (405, "application/problem+json")
    assert "GET" in wrong.headers["Allow"]


def test_every_answer_carries_the_strict_headers(visitor: FlaskClient) -> None:
    for path in ("/health", "/api/v1/openapi.json", "/api/v1/nothing", "/test/missing"):
        headers = visitor.get(path).headers
        assert headers["Content-Security-Policy"] == (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
            "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        )
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"


def test_a_callers_request_id_is_kept_when_it_is_one(visitor: FlaskClient) -> None:
    assert (
        visitor.get("/health", headers={"X-Request-Id": "ticket-4711"}).headers["X-Request-Id"]
        == "ticket-4711"
    )
    forged = visitor.get("/health", headers={"X-Request-Id": "a b<script>"}).headers["X-Request-Id"]
    assert "<" not in forged


def test_the_access_log_names_the_route_and_nobody(
    visitor: FlaskClient, caplog: pytest.LogCaptureFixture, token_for: Callable[[Actor], str], world: World
) -> None:
    with caplog.at_level(logging.INFO, "lintas.access"):
        visitor.get("/api/v1/agencies?q=Wulan", headers={"Authorization": f"Bearer {token_for(world.ana)}"})
    line = caplog.messages[-1]
    assert "GET /api/v1/agencies 200" in line
    assert "Wulan" not in line
    assert "ana" not in line.replace("agencies", "")


def test_health_says_whether_the_database_answers(visitor: FlaskClient) -> None:
    assert visitor.get("/health").json == {"status": "ok", "database": "ok"}
    assert visitor.get("/health/live").json == {"status": "ok"}
