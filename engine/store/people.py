"""People and agencies: who somebody is, what they may do, and where they work."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, String, and_, delete, func, literal, or_, select, union_all, update

from engine.errors import NotFound
from engine.model import Actor, Agency, ApiToken, Member, Person, PersonPower, PersonRole, Role, Task
from engine.states import Power
from engine.store.literals import OPEN_TASK
from engine.store.page import Named, Page, checked_limit, cursor, paged, place
from engine.store.uow import UnitOfWork
from engine.store.visible import person_visible

_TEXT = String()


@dataclass(frozen=True, slots=True)
class AgencyRow:
    """An agency with its roles. ``calendar`` is None where the house default holds."""

    key: str
    name_id: str
    name_en: str
    roles: tuple[Named, ...]
    calendar: dict[str, object] | None

    def name(self, locale: str) -> str:
        return self.name_id if locale == "id" else self.name_en


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person as others see them: no password, no token."""

    id: str
    username: str
    name: str
    locale: str
    active: bool
    agencies: tuple[str, ...]
    roles: tuple[tuple[str, str], ...]
    powers: tuple[Power, ...]


def by_username(uow: UnitOfWork, username: str, *, lock: bool = False) -> Person | None:
    """The person's own row, with the password hash, for sign-in; locked for whoever changes it."""
    query = select(Person).where(Person.username == username)
    if lock:
        query = query.with_for_update(of=Person).execution_options(populate_existing=True)
    return uow.session.scalars(query).one_or_none()


def actor_of(uow: UnitOfWork, person_id: str) -> Actor:
    """Who the person is when acting, in one statement.

    Raises:
        NotFound: nobody, or somebody who is no longer active.
    """
    found = _actor(uow, literal(person_id))
    if found is None:
        raise NotFound("There is no active person with this id.", person=person_id)
    return found


def actor_of_session(uow: UnitOfWork, person_id: str, epoch: object) -> Actor | None:
    """Whose session this is, in one statement; None when it was ended or its owner is inactive."""
    if not isinstance(epoch, int):
        return None
    owner = select(Person.id).where(Person.id == person_id, Person.session_epoch == epoch)
    return _actor(uow, owner.scalar_subquery())


def actor_of_token(uow: UnitOfWork, token_sha256: str) -> Actor | None:
    """Whose bearer token this is (SHA-256, hex); None when it is unknown, expired, revoked or its owner inactive."""
    owner = select(ApiToken.person_id).where(
        ApiToken.hash == token_sha256,
        ApiToken.revoked_at.is_(None),
        or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > uow.now()),
    )
    return _actor(uow, owner.scalar_subquery())


def _actor(uow: UnitOfWork, person_id: ColumnElement[str]) -> Actor | None:
    empty = literal("", _TEXT)
    query = union_all(
        select(literal("id", _TEXT).label("what"), Person.id.label("one"), Person.locale.label("two")).where(
            Person.id == person_id, Person.active
        ),
        select(literal("name", _TEXT), Person.username, Person.name).where(Person.id == person_id),
        select(literal("agency", _TEXT), Member.agency_key, empty).where(Member.person_id == person_id),
        select(literal("role", _TEXT), PersonRole.agency_key, PersonRole.role_key).where(
            PersonRole.person_id == person_id
        ),
        select(literal("power", _TEXT), PersonPower.power, empty).where(PersonPower.person_id == person_id),
    )
    said: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for what, one, two in uow.session.execute(query):
        said[what].append((one, two))
    if not said["id"]:
        return None
    ((person, locale),), ((username, name),) = said["id"], said["name"]
    roles = frozenset(said["role"])
    return Actor(
        id=person,
        username=username,
        name=name,
        agencies=frozenset(key for key, _ in said["agency"]) | {agency for agency, _ in roles},
        roles=roles,
        powers=frozenset(Power(power) for power, _ in said["power"]),
        locale=locale,
    )


def agencies(uow: UnitOfWork) -> list[AgencyRow]:
    """Every agency with its roles, by key. Names of agencies are no secret."""
    roles: dict[str, list[Named]] = defaultdict(list)
    for role in uow.session.scalars(select(Role).order_by(Role.agency_key, Role.key)):
        roles[role.agency_key].append(Named(role.key, role.name_id, role.name_en))
    return [
        AgencyRow(a.key, a.name_id, a.name_en, tuple(roles[a.key]), a.calendar)
        for a in uow.session.scalars(select(Agency).order_by(Agency.key))
    ]


def roles_of(uow: UnitOfWork, agency: str) -> dict[str, Role]:
    """The roles of an agency by key, to be changed."""
    return {role.key: role for role in uow.session.scalars(select(Role).where(Role.agency_key == agency))}


def set_memberships(
    uow: UnitOfWork,
    person_id: str,
    *,
    agencies: Collection[str],
    roles: Collection[tuple[str, str]],
    powers: Collection[Power],
) -> None:
    """Let the person work in just these agencies and roles, with just these powers."""
    uow.flush()
    for model in (PersonRole, Member, PersonPower):
        uow.session.execute(delete(model).where(model.person_id == person_id))
    uow.insert(Member, [{"person_id": person_id, "agency_key": key} for key in sorted(agencies)])
    uow.insert(
        PersonRole,
        [{"person_id": person_id, "agency_key": agency, "role_key": role} for agency, role in sorted(roles)],
    )
    uow.insert(PersonPower, [{"person_id": person_id, "power": power.value} for power in sorted(powers)])


def held_count(uow: UnitOfWork, person_id: str) -> int:
    """How many open tasks the person holds; for administrators, who see none of them."""
    held = select(func.count()).select_from(Task).where(Task.assignee == person_id, OPEN_TASK)
    return uow.session.scalar(held) or 0


def revoke_tokens(uow: UnitOfWork, person_id: str) -> None:
    """End every API token of the person."""
    still_good = update(ApiToken).where(ApiToken.person_id == person_id, ApiToken.revoked_at.is_(None))
    uow.session.execute(still_good.values(revoked_at=uow.now()))


def somebody_administers(uow: UnitOfWork) -> bool:
    """Whether there is an active administrator who has a password."""
    query = (
        select(Person.id)
        .join(PersonPower, PersonPower.person_id == Person.id)
        .where(
            PersonPower.power == Power.ADMINISTRATOR.value, Person.active, Person.password_hash.is_not(None)
        )
    )
    return uow.session.scalar(query.limit(1)) is not None


def other_administrators(uow: UnitOfWork, person_id: str) -> bool:
    """Whether somebody else who is active may administer; nobody can stop being one meanwhile."""
    query = (
        select(Person.id)
        .join(PersonPower, PersonPower.person_id == Person.id)
        .where(PersonPower.power == Power.ADMINISTRATOR.value, Person.active)
        .order_by(Person.id)
        .with_for_update()
    )
    return any(found != person_id for found in uow.session.scalars(query))


def usernames(uow: UnitOfWork) -> frozenset[str]:
    """The user names of all active people, for admission."""
    return frozenset(uow.session.scalars(select(Person.username).where(Person.active)))


def people(
    uow: UnitOfWork,
    *,
    agency: str | None = None,
    q: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[PersonRow]:
    """People by user name: all of them for administrators, colleagues for others."""
    query = select(Person).where(person_visible(uow.actor))
    if agency is not None:
        works_there = select(Member.person_id).where(
            Member.person_id == Person.id, Member.agency_key == agency
        )
        query = query.where(works_there.exists())
    if q:
        query = query.where(
            or_(Person.username.icontains(q, autoescape=True), Person.name.icontains(q, autoescape=True))
        )
    if after is not None:
        query = query.where(Person.username > place("people", after, [str])[0])
    query = query.order_by(Person.username).limit(checked_limit(limit) + 1)
    found = uow.session.scalars(query).all()
    more = _memberships(uow, [person.id for person in found])
    return paged(found, limit, lambda p: _row(p, more), lambda p: cursor("people", p.username))


def person(uow: UnitOfWork, username: str) -> PersonRow:
    """One person.

    Raises:
        NotFound: nobody, or nobody whom the actor may see.
    """
    query = select(Person).where(and_(Person.username == username, person_visible(uow.actor)))
    found = uow.session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(f"There is no person {username} for you.", username=username)
    return _row(found, _memberships(uow, [found.id]))


_Memberships = dict[str, tuple[list[str], list[tuple[str, str]], list[Power]]]


def _memberships(uow: UnitOfWork, ids: list[str]) -> _Memberships:
    found: _Memberships = {person_id: ([], [], []) for person_id in ids}
    if ids:
        for row in uow.session.scalars(select(Member).where(Member.person_id.in_(ids))):
            found[row.person_id][0].append(row.agency_key)
        for role in uow.session.scalars(select(PersonRole).where(PersonRole.person_id.in_(ids))):
            found[role.person_id][1].append((role.agency_key, role.role_key))
        for power in uow.session.scalars(select(PersonPower).where(PersonPower.person_id.in_(ids))):
            found[power.person_id][2].append(Power(power.power))
    return found


def _row(person: Person, more: _Memberships) -> PersonRow:
    agencies, roles, powers = more[person.id]
    return PersonRow(
        id=person.id,
        username=person.username,
        name=person.name,
        locale=person.locale,
        active=person.active,
        agencies=tuple(sorted(agencies)),
        roles=tuple(sorted(roles)),
        powers=tuple(sorted(powers)),
    )
