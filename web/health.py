"""Whether the house lives and can work: for load balancers and for `lintas doctor`."""

from flask import Flask, jsonify
from werkzeug.wrappers import Response

from engine.model import SYSTEM
from engine.store import people
from web.context import house
from web.marks import public


def install(app: Flask) -> None:
    app.add_url_rule("/health", "health", ready)
    app.add_url_rule("/health/ready", "health_ready", ready)
    app.add_url_rule("/health/live", "health_live", live)


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
