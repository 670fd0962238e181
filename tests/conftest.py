"""What every test may ask for: a clock that stands still, a clean database of each kind, and people."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import URL

from engine.clock import MovableClock
from engine.model import Base
from engine.store.db import Database
from tests import postgres
from tests.chromium import chromium
from tests.people import World, settle

__all__ = ["chromium"]  # a fixture for every folder that drives a browser

MONDAY_MORNING = datetime(2026, 11, 23, 0, 12, tzinfo=UTC)
"""08:12 in Kota Muara Lestari."""


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(MONDAY_MORNING)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "lintas.sqlite3"
    database = Database(f"sqlite:///{path}")
    database.migrate()
    database.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    with ExitStack() as stack:
        try:
            url = stack.enter_context(postgres.server())
        except postgres.CannotRun as reason:
            message = f"no PostgreSQL to test on: {reason}; set TEST_DATABASE_URL to use a server of your own"
            if os.environ.get("CI") == "true":
                pytest.fail(message, pytrace=False)
            pytest.skip(message)
        yield url


@pytest.fixture(scope="session")
def postgres_url(postgres_server: URL) -> Iterator[URL]:
    """A migrated database of this session's (or xdist worker's) own."""
    with postgres.own_database(postgres_server) as url:
        database = Database(url.render_as_string(hide_password=False))
        database.migrate()
        database.dispose()
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a migrated database, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        path = tmp_path / "lintas.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    url: URL = request.getfixturevalue("postgres_url")
    address = url.render_as_string(hide_password=False)
    opened = Database(address)
    # Deleting is faster than TRUNCATE for tables this small.
    with opened.engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())
    opened.dispose()
    return address


@pytest.fixture
def database(database_url: str, clock: MovableClock) -> Iterator[Database]:
    """A clean database whose clock is the test's; once on SQLite and once on PostgreSQL."""
    opened = Database(database_url, clock=clock)
    yield opened
    opened.dispose()


@pytest.fixture
def world(database: Database) -> World:
    """The agencies and people of tests/people.py, already in the database."""
    return settle(database)


@pytest.fixture(scope="session")
def models() -> Path:
    """Real files from the world; they are not ours and live beside the project."""
    root = Path(__file__).resolve().parents[1]
    for beside in (root.parent / "shared" / "models", root.parent.parent / "shared" / "models"):
        if beside.is_dir():
            return beside
    pytest.skip("the folder of real models is not beside this checkout")
