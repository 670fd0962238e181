"""Schema migrations: numbered files, one line of descent, HEAD in git.

``python -m engine.store.migrate new "what it does"`` writes the next one from the difference between the tables in
engine.model and the migrations so far.
"""

import re
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text

from engine.errors import Broken

FOLDER = Path(__file__).parent / "migrations"
HEAD = FOLDER / "HEAD"

_LOCK = 0x11A7A5  # one number for every Lintas that migrates the same database


class DatabaseTooNew(Broken):
    """The database was migrated by a newer Lintas than this one."""

    code = "database_too_new"


def head() -> str:
    """The newest migration's number, four digits, as HEAD says."""
    return HEAD.read_text(encoding="ascii").strip()


def numbers() -> list[str]:
    """The numbers of all migrations, oldest first."""
    return sorted(path.name[:4] for path in (FOLDER / "versions").glob("[0-9][0-9][0-9][0-9]_*.py"))


def current(connection: Connection) -> str | None:
    """The number the database is at; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(connection: Connection) -> None:
    """Run what is missing inside the connection's transaction; one migrating process at a time.

    Raises:
        DatabaseTooNew: this code does not know the database's number.
    """
    if connection.dialect.name == "postgresql":  # SQLite's writing transaction is a lock already
        usual = connection.scalar(text("SHOW lock_timeout"))
        connection.execute(text("SET LOCAL lock_timeout = '10min'"))  # the other may have much to do
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        connection.execute(text("SELECT set_config('lock_timeout', :usual, true)"), {"usual": usual})
    at = current(connection)
    if at == head():
        return
    if at is not None and at not in numbers():
        raise DatabaseTooNew(
            f"The database is at migration {at}, this Lintas knows them up to {head()}. "
            "Install the Lintas that migrated it, or a newer one.",
            database=at,
            code_head=head(),
        )
    command.upgrade(_config(connection), "head")


def write_next(message: str) -> Path:
    """Write the next migration and move HEAD to it.

    Raises:
        ValueError: the message has no word in it.
    """
    slug = re.sub(r"[^a-z0-9]+", "_", message.lower()).strip("_")[:50]
    if not slug:
        raise ValueError("say in a few words what the migration does")
    number = f"{len(numbers()) + 1:04d}"
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{folder}/migrate.sqlite3")
        with engine.begin() as connection:
            if numbers():
                command.upgrade(_config(connection), "head")
            script = command.revision(_config(connection), message=message, rev_id=number, autogenerate=True)
        engine.dispose()
    if script is None or isinstance(script, list):
        raise ValueError("exactly one migration was expected")
    path = Path(script.path).rename(FOLDER / "versions" / f"{number}_{slug}.py")
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(x for x in lines if not x.lstrip().startswith("# ###")), encoding="utf-8")
    HEAD.write_text(f"{number}\n", encoding="ascii")
    return path


def descent() -> list[tuple[str, str | None]]:
    """(number, the one before it) of every migration, as the files themselves say, oldest first."""
    scripts = ScriptDirectory(str(FOLDER)).walk_revisions()
    return sorted(
        (s.revision, s.down_revision if isinstance(s.down_revision, str) else None) for s in scripts
    )


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def main(arguments: list[str]) -> int:
    match arguments:
        case ["new", message]:
            sys.stdout.write(f"{write_next(message)}\n")
            return 0
        case _:
            sys.stderr.write('usage: python -m engine.store.migrate new "what it does"\n')
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
