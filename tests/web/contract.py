"""Holds every answer of the API against its own description: documented status, and a body that fits the schema."""

import re
from functools import cache
from typing import Any

import orjson
from flask import Flask
from openapi_schema_validator import OAS31Validator
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse


@cache
def _description(app: Flask) -> dict[str, Any]:
    found = app.test_client().get("/api/v1/openapi.json").json
    assert found is not None
    return dict(found)


@cache
def _validator(app: Flask, path: str, method: str, status: str) -> OAS31Validator | None:
    document = _description(app)
    answers = document["paths"][path][method.lower()]["responses"]
    assert status in answers, f"{method} {path} answers {status}, which its description does not name"
    answer = answers[status]
    if "$ref" in answer:
        answer = document["components"]["responses"][answer["$ref"].rsplit("/", 1)[-1]]
    for media_type, content in answer.get("content", {}).items():
        if media_type.endswith("json"):
            schema = {**content["schema"], "components": document["components"]}
            return OAS31Validator(schema, format_checker=OAS31Validator.FORMAT_CHECKER)
    return None


def hold(app: Flask, response: TestResponse) -> None:
    """Assert that the answer is one that the description promises."""
    request = response.request
    try:
        rule, _ = app.url_map.bind("localhost").match(request.path, method=request.method, return_rule=True)
    except HTTPException:
        return  # no such route; tests of that say so themselves
    path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
    validator = _validator(app, path, request.method, str(response.status_code))
    if validator is not None:
        problems = sorted(validator.iter_errors(orjson.loads(response.data)), key=str)
        assert problems == [], f"{request.method} {path} {response.status_code}: {problems[0].message}"
