"""process.toml: what a process needs to be told that BPMN has no word for. Format: docs/howto/process-toml.md."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, time
from typing import Any

from engine.bpmn.binding_tables import read_bindings
from engine.bpmn.bindings import TABLES as BINDING_TABLES
from engine.bpmn.bindings import Bindings
from engine.bpmn.settings_reader import Reader
from engine.problems import Problem, Severity

NAME = "process.toml"
TABLES = frozenset(
    {
        "title",
        "owner",
        "lanes",
        "facts",
        "calendar",
        "start_roles",
        "start",
        "four_eyes",
        "ignore",
        *BINDING_TABLES,
    }
)
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
        bindings: what runs in the place of another engine's code. Not kept with the version: the file is.
        four_eyes: element of a task → elements whose doers may not do it, nor its doers them.
        initiator: variable that gets the starter's user name. The file says it, not process.toml; kept here with the rest.
        ignore: element id → code of a warning → why it is not to be told there.
    """

    title_id: str = ""
    title_en: str = ""
    owner: str | None = None
    lanes: Mapping[str, LaneTarget] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    calendar: Mapping[str, Any] | None = None
    start_roles: tuple[str, ...] = ()
    start_form: str | None = None
    bindings: Bindings = field(default_factory=Bindings)
    four_eyes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    initiator: str | None = None
    ignore: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values, as a version keeps them."""
        found: dict[str, Any] = _plain(asdict(replace(self, bindings=Bindings())))
        del found["bindings"]
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


def _reasons(reader: Reader, element: str, found: Any) -> dict[str, str]:
    """Codes of warnings and why they are meant, at one element."""
    if not isinstance(found, dict):
        reader.wrong(element, f'ignore."{element}" must be a table: {{ no_default = "why it is meant" }}.')
        return {}
    given = {code: reader.text(found, code, f"ignore.{element}.{code}") for code in found}
    return {code: reason for code, reason in given.items() if reason}


def _lane(reader: Reader, name: str, found: Any) -> LaneTarget | None:
    if isinstance(found, str) and found.strip():
        return lane_target(found)
    if isinstance(found, dict):
        for key in found:
            if key not in LANE:
                reader.wrong(key, f"lanes.{name}.{key} is not known here; known are agency and roles.")
        agency = reader.text(found, "agency", f"lanes.{name}.agency")
        if agency:
            return LaneTarget(agency, reader.texts(found.get("roles", []), f"lanes.{name}.roles"))
    reader.wrong(
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
    reader = Reader(text, filename)
    for name in document:
        if name not in TABLES:
            reader.wrong(name, f"{name} is not known here; known are {', '.join(sorted(TABLES))}.")
    title = reader.table(document, "title", TITLES)
    facts = reader.table(document, "facts", FACTS)
    lanes = {
        n: t for n, found in reader.table(document, "lanes", None).items() if (t := _lane(reader, n, found))
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
        bindings=read_bindings(reader, document),
        four_eyes={
            name: reader.texts(found, f"four_eyes.{name}")
            for name, found in reader.table(document, "four_eyes", None).items()
        },
        ignore={
            element: _reasons(reader, element, found)
            for element, found in reader.table(document, "ignore", None).items()
        },
    )
    return settings, reader.problems
