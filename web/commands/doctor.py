"""lintas doctor: what is in force, and what cannot be reached."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import click
import httpx

from engine.config import PREFIX, Settings
from engine.connector import System
from engine.errors import EngineError
from engine.model import SYSTEM
from engine.store import migrate, people
from engine.store.db import Database
from web.commands.common import data_option, json_option, settings_of, show

SYSTEM_TIMEOUT_S = 3.0
_UNSET_SECRETS = {"secret_key": "kept in the data folder", "metrics_token": "not set: no /metrics"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. ``well`` is False when somebody must do something."""

    about: str
    well: bool
    says: str


@click.command()
@data_option
@json_option
def doctor(data_dir: Path | None, as_json: bool) -> None:
    """Print the settings in force and try what the house needs; ends with 1 when something is wrong."""
    settings = settings_of(data_dir)
    findings = [*_settings(settings), *_database(settings), *_systems(settings)]
    for finding in findings:
        if as_json:
            show({"about": finding.about, "well": finding.well, "says": finding.says})
        else:
            click.echo(f"{'ok ' if finding.well else 'BAD'}  {finding.about:32} {finding.says}")
    if not all(finding.well for finding in findings):
        raise SystemExit(1)


def _settings(settings: Settings) -> Iterator[Finding]:
    for field in fields(settings):
        value = getattr(settings, field.name)
        if not field.repr:
            value = "set" if value else _UNSET_SECRETS[field.name]
        elif field.name == "database_url":
            value = _without_password(value) or settings.url
        yield Finding(PREFIX + field.name.upper(), True, str(value))


def _database(settings: Settings) -> Iterator[Finding]:
    try:
        db = Database(settings.url)
    except ValueError as error:
        yield Finding("database", False, str(error))
        return
    try:
        head, at = migrate.head(), db.revision()
        if at is None:
            yield Finding("database", True, "empty: the first start makes the tables")
            return
        with db.read(SYSTEM) as uow:
            agencies = len(people.agencies(uow))
        yield Finding("database", True, f"answers; {agencies} agencies")
        yield Finding(
            "migration",
            at == head,
            f"at {at}" if at == head else f"at {at}, this code knows {head}: run `lintas migrate`",
        )
    except EngineError as error:
        yield Finding("database", False, error.message)
    finally:
        db.dispose()


def _systems(settings: Settings) -> Iterator[Finding]:
    for key, system in sorted(settings.systems().items()):
        yield _reach(key, system)


def _reach(key: str, system: System) -> Finding:
    """Any HTTP answer counts: whether the partner likes the address is for the connector to say."""
    try:
        answer = httpx.get(system.base_url, timeout=min(SYSTEM_TIMEOUT_S, system.timeout_s), trust_env=False)
    except httpx.HTTPError as error:
        return Finding(
            f"system {key}", False, f"{system.base_url} does not answer: {error or type(error).__name__}"
        )
    return Finding(f"system {key}", True, f"{system.base_url} answers ({answer.status_code})")


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    if parts.password is None:
        return url
    netloc = parts.netloc.replace(f":{parts.password}@", ":…@")
    return urlunsplit(parts._replace(netloc=netloc))
