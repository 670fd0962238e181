"""Starting a case, with the start form if the process has one."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from engine.errors import AnswersInvalid, Invalid, NotExecutable
from engine.forms.answers import from_html
from engine.forms.form import Form
from engine.model import Process
from engine.store import processes
from engine.store.forms import form_of
from engine.store.uow import UnitOfWork
from engine.store.versions import version_of
from engine.usecases.access import require_starter
from engine.usecases.start_case import start_case
from web.context import actor, house
from web.pages import words
from web.pages.acting import act
from web.pages.drawing import draw
from web.pages.facts import called
from web.pages.shell import place_of
from web.pages.texts import _

pages = Blueprint("start", __name__)


@pages.get("/processes/<key>/start")
def ask(key: str) -> str:
    return _page(key)


@pages.post("/processes/<key>/start")
def begin(key: str) -> Response | str | tuple[str, int]:
    with house().db.read(actor()) as uow:
        form = _form(uow, uow.get(Process, key))
    if "add" in request.form:
        return _page(key, request.form)
    raw = from_html(form, request.form) if form else {}
    try:
        case = act(start_case, key, business_key=request.form.get("business_key"), data=raw)
    except AnswersInvalid as wrong:
        return _page(key, request.form, wrong.fields), 422
    except Invalid as refused:
        if refused.problem_code != "business_key_invalid":
            raise
        return _page(
            key, request.form, key_problem=_("The case number has at most 255 letters and signs.")
        ), 422
    names = called(case.case_id, case.business_key, case.facts)
    flash(_("Case %(key)s has started.", key=names.key), "ok")
    return redirect(url_for("pages.cases.show", case_id=case.case_id), 303)


@pages.post("/processes/<key>/start/fields")
def fields(key: str) -> str:
    """The questions again, as the answers so far show or hide them."""
    with house().db.read(actor()) as uow:
        process = uow.get(Process, key)
        form = _form(uow, process)
    view = draw(form, {}, typed=request.form) if form else None
    return render_template("fields_only.html", form=view)


def _page(
    key: str,
    typed: MultiDict[str, str] | None = None,
    wrong: Mapping[str, Sequence[Any]] | None = None,
    key_problem: str = "",
) -> str:
    with house().db.read(actor()) as uow:
        process = uow.get(Process, key)
        row = processes.process(uow, key)
        require_starter(uow.actor, row.owner.key, row.start_roles)
        if row.view_only:
            raise NotExecutable(f"{key} is kept for viewing and does not run.", process=key)
        if not row.starts_by_hand:
            raise Invalid(f"{key} has no plain start event.", code="no_plain_start", process=key)
        form = _form(uow, process)
        view = draw(form, {}, typed=typed, wrong=wrong) if form else None
        place = place_of(uow, uow.actor)
        shown = {
            "title": process.title(words.locale()),
            "version": process.latest_version,
            "href": url_for("pages.processes.show", key=key, number=process.latest_version),
            "fields_url": url_for("pages.start.fields", key=key),
        }
    return render_template(
        "start.html",
        process=shown,
        form=view,
        business_key=typed.get("business_key", "") if typed else "",
        key_problem=key_problem,
        place=place,
    )


def _form(uow: UnitOfWork, process: Process) -> Form | None:
    key, number = process.key, process.latest_version
    return form_of(uow, key, number, version_of(uow, key, number).settings.get("start_form"))
