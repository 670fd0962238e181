"""A partner's system that fails, seen over the API: retries, incident, retry and skip by an operator; on both databases."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from engine.clock import MovableClock
from engine.connector import System
from tests.people import World
from tests.web.client import Caller, CallerOf, code_of
from tests.web.models import CALL
from web.simulators.server import SimulatorServer
from web.wiring import House


@pytest.fixture
def partners() -> Iterator[SimulatorServer]:
    with SimulatorServer() as server:
        yield server


@pytest.fixture
def systems(partners: SimulatorServer) -> dict[str, System]:
    return partners.systems(timeout_s=2.0)


@pytest.fixture
def asked(caller: CallerOf, world: World) -> dict[str, Any]:
    """A case of the designer's that has come to its call."""
    citra = caller(world.citra)
    assert citra.upload("/processes", CALL).status_code == 201
    case = citra.post("/processes/small/start", {"business_key": "ASK-1"}).json
    assert case is not None
    done = citra.post(f"/tasks/{case['waits']['tasks'][0]['id']}/complete", {"data": {}})
    assert done.status_code == 200, done.text
    return dict(case)


def run_until_spent(house: House, clock: MovableClock) -> None:
    for _ in range(10):
        house.worker.run_once()
        clock.move_by(timedelta(minutes=10))


def the_case(who: Caller, case: dict[str, Any]) -> dict[str, Any]:
    found = who.get(f"/cases/{case['id']}").json
    assert found is not None
    return dict(found)


def the_incident(caller: CallerOf, world: World) -> dict[str, Any]:
    page = caller(world.oka).get("/incidents").json
    assert page is not None
    (incident,) = page["items"]
    return dict(incident)


def test_a_partner_that_answers_is_asked_once_and_its_reply_is_kept(
    caller: CallerOf, world: World, house: House, asked: dict[str, Any], partners: SimulatorServer
) -> None:
    citra = caller(world.citra)
    (job,) = the_case(citra, asked)["waits"]["jobs"]
    assert (job["kind"], job["target"], job["state"]) == ("connector", "population", "ready")
    house.worker.run_once()
    ended = the_case(citra, asked)
    assert (ended["state"], ended["outcome"]) == ("completed", "end")
    data = citra.get(f"/cases/{asked['id']}/data").json
    assert data is not None
    assert data["data"]["known"] is True
    assert [effect.calls for effect in partners.knobs.effects("population")] == [1]


def test_an_outage_becomes_an_incident_and_heals_when_an_operator_retries(
    caller: CallerOf,
    world: World,
    house: House,
    clock: MovableClock,
    asked: dict[str, Any],
    partners: SimulatorServer,
) -> None:
    partners.knobs.turn("population", outage=True)
    run_until_spent(house, clock)
    incident = the_incident(caller, world)
    assert (incident["kind"], incident["code"]) == ("job_dead", "attempts_spent")
    assert (incident["target"], incident["business_key"], incident["state"]) == (
        "population",
        "ASK-1",
        "open",
    )
    citra, oka = caller(world.citra), caller(world.oka)
    assert the_case(citra, asked)["state"] == "running"
    assert code_of(citra.post(f"/incidents/{incident['id']}/retry"))[0] in {403, 404}
    partners.knobs.turn("population", outage=False)
    retried = oka.post(f"/incidents/{incident['id']}/retry", key="once").json
    assert retried is not None
    assert (retried["state"], retried["resolution"], retried["resolved_by"]) == ("resolved", "retried", "Oka")
    assert oka.post(f"/incidents/{incident['id']}/retry", key="once").json == retried
    assert code_of(oka.post(f"/incidents/{incident['id']}/retry")) == (409, "incident_resolved")
    house.worker.run_once()
    assert the_case(citra, asked)["state"] == "completed"
    assert len(partners.knobs.effects("population")) == 1


def test_a_partner_that_answers_html_is_an_incident_at_once_and_can_be_skipped(
    caller: CallerOf, world: World, house: House, asked: dict[str, Any], partners: SimulatorServer
) -> None:
    partners.knobs.turn("population", html=True)
    house.worker.run_once()
    incident = the_incident(caller, world)
    assert (incident["kind"], incident["code"]) == ("job_dead", "refused")
    assert "JSON" in incident["message"]
    oka = caller(world.oka)
    skipped = oka.post(f"/incidents/{incident['id']}/skip", {"data": {"match": {"nik": False}}})
    assert skipped.status_code == 200, skipped.text
    ended = the_case(caller(world.citra), asked)
    assert ended["state"] == "completed"
    data = caller(world.citra).get(f"/cases/{asked['id']}/data").json
    assert data is not None
    assert data["data"]["known"] is False


def test_a_case_is_cancelled_from_its_incident(
    caller: CallerOf, world: World, house: House, asked: dict[str, Any], partners: SimulatorServer
) -> None:
    partners.knobs.turn("population", html=True)
    house.worker.run_once()
    incident = the_incident(caller, world)
    oka = caller(world.oka)
    assert code_of(oka.post(f"/incidents/{incident['id']}/cancel")) == (422, "invalid")
    cancelled = oka.post(f"/incidents/{incident['id']}/cancel", {"reason": "The register is closed"})
    assert cancelled.status_code == 200, cancelled.text
    assert cancelled.json is not None
    assert cancelled.json["state"] == "resolved"
    assert the_case(oka, asked)["state"] == "cancelled"
    page = oka.get(f"/incidents?state=resolved&case={asked['id']}").json
    assert page is not None
    assert [found["id"] for found in page["items"]] == [incident["id"]]


def test_a_job_that_is_over_is_not_run_again(
    caller: CallerOf, world: World, house: House, asked: dict[str, Any]
) -> None:
    (job,) = the_case(caller(world.citra), asked)["waits"]["jobs"]
    house.worker.run_once()
    assert code_of(caller(world.oka).post(f"/jobs/{job['job_id']}/run")) == (409, "job_not_waiting")
