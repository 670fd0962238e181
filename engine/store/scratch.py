"""A database that lives as long as a block: for measurements, which must not touch anybody's data."""

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from engine.store.faults import Phase, told


@contextmanager
def scratch_database(server_url: str | None, *, folder: Path) -> Iterator[str]:
    """The address of an empty database, which is gone afterwards.

    Args:
        server_url: a PostgreSQL server where the role may create databases; the database it names is only asked to make
            another beside it. None = SQLite.
        folder: on the disk that SQLite is to use; what is made in it is removed.

    Raises:
        ValueError: no PostgreSQL URL.
        Busy: the server does not answer.
    """
    if server_url is None:
        with tempfile.TemporaryDirectory(prefix="lintas-scratch-", dir=folder) as inside:
            yield f"sqlite:///{Path(inside).resolve() / 'lintas.sqlite3'}"
        return
    url = make_url(server_url)
    if url.get_backend_name() not in {"postgresql", "postgres"}:
        raise ValueError("only a PostgreSQL server can be named; without one, SQLite is used")
    name = f"lintas_scratch_{uuid.uuid4().hex[:12]}"
    admin = create_engine(url.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    try:
        with told(Phase()), admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"))
        try:
            yield url.set(database=name).render_as_string(hide_password=False)
        finally:
            with admin.connect() as connection:
                connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    finally:
        admin.dispose()
