"""Working time: pure arithmetic over opening hours and days off."""

from engine.calendar.settings import CalendarInvalid, from_settings
from engine.calendar.working import WorkingCalendar

__all__ = ["CalendarInvalid", "WorkingCalendar", "from_settings"]
