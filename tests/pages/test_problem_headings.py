"""A kind of problem has a heading that fits it, in both languages."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from web.pages.problem_words import heading

Speaking = Callable[[str], AbstractContextManager[None]]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("service_skipped", "Left out on purpose"),
        ("form_skipped", "Left out on purpose"),
        ("form_missing", "The form is not complete"),
        ("service_without_connector", "The call to a system is not complete"),
        ("binding_unused", "This has no effect"),
        ("timer_cron", "This needs another look"),
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
