"""The first page of each kind of person, and the page of keyboard shortcuts."""

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from engine.states import Power
from web.context import actor
from web.marks import public
from web.pages.shell import navigation

pages = Blueprint("home", __name__)

_DESKS = (
    (Power.AUDITOR, "pages.audit.index"),
    (Power.OPERATOR, "pages.incidents.index"),
    (Power.DESIGNER, "pages.processes.index"),
    (Power.ADMINISTRATOR, "pages.people.index"),
)


@pages.get("/")
def index() -> Response:
    """To where this person's work begins: the desk of their power, else the first entry of their menu."""
    who = actor()
    for power, desk in _DESKS:
        if who.may(power):
            return redirect(url_for(desk), 303)
    return redirect(navigation(who)[0].href, 303)


@pages.get("/shortcuts")
@public
def shortcuts() -> str:
    return render_template("shortcuts.html")


@pages.post("/shortcuts")
@public
def switch_shortcuts() -> Response:
    """Single keys can be turned off for this session (WCAG 2.1.4)."""
    session["keys"] = "off" if request.form.get("keys") == "off" else "on"
    return redirect(url_for("pages.home.shortcuts"), 303)
