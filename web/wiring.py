"""Puts the house together: settings, database, partner systems, connectors, worker. The only importer of connectors."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from engine.config import Settings
from engine.connector import Connector, System
from engine.store.db import Database

SECRET_FILE = "secret.key"  # noqa: S105  # a name of a file


class Worker(Protocol):
    """What the door needs of engine.worker."""

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def nudge(self) -> None:
        """Something may be due: look now instead of at the next tick."""
        ...


@dataclass(frozen=True, slots=True)
class House:
    """Everything a door needs. One house a process."""

    settings: Settings
    db: Database
    worker: Worker
    connectors: Mapping[str, Connector]
    systems: Mapping[str, System]

    def close(self) -> None:
        """Stop the worker, if it runs, and let the database go."""
        self.worker.stop()
        self.db.dispose()


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
