"""Warnings that a designer has seen and does not want to see again: by code, at an element, with a reason."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.bpmn.reading.facts import Facts
from engine.bpmn.settings import NAME as SETTINGS_NAME
from engine.bpmn.settings import ProcessSettings
from engine.problems import Problem, Severity

ENTRY = re.compile(r"\s*([a-z][a-z_]*)\s*:\s*(\S.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Silenced:
    """A warning that is not listed among the others. ``reason``: as the designer wrote it."""

    problem: Problem
    reason: str


@dataclass(frozen=True, slots=True)
class _Wish:
    """One entry: ``code`` at ``element``, written in ``file`` at ``line``."""

    element: str
    code: str
    reason: str
    file: str
    line: int


def silence(
    problems: Iterable[Problem], facts: Mapping[str, Facts], settings: ProcessSettings
) -> tuple[list[Problem], list[Silenced]]:
    """Take out what designers have silenced, and say which of their words silence nothing.

    Errors stay: what would not run as it is drawn is not a matter of taste. A reason is asked for, so that the next reader
    knows why; an entry without one silences nothing.

    Args:
        problems: of one upload.
        facts: of each BPMN file, by its name.
    """
    wishes: dict[tuple[str, str], list[_Wish]] = {}
    left: list[Problem] = []
    for wish in _wishes(facts, settings):
        if wish.reason:
            wishes.setdefault((wish.element, wish.code), []).append(wish)
        else:
            message = f'"{wish.code[:80]}" silences nothing. Write the code of a warning, a colon and a reason: no_default: the form asks for one.'
            left.append(_told("ignore_without_reason", message, wish))
    used: set[_Wish] = set()
    silenced = []
    for problem in problems:
        at = wishes.get((problem.element, problem.code), ())
        fits = [
            w for w in at if problem.severity is Severity.WARNING and w.file in {problem.file, SETTINGS_NAME}
        ]
        if fits:
            used.update(fits)
            silenced.append(Silenced(problem, fits[0].reason))
        else:
            left.append(problem)
    refused = {(p.element, p.code) for p in left if p.severity is Severity.ERROR}
    for wish in (w for at in wishes.values() for w in at):
        if wish in used:
            continue
        why = (
            f"{wish.code} is an error here and cannot be silenced: mend it."
            if (wish.element, wish.code) in refused
            else f'There is no warning {wish.code} at "{wish.element}". Remove the entry.'
        )
        left.append(_told("ignore_unused", why, wish))
    return left, silenced


def _wishes(facts: Mapping[str, Facts], settings: ProcessSettings) -> Iterator[_Wish]:
    for file, found in facts.items():
        for written in found.silences:
            for piece in re.split(r";|\n", written.text):
                if not piece.strip():
                    continue
                entry = ENTRY.fullmatch(piece)
                code, reason = (entry[1], entry[2].strip()) if entry else (piece.strip(), "")
                yield _Wish(written.element, code, reason, file, written.line)
    for element, reasons in settings.ignore.items():
        for code, reason in reasons.items():
            yield _Wish(element, code, reason, SETTINGS_NAME, 0)


def _told(code: str, message: str, wish: _Wish) -> Problem:
    element = wish.element if wish.file != SETTINGS_NAME else ""
    return Problem(wish.line, element, code, message, Severity.WARNING, wish.file)
