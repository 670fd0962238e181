"""The simulated systems: what they know, and how they fail when told to."""

import httpx
import pytest

from web.simulators import Knobs, KnobsInvalid, SimulatorServer
from web.simulators.registers import RESIDENTS


@pytest.fixture
def partners():
    with SimulatorServer() as server:
        yield server


def post(partners: SimulatorServer, path: str, body: dict, key: str = "k") -> httpx.Response:
    return httpx.post(partners.url + path, json=body, headers={"Idempotency-Key": key}, trust_env=False)


def test_the_deceased_and_the_unknown_are_told_apart(partners) -> None:
    deceased = {"nik": "9901013112600099", "full_name": "Almarhum Contoh", "birth_date": "1960-12-31"}
    assert post(partners, "/population/nik/verify", deceased, "a").status_code == 410
    assert (
        post(partners, "/population/nik/verify", {**deceased, "nik": "9901019999990000"}, "b").status_code
        == 404
    )


def test_the_register_of_tri_astuti_differs_by_one_day(partners) -> None:
    tri = {"nik": "9901044505960013", "full_name": "Tri Astuti Ningrum", "birth_date": "1996-05-05"}
    answer = post(partners, "/population/nik/verify", tri).json()
    assert answer["match"] == {"nik": True, "full_name": True, "birth_date": False}


def test_knobs_are_turned_over_http_and_checked(partners) -> None:
    turned = httpx.put(partners.url + "/knobs/tax", json={"outage": True}, trust_env=False)
    assert turned.json()["outage"] is True
    assert post(partners, "/tax/npwp/status", {"npwp": "x", "nik": "y"}).status_code == 503
    wrong = httpx.put(partners.url + "/knobs/tax", json={"latency_ms": -1}, trust_env=False)
    assert wrong.status_code == 400
    assert "0 to 60000" in wrong.json()["error"]


def test_an_error_rate_of_one_half_fails_about_half_the_calls(partners) -> None:
    partners.knobs.turn("spatial", error_rate=0.5)
    statuses = [
        post(partners, "/spatial/zone", {"lat": -1.15, "lon": 117.05}, str(i)).status_code for i in range(40)
    ]
    assert 10 <= statuses.count(500) <= 30
    assert set(statuses) == {200, 500}


@pytest.mark.parametrize("change", [{"outage": 1}, {"error_rate": 2}, {"speed": 3}, {"latency_ms": True}])
def test_a_wrong_knob_changes_nothing(change) -> None:
    knobs = Knobs()
    before = knobs.behaviour("fire")
    with pytest.raises(KnobsInvalid):
        knobs.turn("fire", **change)
    assert knobs.behaviour("fire") == before


def test_every_birth_date_can_be_read_from_the_number() -> None:
    assert RESIDENTS["9901025405880001"].birth_date.isoformat() == "1988-05-14"
    assert all(1960 <= person.birth_date.year <= 1999 for person in RESIDENTS.values())
