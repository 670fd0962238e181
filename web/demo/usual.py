"""What is usual in a procedure: the applicants and answers that its scenarios share (scenarios/_usual.toml)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from importlib.resources import files
from typing import Any

from web.demo.plays import Complete


@dataclass(frozen=True, slots=True)
class Usual:
    """Answers by element id, and start data by applicant; JSON values."""

    answers: Mapping[str, Mapping[str, Any]]
    applicants: Mapping[str, Mapping[str, Any]]

    def done(self, element: str, **differs: Any) -> Complete:
        """The task at the element, completed as usual but for what differs."""
        return Complete(element, {**self.answers.get(element, {}), **differs})


@cache
def usual(process: str) -> Usual:
    """What is usual in a process that comes with Lintas."""
    text = (files("processes") / process / "scenarios" / "_usual.toml").read_text(encoding="utf-8")
    table = _plain(tomllib.loads(text))
    return Usual(table.get("answers", {}), table.get("applicants", {}))


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {name: _plain(inner) for name, inner in value.items()}
        case list():
            return [_plain(inner) for inner in value]
        case date() | time():  # a datetime is a date
            return value.isoformat()
        case _:
            return value
