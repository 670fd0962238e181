"""The working calendars of agencies, read once a page."""

from engine.calendar import WorkingCalendar, from_settings
from engine.store.calendars import HOUSE_DEFAULT, calendars
from engine.store.uow import UnitOfWork


class Calendars:
    """Answers with an agency's calendar, or with the house's for agencies that have set up none."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._settings: dict[str, dict[str, object]] | None = None
        self._known: dict[str, WorkingCalendar] = {}

    def of(self, agency_key: str) -> WorkingCalendar:
        if self._settings is None:
            self._settings = calendars(self._uow)
        if agency_key not in self._known:
            self._known[agency_key] = from_settings(self._settings.get(agency_key, HOUSE_DEFAULT))
        return self._known[agency_key]
