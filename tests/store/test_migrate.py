"""A migrated database is what the models say, and an old Lintas keeps its hands off a newer one's."""

import shutil
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import URL, text

from engine.model import Base
from engine.store import migrate
from engine.store.db import Database
from tests import postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path):  # type: ignore[no-untyped-def]  # a generator of str
    """The address of a database without a table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'new' / 'lintas.sqlite3'}"
        return
    server: URL = request.getfixturevalue("postgres_server")
    with postgres.own_database(server) as url:
        yield url.render_as_string(hide_password=False)


def test_the_migrated_schema_is_what_the_models_say(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_an_empty_database_is_set_up_and_a_second_time_nothing_happens(empty_url: str) -> None:
    database = Database(empty_url)
    for _ in range(2):
        database.migrate()
        with database.engine.connect() as connection:
            assert migrate.current(connection) == migrate.head()
    database.dispose()


def test_two_that_migrate_at_once_do_not_disturb_each_other(empty_url: str) -> None:
    databases = [Database(empty_url) for _ in range(2)]
    failed: list[BaseException] = []

    def set_up(database: Database) -> None:
        try:
            database.migrate()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=set_up, args=(database,)) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failed == []
    with databases[0].engine.connect() as connection:
        assert migrate.current(connection) == migrate.head()
    for database in databases:
        database.dispose()


def test_a_newer_database_is_refused_with_a_reason(empty_url: str) -> None:
    database = Database(empty_url)
    database.migrate()
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(migrate.DatabaseTooNew) as refused:
        database.migrate()
    assert "9999" in refused.value.message
    assert migrate.head() in refused.value.message
    database.dispose()


def test_the_next_migration_is_written_with_its_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(migrate.FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(migrate, "FOLDER", folder)
    monkeypatch.setattr(migrate, "HEAD", folder / "HEAD")
    number = f"{len(migrate.numbers()) + 1:04d}"
    assert migrate.main(["new", "Nothing, really!"]) == 0
    assert (folder / "versions" / f"{number}_nothing_really.py").is_file()
    assert migrate.head() == number == migrate.numbers()[-1]
    assert migrate.main(["old"]) == 2
    with pytest.raises(ValueError, match="say in a few words"):
        migrate.write_next("…")
