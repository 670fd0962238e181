"""A house with a door: the application over a clean database, people who sign in, and a worker that does not tick."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from connectors.http.connector import HttpConnector
from engine.config import Settings
from engine.connector import System
from engine.model import SYSTEM, Actor, ApiToken, Person
from engine.store.db import Database
from engine.worker import Worker
from tests.people import World
from tests.web.client import Caller, CallerOf
from web.app import create_app
from web.auth import hash_password, new_token
from web.wiring import House

PASSWORD = "rahasia-contoh"
HASH = hash_password(PASSWORD)


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(data_dir=tmp_path, database_url=database_url, secret_key="k" * 48)


@pytest.fixture
def systems() -> dict[str, System]:
    """The partners the house knows. Nobody listens there; a test that calls one brings its own."""
    return {"population": System("population", "http://127.0.0.1:9", timeout_s=1.0)}


@pytest.fixture
def house(settings: Settings, database: Database, world: World, systems: dict[str, System]) -> House:
    with database.unit(SYSTEM) as uow:
        for person in world.everybody:
            uow.row(Person, person.id).password_hash = HASH
    connectors = {"http": HttpConnector()}
    return House(settings, database, Worker(database, connectors, systems, settings), connectors, systems)


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


@pytest.fixture
def caller(app: Flask, token_for: Callable[[Actor], str]) -> CallerOf:
    """The API as a person sees it."""
    return lambda actor: Caller(app.test_client(), token_for(actor))
