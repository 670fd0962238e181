"""History: the events of a case as the reader may see them, whether the chain holds, and what the diagram shows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import inspect, select

from engine.model import SYSTEM, Actor, Agency, AuditEvent, Case, Job, Subscription, Task
from engine.states import Audit, JobKind, Power
from engine.store import chain
from engine.store.hot import PENDING_JOB
from engine.store.literals import OPEN_TASK
from engine.store.page import Named, checked_limit
from engine.store.tasks import agency_named
from engine.store.uow import UnitOfWork

OPEN_DETAILS = frozenset(
    {
        *("task_id", "job_id", "incident_id", "incident_kind", "job_kind", "connector", "system", "code"),
        *("due_at", "interrupting", "attached_to", "attempt", "again_at", "awaited", "name", "loop_index"),
        *("assignee", "roles", "users", "not_for", "reason", "resolution", "outcome", "escalation"),
        *("passed", "flows", "cancelled", "names", "process", "process_version", "business_key"),
        *("by", "timer", "scheduled_at"),
    }
)
"""Details of an event that tell the way of a case and nothing of what is in it: everybody who sees the case sees
them. Whatever is not named here is for the agency that wrote it, the owner agency and auditors."""

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event of a case.

    Attributes:
        data: the details as far as the reader may see them. withheld: whether there are others.
        hash: the link of the chain, 64 hex digits.
    """

    seq: int
    at: datetime
    kind: Audit
    actor_id: str
    actor_name: str
    agency: Named | None
    element_id: str | None
    element_name: str | None
    data: Mapping[str, Any]
    withheld: bool
    hash: str


@dataclass(frozen=True, slots=True)
class ChainVerdict:
    """Whether a case's history is as it was written.

    Attributes:
        events: how many were looked at.
        broken_at: number of the first event that does not fit; one past the last when the end is missing.
    """

    intact: bool
    events: int
    broken_at: int | None


def history(uow: UnitOfWork, case_id: str, *, after: int | None = None, limit: int = 200) -> list[EventRow]:
    """Events of a case in order, from the one after number ``after``.

    Raises:
        NotFound: no such case, or not for this actor. Invalid: no such limit.
    """
    case = uow.get(Case, case_id)
    query = (
        select(AuditEvent, Agency)
        .outerjoin(Agency, Agency.key == AuditEvent.agency_key)
        .where(AuditEvent.case_id == case_id, AuditEvent.seq > (after or 0))
        .order_by(AuditEvent.seq)
        .limit(checked_limit(limit))
    )
    return [
        _row(event, agency, whole=sees_details(uow.actor, event.agency_key, owner=case.owner_agency))
        for event, agency in uow.session.execute(query)
    ]


def sees_details(actor: Actor, agency: str | None, *, owner: str) -> bool:
    """Whether the actor sees all details of an event that ``agency`` wrote in a case of ``owner``."""
    if actor.id == SYSTEM.id or actor.may(Power.AUDITOR) or owner in actor.agencies:
        return True
    return agency is not None and agency in actor.agencies


def _row(event: AuditEvent, agency: Agency | None, *, whole: bool) -> EventRow:
    data: dict[str, Any] = orjson.loads(event.data)
    shown = data if whole else {key: value for key, value in data.items() if key in OPEN_DETAILS}
    return EventRow(
        seq=event.seq,
        at=event.at,
        kind=Audit(event.kind),
        actor_id=event.actor_id,
        actor_name=event.actor_name,
        agency=None if agency is None else agency_named(agency),
        element_id=event.element_id,
        element_name=event.element_name,
        data=shown,
        withheld=len(shown) < len(data),
        hash=event.hash,
    )


def verify(uow: UnitOfWork, case_id: str) -> ChainVerdict:
    """Compute the chain anew from the first event and compare; a changed, missing, added or swapped event breaks it.

    Raises:
        NotFound: no such case, or not for this actor.
    """
    case = uow.get(Case, case_id)
    previous, seen = "", 0
    for event in _events(uow, case_id):
        seen += 1
        if event["seq"] != seen or event["hash"] != chain.link(previous, event):
            return ChainVerdict(intact=False, events=seen, broken_at=seen)
        previous = event["hash"]
    whole = (seen, previous) == (case.chain_seq, case.chain_hash)
    return ChainVerdict(intact=whole, events=seen, broken_at=None if whole else seen + 1)


def _events(uow: UnitOfWork, case_id: str) -> Iterator[Mapping[str, Any]]:
    columns = inspect(AuditEvent).columns
    query = select(*columns).where(AuditEvent.case_id == case_id).order_by(AuditEvent.seq).limit(_CHUNK)
    rest = query
    while True:
        rows = uow.session.execute(rest).all()
        for row in rows:
            rest = query.where(AuditEvent.seq > row.seq)
            yield row._asdict()
        if len(rows) < _CHUNK:
            return


def diagram_state(uow: UnitOfWork, case_id: str) -> dict[str, str]:
    """Element id → ``done``, ``now`` or ``cancelled``, for every element and flow that the case has touched.

    What waits is shown whoever it waits for; a timer on an activity's border is left out while it only ticks.

    Raises:
        NotFound: no such case, or not for this actor.
    """
    uow.get(Case, case_id)
    state: dict[str, str] = {}
    query = (
        select(AuditEvent.data)
        .where(AuditEvent.case_id == case_id, AuditEvent.kind == Audit.ELEMENTS_PASSED.value)
        .order_by(AuditEvent.seq)
    )
    for text in uow.session.scalars(query):
        way = orjson.loads(text)
        state |= dict.fromkeys((*way.get("passed", ()), *way.get("flows", ())), "done")
        state |= dict.fromkeys(way.get("cancelled", ()), "cancelled")
    state |= dict.fromkeys(_waiting_elements(uow, case_id), "now")
    return state


def _waiting_elements(uow: UnitOfWork, case_id: str) -> Iterator[str]:
    yield from uow.session.scalars(select(Task.element_id).where(Task.case_id == case_id, OPEN_TASK))
    yield from uow.session.scalars(select(Subscription.element_id).where(Subscription.case_id == case_id))
    pending = select(Job.element_id, Job.payload).where(
        Job.case_id == case_id,
        Job.kind != JobKind.MESSAGE.value,
        Job.state.in_([state.value for state in PENDING_JOB]),
    )
    for element, payload in uow.session.execute(pending):
        if not payload.get("attached_to"):
            yield element
