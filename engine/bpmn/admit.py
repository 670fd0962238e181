"""Admission: everything that is wrong with an upload in one pass, or processes that run as they are drawn."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.bpmn.admission import parts
from engine.bpmn.admission.four_eyes import kept_apart
from engine.bpmn.admission.lanes import LaneBook, Misroute, Route, few
from engine.bpmn.bindings import FORMS, TO_SKIP, BindingBook, to_write
from engine.bpmn.dmn import Table, read_decisions
from engine.bpmn.lint.silence import Silenced
from engine.bpmn.model import Binding, Node, NodeKind, Process
from engine.bpmn.normalise import Reading, normalise
from engine.bpmn.reading.facts import Facts
from engine.bpmn.settings import NAME as SETTINGS_NAME
from engine.bpmn.settings import ProcessSettings, read_process_settings
from engine.bpmn.xml import Limits
from engine.problems import Problem, Severity

__all__ = ["Admission", "Admitted", "Known", "Limits", "Route", "Upload", "admit"]

MAX_FILES = 100
NO_LANE = Misroute("lane_without_agency", "The task is in no lane.")
BPMN_ENDINGS = (".bpmn", ".bpmn20.xml", ".bpmn2", ".xml")


@dataclass(frozen=True, slots=True)
class Upload:
    """What a designer sends. ``files``: further .bpmn, .dmn, .form or .json, and process.toml, by file name."""

    filename: str
    bpmn: bytes
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """What the house knows when a process is admitted.

    Attributes:
        agencies: agency key → its roles.
        people: usernames.
        processes: key → latest version.
        connectors: name → what it finds wrong with settings.
        systems: keys of partner systems.
        deployer_agency: of the designer; None for a designer in no agency.
        lanes: lane name, or "Pool/Lane", → "agency" or "agency/role", chosen at deployment; wins over process.toml.
        create_roles: make the roles that groups and lanes ask for.
        agency_names: name of an agency in any language → its key; lanes may be called so.
    """

    agencies: Mapping[str, frozenset[str]] = field(default_factory=dict)
    people: frozenset[str] = frozenset()
    processes: Mapping[str, int] = field(default_factory=dict)
    connectors: Mapping[str, Callable[[Mapping[str, str]], list[str]]] = field(default_factory=dict)
    systems: frozenset[str] = frozenset()
    deployer_agency: str | None = None
    lanes: Mapping[str, str] = field(default_factory=dict)
    create_roles: bool = False
    agency_names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Admitted:
    """One process that may be deployed.

    Attributes:
        routing: node id → route, for every user task, and for service tasks whose lane leads to an agency.
        forms: the forms it names, by key, as uploaded; nobody has read them yet.
        decisions: every decision of the upload by id, when it applies any.
        calls: keys of the processes it calls.
        new_roles: (agency, role) that the deployment has to make.
        facts: what its file says beside it.
        broken: elements of its file that reading found an error at; "" is the file.
    """

    process: Process
    settings: ProcessSettings
    owner_agency: str
    routing: Mapping[str, Route]
    forms: Mapping[str, bytes]
    decisions: Mapping[str, Table]
    calls: tuple[str, ...]
    new_roles: frozenset[tuple[str, str]]
    facts: Facts = field(default_factory=Facts)
    broken: frozenset[str] = frozenset()


@dataclass(slots=True)
class Admission:
    """``processes`` is what can be deployed; with errors among ``problems`` nothing should be.

    ``owner`` is the agency that it would belong to, or None where that is not clear.
    ``silenced``: warnings that the designer has seen and given a reason for.
    """

    processes: list[Admitted] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    owner: str | None = None
    silenced: list[Silenced] = field(default_factory=list)

    @property
    def errors(self) -> list[Problem]:
        return [p for p in self.problems if p.severity is Severity.ERROR]

    @property
    def warnings(self) -> list[Problem]:
        return [p for p in self.problems if p.severity is Severity.WARNING]


def admit(upload: Upload, known: Known, *, limits: Limits | None = None) -> Admission:
    """Look at every file of ``upload``; never raises for what is in it.

    The limits hold for the BPMN files of the upload taken together.
    """
    return _Admitter(upload, known, limits or Limits()).run()


class _Admitter:
    def __init__(self, upload: Upload, known: Known, limits: Limits) -> None:
        self.upload = upload
        self.known = known
        self.limits = limits
        self.problems: list[Problem] = []
        self.settings = ProcessSettings()
        self.tables: dict[str, Table] = {}
        self.forms: dict[str, bytes] = {}
        self.lanes_used: set[str] = set()
        self.book = BindingBook()

    def run(self) -> Admission:
        if len(self.upload.files) > MAX_FILES:
            self._file_problem("too_many_files", f"The upload has more than {MAX_FILES} files.", "")
            return Admission(problems=self.problems)
        self._read_files()
        found = self._processes()
        owner = self._owner()
        uploaded = {process.key for process, _ in found}
        admitted = [self._admit(process, reading, owner, uploaded) for process, reading in found]
        self._unused_lanes(bool(found))
        self._unused_four_eyes([process for process, _ in found])
        if found:
            self.problems += self.book.unused(SETTINGS_NAME)
        return Admission([a for a in admitted if a is not None], sorted(set(self.problems)), owner)

    # files

    def _read_files(self) -> None:
        files = {parts.basename(name): content for name, content in self.upload.files.items()}
        if SETTINGS_NAME in files:
            self.settings, wrong = read_process_settings(files[SETTINGS_NAME])
            self.book = BindingBook(self.settings.bindings)
            self.problems += wrong
        self.forms = parts.form_files(self.upload.files)
        for name, content in files.items():
            if name.lower().endswith(".dmn"):
                self._read_decisions(name, content)
            elif name != SETTINGS_NAME and not name.lower().endswith((*BPMN_ENDINGS, *parts.FORM_ENDINGS)):
                self._file_problem(
                    "file_ignored",
                    f"{name} is of no kind that is read here.",
                    name,
                    severity=Severity.WARNING,
                )

    def _read_decisions(self, name: str, content: bytes) -> None:
        tables, wrong = read_decisions(content, name)
        self.problems += wrong
        for key, table in tables.items():
            if key in self.tables:
                self._file_problem("decision_twice", f'The decision "{key}" is in two files. Keep one.', name)
            self.tables[key] = table

    def _processes(self) -> list[tuple[Process, Reading]]:
        """The executable processes of all BPMN files, the main file first."""
        found: list[tuple[Process, Reading]] = []
        keys: set[str] = set()
        room, elements = self.limits.bytes, self.limits.elements
        further = [
            (name, content)
            for name, content in self.upload.files.items()
            if name.lower().endswith(BPMN_ENDINGS)
        ]
        for name, content in [(self.upload.filename, self.upload.bpmn), *further]:
            reading = normalise(content, name, limits=Limits(bytes=room, elements=elements), book=self.book)
            room -= len(content)
            elements -= sum(1 + len(n.outgoing) for p in reading.processes for n in p.nodes())
            self.problems += reading.problems
            for process in reading.executable:
                if process.key in keys:
                    message = f'The process "{process.key}" is in two files. Keep one.'
                    self.problems.append(
                        Problem(process.line, process.key, "process_twice", message, file=name)
                    )
                    continue
                keys.add(process.key)
                found.append((process, reading))
            if room <= 0 or elements <= 0:
                self._file_problem(
                    "too_large",
                    f"The BPMN files have more than {self.limits.bytes:,} bytes or {self.limits.elements:,} elements together. "
                    "Deploy called processes on their own.",
                    name,
                )
                break
        return found

    # one process

    def _admit(
        self, process: Process, reading: Reading, owner: str | None, uploaded: set[str]
    ) -> Admitted | None:
        def tell(code: str, message: str, node: Node) -> None:
            self.problems.append(Problem(node.line, node.element, code, message, file=process.file))

        book = LaneBook(
            agencies=self.known.agencies,
            names={name.casefold(): key for name, key in self.known.agency_names.items()},
            given=self.known.lanes,
            written=self.settings.lanes,
            create_roles=self.known.create_roles,
        )
        settings = (
            self.settings if process.file == self.upload.filename else replace(self.settings, start_form=None)
        )
        apart = kept_apart(process, self.settings.four_eyes, tell)
        routing = self._routing(process, reading, owner, book, tell)
        for node in process.nodes():
            if node.element in apart and node.id in routing:
                routing[node.id] = replace(routing[node.id], apart=apart[node.element])
        self.lanes_used |= book.used
        wanted: dict[str, bytes] = {}
        calls: set[str] = set()
        applies = False
        for node in process.nodes():
            if node.service is not None:
                parts.check_service(node, node.service, self.known.connectors, self.known.systems, tell)
            if node.work is not None and node.work.form is not None:
                self._form(node.work.form, process, wanted, node)
            if node.decision is not None:
                applies = True
                parts.check_decision(node, self.tables, tell, zeebe=reading.zeebe)
            if node.called is not None:
                if node.called.binding is not Binding.VERSION:
                    calls.add(node.called.process)
                self._call(node, node.called.process, process, uploaded, tell)
        start = next(iter(process.scope.plain_starts()), None)
        start_form = settings.start_form or process.start_form
        if start_form is not None and start is not None:
            self._form(start_form, process, wanted, start)
        if owner is None:
            return None
        roles = self.known.agencies.get(owner, frozenset())
        book.new_roles |= {(owner, role) for role in self.settings.start_roles if role not in roles}
        return Admitted(
            process=process,
            settings=replace(
                settings,
                start_form=start_form if start is not None else None,
                initiator=start.initiator if start is not None else None,
            ),
            owner_agency=owner,
            routing=routing,
            forms=wanted,
            decisions=dict(self.tables) if applies else {},
            calls=tuple(sorted(calls)),
            new_roles=frozenset(book.new_roles),
            facts=reading.facts,
            broken=frozenset(p.element for p in reading.problems if p.severity is Severity.ERROR),
        )

    def _routing(
        self, process: Process, reading: Reading, owner: str | None, book: LaneBook, tell: parts.Tell
    ) -> dict[str, Route]:
        """Routes by node; a lane that leads nowhere is told once, at the lane."""
        lines = {lane.path: lane for lane in process.lanes}
        routing: dict[str, Route] = {}
        told: set[tuple[str, ...]] = set()
        for node in sorted(process.nodes(), key=lambda n: n.kind is not NodeKind.USER_TASK):
            if node.kind not in {NodeKind.USER_TASK, NodeKind.SERVICE_TASK}:
                continue
            found: Route | Misroute
            found = book.route(node.lane) if node.lane else NO_LANE
            if (
                isinstance(found, Misroute)
                and found.code == "lane_without_agency"
                and not reading.needs_lanes(process)
            ):
                # no lanes, or one pool without lanes that names no agency: the owner's own procedure
                if owner is None:
                    continue
                found = Route(owner)
            if isinstance(found, Route):
                routing[node.id] = found
                if node.kind is NodeKind.USER_TASK:
                    parts.check_people(node, found, book, self.known.people, tell)
            elif node.lane not in told:
                told.add(node.lane)
                lane = lines.get(node.lane)
                severity = Severity.ERROR if node.kind is NodeKind.USER_TASK else Severity.WARNING
                at, line = (lane.element, lane.line) if lane else (node.element, node.line)
                self.problems.append(Problem(line, at, found.code, found.message, severity, process.file))
        return routing

    def _form(self, key: str, process: Process, wanted: dict[str, bytes], node: Node) -> None:
        """An uploaded form with the key, or one that stands in the file; one that is only implied may be missing."""
        content = self.forms.get(key, process.forms.get(key))
        if content is not None:
            wanted[key] = content
        elif node.work is not None and node.work.form_elsewhere:
            message = (
                f'No form "{key}" was uploaded: the task takes answers without a form. '
                f"To show one, add a file {key}.form."
            )
            self.problems.append(
                Problem(node.line, node.element, "form_elsewhere", message, Severity.WARNING, process.file)
            )
        else:
            line = to_write(FORMS, key, '"key of an uploaded form"', TO_SKIP)
            message = f'The form "{key}" was not uploaded. Add the file {key}.form. {line}'
            self.problems.append(Problem(node.line, node.element, "form_missing", message, file=process.file))

    def _call(self, node: Node, key: str, process: Process, uploaded: set[str], tell: parts.Tell) -> None:
        if key not in uploaded and key not in self.known.processes:
            tell(
                "called_process_unknown",
                f'The process "{key}" is neither in the upload nor deployed. Upload its file too, or deploy it first.',
                node,
            )

    # the whole upload

    def _owner(self) -> str | None:
        owner = self.settings.owner or self.known.deployer_agency
        if owner is None:
            message = "No agency owns the process: you work in none. Write owner in process.toml."
            self._file_problem("no_agency", message, self.upload.filename)
            return None
        roles = self.known.agencies.get(owner)
        if roles is None:
            self._file_problem(
                "agency_unknown",
                f'The owner "{owner}" is no agency here. Known are {few(self.known.agencies)}.',
                SETTINGS_NAME,
            )
            return None
        for role in self.settings.start_roles:
            if role not in roles and not self.known.create_roles:
                self._file_problem(
                    "role_unknown",
                    f'start_roles asks for "{role}", which is no role of {owner}. Its roles are {few(roles)}.',
                    SETTINGS_NAME,
                )
        return owner

    def _unused_lanes(self, anything: bool) -> None:
        """A mapping that no lane asked for is most likely mistyped."""
        if not anything:
            return
        for key in [*self.settings.lanes, *self.known.lanes]:
            if key not in self.lanes_used:
                self._file_problem(
                    "lane_setting_unused",
                    f'No task is in a lane called "{key}". Compare the name with the drawing.',
                    SETTINGS_NAME if key in self.settings.lanes else self.upload.filename,
                    severity=Severity.WARNING,
                )

    def _unused_four_eyes(self, processes: Sequence[Process]) -> None:
        """A rule for a task that is not there protects nothing, which nobody would notice."""
        tasks = {n.element for p in processes for n in p.nodes() if n.kind is NodeKind.USER_TASK}
        for element in self.settings.four_eyes:
            if processes and element not in tasks:
                self._file_problem(
                    "four_eyes_unknown",
                    f'[four_eyes] speaks of "{element}", which is no user task here. Its user tasks are {few(tasks)}.',
                    SETTINGS_NAME,
                )

    def _file_problem(
        self, code: str, message: str, file: str, *, severity: Severity = Severity.ERROR
    ) -> None:
        self.problems.append(Problem(0, "", code, message, severity, file))
