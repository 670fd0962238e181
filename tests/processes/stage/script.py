"""Reads a scenario: what is given, what is done and what must then hold. Format: docs/howto/scenarios.md."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Makassar")
USUAL = "_usual.toml"

GIVEN = frozenset({"at", "by", "applicant", "data", "business_key"})
DOING = frozenset({"task", "message", "signal", "system", "retry", "start"})
STEP = frozenset({"at", "by", "answers", "data", "refused", "then", "outage", "html", "error_rate"}) | DOING
THEN = frozenset(
    {"open", "due", "deadlines", "data", "state", "outcome", "incidents", "history", "never", "effects"}
)


class ScenarioInvalid(Exception):
    """A scenario that says something unknown; the message names the file and the word."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is done, and what must then hold. ``at``: the clock is moved there first; deadlines fire on the way."""

    at: datetime | None
    doing: str
    target: str
    by: str | None
    answers: Mapping[str, Any]
    data: Mapping[str, Any]
    knobs: Mapping[str, Any]
    refused: str | None
    then: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One file. ``people`` and ``answers`` are what is usual at each task of the process."""

    name: str
    folder: Path
    title: str
    both: bool
    at: datetime
    by: str
    business_key: str | None
    data: Mapping[str, Any]
    steps: tuple[Step, ...]
    people: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def read_scenario(path: Path) -> Scenario:
    """Raises ScenarioInvalid."""
    usual = tomllib.loads((path.parent / USUAL).read_text(encoding="utf-8"))
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    _only(path, table, frozenset({"title", "both_databases", "given", "step"}))
    given = table["given"]
    _only(path, given, GIVEN)
    return Scenario(
        name=f"{path.parents[1].name}/{path.stem}",
        folder=path.parents[1],
        title=table["title"],
        both=table.get("both_databases", False),
        at=moment(given["at"]),
        by=given["by"],
        business_key=given.get("business_key"),
        data={
            **(usual["applicants"][given["applicant"]] if "applicant" in given else {}),
            **given.get("data", {}),
        },
        steps=tuple(_step(path, step) for step in table.get("step", ())),
        people=usual.get("people", {}),
        answers={name: dict(answers) for name, answers in usual.get("answers", {}).items()},
    )


def moment(text: str) -> datetime:
    """Local time of the sample city."""
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


def _step(path: Path, table: Mapping[str, Any]) -> Step:
    _only(path, table, STEP)
    doing = [word for word in table if word in DOING]
    if len(doing) > 1:
        raise ScenarioInvalid(f"{path.name}: a step does one thing, not {', '.join(doing)}")
    _only(path, table.get("then", {}), THEN)
    return Step(
        at=moment(table["at"]) if "at" in table else None,
        doing=doing[0] if doing else "",
        target=table[doing[0]] if doing else "",
        by=table.get("by"),
        answers=table.get("answers", {}),
        data=table.get("data", {}),
        knobs={name: table[name] for name in ("outage", "html", "error_rate") if name in table},
        refused=table.get("refused"),
        then=table.get("then", {}),
    )


def _only(path: Path, table: Mapping[str, Any], known: frozenset[str]) -> None:
    if unknown := table.keys() - known:
        raise ScenarioInvalid(f"{path.name}: unknown {', '.join(sorted(unknown))}")
