"""The sample city moves into an empty house, and plays run there on a clock that is moved."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engine.clock import MovableClock
from engine.config import Settings
from engine.model import SYSTEM, Actor
from engine.store import cases, incidents, people
from engine.usecases.deploy import deploy
from tests.web.models import CALL, PARTS, PERMIT
from web.demo import folder
from web.demo.city import read_city, settle
from web.demo.plays import Cancel, Claim, Complete, Pass, Play, Send, Turn
from web.demo.rehearsal import Rehearsal
from web.simulators.server import SimulatorServer
from web.uploads import Upload
from web.wiring import House, open_house

ZONE = ZoneInfo("Asia/Makassar")
FRIDAY = datetime(2026, 11, 20, 14, 0, tzinfo=ZONE)
LANES = {"Licensing": "dpmptsp/p_front", "Fire service": "damkar/f_inspector"}


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(FRIDAY)


@pytest.fixture
def partners() -> Iterator[SimulatorServer]:
    with SimulatorServer() as server:
        yield server


@pytest.fixture
def house(tmp_path: Path, clock: MovableClock, partners: SimulatorServer) -> Iterator[House]:
    """The city, with the permit and the model that asks the register."""
    opened = open_house(Settings(data_dir=tmp_path), clock=clock, systems=partners.systems())
    with opened.db.unit(SYSTEM) as uow:
        settle(uow, read_city(), password_hash="no sign-in here")
    with opened.db.read(SYSTEM) as uow:
        bayu = people.actor_of(uow, people.by_username(uow, "bayu").id)  # type: ignore[union-attr]
    permit = PERMIT.replace(b'camunda:candidateGroups="front_desk"', b"").replace(
        b'camunda:candidateGroups="inspector"', b""
    )
    for model, files, lanes in ((permit, PARTS, LANES), (CALL, {}, {})):
        with opened.db.unit(bayu) as uow:
            deploy(
                uow,
                Upload("m.bpmn", model, files),
                lanes=lanes,
                connectors=opened.connectors,
                systems=opened.systems,
            )
    yield opened
    opened.close()


def everybody(house: House) -> list[Actor]:
    with house.db.read(SYSTEM) as uow:
        rows = people.people(uow, limit=100).items
        return [people.actor_of(uow, row.id) for row in rows]


def rehearse(
    house: House, clock: MovableClock, partners: SimulatorServer, *plays: Play, until: datetime
) -> Rehearsal:
    rehearsal = Rehearsal(house, clock, everybody(house), knobs=partners.knobs, zone=ZONE)
    rehearsal.run(plays, until=until, tell=lambda _line: None)
    return rehearsal


def play(name: str, *acts: object, process: str = "permit", **more: object) -> Play:
    return Play(name, process, name, FRIDAY, acts=acts, **more)  # type: ignore[arg-type]


def test_the_city_has_its_agencies_roles_people_and_calendars(house: House) -> None:
    with house.db.read(SYSTEM) as uow:
        agencies = {row.key: row for row in people.agencies(uow)}
        kartika = people.actor_of(uow, people.by_username(uow, "kartika").id)  # type: ignore[union-attr]
    assert len(agencies) >= 10
    assert ("dpmptsp", "p_head") in kartika.roles
    calendar = agencies["dpmptsp"].calendar
    assert calendar is not None
    assert {"2026-11-11", "2026-12-25"} <= set(calendar["holidays"])  # type: ignore[arg-type]
    assert "extends" not in calendar


def test_plays_run_in_the_order_of_time_by_the_right_people_in_office_hours(
    house: House, clock: MovableClock, partners: SimulatorServer
) -> None:
    done = play("done", Complete("check", {"decision": "ok", "trade_name": "Warung"}), Complete("inspect"))
    held = play("held", Complete("check", {"decision": "ok"}), Claim("inspect", by="joni"))
    asked = play("asked", Complete("check", {"decision": "wait"}), Send("more_papers"))
    left = play("left", Cancel("Withdrawn"))
    until = FRIDAY + timedelta(days=10)
    report = rehearse(house, clock, partners, done, held, asked, left, until=until).report
    assert report.stuck == {}
    with house.db.read(SYSTEM) as uow:
        rows = {name: cases.case(uow, case_id) for name, case_id in report.cases.items()}
        (task,) = cases.waits(uow, report.cases["held"]).tasks
        waits = cases.waits(uow, report.cases["asked"])
    assert {name: row.state.value for name, row in rows.items()} == {
        "done": "completed",
        "held": "running",
        "asked": "running",
        "left": "cancelled",
    }
    assert task.assignee_username == "joni"
    assert [wait.kind for wait in waits.subscriptions] == ["signal"]
    ended = rows["done"].ended_at
    assert ended is not None
    local = ended.astimezone(ZONE)
    assert (local.weekday(), local.hour) == (0, 8)  # a weekend lies between the two acts
    assert clock.now() == until.astimezone(UTC)


def test_an_outage_leaves_an_incident_and_time_that_passes_fires_timers(
    house: House, clock: MovableClock, partners: SimulatorServer
) -> None:
    out = play("out", Turn("population", {"outage": True}), Complete("first"), process="small")
    late = play("late", Complete("check", {"decision": "ok"}), Pass(timedelta(days=5)), Complete("inspect"))
    report = rehearse(house, clock, partners, out, late, until=FRIDAY + timedelta(days=20)).report
    assert report.stuck == {}
    with house.db.read(SYSTEM) as uow:
        (incident,) = incidents.incidents(uow).items
    assert incident.case_id == report.cases["out"]


def test_a_play_that_cannot_go_on_is_reported_and_the_others_do(
    house: House, clock: MovableClock, partners: SimulatorServer
) -> None:
    lost = play("lost", Complete("nowhere"))
    fine = play("fine", Complete("check", {"decision": "no"}))
    report = rehearse(house, clock, partners, lost, fine, until=FRIDAY + timedelta(days=9)).report
    assert list(report.stuck) == ["lost"]
    assert "open: check" in report.stuck["lost"]
    with house.db.read(SYSTEM) as uow:
        assert cases.case(uow, report.cases["fine"]).state.value == "completed"


def test_the_folder_of_another_house_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "lintas.sqlite3").write_bytes(b"precious")
    with pytest.raises(folder.FolderTaken, match="another"):
        folder.begin(tmp_path)
    assert (tmp_path / "lintas.sqlite3").read_bytes() == b"precious"


def test_an_interrupted_preparation_begins_anew(tmp_path: Path) -> None:
    folder.begin(tmp_path)
    (tmp_path / "lintas.sqlite3").write_bytes(b"half")
    folder.begin(tmp_path)
    assert not (tmp_path / "lintas.sqlite3").exists()
    folder.write(tmp_path, base_url="http://127.0.0.1:1", systems_url="http://127.0.0.1:2", accounts=[])
    assert not folder.finished(tmp_path)
    folder.finish(tmp_path)
    assert folder.finished(tmp_path)
    assert (tmp_path / folder.FILE).stat().st_mode & 0o777 == 0o600
