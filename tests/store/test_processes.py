"""Processes and versions as they were deployed, byte for byte."""

import pytest

from engine.errors import NotFound
from engine.model import SYSTEM, Process, ProcessFile, ProcessVersion, new_id
from engine.store import incidents, processes
from engine.store.db import Database
from engine.store.uow import UnitOfWork
from tests.people import SPATIAL, World
from tests.store.rows import PERMIT, add_case, add_incident, add_process


def deploy_again(uow: UnitOfWork) -> None:
    """A second version, with a form."""
    first = uow.get(ProcessVersion, (PERMIT, 1))
    deployment = new_id()
    uow.add(
        ProcessVersion(
            process_key=PERMIT,
            version=2,
            deployment_id=deployment,
            filename="permit-2.bpmn",
            bpmn=b"<second/>",
            sha256="1" * 64,
            routing={"check": {"agency": "dpmptsp", "roles": []}},
            calls={},
            settings={"start_roles": ["front_desk"]},
            warnings=[{"code": "x"}],
            deployed_by="person-citra",
            deployed_by_name="Citra",
            deployed_at=first.deployed_at,
        ),
        ProcessFile(deployment_id=deployment, name="check.form", kind="form", key="check", content=b"{}\n"),
    )
    uow.get(Process, PERMIT, lock=True).latest_version = 2


def test_a_process_shows_its_latest_deployment(database: Database, world: World) -> None:
    with database.unit(SYSTEM) as uow:
        add_process(uow)
        add_process(uow, "land", owner=SPATIAL)
        deploy_again(uow)
    with database.read(world.bo) as uow:
        first = processes.processes(uow, limit=1)
        rest = processes.processes(uow, limit=1, after=first.next)
        assert [row.key for row in (*first.items, *rest.items)] == [PERMIT, "land"]
        assert rest.next is None
        assert [row.key for row in processes.processes(uow, q="LAND").items] == ["land"]
        row = processes.process(uow, PERMIT)
        assert (row.latest_version, row.start_roles, row.title("en")) == (2, ("front_desk",), "Event permit")
        assert row.owner.name("en") == "Licensing service"


def test_versions_keep_what_was_uploaded(database: Database, world: World) -> None:
    with database.unit(SYSTEM) as uow:
        add_process(uow, bpmn=b"<first/>")
        deploy_again(uow)
    with database.read(world.ana) as uow:
        assert [v.version for v in processes.versions(uow, PERMIT)] == [2, 1]
        newest = processes.version(uow, PERMIT, 2)
        assert [(f.name, f.kind, f.key) for f in newest.files] == [("check.form", "form", "check")]
        assert newest.warnings == ({"code": "x"},)
        assert processes.diagram(uow, PERMIT, 1).content == b"<first/>"
        assert processes.diagram(uow, PERMIT, 2).name == "permit-2.bpmn"
        assert processes.file(uow, PERMIT, 2, "check.form").content == b"{}\n"


def test_what_was_never_deployed_is_not_found(database: Database, world: World) -> None:
    with database.unit(SYSTEM) as uow:
        add_process(uow)
    with database.read(world.ana) as uow:
        for read in (
            lambda: processes.process(uow, "other"),
            lambda: processes.versions(uow, "other"),
            lambda: processes.version(uow, PERMIT, 9),
            lambda: processes.diagram(uow, PERMIT, 9),
            lambda: processes.file(uow, PERMIT, 1, "no.form"),
        ):
            with pytest.raises(NotFound):
                read()


def test_incidents_are_for_operators_and_auditors(database: Database, world: World) -> None:
    with database.unit(SYSTEM) as uow:
        add_process(uow)
        case = add_case(uow, business_key="IA-1")
        made = [add_incident(uow, case.case_id) for _ in range(3)]
        add_incident(uow, case.case_id, state="resolved")
    for person in world.everybody:
        with database.read(person) as uow:
            page = incidents.incidents(uow, limit=2)
            if person not in (world.oka, world.dewi):
                assert page.items == []
                with pytest.raises(NotFound):
                    incidents.incident(uow, made[0])
                continue
            rest = incidents.incidents(uow, limit=2, after=page.next)
            assert [row.id for row in (*page.items, *rest.items)] == made[::-1]
            assert len(incidents.incidents(uow, state=None).items) == 4
            assert incidents.incident(uow, made[0]).business_key == "IA-1"
