"""People and agencies: who somebody is, what they may do, and whose token this is."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import or_, select

from engine.errors import NotFound
from engine.model import Actor, Agency, ApiToken, Member, Person, PersonPower, PersonRole, Role
from engine.states import Power
from engine.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class RoleRow:
    key: str
    name_id: str
    name_en: str


@dataclass(frozen=True, slots=True)
class AgencyRow:
    """An agency with its roles, by key."""

    key: str
    name_id: str
    name_en: str
    roles: tuple[RoleRow, ...]


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person as administrators see them. ``roles`` are (agency, role) pairs."""

    id: str
    username: str
    name: str
    locale: str
    active: bool
    agencies: tuple[str, ...]
    roles: tuple[tuple[str, str], ...]
    powers: tuple[Power, ...]


def by_id(uow: UnitOfWork, person_id: str) -> Person | None:
    """The person with this id, active or not."""
    return uow.session.get(Person, person_id)


def by_username(uow: UnitOfWork, username: str) -> Person | None:
    """The person who signs in under this name, active or not."""
    return uow.session.scalars(select(Person).where(Person.username == username)).one_or_none()


def actor_of(uow: UnitOfWork, person_id: str) -> Actor:
    """The person as the actor of a unit of work.

    Raises:
        NotFound: no such person.
    """
    person = by_id(uow, person_id)
    if person is None:
        raise NotFound(f"There is no such person: {person_id}.", person=person_id)
    agencies = uow.session.scalars(select(Member.agency_key).where(Member.person_id == person_id)).all()
    roles = uow.session.execute(
        select(PersonRole.agency_key, PersonRole.role_key).where(PersonRole.person_id == person_id)
    ).all()
    powers = uow.session.scalars(select(PersonPower.power).where(PersonPower.person_id == person_id)).all()
    pairs = frozenset((agency, role) for agency, role in roles)
    return Actor(
        id=person.id,
        username=person.username,
        name=person.name,
        agencies=frozenset(agencies) | {agency for agency, _ in pairs},
        roles=pairs,
        powers=frozenset(Power(power) for power in powers),
        locale=person.locale,
    )


def actor_of_token(uow: UnitOfWork, token_hash: str) -> Actor | None:
    """Whom a bearer token speaks for; None when it is unknown, expired, revoked or its person is not active.

    Args:
        token_hash: SHA-256 of the token, hexadecimal.
    """
    person_id = uow.session.scalars(
        select(ApiToken.person_id)
        .join(Person, Person.id == ApiToken.person_id)
        .where(
            ApiToken.hash == token_hash,
            ApiToken.revoked_at.is_(None),
            or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > uow.now()),
            Person.active.is_(True),
        )
    ).one_or_none()
    return None if person_id is None else actor_of(uow, person_id)


def agencies(uow: UnitOfWork) -> list[AgencyRow]:
    """Every agency with its roles, in the order of their keys."""
    roles: defaultdict[str, list[RoleRow]] = defaultdict(list)
    for role in uow.session.scalars(select(Role).order_by(Role.agency_key, Role.key)):
        roles[role.agency_key].append(RoleRow(role.key, role.name_id, role.name_en))
    return [
        AgencyRow(agency.key, agency.name_id, agency.name_en, tuple(roles[agency.key]))
        for agency in uow.session.scalars(select(Agency).order_by(Agency.key))
    ]


def people(uow: UnitOfWork) -> list[PersonRow]:
    """Everybody with an account, in the order of their user names. Who may ask is the use-case's business."""
    members: defaultdict[str, list[str]] = defaultdict(list)
    for member in uow.session.scalars(select(Member).order_by(Member.agency_key)):
        members[member.person_id].append(member.agency_key)
    roles: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for held in uow.session.scalars(select(PersonRole).order_by(PersonRole.agency_key, PersonRole.role_key)):
        roles[held.person_id].append((held.agency_key, held.role_key))
    powers: defaultdict[str, list[Power]] = defaultdict(list)
    for given in uow.session.scalars(select(PersonPower).order_by(PersonPower.power)):
        powers[given.person_id].append(Power(given.power))
    return [
        PersonRow(
            person.id,
            person.username,
            person.name,
            person.locale,
            person.active,
            tuple(members[person.id]),
            tuple(roles[person.id]),
            tuple(powers[person.id]),
        )
        for person in uow.session.scalars(select(Person).order_by(Person.username))
    ]
