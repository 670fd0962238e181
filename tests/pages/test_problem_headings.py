"""A kind of problem has a heading that fits it, in both languages."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from engine.bpmn.lint.run import RULES
from web.pages.problem_words import heading

ROOT = Path(__file__).resolve().parents[2]
CODE = re.compile(r"^(?:### |\| )`([a-z_]+)`", re.MULTILINE)
Speaking = Callable[[str], AbstractContextManager[None]]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("service_skipped", "Left out on purpose"),
        ("form_skipped", "Left out on purpose"),
        ("form_missing", "The form is not complete"),
        ("service_without_connector", "The call to a system is not complete"),
        ("binding_unused", "This has no effect"),
        ("timer_cron", "Read as it is meant here"),
        ("timer_invalid", "The time limit cannot be read"),
    ],
)
def test_what_was_left_out_on_purpose_is_not_called_incomplete(
    speaking: Speaking, code: str, told: str
) -> None:
    with speaking("en"):
        assert heading(code) == told
    with speaking("id"):
        assert heading(code) != told


def test_every_documented_code_has_a_heading_that_says_something(
    speaking: Speaking,
) -> None:
    codes = CODE.findall((ROOT / "docs/problems.md").read_text(encoding="utf-8"))
    assert len(codes) > 120
    with speaking("en"):
        assert [code for code in [*codes, *RULES] if heading(code) == heading("nobody_knows")] == []


def test_a_warning_of_the_lint_room_is_headed_in_the_readers_language(
    speaking: Speaking,
) -> None:
    with speaking("en"):
        assert heading("join_waits_forever") == "A join that can wait for ever"
    with speaking("id"):
        assert heading("join_waits_forever") == "Penggabung yang bisa menunggu selamanya"
