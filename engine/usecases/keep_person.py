"""An administrator sets up people: who they are, where they work, what they may do; and lets them go."""

import re
from dataclasses import dataclass, replace
from typing import Any

from engine.errors import Conflict, Invalid, NotFound
from engine.model import Actor, Person
from engine.states import Audit, Power
from engine.store import people
from engine.store.people import PersonRow
from engine.store.uow import UnitOfWork
from engine.usecases.access import require_administrator
from engine.usecases.give_back import give_back
from engine.usecases.keep_agency import Effect, plain_name

LOCALES = ("id", "en")
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class PersonWish:
    """A person as they shall be.

    Attributes:
        username: how they sign in; it never changes.
        agencies: keys of where they work, with or without a role there; that of a role counts by itself.
        roles: (agency, role) pairs.
        active: False ends sessions and tokens at once, and what they hold goes back to its queue.
    """

    username: str
    name: str
    locale: str = "id"
    agencies: frozenset[str] = frozenset()
    roles: frozenset[tuple[str, str]] = frozenset()
    powers: frozenset[Power] = frozenset()
    active: bool = True

    @property
    def works_at(self) -> frozenset[str]:
        return self.agencies | {agency for agency, _ in self.roles}


def wish_of(row: PersonRow) -> PersonWish:
    """The wish that changes nothing; ``dataclasses.replace`` makes another of it."""
    return PersonWish(
        username=row.username,
        name=row.name,
        locale=row.locale,
        agencies=frozenset(row.agencies),
        roles=frozenset(row.roles),
        powers=frozenset(row.powers),
        active=row.active,
    )


def create_person(uow: UnitOfWork, wish: PersonWish, *, password_hash: str | None = None) -> None:
    """Raises Conflict ``username_taken``; else as ``put_person``."""
    require_administrator(uow.actor)
    if people.by_username(uow, wish.username) is not None:
        raise Conflict(
            f"Somebody has the user name {wish.username} already.",
            code="username_taken",
            username=wish.username,
        )
    put_person(uow, wish, password_hash=password_hash)


def change_person(uow: UnitOfWork, username: str, /, **changes: Any) -> Effect:
    """Change some of what ``PersonWish`` says of somebody.

    Raises:
        NotFound: nobody. Else as ``put_person``.
    """
    require_administrator(uow.actor)
    return put_person(uow, replace(wish_of(people.person(uow, username)), **changes))


def put_person(uow: UnitOfWork, wish: PersonWish, *, password_hash: str | None = None) -> Effect:
    """Make the person be as wished, with history of what that changed.

    Args:
        password_hash: of somebody new; without it they cannot sign in until they are given a password.

    Raises:
        NotPermitted: not an administrator.
        Invalid ``username_invalid``, ``name_invalid``, ``locale_invalid``, ``agency_unknown``, ``role_unknown``.
        Conflict ``last_administrator``: nobody would be left who may do this. ``own_account``: nobody lets go of
            themselves, or takes the power to administer from themselves, by mistake. Nothing was changed in any case.
    """
    require_administrator(uow.actor)
    wish = replace(wish, name=plain_name(wish.name), agencies=wish.works_at)
    person = people.by_username(uow, wish.username, lock=True)
    _check(uow, wish, new=person is None)
    if person is None:
        person = Person(
            username=wish.username,
            name=wish.name,
            locale=wish.locale,
            active=wish.active,
            password_hash=password_hash,
        )
        uow.add(person)
        uow.flush()  # memberships point at it
        people.set_memberships(uow, person.id, agencies=wish.agencies, roles=wish.roles, powers=wish.powers)
        uow.record_house(Audit.PERSON_CREATED, wish.username, **_told(wish))
        return Effect.NEW
    before = wish_of(people.person(uow, wish.username))
    if before == wish:
        # What somebody claimed in the very moment their account ended goes back when it is ended once more.
        late = 0 if wish.active else give_back(uow, person.id, None)
        return Effect.CHANGED if late else Effect.UNCHANGED
    _keep_an_administrator(uow, person, before, wish)
    person.name, person.locale = wish.name, wish.locale
    people.set_memberships(uow, person.id, agencies=wish.agencies, roles=wish.roles, powers=wish.powers)
    person.active = wish.active
    if before.active and not wish.active:
        person.session_epoch += 1
        people.revoke_tokens(uow, person.id)
    left = give_back(uow, person.id, _actor(person, wish) if wish.active else None)
    was, now = _told(before), _told(wish)
    changes = {key: {"before": was[key], "after": now[key]} for key in was if was[key] != now[key]}
    kind = Audit.PERSON_CHANGED
    if before.active != wish.active:
        kind = Audit.PERSON_ACTIVATED if wish.active else Audit.PERSON_DEACTIVATED
    uow.record_house(kind, wish.username, name=wish.name, changes=changes, returned=left)
    return Effect.CHANGED


def set_password(uow: UnitOfWork, username: str, password_hash: str) -> None:
    """Give somebody a new password; whoever is signed in with the old one is signed out.

    Raises:
        NotPermitted: not an administrator. NotFound: nobody. Conflict ``person_inactive``.
    """
    require_administrator(uow.actor)
    person = people.by_username(uow, username, lock=True)
    if person is None:
        raise NotFound(f"There is no person {username}.", username=username)
    if not person.active:
        raise Conflict(f"{person.name} is not active.", code="person_inactive", username=username)
    person.password_hash = password_hash
    person.session_epoch += 1
    uow.record_house(Audit.PASSWORD_SET, username, name=person.name)


def set_own_password(uow: UnitOfWork, password_hash: str) -> int:
    """Change the actor's own password; the caller has checked the one before. Gives the epoch of sessions from now on.

    Raises:
        NotFound: nobody acts, or the account has ended meanwhile.
    """
    person = people.by_username(uow, uow.actor.username, lock=True)
    if person is None or not person.active:
        raise NotFound(f"There is no active person {uow.actor.username}.", username=uow.actor.username)
    person.password_hash = password_hash
    person.session_epoch += 1
    uow.record_house(Audit.PASSWORD_SET, person.username, name=person.name)
    return person.session_epoch


def _check(uow: UnitOfWork, wish: PersonWish, *, new: bool) -> None:
    """Everything, before anything is written."""
    if new and not _USERNAME.fullmatch(wish.username):
        raise Invalid(
            f"“{wish.username[:64]}” is no user name: lower-case letters, digits, . - and _, at most 64.",
            code="username_invalid",
            username=wish.username[:64],
        )
    if wish.locale not in LOCALES:
        raise Invalid(
            f"“{wish.locale[:8]}” is no language of Lintas; write id or en.",
            code="locale_invalid",
            locale=wish.locale[:8],
        )
    known = {agency.key: {role.key for role in agency.roles} for agency in people.agencies(uow)}
    for agency in sorted(wish.works_at):
        if agency not in known:
            raise Invalid(f"There is no agency “{agency[:64]}”.", code="agency_unknown", agency=agency[:64])
    for agency, role in sorted(wish.roles):
        if role not in known[agency]:
            raise Invalid(
                f"{agency} has no role “{role[:64]}”.", code="role_unknown", agency=agency, role=role[:64]
            )


def _keep_an_administrator(uow: UnitOfWork, person: Person, before: PersonWish, wish: PersonWish) -> None:
    def administers(who: PersonWish) -> bool:
        return who.active and Power.ADMINISTRATOR in who.powers

    if not administers(before) or administers(wish):
        return
    if person.id == uow.actor.id:
        raise Conflict(
            "Ask another administrator to do this with your own account.",
            code="own_account",
            username=wish.username,
        )
    if not people.other_administrators(uow, person.id):
        raise Conflict(
            f"{wish.name} is the last administrator; make somebody else one first.",
            code="last_administrator",
            username=wish.username,
        )


def _told(wish: PersonWish) -> dict[str, Any]:
    return {
        "name": wish.name,
        "locale": wish.locale,
        "agencies": sorted(wish.works_at),
        "roles": sorted(f"{agency}/{role}" for agency, role in wish.roles),
        "powers": sorted(wish.powers),
        "active": wish.active,
    }


def _actor(person: Person, wish: PersonWish) -> Actor:
    return Actor(
        id=person.id,
        username=person.username,
        name=wish.name,
        agencies=wish.works_at,
        roles=wish.roles,
        powers=wish.powers,
    )
