"""Which cases talk to each other: one that a message has started, and the one that sent it."""

from collections.abc import Collection

from sqlalchemy import select

from engine.model import Case, Job
from engine.states import JobKind
from engine.store.uow import UnitOfWork

ASKED_BY = "asked_by"
"""Key in the payload of a start job: the case whose message started this one."""

STARTED = "started"
"""Key in the payload of a delivery: the case that it started."""


def partners(uow: UnitOfWork, case_id: str) -> frozenset[str]:
    """The cases that this one has started by a message, and the one that has started it; also those that have ended."""
    query = select(Job.payload).where(
        Job.case_id == case_id, Job.kind.in_([JobKind.START.value, JobKind.MESSAGE.value])
    )
    found = (payload.get(ASKED_BY) or payload.get(STARTED) for payload in uow.session.scalars(query))
    return frozenset(other for other in found if other)


def processes_of(uow: UnitOfWork, case_ids: Collection[str]) -> dict[str, str]:
    """The process of each of these cases."""
    query = select(Case.case_id, Case.process_key).where(Case.case_id.in_(sorted(case_ids)))
    return {row.case_id: row.process_key for row in uow.session.execute(query)}
