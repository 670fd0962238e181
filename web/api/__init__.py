"""The JSON API: every route of the public contract under /api/v1, and its OpenAPI description."""

from flask import Flask

from web.api import cases, incidents, jobs, messages, people, processes, tasks
from web.api.description import make_api

DOORS = (processes.door, cases.door, tasks.door, messages.door, jobs.door, incidents.door, people.door)


def install(app: Flask) -> None:
    api = make_api(app)
    for door in DOORS:
        api.register_blueprint(door.blueprint)
