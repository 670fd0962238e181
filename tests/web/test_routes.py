"""Every route of the application, walked: none is open by mistake, none of the API is undescribed."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator, validate
from werkzeug.routing import Rule

from web.marks import is_public

OPEN_TO_EVERYBODY = {
    "static",
    "health",
    "health_live",
    "health_ready",
    "metrics",  # asks for a token of its own
    "api-docs.openapi_json",
    "pages.signin.ask",
    "pages.signin.enter",
    "pages.home.shortcuts",
    "pages.home.switch_shortcuts",
    "pages.languages.choose",
}


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """One database is enough for routes."""
    path = tmp_path / "lintas.sqlite3"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


def rules(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method


def address(rule: Rule) -> str:
    return re.sub(r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>", lambda m: "1" if m.group(1) == "int" else "x", rule.rule)


def test_only_these_routes_are_open_to_everybody(app: Flask) -> None:
    open_ones = {rule.endpoint for rule, _ in rules(app) if is_public(app.view_functions[rule.endpoint])}
    assert open_ones <= OPEN_TO_EVERYBODY


def test_every_other_route_refuses_a_visitor(app: Flask, visitor: FlaskClient) -> None:
    let_in = []
    for rule, method in rules(app):
        if is_public(app.view_functions[rule.endpoint]):
            continue
        answer = visitor.open(address(rule), method=method)
        refused = answer.status_code == 401 if rule.rule.startswith("/api/") else answer.status_code == 303
        if not refused:
            let_in.append((method, rule.rule, answer.status_code))
    assert let_in == []


def test_the_description_is_valid_openapi_3_1(visitor: FlaskClient) -> None:
    document = visitor.get("/api/v1/openapi.json").json
    assert document is not None
    assert document["openapi"] == "3.1.0"
    validate(document, cls=OpenAPIV31SpecValidator)


def test_every_route_of_the_api_is_described_with_an_operation_id_and_its_refusals(
    app: Flask, visitor: FlaskClient
) -> None:
    document = visitor.get("/api/v1/openapi.json").json
    assert document is not None
    described = {
        (method.upper(), path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in {"get", "post", "patch"}
    }
    routes = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule, method in rules(app)
        if rule.rule.startswith("/api/") and rule.endpoint != "api-docs.openapi_json"
    }
    assert described.keys() == routes
    ids = [operation["operationId"] for operation in described.values()]
    assert len(ids) == len(set(ids))
    for (method, path), operation in described.items():
        assert operation["summary"], path
        assert "401" in operation["responses"], path
        if "{" in path:
            assert "404" in operation["responses"], path
        if method in {"POST", "PATCH"} and not path.endswith(("/check", "/password")):
            assert "Idempotency-Key" in {p.get("name") for p in operation["parameters"]}, path
