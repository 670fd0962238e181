"""Whether the house lives and can work, and its numbers: for load balancers and for Prometheus."""

from flask import Flask, jsonify, request
from werkzeug.wrappers import Response

from engine.model import SYSTEM
from engine.store import people
from web import metrics
from web.context import house
from web.marks import public
from web.problems import WebProblem


def install(app: Flask) -> None:
    app.add_url_rule("/health", "health", ready)
    app.add_url_rule("/health/ready", "health_ready", ready)
    app.add_url_rule("/health/live", "health_live", live)
    app.add_url_rule(metrics.PATH, "metrics", numbers)


@public
def live() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@public
def ready() -> Response:
    """The process answers and reaches its database; 503 when it does not (engine.errors.Busy)."""
    with house().db.read(SYSTEM) as uow:
        people.agencies(uow)
    return jsonify(status="ok", database="ok")


@public
def numbers() -> Response:
    """The numbers of this process, for whoever sends the token. Without the setting there is no such page."""
    token = house().settings.metrics_token
    if not token:
        raise WebProblem(404, "not_found", "There is no such page here; LINTAS_METRICS_TOKEN would make it.")
    if not metrics.token_fits(token, request.headers.get("Authorization", "")):
        raise WebProblem(
            401,
            "token_invalid",
            "Send the token of LINTAS_METRICS_TOKEN (Authorization: Bearer …).",
            headers={"WWW-Authenticate": metrics.CHALLENGE},
        )
    return Response(house().metrics.text(), content_type=metrics.CONTENT_TYPE)
