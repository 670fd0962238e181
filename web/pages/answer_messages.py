"""What to say about a wrong answer: what is wrong and what to write, with the question's own label."""

from collections.abc import Mapping
from typing import Any

from engine.forms.form import FieldProblem
from web.pages import words
from web.pages.texts import _


def message(problem: FieldProblem, label: str) -> str:
    """One sentence about the answer to ``label``, in the language of the page."""
    told = _MESSAGES.get(problem.code)
    limits = {name: _limit(value) for name, value in problem.params.items()}
    return told(label, limits) if told else _("Check your answer to “%(label)s”", label=label)


def _limit(value: Any) -> str:
    try:
        return words.number(value) if isinstance(value, int | float) else words.plainly(value)
    except (TypeError, ValueError):
        return str(value)


Limits = Mapping[str, str]

_MESSAGES = {
    "required": lambda label, limits: _("Answer “%(label)s”", label=label),
    "too_long": lambda label, limits: _(
        "“%(label)s” must be at most %(max)s letters long", label=label, **limits
    ),
    "too_short": lambda label, limits: _(
        "“%(label)s” must be at least %(min)s letters long", label=label, **limits
    ),
    "not_text": lambda label, limits: _("“%(label)s” holds signs that cannot be stored", label=label),
    "not_a_number": lambda label, limits: _("“%(label)s” must be a number, for example 12", label=label),
    "too_small": lambda label, limits: _("“%(label)s” must be %(min)s or more", label=label, **limits),
    "too_large": lambda label, limits: _("“%(label)s” must be %(max)s or less", label=label, **limits),
    "too_many_decimals": lambda label, limits: _(
        "“%(label)s” may have at most %(max)s decimals", label=label, **limits
    ),
    "not_a_step": lambda label, limits: _(
        "“%(label)s” must be a multiple of %(step)s", label=label, **limits
    ),
    "not_an_option": lambda label, limits: _("Choose one of the answers to “%(label)s”", label=label),
    "bad_date": lambda label, limits: _("“%(label)s” must be a date, for example 18 11 2026", label=label),
    "bad_time": lambda label, limits: _("“%(label)s” must be a time, for example 15 30", label=label),
    "date_in_past": lambda label, limits: _("“%(label)s” must not be in the past", label=label),
    "pattern": lambda label, limits: _(
        "“%(label)s” is not written as it is asked for; see the hint", label=label
    ),
    "bad_email": lambda label, limits: _(
        "“%(label)s” must be an e-mail address, for example name@office.example", label=label
    ),
    "bad_phone": lambda label, limits: _(
        "“%(label)s” must be a telephone number, for example +62 811 0000 0001", label=label
    ),
    "not_true_or_false": lambda label, limits: _("Answer “%(label)s” with yes or no", label=label),
    "not_a_list": lambda label, limits: _("“%(label)s” must be a list", label=label),
    "too_many": lambda label, limits: _("“%(label)s” may have at most %(max)s rows", label=label, **limits),
    "fixed_rows": lambda label, limits: _("“%(label)s” must keep its rows", label=label),
    "unknown_field": lambda label, limits: _("The form does not ask for “%(label)s”", label=label),
    "not_a_variable": lambda label, limits: _("“%(label)s” is no name of a variable", label=label),
}
