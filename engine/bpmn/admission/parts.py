"""The parts that a process names: forms, decisions, called processes, connectors, systems, people and roles."""

import ast
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from engine.bpmn.admission.lanes import LaneBook, Route, few
from engine.bpmn.bindings import SERVICES, TO_CONNECT, TO_SKIP, to_write
from engine.bpmn.dmn_table import HitPolicy, Table
from engine.bpmn.model import ActionKind, Expr, Node, Service
from engine.bpmn.settings import NAME as SETTINGS_NAME

Tell = Callable[[str, str, Node], None]
"""Reports a problem: code, sentence, the node it is about."""

MANY_ROWS = frozenset({HitPolicy.COLLECT, HitPolicy.RULE_ORDER, HitPolicy.OUTPUT_ORDER})
FORM_ENDINGS = (".form", ".json", ".html", ".htm")
MAX_FORM_ID_BYTES = 1_000_000


def basename(filename: str) -> str:
    return PurePosixPath(filename.replace("\\", "/")).name


def form_files(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Uploaded forms by key: the file's name without its ending, and the id written in it."""
    by_id: dict[str, bytes] = {}
    by_name: dict[str, bytes] = {}
    for filename, content in files.items():
        name = basename(filename)
        ending = next((e for e in FORM_ENDINGS if name.lower().endswith(e)), None)
        if ending is None or name == SETTINGS_NAME:
            continue
        by_name[name[: -len(ending)]] = content
        if found := _form_id(content):
            by_id.setdefault(found, content)
    return by_id | by_name


def _form_id(content: bytes) -> str:
    if len(content) > MAX_FORM_ID_BYTES:
        return ""
    try:
        form = json.loads(content)
    except (ValueError, RecursionError):
        return ""
    found = form.get("id") if isinstance(form, dict) else None
    return found if isinstance(found, str) else ""


def check_service(
    node: Node,
    service: Service,
    connectors: Mapping[str, Callable[[Mapping[str, str]], list[str]]],
    systems: Collection[str],
    tell: Tell,
) -> None:
    """The connector is known and content with its settings; the system is one an administrator set up."""
    if "system" in service.expressions:
        tell("system_by_expression", "The system is chosen by an expression. Name one system.", node)
    elif (system := service.settings.get("system")) and system not in systems:
        tell(
            "system_unknown",
            f'The system "{system}" is not set up here. Known are {few(frozenset(systems))}. Ask an administrator.',
            node,
        )
    check = connectors.get(service.connector)
    if check is None:
        tell(
            "connector_unknown",
            f'There is no connector "{service.connector}". Known are {few(connectors)}. Set the extension property connector. '
            + to_write(SERVICES, service.connector, TO_CONNECT, TO_SKIP),
            node,
        )
        return
    for sentence in check(service.settings):
        tell("connector_settings", sentence, node)


def check_decision(node: Node, tables: Mapping[str, Table], tell: Tell, *, zeebe: bool) -> None:
    """The decision is in the upload, and its table gives what the task stores.

    Camunda 8 does not say how a result is stored: one output gives its value, several give a context. ``zeebe`` settles
    it by the table; so do decisions of process.toml.
    """
    decision = node.decision
    if decision is None:
        return
    table = tables.get(decision.key)
    if table is None:
        tell(
            "decision_missing",
            f'The decision "{decision.key}" is in no uploaded DMN file. Add the file; uploaded are {few(tables)}.',
            node,
        )
        return
    several = len(table.outputs) > 1
    many = table.hit_policy in MANY_ROWS and table.aggregation is None
    if zeebe or decision.map_result == "by_table":
        one = "single_result" if several else "single_entry"
        all_rows = "result_list" if several else "collect_entries"
        node.decision = replace(decision, map_result=all_rows if many else one)
    elif several and decision.map_result in {"single_entry", "collect_entries"}:
        tell(
            "decision_result",
            f'The decision "{decision.key}" gives several outputs, which {decision.map_result} cannot store. '
            "Use singleResult or resultList.",
            node,
        )


def check_people(node: Node, route: Route, book: LaneBook, people: Collection[str], tell: Tell) -> None:
    """Constant groups are roles of the task's agency, constant users are people; expressions are asked at run time."""
    if node.work is None:
        return
    known = book.agencies.get(route.agency, frozenset())
    groups = [*node.work.candidate_groups, *_given_by_listeners(node, ActionKind.TASK_GROUPS)]
    for group in (g for e in groups for g in constants(e)):
        if group in known:
            continue
        if book.create_roles:
            book.new_roles.add((route.agency, group))
        else:
            tell(
                "role_unknown",
                f'The group "{group}" is no role of {route.agency}. Its roles are {few(known)}. '
                "Choose one, or deploy with create_roles.",
                node,
            )
    named = [
        *node.work.candidate_users,
        *([node.work.assignee] if node.work.assignee else []),
        *_given_by_listeners(node, ActionKind.TASK_USERS, ActionKind.TASK_ASSIGNEE),
    ]
    for user in (u for e in named for u in constants(e)):
        if user not in people:
            tell("person_unknown", f'"{user}" is nobody here. Write the username of a person.', node)


def _given_by_listeners(node: Node, *kinds: ActionKind) -> list[Expr]:
    actions = [action for listener in node.listeners for action in listener.actions]
    return [action.value for action in actions if action.kind in kinds and action.value is not None]


def constants(expr: Expr) -> Iterator[str]:
    """The text, or the list of texts, that ``expr`` always gives; nothing when it depends on variables."""
    if expr.names:
        return
    try:
        value = ast.literal_eval(expr.code)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return
    for item in value if isinstance(value, list | tuple) else [value]:
        if isinstance(item, str) and item.strip():
            yield item.strip()
