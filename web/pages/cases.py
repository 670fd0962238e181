"""Cases: the list with its search, one case, and cancelling it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.errors import Invalid
from engine.states import CaseState, Power
from engine.store import cases, history, incidents, people, processes
from engine.store.cases import CaseWaits
from engine.store.history import EventRow
from engine.store.page import Named
from engine.store.rows import CaseRow, TaskRow
from engine.store.uow import UnitOfWork
from engine.store.versions import version_of
from engine.usecases.cancel_case import cancel_case
from web.context import actor, house
from web.pages import words
from web.pages.acting import act
from web.pages.back import address
from web.pages.calendars import Calendars
from web.pages.diagrams import marks
from web.pages.facts import called, labelled
from web.pages.formfields import Option
from web.pages.models import labels_of, model_of
from web.pages.shell import now, place_of
from web.pages.steps import Step, agency_names, duration, steps
from web.pages.telling import Told, told
from web.pages.texts import _, ngettext
from web.pages.time_left import TimeLeft, WorkingDays, time_left

pages = Blueprint("cases", __name__)

PAGE = 50
EVENTS = 200


@dataclass(frozen=True, slots=True)
class CaseLine:
    href: str
    key: str
    process: str
    title: str
    subtitle: str
    state: str
    held_by: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Found:
    """What a search over cases found, and what was searched for."""

    q: str
    scope: str
    processes: list[Option]
    states: list[Option]
    rows: list[CaseLine]
    next: str | None


@dataclass(frozen=True, slots=True)
class Holder:
    who: str
    what: str


@dataclass(frozen=True, slots=True)
class Waiting:
    what: str
    who: str
    at: datetime | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class HeldUp:
    text: str
    href: str


@dataclass(frozen=True, slots=True)
class CasePage:
    href: str
    key: str
    process: str
    version: int
    state: str
    title: str
    subtitle: str
    holders: list[Holder]
    left: TimeLeft | None
    age: str
    started_at: datetime
    ended_at: datetime | None
    incidents: list[HeldUp]
    steps: list[Step]
    marks: dict[str, Any]
    diagram_url: str
    waits: list[Waiting]
    facts: list[tuple[str, str]]
    events: list[Told]
    event_count: int
    older: str
    intact: bool
    broken_at: int | None
    last_hash: str
    audit_href: str
    cancel_href: str


@pages.get("/cases")
def index() -> str:
    who = actor()
    with house().db.read(who) as uow:
        found = search(uow, "pages.cases.index", "pages.cases.show")
        place = place_of(uow, who)
    return render_template("cases.html", found=found, place=place)


@pages.get("/cases/<case_id>")
def show(case_id: str) -> str:
    who = actor()
    with house().db.read(who) as uow:
        page = case_page(uow, case_id, older="pages.cases.show")
        place = place_of(uow, who)
    return render_template("case.html", case=page, place=place)


@pages.get("/cases/<case_id>/cancel")
def ask_cancel(case_id: str) -> str:
    return _cancel_page(case_id)


@pages.post("/cases/<case_id>/cancel")
def cancel(case_id: str) -> Response | tuple[str, int]:
    reason = request.form.get("reason", "").strip()
    if not reason:
        return _cancel_page(
            case_id, _("Write the reason, so that everyone who looks for the case can read it.")
        ), 422
    try:
        act(cancel_case, case_id, reason)
    except Invalid:
        return _cancel_page(case_id, _("The reason is too long. Write at most 2,000 letters."), reason), 422
    flash(_("The case is cancelled."), "ok")
    return redirect(url_for("pages.cases.show", case_id=case_id), 303)


def search(uow: UnitOfWork, here: str, onward: str) -> Found:
    """The cases that the request's ``q``, ``process`` and ``state`` ask for; ``onward`` shows one of them."""
    q, process, state = (request.args.get(name, "").strip() for name in ("q", "process", "state"))
    known_states = {
        CaseState.RUNNING: _("Running"),
        CaseState.COMPLETED: _("Completed"),
        CaseState.CANCELLED: _("Cancelled"),
    }
    state = state if state in set(known_states) else ""
    page = cases.cases(
        uow,
        q=q or None,
        process=process or None,
        state=state or None,
        after=request.args.get("after"),
        limit=PAGE,
    )
    wanted = {"q": q, "process": process, "state": state}
    return Found(
        q=q,
        scope=_scope(uow),
        processes=[
            Option(row.key, row.title(words.locale()), row.key == process)
            for row in processes.processes(uow, limit=500).items
        ],
        states=[Option(key.value, label, key.value == state) for key, label in known_states.items()],
        rows=[line(row, onward) for row in page.items],
        next=address(here, after=page.next, **wanted) if page.next else None,
    )


def line(row: CaseRow, onward: str) -> CaseLine:
    names = called(row.case_id, row.business_key, row.facts)
    return CaseLine(
        url_for(onward, case_id=row.case_id),
        names.key,
        row.process.name(words.locale()),
        names.title,
        names.subtitle,
        row.state.value,
        ", ".join(words.agency(agency) for agency in row.held_by),
        row.started_at,
        row.ended_at,
    )


def case_page(uow: UnitOfWork, case_id: str, *, older: str, whole: bool = False) -> CasePage:
    """Everything the page of a case shows. ``older``: endpoint of the page with earlier events."""
    at, locale = now(), words.locale()
    row = cases.case(uow, case_id)
    names = called(row.case_id, row.business_key, row.facts)
    waits = cases.waits(uow, case_id)
    before = request.args.get("before", type=int)
    verdict = history.verify(uow, case_id)
    events = newest(uow, case_id, verdict.events if before is None else before - 1)
    states = history.diagram_state(uow, case_id)
    calendars = Calendars(uow)
    lefts = {
        task.element_id: (task, time_left(task.due_at, at, calendars.of(task.agency.key)))
        for task in waits.tasks
    }
    version = version_of(uow, row.process.key, row.process_version)
    agencies = {
        agency.key: words.agency(Named(agency.key, agency.name_id, agency.name_en))
        for agency in people.agencies(uow)
    }
    running = row.state is CaseState.RUNNING
    return CasePage(
        href=url_for("pages.cases.show", case_id=case_id),
        key=names.key,
        process=row.process.name(locale),
        version=row.process_version,
        state=row.state.value,
        title=names.title,
        subtitle=names.subtitle,
        holders=_holders(row, waits, at),
        left=_nearest([left for _, left in lefts.values()], waits, at, calendars.of(row.owner.key)),
        age=duration(row.started_at, row.ended_at or at),
        started_at=row.started_at,
        ended_at=row.ended_at,
        incidents=_held_up(uow, case_id) if running else [],
        steps=steps(
            model_of(uow, row.process.key, row.process_version),
            states,
            events,
            now=at,
            agencies=agency_names(version.routing, agencies),
            open_tasks=lefts,
        ),
        marks=marks(states, _("The case is here")),
        diagram_url=url_for("pages.diagrams.of_case", case_id=case_id),
        waits=_waits(waits),
        facts=labelled(row.facts),
        events=told(
            events,
            labels_of(uow, row.process.key, row.process_version),
            now_first=running and before is None,
            whole=whole,
        ),
        event_count=verdict.events,
        older=url_for(older, case_id=case_id, before=events[-1].seq) if events and events[-1].seq > 1 else "",
        intact=verdict.intact,
        broken_at=verdict.broken_at,
        last_hash=events[0].hash if events and before is None else "",
        audit_href=url_for("pages.audit.show", case_id=case_id) if uow.actor.may(Power.AUDITOR) else "",
        cancel_href=url_for("pages.cases.ask_cancel", case_id=case_id)
        if running and (uow.actor.may(Power.OPERATOR) or row.owner.key in uow.actor.agencies)
        else "",
    )


def _nearest(tasks: list[TimeLeft], waits: CaseWaits, at: datetime, calendar: WorkingDays) -> TimeLeft | None:
    """The limit that comes first: of a task that this reader sees, else of a timer that runs."""
    limited = [left for left in tasks if left.due_at is not None]
    if limited:
        return min(limited, key=lambda left: left.due_at or at)
    if waits.deadlines:
        return time_left(min(timer.run_at for timer in waits.deadlines), at, calendar)
    return tasks[0] if tasks else None


def newest(uow: UnitOfWork, case_id: str, last: int) -> list[EventRow]:
    """Up to ``EVENTS`` events that end with number ``last``, newest first."""
    events = history.history(uow, case_id, after=max(0, last - EVENTS), limit=EVENTS)
    return [event for event in reversed(events) if event.seq <= last]


def _scope(uow: UnitOfWork) -> str:
    if uow.actor.may(Power.AUDITOR) or uow.actor.may(Power.OPERATOR):
        return _("All cases of the house")
    return _("Cases that %(agency)s takes part in", agency=place_of(uow, uow.actor))


def _holders(row: CaseRow, waits: CaseWaits, at: datetime) -> list[Holder]:
    """Who has the case: people by name where this reader sees their task, else their agency."""
    seen = {task.agency.key for task in waits.tasks}
    holders = [_holder(task, at) for task in waits.tasks]
    holders += [
        Holder(words.agency(agency), _("A task there, not open to you"))
        for agency in row.held_by
        if agency.key not in seen
    ]
    return holders


def _holder(task: TaskRow, at: datetime) -> Holder:
    agency = words.agency(task.agency)
    if task.assignee_name:
        since = duration(task.claimed_at or task.created_at, at)
        return Holder(
            f"{task.assignee_name}, {agency}", _("%(task)s, for %(time)s", task=task.name, time=since)
        )
    return Holder(
        agency, _("%(task)s, not claimed for %(time)s", task=task.name, time=duration(task.created_at, at))
    )


def _held_up(uow: UnitOfWork, case_id: str) -> list[HeldUp]:
    if uow.actor.may(Power.OPERATOR) or uow.actor.may(Power.AUDITOR):
        return [
            HeldUp(incident.message, url_for("pages.incidents.index", _anchor=f"i{incident.id}"))
            for incident in incidents.incidents(uow, case=case_id).items
        ]
    return [HeldUp("", "")] if incidents.is_held_up(uow, case_id) else []


def _waits(waits: CaseWaits) -> list[Waiting]:
    """What the case waits for besides people."""
    found = [
        Waiting(timer.name or timer.element_id, _("The clock"), timer.run_at) for timer in waits.deadlines
    ]
    for job in waits.jobs:
        tried = (
            ngettext("%(num)s attempt so far", "%(num)s attempts so far", job.attempts)
            if job.attempts
            else ""
        )
        found.append(Waiting(job.name or job.element_id, job.target or "Lintas", job.run_at, tried))
    found += [
        Waiting(sub.label or sub.element_id, _("Message “%(name)s”", name=sub.name), None)
        for sub in waits.subscriptions
    ]
    return found


def _cancel_page(case_id: str, problem: str = "", reason: str = "") -> str:
    who = actor()
    with house().db.read(who) as uow:
        row = cases.case(uow, case_id)
    return render_template(
        "case_cancel.html", case=line(row, "pages.cases.show"), problem=problem, reason=reason
    )
