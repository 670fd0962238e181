"""Whom work can reach: persons by user name, roles by agency; one statement each, however many are asked for."""

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import select

from engine.model import Case, Person, Role
from engine.states import Power
from engine.store.uow import UnitOfWork
from engine.store.visible import case_visible


def people_named(uow: UnitOfWork, usernames: Collection[str]) -> dict[str, Person]:
    """Active people by user name; a name that nobody has is missing."""
    if not usernames:
        return {}
    query = select(Person).where(Person.username.in_(sorted(usernames)), Person.active)
    return {person.username: person for person in uow.session.scalars(query)}


def roles_in(uow: UnitOfWork, agencies: Collection[str]) -> frozenset[tuple[str, str]]:
    """The (agency, role) pairs that exist in these agencies."""
    if not agencies:
        return frozenset()
    query = select(Role.agency_key, Role.key).where(Role.agency_key.in_(sorted(agencies)))
    return frozenset((row.agency_key, row.key) for row in uow.session.execute(query))


def cases_open_to(uow: UnitOfWork, case_ids: Collection[str]) -> frozenset[str]:
    """Those of these cases that the actor takes part in, or rules as an operator; to look on as an auditor is not enough."""
    if not case_ids:
        return frozenset()
    actor = replace(uow.actor, powers=uow.actor.powers - {Power.AUDITOR})
    query = select(Case.case_id).where(Case.case_id.in_(sorted(case_ids)), case_visible(actor))
    return frozenset(uow.session.scalars(query))
