"""Real files from the world, run through the API of a house that is closed and opened again between any two steps."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from engine.clock import MovableClock
from engine.config import Settings
from engine.connector import System
from engine.model import SYSTEM, Actor, ApiToken, Member, Person, PersonRole, Role
from engine.store.people import agencies
from tests.people import LICENSING, World, settle
from tests.web.client import Caller
from web.app import create_app
from web.auth import new_token
from web.context import EXTENSION
from web.wiring import House, open_house


class Office:
    """The house as its people use it. Between any two calls it is shut and opened anew from its database alone."""

    def __init__(self, settings: Settings, clock: MovableClock) -> None:
        self._settings, self.clock = settings, clock
        self._house: House | None = None
        self._app: Flask | None = None
        self._tokens: dict[str, str] = {}
        self.systems: dict[str, System] = {}
        self.world: World = settle(self.open().db)

    def open(self) -> House:
        self.shut()
        self._house = open_house(self._settings, clock=self.clock, systems=self.systems, migrate=False)
        return self._house

    def shut(self) -> None:
        if self._house is not None:
            self._house.close()
            self._house = None

    def ask(self, actor: Actor) -> Caller:
        house = self.open()
        if actor.id not in self._tokens:
            token, hashed = new_token()
            with house.db.unit(SYSTEM) as uow:
                uow.add(ApiToken(person_id=actor.id, hash=hashed, created_at=uow.now()))
            self._tokens[actor.id] = token
        return Caller(self._serving(house).test_client(), self._tokens[actor.id])

    def _serving(self, house: House) -> Flask:
        """The routes, which keep nothing of a case, before a house that has just been opened."""
        if self._app is None:
            self._app = create_app(house)
        self._app.extensions[EXTENSION] = house
        return self._app

    # What people do ---------------------------------------------------------------------------------------

    def page(self, actor: Actor, path: str) -> str:
        """A page as the person sees it in a browser, signed in."""
        client = self._serving(self.open()).test_client()
        with client.session_transaction() as session:
            session.update(person=actor.id, epoch=0)
        answer = client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def deploy(self, path: Path, **fields: str) -> dict[str, Any]:
        answer = self.ask(self.world.citra).upload("/processes", path.read_bytes(), name=path.name, **fields)
        assert answer.status_code == 201, answer.text
        return dict(answer.json)

    def start(self, key: str, data: Mapping[str, Any] | None = None, *, by: Actor | None = None) -> str:
        answer = self.ask(by or self.world.citra).post(f"/processes/{key}/start", {"data": dict(data or {})})
        assert answer.status_code == 201, answer.text
        return str(answer.json["id"])

    def case(self, case_id: str) -> dict[str, Any]:
        answer = self.ask(self.world.dewi).get(f"/cases/{case_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json)

    def tasks(self, case_id: str) -> list[str]:
        return sorted(task["name"] for task in self.case(case_id)["waits"]["tasks"])

    def messages(self, case_id: str) -> list[str]:
        return sorted(wait["name"] for wait in self.case(case_id)["waits"]["messages"])

    def deadlines(self, case_id: str) -> list[str]:
        return sorted(wait["element"] for wait in self.case(case_id)["waits"]["deadlines"])

    def complete(
        self, case_id: str, name: str, data: Mapping[str, Any] | None = None, *, by: Actor | None = None
    ) -> None:
        task = next(t for t in self.case(case_id)["waits"]["tasks"] if t["name"] == name)
        answer = self.ask(by or self.world.ana).post(
            f"/tasks/{task['id']}/complete", {"data": dict(data or {})}
        )
        assert answer.status_code == 200, answer.text

    def variables(self, case_id: str) -> dict[str, Any]:
        answer = self.ask(self.world.dewi).get(f"/cases/{case_id}/data")
        assert answer.status_code == 200, answer.text
        return dict(answer.json["data"])

    def hire(self, username: str, *roles: str) -> Actor:
        """A person of the licensing service, in roles that are made where the agency lacks them."""
        actor = Actor(f"person-{username}", username, username.title(), frozenset({LICENSING}))
        with self.open().db.unit(SYSTEM) as uow:
            uow.add(Person(id=actor.id, username=username, name=actor.name, locale="en"))
            known = {role.key for agency in agencies(uow) if agency.key == LICENSING for role in agency.roles}
            uow.add(
                *(Role(agency_key=LICENSING, key=r, name_id=r, name_en=r) for r in roles if r not in known)
            )
            uow.flush()
            uow.add(Member(person_id=actor.id, agency_key=LICENSING))
            uow.add(*(PersonRole(person_id=actor.id, agency_key=LICENSING, role_key=r) for r in roles))
        return replace(actor, roles=frozenset((LICENSING, role) for role in roles))

    def tell(self, case_id: str, message: str) -> None:
        answer = self.ask(self.world.citra).post("/messages", {"name": message, "case_id": case_id})
        assert answer.status_code in (200, 202, 204), answer.text

    def pass_time(self, **by: float) -> None:
        self.clock.move_by(timedelta(**by))
        self.open().worker.run_once()

    def work(self) -> None:
        """The worker calls the partners that are to be called, and what follows at once."""
        worker = self.open().worker
        for _ in range(10):
            worker.run_once()

    def state(self, case_id: str) -> str:
        return str(self.case(case_id)["state"])


@pytest.fixture
def office(database_url: str, tmp_path: Path, clock: MovableClock) -> Iterator[Office]:
    opened = Office(Settings(data_dir=tmp_path, database_url=database_url, secret_key="k" * 48), clock)
    yield opened
    opened.shut()
