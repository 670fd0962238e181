"""Who is at the door: local accounts, the session cookie, bearer tokens, and the guard in front of every route."""

import hashlib
import secrets
import time
from typing import cast
from urllib.parse import urlencode

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import Flask, current_app, g, redirect, request, session
from flask_wtf.csrf import CSRFProtect, generate_csrf
from werkzeug.wrappers import Response

from engine.errors import Invalid, NotPermitted
from engine.model import SYSTEM, Actor
from engine.store import people
from engine.usecases.keep_person import set_own_password
from web.context import house
from web.marks import is_public
from web.problems import WebProblem
from web.throttle import Throttle

SIGN_IN_PATH = "/signin"
API_PREFIX = "/api/"
SESSION_HOURS = 12
PASSWORD_LEAST, PASSWORD_MOST = 12, 1000
_CLEAR = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is taken for something else when it is read out
TOKEN_PREFIX = "lintas_"  # noqa: S105  # lets a leaked token be recognised

_THROTTLE = "lintas.throttle"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_hasher = PasswordHasher()
_nobody = _hasher.hash(
    secrets.token_hex(16)
)  # so that an unknown name costs the same time as a wrong password
_csrf = CSRFProtect()


class SignInRefused(NotPermitted):
    """Unknown name, wrong password or an account that is not active: the answer is the same for all three."""

    code = "sign_in_refused"


class SignInThrottled(NotPermitted):
    """Too many failures for this name from this address; ``detail["wait_s"]`` says how long to wait."""

    code = "sign_in_throttled"


def install(app: Flask) -> None:
    """Put the guard in front of the application's routes."""
    app.extensions[_THROTTLE] = Throttle()
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False  # the guard checks, because bearer calls need no token
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # as long as the session; it is bound to it
    app.config["WTF_CSRF_HEADERS"] = ["X-CSRF-Token"]
    _csrf.init_app(app)
    app.before_request(guard)


def hash_password(password: str) -> str:
    """An argon2id hash with its parameters, as kept in ``person.password_hash``."""
    return _hasher.hash(password)


def new_password() -> tuple[str, str]:
    """A password that is shown once (some 74 bits, easy to read out), and the hash under which it is kept."""
    groups = ("".join(secrets.choice(_CLEAR) for _ in range(5)) for _ in range(3))
    password = "-".join(groups)
    return password, hash_password(password)


def new_token() -> tuple[str, str]:
    """A bearer token, shown once, and the SHA-256 under which it is kept."""
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    return token, token_hash(token)


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def sign_in(username: str, password: str) -> Actor:
    """Check name and password and begin a new session for the person.

    Raises:
        SignInRefused: name and password do not fit an active account.
        SignInThrottled: too many failures before.
    """
    who, epoch = _checked(username, password)
    locale = session.get("locale")
    session.clear()  # nothing a visitor brought along survives; the CSRF token is new as well
    session.permanent = True
    session.update(person=who.id, epoch=epoch, nonce=secrets.token_urlsafe(16), since=int(time.time()))
    if locale:
        session["locale"] = locale
    g.actor = who
    return who


def change_password(who: Actor, current: str, new: str) -> None:
    """Give the person who asks a password of their own choice; only this session of theirs goes on.

    Raises:
        Invalid ``password_weak``: shorter than PASSWORD_LEAST, or no other than before.
        SignInRefused, SignInThrottled: as ``sign_in``, for the current one.
    """
    if not PASSWORD_LEAST <= len(new) <= PASSWORD_MOST or new == current:
        raise Invalid(
            f"A password has {PASSWORD_LEAST} to {PASSWORD_MOST} characters and is another than before.",
            code="password_weak",
        )
    _checked(who.username, current)
    hashed = hash_password(new)
    with house().db.unit(who) as uow:
        session["epoch"] = set_own_password(uow, hashed)


def _checked(username: str, password: str) -> tuple[Actor, int]:
    """Whose name and password these are, and the epoch of their sessions; failures are counted."""
    throttle = cast(Throttle, current_app.extensions[_THROTTLE])
    address = request.remote_addr or ""
    wait_s = throttle.wait_s(username, address)
    if wait_s > 0:
        raise SignInThrottled(
            f"Too many failed attempts. Try again in {round(wait_s / 60) or 1} minutes.", wait_s=round(wait_s)
        )
    with house().db.read(SYSTEM) as uow:
        person = people.by_username(uow, username) if username.isprintable() else None
        known = person is not None and person.active and person.password_hash is not None
        kept = person.password_hash if person is not None and known else None
        right = _fits(kept or _nobody, password) and known
        if not right or person is None:
            throttle.failed(username, address)
            raise SignInRefused("This user name and password do not belong together.")
        who = people.actor_of(uow, person.id)
        epoch = person.session_epoch
    throttle.succeeded(username, address)
    return who, epoch


def sign_out() -> None:
    """End the session on this device."""
    session.clear()
    g.actor = None


def csrf_token() -> str:
    """The token that a form or script of this session sends back (field ``csrf_token``, header ``X-CSRF-Token``)."""
    return cast(str, generate_csrf())


def guard() -> Response | None:
    """Find out who asks; send away who may not come in. Runs before every request."""
    g.actor = None
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None:
        return None  # no such page or method; the router says so
    bearer = request.headers.get("Authorization")
    if bearer is not None and request.path.startswith(API_PREFIX):
        g.actor = _by_token(bearer)
    else:
        g.actor = _by_session()
        if request.method not in _SAFE_METHODS and (g.actor is not None or is_public(view)):
            _csrf.protect()
    if g.actor is not None or is_public(view):
        return None
    if request.path.startswith(API_PREFIX):
        raise WebProblem(
            401,
            "not_signed_in",
            "Send a bearer token (Authorization: Bearer …) or sign in first.",
            headers={"WWW-Authenticate": 'Bearer realm="lintas"'},
        )
    here = request.full_path.rstrip("?") if request.method in _SAFE_METHODS else "/"
    return redirect(f"{SIGN_IN_PATH}?{urlencode({'next': here})}", 303)


def _by_session() -> Actor | None:
    person_id = session.get("person")
    if not isinstance(person_id, str):
        return None
    with house().db.read(SYSTEM) as uow:
        who = people.actor_of_session(uow, person_id, session.get("epoch"))
    if who is None:
        session.clear()
    return who


def _by_token(header: str) -> Actor:
    scheme, _, token = header.partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        with house().db.read(SYSTEM) as uow:
            who = people.actor_of_token(uow, token_hash(token.strip()))
        if who is not None:
            return who
    raise WebProblem(
        401,
        "token_invalid",
        "This bearer token is unknown, expired or revoked. Make a new one with `lintas token create`.",
        headers={"WWW-Authenticate": 'Bearer realm="lintas", error="invalid_token"'},
    )


def _fits(kept: str, password: str) -> bool:
    try:
        return _hasher.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False
