"""The OpenAPI 3.1 description of the API, made from the routes themselves."""

from typing import Any

from flask import Flask
from flask_smorest import Api
from marshmallow import INCLUDE, Schema, fields

from web import marks
from web.api.door import PREFIX, PROBLEM
from web.errors import PROBLEM_JSON

INFO = """Lintas runs procedures that cross public agencies. Upload a BPMN process, start cases, let people complete tasks.

Sign in with a bearer token (`lintas token create --user U`), or with the session cookie and the header `X-CSRF-Token`.
What another agency keeps to itself does not exist for you: it answers 404.

Lists are pages: send `next` back as `after` until it is null. Moments are ISO 8601 in UTC.
Refusals are RFC 9457 problems; act on `code`, not on the words."""


class ProblemSchema(Schema):
    """A refusal, as RFC 9457 says it. More members name what it is about (`problems`, `fields`, `element` …)."""

    class Meta:
        unknown = INCLUDE

    type = fields.String(required=True, metadata={"examples": ["urn:lintas:problem:task_not_open"]})
    title = fields.String(required=True, metadata={"examples": ["Conflict"]})
    status = fields.Integer(required=True, metadata={"examples": [409]})
    detail = fields.String(
        required=True, metadata={"description": "One sentence for a person: what, where, what to do."}
    )
    code = fields.String(
        required=True, metadata={"description": "Stable and machine-readable.", "examples": ["task_not_open"]}
    )
    request_id = fields.String(required=True, metadata={"description": "Tell it to an operator."})
    element = fields.String(metadata={"description": "Id of the BPMN element it is about."})
    fields_ = fields.Dict(
        data_key="fields", keys=fields.String(), metadata={"description": "What is wrong, by field."}
    )
    problems = fields.List(fields.Dict(), metadata={"description": "Every problem of an uploaded file."})


class _Api(Api):  # type: ignore[misc]  # the library has no types
    ERROR_SCHEMA = ProblemSchema
    DEFAULT_ERROR_RESPONSE_NAME = None  # each route names its refusals

    def _register_error_handlers(self) -> None:
        """web.errors answers for the whole application."""


def make_api(app: Flask) -> Any:
    """The flask-smorest extension, with the description at /api/v1/openapi.json."""
    app.config.update(
        API_TITLE="Lintas",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "info": {
                "description": INFO,
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "servers": [{"url": "/"}],
            "security": [{"bearer": []}, {"session": []}],
        },
    )
    api = _Api(app)
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    api.spec.components.security_scheme("session", {"type": "apiKey", "in": "cookie", "name": "lintas"})
    api.spec.components.response(
        PROBLEM,
        {
            "description": "Refused; the members say why.",
            "content": {PROBLEM_JSON: {"schema": ProblemSchema}},
        },
    )
    app.view_functions["api-docs.openapi_json"] = marks.public(_plain(app, "api-docs.openapi_json"))
    return api


def _plain(app: Flask, endpoint: str) -> Any:
    """A function around a library's bound method, which takes no mark itself."""
    view = app.view_functions[endpoint]

    def plain(**arguments: Any) -> Any:
        return view(**arguments)

    return plain
