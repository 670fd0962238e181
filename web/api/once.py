"""Makes a change once: one unit of work, its answer kept under the caller's Idempotency-Key in the same transaction."""

from collections.abc import Callable

from flask import current_app
from werkzeug.wrappers import Response

from engine.errors import StepFailed
from engine.store.db import retrying
from engine.store.uow import UnitOfWork
from engine.usecases import once as usecase
from engine.usecases.step_failed import note_step_failed
from web.api import requests
from web.context import actor, house

REPLAYED = "Idempotency-Replayed"


def once(act: Callable[[UnitOfWork], bytes], *, status: int, task_id: str | None = None) -> Response:
    """The answer to a request that changes something.

    Args:
        act: makes the change in a unit of work and gives the JSON of the answer; run again after a collision.
        status: of a good answer.
        task_id: the task that the request is about, for the incident of a step that fails.

    Raises:
        EngineError: as ``act``; then nothing was changed and no answer is kept. A StepFailed of a running case has
            become an incident.
        Conflict ``idempotency_key_reused``: the key came with another request before.
    """
    key = requests.idempotency_key()
    digest = requests.fingerprint() if key else ""

    def attempt() -> tuple[int, bytes, bool]:
        return usecase.once(house().db, actor(), key, digest, lambda uow: (status, act(uow)))

    try:
        given, body, replayed = retrying(attempt)
    except StepFailed as failure:
        note_step_failed(house().db, failure, task_id=task_id)
        raise
    house().worker.nudge()
    response = answer(body, given)
    if replayed:
        response.headers[REPLAYED] = "true"
    return response


def answer(body: bytes, status: int = 200) -> Response:
    """A JSON answer."""
    return current_app.response_class(body, status=status, mimetype="application/json")
