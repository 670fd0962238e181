"""No text of the pages is left in one language only."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from engine.bpmn.lint.run import RULES

WEB = Path(__file__).resolve().parents[2] / "web"
INDONESIAN = WEB / "translations" / "id" / "LC_MESSAGES" / "messages.po"
WORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}


def _texts() -> set[str]:
    found = set()
    for folder, pattern, method in (("pages", "**.py", "python"), ("templates", "**.html", "jinja2")):
        for _, _, message, *_ in extract_from_dir(WEB / folder, [(pattern, method)], keywords=WORDS):
            found.add(message if isinstance(message, str) else message[0])
    return found | {text for rule in RULES.values() for text in (rule.title, rule.why)}


@pytest.fixture(scope="module")
def indonesian() -> dict[str, str]:
    with INDONESIAN.open("rb") as file:
        catalogue = read_po(file)
    return {
        message.id if isinstance(message.id, str) else message.id[0]: message.string
        if isinstance(message.string, str)
        else message.string[0]
        for message in catalogue
        if message.id and not message.fuzzy
    }


def test_every_text_has_an_indonesian_translation(indonesian: dict[str, str]) -> None:
    assert sorted(text for text in _texts() if not indonesian.get(text)) == []


def test_no_translation_is_left_over(indonesian: dict[str, str]) -> None:
    assert sorted(indonesian.keys() - _texts()) == []


def test_translations_fill_in_the_same_places(indonesian: dict[str, str]) -> None:

    def places(text: str) -> set[tuple[str, ...]]:
        return set(re.findall(r"%\((\w+)\)s|\{(\w+)\}", text))

    different = [text for text, said in indonesian.items() if places(text) != places(said)]
    assert different == []
