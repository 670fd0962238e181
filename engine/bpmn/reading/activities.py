"""What tasks carry: people, connectors, scripts, decisions and called processes."""

import re

from lxml import etree

from engine.bpmn.model import Assignment, Expr, Script, Service, Work
from engine.bpmn.reading.dialects import DROOLS, ZEEBE
from engine.bpmn.reading.events import is_date, is_duration
from engine.bpmn.reading.facts import IGNORE
from engine.bpmn.reading.mappings import Mapping
from engine.bpmn.reading.source import Source
from engine.bpmn.xml import child, children, local, namespace

OWNERS = re.compile(r"(?:(user|group)\s*\(([^()]*)\)|([^,]+))\s*(?:,|$)")
LATER = frozenset({"slaLadder", "onBreach", "legalBasis"})
"""Properties with a meaning that is not acted upon yet."""
WORK_PROPERTIES = frozenset(
    {"sla", "slaCalendar", "form", "priority", "correlation", "fourEyes", "four_eyes", IGNORE}
)
MOST_CANDIDATES = 50


def read_work(
    source: Source, element: etree._Element, inherited: dict[str, str], *, form: str | None
) -> Work:
    """Who does a user task and until when. ``inherited``: properties of its lane and process (sla, slaCalendar)."""
    own = source.properties(element)
    properties = {**inherited, **own}
    users, groups, performer = _owners(source, element)
    assignment = source.extension(element, "assignmentDefinition", space=ZEEBE)
    schedule = source.extension(element, "taskSchedule", space=ZEEBE)
    priority = source.extension(element, "priorityDefinition", space=ZEEBE)

    def told(name: str, zeebe: etree._Element | None) -> str | None:
        return source.attribute(element, name) or (zeebe.get(name) if zeebe is not None else None)

    jbpm = _drools(element, "customSLADueDate")
    sla = properties.get("sla") or jbpm
    if sla is not None and not is_duration(sla):
        source.error(
            "sla_invalid", f'sla="{sla}" is no ISO 8601 duration. Write for example P5D or PT4H.', element
        )
        sla = None
    # jBPM knows no working time
    calendar = properties.get("slaCalendar", "elapsed" if jbpm and "sla" not in properties else "working")
    if calendar not in {"working", "elapsed"}:
        source.error("sla_invalid", f'slaCalendar="{calendar}" must be working or elapsed.', element)
        calendar = "working"
    for word in LATER & own.keys():
        source.warn("property_ignored", f"The property {word} is not acted upon yet.", element)
    assignee = told("assignee", assignment)
    return Work(
        form=form,
        assignee=source.template(assignee, element) if assignee else performer,
        candidate_users=(*_several(source, told("candidateUsers", assignment), element), *users),
        candidate_groups=(*_several(source, told("candidateGroups", assignment), element), *groups),
        due=_moment(source, told("dueDate", schedule), element),
        follow_up=_moment(source, told("followUpDate", schedule), element),
        priority=_priority(source, own.get("priority") or told("priority", priority), element),
        done_by=_completer(source, element),
        apart_from=_apart_from(own),
        sla=sla,
        sla_calendar=calendar,
    )


def _drools(element: etree._Element, name: str) -> str | None:
    """The value of jBPM's metaData ``name``."""
    holder = child(element, "extensionElements")
    for inner in holder if holder is not None else ():
        if namespace(inner) == DROOLS and local(inner) == "metaData" and inner.get("name") == name:
            text = "".join(str(t) for t in inner.itertext()).strip()
            return text or None
    return None


def _completer(source: Source, element: etree._Element) -> str | None:
    """Flowable's variable for the user name of whoever completes the task."""
    inner = source.extension(element, "taskCompleterVariableName")
    written = source.attribute(element, "taskCompleterVariableName") or (
        (inner.text or "").strip() if inner is not None else ""
    )
    return source.variable(written, element) if written else None


def _apart_from(properties: dict[str, str]) -> tuple[str, ...]:
    """Four eyes: the elements whose doers may not do this one too. Admission looks whether they exist."""
    written = properties.get("fourEyes") or properties.get("four_eyes") or ""
    return tuple(dict.fromkeys(re.split(r"[\s,;]+", written.strip()))) if written.strip() else ()


def _moment(source: Source, text: str | None, element: etree._Element) -> Expr | None:
    """A due or follow-up date: an expression, a date or a duration."""
    found = source.expression(text, element)
    if found is not None and found.constant and not (is_duration(text or "") or is_date(text or "")):
        source.error(
            "due_invalid",
            f'"{text}" is no date and no duration in ISO 8601. Write for example 2026-12-01T16:00:00+08:00 or P5D.',
            element,
        )
        return None
    return found


def _priority(source: Source, text: str | None, element: etree._Element) -> Expr | None:
    found = source.expression(text, element)
    if found is not None and found.constant and not re.fullmatch(r"=?\s*-?\d{1,9}", (text or "").strip()):
        source.error(
            "priority_invalid", f'The priority "{text}" is no whole number. Write for example 50.', element
        )
        return None
    return found


def _several(source: Source, text: str | None, at: etree._Element) -> tuple[Expr, ...]:
    """A list by commas, or one expression that gives a list."""
    if not text:
        return ()
    if text.startswith("=") or "${" in text or "#{" in text:
        pieces = [text] if text.startswith("=") else split_outside_braces(text)
    else:
        pieces = text.split(",")
    return tuple(e for piece in _bounded(source, pieces, at) if (e := source.template(piece.strip(), at)))


def _bounded(source: Source, pieces: list[str], at: etree._Element) -> list[str]:
    if len(pieces) <= MOST_CANDIDATES:
        return pieces
    source.error(
        "too_many_candidates",
        f"The task names more than {MOST_CANDIDATES} users or groups. Name a role they share.",
        at,
    )
    return []


def split_outside_braces(text: str) -> list[str]:
    """Cut at the commas that are not inside ``{…}``."""
    pieces, depth, begin = [], 0, 0
    for at, sign in enumerate(text):
        if sign == "{":
            depth += 1
        elif sign == "}":
            depth = max(depth - 1, 0)
        elif sign == "," and depth == 0:
            pieces.append(text[begin:at])
            begin = at + 1
    pieces.append(text[begin:])
    return [p for p in pieces if p.strip()]


def _owners(source: Source, element: etree._Element) -> tuple[list[Expr], list[Expr], Expr | None]:
    """potentialOwner and humanPerformer: users, groups and the one who does it."""
    users: list[Expr] = []
    groups: list[Expr] = []
    performer: Expr | None = None
    for role in element:
        kind = local(role)
        if kind not in {"potentialOwner", "humanPerformer", "performer"}:
            continue
        assignment = child(role, "resourceAssignmentExpression")
        formal = child(assignment, "formalExpression") if assignment is not None else None
        text = " ".join((formal.text or "").split()) if formal is not None else ""
        if not text:
            if child(role, "resourceRef") is not None:
                source.warn(
                    "resource_ignored",
                    "The resource of the task is not read. Name groups with candidateGroups; the lane names the agency.",
                    element,
                )
            continue
        if kind != "potentialOwner":
            performer = source.template(_inside(text), element)
            continue
        pieces = split_outside_braces(text) if "{" in text else _pieces(text)
        for piece in _bounded(source, pieces, element):
            made = source.template(_inside(piece), element)
            if made is not None:
                # an owner without a word before it is an actor in jBPM, a group everywhere else
                named = piece.strip().startswith("user(") or (source.is_jbpm and "(" not in piece)
                (users if named else groups).append(made)
    return users, groups, performer


def _pieces(text: str) -> list[str]:
    return [m.group(0).strip().rstrip(",").strip() for m in OWNERS.finditer(text)]


def _inside(piece: str) -> str:
    found = re.fullmatch(r"\s*(?:user|group)\s*\((.*)\)\s*", piece, re.DOTALL)
    return (found[1] if found else piece).strip()


def read_service(
    source: Source, element: etree._Element, definition: etree._Element | None = None
) -> Service | None:
    """The connector that ``element`` names; None when it names none. ``definition``: a message definition inside it."""
    properties = source.properties(element)
    task = source.extension(element, "taskDefinition", space=ZEEBE)
    topic = source.attribute(element, "topic")
    kind = source.attribute(element, "type")
    if definition is not None:
        topic = topic or source.attribute(definition, "topic")
        kind = kind or source.attribute(definition, "type")
    if kind is not None and kind not in {"external", "dmn"} and "connector" not in properties:
        source.error(
            "vendor_code",
            f'type="{kind}" is a built-in of another engine. Set the extension property connector.',
            element,
        )
    connector = properties.get("connector") or topic or (task.get("type") if task is not None else None)
    if not connector:
        return None
    if "${" in connector or "#{" in connector or connector.startswith("="):
        source.error(
            "connector_by_expression",
            f'The connector "{connector}" is chosen by an expression. Name one connector; the drawing then says what runs.',
            element,
        )
        return None
    settings = {
        name: text for name, text in properties.items() if name not in WORK_PROPERTIES | {"connector"}
    }
    headers = source.extension(element, "taskHeaders", space=ZEEBE)
    if headers is not None:
        settings |= {h.get("key", ""): h.get("value", "") for h in headers if h.get("key")}
    result = source.attribute(element, "resultVariable", "resultVariableName")
    return Service(
        connector=connector,
        settings=settings,
        expressions=source.templates(settings, element),
        result_variable=source.variable(result, element) if result else None,
        retries=_retries(source, element, task),
    )


def _retries(source: Source, element: etree._Element, task: etree._Element | None) -> int | None:
    text = task.get("retries") if task is not None else None
    cycle = source.extension(element, "failedJobRetryTimeCycle")
    if cycle is not None and (found := re.match(r"\s*R(\d{1,3})/", cycle.text or "")):
        text = found[1]
    if not text:
        return None
    text = text.removeprefix("=").strip()
    if text.isascii() and text.isdigit() and len(text) <= 3:
        return int(text)
    source.warn(
        "retries_ignored", f'retries="{text}" is no number; the usual number of attempts is made.', element
    )
    return None


def read_script_task(source: Source, element: etree._Element) -> tuple[Script | None, Mapping]:
    """The script of a script task; or none, and the mapping that an expression with a result variable amounts to."""
    result = source.attribute(element, "resultVariable")
    zeebe = source.extension(element, "script", space=ZEEBE)
    if zeebe is not None:
        return _storing(source, element, zeebe.get("expression"), zeebe.get("resultVariable"))
    body = child(element, "script")
    text = (body.text or "") if body is not None else ""
    if not text.strip():
        source.error(
            "script_missing", "The script task has no script. Write one, or make it a plain task.", element
        )
        return None, ()
    language = (element.get("scriptFormat") or "").strip() or None
    if language and language.lower() in {"juel", "feel"}:
        feel = language.lower() == "feel" and not text.strip().startswith("=")
        return _storing(source, element, f"= {text.strip()}" if feel else text, result)
    if result:
        target = source.variable(result, element)
        text = f"{target} = (\n{text.strip()}\n)"
        return (source.script(text, language, element) if target else None), ()
    return source.script(text, language, element), ()


def _storing(
    source: Source, element: etree._Element, text: str | None, result: str | None
) -> tuple[Script | None, Mapping]:
    value = source.expression(text, element)
    if not (result or "").strip():
        source.error(
            "script_without_result", "The expression's result goes nowhere. Name a result variable.", element
        )
        return None, ()
    target = source.variable(result, element)
    return None, ((Assignment(target, value),) if target and value else ())


def read_computation(source: Source, element: etree._Element) -> Mapping | None:
    """A task whose ``expression`` only computes over variables: what it stores; None when there is none such."""
    written = source.attribute(element, "expression")
    value = source.understood(written, element) if written else None
    if value is None:
        return None
    result = source.attribute(element, "resultVariable", "resultVariableName")
    target = source.variable(result, element) if result else None
    return (Assignment(target, value),) if target else ()


def documentation(element: etree._Element) -> str:
    """The texts of <documentation>, cleaned of the indentation of the file."""
    texts = [" ".join((e.text or "").split()) for e in children(element, "documentation")]
    return "\n".join(t for t in texts if t)
