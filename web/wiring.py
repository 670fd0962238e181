"""Puts the house together: settings, database, partner systems, connectors, worker. The only importer of connectors."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from connectors.http.connector import HttpConnector
from engine.clock import Clock
from engine.config import Settings
from engine.connector import Connector, System
from engine.store.db import Database
from engine.worker import Worker
from web.metrics import Metrics

SECRET_FILE = "secret.key"  # noqa: S105  # a name of a file


@dataclass(frozen=True, slots=True)
class House:
    """Everything a door needs. One house a process."""

    settings: Settings
    db: Database
    worker: Worker
    connectors: Mapping[str, Connector]
    systems: Mapping[str, System]
    metrics: Metrics = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "metrics", Metrics(self.db))
        self.db.watch = self.metrics

    def close(self) -> None:
        """Stop the worker, if it runs, and let partners and database go."""
        self.worker.stop()
        for connector in self.connectors.values():
            if isinstance(connector, HttpConnector):
                connector.close()
        self.db.dispose()


def open_house(
    settings: Settings,
    *,
    clock: Clock | None = None,
    systems: Mapping[str, System] | None = None,
    migrate: bool = True,
) -> House:
    """Open the database and register the connectors; nothing runs yet (``house.worker.start()``).

    Args:
        settings: what is in force.
        clock: a movable one for rehearsals; else the machine's.
        systems: partner systems instead of those of ``settings.systems_file``.
        migrate: bring the tables to the newest migration first.

    Raises:
        SettingsInvalid: the systems file cannot be used.
        DatabaseTooNew: a newer Lintas migrated the database.
        Busy: the database does not answer.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    known_systems = dict(settings.systems() if systems is None else systems)
    connectors = connectors_here()
    db = Database(settings.url, clock=clock)
    if migrate:
        db.migrate()
    return House(settings, db, Worker(db, connectors, known_systems, settings), connectors, known_systems)


def connectors_here() -> dict[str, Connector]:
    """The connectors by name."""
    return {"http": HttpConnector()}


def secret_key(settings: Settings) -> str:
    """The key that signs sessions: the setting, or one made at the first start and kept readable to its owner only."""
    if settings.secret_key:
        return settings.secret_key
    path = settings.data_dir / SECRET_FILE
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _kept(path)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        key = secrets.token_urlsafe(48)
        file.write(key)
    return key


def _kept(path: Path) -> str:
    key = path.read_text(encoding="ascii").strip()
    if len(key) < 32:
        raise ValueError(f"{path} holds no usable key: delete it (all sessions end) or set LINTAS_SECRET_KEY")
    return key
