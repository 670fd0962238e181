"""The inbox: what waits for this person, by time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.errors import Conflict, NotFound, NotPermitted
from engine.model import Actor
from engine.states import Power
from engine.store import inbox as tasks
from engine.store.rows import TaskRow
from engine.store.uow import UnitOfWork
from engine.usecases.claim_task import claim_task
from web.context import actor, house
from web.pages import words
from web.pages.acting import act
from web.pages.back import address, own_path
from web.pages.calendars import Calendars
from web.pages.facts import called
from web.pages.shell import now, place_of
from web.pages.texts import _, ngettext
from web.pages.time_left import GROUPS, TimeLeft, group_heading, time_left

pages = Blueprint("inbox", __name__)

BOXES = ("all", "mine", "unclaimed", "late")
PAGE = 50
AT_ONCE = 100
"""Tasks that one press of a button may claim."""


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    href: str
    name: str
    key: str
    process: str
    title: str
    subtitle: str
    left: TimeLeft
    holder: str
    mine: bool
    claimable: bool


@dataclass(frozen=True, slots=True)
class Group:
    heading: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Link:
    """An entry of the rail or a chip. ``count`` None = not counted."""

    label: str
    href: str
    current: bool
    count: str | None = None
    late: int = 0


@dataclass(frozen=True, slots=True)
class Empty:
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Box:
    agency: str
    total: int
    unclaimed: int
    rail: list[Link]
    queues: list[Link]
    chips: list[Link]
    groups: list[Group]
    next: str | None
    empty: Empty
    filtered: bool


@pages.get("/inbox")
def show() -> str:
    chosen = {name: request.args.get(name, "") for name in ("box", "process", "due")}
    if chosen["box"] not in BOXES:
        chosen["box"] = "all"
    who, at = actor(), now()
    with house().db.read(who) as uow:
        counts = tasks.inbox_counts(uow)
        queues = tasks.inbox_queues(uow)
        page = tasks.inbox(
            uow,
            assignee={"mine": tasks.ME, "unclaimed": tasks.NOBODY}.get(chosen["box"]),
            process=chosen["process"] or None,
            due_before=_due_before(chosen, at),
            after=request.args.get("after"),
            limit=PAGE,
        )
        rows = [_row(row, who, at, Calendars(uow)) for row in page.items]
        agency = place_of(uow, who)
    box = Box(
        agency=agency,
        total=counts.all,
        unclaimed=0 if who.may(Power.AUDITOR) else counts.unclaimed,
        rail=_rail(counts, chosen),
        queues=[
            Link(
                queue.process.name(words.locale()),
                _href(chosen, process=queue.process.key),
                chosen["process"] == queue.process.key,
                _count(queue.count),
            )
            for queue in queues
        ],
        chips=[
            Link(label, _href(chosen, due=due), chosen["due"] == due)
            for label, due in ((_("All"), ""), (_("Due today"), "today"), (_("Due this week"), "week"))
        ],
        groups=_grouped(rows),
        next=_href(chosen, after=page.next) if page.next else None,
        empty=_empty(chosen, counts, agency),
        filtered=any(value not in ("", "all") for value in chosen.values()),
    )
    return render_template("inbox.html", box=box, place=agency)


@pages.post("/inbox/next")
def claim_next() -> Response:
    """Claim the most urgent task that nobody holds; if somebody is quicker, the one after it."""
    who = actor()
    with house().db.read(who) as uow:
        waiting = tasks.inbox(uow, assignee=tasks.NOBODY, limit=10).items
    for row in waiting:
        if _claimed(row.id):
            return redirect(url_for("pages.tasks.show", task_id=row.id), 303)
    flash(_("No task waits to be claimed."), "soon")
    return redirect(url_for("pages.inbox.show"), 303)


@pages.post("/inbox/claim")
def claim_many() -> Response:
    wanted = list(dict.fromkeys(request.form.getlist("task")))[:AT_ONCE]
    done = sum(_claimed(task_id) for task_id in wanted)
    if done:
        flash(ngettext("%(num)s task claimed.", "%(num)s tasks claimed.", done), "ok")
    if missed := len(wanted) - done:
        flash(
            ngettext(
                "%(num)s task was not claimed: somebody was quicker.",
                "%(num)s tasks were not claimed: somebody was quicker.",
                missed,
            ),
            "soon",
        )
    return redirect(own_path(request.form.get("next"), url_for("pages.inbox.show")), 303)


def next_task(uow: UnitOfWork, besides: str) -> TaskRow | None:
    """The most urgent task that the person holds, other than ``besides``."""
    held = tasks.inbox(uow, assignee=tasks.ME, limit=2).items
    return next((row for row in held if row.id != besides), None)


def _claimed(task_id: str) -> bool:
    try:
        act(claim_task, task_id)
    except (Conflict, NotFound, NotPermitted):
        return False
    return True


def _row(row: TaskRow, who: Actor, at: datetime, calendars: Calendars) -> Row:
    names = called(row.case_id, row.business_key, row.facts)
    return Row(
        id=row.id,
        href=url_for("pages.tasks.show", task_id=row.id),
        name=row.name,
        key=names.key,
        process=row.process.name(words.locale()),
        title=names.title,
        subtitle=names.subtitle,
        left=time_left(row.due_at, at, calendars.of(row.agency.key)),
        holder=row.assignee_name or "",
        mine=row.assignee == who.id,
        claimable=row.assignee is None and row.for_actor(who),
    )


def _grouped(rows: Iterable[Row]) -> list[Group]:
    by_group: dict[str, list[Row]] = {group: [] for group in GROUPS}
    for row in rows:
        by_group[row.left.group].append(row)
    return [Group(group_heading(group), found) for group, found in by_group.items() if found]


def _rail(counts: tasks.InboxCounts, chosen: dict[str, str]) -> list[Link]:
    entries = (
        ("all", _("All in my office"), counts.all, counts.late),
        ("mine", _("Held by me"), counts.mine, counts.mine_late),
        ("unclaimed", _("Not claimed"), counts.unclaimed, 0),
        ("late", _("Late"), counts.late, 0),
    )
    only = not chosen["process"]
    return [
        Link(
            label,
            address("pages.inbox.show", box="" if box == "all" else box),
            only and chosen["box"] == box,
            _count(count),
            late,
        )
        for box, label, count, late in entries
    ]


def _href(chosen: dict[str, str], **change: Any) -> str:
    wanted: dict[str, Any] = {**chosen, **change}
    if "process" in change:
        wanted["box"] = "all"
    return url_for(
        "pages.inbox.show", **{name: value for name, value in wanted.items() if value and value != "all"}
    )


def _due_before(chosen: dict[str, str], at: datetime) -> datetime | None:
    midnight = words.local(at).replace(hour=0, minute=0, second=0, microsecond=0)
    limits = []
    if chosen["box"] == "late":
        limits.append(at)
    if chosen["due"] == "today":
        limits.append(midnight + timedelta(days=1))
    if chosen["due"] == "week":
        limits.append(midnight + timedelta(days=7 - midnight.weekday()))
    return min(limits, default=None)


def _empty(chosen: dict[str, str], counts: tasks.InboxCounts, agency: str) -> Empty:
    if counts.unclaimed and chosen["box"] == "mine":
        waiting = ngettext(
            "%(num)s task at %(agency)s is not claimed yet.",
            "%(num)s tasks at %(agency)s are not claimed yet.",
            counts.unclaimed,
            agency=agency,
        )
        none = _("No task waits for you.")
        return Empty(_("Your tasks are all done"), f"{none} {waiting}")
    if counts.all:
        return Empty(_("Nothing here"), _("No task fits this filter. Other tasks wait outside it."))
    return Empty(
        _("Your tasks are all done"),
        _("No task waits for %(agency)s. New ones appear here by themselves.", agency=agency),
    )


def _count(number: int) -> str:
    return f"{number}+" if number >= 1000 else str(number)
