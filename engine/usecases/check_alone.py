"""A designer asks what is wrong with an upload where there is no house: nothing is looked up, and that is said."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from engine.bpmn.admission.parts import basename
from engine.bpmn.admit import Admission, Known, Limits, Upload
from engine.bpmn.interpreter import build
from engine.bpmn.library import Deployed
from engine.bpmn.settings import NAME as SETTINGS_NAME
from engine.bpmn.settings import ProcessSettings, lane_target, read_process_settings
from engine.calendar.settings import CalendarInvalid, from_settings
from engine.problems import Problem
from engine.usecases.check_files import called_within, check_files

OWNER = "the house"
"""Stands for the agency of the designer, where process.toml names no owner."""


class _Any(frozenset[str]):
    """A set that holds everything it is asked for, and remembers what that was."""

    asked: set[str]

    def __new__(cls) -> Self:
        made = super().__new__(cls)
        made.asked = set()
        return made

    def __contains__(self, name: object) -> bool:
        self.asked.add(str(name))
        return True


class _Agencies(dict[str, frozenset[str]]):
    """Agencies with all the roles that somebody asks for. ``named``: those of process.toml; None: any name is one."""

    def __init__(self, named: set[str] | None) -> None:
        super().__init__()
        self.named = named
        self.asked: set[str] = set()
        self.roles = _Any()

    def __contains__(self, name: object) -> bool:
        if name == OWNER:
            return True
        if self.named is not None and name not in self.named:
            return False
        self.asked.add(str(name))
        return True

    def get(self, name: str, default: object = None) -> frozenset[str] | None:  # type: ignore[override]
        return self.roles if name in self else None


class _Processes(dict[str, int]):
    """Deployed processes: whichever is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def __contains__(self, name: object) -> bool:
        self.asked.add(str(name))
        return True


@dataclass(frozen=True, slots=True)
class Alone:
    """``unchecked``: what only a house can tell, as (kind, names), e.g. ("systems", ("tax",))."""

    admission: Admission
    unchecked: tuple[tuple[str, tuple[str, ...]], ...]


def check_alone(
    upload: Upload,
    *,
    lanes: Mapping[str, str] | None = None,
    connectors: Mapping[str, Callable[[Mapping[str, str]], list[str]]],
    limits: Limits | None = None,
) -> Alone:
    """Everything that the files say about themselves. Pure: no database, no clock.

    Agencies are those that ``lanes`` and process.toml name; without any such line a lane is taken for the agency it is
    called by. Roles, people, systems and deployed processes are taken to be there.

    Args:
        lanes: as in ``check_process``.
        connectors: name → what it finds wrong with settings.
    """
    settings = _settings(upload)
    targets = [*settings.lanes.values(), *(lane_target(text) for text in (lanes or {}).values())]
    named = {target.agency for target in targets} | ({settings.owner} if settings.owner else set())
    agencies = _Agencies(named if targets else None)
    people, systems, processes = _Any(), _Any(), _Processes()
    admission = check_files(
        upload,
        Known(
            agencies=agencies,
            people=people,
            processes=processes,
            connectors=connectors,
            systems=systems,
            deployer_agency=OWNER,
            lanes=lanes or {},
        ),
        limits=limits,
    )
    if not admission.errors:
        admission.problems = sorted({*admission.problems, *_runnable(admission)})
    calendars, wrong = _calendar(admission)
    admission.problems = sorted({*admission.problems, *wrong})
    unchecked = {
        "agencies": agencies.asked,
        "roles": agencies.roles.asked,
        "people": people.asked,
        "systems": systems.asked,
        "deployed processes": processes.asked,
        "calendars": calendars,
    }
    return Alone(admission, tuple((kind, tuple(sorted(names))) for kind, names in unchecked.items() if names))


def _settings(upload: Upload) -> ProcessSettings:
    content = next((c for name, c in upload.files.items() if basename(name) == SETTINGS_NAME), None)
    return read_process_settings(content)[0] if content is not None else ProcessSettings()


def _calendar(admission: Admission) -> tuple[set[str], list[Problem]]:
    """The calendar that process.toml builds upon, which is the house's; or what is wrong with one of its own."""
    settings = next((a.settings for a in admission.processes if a.settings.calendar), None)
    if settings is None or settings.calendar is None:
        return set(), []
    if "extends" in settings.calendar:
        return {str(settings.calendar["extends"])}, []
    try:
        from_settings(settings.calendar)
    except CalendarInvalid as fault:
        message = f"The calendar cannot be used: {fault}."
        return set(), [Problem(0, "", "calendar_invalid", message, file=SETTINGS_NAME)]
    return set(), []


def _runnable(admission: Admission) -> Iterator[Problem]:
    """What the interpreter says, of processes that call none outside the upload."""
    uploaded = {admitted.process.key: admitted for admitted in admission.processes}
    for admitted in admission.processes:
        called = called_within(admitted, uploaded)
        within = [uploaded[key].process for key in {admitted.process.key, *called} & uploaded.keys()]
        if called - uploaded.keys() or any(n.called and n.called.version for p in within for n in p.nodes()):
            continue
        try:
            build(
                admitted.process,
                called={
                    key: Deployed(uploaded[key].process, decisions=uploaded[key].decisions) for key in called
                },
                decisions=admitted.decisions,
            )
        except ValueError as fault:
            process = admitted.process
            message = f"The process cannot be made ready to run: {fault}."
            yield Problem(process.line, process.key, "not_runnable", message, file=process.file)
