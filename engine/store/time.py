"""The database's own clock in SQL: due dates and leases are judged by it, so that no two machines can disagree."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, literal

from engine.clock import Clock, SystemClock
from engine.model.base import UTCDateTime

_SQLITE_FORMAT = "%Y-%m-%dT%H:%M:%f000+00:00"  # as UTCDateTime writes it, to the millisecond


def sql_moment(clock: Clock, dialect: str, *, plus_s: float = 0) -> ColumnElement[datetime]:
    """The present moment, or ``plus_s`` seconds from it, as an SQL expression of type UTCDateTime.

    A clock that is set by hand (tests, rehearsals) rules instead of the database's.
    """
    if not isinstance(clock, SystemClock):
        return literal(clock.now() + timedelta(seconds=plus_s), UTCDateTime)
    moment: ColumnElement[Any]
    if dialect == "postgresql":
        # Not clock_timestamp(): it is volatile, and a volatile bound cannot use the index of due jobs.
        moment = func.statement_timestamp(type_=UTCDateTime)
        if plus_s:
            moment = moment.op("+")(func.make_interval(0, 0, 0, 0, 0, 0, plus_s))
    else:
        moment = func.strftime(_SQLITE_FORMAT, "now", f"{plus_s:+.3f} seconds", type_=UTCDateTime)
    return moment
