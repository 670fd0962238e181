"""The calendar that keeps a case's clock: its process's own, else that of the agency that owns the process."""

import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from engine.bpmn.step import Calendar
from engine.calendar.settings import from_settings
from engine.calendar.working import WorkingCalendar
from engine.model import Agency, Case
from engine.store.kept import Kept
from engine.store.uow import UnitOfWork
from engine.store.versions import version_of

HOUSE_DEFAULT = {
    "time_zone": "Asia/Makassar",
    "hours": {day: ["08:00-16:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
}
"""For an agency that has set up no calendar."""

FRESH_S = 30
"""An agency may add a closure at any time; every process of the house knows it after so long."""

_kept: Kept[tuple[str, int, str, int], WorkingCalendar] = Kept(256)


def calendar_of(uow: UnitOfWork, case: Case) -> Calendar:
    """The working calendar of the case's process, at most ``FRESH_S`` seconds old.

    Raises:
        CalendarInvalid: an agency's settings make no calendar.
    """
    period = int(time.monotonic() // FRESH_S)
    key = (case.process_key, case.process_version, case.owner_agency, period)
    return _kept.get(uow.database, key, lambda: _read(uow, case))


def _read(uow: UnitOfWork, case: Case) -> WorkingCalendar:
    own = version_of(uow, case.process_key, case.process_version).settings.get("calendar")
    return calendar_from(uow, own, case.owner_agency)


def calendar_from(uow: UnitOfWork, own: Mapping[str, Any] | None, owner: str) -> WorkingCalendar:
    """The calendar of a process with these settings of its own (None: none) and this owner; read anew.

    Raises:
        CalendarInvalid: the settings make no calendar.
    """
    if own:
        return from_settings(own, known=calendars(uow))
    return from_settings(settings_of(uow, owner))


def settings_of(uow: UnitOfWork, agency: str) -> dict[str, Any]:
    """What the agency has set up, or the default of the house."""
    return calendars(uow).get(agency, HOUSE_DEFAULT)


def calendars(uow: UnitOfWork) -> dict[str, dict[str, Any]]:
    """The calendar settings of every agency; a process's calendar may extend one of them."""
    rows = uow.session.execute(select(Agency.key, Agency.calendar))
    return {row.key: dict(row.calendar or HOUSE_DEFAULT) for row in rows}
