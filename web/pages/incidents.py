"""Incidents: what holds cases up, and the operator's two ways out."""

import json
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.errors import Conflict, NotPermitted
from engine.states import IncidentKind, IncidentState, JobKind, Power
from engine.store import incidents, job_list
from engine.store.incidents import IncidentRow
from engine.store.uow import UnitOfWork
from engine.usecases.open_incident import STUCK
from engine.usecases.retry_incident import retry_incident
from engine.usecases.skip_incident import skip_incident
from web.context import actor, house
from web.pages.acting import act
from web.pages.back import address
from web.pages.facts import called
from web.pages.inbox import Link
from web.pages.shell import place_of
from web.pages.texts import _

pages = Blueprint("incidents", __name__)


@dataclass(frozen=True, slots=True)
class Line:
    id: str
    heading: str
    message: str
    key: str
    case_href: str
    element: str
    system: str
    attempts: str
    at: datetime
    open: bool
    resolved: str
    may_retry: bool
    may_skip: bool


@pages.before_request
def only_operators() -> None:
    if not (actor().may(Power.OPERATOR) or actor().may(Power.AUDITOR)):
        raise NotPermitted("only operators may see incidents", power=Power.OPERATOR.value)


@pages.get("/incidents")
def index() -> str:
    state = "resolved" if request.args.get("state") == "resolved" else "open"
    with house().db.read(actor()) as uow:
        page = incidents.incidents(uow, state=state, after=request.args.get("after"))
        rows = [_line(uow, row) for row in page.items]
        place = place_of(uow, uow.actor)
    chips = [
        Link(label, address("pages.incidents.index", state="" if key == "open" else key), state == key)
        for key, label in (("open", _("Open")), ("resolved", _("Settled")))
    ]
    onward = url_for("pages.incidents.index", state=state, after=page.next) if page.next else None
    return render_template(
        "incidents.html",
        rows=rows,
        chips=chips,
        next=onward,
        may_act=actor().may(Power.OPERATOR),
        place=place,
    )


@pages.post("/incidents/<incident_id>/retry")
def retry(incident_id: str) -> Response:
    try:
        act(retry_incident, incident_id)
        flash(_("It is being tried again. If it fails once more, it comes back here."), "ok")
    except Conflict as conflict:
        if conflict.problem_code == "nothing_to_retry":
            flash(_("Trying again cannot help yet. The incident says what is missing."), "soon")
        else:
            flash(_("Somebody was quicker: this incident is settled already."), "soon")
    return redirect(url_for("pages.incidents.index"), 303)


@pages.get("/incidents/<incident_id>/skip")
def ask_skip(incident_id: str) -> str:
    return _skip_page(incident_id, "{}")


@pages.post("/incidents/<incident_id>/skip")
def skip(incident_id: str) -> Response | tuple[str, int]:
    text = request.form.get("data", "").strip() or "{}"
    try:
        data = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return _skip_page(
            incident_id, text, _("This is no JSON. Check the quotes, commas and brackets.")
        ), 422
    try:
        act(skip_incident, incident_id, data)
        flash(_("The step was skipped; the case goes on."), "ok")
    except Conflict:
        flash(_("This incident is settled already, or has no answer to give."), "soon")
    return redirect(url_for("pages.incidents.index"), 303)


def heading(kind: IncidentKind) -> str:
    """What kind of thing holds the case up."""
    match kind:
        case IncidentKind.JOB_DEAD:
            return _("A call to a system failed for good")
        case IncidentKind.OUTCOME_UNKNOWN:
            return _("Nobody knows whether the system did it")
        case IncidentKind.NOBODY_LEFT:
            return _("Nobody may do this task")
        case IncidentKind.STEP_FAILED:
            return _("The process cannot take its next step")


def _line(uow: UnitOfWork, row: IncidentRow) -> Line:
    job = job_list.job(uow, row.job_id) if row.job_id else None
    names = called(row.case_id, row.business_key, {})
    how = {
        "retried": _("tried again"),
        "skipped": _("skipped"),
        "cancelled": _("case cancelled"),
        "advanced": _("case went on"),
    }
    resolved = ""
    if row.state is IncidentState.RESOLVED:
        resolved = ", ".join(
            part for part in (how.get(row.resolution or "", _("settled")), row.resolved_by or "") if part
        )
    return Line(
        id=row.id,
        heading=heading(row.kind),
        message=row.message,
        key=names.key,
        case_href=url_for("pages.cases.show", case_id=row.case_id),
        element=job.name if job and job.name else row.element_id,
        system=row.target or "",
        attempts=f"{job.attempts}" if job else "–",
        at=row.created_at,
        open=row.state is IncidentState.OPEN,
        resolved=resolved,
        may_retry=row.code != STUCK,
        may_skip=job is not None and job.kind not in (JobKind.TIMER, JobKind.START),
    )


def _skip_page(incident_id: str, data: str, problem: str = "") -> str:
    with house().db.read(actor()) as uow:
        row = _line(uow, incidents.incident(uow, incident_id))
    return render_template("incident_skip.html", row=row, data=data, problem=problem)
