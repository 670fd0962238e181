"""Acts once for one Idempotency-Key: a repeat gets the stored answer, written in the same transaction as the change."""

from collections.abc import Callable

from engine.errors import Busy, Conflict, EngineError
from engine.model import Actor, StoredAnswer
from engine.store.answers import find, keep
from engine.store.db import Database
from engine.store.uow import UnitOfWork

KEY_LIMIT = 255

Answer = tuple[int, bytes]
"""Status and body."""


def once(
    database: Database,
    actor: Actor,
    key: str | None,
    request_hash: str,
    act: Callable[[UnitOfWork], Answer],
) -> tuple[int, bytes, bool]:
    """Act in a unit of work of its own. Gives status, body, and whether they are those of an earlier request.

    Most requests come once, so nothing is looked up beforehand. A repeat is found out by what it meets: the use-case
    refuses (the task is closed already), or the answer cannot be kept a second time. Then its unit is undone, and the
    earlier answer is read in a new transaction: read any sooner, a twin that answers meanwhile would be missed.

    Run it under ``retrying``.

    Args:
        key: the actor's own; None = nothing is looked up or kept.
        request_hash: of method, path and body: what must be the same for the answer to be.
        act: makes the change; only an answer it returns is kept, an error never.

    Raises:
        Conflict ``idempotency_key_reused``: the key came before with another request.
        Whatever ``act`` raises; Busy, Collision.
    """
    try:
        with database.unit(actor) as uow:
            status, body = act(uow)
            if key is not None:
                keep(uow, key, request_hash=request_hash, status=status, body=body)
    except Busy:
        raise  # nothing was decided; whoever retries comes here again
    except EngineError:
        if key is None:
            raise
        with database.read(actor) as uow:
            earlier = find(uow, key)
        if earlier is None:
            raise
        return *_same(earlier, request_hash), True
    return status, body, False


def _same(earlier: StoredAnswer, request_hash: str) -> Answer:
    if earlier.request_hash != request_hash:
        raise Conflict(
            "This Idempotency-Key came before with another request; use a new key for each request.",
            code="idempotency_key_reused",
        )
    return earlier.status, earlier.body
