"""Makes the Flask application of a house: routes, languages, guards, headers, log."""

import logging
import re
import time
from datetime import timedelta

import uuid6
from flask import Flask, Response, current_app, g, request, session
from flask_babel import Babel

from engine.config import Settings
from web import api, auth, errors, health, pages
from web.context import EXTENSION, asker, house, request_id
from web.json import OrjsonProvider
from web.marks import public, takes_upload
from web.problems import WebProblem
from web.wiring import House, secret_key

LOCALES = ("id", "en")
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
JSON_LIMIT_BYTES = 1_000_000


_access = logging.getLogger("lintas.access")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def create_app(home: House) -> Flask:
    """The application that serves a house."""
    settings = home.settings
    app = Flask("web", static_folder="static", template_folder="templates")
    app.json = OrjsonProvider(app)
    app.url_map.strict_slashes = False
    app.extensions[EXTENSION] = home
    app.config.update(
        SECRET_KEY=secret_key(settings),
        SESSION_COOKIE_NAME="lintas",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=auth.SESSION_HOURS),
        SESSION_REFRESH_EACH_REQUEST=False,
        MAX_CONTENT_LENGTH=JSON_LIMIT_BYTES,
        MAX_FORM_MEMORY_SIZE=JSON_LIMIT_BYTES,
        BABEL_DEFAULT_LOCALE=settings.locale,
        BABEL_DEFAULT_TIMEZONE=settings.timezone,
        BABEL_TRANSLATION_DIRECTORIES="translations",
    )
    Babel(app, locale_selector=_locale, timezone_selector=lambda: settings.timezone)
    app.before_request(_begin)
    auth.install(app)
    health.install(app)
    api.install(app)
    pages.install(app)
    app.view_functions["static"] = public(app.view_functions["static"])
    errors.install(app)
    app.after_request(_protect)
    app.after_request(_log_access)
    return app


def largest_request(settings: Settings) -> int:
    """Bytes of the largest request: a BPMN file at its limit, as much again of tables and forms, and the rest."""
    return 2 * settings.upload_limit_bytes + JSON_LIMIT_BYTES


def _locale() -> str:
    """The language of this answer: chosen by hand, the person's own, the browser's, the house's."""
    chosen = session.get("locale")
    if chosen in LOCALES:
        return str(chosen)
    who = asker()
    if who is not None and who.locale in LOCALES:
        return who.locale
    return request.accept_languages.best_match(LOCALES) or house().settings.locale


def _begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else str(uuid6.uuid7())
    g.began = time.perf_counter()
    if "\0" in request.path or any("\0" in value for value in request.args.values()):
        raise WebProblem(400, "bad_request", "The address holds a character that no name or text has.")
    if takes_upload(current_app.view_functions.get(request.endpoint or "")):
        request.max_content_length = largest_request(house().settings)


def _protect(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    headers["X-Request-Id"] = request_id()
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
    if house().settings.secure_cookies:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def _log_access(response: Response) -> Response:
    """One line and one count a request, without names, addresses or the parts of a path that could tell of a person."""
    rule = request.url_rule.rule if request.url_rule else None
    seconds = time.perf_counter() - g.get("began", time.perf_counter())
    house().metrics.request(request.method, rule, response.status_code, seconds)
    milliseconds = round(seconds * 1000, 1)
    _access.info(
        "%s %s %s %s %sms",
        request_id(),
        request.method,
        rule or "-",
        response.status_code,
        milliseconds,
        extra={"status": response.status_code, "rule": rule or "-", "ms": milliseconds},
    )
    return response
