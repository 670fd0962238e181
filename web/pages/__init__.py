"""The pages for people: server-rendered, in two languages, working without JavaScript."""

from flask import Blueprint, Flask

from web.pages import (
    agencies,
    audit,
    cases,
    diagrams,
    home,
    inbox,
    incidents,
    languages,
    people,
    processes,
    shell,
    signin,
    start,
    styleguide,
    tasks,
    upload,
)

_PAGES = (
    home,
    signin,
    languages,
    inbox,
    tasks,
    cases,
    processes,
    start,
    upload,
    diagrams,
    incidents,
    audit,
    people,
    agencies,
    styleguide,
)


def install(app: Flask) -> None:
    """Register the pages with the application."""
    languages.compile_stale()
    shell.install(app)
    # one name above them all: the API has tasks and cases too
    pages = Blueprint("pages", __name__)
    for module in _PAGES:
        pages.register_blueprint(module.pages)
    app.register_blueprint(pages)
