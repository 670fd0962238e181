"""What the database driver says, in the words of the house: what may be tried again, and what may not."""

import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import exc
from sqlalchemy.orm.exc import StaleDataError

from engine.errors import Busy, Collision, EngineError

T = TypeVar("T")

_RETRY = frozenset({"40001", "40P01", "55P03"})  # serialisation, deadlock, lock timeout: surely rolled back
_AWAY = ("08", "57P")  # connection failures; shutdown, crash, start-up
_FULL = frozenset({"53100"})
_BUSY_CODES = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_COLLISION_CODES = frozenset({sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY})

_TEXT = {
    "busy": "The database is busy with the same data; nothing was changed. Try again in a moment.",
    "database_away": "The database does not answer; nothing was changed. Try again in a moment.",
    "storage_full": "The database's disk is full; nothing was changed. An operator must make room.",
    "outcome_unknown": "The database went away while it was saving; look whether it was saved before you repeat.",
}


def retrying(work: Callable[[], T], *, tries: int = 4, pause_s: float = 0.02) -> T:
    """The result of ``work``, a function that opens its own unit, after at most ``tries`` attempts.

    Repeats what surely left nothing behind: locks, deadlocks, collisions, a database that was away. An unknown
    outcome is never repeated.

    Raises:
        Busy, Collision: what the last attempt met.
    """
    for attempt in range(1, tries + 1):
        try:
            return work()
        except (Busy, Collision) as fault:
            if attempt == tries or fault.problem_code in {"storage_full", "outcome_unknown"}:
                raise
            time.sleep(pause_s * 2**attempt * random.random())  # noqa: S311 - jitter is no secret
    raise ValueError("tries must be at least 1")


class Phase:
    """Where a unit of work stands, so that a fault is told for what it is."""

    committing = False


@contextmanager
def told(phase: Phase) -> Iterator[None]:
    """Turn the driver's errors that come out of the block into ours; others pass unchanged."""
    try:
        yield
    except exc.TimeoutError as fault:
        raise _busy("busy") from fault
    except StaleDataError as fault:
        raise Collision(
            "Somebody else changed the same row at the same moment; nothing was changed."
        ) from fault
    except exc.DBAPIError as fault:
        ours = translate(fault, committing=phase.committing)
        if ours is None:
            raise
        raise ours from fault


def translate(fault: exc.DBAPIError, *, committing: bool) -> EngineError | None:
    """Our error for a driver's error, or None when it is a fault of the code."""
    orig = fault.orig
    if isinstance(orig, sqlite3.Error):
        return _of_sqlite(orig)
    state = getattr(orig, "sqlstate", None) or ""
    if state in _RETRY:
        return _busy("busy")
    if state in _FULL:
        return _busy("storage_full")
    if state == "23505":
        return _collision()
    if state.startswith(_AWAY) or state == "53300" or fault.connection_invalidated:
        return _busy("outcome_unknown" if committing else "database_away")
    if not state and isinstance(fault, exc.OperationalError):  # no connection could be made at all
        return _busy("database_away")
    return None


def _of_sqlite(orig: sqlite3.Error) -> EngineError | None:
    extended = getattr(orig, "sqlite_errorcode", 0)
    if extended in _COLLISION_CODES:
        return _collision()
    code = extended & 0xFF
    if code in _BUSY_CODES:
        return _busy("busy")
    if code == sqlite3.SQLITE_FULL:
        return _busy("storage_full")
    if code == sqlite3.SQLITE_CANTOPEN:
        return _busy("database_away")
    return None


def _busy(code: str) -> Busy:
    return Busy(_TEXT[code], code=code)


def _collision() -> Collision:
    return Collision("Somebody else wrote the same thing at the same moment; nothing was changed. Try again.")
