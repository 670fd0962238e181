"""Cron of Quartz, Spring and Unix: one form, and the moments it names by the clocks of the process's calendar."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.bpmn.cron import Cron, canonical
from engine.bpmn.model import TimerKind
from engine.bpmn.step import World
from engine.bpmn.times import Due, after_now, due, following

CITY = ZoneInfo("Asia/Makassar")
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 4, 6, 1, 0, tzinfo=UTC)  # 09:00 in the city


class Calendar:
    def __init__(self, timezone: ZoneInfo) -> None:
        self.timezone = timezone

    def due_after(self, start: datetime, duration: str) -> datetime:
        raise AssertionError("cron is no working time")


def local(text: str, zone: ZoneInfo = CITY) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "next_ones"),
    [
        # Quartz, as in its own documentation
        ("0 0 12 * * ?", ["2026-04-06T12:00", "2026-04-07T12:00"]),
        ("0 15 10 ? * *", ["2026-04-06T10:15", "2026-04-07T10:15"]),
        ("0 15 10 * * ? 2027", ["2027-01-01T10:15", "2027-01-02T10:15"]),
        ("0 0/5 14 * * ?", ["2026-04-06T14:00", "2026-04-06T14:05"]),
        ("0 10,44 14 ? 3 WED", ["2027-03-03T14:10", "2027-03-03T14:44"]),
        ("0 15 10 ? * MON-FRI", ["2026-04-06T10:15", "2026-04-07T10:15"]),
        ("0 15 10 15 * ?", ["2026-04-15T10:15", "2026-05-15T10:15"]),
        ("0 15 10 L * ?", ["2026-04-30T10:15", "2026-05-31T10:15"]),
        ("0 15 10 LW * ?", ["2026-04-30T10:15", "2026-05-29T10:15"]),
        ("0 15 10 ? * 6L", ["2026-04-24T10:15", "2026-05-29T10:15"]),
        ("0 15 10 ? * 6L 2026-2028", ["2026-04-24T10:15", "2026-05-29T10:15"]),
        ("0 15 10 ? * 6#3", ["2026-04-17T10:15", "2026-05-15T10:15"]),
        ("0 0 12 1/5 * ?", ["2026-04-06T12:00", "2026-04-11T12:00"]),
        ("0 11 11 11 11 ?", ["2026-11-11T11:11", "2027-11-11T11:11"]),
        ("0 0 22 1/1 * ? *", ["2026-04-06T22:00", "2026-04-07T22:00"]),
        ("0 0 9 ? * 2", ["2026-04-13T09:00", "2026-04-20T09:00"]),  # 2 is Monday
        ("0 0 9 ? * 1-7", ["2026-04-07T09:00", "2026-04-08T09:00"]),
        ("0 0 9 ? * FRI-MON", ["2026-04-10T09:00", "2026-04-11T09:00"]),
        ("0 0 9 ? * L", ["2026-04-11T09:00", "2026-04-18T09:00"]),
        ("15,45 59 23 ? * SUN", ["2026-04-12T23:59:15", "2026-04-12T23:59:45"]),
        ("30 0 9 * * ?", ["2026-04-06T09:00:30", "2026-04-07T09:00:30"]),
        ("0 0 9 29 2 ?", ["2028-02-29T09:00", "2032-02-29T09:00"]),
        # Unix
        ("0 9 * * 1-5", ["2026-04-07T09:00", "2026-04-08T09:00"]),
        ("*/30 8-9 * * *", ["2026-04-06T09:30", "2026-04-07T08:00"]),
        ("0 9 * * 0", ["2026-04-12T09:00", "2026-04-19T09:00"]),
        ("0 9 * * 7", ["2026-04-12T09:00", "2026-04-19T09:00"]),
        ("0 9 13 * 5", ["2026-04-10T09:00", "2026-04-13T09:00"]),  # either, as Unix has it
        ("@weekly", ["2026-04-12T00:00", "2026-04-19T00:00"]),
        ("@hourly", ["2026-04-06T10:00", "2026-04-06T11:00"]),
    ],
)
def test_a_cron_fires_when_it_says_by_the_clocks_of_the_process(text: str, next_ones: list[str]) -> None:
    world = World(MONDAY, Calendar(CITY))
    first = due(TimerKind.CYCLE, canonical(text, sunday=1), world)
    second = following(first, world)
    assert second is not None
    assert [first.at, second.at] == [local(text) for text in next_ones]
    assert first.repeat_left is None


@pytest.mark.parametrize(
    ("text", "quartz", "spring"),
    [
        ("0 0 9 * * 2", "0 0 9 * * MON", "0 0 9 * * TUE"),
        ("0 0 9 ? * 2-6", "0 0 9 ? * MON,TUE,WED,THU,FRI", "0 0 9 ? * TUE,WED,THU,FRI,SAT"),
        ("0 0 9 ? * 7", "0 0 9 ? * SAT", "0 0 9 ? * SUN"),
        ("0 0 9 ? * 5L", "0 0 9 ? * THUL", "0 0 9 ? * FRIL"),
        ("0 0 9 ? * 2/2", "0 0 9 ? * MON,WED,FRI", "0 0 9 ? * TUE,THU,SAT"),
        ("@daily", "0 0 * * *", "0 0 * * *"),
    ],
)
def test_the_number_of_a_weekday_means_what_the_dialect_says(text: str, quartz: str, spring: str) -> None:
    assert (canonical(text, sunday=1), canonical(text, sunday=0)) == (quartz, spring)


def test_a_time_that_the_clocks_leave_out_is_not_lost_and_one_that_comes_twice_fires_once() -> None:
    cron = Cron.read("0 30 2 * * ?")
    before = local("2026-03-28T12:00", BERLIN)
    spring = [before]
    for _ in range(2):
        found = cron.after(spring[-1], BERLIN)
        assert found is not None
        spring.append(found)
    assert spring[1:] == [datetime(2026, 3, 29, 1, 0, tzinfo=UTC), datetime(2026, 3, 30, 0, 30, tzinfo=UTC)]
    first = cron.after(local("2026-10-24T12:00", BERLIN), BERLIN)
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert first is not None
    assert cron.after(first, BERLIN) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)
    # armed in the second of the two hours
    assert cron.after(datetime(2026, 10, 25, 1, 10, tzinfo=UTC), BERLIN) == datetime(
        2026, 10, 26, 1, 30, tzinfo=UTC
    )


def test_times_that_were_missed_are_used_up() -> None:
    late = World(MONDAY + timedelta(days=3, minutes=1), Calendar(CITY))
    cron = Due(MONDAY, None, "cron:0 0 9 * * ?")
    assert after_now(cron, late) == Due(MONDAY + timedelta(days=4), None, "cron:0 0 9 * * ?")
    assert after_now(Due(MONDAY, 9, "P1D"), late) == Due(MONDAY + timedelta(days=4), 5, "P1D")
    assert after_now(Due(MONDAY, 2, "P1D"), late) is None
    assert after_now(Due(MONDAY, 0, None), late) is None
    on_time = World(MONDAY + timedelta(days=1), Calendar(CITY))
    assert after_now(cron, on_time) == Due(on_time.now, None, "cron:0 0 9 * * ?")


_FIELD = st.text("0123456789*?/,-LW#MONFRI", min_size=1, max_size=6)


@given(st.lists(_FIELD, min_size=5, max_size=7).map(" ".join))
def test_any_fields_are_a_cron_or_a_sentence(text: str) -> None:
    with suppress(ValueError):
        found = Cron.read(canonical(text, sunday=1)).after(MONDAY, CITY)
        assert found is None or found > MONDAY
