"""What is asked every second is answered from an index, however many tasks, cases and jobs there are."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event

from engine.model import SYSTEM, Actor
from engine.states import WaitKind
from engine.store import jobs
from engine.store.cases import cases
from engine.store.db import Database
from engine.store.inbox import inbox, inbox_counts
from engine.store.starts import due_starts, started_by
from engine.store.uow import UnitOfWork
from tests.people import World
from tests.store.rows import add_case, add_process, open_task


def plans(database: Database, actor: Actor, work: Callable[[UnitOfWork], object]) -> str:
    """The database's own account of how it does what ``work`` asks."""
    asked: list[tuple[str, Any]] = []

    def listen(_connection: Any, _cursor: Any, sql: str, parameters: Any, *_rest: Any) -> None:
        if not sql.startswith("BEGIN"):
            asked.append((sql, parameters))

    event.listen(database.engine, "before_cursor_execute", listen)
    with database.unit(actor) as uow:
        work(uow)
    event.remove(database.engine, "before_cursor_execute", listen)
    said: list[str] = []
    with database.engine.connect() as connection:
        if database.dialect == "postgresql":  # tables this small it would rather read whole
            connection.exec_driver_sql("SET enable_seqscan = off")
            connection.exec_driver_sql("SET enable_bitmapscan = off")
        explain = "EXPLAIN" if database.dialect == "postgresql" else "EXPLAIN QUERY PLAN"
        for sql, parameters in asked:
            rows = connection.exec_driver_sql(f"{explain} {sql}", parameters)
            said += [str(row[-1]) for row in rows]
    return "\n".join(said)


@pytest.mark.parametrize(
    ("index", "work"),
    [
        ("ix_task_inbox", inbox),
        ("ix_task_inbox_new", lambda uow: inbox(uow, sort="created")),
        ("ix_task_inbox_priority", lambda uow: inbox(uow, sort="priority")),
        ("ix_task_assignee", lambda uow: inbox(uow, assignee="me")),
        ("ix_task_inbox", inbox_counts),
        ("ix_case__owner_agency_case_id", cases),
        ("ix_case_agency_agency_key_case_id", cases),
        ("ix_case__owner_agency_state_case_id", lambda uow: cases(uow, state="running")),
        ("ix_job_due", lambda uow: jobs.claim_due(uow, limit=9, worker="w", lease_s=60)),
        ("ix_job_lease", jobs.return_lapsed),
        ("ix_job_kept", jobs.wake_awaited),
        ("ix_job_kept", lambda uow: jobs.wake_starts(uow, "permit")),
        ("ix_process_start_due", lambda uow: due_starts(uow, limit=9)),
        (
            "ix_process_start_kind_name",
            lambda uow: started_by(uow, kind=WaitKind.MESSAGE, name="application"),
        ),
    ],
)
def test_an_index_answers(
    database: Database, world: World, index: str, work: Callable[[UnitOfWork], object]
) -> None:
    with database.unit(SYSTEM) as uow:
        add_process(uow)
        open_task(uow, add_case(uow), roles=("front_desk",))
    plan = plans(database, world.ana, work)
    if database.dialect == "sqlite":  # PostgreSQL takes any index for tables this small
        assert f"{index} " in plan, plan
    for table in ("task", "case_", "job", "process_start"):
        assert f"SCAN {table} " not in plan
        assert f"Seq Scan on {table} " not in plan
