"""Agencies or people by the list: all of them or none, with what each line does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.errors import EngineError, Invalid, NotFound
from engine.model import Actor
from engine.store import people
from engine.store.db import Database
from engine.store.uow import UnitOfWork
from engine.usecases.access import require_administrator
from engine.usecases.keep_agency import AgencyWish, Effect, put_agency
from engine.usecases.keep_person import PersonWish, change_person, put_person


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A person of a list. ``says``: fields of PersonWish that the line names; of somebody known, the others stay."""

    username: str
    says: Mapping[str, Any]


Wish = AgencyWish | PersonLine


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a line does. ``effect`` is None where it is refused; then ``refusal`` says why.

    Attributes:
        line: where the line ends in its file; of an entry without lines, its number.
        key: of the agency, or the user name; "" where the line names none.
    """

    line: int
    key: str
    effect: Effect | None
    refusal: EngineError | None = None


class _Undo(Exception):
    """Leaves the unit of work without saving."""


def import_lines(
    database: Database,
    actor: Actor,
    lines: Sequence[tuple[int, str, Wish | Invalid]],
    *,
    dry_run: bool,
    password_hashes: Mapping[str, str] | None = None,
) -> list[Outcome]:
    """Do what every line wishes, in one transaction; one that is refused undoes them all.

    Args:
        lines: number, key and wish; or why the line could not be read.
        dry_run: undo everything in the end, and only tell.
        password_hashes: of new people, by user name.

    Raises:
        NotPermitted: not an administrator.
    """
    require_administrator(actor)
    outcomes: list[Outcome] = []
    try:
        with database.unit(actor) as uow:
            for line, key, wish in lines:
                outcomes.append(_one(uow, line, key, wish, password_hashes or {}))
            if dry_run or any(outcome.effect is None for outcome in outcomes):
                raise _Undo
    except _Undo:
        pass
    return outcomes


def _one(uow: UnitOfWork, line: int, key: str, wish: Wish | Invalid, hashes: Mapping[str, str]) -> Outcome:
    if isinstance(wish, Invalid):
        return Outcome(line, key, None, wish)
    try:
        effect = put_agency(uow, wish) if isinstance(wish, AgencyWish) else _person(uow, wish, hashes)
    except EngineError as refusal:  # raised before anything of this line is written
        return Outcome(line, key, None, refusal)
    uow.flush()
    return Outcome(line, key, effect)


def _person(uow: UnitOfWork, wish: PersonLine, hashes: Mapping[str, str]) -> Effect:
    try:
        people.person(uow, wish.username)
    except NotFound:
        new = PersonWish(**{"username": wish.username, "name": "", **wish.says})
        return put_person(uow, new, password_hash=hashes.get(wish.username))
    return change_person(uow, wish.username, **wish.says)
