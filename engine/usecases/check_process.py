"""A designer asks what is wrong with an upload; nothing is written."""

from collections.abc import Collection, Iterator, Mapping

from engine.bpmn.admit import Admission, Admitted, Known, Limits, Upload
from engine.bpmn.interpreter import build
from engine.bpmn.library import Deployed
from engine.bpmn.lint.look import beside
from engine.bpmn.settings import NAME as SETTINGS_NAME
from engine.calendar.settings import CalendarInvalid, from_settings
from engine.connector import Connector
from engine.model import Process
from engine.problems import Problem
from engine.states import Power
from engine.store.calendars import calendars
from engine.store.library import Shelf, read_process, runs
from engine.store.people import agencies, usernames
from engine.store.uow import UnitOfWork
from engine.store.versions import deployed
from engine.usecases.access import require_power
from engine.usecases.check_files import called_within, check_files
from engine.usecases.keep_starts import start_problems


def check_process(
    uow: UnitOfWork,
    upload: Upload,
    *,
    lanes: Mapping[str, str] | None = None,
    create_roles: bool = False,
    connectors: Mapping[str, Connector],
    systems: Collection[str],
    limits: Limits | None = None,
) -> Admission:
    """Everything that is wrong with the upload, in one pass, and what could be deployed.

    Args:
        lanes: lane name, or "Pool/Lane", → "agency" or "agency/role"; wins over process.toml.
        create_roles: make the roles that lanes and groups ask for.
        connectors: by name. systems: keys of partner systems.

    Raises:
        NotPermitted: not a designer.
    """
    require_power(uow.actor, Power.DESIGNER)
    known = deployed(uow)
    admission = check_files(
        upload,
        _known(uow, known, connectors, systems, lanes=lanes or {}, create_roles=create_roles),
        limits=limits,
        heard=_Heard(uow, known),
    )
    found = {*admission.problems, *_calendar(uow, admission)}
    if not admission.errors:
        found |= set(_beyond_the_files(uow, admission, known))
    admission.problems = sorted(found)
    return admission


def _known(
    uow: UnitOfWork,
    processes: Mapping[str, Process],
    connectors: Mapping[str, Connector],
    systems: Collection[str],
    *,
    lanes: Mapping[str, str],
    create_roles: bool,
) -> Known:
    houses = agencies(uow)
    own = sorted(uow.actor.agencies)
    return Known(
        agencies={a.key: frozenset(role.key for role in a.roles) for a in houses},
        people=usernames(uow),
        processes={key: process.latest_version for key, process in processes.items()},
        connectors={name: connector.problems for name, connector in connectors.items()},
        systems=frozenset(systems),
        deployer_agency=own[0] if len(own) == 1 else None,
        lanes=lanes,
        create_roles=create_roles,
        agency_names={name: a.key for a in houses for name in (a.name_id, a.name_en)},
    )


def _calendar(uow: UnitOfWork, admission: Admission) -> Iterator[Problem]:
    """One process.toml speaks for all processes of the upload."""
    settings = next((a.settings for a in admission.processes if a.settings.calendar), None)
    if settings is None or settings.calendar is None:
        return
    try:
        from_settings(settings.calendar, known=calendars(uow))
    except CalendarInvalid as fault:
        yield Problem(0, "", "calendar_invalid", f"The calendar cannot be used: {fault}.", file=SETTINGS_NAME)


def _beyond_the_files(
    uow: UnitOfWork, admission: Admission, known: Mapping[str, Process]
) -> Iterator[Problem]:
    """What only shows beside what is deployed already."""
    uploaded = {admitted.process.key: admitted for admitted in admission.processes}
    for key, admitted in uploaded.items():
        before = known.get(key)
        if before is not None and before.owner_agency != admitted.owner_agency:
            yield _problem(
                admitted,
                "process_of_another_agency",
                f"The process “{key}” belongs to {before.owner_agency} and cannot go to {admitted.owner_agency}. "
                "Give yours another id.",
            )
        yield from start_problems(uow, admitted)
        missing = list(_missing_versions(uow, admitted))
        yield from missing
        if not missing:
            yield from _not_runnable(uow, admitted, uploaded, known)


def _missing_versions(uow: UnitOfWork, admitted: Admitted) -> Iterator[Problem]:
    for node in admitted.process.nodes():
        called = node.called
        if called is None or called.version is None or runs(uow, called.process, called.version):
            continue
        yield Problem(
            node.line,
            node.element,
            "called_version_unknown",
            f"No version {called.version} of the process “{called.process}” runs here. Choose one that is deployed.",
            file=admitted.process.file,
        )


def _not_runnable(
    uow: UnitOfWork, admitted: Admitted, uploaded: Mapping[str, Admitted], known: Mapping[str, Process]
) -> Iterator[Problem]:
    """Make it ready with what it calls: of the upload, else as deployed."""
    shelf = Shelf(uow, taken=uploaded)
    bound = {key: process.latest_version for key, process in known.items() if key not in uploaded}
    near = [a for key, a in uploaded.items() if a is admitted or key in called_within(admitted, uploaded)]
    inside = {
        a.process.key: Deployed(a.process, decisions=a.decisions, calls=shelf.calls(a.process, bound))
        for a in near
    }
    own = inside[admitted.process.key]
    try:
        build(own.process, called={**inside, **shelf.fill()}, decisions=own.decisions, calls=own.calls)
    except ValueError as fault:
        yield _problem(admitted, "not_runnable", f"The process cannot be made ready to run: {fault}.")


class _Heard:
    """Whether a deployed process waits for a message. They are read when the first name is asked for."""

    def __init__(self, uow: UnitOfWork, known: Mapping[str, Process]) -> None:
        self._uow = uow
        self._known = known
        self._awaited: frozenset[str | None] | None = None

    def __call__(self, name: str) -> bool:
        if self._awaited is None:
            versions = ((key, process.latest_version) for key, process in self._known.items())
            self._awaited = beside([read_process(self._uow, *version)[0] for version in versions]).awaited
        return name in self._awaited or None in self._awaited


def _problem(admitted: Admitted, code: str, message: str) -> Problem:
    process = admitted.process
    return Problem(process.line, process.key, code, message, file=process.file)
