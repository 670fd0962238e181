"""How much there is of what operators watch: counts that stop at a cap, each by an index scan."""

from dataclasses import dataclass

from sqlalchemy import Select, func, literal, select, union_all

from engine.model import Case, Incident, Job, Task
from engine.states import CaseState, JobKind
from engine.store.literals import OPEN_INCIDENT, OPEN_TASK, READY_JOB, RUNNING_JOB
from engine.store.time import sql_moment
from engine.store.uow import UnitOfWork

CAP = 100_000
"""Counts stop here: who has more than that needs no exact number, and a look must stay cheap."""

TARGETS = 1_000
"""Open incidents that are looked at, newest first, to count them by target."""


@dataclass(frozen=True, slots=True)
class Queue:
    """Jobs of one kind. ``oldest_s``: seconds that the one which is due longest has waited; 0 when none is due."""

    kind: JobKind
    due: int
    running: int
    oldest_s: float


@dataclass(frozen=True, slots=True)
class Gauges:
    """``incidents``: partner system or "" (none is involved) → open incidents. No other text of a case is in here."""

    queues: tuple[Queue, ...]
    tasks_open: int
    cases_running: int
    incidents: dict[str, int]


def gauges(uow: UnitOfWork) -> Gauges:
    """Count for the whole house, whoever the actor is: the numbers tell of no case."""
    now = sql_moment(uow.database.clock, uow.database.dialect)
    counts = union_all(
        _count("tasks", select(Task.id).where(OPEN_TASK)),
        _count("cases", select(Case.case_id).where(Case.state == CaseState.RUNNING.value)),
        *(
            _count(f"{what}/{kind}", select(Job.id).where(condition, Job.kind == kind.value))
            for kind in JobKind
            for what, condition in (("due", READY_JOB & (Job.run_at <= now)), ("running", RUNNING_JOB))
        ),
    )
    many = {row.what: row.many for row in uow.session.execute(counts)}
    oldest = {
        row.kind: row.run_at
        for row in uow.session.execute(
            select(Job.kind, func.min(Job.run_at).label("run_at"))
            .where(READY_JOB, Job.run_at <= now)
            .group_by(Job.kind)
        )
    }
    newest = (
        select(Incident.target).where(OPEN_INCIDENT).order_by(Incident.id.desc()).limit(TARGETS).subquery()
    )
    targets = uow.session.execute(select(newest.c.target, func.count()).group_by(newest.c.target))
    return Gauges(
        queues=tuple(
            Queue(
                kind,
                due=many[f"due/{kind}"],
                running=many[f"running/{kind}"],
                oldest_s=max(0.0, (uow.now() - oldest[kind.value]).total_seconds())
                if kind in oldest
                else 0.0,
            )
            for kind in JobKind
        ),
        tasks_open=many["tasks"],
        cases_running=many["cases"],
        incidents={target or "": count for target, count in targets},
    )


def _count(what: str, rows: Select[str]) -> Select[str, int]:
    found = rows.limit(CAP).subquery()
    return select(literal(what).label("what"), func.count().label("many")).select_from(found)
