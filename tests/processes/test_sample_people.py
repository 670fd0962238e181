"""The sample city hangs together: every role, calendar and power that its people file names exists."""

import tomllib
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.states import Power

CITY = Path(__file__).parents[2] / "processes" / "kota_muara_lestari.toml"


@pytest.fixture(scope="module")
def city() -> dict[str, Any]:
    return tomllib.loads(CITY.read_text(encoding="utf-8"))


def test_every_person_works_at_a_known_agency_in_its_own_roles(city: dict[str, Any]) -> None:
    roles = {agency["key"]: {role["key"] for role in agency["roles"]} for agency in city["agencies"]}
    astray = [
        (person["username"], role)
        for person in city["people"]
        for role in person.get("roles", [])
        if role not in roles[person["agency"]]
    ]
    assert astray == []


def test_no_username_agency_or_role_is_named_twice(city: dict[str, Any]) -> None:
    for names in (
        [person["username"] for person in city["people"]],
        [agency["key"] for agency in city["agencies"]],
        *([role["key"] for role in agency["roles"]] for agency in city["agencies"]),
    ):
        assert [name for name, times in Counter(names).items() if times > 1] == []


def test_powers_are_those_of_the_house_and_each_is_held_by_somebody(city: dict[str, Any]) -> None:
    held = {power for person in city["people"] for power in person.get("powers", [])}
    assert held == {power.value for power in Power}


def test_every_agency_has_both_names_and_a_known_calendar(city: dict[str, Any]) -> None:
    for agency in city["agencies"]:
        assert agency["name_id"] != agency["name_en"]
        assert agency["calendar"] in city["calendars"]


def test_after_tuesday_17_march_2026_the_next_working_day_is_wednesday_the_25th(city: dict[str, Any]) -> None:
    off = {date.fromisoformat(day) for day in city["calendars"]["nasional"]["holidays"]}
    assert {date(2026, 3, day) for day in (18, 19, 20, 23, 24)} <= off
    assert date(2026, 3, 17) not in off
    assert date(2026, 3, 25) not in off
