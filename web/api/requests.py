"""Reads what a client sent: JSON bodies, queries, multipart forms. Says exactly what is wrong with it."""

import hashlib
from collections.abc import Mapping
from typing import Any, cast

import orjson
from flask import request
from marshmallow import Schema, ValidationError

from web.problems import WebProblem

KEY_HEADER = "Idempotency-Key"
_KEY_LIMIT = 255
_DEPTH_LIMIT = 64


def body(schema: Schema) -> dict[str, Any]:
    """The JSON object of the request, as the schema says it must be.

    Raises:
        WebProblem: 415 for another content type, 400 for what is no JSON, 422 for what breaks the schema.
    """
    raw = request.get_data(cache=True)
    if not raw.strip():
        return _load(schema, {})
    if request.mimetype != "application/json" and not request.mimetype.endswith("+json"):
        raise WebProblem(
            415, "wrong_content_type", f"Send application/json, not {request.mimetype or 'an unnamed type'}."
        )
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise WebProblem(
            400,
            "malformed_json",
            f"The body is no JSON: {error.msg} (line {error.lineno}, column {error.colno}).",
            line=error.lineno,
            column=error.colno,
        ) from None
    if not isinstance(value, dict):
        raise WebProblem(422, "invalid", "The body must be a JSON object.")
    _refuse_strange(value)
    return _load(schema, value)


def no_body() -> None:
    """Refuse what a route without a body would silently ignore; an empty JSON object is welcome.

    Raises:
        WebProblem: as ``body``.
    """
    body(Schema())


def query(schema: Schema) -> dict[str, Any]:
    """The query of the request; a misspelt filter is refused, for it would silently show too much."""
    repeated = [name for name, values in request.args.lists() if len(values) > 1]
    if repeated:
        raise WebProblem(
            422,
            "invalid",
            f"Give {', '.join(sorted(repeated))} once only.",
            fields={name: ["Given more than once."] for name in repeated},
        )
    return _load(schema, request.args.to_dict())


def idempotency_key() -> str | None:
    """The caller's name for this change, or None.

    Raises:
        WebProblem: 422 when it is empty, too long or has other than printable ASCII in it.
    """
    key = request.headers.get(KEY_HEADER)
    if key is None:
        return None
    if not key or len(key) > _KEY_LIMIT or not key.isascii() or not key.isprintable():
        raise WebProblem(
            422,
            "idempotency_key_invalid",
            f"{KEY_HEADER} must be 1 to {_KEY_LIMIT} printable ASCII characters.",
        )
    return key


def fingerprint() -> str:
    """SHA-256 of method, address and contents: tells a repeat from another request under the same key."""
    digest = hashlib.sha256(f"{request.method} {request.full_path}\n".encode())
    if request.mimetype == "multipart/form-data":  # the boundary differs in every repeat
        for name, value in sorted(request.form.items(multi=True)):
            digest.update(orjson.dumps([name, value]))
        parts = []
        for name, file in request.files.items(multi=True):
            parts.append([name, file.filename or "", hashlib.sha256(file.stream.read()).hexdigest()])
            file.stream.seek(0)
        digest.update(orjson.dumps(sorted(parts)))
    else:
        digest.update(request.get_data(cache=True))
    return digest.hexdigest()


def _refuse_strange(value: Any) -> None:
    """Refuse texts with NUL, which no database keeps, and JSON nested deeper than any form is.

    Raises:
        WebProblem: 422.
    """
    level = [value]
    for _ in range(_DEPTH_LIMIT):
        inner: list[Any] = []
        for one in level:
            match one:
                case str() if "\0" in one:
                    raise WebProblem(
                        422, "invalid", "A text holds the character NUL (\\u0000), which no text has."
                    )
                case dict():
                    inner += [*one.keys(), *one.values()]
                case list():
                    inner += one
                case _:
                    continue
        if not inner:
            return
        level = inner
    raise WebProblem(422, "invalid", f"The body is nested deeper than {_DEPTH_LIMIT} levels.")


def _load(schema: Schema, value: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return cast(dict[str, Any], schema.load(value))
    except ValidationError as error:
        fields = error.messages_dict
        names = ", ".join(sorted(str(name) for name in fields))
        raise WebProblem(422, "invalid", f"What was sent is not right: {names}.", fields=fields) from None
