"""What every page stands in: menu, names, formats and the stamp of the built assets."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask, request, session, url_for

from engine.model import Actor
from engine.states import Power
from engine.store import people
from engine.store.page import Named
from engine.store.uow import UnitOfWork
from web.context import asker, house
from web.pages import words
from web.pages.texts import _
from web.pages.trouble import trouble

STATIC = Path(__file__).resolve().parent.parent / "static"
ASSETS_CACHED_S = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class NavItem:
    label: str
    href: str
    current: bool


def install(app: Flask) -> None:
    """Give the templates their globals and filters."""
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = ASSETS_CACHED_S  # each address carries the stamp of its build
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        moment=words.moment,
        short_moment=words.short_moment,
        day=words.day,
        plain_day=words.plain_day,
        clock=words.clock,
        plainly=words.plainly,
        humanise=words.humanise,
        initials=words.initials,
    )
    stamp = _stamp()
    app.context_processor(lambda: _context(stamp))


def now() -> datetime:
    """The moment this page is made, on the house's clock."""
    return house().db.clock.now()


def may(actor: Actor, *powers: Power) -> bool:
    return any(actor.may(power) for power in powers)


def place_of(uow: UnitOfWork, who: Actor) -> str:
    """Where somebody works: the names of their agencies, or what they do in the house."""
    names = [
        words.agency(Named(agency.key, agency.name_id, agency.name_en))
        for agency in people.agencies(uow)
        if agency.key in who.agencies
    ]
    if names:
        return ", ".join(names)
    if who.may(Power.AUDITOR):
        return _("Auditor")
    if who.may(Power.OPERATOR):
        return _("Operator")
    return _("Administrator") if who.may(Power.ADMINISTRATOR) else ""


def navigation(actor: Actor) -> list[NavItem]:
    """The menu: only what this person may use."""
    works = bool(actor.agencies) and not may(actor, Power.AUDITOR)
    sees_cases = bool(actor.agencies) or may(actor, Power.AUDITOR, Power.OPERATOR)
    entries = (
        (works, _("Inbox"), "pages.inbox.show", ("inbox", "tasks")),
        (sees_cases, _("Cases"), "pages.cases.index", ("cases",)),
        (True, _("Processes"), "pages.processes.index", ("processes", "upload", "start")),
        (may(actor, Power.OPERATOR), _("Incidents"), "pages.incidents.index", ("incidents",)),
        (may(actor, Power.AUDITOR), _("Audit"), "pages.audit.index", ("audit",)),
        (may(actor, Power.ADMINISTRATOR), _("People"), "pages.people.index", ("people", "agencies")),
    )
    here = (request.blueprint or "").removeprefix("pages.")
    return [
        NavItem(label, url_for(to), here in blueprints) for shown, label, to, blueprints in entries if shown
    ]


def _context(stamp: str) -> dict[str, Any]:
    who = asker()
    return {
        "actor": who,
        "nav": navigation(who) if who else [],
        "may_search": who is not None and (bool(who.agencies) or may(who, Power.AUDITOR, Power.OPERATOR)),
        "locale": words.locale(),
        "authority": house().settings.authority,
        "error_words": trouble,
        "keys_on": session.get("keys") != "off",
        "here": request.full_path.rstrip("?") if request.method == "GET" else "/",
        "asset": lambda name: url_for("static", filename=name, v=stamp),
        "now": now(),
    }


def _stamp() -> str:
    try:
        return (STATIC / "stamp.txt").read_text(encoding="ascii").strip()[:12]
    except OSError:
        return "unbuilt"
