"""Processes with scripted machines, deployed as rows; and the questions that the tests ask of the database."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy import select

from engine.bpmn.admit import Upload
from engine.clock import MovableClock
from engine.config import Settings
from engine.connector import Connector, System
from engine.model import SYSTEM, Actor, AuditEvent, Base, Case, Incident, Job, Process, ProcessVersion, Task
from engine.store.db import Database
from engine.store.uow import UnitOfWork
from engine.usecases.deploy import Deployment, deploy
from engine.usecases.start_case import start_case
from engine.worker import Worker
from tests.fakes import ElapsedCalendar, FakeMachine, FakePartner, Stage
from tests.people import LICENSING, World


class House:
    """A database with people, in which scripted processes are deployed and started."""

    def __init__(self, database: Database, people: World, clock: MovableClock) -> None:
        self.database, self.people, self.clock = database, people, clock
        self.machines: dict[str, FakeMachine] = {}
        self.settings = Settings(backoff_s=0)

    def deploy(
        self,
        key: str,
        *stages: Stage,
        routing: Mapping[str, tuple[str, Sequence[str]]] | None = None,
        owner: str = LICENSING,
        **settings: Any,
    ) -> None:
        """A process whose machine follows the script. Nodes that ``routing`` leaves out go to the owner agency."""
        self.machines[key] = FakeMachine(*stages)
        ways = {
            node: (owner, ())
            for stage in stages
            for wait in stage.waits
            if (node := getattr(wait, "node", ""))
        }
        ways |= dict(routing or {})
        with self.database.unit(SYSTEM) as uow:
            uow.add(Process(key=key, title_id=key, title_en=key, owner_agency=owner, latest_version=1))
            uow.flush()
            uow.add(
                ProcessVersion(
                    process_key=key,
                    version=1,
                    deployment_id=key,
                    filename=f"{key}.bpmn",
                    bpmn=b"<scripted/>",
                    sha256="",
                    routing={
                        n: {"agency": agency, "roles": list(roles)} for n, (agency, roles) in ways.items()
                    },
                    calls={},
                    settings=settings,
                    warnings=[],
                    deployed_by="system",
                    deployed_by_name="Lintas",
                    deployed_at=self.clock.now(),
                )
            )

    def start(self, key: str, actor: Actor | None = None, **how: Any) -> str:
        """The id of a new case."""
        with self.database.unit(actor or self.people.ana) as uow:
            return start_case(uow, key, **how).case_id

    def act(self, actor: Actor, verb: Callable[..., Any], *args: Any, **how: Any) -> Any:
        """Run a use-case in a unit of its own."""
        with self.database.unit(actor) as uow:
            return verb(uow, *args, **how)

    def rows(self, model: type[Any], **where: Any) -> list[Any]:
        query = select(model).filter_by(**where).order_by(*model.__table__.primary_key.columns)
        with self.database.read(SYSTEM) as uow:
            return list(uow.session.scalars(query))

    def case(self, case_id: str) -> Case:
        (found,) = self.rows(Case, case_id=case_id)
        return found

    def task(self, element: str | None = None, state: str = "open", **where: Any) -> Task:
        """The only task in this state (and of this element)."""
        (found,) = self.rows(Task, state=state, **({"element_id": element} if element else {}), **where)
        return found

    def job(self, **where: Any) -> Job:
        (found,) = self.rows(Job, **where)
        return found

    def incident(self, **where: Any) -> Incident:
        (found,) = self.rows(Incident, **where)
        return found

    def history(self, case_id: str) -> list[str]:
        return [event.kind for event in self.rows(AuditEvent, case_id=case_id)]

    def print(self) -> dict[str, tuple[int, str]]:
        """Row count and hash of every table: equal before and after means that nothing was written."""
        found = {}
        with self.database.read(SYSTEM) as uow:
            for table in Base.metadata.sorted_tables:
                rows = sorted(repr(tuple(row)) for row in uow.session.execute(select(table)))
                found[table.name] = (len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest())
        return found

    def worker(
        self,
        *,
        systems: Mapping[str, System] | None = None,
        settings: Settings | None = None,
        **connectors: Connector,
    ) -> Worker:
        return Worker(self.database, connectors, systems or {}, settings or self.settings)


SYSTEMS = {"population": System("population", "http://127.0.0.1:9")}


def send(house: House, name: str, bpmn: bytes, *, actor: Any = None, **how: Any) -> Deployment:
    files = how.pop("files", {})
    return house.act(
        actor or house.people.citra,
        deploy,
        Upload(name, bpmn, files),
        connectors={"partner": FakePartner()},
        systems=SYSTEMS,
        **how,
    )


@pytest.fixture
def house(database: Database, world: World, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> House:
    made = House(database, world, clock)
    monkeypatch.setattr(UnitOfWork, "machine", lambda _, case: made.machines[case.process_key], raising=False)
    monkeypatch.setattr(UnitOfWork, "calendar_of", lambda _, case: ElapsedCalendar(), raising=False)
    return made


@pytest.fixture
def real(database: Database, world: World, clock: MovableClock) -> House:
    """A house whose machines are the interpreter's."""
    return House(database, world, clock)
