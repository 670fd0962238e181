"""/agencies and /people: who works where; set up by administrators."""

from collections.abc import Mapping
from typing import Any

from engine.errors import NotPermitted
from engine.states import Power
from engine.store import people
from engine.store.page import Page
from engine.store.people import AgencyRow, PersonRow
from engine.store.uow import UnitOfWork
from engine.usecases.keep_agency import AgencyWish, RoleWish, change_agency, create_agency
from engine.usecases.keep_person import PersonWish, change_person, create_person, set_password
from web.api.door import Door
from web.api.schemas.people import (
    AgencyChange,
    AgencyIn,
    AgencyOut,
    AgencyPage,
    PasswordOut,
    PersonChange,
    PersonIn,
    PersonOut,
    PersonPage,
    PersonQuery,
)
from web.auth import new_password

door = Door("agencies", description="Who works where")


@door.read("/agencies", name="listAgencies", summary="The agencies and their roles", returns=AgencyPage())
def list_agencies(uow: UnitOfWork) -> dict[str, Any]:
    """All of them on one page: a house has tens, not thousands."""
    return {"items": people.agencies(uow), "next": None}


@door.write(
    "/agencies",
    name="createAgency",
    summary="Add an agency",
    body=AgencyIn(),
    returns=AgencyOut(),
    status=201,
)
def add_agency(uow: UnitOfWork, body: dict[str, Any]) -> AgencyRow:
    """For administrators."""
    create_agency(uow, _agency(body["key"], body))
    return _agency_now(uow, body["key"])


@door.write(
    "/agencies/<key>",
    method="PATCH",
    name="changeAgency",
    summary="Rename an agency; add or rename roles",
    body=AgencyChange(),
    returns=AgencyOut(),
)
def edit_agency(uow: UnitOfWork, key: str, body: dict[str, Any]) -> AgencyRow:
    """For administrators."""
    change_agency(uow, _agency(key, body))
    return _agency_now(uow, key)


@door.read(
    "/people",
    name="listPeople",
    summary="Everybody with an account",
    query=PersonQuery(),
    returns=PersonPage(),
)
def list_people(uow: UnitOfWork, query: dict[str, Any]) -> Page[PersonRow]:
    """For administrators."""
    if not uow.actor.may(Power.ADMINISTRATOR):
        raise NotPermitted("Only administrators see the list of people.", power=Power.ADMINISTRATOR.value)
    return people.people(uow, **query)


@door.read("/people/<username>", name="getPerson", summary="One person", returns=PersonOut())
def get_person(uow: UnitOfWork, username: str) -> PersonRow:
    """Oneself and colleagues; anybody for administrators and operators."""
    return people.person(uow, username)


@door.write(
    "/people", name="createPerson", summary="Add a person", body=PersonIn(), returns=PersonOut(), status=201
)
def add_person(uow: UnitOfWork, body: dict[str, Any]) -> PersonRow:
    """For administrators."""
    create_person(uow, PersonWish(**_wishes(body)))
    return _person_now(uow, body["username"])


@door.write(
    "/people/<username>",
    method="PATCH",
    name="changePerson",
    summary="Change where a person works and what they may do, end an account or take it back",
    body=PersonChange(),
    returns=PersonOut(),
)
def edit_person(uow: UnitOfWork, username: str, body: dict[str, Any]) -> PersonRow:
    """For administrators."""
    change_person(uow, username, **_wishes(body))
    return _person_now(uow, username)


@door.write(
    "/people/<username>/password",
    name="resetPassword",
    summary="Give a person a new password, which is shown this once",
    returns=PasswordOut(),
    keyed=False,
)
def reset_password(uow: UnitOfWork, username: str) -> dict[str, str]:
    """For administrators. Whoever is signed in with the old one is signed out."""
    password, hashed = new_password()
    set_password(uow, username, hashed)
    return {"username": username, "password": password}


def _agency(key: str, body: Mapping[str, Any]) -> AgencyWish:
    name = body["name"] or {}
    return AgencyWish(
        key,
        name.get("id"),
        name.get("en"),
        tuple(
            RoleWish(role["key"], *((role["name"]["id"], role["name"]["en"]) if role["name"] else ()))
            for role in body["roles"]
        ),
    )


def _wishes(body: Mapping[str, Any]) -> dict[str, Any]:
    """What was given, as ``PersonWish`` has it."""
    wishes = dict(body)
    for name in ("agencies", "powers"):
        if name in wishes:
            wishes[name] = frozenset(wishes[name])
    if "roles" in wishes:
        wishes["roles"] = frozenset((held["agency"], held["role"]) for held in wishes["roles"])
    return wishes


def _agency_now(uow: UnitOfWork, key: str) -> AgencyRow:
    uow.flush()
    return next(agency for agency in people.agencies(uow) if agency.key == key)


def _person_now(uow: UnitOfWork, username: str) -> PersonRow:
    uow.flush()
    return people.person(uow, username)
