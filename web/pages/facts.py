"""What a case is called on pages: its title, its applicant, its number."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from web.pages import words
from web.pages.texts import _


@dataclass(frozen=True, slots=True)
class Called:
    """Attributes:
    key: what officers find it by.
    title: the first line about it; subtitle: the second, or "".
    """

    key: str
    title: str
    subtitle: str


def called(case_id: str, business_key: str | None, facts: Mapping[str, Any]) -> Called:
    """The case's names from its number and the facts that process.toml chose."""
    key = business_key or short_id(case_id)
    lines = [
        words.plainly(facts[name]) for name in ("title", "applicant") if facts.get(name) not in (None, "")
    ]
    if not lines:
        lines = [words.plainly(value) for value in list(facts.values())[:2] if value not in (None, "")]
    if not lines:
        return Called(key, _("Case %(key)s", key=key), "")
    return Called(key, lines[0], lines[1] if len(lines) > 1 else "")


def short_id(case_id: str) -> str:
    """The end of a case's own number: the part in which two of the same minute differ."""
    return case_id.replace("-", "")[-8:].upper()


def labelled(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Facts with their names as words, for a list of facts."""
    known = {"title": _("Business"), "applicant": _("Applicant")}
    return [(known.get(name, words.humanise(name)), words.plainly(value)) for name, value in facts.items()]
