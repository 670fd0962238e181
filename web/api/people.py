"""/agencies and /people."""

from typing import Any

from engine.errors import NotPermitted
from engine.states import Power
from engine.store import people
from engine.store.page import Page
from engine.store.uow import UnitOfWork
from web.api.door import Door
from web.api.schemas.people import AgencyPage, PersonPage, PersonQuery

door = Door("agencies", description="Who works where")


@door.read("/agencies", name="listAgencies", summary="The agencies and their roles", returns=AgencyPage())
def list_agencies(uow: UnitOfWork) -> dict[str, Any]:
    """All of them on one page: a house has tens, not thousands."""
    return {"items": people.agencies(uow), "next": None}


@door.read(
    "/people",
    name="listPeople",
    summary="Everybody with an account",
    query=PersonQuery(),
    returns=PersonPage(),
)
def list_people(uow: UnitOfWork, query: dict[str, Any]) -> Page[people.PersonRow]:
    """For administrators."""
    if not uow.actor.may(Power.ADMINISTRATOR):
        raise NotPermitted("Only administrators see the list of people.", power=Power.ADMINISTRATOR.value)
    return people.people(uow, **query)
