"""lintas token: bearer tokens for the API."""

from datetime import timedelta
from pathlib import Path

import click

from engine.model import SYSTEM, ApiToken
from engine.states import Audit
from web.auth import new_token
from web.commands.common import data_option, opened, person


@click.group()
def token() -> None:
    """Bearer tokens for the API."""


@token.command()
@data_option
@click.option("--user", "username", required=True, help="User name of the person the token speaks for.")
@click.option("--days", type=click.IntRange(1, 3650), help="How long it is good; without it, until revoked.")
def create(data_dir: Path | None, username: str, days: int | None) -> None:
    """Make a token and print it. It is shown this once; only its hash is kept."""
    with opened(data_dir) as house:
        who = person(house, username)
        secret, hashed = new_token()
        with house.db.unit(SYSTEM) as uow:
            now = uow.now()
            uow.add(
                ApiToken(
                    person_id=who.id,
                    hash=hashed,
                    created_at=now,
                    expires_at=now + timedelta(days=days) if days else None,
                )
            )
            uow.record_house(Audit.TOKEN_CREATED, username, name=who.name, days=days)
    click.echo(secret)
