"""Sign-in and sign-out, and one's own password."""

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from engine.errors import Invalid
from web import auth
from web.context import actor, asker
from web.marks import public
from web.pages.back import own_path
from web.pages.texts import _, ngettext

pages = Blueprint("signin", __name__)


@pages.get(auth.SIGN_IN_PATH)
@public
def ask() -> Response | str:
    if asker() is not None:
        return redirect(own_path(request.args.get("next")), 303)
    return _page(request.args.get("next", ""))


@pages.post(auth.SIGN_IN_PATH)
@public
def enter() -> Response | tuple[str, int]:
    username, onward = request.form.get("username", "").strip(), request.form.get("next", "")
    try:
        auth.sign_in(username, request.form.get("password", ""))
    except auth.SignInThrottled as refused:
        return _page(onward, username, _wait(refused)), 429
    except auth.SignInRefused:
        return _page(
            onward, username, _("The user name or the password is not right. Check both and try again.")
        ), 422
    return redirect(own_path(onward), 303)


@pages.get("/password")
def ask_password() -> str:
    return render_template("password.html", problem="", anchor="", least=auth.PASSWORD_LEAST)


@pages.post("/password")
def change_password() -> Response | tuple[str, int]:
    """Everybody chooses their own; the one that was handed over is known to somebody else."""
    form = request.form
    problem, anchor, status = "", "current", 422
    try:
        if form.get("new", "") != form.get("again", ""):
            problem, anchor = _("The two new passwords differ."), "again"
        else:
            auth.change_password(actor(), form.get("current", ""), form.get("new", ""))
    except auth.SignInThrottled as refused:
        problem, status = _wait(refused), 429
    except auth.SignInRefused:
        problem = _("The current password is not right.")
    except Invalid:
        problem, anchor = (
            _("Choose another one, of at least %(n)s characters.", n=auth.PASSWORD_LEAST),
            "new",
        )
    if problem:
        page = render_template("password.html", problem=problem, anchor=anchor, least=auth.PASSWORD_LEAST)
        return page, status
    flash(_("Your password is changed. On other devices you are signed out."), "ok")
    return redirect("/", 303)


@pages.post("/signout")
def leave() -> Response:
    auth.sign_out()
    flash(_("You are signed out."), "ok")
    return redirect(auth.SIGN_IN_PATH, 303)


def _wait(refused: auth.SignInThrottled) -> str:
    return ngettext(
        "Too many failed attempts. Try again in %(num)s minute.",
        "Too many failed attempts. Try again in %(num)s minutes.",
        max(1, round(refused.detail["wait_s"] / 60)),
    )


def _page(onward: str, username: str = "", problem: str = "") -> str:
    return render_template("signin.html", next=own_path(onward), username=username, problem=problem)
