"""Reads the sample city and writes its agencies, roles and people into an empty house."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from engine.states import Power
from engine.store.uow import UnitOfWork
from engine.usecases.keep_agency import AgencyWish, RoleWish, put_agency
from engine.usecases.keep_person import PersonWish, put_person
from web.people_files import calendar_with_base

FILE = "kota_muara_lestari.toml"


@dataclass(frozen=True, slots=True)
class SamplePerson:
    """Somebody who works in the sample city."""

    username: str
    name: str
    agency: str
    roles: tuple[str, ...]
    powers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class City:
    """The sample city, as its file says it. ``agencies`` are the file's tables with the calendar put in."""

    name: str
    agencies: tuple[Mapping[str, Any], ...]
    people: tuple[SamplePerson, ...]


def read_city() -> City:
    """The city that comes with Lintas."""
    table = tomllib.loads((files("processes") / FILE).read_text(encoding="utf-8"))
    calendars = table["calendars"]
    return City(
        name=table["title_en"],
        agencies=tuple(
            {**agency, "calendar": calendar_with_base(calendars, agency["calendar"])}
            for agency in table["agencies"]
        ),
        people=tuple(
            SamplePerson(
                username=person["username"],
                name=person["name"],
                agency=person["agency"],
                roles=tuple(person.get("roles", ())),
                powers=tuple(person.get("powers", ())),
            )
            for person in table["people"]
        ),
    )


def settle(uow: UnitOfWork, city: City, *, password_hash: str) -> None:
    """Write the city into an empty house. All its people sign in with the same password."""
    for agency in city.agencies:
        put_agency(
            uow,
            AgencyWish(
                key=agency["key"],
                name_id=agency["name_id"],
                name_en=agency["name_en"],
                roles=tuple(RoleWish(**role) for role in agency.get("roles", ())),
                calendar=agency["calendar"],
            ),
        )
    for person in city.people:
        wish = PersonWish(
            username=person.username,
            name=person.name,
            agencies=frozenset({person.agency}),
            roles=frozenset((person.agency, role) for role in person.roles),
            powers=frozenset(Power(power) for power in person.powers),
        )
        put_person(uow, wish, password_hash=password_hash)
