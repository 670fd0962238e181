"""An administrator sets up agencies and their roles: what is new is made, what differs is changed."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from engine.calendar.settings import CalendarInvalid, from_settings
from engine.errors import Conflict, Invalid, NotFound
from engine.model import Agency, Role
from engine.states import Audit
from engine.store.people import roles_of
from engine.store.uow import UnitOfWork
from engine.usecases.access import require_administrator

NAME_LIMIT = 200
_AGENCY_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_ROLE_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_FORMULA = ("=", "+", "-", "@")


class Effect(StrEnum):
    """What a wish did."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class RoleWish:
    """A role as it shall be. Without names, one that exists keeps its own, and a new one is called by its key."""

    key: str
    name_id: str | None = None
    name_en: str | None = None


@dataclass(frozen=True, slots=True)
class AgencyWish:
    """An agency as it shall be.

    Attributes:
        name_id, name_en: None = as they are; a new agency needs both.
        roles: to be there; roles that are not named stay, since running cases may be on their way to them.
        calendar: settings of a working calendar (engine.calendar.settings); None = as it is.
    """

    key: str
    name_id: str | None = None
    name_en: str | None = None
    roles: tuple[RoleWish, ...] = ()
    calendar: Mapping[str, Any] | None = None


def create_agency(uow: UnitOfWork, wish: AgencyWish) -> None:
    """Raises Conflict ``agency_exists``; else as ``put_agency``."""
    require_administrator(uow.actor)
    if _find(uow, wish.key) is not None:
        raise Conflict(f"There is an agency {wish.key} already.", code="agency_exists", agency=wish.key)
    put_agency(uow, wish)


def change_agency(uow: UnitOfWork, wish: AgencyWish) -> Effect:
    """Raises NotFound: no such agency; else as ``put_agency``."""
    require_administrator(uow.actor)
    if _find(uow, wish.key) is None:
        raise NotFound(f"There is no agency {wish.key}.", agency=wish.key)
    return put_agency(uow, wish)


def put_agency(uow: UnitOfWork, wish: AgencyWish) -> Effect:
    """Make the agency be as it is wished, with history of what that changed.

    Raises:
        NotPermitted: not an administrator.
        Invalid ``key_invalid``, ``name_invalid``, ``named_twice``, ``calendar_invalid``: nothing was changed.
    """
    require_administrator(uow.actor)
    agency = _find(uow, wish.key)
    _check(wish, new=agency is None)
    if agency is None:
        name_id, name_en = plain_name(wish.name_id), plain_name(wish.name_en)
        calendar = dict(wish.calendar) if wish.calendar is not None else None
        uow.add(Agency(key=wish.key, name_id=name_id, name_en=name_en, calendar=calendar))
        uow.flush()  # its roles point at it
        roles = _put_roles(uow, wish)
        uow.record_house(
            Audit.AGENCY_CREATED, wish.key, name=name_id, name_en=name_en, roles=roles, calendar=calendar
        )
        return Effect.NEW
    changes: dict[str, Any] = {}
    for field, wanted in (("name_id", wish.name_id), ("name_en", wish.name_en), ("calendar", wish.calendar)):
        value = plain_name(wanted) if isinstance(wanted, str) else wanted
        if value is not None and value != getattr(agency, field):
            changes[field] = {"before": getattr(agency, field), "after": value}
            setattr(agency, field, value)
    if roles := _put_roles(uow, wish):
        changes["roles"] = roles
    if not changes:
        return Effect.UNCHANGED
    uow.record_house(
        Audit.AGENCY_CHANGED, wish.key, name=agency.name_id, name_en=agency.name_en, changes=changes
    )
    return Effect.CHANGED


def plain_name(text: str | None) -> str:
    """A name for people, without space around it.

    Raises:
        Invalid ``name_invalid``: it is missing, too long, holds what cannot be printed, or begins like a formula, which a
            spreadsheet would run when somebody opens a list with it.
    """
    name = (text or "").strip()
    if not name or len(name) > NAME_LIMIT or not name.isprintable() or name.startswith(_FORMULA):
        raise Invalid(
            f"A name has 1 to {NAME_LIMIT} printable characters and does not begin with = + - or @.",
            code="name_invalid",
            name=name[:NAME_LIMIT],
        )
    return name


def twice(keys: Iterable[str]) -> None:
    """Raises Invalid ``named_twice`` when a key comes twice."""
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise Invalid(f"“{key}” is named twice.", code="named_twice", key=key)
        seen.add(key)


def _find(uow: UnitOfWork, key: str) -> Agency | None:
    try:
        return uow.get(Agency, (key,), lock=True)
    except NotFound:
        return None


def _check(wish: AgencyWish, *, new: bool) -> None:
    """Everything, before anything is written."""
    if new:
        _key(_AGENCY_KEY, wish.key, "agency: lower-case letters, digits, - and _, at most 64")
    for name in (wish.name_id, wish.name_en):
        if new or name is not None:
            plain_name(name)
    twice(role.key for role in wish.roles)
    for role in wish.roles:
        _key(_ROLE_KEY, role.key, "role: letters, digits, . - and _, at most 64")
        for name in (role.name_id, role.name_en):
            if name is not None:
                plain_name(name)
    if wish.calendar is not None:
        try:
            from_settings(wish.calendar)
        except CalendarInvalid as error:
            raise Invalid(
                f"The calendar of {wish.key} cannot be read: {error}.", code="calendar_invalid", key=error.key
            ) from error


def _key(shape: re.Pattern[str], key: str, what: str) -> None:
    if not shape.fullmatch(key):
        raise Invalid(
            f"“{key[:64]}” is no key of an {what}.".replace("an role", "a role"),
            code="key_invalid",
            key=key[:64],
        )


def _put_roles(uow: UnitOfWork, wish: AgencyWish) -> Sequence[str]:
    """Make or rename the roles; gives the keys of those that it touched."""
    known = roles_of(uow, wish.key)
    touched = []
    for role in wish.roles:
        row = known.get(role.key)
        if row is None:
            name_id, name_en = role.name_id or role.key, role.name_en or role.key
            uow.add(
                Role(
                    agency_key=wish.key,
                    key=role.key,
                    name_id=plain_name(name_id),
                    name_en=plain_name(name_en),
                )
            )
            touched.append(role.key)
            continue
        for field, wanted in (("name_id", role.name_id), ("name_en", role.name_en)):
            if wanted is not None and plain_name(wanted) != getattr(row, field):
                setattr(row, field, plain_name(wanted))
                touched.append(role.key)
    return list(dict.fromkeys(touched))
