"""The pages for people: server-rendered, in two languages, working without JavaScript."""

from flask import Flask

from web.pages import home, languages, shell, signin, styleguide


def install(app: Flask) -> None:
    """Register the pages with the application."""
    languages.compile_stale()
    shell.install(app)
    for module in (home, signin, languages, styleguide):
        app.register_blueprint(module.pages)
