"""process.toml: what a process needs to be told that BPMN has no word for. Format: docs/howto/process-toml.md."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, time
from typing import Any

from engine.problems import Problem, Severity

NAME = "process.toml"
TABLES = frozenset({"title", "owner", "lanes", "facts", "calendar", "start_roles", "start"})
TITLES = frozenset({"id", "en"})
FACTS = frozenset({"title", "applicant"})
START = frozenset({"form"})
LANE = frozenset({"agency", "roles"})
MAX_BYTES = 200_000


@dataclass(frozen=True, slots=True)
class LaneTarget:
    """Who stands behind a lane: an agency's key, and roles in it (none: all its officers)."""

    agency: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProcessSettings:
    """What process.toml says; everything may be left out.

    Attributes:
        title_id, title_en: "" = the process's own name.
        owner: agency key; None = the agency of the designer who deploys.
        lanes: lane name, or "Pool/Lane", → target.
        facts: what is shown of a case in lists: ``title`` and ``applicant`` → the variable that holds it.
        calendar: working calendar of the process's clock as written; None = the owner's.
        start_roles: roles of the owner that may start a case; none = all its officers.
        start_form: form key; None = the one the start event names.
    """

    title_id: str = ""
    title_en: str = ""
    owner: str | None = None
    lanes: Mapping[str, LaneTarget] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    calendar: Mapping[str, Any] | None = None
    start_roles: tuple[str, ...] = ()
    start_form: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values, as a version keeps them."""
        found: dict[str, Any] = _plain(asdict(self))
        found["lanes"] = {
            name: {"agency": t.agency, "roles": list(t.roles)} for name, t in self.lanes.items()
        }
        found["start_roles"] = list(self.start_roles)
        return found


def _plain(value: Any) -> Any:
    """TOML's dates and times as ISO text, the rest as it is."""
    match value:
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case date() | time():
            return value.isoformat()
        case _:
            return value


class _Reader:
    def __init__(self, text: str, file: str) -> None:
        self.lines = text.splitlines()
        self.file = file
        self.problems: list[Problem] = []

    def wrong(self, key: str, message: str) -> None:
        self.problems.append(
            Problem(self._line(key), "", "settings_invalid", message, Severity.ERROR, self.file)
        )

    def _line(self, key: str) -> int:
        """Where ``key`` is written first; 0 when it is not found."""
        name = re.escape(key.rpartition(".")[2])
        pattern = re.compile(rf"""\s*\[?\s*(?:[\w."'-]*\.)?["']?{name}["']?\s*(?:=|\]|\.)""")
        return next((n for n, line in enumerate(self.lines, start=1) if pattern.match(line)), 0)

    def table(self, document: Mapping[str, Any], key: str, known: frozenset[str] | None) -> Mapping[str, Any]:
        found = document.get(key, {})
        if not isinstance(found, dict):
            self.wrong(key, f"{key} must be a table: write [{key}] on a line of its own.")
            return {}
        if known is not None:
            for name in found:
                if name not in known:
                    self.wrong(name, f"{key}.{name} is not known here; known are {', '.join(sorted(known))}.")
        return found

    def text(self, table: Mapping[str, Any], name: str, path: str) -> str | None:
        found = table.get(name)
        if found is None:
            return None
        if not isinstance(found, str) or not found.strip():
            self.wrong(name, f'{path} must be a text in quotes, like {name} = "…".')
            return None
        return found.strip()

    def texts(self, found: Any, path: str) -> tuple[str, ...]:
        if isinstance(found, str):
            found = [found]
        if not isinstance(found, list) or not all(isinstance(x, str) and x.strip() for x in found):
            self.wrong(path, f'{path} must be a list of texts, like ["front_office"].')
            return ()
        return tuple(x.strip() for x in found)

    def lane(self, name: str, found: Any) -> LaneTarget | None:
        if isinstance(found, str) and found.strip():
            return lane_target(found)
        if isinstance(found, dict):
            for key in found:
                if key not in LANE:
                    self.wrong(key, f"lanes.{name}.{key} is not known here; known are agency and roles.")
            agency = self.text(found, "agency", f"lanes.{name}.agency")
            if agency:
                return LaneTarget(agency, self.texts(found.get("roles", []), f"lanes.{name}.roles"))
        self.wrong(
            name, f'lanes."{name}" must be "agency", "agency/role" or {{ agency = "…", roles = ["…"] }}.'
        )
        return None


def lane_target(text: str) -> LaneTarget:
    """``agency`` or ``agency/role`` (several roles by commas)."""
    agency, _, roles = text.partition("/")
    return LaneTarget(agency.strip(), tuple(r.strip() for r in roles.split(",") if r.strip()))


def read_process_settings(content: bytes, filename: str = NAME) -> tuple[ProcessSettings, list[Problem]]:
    """Read process.toml; what is wrong is listed and left out, nothing is raised."""
    if len(content) > MAX_BYTES:
        message = f"{filename} has more than {MAX_BYTES:,} bytes. Keep only the settings in it."
        return ProcessSettings(), [Problem(0, "", "too_large", message, Severity.ERROR, filename)]
    try:
        text = content.decode("utf-8-sig")
        document = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        found = re.search(r"at line (\d+)", str(error))
        message = f"{filename} is no TOML: {error}. See the how-to on process.toml."
        line = int(found[1]) if found else 0
        return ProcessSettings(), [
            Problem(line, "", "settings_unreadable", message, Severity.ERROR, filename)
        ]
    reader = _Reader(text, filename)
    for name in document:
        if name not in TABLES:
            reader.wrong(name, f"{name} is not known here; known are {', '.join(sorted(TABLES))}.")
    title = reader.table(document, "title", TITLES)
    facts = reader.table(document, "facts", FACTS)
    lanes = {
        n: t for n, found in reader.table(document, "lanes", None).items() if (t := reader.lane(n, found))
    }
    calendar = reader.table(document, "calendar", None)
    variables = {n: v for n in facts if n in FACTS and (v := reader.text(facts, n, f"facts.{n}"))}
    for name, variable in list(variables.items()):
        if not variable.isidentifier():
            reader.wrong(name, f'facts.{name} = "{variable}" is no name of a variable.')
            del variables[name]
    settings = ProcessSettings(
        title_id=reader.text(title, "id", "title.id") or "",
        title_en=reader.text(title, "en", "title.en") or "",
        owner=reader.text(document, "owner", "owner"),
        lanes=lanes,
        facts=variables,
        calendar=dict(calendar) or None,
        start_roles=reader.texts(document.get("start_roles", []), "start_roles"),
        start_form=reader.text(reader.table(document, "start", START), "form", "start.form"),
    )
    return settings, reader.problems
