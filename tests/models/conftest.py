"""Real files from the world, run through the API of a house that is closed and opened again between any two steps."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.clock import MovableClock
from engine.config import Settings
from engine.model import SYSTEM, Actor, ApiToken
from tests.people import World, settle
from tests.web.client import Caller
from web.app import create_app
from web.auth import new_token
from web.wiring import House, open_house


class Office:
    """The house as its people use it. Between any two calls it is shut and opened anew from its database alone."""

    def __init__(self, settings: Settings, clock: MovableClock) -> None:
        self._settings, self.clock = settings, clock
        self._house: House | None = None
        self._tokens: dict[str, str] = {}
        self.world: World = settle(self.open().db)

    def open(self) -> House:
        self.shut()
        self._house = open_house(self._settings, clock=self.clock, systems={}, migrate=False)
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
        return Caller(create_app(house).test_client(), self._tokens[actor.id])

    # What people do ---------------------------------------------------------------------------------------

    def deploy(self, path: Path, **fields: str) -> dict[str, Any]:
        answer = self.ask(self.world.citra).upload("/processes", path.read_bytes(), name=path.name, **fields)
        assert answer.status_code == 201, answer.text
        return dict(answer.json)

    def start(self, key: str, data: Mapping[str, Any] | None = None) -> str:
        answer = self.ask(self.world.citra).post(f"/processes/{key}/start", {"data": dict(data or {})})
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

    def complete(self, case_id: str, name: str) -> None:
        task = next(t for t in self.case(case_id)["waits"]["tasks"] if t["name"] == name)
        answer = self.ask(self.world.ana).post(f"/tasks/{task['id']}/complete", {"data": {}})
        assert answer.status_code == 200, answer.text

    def tell(self, case_id: str, message: str) -> None:
        answer = self.ask(self.world.citra).post("/messages", {"name": message, "case_id": case_id})
        assert answer.status_code in (200, 202, 204), answer.text

    def pass_time(self, **by: float) -> None:
        self.clock.move_by(timedelta(**by))
        self.open().worker.run_once()

    def state(self, case_id: str) -> str:
        return str(self.case(case_id)["state"])


@pytest.fixture
def office(database_url: str, tmp_path: Path, clock: MovableClock) -> Iterator[Office]:
    opened = Office(Settings(data_dir=tmp_path, database_url=database_url, secret_key="k" * 48), clock)
    yield opened
    opened.shut()
