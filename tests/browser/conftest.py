"""A city on a real server and a real browser: people sign in as they would, and no page may complain in the console."""

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import waitress
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from hatch_build import build
from tests.browser.city import PASSWORD, SampleCity, open_city
from web.app import create_app

ROOT = Path(__file__).resolve().parents[2]
REFUSALS = ("403", "404", "409", "413", "422", "429")
"""Chromium reports a page with such a status as a console error; the tests ask for these pages on purpose."""

SHOTS = ROOT / "docs" / "screenshots"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleCity]:
    with open_city(tmp_path_factory.mktemp("city")) as opened:
        yield opened


@pytest.fixture(scope="session")
def address(city: SampleCity) -> Iterator[str]:
    """The base address of a server that serves the city."""
    build()  # the assets, if their sources changed
    server = waitress.create_server(create_app(city.house), host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(timeout=5)


@dataclass
class Visit:
    """One person at one browser window.

    Attributes:
        complaints: what the console said: scripts that failed, styles that the policy blocked.
    """

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)

    def listen(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))

    def _console(self, message: ConsoleMessage) -> None:
        expected = "Failed to load resource" in message.text and any(
            f"status of {n}" in message.text for n in REFUSALS
        )
        if message.type in ("error", "warning") and not expected:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)
        self.drawn()

    def drawn(self) -> None:
        """Wait until the page's scripts have run and every diagram stands."""
        self.page.wait_for_load_state()
        expect(self.page.locator("[data-diagram]:not([data-ready])")).to_have_count(0, timeout=15_000)

    def sign_in(self, username: str) -> None:
        self.page.goto(self.address + "/signin")
        self.page.get_by_label("Nama pengguna").fill(username)
        self.page.get_by_label("Kata sandi").fill(PASSWORD)
        self.page.get_by_role("button", name="Masuk").click()
        self.page.wait_for_url(lambda url: "/signin" not in url)

    def shot(self, name: str, *, whole: bool = False) -> None:
        """A picture for the documents; only made when LINTAS_SHOTS=1. Those in ``all/`` are to be looked at, not kept."""
        if os.environ.get("LINTAS_SHOTS") == "1":
            path = SHOTS / f"{name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            # the caret is hidden by a style of the driver, which the policy of the pages would refuse
            self.page.screenshot(path=path, full_page=whole, caret="initial")


VisitBy = Callable[..., Visit]


@pytest.fixture
def visit(chromium: Browser, address: str) -> Iterator[VisitBy]:
    """``visit("melki")`` signs somebody in; ``visit()`` is a stranger. No page may have complained in the end."""
    contexts: list[BrowserContext] = []
    visits: list[Visit] = []

    def make(
        username: str | None = None,
        *,
        width: int = 1280,
        height: int = 900,
        scheme: str = "light",
        scripts: bool = True,
    ) -> Visit:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            locale="id-ID",
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        context.set_default_timeout(45_000)  # a busy machine is no failure
        contexts.append(context)
        made = Visit(context.new_page(), address)
        made.listen()
        visits.append(made)
        if username is not None:
            made.sign_in(username)
        return made

    yield make
    complaints = [complaint for made in visits for complaint in made.complaints]
    for context in contexts:
        context.close()
    assert complaints == []
