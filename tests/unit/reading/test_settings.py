"""process.toml: what it says is kept, and what it says wrongly is told with its line."""

import json
from pathlib import Path

import pytest

from engine.bpmn.settings import LaneTarget, read_process_settings

HOWTO = Path(__file__).resolve().parents[3] / "docs/howto/process-toml.md"


def test_the_example_of_the_howto_is_read_as_it_says() -> None:
    example = HOWTO.read_text(encoding="utf-8").partition("```toml\n")[2].partition("```")[0]
    settings, problems = read_process_settings(example.encode())
    assert problems == []
    assert settings.owner == "dpmptsp"
    assert settings.start_roles == ("TL_CEMP",)
    assert settings.title_en == "Restaurant licence"
    assert settings.lanes["Loket DPMPTSP"] == LaneTarget("dpmptsp", ("p_front",))
    assert settings.lanes["Pemadam"] == LaneTarget("damkar", ("f_inspector", "f_head"))
    assert settings.lanes["Perizinan/Kepala"] == LaneTarget("dpmptsp", ("p_head",))
    assert settings.facts == {"title": "business_name", "applicant": "applicant_name"}
    assert settings.start_form == "application"
    assert settings.calendar == {"extends": "dpmptsp", "holidays": ["2026-11-11"]}


def test_an_empty_file_leaves_everything_to_the_house() -> None:
    settings, problems = read_process_settings(b"")
    assert problems == []
    assert settings.as_json()["lanes"] == {}
    assert settings.owner is None


def test_what_is_kept_is_plain_json_even_with_dates() -> None:
    settings, _ = read_process_settings(
        b'lanes.Meja = "dlh/e_head"\n[calendar]\nholidays = [2026-11-11]\nopens = 07:30:00\n'
    )
    kept = json.loads(json.dumps(settings.as_json()))
    assert kept["calendar"] == {"holidays": ["2026-11-11"], "opens": "07:30:00"}
    assert kept["lanes"] == {"Meja": {"agency": "dlh", "roles": ["e_head"]}}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('\ncolour = "red"', 2),
        ('[title]\nfr = "x"', 2),
        ("owner = 3", 1),
        ("[lanes]\nMeja = 3", 2),
        ('[lanes]\nMeja = { agency = "dlh", desks = 1 }', 0),
        ("[lanes]\nMeja = { roles = [] }", 2),
        ("start_roles = [1]", 1),
        ("title = 1", 1),
        ('[facts]\ntitle = "two words"', 2),
        ('[facts]\ncolour = "x"', 2),
        ('[start]\nfrom = "x"', 2),
        ('[title]\nid = ""', 2),
    ],
)
def test_a_wrong_setting_is_told_with_its_line(text: str, line: int) -> None:
    _, [problem] = read_process_settings(text.encode())
    assert (problem.code, problem.line, problem.file) == ("settings_invalid", line, "process.toml")


def test_all_wrong_settings_come_at_once() -> None:
    _, problems = read_process_settings(b'a = 1\nb = 2\n[title]\nc = "x"\n')
    assert [p.line for p in problems] == [1, 2, 4]


@pytest.mark.parametrize("content", [b"title = ", b"\xff\xfe", b"[a\n", b"a = " + b"[" * 5_000])
def test_what_is_no_toml_is_told(content: bytes) -> None:
    _, [problem] = read_process_settings(content)
    assert problem.code == "settings_unreadable"


def test_a_huge_file_is_not_read() -> None:
    _, [problem] = read_process_settings(b"#" * 200_001)
    assert problem.code == "too_large"
