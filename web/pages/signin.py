"""Sign-in and sign-out."""

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from web import auth
from web.context import asker
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
        minutes = max(1, round(refused.detail["wait_s"] / 60))
        wait = ngettext(
            "Too many failed attempts. Try again in %(num)s minute.",
            "Too many failed attempts. Try again in %(num)s minutes.",
            minutes,
        )
        return _page(onward, username, wait), 429
    except auth.SignInRefused:
        return _page(
            onward, username, _("The user name or the password is not right. Check both and try again.")
        ), 422
    return redirect(own_path(onward), 303)


@pages.post("/signout")
def leave() -> Response:
    auth.sign_out()
    flash(_("You are signed out."), "ok")
    return redirect(auth.SIGN_IN_PATH, 303)


def _page(onward: str, username: str = "", problem: str = "") -> str:
    return render_template("signin.html", next=own_path(onward), username=username, problem=problem)
