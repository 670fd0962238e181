"""Cases: the list, one case, and what it waits for."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Row, Select, select, union

from engine.errors import Invalid, NotFound
from engine.model import Actor, Agency, Case, CaseAgency, Process, Subscription, Task
from engine.states import CaseState, JobKind
from engine.store import job_list
from engine.store import tasks as task_reads
from engine.store.hot import PENDING_JOB
from engine.store.literals import OPEN_TASK
from engine.store.page import Named, Page, checked_limit, cursor, paged, place
from engine.store.rows import CaseRow, JobRow, SubscriptionRow, TaskRow
from engine.store.uow import UnitOfWork
from engine.store.visible import case_visible, sees_all_cases

_CURSOR = "cases"


@dataclass(frozen=True, slots=True)
class CaseWaits:
    """Everything a running case waits for. Of other agencies' tasks only those that exist for the actor."""

    tasks: tuple[TaskRow, ...]
    deadlines: tuple[JobRow, ...]
    jobs: tuple[JobRow, ...]
    subscriptions: tuple[SubscriptionRow, ...]


def cases(
    uow: UnitOfWork,
    *,
    process: str | None = None,
    state: str | None = None,
    business_key: str | None = None,
    q: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[CaseRow]:
    """The cases that exist for the actor, newest first.

    Args:
        process, state, business_key: only these.
        q: text in the business key or the facts.

    Raises:
        Invalid: no such state, limit or cursor.
    """
    if state is not None and state not in {s.value for s in CaseState}:
        raise Invalid(f"“{state}” is no state of a case.", code="state_invalid", state=state)
    beyond = None if after is None else Case.case_id < place(_CURSOR, after, [str])[0]
    branches = []
    for branch in _branches(uow.actor):
        query = branch
        if process is not None:
            query = query.where(Case.process_key == process)
        if state is not None:
            query = query.where(Case.state == state)
        if business_key is not None:
            query = query.where(Case.business_key == business_key)
        if q:
            query = query.where(Case.search_text.contains(q.strip().casefold(), autoescape=True))
        if beyond is not None:
            query = query.where(beyond)
        branches.append(query.order_by(Case.case_id.desc()).limit(checked_limit(limit) + 1).subquery())
    if not branches:
        return Page([], None)
    found = union(*(select(each) for each in branches)).subquery()
    rows = uow.session.execute(
        _rows().join(found, found.c.case_id == Case.case_id).order_by(Case.case_id.desc()).limit(limit + 1)
    ).all()
    held = _held_by(uow, [row.Case.case_id for row in rows[:limit]])
    return paged(rows, limit, lambda row: _row(row, held), lambda row: cursor(_CURSOR, row.Case.case_id))


def _branches(actor: Actor) -> Iterator[Select[str]]:
    """One index scan each, newest first: of a few agencies' cases the first page costs no sort of them all."""
    if sees_all_cases(actor):
        yield select(Case.case_id)
        return
    for agency in sorted(actor.agencies):
        yield select(Case.case_id).where(Case.owner_agency == agency)
        yield (
            select(Case.case_id)
            .join(CaseAgency, CaseAgency.case_id == Case.case_id)
            .where(CaseAgency.agency_key == agency)
        )


def case(uow: UnitOfWork, case_id: str) -> CaseRow:
    """One case.

    Raises:
        NotFound: no such case, or not for this actor.
    """
    row = uow.session.execute(_rows().where(Case.case_id == case_id, case_visible(uow.actor))).one_or_none()
    if row is None:
        raise NotFound(f"There is no such case for you: {case_id}.", case_id=case_id)
    return _row(row, _held_by(uow, [case_id]))


def waits(uow: UnitOfWork, case_id: str) -> CaseWaits:
    """What the case waits for now.

    Raises:
        NotFound: no such case, or not for this actor.
    """
    uow.get(Case, case_id)
    pending = job_list.of_case(uow, case_id, states=PENDING_JOB)
    subscriptions = uow.session.scalars(
        select(Subscription)
        .where(Subscription.case_id == case_id)
        .order_by(Subscription.created_at, Subscription.token)
    )
    return CaseWaits(
        tasks=tuple(task_reads.of_case(uow, case_id)),
        deadlines=tuple(job for job in pending if job.kind is JobKind.TIMER),
        jobs=tuple(job for job in pending if job.kind is not JobKind.TIMER),
        subscriptions=tuple(
            SubscriptionRow(s.kind, s.name, s.element_id, s.label, s.correlation, s.created_at)
            for s in subscriptions
        ),
    )


_CaseColumns = Row[Case, Process, Agency]
_HeldBy = Mapping[str, Sequence[Named]]


def _rows() -> Select[Case, Process, Agency]:
    return (
        select(Case, Process, Agency)
        .join(Process, Process.key == Case.process_key)
        .join(Agency, Agency.key == Case.owner_agency)
    )


def _held_by(uow: UnitOfWork, case_ids: Sequence[str]) -> _HeldBy:
    """Which agencies have open tasks in these cases. Whoever sees a case may know whom it waits for."""
    query = (
        select(Task.case_id, Agency)
        .distinct()
        .join(Agency, Agency.key == Task.agency_key)
        .where(Task.case_id.in_(case_ids), OPEN_TASK)
        .order_by(Task.case_id, Agency.key)
    )
    found: dict[str, list[Named]] = defaultdict(list)
    for case_id, agency in uow.session.execute(query) if case_ids else ():
        found[case_id].append(task_reads.agency_named(agency))
    return found


def _row(row: _CaseColumns, held: _HeldBy) -> CaseRow:
    case: Case = row.Case
    return CaseRow(
        case_id=case.case_id,
        business_key=case.business_key,
        process=task_reads.process_named(row.Process),
        process_version=case.process_version,
        owner=task_reads.agency_named(row.Agency),
        held_by=tuple(held.get(case.case_id, ())),
        state=CaseState(case.state),
        facts=case.facts,
        version=case.version,
        outcome=case.outcome,
        started_by=case.started_by,
        started_at=case.started_at,
        ended_at=case.ended_at,
    )
