"""The database: one object a process, the same on SQLite and PostgreSQL."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.orm import Session

from engine.clock import Clock, SystemClock
from engine.model.people import Actor
from engine.store import migrate
from engine.store.faults import Phase, retrying, told
from engine.store.uow import UnitOfWork
from engine.store.watch import Watch

__all__ = ["Database", "retrying"]

_BUSY_TIMEOUT_S = 30
_LOCK_TIMEOUT_MS = 5000


class Database:
    """Opens units of work. Thread-safe; ``dispose`` it at the end.

    Args:
        url: SQLAlchemy URL of a SQLite file (its folder is made) or a PostgreSQL database.
        clock: tells units the time. Any clock but the system's also rules due dates and leases.

    Raises:
        ValueError: another kind of database, or SQLite without a file.
    """

    def __init__(self, url: str, *, clock: Clock | None = None, pool_size: int = 8) -> None:
        self.url = _url(url)
        self.clock: Clock = clock or SystemClock()
        self.watch = Watch()  # whoever measures the house puts its own here
        self.engine = _engine(self.url, pool_size)
        self._writer = self.engine.execution_options(lintas_writes=True)
        self._reader = (
            self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            if self.dialect == "postgresql"
            else self.engine
        )

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.url.get_backend_name()

    def migrate(self) -> None:
        """Bring the schema to the state this code knows, under a lock; nothing happens when it is there already.

        Raises:
            migrate.DatabaseTooNew: the database was migrated by a newer Lintas.
        """
        with told(Phase()), self._writer.begin() as connection:
            migrate.upgrade(connection)

    def revision(self) -> str | None:
        """The number of the migration that the database is at; None for an empty one.

        Raises:
            Busy: the database does not answer.
        """
        with told(Phase()), self._reader.connect() as connection:
            return migrate.current(connection)

    @contextmanager
    def unit(self, actor: Actor) -> Iterator[UnitOfWork]:
        """One transaction and one commit: saved when the block ends well, undone on any exception.

        Raises:
            Busy, Collision: nothing was changed and ``retrying`` may repeat it (but see ``outcome_unknown``).
        """
        phase, began = Phase(), time.perf_counter()
        with told(phase), self._session(self._writer) as session:
            uow = UnitOfWork(self, session, actor)
            yield uow
            uow.flush()
            phase.committing = True
            session.commit()
        if uow.steps:
            self.watch.step(time.perf_counter() - began)
        uow.run_after_commit()

    @contextmanager
    def read(self, actor: Actor) -> Iterator[UnitOfWork]:
        """A unit that only reads, on one consistent picture of the data.

        Raises:
            Busy: the database does not answer.
        """
        with told(Phase()), self._session(self._reader) as session:
            yield UnitOfWork(self, session, actor, writes=False)

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    @staticmethod
    def _session(engine: Engine) -> Session:
        # Nothing is flushed behind a caller's back: a completion stays at few, known statements.
        return Session(engine, autoflush=False, expire_on_commit=False)


def _url(text: str) -> URL:
    url = make_url(text)
    backend = url.get_backend_name()
    if backend in {"postgresql", "postgres"}:
        return url.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise ValueError(f"{backend} is no database of Lintas; use sqlite:///FILE or postgresql://…")
    if not url.database or url.database == ":memory:":
        raise ValueError("SQLite needs a file: write sqlite:///path/lintas.sqlite3")
    return url


def _engine(url: URL, pool_size: int) -> Engine:
    common: dict[str, Any] = {"pool_size": pool_size, "max_overflow": 2 * pool_size, "pool_timeout": 30}
    if url.get_backend_name() == "postgresql":
        options = f"-c lock_timeout={_LOCK_TIMEOUT_MS}"
        engine = create_engine(
            url,
            pool_pre_ping=True,
            connect_args={"options": options, "application_name": "lintas", "connect_timeout": 10},
            **common,
        )
        # The driver's executemany sends one statement a row; several rows in one VALUES are one.
        engine.dialect.use_insertmanyvalues_wo_returning = True
        return engine
    Path(url.database or "").parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": _BUSY_TIMEOUT_S}, **common)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    _use_wal(connection)
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _use_wal(connection: Any) -> None:
    """Switch the file to its write-ahead log. Two processes that open a new file at once: the switch does not wait for
    the other by itself, so it is tried again for as long as any other statement would wait."""
    end = time.monotonic() + _BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise
            time.sleep(0.02)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes its lock at once: a reader that turns writer would fail instead of wait.
    writes = connection.get_execution_options().get("lintas_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
