"""The demonstration's own data folder: what is in it, and demo.json, with which any client can drive the demonstration."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

FILE = "demo.json"
_UNFINISHED = "demo-unfinished"
_OURS = ("lintas.sqlite3", "lintas.sqlite3-wal", "lintas.sqlite3-shm", "secret.key", FILE)


class FolderTaken(Exception):
    """The folder holds another house; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """A sample person who can sign in, with password and API token."""

    username: str
    name: str
    agency: str
    agency_name: str
    roles: tuple[str, ...]
    powers: tuple[str, ...]
    password: str
    token: str


def finished(folder: Path) -> bool:
    """Whether a demonstration was prepared here before."""
    return (folder / FILE).exists() and not (folder / _UNFINISHED).exists()


def begin(folder: Path) -> None:
    """Make the folder ready; what an interrupted preparation left is removed.

    Raises:
        FolderTaken: there is a database that no demonstration made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / _UNFINISHED).exists() and (folder / "lintas.sqlite3").exists():
        raise FolderTaken(
            f"{folder} holds another house's data. Choose another folder with --data; nothing was touched."
        )
    (folder / _UNFINISHED).touch()
    for name in _OURS:
        (folder / name).unlink(missing_ok=True)


def finish(folder: Path) -> None:
    """The preparation went well to its end."""
    (folder / _UNFINISHED).unlink(missing_ok=True)


def remove(folder: Path) -> None:
    """Delete a folder made for one run."""
    shutil.rmtree(folder, ignore_errors=True)


def write(folder: Path, *, base_url: str, systems_url: str, accounts: Sequence[Account]) -> None:
    """Write demo.json, readable to its owner only."""
    document = {
        "base_url": base_url,
        "systems_url": systems_url,
        "people": [asdict(account) for account in accounts],
    }
    path = folder / FILE
    part = path.with_suffix(".part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(orjson.dumps(document, option=orjson.OPT_INDENT_2))
    part.replace(path)


def accounts(folder: Path) -> list[Account]:
    """The sample people of an earlier preparation."""
    document: dict[str, Any] = orjson.loads((folder / FILE).read_bytes())
    return [
        Account(**{**person, "roles": tuple(person["roles"]), "powers": tuple(person["powers"])})
        for person in document["people"]
    ]
