"""The administrator's desk: people and agencies, and what was changed about them lately."""

from dataclasses import dataclass, replace
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from engine.errors import Conflict, EngineError, Invalid, NotPermitted
from engine.states import Audit, Power
from engine.store import people
from engine.store.house_history import HouseEventRow, latest
from engine.store.people import AgencyRow, PersonRow
from engine.usecases.keep_person import (
    LOCALES,
    PersonWish,
    change_person,
    create_person,
    put_person,
    set_password,
    wish_of,
)
from web.auth import new_password
from web.context import actor, house
from web.pages import words
from web.pages.acting import act
from web.pages.sentences import sentence
from web.pages.texts import _, ngettext

pages = Blueprint("people", __name__)

ROWS = 50
CHANGES = 15
_OF_PEOPLE = frozenset(
    {
        Audit.AGENCY_CREATED,
        Audit.AGENCY_CHANGED,
        Audit.PERSON_CREATED,
        Audit.PERSON_CHANGED,
        Audit.PERSON_ACTIVATED,
        Audit.PERSON_DEACTIVATED,
        Audit.PASSWORD_SET,
        Audit.TOKEN_CREATED,
    }
)


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    hint: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Office:
    """An agency in the form of a person; ``member`` is the tick for work there without a role."""

    label: str
    member: Choice
    roles: tuple[Choice, ...]

    @property
    def open(self) -> bool:
        return self.member.chosen or any(role.chosen for role in self.roles)


@dataclass(frozen=True, slots=True)
class Line:
    """A person in the list."""

    href: str
    name: str
    username: str
    works: tuple[str, ...]
    powers: tuple[str, ...]
    active: bool


@dataclass(frozen=True, slots=True)
class AgencyLine:
    href: str
    name: str
    key: str
    roles: str


@dataclass(frozen=True, slots=True)
class Change:
    at: datetime
    told: Markup


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a form: a sentence, and the id of the control it is about."""

    message: str
    anchor: str


@pages.before_request
def only_administrators() -> None:
    if not actor().may(Power.ADMINISTRATOR):
        raise NotPermitted("only administrators keep agencies and people", power=Power.ADMINISTRATOR.value)


@pages.get("/people")
def index() -> str:
    q = request.args.get("q", "").strip()
    with house().db.read(actor()) as uow:
        found = people.people(uow, q=q or None, after=request.args.get("after"), limit=ROWS)
        offices = people.agencies(uow)
        changes = [_change(event) for event in latest(uow, _OF_PEOPLE, limit=CHANGES)]
    onward = url_for("pages.people.index", q=q or None, after=found.next) if found.next else None
    return render_template(
        "people.html",
        q=q,
        rows=[_line(row, offices) for row in found.items],
        next=onward,
        agencies=[_agency_line(office) for office in offices],
        changes=changes,
    )


@pages.get("/add-person")
def ask_new() -> str:
    return _form(PersonWish(username="", name=""), new=True)


@pages.post("/add-person")
def create() -> Response | tuple[str, int]:
    wish = _wish(request.form.get("username", "").strip())
    password, hashed = new_password()
    try:
        act(create_person, wish, password_hash=hashed)
    except (Invalid, Conflict) as refusal:
        return _form(wish, new=True, trouble=trouble(refusal)), 422
    return _password_page(wish.username, wish.name, password), 201


@pages.get("/people/<username>")
def show(username: str) -> str:
    with house().db.read(actor()) as uow:
        row = people.person(uow, username)
    return _form(wish_of(row), new=False)


@pages.post("/people/<username>")
def change(username: str) -> Response | tuple[str, int]:
    with house().db.read(actor()) as uow:
        active = people.person(uow, username).active  # ended and taken back on pages of their own
    wish = replace(_wish(username), active=active)
    try:
        act(put_person, wish)
    except (Invalid, Conflict) as refusal:
        return _form(wish, new=False, trouble=trouble(refusal)), 422
    flash(_("Saved. It holds from the next click of %(name)s on.", name=wish.name), "ok")
    return redirect(url_for("pages.people.index"), 303)


@pages.get("/people/<username>/end")
def ask_end(username: str) -> str:
    return _end_page(username)


@pages.post("/people/<username>/end")
def end(username: str) -> Response | tuple[str, int]:
    try:
        act(change_person, username, active=False)
    except Conflict as refusal:
        return _end_page(username, trouble(refusal).message), 409
    flash(_("The account is ended. What the person held is back in its queue."), "ok")
    return redirect(url_for("pages.people.index"), 303)


@pages.post("/people/<username>/back")
def take_back(username: str) -> Response:
    act(change_person, username, active=True)
    flash(_("The account is open again. Give the person a new password."), "ok")
    return redirect(url_for("pages.people.show", username=username), 303)


@pages.post("/people/<username>/password")
def give_password(username: str) -> Response | tuple[str, int]:
    password, hashed = new_password()
    with house().db.read(actor()) as uow:
        row = people.person(uow, username)
    try:
        act(set_password, username, hashed)
    except Conflict as refusal:
        return _form(wish_of(row), new=False, trouble=trouble(refusal)), 409
    return _password_page(username, row.name, password), 200


def trouble(refusal: EngineError) -> Trouble:
    """Why a form about people or agencies was refused, in the reader's words."""
    told = {
        "username_invalid": (
            _("A user name has lower-case letters, digits, dots, hyphens and underscores, at most 64."),
            "username",
        ),
        "username_taken": (_("Somebody has this user name already."), "username"),
        "name_invalid": (
            _("A name has 1 to 200 letters and does not begin with = + - or @."),
            "name",
        ),
        "last_administrator": (
            _("This is the last administrator. Give somebody else the power first."),
            "power-administrator",
        ),
        "own_account": (
            _("Ask another administrator to do this with your own account."),
            "power-administrator",
        ),
        "person_inactive": (_("The account is ended. Open it again first."), "name"),
        "agency_exists": (_("An agency has this key already."), "key"),
        "key_invalid": (
            _(
                "A key has letters, digits, hyphens and underscores, at most 64; that of an agency in lower case."
            ),
            "key",
        ),
        "named_twice": (_("A role is named twice."), "role-1"),
    }
    message, anchor = told.get(refusal.problem_code, (refusal.message, "name"))
    return Trouble(message, anchor)


def power_words(power: Power) -> tuple[str, str]:
    """What a power is called, and what it lets a person do."""
    match power:
        case Power.DESIGNER:
            return _("Designer"), _("checks processes and makes them live")
        case Power.AUDITOR:
            return _("Auditor"), _("reads every case and its whole history, changes nothing")
        case Power.OPERATOR:
            return _("Operator"), _("sees incidents and jobs; tries again, skips, cancels")
        case Power.ADMINISTRATOR:
            return _("Administrator"), _("keeps agencies and people; opens no case by this power")


def _wish(username: str) -> PersonWish:
    """What the form says. A tick that no form of ours has is refused by the use-case, or is no power."""
    form = request.form
    roles = (value.partition("/")[::2] for value in form.getlist("role"))
    return PersonWish(
        username=username,
        name=form.get("name", "").strip(),
        locale=form.get("locale", LOCALES[0]),
        agencies=frozenset(form.getlist("agency")),
        roles=frozenset((agency, role) for agency, role in roles),
        powers=frozenset(power for power in Power if power.value in form.getlist("power")),
    )


def _form(wish: PersonWish, *, new: bool, trouble: Trouble | None = None) -> str:
    with house().db.read(actor()) as uow:
        offices = people.agencies(uow)
    return render_template(
        "person.html",
        new=new,
        person=wish,
        locales=[
            Choice(key, label, "", wish.locale == key)
            for key, label in zip(LOCALES, ("Bahasa Indonesia", "English"), strict=True)
        ],
        powers=[Choice(p.value, *power_words(p), chosen=p in wish.powers) for p in Power],
        offices=[_office(office, wish) for office in offices],
        trouble=trouble,
    )


def _office(agency: AgencyRow, wish: PersonWish) -> Office:
    held = {role for key, role in wish.roles if key == agency.key}
    return Office(
        label=_called(agency),
        member=Choice(agency.key, _("Works here"), "", agency.key in wish.agencies),
        roles=tuple(
            Choice(f"{agency.key}/{role.key}", role.name(words.locale()), role.key, role.key in held)
            for role in agency.roles
        ),
    )


def _called(agency: AgencyRow) -> str:
    return agency.name(words.locale())


def _line(row: PersonRow, offices: list[AgencyRow]) -> Line:
    works = []
    for agency in offices:
        if agency.key in row.agencies:
            roles = [
                role.name(words.locale()) for role in agency.roles if (agency.key, role.key) in row.roles
            ]
            works.append(f"{_called(agency)}: {', '.join(roles)}" if roles else _called(agency))
    return Line(
        href=url_for("pages.people.show", username=row.username),
        name=row.name,
        username=row.username,
        works=tuple(works),
        powers=tuple(power_words(power)[0] for power in row.powers),
        active=row.active,
    )


def _agency_line(agency: AgencyRow) -> AgencyLine:
    return AgencyLine(
        href=url_for("pages.agencies.show", key=agency.key),
        name=_called(agency),
        key=agency.key,
        roles=", ".join(role.name(words.locale()) for role in agency.roles),
    )


def _change(event: HouseEventRow) -> Change:
    name = event.data.get("name_en") if words.locale() == "en" else None
    data = {"name": name or event.data.get("name") or event.subject}
    return Change(event.at, sentence(event.kind, who=event.actor_name, agency="", element="", data=data))


def _end_page(username: str, problem: str = "") -> str:
    with house().db.read(actor()) as uow:
        row = people.person(uow, username)
        held = people.held_count(uow, row.id)
    tasks = ngettext(
        "%(num)s task that they hold goes back to its queue.",
        "%(num)s tasks that they hold go back to their queues.",
        held,
    )
    return render_template("person_end.html", person=row, tasks=tasks if held else "", problem=problem)


def _password_page(username: str, name: str, password: str) -> str:
    return render_template("person_password.html", username=username, name=name, password=password)
