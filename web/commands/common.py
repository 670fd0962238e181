"""What commands share: settings from the environment, the house, the person to act for, how errors are told."""

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from engine.config import Settings, SettingsInvalid, read_settings
from engine.errors import EngineError, NotFound
from engine.model import SYSTEM, Actor
from engine.store import people
from web.json import dumps
from web.wiring import House, open_house

Command = TypeVar("Command", bound=Callable[..., Any])

data_option = click.option(
    "--data",
    "data_dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the SQLite database and the secret key (LINTAS_DATA_DIR; made when missing).",
)
as_option = click.option(
    "--as", "username", required=True, metavar="USER", help="Act as this person; their rights apply."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")


class Refused(click.ClickException):
    """The engine said no; shown as one line on standard error."""

    exit_code = 1

    def __init__(self, error: EngineError) -> None:
        element = error.detail.get("element")
        where = f" ({element})" if element else ""
        super().__init__(f"{error.message}{where} [{error.problem_code}]")


class SettingsRefused(click.ClickException):
    exit_code = 2


class HouseGroup(click.Group):
    """A group whose commands tell the engine's errors as sentences, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except EngineError as error:
            raise Refused(error) from error
        except SettingsInvalid as error:
            raise SettingsRefused(f"Settings: {error}") from error


def settings_of(data_dir: Path | None, **overrides: Any) -> Settings:
    """The settings in force: LINTAS_* variables, then what the command line says."""
    return read_settings(os.environ, data_dir=data_dir, **overrides)


@contextmanager
def opened(data_dir: Path | None, **overrides: Any) -> Iterator[House]:
    """The house of these settings, closed at the end."""
    house = open_house(settings_of(data_dir, **overrides))
    try:
        yield house
    finally:
        house.close()


def person(house: House, username: str) -> Actor:
    """The active person of this name, as an actor.

    Raises:
        NotFound: there is none.
    """
    with house.db.read(SYSTEM) as uow:
        found = people.by_username(uow, username)
        if found is None or not found.active:
            raise NotFound(f"There is no active person {username!r}.", username=username)
        return people.actor_of(uow, found.id)


def show(value: Any) -> None:
    """One JSON value on one line of standard output."""
    click.echo(dumps(value))


def log_to_stderr(level: int = logging.INFO) -> None:
    """Plain lines on standard error; the process manager adds what it likes."""
    logging.basicConfig(
        level=level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    logging.getLogger("apscheduler").setLevel(
        logging.ERROR
    )  # a tick that outlasts its interval is no trouble
    logging.getLogger("httpx").setLevel(logging.WARNING)
