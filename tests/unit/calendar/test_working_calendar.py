"""The working calendar: the city's own examples, half days, changes of the clock, and a count of every minute."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn.model import TimerKind
from engine.bpmn.step import World
from engine.bpmn.times import due
from engine.calendar import CalendarInvalid, WorkingCalendar, from_settings

WITA = ZoneInfo("Asia/Makassar")
MON_FRI = {day: ["07:30-16:00"] for day in ("mon", "tue", "wed", "thu")} | {"fri": ["07:30-16:30"]}
HOLIDAYS = [
    *(
        "2026-01-01",
        "2026-01-16",
        "2026-02-16/2026-02-17",
        "2026-03-18/2026-03-24",
        "2026-04-03",
        "2026-04-05",
    ),
    *(
        "2026-05-01",
        "2026-05-14/2026-05-15",
        "2026-05-27/2026-05-28",
        "2026-05-31",
        "2026-06-01",
        "2026-06-16",
    ),
    *("2026-08-17", "2026-08-25", "2026-12-24/2026-12-25"),
]
NATIONAL: Mapping[str, Any] = {
    "time_zone": "Asia/Makassar",
    "hours": MON_FRI,
    "holidays": HOLIDAYS,
    "closing": "16:00",
}
CITY = from_settings(NATIONAL)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WITA)


@pytest.mark.parametrize(
    ("start", "days", "due_on"),
    [
        ("2026-04-06T09:00", 14, "2026-04-24"),
        ("2026-04-06T09:00", 7, "2026-04-15"),
        ("2026-04-06T09:00", 20, "2026-05-05"),
        ("2026-03-12T10:00", 25, "2026-04-24"),
        ("2026-03-12T10:00", 5, "2026-03-26"),
        ("2026-06-02T08:00", 25, "2026-07-08"),
        ("2026-06-18T08:00", 20, "2026-07-16"),
        ("2026-07-01T08:00", 25, "2026-08-05"),
        ("2026-03-17T15:00", 1, "2026-03-25"),
        ("2026-04-11T09:00", 1, "2026-04-13"),
        ("2026-04-03T09:00", 1, "2026-04-06"),
    ],
)
def test_days_end_where_the_city_says(start: str, days: int, due_on: str) -> None:
    found = CITY.due_after(at(start), f"P{days}D")
    assert found == at(f"{due_on}T16:00")
    assert CITY.working_days_between(at(start), found) == days


@pytest.mark.parametrize(
    ("off", "due_on"),
    [
        (["2027-03-08", "2027-03-10/2027-03-11"], "2027-03-18"),
        (["2027-03-08/2027-03-12", "2027-03-15"], "2027-03-23"),
    ],
)
def test_joint_leave_added_later_moves_the_due_date(off: list[str], due_on: str) -> None:
    calendar = from_settings({**NATIONAL, "holidays": off})
    assert calendar.due_after(at("2027-03-01T09:00"), "P10D") == at(f"{due_on}T16:00")


@pytest.mark.parametrize(
    ("start", "duration", "end"),
    [
        ("2026-04-06T09:00", "PT1H", "2026-04-06T10:00"),
        ("2026-04-06T15:00", "PT1H", "2026-04-06T16:00"),
        ("2026-04-06T15:00", "PT1H1S", "2026-04-07T07:30:01"),
        ("2026-04-06T06:00", "PT8H30M", "2026-04-06T16:00"),
        ("2026-04-10T16:00", "PT1H", "2026-04-13T08:00"),
        ("2026-04-12T12:00", "PT90M", "2026-04-13T09:00"),
        ("2026-04-06T12:00", "PT0S", "2026-04-06T12:00"),
        ("2026-04-06T12:00", "P0D", "2026-04-06T12:00"),
    ],
)
def test_hours_run_while_the_office_is_open(start: str, duration: str, end: str) -> None:
    assert CITY.due_after(at(start), duration) == at(end)


def test_a_lunch_break_and_a_half_day_are_not_working_time() -> None:
    calendar = from_settings(
        {
            "time_zone": "Asia/Makassar",
            "hours": {"mon": ["07:30-12:00", "13:00-16:00"], "tue": ["08:00-11:00"], "sat": ["08:00-12:00"]},
            "days": ["mon", "tue"],
            "special": {"2026-04-15": ["08:00-10:00"]},
        }
    )
    assert calendar.due_after(at("2026-04-06T11:00"), "PT2H") == at("2026-04-06T14:00")
    assert not calendar.is_working(at("2026-04-06T12:30"))
    assert calendar.is_working(at("2026-04-11T09:00"))
    assert calendar.due_after(at("2026-04-07T09:00"), "P1D") == at("2026-04-13T16:00")
    assert calendar.due_after(at("2026-04-13T09:00"), "P1D") == at("2026-04-14T11:00")
    assert calendar.due_after(at("2026-04-14T09:00"), "P1D") == at("2026-04-15T10:00")
    short = from_settings({**NATIONAL, "special": {"2026-04-07": ["07:30-11:00"]}})
    assert short.due_after(at("2026-04-06T09:00"), "P1D") == at("2026-04-07T11:00")


def test_an_hour_is_an_hour_when_the_clock_changes() -> None:
    rome = from_settings(
        {"time_zone": "Europe/Rome", "hours": {"sun": ["00:00-24:00"], "sat": ["00:00-24:00"]}}
    )
    start = datetime(2026, 3, 28, 23, 0, tzinfo=ZoneInfo("Europe/Rome"))
    assert rome.due_after(start, "PT4H") == start.astimezone(UTC) + timedelta(hours=4)
    sunday = datetime(2026, 3, 29, tzinfo=ZoneInfo("Europe/Rome"))
    assert rome.working_time_between(sunday, sunday + timedelta(days=1)) == timedelta(hours=23)


def test_days_left_count_down_and_go_on_below_zero() -> None:
    due_at = at("2026-04-15T16:00")
    left = [
        CITY.working_days_left(at(f"2026-04-{day}T09:00"), due_at) for day in ("10", "14", "15", "16", "20")
    ]
    assert left == [3, 1, 0, -1, -3]


def test_a_timer_in_working_days_uses_the_calendar() -> None:
    world = World(at("2026-04-06T09:00"), CITY)
    assert due(TimerKind.DURATION, "working:P14D", world).at == at("2026-04-24T16:00")
    assert due(TimerKind.DATE, "2026-04-07T09:00:00", world).at == at("2026-04-07T09:00")


@pytest.mark.parametrize(
    "duration", ["P1M", "P1W", "P1DT2H", "PT", "P", "-P1D", "5", "", "P1.5D", "P99999D", "PT999999H"]
)
def test_a_duration_that_is_no_working_time_is_told(duration: str) -> None:
    with pytest.raises(ValueError, match=r"[Ww]orking"):
        CITY.due_after(at("2026-04-06T09:00"), duration)


def test_a_calendar_may_extend_another() -> None:
    city = from_settings({"extends": "nasional", "holidays": ["2026-11-11"]}, {"nasional": NATIONAL})
    start = at("2026-11-10T09:00")
    assert city.due_after(start, "P1D") == at("2026-11-12T16:00")
    assert CITY.due_after(start, "P1D") == at("2026-11-11T16:00")
    assert not city.is_working_day(date(2026, 12, 24))


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": None}, "time_zone"),
        ({"hours": {}}, "hours"),
        ({"hours": {"mo": ["07:30-16:00"]}}, "hours.mo"),
        ({"hours": {"mon": "07:30-16:00"}}, "hours.mon"),
        ({"hours": {"mon": ["07:30"]}}, "hours.mon"),
        ({"hours": {"mon": ["16:00-07:30"]}}, "hours.mon"),
        ({"hours": {"mon": ["08:00-12:00", "11:00-13:00"]}}, "hours.mon"),
        ({"hours": {"mon": ["8-12"]}}, "hours.mon"),
        ({"days": ["sun"]}, "days"),
        ({"days": []}, "days"),
        ({"holidays": ["1 May"]}, "holidays"),
        ({"holidays": "2026-05-01"}, "holidays"),
        ({"holidays": ["2026-05-01/2026-04-01"]}, "holidays"),
        ({"special": {"2026-05-04": []}}, "special.2026-05-04"),
        ({"closing": "late"}, "closing"),
        ({"extends": "moon"}, "extends"),
        ({"opening": "08:00"}, "opening"),
    ],
)
def test_settings_that_make_no_calendar_are_told_by_their_key(change: dict[str, Any], key: str) -> None:
    with pytest.raises(CalendarInvalid) as refused:
        from_settings({**NATIONAL, **change})
    assert refused.value.key == key
    assert key in str(refused.value)


# Every minute of the years is looked at one by one, by rules written down a second time.

HALF_HOURS = [time(h, m) for h in range(24) for m in (0, 30)]


@st.composite
def calendars(draw: st.DrawFn) -> WorkingCalendar:
    hours: dict[str, list[str]] = {}
    for day in draw(st.sets(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), min_size=1)):
        places = sorted(
            draw(st.sets(st.integers(0, 47), min_size=2, max_size=4).filter(lambda s: len(s) % 2 == 0))
        )
        clocks = [HALF_HOURS[place].strftime("%H:%M") for place in places]
        hours[day] = [f"{a}-{b}" for a, b in zip(clocks[::2], clocks[1::2], strict=True)]
    off = draw(st.sets(st.integers(0, 40), max_size=8))
    return from_settings(
        {
            "time_zone": draw(st.sampled_from(["Asia/Makassar", "Europe/Rome", "UTC", "America/New_York"])),
            "hours": hours,
            "holidays": [(date(2026, 3, 1) + timedelta(days=n)).isoformat() for n in off],
        }
    )


def open_by_rule(calendar: WorkingCalendar, moment: datetime) -> bool:
    local = moment.astimezone(calendar.timezone)
    if local.date() in calendar.holidays:
        return False
    return any(a <= local.time() < b for a, b in calendar.hours.get(local.weekday(), ()))


starts = st.integers(0, 30 * 24 * 60).map(lambda n: datetime(2026, 3, 10, tzinfo=UTC) + timedelta(minutes=n))


@settings(max_examples=150, deadline=None)
@given(calendars(), starts, st.integers(1, 600))
def test_working_minutes_agree_with_counting_each_one(
    calendar: WorkingCalendar, start: datetime, minutes: int
) -> None:
    # Clocks change at hours that some of these offices are open; a repeated hour is open twice by neither rule.
    moment, left = start, minutes
    while left:
        left -= open_by_rule(calendar, moment)
        moment += timedelta(minutes=1)
        if _near_a_clock_change(moment, calendar):
            return
    assert calendar.due_after(start, f"PT{minutes}M") == moment
    assert calendar.working_time_between(start, moment) == timedelta(minutes=minutes)


def _near_a_clock_change(moment: datetime, calendar: WorkingCalendar) -> bool:
    later = moment + timedelta(hours=3)
    earlier = moment - timedelta(hours=3)
    return (
        later.astimezone(calendar.timezone).utcoffset() != earlier.astimezone(calendar.timezone).utcoffset()
    )


@settings(max_examples=150, deadline=None)
@given(calendars(), starts, st.integers(1, 40))
def test_working_days_agree_with_counting_each_one(
    calendar: WorkingCalendar, start: datetime, days: int
) -> None:
    day, left = start.astimezone(calendar.timezone).date(), days
    while left:
        day += timedelta(days=1)
        left -= day.weekday() in calendar.hours and day not in calendar.holidays
    last = calendar.hours[day.weekday()][-1][1]
    assert calendar.due_after(start, f"P{days}D") == datetime.combine(day, last, calendar.timezone)
