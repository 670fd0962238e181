"""The last catch: every error becomes problem+json under /api and a page elsewhere."""

import logging

from flask import Flask, current_app, make_response, render_template, request
from jinja2 import TemplateNotFound
from markupsafe import Markup, escape
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response

from engine.errors import EngineError
from web.context import request_id
from web.json import dumps
from web.problems import Problem, WebProblem, problem_of

PROBLEM_JSON = "application/problem+json"
PAGE = "errors.html"

_log = logging.getLogger("lintas.errors")

# Shown when the page itself cannot be made, so that a broken template never hides the first error.
_BARE_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>
<body><main><h1>{title}</h1><p>{message}</p><p><small>{request_id}</small></p></main></body></html>"""


def install(app: Flask) -> None:
    """Register the handlers; must come after every extension that brings its own."""
    app.register_error_handler(HTTPException, _on_http)
    app.register_error_handler(EngineError, answer)
    app.register_error_handler(WebProblem, answer)
    app.register_error_handler(Exception, _on_surprise)


def answer(error: Exception) -> Response:
    """The answer to an error, in the language of the door it came to."""
    problem = problem_of(error)
    if problem.status >= 500:
        _log.error("%s %s", request_id(), problem.code, exc_info=error)
    wants_json = request.path.startswith(("/api/", "/health", "/metrics"))
    response = _as_json(problem) if wants_json else _as_page(problem)
    response.headers.extend(dict(problem.headers))
    return response


def _on_http(error: HTTPException) -> Response:
    if isinstance(error, RequestRedirect):
        return error.get_response(request.environ)
    return answer(error)


def _on_surprise(error: Exception) -> Response:
    return answer(error)


def _as_json(problem: Problem) -> Response:
    return current_app.response_class(
        dumps(problem.as_json(request_id())), status=problem.status, mimetype=PROBLEM_JSON
    )


def _as_page(problem: Problem) -> Response:
    try:
        page = render_template(PAGE, problem=problem, request_id=request_id())
    except Exception as broken:  # noqa: BLE001  # whatever the template does, the visitor gets an answer
        if not isinstance(broken, TemplateNotFound):
            _log.error("%s the error page is broken", request_id(), exc_info=broken)
        page = _bare(problem)
    return make_response(page, problem.status)


def _bare(problem: Problem) -> str:
    return Markup(_BARE_PAGE).format(  # noqa: S704  # a constant; format() escapes what goes in
        title=escape(problem.title), message=escape(problem.message), request_id=escape(request_id())
    )
