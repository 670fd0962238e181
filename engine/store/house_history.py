"""What happened in the house outside any case, newest first."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select

from engine.model import HouseEvent
from engine.states import Audit
from engine.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class HouseEventRow:
    """Attributes: ``subject`` is the key of what it is about. ``data``: details, by the kind of event."""

    at: datetime
    kind: Audit
    actor_name: str
    subject: str
    data: Mapping[str, Any]


def latest(uow: UnitOfWork, kinds: Collection[Audit], *, limit: int) -> list[HouseEventRow]:
    """The newest events of these kinds; who may read them is the caller's question."""
    query = select(HouseEvent).where(HouseEvent.kind.in_(sorted(kinds)))
    found = uow.session.scalars(query.order_by(HouseEvent.at.desc(), HouseEvent.id.desc()).limit(limit))
    return [
        HouseEventRow(event.at, Audit(event.kind), event.actor_name, event.subject, orjson.loads(event.data))
        for event in found
    ]
