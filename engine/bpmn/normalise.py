"""The door of reading: one BPMN file of any dialect into processes of the one model, with everything that is wrong."""

import re
from dataclasses import dataclass, field, replace

from lxml import etree

from engine.bpmn.bindings import BindingBook
from engine.bpmn.model import Process, Scope
from engine.bpmn.reading import activities, checks, vendor
from engine.bpmn.reading.beside import tell_unread
from engine.bpmn.reading.correlation import correlate
from engine.bpmn.reading.definitions import Definitions
from engine.bpmn.reading.facts import Facts, read_facts
from engine.bpmn.reading.form_keys import forms_inside, shown_form
from engine.bpmn.reading.instantiate import start_by_receiving
from engine.bpmn.reading.lanes import participants, read_lanes
from engine.bpmn.reading.places import check_places
from engine.bpmn.reading.scopes import PLAIN_KINDS, ScopeReader
from engine.bpmn.reading.source import Source
from engine.bpmn.reading.structure import make_explicit
from engine.bpmn.support import REFUSED
from engine.bpmn.xml import Limits, XmlRefused, children, local, parse_bpmn
from engine.problems import Problem

KEY = re.compile(r"[\w.\-]{1,128}")


@dataclass(slots=True)
class Reading:
    """What one file says.

    Attributes:
        processes: the file's processes with elements in them, executable or not, in the file's order.
        pooled: keys of the processes that are drawn in a pool; with several, pool = agency and lane = role.
        problems: all of them, by line. Those of a process that is not executable are left out while another one is.
        facts: what the file says beside its processes.
        zeebe: the file speaks Camunda 8's dialect (its decisions give one value where the table has one output).
    """

    processes: list[Process] = field(default_factory=list)
    pooled: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    zeebe: bool = False
    facts: Facts = field(default_factory=Facts)

    def needs_lanes(self, process: Process) -> bool:
        """Whether its tasks go where its lanes say: it has lanes, or is one of several pools."""
        if process.key in self.pooled and len(self.pooled) == 1:
            return any(len(lane.path) > 1 for lane in process.lanes)
        return bool(process.lanes)

    @property
    def executable(self) -> list[Process]:
        return [p for p in self.processes if p.executable]


def normalise(
    content: bytes, filename: str, *, limits: Limits | None = None, book: BindingBook | None = None
) -> Reading:
    """Read ``content``; never raises for what is in it. ``book``: what process.toml puts in the place of code."""
    try:
        root = parse_bpmn(content, limits=limits, file=filename)
    except XmlRefused as refused:
        return Reading(problems=[refused.problem])
    source = Source(root, filename, book)
    definitions = Definitions(source)
    pools = participants(source)
    reading = Reading(zeebe=source.is_zeebe, facts=read_facts(root))
    seen: set[str] = set()
    of_idle: dict[str, list[Problem]] = {}
    for element in children(root, "process"):
        if not _has_nodes(element):
            continue
        before = len(source.problems)
        key = (element.get("id") or "").strip()
        if not KEY.fullmatch(key) or key in seen:
            source.error(
                "process_key",
                f'The process needs an id of its own, not "{key[:80]}". Use at most 128 letters, digits, points, hyphens '
                "and underscores; cases, calls and versions are found by it.",
                element,
            )
            key = source.new_id("process")
        seen.add(key)
        process = _read_process(source, definitions, element, key, pools.get(key))
        reading.processes.append(process)
        if key in pools:
            reading.pooled.add(key)
        if not process.executable:
            of_idle[key] = source.problems[before:]
            del source.problems[before:]
    if not reading.processes:
        source.error("no_process", "The file holds no process with elements in it. Draw one.", root)
    elif not reading.executable:
        for found in of_idle.values():
            source.problems.extend(found)
        source.error(
            "not_executable",
            'No process of the file is executable. Set isExecutable="true" on the one to run, then mend what is listed here.',
            _element_of(root, reading.processes[0].key),
        )
    reading.facts = replace(reading.facts, formless=frozenset(source.formless))
    tell_unread(source)
    check_places(source)
    vendor.tell_strangers(source)
    source.problems.extend(source.overflow())
    reading.problems = sorted(set(source.problems))
    return reading


def _read_process(
    source: Source, definitions: Definitions, element: etree._Element, key: str, pool: etree._Element | None
) -> Process:
    name = " ".join((element.get("name") or "").split())
    if not name and pool is not None:
        name = " ".join((pool.get("name") or "").split())
    process = Process(
        key=key,
        name=name or key,
        scope=Scope(id=key),
        executable=_executable(source, element),
        line=element.sourceline or 0,
        documentation=activities.documentation(element),
        file=source.file,
    )
    lanes = read_lanes(source, element, pool)
    process.lanes = lanes.lanes
    vendor.check(source, element)
    draft = ScopeReader(source, definitions, lanes, process).read(element)
    process.forms |= forms_inside(source, element)
    for start in process.scope.plain_starts():
        process.start_form = process.start_form or shown_form(source, draft.xml[start.id], process)
    start_by_receiving(source, process, draft)
    correlate(source, definitions, process, draft, element)
    checks.check_drawing(source, process, draft)
    make_explicit(source, draft)
    checks.check_process(source, process, draft)
    return process


def _executable(source: Source, element: etree._Element) -> bool:
    """isExecutable; absent, a process counts as executable when the file speaks an engine's dialect."""
    written = element.get("isExecutable")
    if written is not None:
        return written.strip() in {"true", "1"}
    return source.speaks_engine


def _has_nodes(element: etree._Element) -> bool:
    return any(local(e) in PLAIN_KINDS or local(e) in REFUSED for e in element)


def _element_of(root: etree._Element, key: str) -> etree._Element | None:
    return next((e for e in children(root, "process") if e.get("id") == key), None)
