"""A house with a door: the application over a clean database, people who sign in, and a worker that only remembers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine.config import Settings
from engine.model import SYSTEM, Actor, ApiToken, Person
from engine.store.db import Database
from tests.people import World
from web.app import create_app
from web.auth import hash_password, new_token
from web.wiring import House

PASSWORD = "rahasia-contoh"
HASH = hash_password(PASSWORD)


@dataclass
class IdleWorker:
    """Runs nothing; counts how often it was told that something may be due."""

    nudges: int = field(default=0)

    def start(self) -> None:
        raise AssertionError("nothing starts the worker of a test")

    def stop(self) -> None:
        return None

    def nudge(self) -> None:
        self.nudges += 1


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(data_dir=tmp_path, database_url=database_url, secret_key="k" * 48)


@pytest.fixture
def house(settings: Settings, database: Database, world: World) -> House:
    with database.unit(SYSTEM) as uow:
        for person in world.everybody:
            uow.row(Person, person.id).password_hash = HASH
    return House(settings, database, IdleWorker(), {}, {})


@pytest.fixture
def app(house: House) -> Flask:
    return create_app(house)


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    """Somebody who has not signed in."""
    return app.test_client()


@pytest.fixture
def token_for(house: House) -> Callable[[Actor], str]:
    """Makes a bearer token of a person."""

    def make(actor: Actor) -> str:
        token, hashed = new_token()
        with house.db.unit(SYSTEM) as uow:
            uow.add(ApiToken(person_id=actor.id, hash=hashed, created_at=uow.now()))
        return token

    return make
