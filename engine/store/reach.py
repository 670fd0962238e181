"""Whom work can reach: persons by user name, cases by who takes part; one statement each, however many are asked for."""

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import select

from engine.model import Case, Person
from engine.states import Power
from engine.store.uow import UnitOfWork
from engine.store.visible import case_visible

_CHUNK = 5_000
"""Databases limit the values in one statement."""


def people_named(uow: UnitOfWork, usernames: Collection[str]) -> dict[str, Person]:
    """Active people by user name; a name that nobody has is missing."""
    if not usernames:
        return {}
    query = select(Person).where(Person.username.in_(sorted(usernames)), Person.active)
    return {person.username: person for person in uow.session.scalars(query)}


def cases_open_to(uow: UnitOfWork, case_ids: Collection[str]) -> frozenset[str]:
    """Those of these cases that the actor takes part in, or rules as an operator; to look on as an auditor is not enough."""
    if uow.actor.may(Power.OPERATOR):
        return frozenset(case_ids)
    actor = replace(uow.actor, powers=uow.actor.powers - {Power.AUDITOR})
    ids = sorted(case_ids)
    found: set[str] = set()
    for begin in range(0, len(ids), _CHUNK):
        query = select(Case.case_id).where(Case.case_id.in_(ids[begin : begin + _CHUNK]), case_visible(actor))
        found.update(uow.session.scalars(query))
    return frozenset(found)
