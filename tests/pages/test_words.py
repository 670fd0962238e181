"""Moments, days and time left in both languages."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta

import pytest

from web.pages import words
from web.pages.back import own_path
from web.pages.time_left import day_cells, time_left

Speaking = Callable[[str], AbstractContextManager[None]]
NOW = datetime(2026, 11, 23, 0, 12, tzinfo=UTC)  # Monday 08:12 in the sample city


class Weekdays:
    """Monday to Friday, as a working calendar answers."""

    def working_days_left(self, now: datetime, due: datetime) -> int:
        step = 1 if due >= now else -1
        day, last, count = words.local(now).date(), words.local(due).date(), 0
        while day != last:
            day += timedelta(days=step)
            count += step if self.is_working_day(day) else 0
        return count

    def is_working_day(self, day: date) -> bool:
        return day.weekday() < 5


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour - 8, minute, tzinfo=UTC)


def test_a_moment_is_told_as_each_language_tells_it(speaking: Speaking) -> None:
    with speaking("id"):
        assert words.moment(local(23, 15, 30)) == "Senin 23 November 2026, 15.30"
        assert words.short_moment(local(23, 15, 30)) == "Sen 23 Nov, 15.30"
    with speaking("en"):
        assert words.moment(local(23, 15, 30)) == "Monday 23 November 2026, 15:30"


def test_numbers_have_the_languages_own_decimal_mark(speaking: Speaking) -> None:
    with speaking("id"):
        assert words.plainly(7.1) == "7,1"
        assert words.plainly(True) == "Ya"
    with speaking("en"):
        assert words.plainly(7.1) == "7.1"
        assert words.plainly("2026-11-09") == "9 November 2026"


@pytest.mark.parametrize(
    ("due_at", "said_id", "said_en", "state", "group"),
    [
        (None, "Tanpa batas waktu", "No time limit", "none", "none"),
        (local(23, 15, 30), "Hari ini, 15.30", "Today, 15:30", "soon", "today"),
        (local(24, 16), "Besok, 16.00", "Tomorrow, 16:00", "soon", "week"),
        (local(26, 16), "3 hari kerja lagi", "3 working days left", "calm", "week"),
        (local(30, 16), "5 hari kerja lagi", "5 working days left", "calm", "later"),
        (local(23, 8, 5), "Lewat sejak 08.05", "Over since 08:05", "late", "late"),
        (local(19, 16), "Lewat 2 hari kerja", "2 working days over", "late", "late"),
        (local(20, 16), "Lewat 1 hari kerja", "1 working day over", "late", "late"),
    ],
)
def test_time_left_is_told_in_working_days(
    speaking: Speaking, due_at: datetime | None, said_id: str, said_en: str, state: str, group: str
) -> None:
    for locale, said in (("id", said_id), ("en", said_en)):
        with speaking(locale):
            left = time_left(due_at, NOW, Weekdays())
        assert (left.words, left.state, left.group) == (said, state, group)


def test_day_cells_leave_weekends_small_and_mark_today(speaking: Speaking) -> None:
    with speaking("id"):
        cells = day_cells(local(18, 9), local(25, 16), NOW, Weekdays())
    assert [(cell.label, cell.state) for cell in cells] == [
        ("Kam", "used"),
        ("Jum", "used"),
        ("", "off"),
        ("Sen", "now"),
        ("Sel", ""),
        ("Rab", ""),
    ]


def test_day_cells_show_the_days_over_the_limit(speaking: Speaking) -> None:
    with speaking("en"):
        cells = day_cells(local(17, 9), local(19, 16), NOW, Weekdays())
    assert [cell.state for cell in cells] == ["used", "over", "over", "off", "over"]


def test_too_many_days_for_cells_show_none(speaking: Speaking) -> None:
    with speaking("en"):
        assert day_cells(local(1, 9), local(30, 16), NOW, Weekdays()) == []


@pytest.mark.parametrize(
    "wanted",
    [
        "https://elsewhere.example/",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "javascript:x",
        "",
        None,
        "/a\nb",
    ],
)
def test_the_way_back_never_leads_to_another_site(wanted: str | None) -> None:
    assert own_path(wanted) == "/"


def test_the_way_back_keeps_the_question() -> None:
    assert own_path("/inbox?box=late") == "/inbox?box=late"
