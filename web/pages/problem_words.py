"""Problems of an upload as the page lists them: a heading in the reader's language, where it is, what to do."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.bpmn.lint.run import RULES
from engine.bpmn.lint.silence import Silenced
from engine.bpmn.model import Node, NodeKind, Process
from engine.bpmn.outline import Drawn, DrawnKind
from engine.problems import Problem, Severity
from web.pages.texts import _


@dataclass(frozen=True, slots=True)
class Listed:
    """Attributes:
    n: its number, on the pin and in the list.
    must: it stops the deployment; else a designer should look at it.
    element: id in the drawing, or "".
    message: the engine's sentence, in English; of a silenced warning the designer's reason.
    why: id of its explanation on the page of warnings, or "".
    """

    n: int
    element: str
    must: bool
    heading: str
    where: str
    line: int
    message: str
    why: str = ""


def listed(problems: Sequence[Problem], processes: Sequence[Process], main_file: str) -> list[Listed]:
    """All problems, those that stop the deployment first; within them in the order of the file."""
    places = _places(processes)
    ordered = sorted(
        problems, key=lambda p: (p.severity is not Severity.ERROR, p.file != main_file, p.file, p.line)
    )
    return [_one(number, problem, places, main_file) for number, problem in enumerate(ordered, start=1)]


def silenced(found: Sequence[Silenced], processes: Sequence[Process], main_file: str) -> list[Listed]:
    """Warnings that a designer has silenced, with the reason in the place of the message."""
    places = _places(processes)
    return [
        replace(_one(number, one.problem, places, main_file), message=one.reason)
        for number, one in enumerate(found, start=1)
    ]


def _one(number: int, problem: Problem, places: Mapping[str, str], main_file: str) -> Listed:
    parts = [places.get(problem.element, problem.element)]
    if problem.file != main_file:
        parts.append(problem.file)
    return Listed(
        number,
        problem.element,
        problem.severity is Severity.ERROR,
        heading(problem.code),
        ", ".join(filter(None, parts)),
        problem.line,
        problem.message,
        problem.code if problem.code in RULES else "",
    )


@dataclass(frozen=True, slots=True)
class Todo:
    """All problems of one element: what a designer does there. ``element`` is "" for the whole file."""

    n: int
    element: str
    must: bool
    where: str
    items: tuple[Listed, ...]


def grouped(problems: Sequence[Listed], drawn: Sequence[Drawn]) -> list[Todo]:
    """The problems by element: first the whole file, then the elements in the order of their first problem."""
    known = {one.element: f"{drawn_word(one.kind)} “{one.name or one.element}”" for one in drawn}
    groups: dict[str, list[Listed]] = {"": []}
    for problem in problems:
        groups.setdefault(problem.element, []).append(problem)
    return [
        Todo(
            number,
            element,
            any(item.must for item in items),
            known.get(element, items[0].where) if element else _("The whole file"),
            tuple(items),
        )
        for number, (element, items) in enumerate((g for g in groups.items() if g[1]), start=1)
    ]


def heading(code: str) -> str:
    """A short heading for a kind of problem; the sentence below it says the rest."""
    if code in RULES:
        return _(RULES[code].title)
    for begins, told in _HEADINGS:
        if code.startswith(begins):
            return told()
    return _("This needs another look")


def _places(processes: Sequence[Process]) -> dict[str, str]:
    """Element → what people call it and where it is: "Task “Check”, lane Counter"."""
    found: dict[str, str] = {}
    for process in processes:
        for scope, node in process.scope.walk():
            for flow_id in node.outgoing:
                flow = scope.flows[flow_id]
                ends = (_called(node), _called(scope.nodes[flow.target]))
                found.setdefault(
                    flow.element, _("Flow from “%(one)s” to “%(other)s”", one=ends[0], other=ends[1])
                )
            if node.synthetic:
                continue
            parts = [f"{_kind(node.kind)} “{_called(node)}”"]
            if node.lane:
                parts.append(_("lane %(name)s", name=node.lane[-1]))
            found[node.element] = ", ".join(parts)
        for lane in process.lanes:
            found[lane.element] = _("Lane “%(name)s”", name=lane.path[-1])
        found.setdefault(process.key, _("Process “%(name)s”", name=process.name))
    return found


def _called(node: Node) -> str:
    return (node.name.source.strip() if node.name else "") or node.element


def drawn_word(kind: DrawnKind) -> str:
    """What people call such an element."""
    match kind:
        case DrawnKind.PROCESS:
            return _("Process")
        case DrawnKind.POOL:
            return _("Pool")
        case DrawnKind.LANE:
            return _("Lane")
        case DrawnKind.FLOW:
            return _("Flow")
        case DrawnKind.EVENT:
            return _("Event")
        case DrawnKind.TASK:
            return _("Task")
        case DrawnKind.GATEWAY:
            return _("Gateway")
        case DrawnKind.SUB_PROCESS:
            return _("Sub-process")
        case DrawnKind.DATA:
            return _("Data")
        case DrawnKind.NOTE:
            return _("Note")
        case DrawnKind.CHOREOGRAPHY:
            return _("Choreography")
        case DrawnKind.CONVERSATION:
            return _("Conversation")


def _kind(kind: NodeKind) -> str:
    match kind:
        case NodeKind.START | NodeKind.END | NodeKind.CATCH | NodeKind.THROW | NodeKind.BOUNDARY:
            return _("Event")
        case (
            NodeKind.EXCLUSIVE
            | NodeKind.PARALLEL
            | NodeKind.INCLUSIVE
            | NodeKind.EVENT_GATEWAY
            | NodeKind.COMPLEX
        ):
            return _("Gateway")
        case (
            NodeKind.SUB_PROCESS | NodeKind.TRANSACTION | NodeKind.EVENT_SUB_PROCESS | NodeKind.CALL_ACTIVITY
        ):
            return _("Sub-process")
        case _:
            return _("Task")


_HEADINGS: tuple[tuple[tuple[str, ...], Callable[[], str]], ...] = (
    (("ignore_",), lambda: _("This silences nothing")),
    (("service_skipped", "listener_skipped", "form_skipped"), lambda: _("Left out on purpose")),
    (("id_invalid", "duplicate_id"), lambda: _("The id is not clear")),
    (("variable_renamed", "form_key_renamed"), lambda: _("Kept under another name")),
    (("timer_cron", "environment_read"), lambda: _("Read as it is meant here")),
    (("misplaced", "said_twice"), lambda: _("The drawing contradicts itself here")),
    (("start_",), lambda: _("The beginning is not clear")),
    (("correlation_",), lambda: _("The message does not find its case")),
    (("form_", "field_", "fields_"), lambda: _("The form is not complete")),
    (
        (
            *("lane_setting_unused", "binding_unused", "pool_multiplicity", "file_ignored"),
            *("vendor_ignored", "data_ignored", "operation_ignored", "property_ignored", "resource_ignored"),
        ),
        lambda: _("This has no effect"),
    ),
    (("lane", "agency", "no_agency", "outside_lanes", "in_two_lanes"), lambda: _("Nobody can do this task")),
    (("role_unknown", "person_unknown", "four_eyes"), lambda: _("It is not clear who may do this")),
    (("timer", "sla_", "due_", "several_timers"), lambda: _("The time limit cannot be read")),
    (("decision", "dmn_"), lambda: _("The decision table does not fit")),
    (("connector", "system_", "service_", "retries_"), lambda: _("The call to a system is not complete")),
    (
        ("expression", "script", "variable_", "mapping_", "priority_", "data_value"),
        lambda: _("This expression cannot be read"),
    ),
    (("xml", "too_", "text_too", "not_bpmn", "no_process"), lambda: _("The file cannot be read")),
    (("not_supported", "unknown_element", "vendor_", "listener_"), lambda: _("Lintas cannot run this yet")),
    (("multi_instance", "loop_"), lambda: _("The repetition is not clear")),
    (
        ("flow", "default", "condition", "event_gateway", "two_flows", "boundary_", "complex_", "implicit_"),
        lambda: _("The way on is not clear"),
    ),
    (
        ("no_start", "several_starts", "sub_process", "event_sub"),
        lambda: _("A beginning or an end is missing"),
    ),
    (
        (
            *("event", "send_", "several_event", "link", "cancel", "compensation"),
            *("message_", "signal_", "error_", "escalation_"),
        ),
        lambda: _("The event is not complete"),
    ),
    (("not_executable",), lambda: _("It is drawn as documentation")),
    (
        ("called_", "process_", "not_runnable"),
        lambda: _("The process does not fit the house"),
    ),
    (("settings_", "calendar_"), lambda: _("process.toml cannot be read as it is")),
)
