"""lintas agencies, people, person: who works where, set up by whoever may run the house's commands."""

import csv
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from engine.model import SYSTEM, Actor
from engine.states import Power
from engine.usecases.import_people import Outcome, import_lines
from engine.usecases.keep_agency import Effect
from engine.usecases.keep_person import PersonWish, change_person, create_person, set_password
from web.auth import new_password
from web.commands.common import data_option, json_option, opened, person, show
from web.people_files import Lines, agencies_of_csv, agencies_of_toml, people_of_csv, read_file
from web.wiring import House

Command = TypeVar("Command", bound=Callable[..., Any])

as_option = click.option(
    "--as", "username", metavar="USER", help="An administrator whom history names; without it, Lintas itself."
)
dry_run_option = click.option("--dry-run", is_flag=True, help="Only say what each line would do.")
file_argument = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group()
def agencies() -> None:
    """Agencies and their roles."""


@agencies.command(name="import")
@data_option
@as_option
@dry_run_option
@json_option
@file_argument
def import_agencies(
    data_dir: Path | None, username: str | None, dry_run: bool, as_json: bool, file: Path
) -> None:
    """Add and change agencies by a list: TOML, or CSV with key, name_id, name_en and perhaps roles.

    All of it or nothing. Agencies and roles that the list does not name stay as they are.
    """
    content = read_file(file)
    if file.suffix.lower() == ".toml":
        lines, others = agencies_of_toml(content)
        if others:
            click.echo(f"{others} people in {file} are not read; `lintas people import` takes CSV.", err=True)
    else:
        lines = agencies_of_csv(content)
    with opened(data_dir) as house:
        done = import_lines(house.db, _actor(house, username), lines, dry_run=dry_run)
    _tell(done, dry_run=dry_run, as_json=as_json)


@click.group()
def people() -> None:
    """People, by the list."""


@people.command(name="import")
@data_option
@as_option
@dry_run_option
@json_option
@click.option(
    "--passwords",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Give new people passwords and write them to this new file, which only you can read.",
)
@file_argument
def import_people(
    data_dir: Path | None,
    username: str | None,
    dry_run: bool,
    as_json: bool,
    passwords: Path | None,
    file: Path,
) -> None:
    """Add and change people by a CSV list with username, name and perhaps language, works, powers, active.

    All of it or nothing. People whom the list does not name stay as they are.
    """
    lines = people_of_csv(read_file(file))
    with opened(data_dir) as house:
        actor = _actor(house, username)
        done = import_lines(house.db, actor, lines, dry_run=True)
        if not dry_run and _all_well(done):
            done = _import_for_good(house, actor, lines, done, passwords)
    _tell(done, dry_run=dry_run, as_json=as_json)


@click.group(name="person")
def one_person() -> None:
    """One person's account."""


@one_person.command()
@data_option
@as_option
@click.argument("new_username", metavar="USERNAME")
@click.option("--name", required=True, help="Their name, as others see it.")
@click.option("--works", multiple=True, metavar="AGENCY[/ROLE]", help="Where they work; repeat for more.")
@click.option(
    "--power", "powers", multiple=True, type=click.Choice([p.value for p in Power]), help="Repeat for more."
)
@click.option(
    "--admin", is_flag=True, help="The same as --power administrator: the first one begins like this."
)
@click.option("--language", type=click.Choice(["id", "en"]), default="id", show_default=True)
def create(
    data_dir: Path | None,
    username: str | None,
    new_username: str,
    name: str,
    works: Sequence[str],
    powers: Sequence[str],
    admin: bool,
    language: str,
) -> None:
    """Make an account and print its password. It is shown this once; only its hash is kept."""
    pairs = [work.partition("/")[::2] for work in works]
    wish = PersonWish(
        username=new_username,
        name=name,
        locale=language,
        agencies=frozenset(agency for agency, _ in pairs),
        roles=frozenset((agency, role) for agency, role in pairs if role),
        powers=frozenset(Power(power) for power in (*powers, *(["administrator"] if admin else []))),
    )
    password, hashed = new_password()
    with opened(data_dir) as house, house.db.unit(_actor(house, username)) as uow:
        create_person(uow, wish, password_hash=hashed)
    click.echo(password)


@one_person.command(name="password")
@data_option
@as_option
@click.argument("whose", metavar="USERNAME")
def give_password(data_dir: Path | None, username: str | None, whose: str) -> None:
    """Give somebody a new password and print it. Whoever is signed in with the old one is signed out."""
    password, hashed = new_password()
    with opened(data_dir) as house, house.db.unit(_actor(house, username)) as uow:
        set_password(uow, whose, hashed)
    click.echo(password)


@one_person.command()
@data_option
@as_option
@click.argument("whose", metavar="USERNAME")
def deactivate(data_dir: Path | None, username: str | None, whose: str) -> None:
    """End an account: its sessions and tokens end at once, and what the person holds goes back to its queue."""
    with opened(data_dir) as house, house.db.unit(_actor(house, username)) as uow:
        effect = change_person(uow, whose, active=False)
    click.echo(f"{whose}: {effect}")


@one_person.command()
@data_option
@as_option
@click.argument("whose", metavar="USERNAME")
def activate(data_dir: Path | None, username: str | None, whose: str) -> None:
    """Take back somebody whose account was ended. Their tokens stay ended."""
    with opened(data_dir) as house, house.db.unit(_actor(house, username)) as uow:
        effect = change_person(uow, whose, active=True)
    click.echo(f"{whose}: {effect}")


def _actor(house: House, username: str | None) -> Actor:
    return SYSTEM if username is None else person(house, username)


def _import_for_good(
    house: House, actor: Actor, lines: Lines, tried: Sequence[Outcome], passwords: Path | None
) -> list[Outcome]:
    new = [outcome.key for outcome in tried if outcome.effect is Effect.NEW]
    if passwords is None or not new:
        return import_lines(house.db, actor, lines, dry_run=False)
    secrets = {username: new_password() for username in new}
    hashes = {username: hashed for username, (_, hashed) in secrets.items()}
    try:
        handle = os.open(passwords, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise click.ClickException(
            f"{passwords} cannot be made ({error.strerror}); nothing was changed"
        ) from error
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(("username", "password"))
        table.writerows((username, password) for username, (password, _) in secrets.items())
    done: list[Outcome] = []
    try:
        done = import_lines(house.db, actor, lines, dry_run=False, password_hashes=hashes)
    finally:
        if not done or not _all_well(done):
            passwords.unlink()  # they are nobody's passwords
    return done


def _all_well(done: Sequence[Outcome]) -> bool:
    return all(outcome.effect is not None for outcome in done)


def _tell(done: Sequence[Outcome], *, dry_run: bool, as_json: bool) -> None:
    """Each line's effect, and a summary; ends with 1 when a line was refused."""
    for outcome in done:
        refusal = outcome.refusal
        effect = outcome.effect.value if outcome.effect else "refused"
        if as_json:
            said = {"code": refusal.problem_code, "message": refusal.message} if refusal else {}
            show({"line": outcome.line, "key": outcome.key, "effect": effect, **said})
        else:
            why = f"  {refusal.message} [{refusal.problem_code}]" if refusal else ""
            click.echo(f"{outcome.line:>6}  {effect:9}  {outcome.key}{why}")
    counts = {effect: sum(o.effect is effect for o in done) for effect in Effect}
    refused = sum(o.effect is None for o in done)
    total = ", ".join(f"{count} {effect}" for effect, count in counts.items())
    if refused:
        raise click.ClickException(f"{refused} lines are refused; nothing was changed")
    click.echo(f"{total}{'; nothing was changed (--dry-run)' if dry_run else ''}", err=as_json)
