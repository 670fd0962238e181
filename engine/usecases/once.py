"""Acts once for one Idempotency-Key: a repeat gets the stored answer, written in the same transaction as the change."""

from collections.abc import Callable

from engine.errors import Conflict
from engine.model import StoredAnswer
from engine.store.answers import find, keep
from engine.store.uow import UnitOfWork

KEY_LIMIT = 255

Answer = tuple[int, bytes]
"""Status and body."""


def once(
    uow: UnitOfWork, key: str | None, request_hash: str, act: Callable[[], Answer]
) -> tuple[int, bytes, bool]:
    """Status, body, and whether they are those of an earlier request with this key.

    Run it under ``retrying``: of twins that act at the same moment, the second meets a Collision and finds the first's
    answer when it is tried again.

    Args:
        key: the actor's own; None = nothing is looked up or kept.
        request_hash: of method, path and body: what must be the same for the answer to be.
        act: makes the change; only an answer it returns is kept, an error never. It raises Conflict before it changes
            anything, as all use-cases do.

    Raises:
        Conflict ``idempotency_key_reused``: the key came before with another request.
        Whatever ``act`` raises.
    """
    if key is None:
        return *act(), False
    earlier = find(uow, key)
    if earlier is None:
        try:
            status, body = act()
        except Conflict:
            # While this request waited for the case's lock, its twin may have done the work and answered.
            earlier = find(uow, key)
            if earlier is None:
                raise
        else:
            keep(uow, key, request_hash=request_hash, status=status, body=body)
            return status, body, False
    return *_same(earlier, request_hash), True


def _same(earlier: StoredAnswer, request_hash: str) -> Answer:
    if earlier.request_hash != request_hash:
        raise Conflict(
            "This Idempotency-Key came before with another request; use a new key for each request.",
            code="idempotency_key_reused",
        )
    return earlier.status, earlier.body
