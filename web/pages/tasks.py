"""The page of one task: its form, its time, what earlier desks said; claim, return, complete."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from engine.bpmn.expressions import Dialect, ExpressionInvalid, SandboxError, evaluate, read_template
from engine.errors import AnswersInvalid, Conflict, NotFound, TaskClaimed
from engine.forms.answers import from_html
from engine.forms.form import Form
from engine.model import Case, Task
from engine.states import Audit, TaskState
from engine.store import cases, history
from engine.store import tasks as task_reads
from engine.store.forms import form_of
from engine.store.four_eyes import parts_of
from engine.store.history import EventRow
from engine.store.rows import TaskRow
from engine.store.uow import UnitOfWork
from engine.store.versions import version_of
from engine.usecases.claim_task import claim_task
from engine.usecases.complete_task import complete_task
from engine.usecases.moving import world_of
from engine.usecases.release_task import release_task
from web.context import actor, house
from web.pages import words
from web.pages.acting import act
from web.pages.calendars import Calendars
from web.pages.cases import newest
from web.pages.diagrams import marks
from web.pages.drawing import draw, kept_answers
from web.pages.facts import called, labelled
from web.pages.formfields import FormView
from web.pages.inbox import next_task
from web.pages.models import labels_of, node_of
from web.pages.shell import now, place_of
from web.pages.texts import _
from web.pages.time_left import DayCell, TimeLeft, day_cells, finished, time_left

pages = Blueprint("tasks", __name__)

SAID = 4
"""Earlier desks whose answers stand beside the form."""


@dataclass(frozen=True, slots=True)
class Said:
    """What an earlier desk answered; ``answers`` are empty for who may not read them."""

    who: str
    agency: str
    step: str
    answers: list[tuple[str, str]]
    at: datetime


@dataclass(frozen=True, slots=True)
class TaskPage:
    id: str
    name: str
    process: str
    key: str
    title: str
    subtitle: str
    left: TimeLeft
    cells: list[DayCell]
    state: str
    agency: str
    holder: str
    mine: bool
    claimable: bool
    may_complete: bool
    locked_because: str
    guidance: str
    claimed_at: datetime | None
    created_at: datetime
    next_href: str
    case_href: str
    diagram_url: str
    marks: dict[str, Any]
    said: list[Said]
    facts: list[tuple[str, str]]


@pages.get("/tasks/<task_id>")
def show(task_id: str) -> str:
    return _page(task_id)


@pages.post("/tasks/<task_id>/claim")
def claim(task_id: str) -> Response | tuple[str, int]:
    try:
        task = act(claim_task, task_id)
    except Conflict as conflict:
        return _conflict(task_id, conflict, MultiDict())
    if request.args.get("from") == "inbox":
        flash(_("You hold “%(task)s” now.", task=task.name), "ok")
        return redirect(url_for("pages.inbox.show"), 303)
    return redirect(url_for("pages.tasks.show", task_id=task_id), 303)


@pages.post("/tasks/<task_id>/release")
def release(task_id: str) -> Response | tuple[str, int]:
    try:
        task = act(release_task, task_id)
    except Conflict as conflict:
        return _conflict(task_id, conflict, MultiDict())
    flash(_("“%(task)s” is back in the queue.", task=task.name), "ok")
    return redirect(url_for("pages.inbox.show"), 303)


@pages.post("/tasks/<task_id>")
def complete(task_id: str) -> Response | str | tuple[str, int]:
    with house().db.read(actor()) as uow:
        form = _form(uow, task_reads.task(uow, task_id))
    if "add" in request.form:
        return _page(task_id, typed=request.form)
    raw = from_html(form, request.form) if form else {}
    try:
        task = act(complete_task, task_id, raw)
    except AnswersInvalid as wrong:
        return _page(task_id, typed=request.form, wrong=wrong.fields), 422
    except Conflict as conflict:
        return _conflict(task_id, conflict, request.form)
    with house().db.read(actor()) as uow:
        flash(_moved_on(uow, task.case_id, task.name), "ok")
        following = next_task(uow, task_id)
    if following is not None and request.form.get("then") != "stay":
        return redirect(url_for("pages.tasks.show", task_id=following.id), 303)
    return redirect(url_for("pages.inbox.show"), 303)


@pages.post("/tasks/<task_id>/fields")
def fields(task_id: str) -> str:
    """The questions again, as the answers so far show or hide them; nothing is kept."""
    with house().db.read(actor()) as uow:
        view = _form_view(uow, task_reads.task(uow, task_id), request.form, {})
    return render_template("fields_only.html", form=view)


def _page(
    task_id: str, typed: MultiDict[str, str] | None = None, wrong: Mapping[str, Sequence[Any]] | None = None
) -> str:
    who, at = actor(), now()
    with house().db.read(who) as uow:
        row = task_reads.task(uow, task_id)
        page = _task_page(uow, row, at)
        view = _form_view(uow, row, typed, wrong or {})
        place = place_of(uow, who)
    return render_template("task.html", task=page, form=view, place=place)


def _task_page(uow: UnitOfWork, row: TaskRow, at: datetime) -> TaskPage:
    who = uow.actor
    calendar = Calendars(uow).of(row.agency.key)
    names = called(row.case_id, row.business_key, row.facts)
    is_open, mine = row.state is TaskState.OPEN, row.assignee == who.id
    eligible = row.for_actor(who)
    following = next_task(uow, row.id) if is_open else None
    return TaskPage(
        id=row.id,
        name=row.name,
        process=row.process.name(words.locale()),
        key=names.key,
        title=names.title,
        subtitle=names.subtitle,
        left=time_left(row.due_at, at, calendar) if is_open else finished(row.closed_at, at),
        cells=day_cells(row.created_at, row.due_at, at, calendar) if is_open and row.due_at else [],
        state=row.state.value,
        agency=words.agency(row.agency),
        holder=row.assignee_name or "",
        mine=mine and is_open,
        claimable=is_open and row.assignee is None and eligible,
        may_complete=is_open and (mine or (row.assignee is None and eligible)),
        locked_because=_locked_because(uow, row, eligible),
        guidance=_guidance(uow, row),
        claimed_at=row.claimed_at,
        created_at=row.created_at,
        next_href=url_for("pages.tasks.show", task_id=following.id) if following else "",
        case_href=url_for("pages.cases.show", case_id=row.case_id),
        diagram_url=url_for("pages.diagrams.of_case", case_id=row.case_id),
        marks=marks(history.diagram_state(uow, row.case_id), _("You are here")),
        said=_said(uow, row),
        facts=labelled(row.facts),
    )


def _locked_because(uow: UnitOfWork, row: TaskRow, eligible: bool) -> str:
    if uow.actor.id in row.barred:
        return _four_eyes(uow, row)
    if row.assignee_name and eligible:
        return _(
            "%(name)s holds this task. You can complete it when it is back in the queue.",
            name=row.assignee_name,
        )
    return _("This task is for %(agency)s.", agency=words.agency(row.agency))


def _four_eyes(uow: UnitOfWork, row: TaskRow) -> str:
    """Why somebody else must do it: what this person did before, where that is what keeps them out."""
    apart = version_of(uow, row.model_key, row.model_version).routing.get(row.node_id, {}).get("apart", ())
    if parts := parts_of(uow, row.case_id, row.model_key, apart, uow.actor.id):
        return _(
            "You did “%(earlier)s” in this case, so another person must do this task.",
            earlier="”, “".join(parts),
        )
    return _("You took part in this case before, so another person must do this task.")


def _form(uow: UnitOfWork, row: TaskRow) -> Form | None:
    return form_of(uow, row.model_key, row.model_version, row.form_key)


def _guidance(uow: UnitOfWork, row: TaskRow) -> str:
    """What the designer wrote about the task, with the case's values in it for those who see its form."""
    node = node_of(uow, row.model_key, row.model_version, row.node_id)
    written = node.documentation.strip() if node else ""
    if "${" not in written and "#{" not in written:
        return written
    try:
        known = _task_variables(uow, row)
        return str(evaluate(read_template(written, Dialect.JUEL), known, world=None))
    except (ExpressionInvalid, SandboxError):
        return written  # as drawn: what is not set yet is better seen than guessed


def _form_view(
    uow: UnitOfWork,
    row: TaskRow,
    typed: MultiDict[str, str] | None,
    wrong: Mapping[str, Sequence[Any]],
) -> FormView | None:
    form = _form(uow, row)
    if form is None or not _shows_form(uow, row):
        return None
    known = _task_variables(uow, row)
    return draw(form, known, typed=typed, wrong=wrong, world=world_of(uow, uow.get(Case, row.case_id)))


def _shows_form(uow: UnitOfWork, row: TaskRow) -> bool:
    return row.state is TaskState.OPEN and row.agency.key in uow.actor.agencies


def _task_variables(uow: UnitOfWork, row: TaskRow) -> Mapping[str, Any]:
    """What the open task sees, for members of its agency; nothing for others."""
    case = uow.get(Case, row.case_id)
    if case.snapshot is None or not _shows_form(uow, row):
        return {}
    return uow.machine(case).task_variables(case.snapshot, uow.get(Task, row.id).token)


def _said(uow: UnitOfWork, row: TaskRow) -> list[Said]:
    """The last answers of other desks in this case, newest first, as far as this person may read them."""
    labels = labels_of(uow, row.process.key, uow.get(Case, row.case_id).process_version)
    told: list[EventRow] = [
        event
        for event in newest(uow, row.case_id, uow.get(Case, row.case_id).chain_seq)
        if event.kind is Audit.TASK_COMPLETED
    ]
    return [
        Said(
            event.actor_name,
            words.agency(event.agency),
            event.element_name or "",
            _notable(labels.at(event.element_id).lines(_answers(event))),
            event.at,
        )
        for event in told[:SAID]
    ]


def _notable(lines: list[tuple[str, str]], most: int = 6) -> list[tuple[str, str]]:
    """The end of the answers: forms ask for the decision and the note last."""
    return [line for line in lines if line[1] != "–"][-most:]


def _answers(event: EventRow) -> Mapping[str, Any]:
    answers = event.data.get("answers")
    return answers if isinstance(answers, Mapping) else {}


def _moved_on(uow: UnitOfWork, case_id: str, task: str) -> str:
    done = _("“%(task)s” is done.", task=task)
    try:
        row = cases.case(uow, case_id)
    except NotFound:
        return done  # this agency's part is over
    if row.ended_at is not None:
        onward = _("The case is complete.")
    elif row.held_by:
        where = ", ".join(words.agency(agency) for agency in row.held_by)
        onward = _("The case is at %(agencies)s now.", agencies=where)
    else:
        onward = _("The case goes on.")
    return f"{done} {onward}"


def _conflict(task_id: str, conflict: Conflict, typed: MultiDict[str, str]) -> tuple[str, int]:
    """Somebody else was quicker: say who, and keep what was typed."""
    with house().db.read(actor()) as uow:
        row = task_reads.task(uow, task_id)
        form = _form(uow, row)
    kept = kept_answers(form, typed) if form else []
    said: dict[str, Any] = {"kept": kept, "case_href": url_for("pages.cases.show", case_id=row.case_id)}
    if isinstance(conflict, TaskClaimed):
        name = str(conflict.detail.get("assignee") or row.assignee_name or _("A colleague"))
        said["title"] = _("%(name)s holds this task now", name=name)
        said["text"] = _("%(name)s has just claimed “%(task)s”.", name=name, task=row.name)
    elif row.state is TaskState.COMPLETED:
        said["title"] = _("This task is done already")
        said["text"] = _(
            "%(name)s has completed “%(task)s”.", name=row.assignee_name or _("A colleague"), task=row.name
        )
    else:
        said["title"] = _("This task has changed")
        said["text"] = _(
            "“%(task)s” is no longer as you saw it: nobody holds it, or nobody needs to do it any more.",
            task=row.name,
        )
    return render_template("conflict.html", conflict=said), 409
