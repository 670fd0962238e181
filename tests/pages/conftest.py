"""The languages of the pages without a house: no database, no sign-in."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from web.pages.languages import compile_stale


@pytest.fixture(scope="session")
def speaking() -> Callable[[str], AbstractContextManager[None]]:
    """``with speaking("id"):`` — gettext and the formats answer in that language, in the time zone of the sample city."""
    compile_stale()
    app = Flask("web")
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app, default_timezone="Asia/Makassar")

    @contextmanager
    def speak(locale: str) -> Iterator[None]:
        with app.test_request_context(), force_locale(locale):
            yield

    return speak
