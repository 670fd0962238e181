"""Processes: the list, and a version with its diagram, its tasks and its history of versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, url_for

from engine.bpmn.model import NodeKind
from engine.bpmn.outline import Drawn, DrawnKind
from engine.errors import NotPermitted
from engine.model import Actor
from engine.problems import Problem, Severity
from engine.states import Power
from engine.store import people, processes
from engine.store.page import Named
from engine.store.starts import TIMER, StartRow
from engine.store.uow import UnitOfWork
from engine.store.versions import version_of
from engine.usecases.access import require_starter
from web.context import actor, house
from web.pages import words
from web.pages.models import model_of, outline_of
from web.pages.problem_words import Listed, Todo, drawn_word, grouped, listed
from web.pages.shell import place_of
from web.pages.steps import in_order, name_of
from web.pages.texts import _

pages = Blueprint("processes", __name__)

_UNTOLD = frozenset({DrawnKind.PROCESS, DrawnKind.LANE, DrawnKind.FLOW})
"""What the table of a drawing tells by the places of the others."""


@dataclass(frozen=True, slots=True)
class Line:
    href: str
    title: str
    key: str
    agency: str
    version: int
    view_only: bool
    start_href: str


@dataclass(frozen=True, slots=True)
class TaskLine:
    name: str
    agency: str
    roles: str


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """An element of a drawing: what it is called, what it is, and the pool and lane it is in."""

    name: str
    kind: str
    where: str


@dataclass(frozen=True, slots=True)
class VersionLine:
    version: int
    href: str
    at: datetime
    live: bool
    current: bool
    view_only: bool


@dataclass(frozen=True, slots=True)
class StartLine:
    """What starts a case by itself. ``next_at`` None: nothing to say; ``over``: a schedule that starts no more."""

    what: str
    label: str
    next_at: datetime | None
    over: bool


@dataclass(frozen=True, slots=True)
class ProcessPage:
    """``todo`` and ``drawn`` are of a version kept for viewing; ``warnings`` and ``tasks`` of one that runs."""

    key: str
    title: str
    agency: str
    version: int
    is_live: bool
    view_only: bool
    deployed_at: datetime
    deployed_by: str
    warnings: list[Listed]
    todo: list[Todo]
    drawn: list[DrawnLine]
    marks: dict[str, Any]
    diagram_url: str
    start_href: str
    check_href: str
    may_deploy: bool
    starts: list[StartLine]
    tasks: list[TaskLine]
    versions: list[VersionLine]


@pages.get("/processes")
def index() -> str:
    who = actor()
    with house().db.read(who) as uow:
        rows = [
            Line(
                url_for("pages.processes.show", key=row.key, number=row.latest_version),
                row.title(words.locale()),
                row.key,
                row.owner.name(words.locale()),
                row.latest_version,
                row.view_only,
                start_href(who, row),
            )
            for row in processes.processes(uow, limit=500).items
        ]
        place = place_of(uow, who)
    return render_template("processes.html", rows=rows, may_deploy=who.may(Power.DESIGNER), place=place)


@pages.get("/processes/<key>/versions/<int:number>")
def show(key: str, number: int) -> str:
    who = actor()
    with house().db.read(who) as uow:
        page = _page(uow, key, number)
        place = place_of(uow, who)
    return render_template("process.html", process=page, place=place)


def start_href(who: Actor, row: processes.ProcessRow) -> str:
    """Where a case of the process is started, for those who may; else ""."""
    if row.view_only or not row.starts_by_hand:
        return ""
    try:
        require_starter(who, row.owner.key, row.start_roles)
    except NotPermitted:
        return ""
    return url_for("pages.start.ask", key=row.key)


def _page(uow: UnitOfWork, key: str, number: int) -> ProcessPage:
    locale = words.locale()
    row = processes.process(uow, key)
    version = processes.version(uow, key, number)
    live = row.latest_version == number and not row.view_only
    drawn = outline_of(uow, key, number) if version.view_only else []
    todo = grouped(listed(_problems(version), [], version.filename), drawn) if version.view_only else []
    warned = uow.actor.may(Power.DESIGNER) and not version.view_only
    return ProcessPage(
        key=key,
        title=row.title(locale),
        agency=row.owner.name(locale),
        version=number,
        is_live=live,
        view_only=version.view_only,
        deployed_at=version.deployed_at,
        deployed_by=version.deployed_by_name,
        warnings=_warnings(uow, key, version) if warned else [],
        todo=todo,
        drawn=[_drawn(one) for one in drawn if one.kind not in _UNTOLD],
        marks=_marks(todo),
        diagram_url=url_for("pages.diagrams.of_version", key=key, number=number),
        start_href=start_href(uow.actor, row) if live else "",
        check_href=url_for("pages.upload.again", key=key, number=number) if version.view_only else "",
        may_deploy=uow.actor.may(Power.DESIGNER),
        starts=[_start_line(start) for start in row.starts] if live else [],
        tasks=_tasks(uow, key, number) if not version.view_only else [],
        versions=[
            VersionLine(
                other.version,
                url_for("pages.processes.show", key=key, number=other.version),
                other.deployed_at,
                other.version == row.latest_version and not row.view_only,
                other.version == number,
                other.view_only,
            )
            for other in processes.versions(uow, key)
        ],
    )


def _start_line(start: StartRow) -> StartLine:
    match start.kind:
        case "message":
            what = _("Message “%(name)s”", name=start.name)
        case "signal":
            what = _("Signal “%(name)s”", name=start.name)
        case _:
            what = _("Schedule %(timer)s", timer=start.timer or "")
    over = start.kind == TIMER and start.next_at is None
    return StartLine(what, start.label, start.next_at, over)


def _tasks(uow: UnitOfWork, key: str, number: int) -> list[TaskLine]:
    """Who does each user task, in the order of the flow."""
    locale = words.locale()
    version = version_of(uow, key, number)
    agencies = {agency.key: agency for agency in people.agencies(uow)}
    lines = []
    for node in in_order(model_of(uow, key, number).scope):
        if node.kind is not NodeKind.USER_TASK:
            continue
        route = version.routing.get(node.id, {})
        agency = agencies.get(str(route.get("agency", "")))
        names = (
            {role.key: role.name_id if locale == "id" else role.name_en for role in agency.roles}
            if agency
            else {}
        )
        wanted = [group.source for group in node.work.candidate_groups] if node.work else []
        roles = ", ".join(names.get(role, role) for role in wanted or route.get("roles", ()))
        where = words.agency(Named(agency.key, agency.name_id, agency.name_en)) if agency else _("not routed")
        lines.append(TaskLine(name_of(node), where, roles))
    return lines


def _drawn(one: Drawn) -> DrawnLine:
    where = _("nothing is drawn inside") if one.empty else " / ".join(one.path)
    return DrawnLine(one.name or one.element, drawn_word(one.kind), where)


def _marks(todo: Sequence[Todo]) -> dict[str, Any]:
    """One pin an element, with the number of its group in the list."""
    return {
        "problems": [
            {
                "n": group.n,
                "element": group.element,
                "must": group.must,
                "label": _("To do %(n)s: %(heading)s", n=group.n, heading=group.items[0].heading),
            }
            for group in todo
            if group.element
        ]
    }


def _problems(version: processes.VersionRow) -> list[Problem]:
    return [Problem(**{**warning, "severity": Severity(warning["severity"])}) for warning in version.warnings]


def _warnings(uow: UnitOfWork, key: str, version: processes.VersionRow) -> list[Listed]:
    return listed(_problems(version), [model_of(uow, key, version.version)], version.filename)
