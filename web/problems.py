"""Any error as one Problem: what the API sends as RFC 9457 and what the error page shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from http import HTTPStatus
from typing import Any

from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from engine.errors import (
    AnswersInvalid,
    Broken,
    Busy,
    Conflict,
    EngineError,
    Invalid,
    NotFound,
    NotPermitted,
    ProcessInvalid,
    TooLarge,
)

TYPE = "urn:lintas:problem:"

_FAMILIES: tuple[tuple[type[EngineError], int], ...] = (
    (NotFound, 404),
    (NotPermitted, 403),
    (Conflict, 409),
    (TooLarge, 413),
    (Invalid, 422),
    (Busy, 503),
    (Broken, 500),
)

_HTTP_CODES = {
    400: "bad_request",
    401: "not_signed_in",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "wrong_content_type",
    422: "invalid",
}

_HTTP_WORDS = {
    404: "Nothing is here. Check the address.",
    400: "The request cannot be read.",
}


class WebProblem(Exception):
    """A refusal of the door itself, before any use-case was asked."""

    def __init__(
        self, status: int, code: str, message: str, *, headers: Mapping[str, str] | None = None, **detail: Any
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.detail = status, code, message, detail
        self.headers: Mapping[str, str] = headers or {}


@dataclass(frozen=True, slots=True)
class Problem:
    """One error, ready to be shown.

    Attributes:
        status: HTTP status.
        code: stable, machine-readable.
        message: a sentence for a person.
        extra: keys of what it is about, and ``problems`` or ``fields`` where there are several.
        headers: to be sent along.
    """

    status: int
    code: str
    message: str
    extra: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return HTTPStatus(self.status).phrase

    def as_json(self, request_id: str) -> dict[str, Any]:
        """The members of an ``application/problem+json`` answer."""
        own = {
            "type": TYPE + self.code,
            "title": self.title,
            "status": self.status,
            "detail": self.message,
            "code": self.code,
            "request_id": request_id,
        }
        return {**{key: plain(value) for key, value in self.extra.items() if key not in own}, **own}


def problem_of(error: Exception) -> Problem:
    """What to say about an error; one that nobody foresaw becomes 500 and tells nothing of its inside."""
    match error:
        case WebProblem():
            return Problem(error.status, error.code, error.message, error.detail, error.headers)
        case EngineError():
            again = {"Retry-After": "1"} if isinstance(error, Busy) else {}
            return Problem(_status(error), error.problem_code, error.message, _extra(error), again)
        case CSRFError():
            return Problem(
                400,
                "csrf_failed",
                "The form has expired or came from elsewhere. Load the page again and send it once more.",
            )
        case RequestEntityTooLarge():
            return Problem(413, "too_large", "What was sent is larger than this address takes.")
        case MethodNotAllowed():
            allowed = sorted(error.valid_methods or ())
            return Problem(
                405,
                "method_not_allowed",
                f"This address takes {' and '.join(allowed) or 'another method'}.",
                {"allowed": allowed},
                {"Allow": ", ".join(allowed)},
            )
        case HTTPException():
            status = error.code or 500
            words = _HTTP_WORDS.get(status) or error.description or HTTPStatus(status).description
            return Problem(status, _HTTP_CODES.get(status, f"http_{status}"), words)
        case _:
            return Problem(
                500,
                "broken",
                "Something went wrong on our side. Nothing was changed. Tell an operator the number of this request.",
            )


def plain(value: Any) -> Any:
    """Dataclasses, enums, sets and tuples of an error's detail as JSON values."""
    match value:
        case Enum():
            return value.value
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
        case Mapping():
            return {str(key): plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [plain(inner) for inner in value]
        case set() | frozenset():
            return sorted((plain(inner) for inner in value), key=str)
        case None | bool() | int() | float() | str():
            return value
        case _:
            return str(value)


def _status(error: EngineError) -> int:
    for family, status in _FAMILIES:
        if isinstance(error, family):
            return status
    return 500


def _extra(error: EngineError) -> dict[str, Any]:
    extra = dict(error.detail)
    if isinstance(error, ProcessInvalid):
        extra["problems"] = error.problems
    if isinstance(error, AnswersInvalid):
        extra["fields"] = error.fields
    return extra
