"""Makes a change once: one unit of work, kept under the caller's Idempotency-Key together with its answer."""

from collections.abc import Callable

from flask import current_app
from werkzeug.wrappers import Response

from engine.errors import EngineError
from engine.model import StoredAnswer
from engine.store import answers
from engine.store.db import retrying
from engine.store.uow import UnitOfWork
from web.api import requests
from web.context import actor, house
from web.problems import WebProblem

REPLAYED = "Idempotency-Replayed"


def once(act: Callable[[UnitOfWork], bytes], *, status: int) -> Response:
    """The answer to a request that changes something.

    Args:
        act: makes the change in a unit of work and gives the JSON of the answer; may be run again after a collision.
        status: of a good answer.

    Raises:
        EngineError: as ``act``; then nothing was changed and nothing is kept.
        WebProblem: 422 when the key was used for another request.
    """
    key = requests.idempotency_key()
    digest = requests.fingerprint() if key else ""

    def attempt() -> Response:
        with house().db.unit(actor()) as uow:
            kept = answers.find(uow, key) if key else None
            if kept is not None:
                return _again(kept, digest)
            body = act(uow)
            if key:
                answers.keep(uow, key, request_hash=digest, status=status, body=body)
            return answer(body, status)

    try:
        response = retrying(attempt)
    except EngineError:
        # A twin with the same key may have made the change while this one waited for the case.
        kept = _kept(key) if key else None
        if kept is not None:
            return _again(kept, digest)
        raise
    house().worker.nudge()
    return response


def _kept(key: str) -> StoredAnswer | None:
    with house().db.read(actor()) as uow:
        return answers.find(uow, key)


def _again(kept: StoredAnswer, digest: str) -> Response:
    if kept.request_hash != digest:
        raise WebProblem(
            422,
            "idempotency_key_reused",
            f"This {requests.KEY_HEADER} was used for another request. Take a new one for a new request.",
        )
    response = answer(kept.body, kept.status)
    response.headers[REPLAYED] = "true"
    return response


def answer(body: bytes, status: int = 200) -> Response:
    """A JSON answer."""
    return current_app.response_class(body, status=status, mimetype="application/json")
