"""The sample season: the cases that the demonstration shows, and when each began."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from web.demo.plays import Play
from web.demo.restaurants import restaurant_plays
from web.demo.trade import trade_plays

LONG = timedelta(days=60)
"""More than from the first case to the moment when the demonstration starts."""

_OPENS_H = 8


def season(ends_at: datetime, *, zone: ZoneInfo) -> list[Play]:
    """Every play, placed by working days before ``ends_at``, so that it goes alike on every day of the week."""

    def workday(back: int) -> datetime:
        day = ends_at.astimezone(zone)
        while back > 0:
            day -= timedelta(days=1)
            back -= day.weekday() < 5
        return day.replace(hour=_OPENS_H, minute=0, second=0, microsecond=0)

    return [*restaurant_plays(workday), *trade_plays(workday)]
