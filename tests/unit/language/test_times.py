"""Timers: dates, durations, cycles, working time, and what is refused with a sentence."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.bpmn.model import TimerKind
from engine.bpmn.step import World
from engine.bpmn.times import Due, due, due_at, following, problem_with

NOW = datetime(2026, 4, 6, 1, 0, tzinfo=UTC)  # 09:00 in Kota Muara Lestari


class CityCalendar:
    timezone = ZoneInfo("Asia/Makassar")

    def due_after(self, start: datetime, duration: str) -> datetime:
        return {"P5D": datetime(2026, 4, 13, 8, 0, tzinfo=UTC)}[duration]


WORLD = World(NOW, CityCalendar())


@pytest.mark.parametrize(
    ("kind", "value", "at"),
    [
        (TimerKind.DURATION, "PT1H", NOW + timedelta(hours=1)),
        (TimerKind.DURATION, " P2D ", NOW + timedelta(days=2)),
        (TimerKind.DURATION, "P1M", datetime(2026, 5, 6, 1, 0, tzinfo=UTC)),
        (TimerKind.DURATION, "PT0S", NOW),
        (TimerKind.DURATION, "working:P5D", datetime(2026, 4, 13, 8, 0, tzinfo=UTC)),
        (TimerKind.DATE, "2026-04-07T09:00:00Z", datetime(2026, 4, 7, 9, 0, tzinfo=UTC)),
        (TimerKind.DATE, "2026-04-07T09:00:00+07:00", datetime(2026, 4, 7, 2, 0, tzinfo=UTC)),
        (TimerKind.DATE, "2026-04-07T09:00:00", datetime(2026, 4, 7, 1, 0, tzinfo=UTC)),
        (TimerKind.DATE, date(2026, 4, 7), datetime(2026, 4, 6, 16, 0, tzinfo=UTC)),
        (TimerKind.DATE, datetime(2026, 4, 7, 9, 0), datetime(2026, 4, 7, 1, 0, tzinfo=UTC)),  # noqa: DTZ001
        (TimerKind.DATE, "working:P5D", datetime(2026, 4, 13, 8, 0, tzinfo=UTC)),
    ],
)
def test_a_timer_is_due_when_it_says(kind: TimerKind, value: object, at: datetime) -> None:
    assert due(kind, value, WORLD) == Due(at)


def test_a_cycle_fires_as_often_as_it_says() -> None:
    first = due(TimerKind.CYCLE, "R3/PT1H", WORLD)
    fired = [first]
    while (later := following(fired[-1], WORLD)) is not None:
        fired.append(later)
    assert [one.at for one in fired] == [NOW + timedelta(hours=n) for n in (1, 2, 3)]


def test_a_cycle_without_a_count_has_no_end() -> None:
    first = due(TimerKind.CYCLE, "R/PT24H", WORLD)
    assert first.repeat_left is None
    later = following(first, WORLD)
    assert later is not None
    assert later.at == first.at + timedelta(days=1)


def test_a_cycle_with_a_start_fires_first_at_its_start() -> None:
    first = due(TimerKind.CYCLE, "R2/2026-05-01T00:00:00Z/PT1H", WORLD)
    assert first == Due(datetime(2026, 5, 1, tzinfo=UTC), 1, "PT1H")


def test_a_cycle_that_began_in_the_past_goes_on_with_the_next() -> None:
    assert due(TimerKind.CYCLE, "R5/2026-04-06T00:30:00Z/PT1H", WORLD) == Due(
        datetime(2026, 4, 6, 1, 30, tzinfo=UTC), 3, "PT1H"
    )


def test_a_cycle_that_is_over_is_due_at_once() -> None:
    assert due(TimerKind.CYCLE, "R2/2026-01-01T00:00:00Z/PT1H", WORLD) == Due(
        datetime(2026, 1, 1, 1, 0, tzinfo=UTC), 0, "PT1H"
    )


def test_a_cycle_that_began_years_ago_costs_nothing() -> None:
    assert due(TimerKind.CYCLE, "R/1990-01-01T00:00:00Z/PT1S", WORLD).at == NOW
    assert due(TimerKind.CYCLE, "R/1990-01-15T00:00:00Z/P1M", WORLD).at == datetime(
        2026, 4, 15, 0, 0, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("kind", "value", "word"),
    [
        (TimerKind.CYCLE, "0 0 25 * * ?", "field hour"),
        (TimerKind.CYCLE, "0 99 9 * * ?", "field minute"),
        (TimerKind.CYCLE, "0 0 9 15W * ?", "15W"),
        (TimerKind.CYCLE, "0 0 9 L-3 * ?", "L-3"),
        (TimerKind.CYCLE, "0 0 9 ? * 2-6", "write names"),
        (TimerKind.CYCLE, "0 0 9 13 * FRI", "Write \\? for one"),
        (TimerKind.CYCLE, "0 0 9 ? * FRI#6", "field day of week"),
        (TimerKind.CYCLE, "0 0 9 ? * FRI 1969", "field year"),
        (TimerKind.CYCLE, "0 0 9 30 2 ?", "cannot be read|never comes"),
        (TimerKind.CYCLE, "0 0 9 1 1 ? 2025", "never comes again"),
        (TimerKind.CYCLE, "@reboot", "@daily"),
        (TimerKind.DURATION, "0 0 9 ? * MON-FRI", "cron"),
        (TimerKind.CYCLE, "PT1H", "R3/PT1H"),
        (TimerKind.CYCLE, "R/PT0S", "faster"),
        (TimerKind.CYCLE, "R/PT0.5S", "faster"),
        (TimerKind.CYCLE, "R0/PT1H", "0 times"),
        (TimerKind.CYCLE, "R3/PT1H/2026-05-01T00:00:00Z", "begins"),
        (TimerKind.DURATION, "5 days", "ISO 8601"),
        (TimerKind.DURATION, "-PT1H", "negative"),
        (TimerKind.DURATION, "P9000Y", "beyond"),
        (TimerKind.DURATION, "P" + "9" * 40 + "D", "ISO 8601"),
        (TimerKind.DURATION, "working:soon", "ISO 8601"),
        (TimerKind.DURATION, None, "date or a duration"),
        (TimerKind.DATE, 5, "date or a duration"),
        (TimerKind.DATE, "tomorrow", "ISO 8601"),
        (TimerKind.DATE, "", "date or a duration"),
    ],
)
def test_what_is_no_timer_is_told_in_a_sentence(kind: TimerKind, value: object, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        due(kind, value, WORLD)


def test_constant_timers_are_checked_without_a_case() -> None:
    assert problem_with(TimerKind.DURATION, "PT1H") is None
    assert problem_with(TimerKind.CYCLE, "R/working:P1D") is None
    assert problem_with(TimerKind.CYCLE, "0 0 * * *") is None
    assert "cron" in (problem_with(TimerKind.DURATION, "0 0 * * *") or "")


def test_a_due_date_takes_dates_and_durations_alike() -> None:
    assert due_at("P1D", WORLD) == NOW + timedelta(days=1)
    assert due_at("2026-04-07", WORLD) == datetime(2026, 4, 6, 16, 0, tzinfo=UTC)


@given(st.text(max_size=40))
def test_any_text_is_a_timer_or_a_sentence(text: str) -> None:
    for kind in TimerKind:
        with suppress(ValueError):
            due(kind, text.replace("working:", ""), WORLD)
