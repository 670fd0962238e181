"""Answers kept for repeated requests: the same Idempotency-Key of the same actor gets the same answer."""

from datetime import timedelta

from sqlalchemy import delete, select, tuple_

from engine.model import StoredAnswer
from engine.store.uow import UnitOfWork

KEPT_H = 24


def find(uow: UnitOfWork, key: str) -> StoredAnswer | None:
    """What the actor's request with this key was answered, if it was.

    Read it in a transaction that began after the wait for a lock: the twin that held it may have answered meanwhile.
    """
    query = select(StoredAnswer).where(StoredAnswer.actor_id == uow.actor.id, StoredAnswer.key == key)
    return uow.session.scalars(query).one_or_none()


def keep(uow: UnitOfWork, key: str, *, request_hash: str, status: int, body: bytes) -> None:
    """Keep an answer in the transaction of the change it tells. A twin that kept one first makes this a Collision."""
    uow.insert(
        StoredAnswer,
        [
            {
                "actor_id": uow.actor.id,
                "key": key,
                "request_hash": request_hash,
                "status": status,
                "body": body,
                "created_at": uow.now(),
            }
        ],
    )


def forget_old(uow: UnitOfWork, *, limit: int = 1_000) -> int:
    """Delete up to ``limit`` answers older than a day; how many they were."""
    old = (
        select(StoredAnswer.actor_id, StoredAnswer.key)
        .where(StoredAnswer.created_at < uow.now() - timedelta(hours=KEPT_H))
        .limit(limit)
    )
    which = tuple_(StoredAnswer.actor_id, StoredAnswer.key).in_(old)
    return uow.session.connection().execute(delete(StoredAnswer).where(which)).rowcount
