"""The JSON API: every route of the public contract under /api/v1, and its OpenAPI description."""

from flask import Flask

from web.api import jobs, messages, people, tasks
from web.api.description import make_api

DOORS = (tasks.door, messages.door, jobs.door, people.door)


def install(app: Flask) -> None:
    api = make_api(app)
    for door in DOORS:
        api.register_blueprint(door.blueprint)
