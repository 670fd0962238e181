"""Every kind of history event is told in a sentence, in both languages, and tells nothing of a stranger's markup."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from engine.states import Audit
from web.pages.models import Labels
from web.pages.sentences import sentence, tone
from web.pages.telling import decision_lines

Speaking = Callable[[str], AbstractContextManager[None]]

DATA = {
    "reason": "Pemohon mundur",
    "assignee": "Bo",
    "due_at": "2026-11-25T08:00:00+00:00",
    "system": "population",
    "name": "Clarified",
    "code": "NIK_NOT_FOUND",
    "names": {"a": "Periksa"},
    "passed": ["a"],
    "message": "No answer",
}


@pytest.mark.parametrize("locale", ["id", "en"])
@pytest.mark.parametrize("kind", list(Audit))
def test_every_kind_has_a_sentence_with_and_without_its_details(
    speaking: Speaking, kind: Audit, locale: str
) -> None:
    with speaking(locale):
        full = sentence(kind, who="Ana", agency="DPMPTSP", element="Periksa", data=DATA)
        bare = sentence(kind, who="Ana", agency="", element="", data={})
    for told in (full, bare):
        assert told.endswith((".", "</q>"))
        assert "<b>" in told
        assert "{" not in told


@pytest.mark.parametrize("kind", list(Audit))
def test_the_two_languages_differ(speaking: Speaking, kind: Audit) -> None:
    told = set()
    for locale in ("id", "en"):
        with speaking(locale):
            told.add(sentence(kind, who="Ana", agency="DPMPTSP", element="Periksa", data=DATA))
    assert len(told) == 2


@pytest.mark.parametrize(
    ("by", "words"),
    [
        ("message", "The message “Clarified”"),
        ("signal", "The signal “Clarified”"),
        ("timer", "The schedule of the process"),
        (None, "Ana"),
    ],
)
def test_history_says_what_started_a_case(speaking: Speaking, by: str | None, words: str) -> None:
    with speaking("en"):
        told = sentence(Audit.CASE_STARTED, who="Ana", agency="", element="", data={**DATA, "by": by})
    assert told == f"{words} <b>started the case</b>."


def test_names_from_files_and_people_are_escaped(speaking: Speaking) -> None:
    with speaking("en"):
        told = sentence(Audit.TASK_CLAIMED, who="<i>Ana", agency="", element="<script>{who}", data={})
    assert "<script>" not in told
    assert "<i>" not in told
    assert "{who}" in told


def test_what_the_house_does_by_itself_is_quiet() -> None:
    assert tone(Audit.ELEMENTS_PASSED) == "is-quiet"
    assert tone(Audit.TASK_COMPLETED) == ""
    assert tone(Audit.DEADLINE_PASSED) == "is-late"


@pytest.mark.parametrize(
    ("rules", "id_", "en"),
    [
        ([], "tidak punya aturan yang berlaku", "has no rule that applies"),
        ([2], "memutuskan menurut aturan 2", "decided by rule 2"),
        ([1, 2, 4], "memutuskan menurut aturan 1, 2, dan 4", "decided by the rules 1, 2 and 4"),
    ],
)
def test_a_decision_is_told_by_the_places_of_its_rules(
    speaking: Speaking, rules: list[int], id_: str, en: str
) -> None:
    data = {"policy": "COLLECT", "rules": rules}
    for locale, words in (("id", id_), ("en", en)):
        with speaking(locale):
            assert words in sentence(Audit.DECISION_MADE, who="Lintas", agency="", element="Risk", data=data)


def test_the_decisions_before_a_decision_are_told_with_what_they_compared(speaking: Speaking) -> None:
    before = {"table": "Size class", "inputs": {"seats": 80}, "outputs": [{"class": "L"}], "rules": [3]}
    data = {"inputs": {"class": "L"}, "outputs": [{"risk": "high"}, {"risk": "low"}], "required": [before]}
    with speaking("en"):
        assert decision_lines(data, Labels({"risk": "Risk of fire"}, {})) == [
            ("Class", "L"),
            ("Result: Risk of fire", "high"),
            ("Result: Risk of fire", "low"),
            ("Before it, Size class", "Seats: 80 → Class: L (rule 3)"),
        ]
