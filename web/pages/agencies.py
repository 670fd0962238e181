"""The administrator's form of an agency and its roles."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.errors import Conflict, Invalid, NotFound
from engine.store import people
from engine.usecases.keep_agency import AgencyWish, RoleWish, change_agency, create_agency
from web.context import actor, house
from web.pages.acting import act
from web.pages.people import Trouble, only_administrators, trouble
from web.pages.texts import _

pages = Blueprint("agencies", __name__)
pages.before_request(only_administrators)

EMPTY_ROWS = 3


@dataclass(frozen=True, slots=True)
class RoleLine:
    """A row of the form; ``known`` when the role is there, so that its key stays."""

    key: str
    name_id: str
    name_en: str
    known: bool


@pages.get("/add-agency")
def ask_new() -> str:
    return _form(AgencyWish(""), [], new=True)


@pages.post("/add-agency")
def create() -> Response | tuple[str, int]:
    return _save(request.form.get("key", "").strip(), new=True)


@pages.get("/agencies/<key>")
def show(key: str) -> str:
    with house().db.read(actor()) as uow:
        row = next((agency for agency in people.agencies(uow) if agency.key == key), None)
    if row is None:
        raise NotFound(f"There is no agency {key}.", agency=key)
    lines = [RoleLine(role.key, role.name_id, role.name_en, known=True) for role in row.roles]
    return _form(AgencyWish(key, row.name_id, row.name_en), lines, new=False)


@pages.post("/agencies/<key>")
def change(key: str) -> Response | tuple[str, int]:
    return _save(key, new=False)


def _save(key: str, *, new: bool) -> Response | tuple[str, int]:
    with house().db.read(actor()) as uow:
        known = {r.key for agency in people.agencies(uow) if agency.key == key for r in agency.roles}
    lines = _lines(set() if new else known)
    wish = AgencyWish(
        key,
        request.form.get("name_id", "").strip(),
        request.form.get("name_en", "").strip(),
        tuple(RoleWish(line.key, line.name_id or None, line.name_en or None) for line in lines),
    )
    try:
        act(create_agency if new else change_agency, wish)
    except (Invalid, Conflict) as refusal:
        return _form(wish, lines, new=new, trouble=trouble(refusal)), 422
    flash(_("Saved. Lanes and tasks find the agency by its key."), "ok")
    return redirect(url_for("pages.people.index") + "#agencies", 303)


def _lines(known: set[str]) -> list[RoleLine]:
    """The rows of the form that hold something."""
    columns = [
        [cell.strip() for cell in request.form.getlist(name)] for name in ("role", "role_id", "role_en")
    ]
    return [
        RoleLine(key, name_id, name_en, known=key in known)
        for key, name_id, name_en in zip(*columns, strict=False)
        if key or name_id or name_en
    ]


def _form(wish: AgencyWish, lines: list[RoleLine], *, new: bool, trouble: Trouble | None = None) -> str:
    empty = [RoleLine("", "", "", known=False)] * EMPTY_ROWS
    return render_template(
        "agency.html",
        new=new,
        key=wish.key,
        name_id=wish.name_id or "",
        name_en=wish.name_en or "",
        lines=[*lines, *empty],
        trouble=trouble,
    )
