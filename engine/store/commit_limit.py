"""The limit of the machine: how many transactions, shaped like one completed task, the bare driver commits in a second."""

import os
import time
from typing import Any

from engine.model import AuditEvent, Case, Job, StoredAnswer, Task, new_id
from engine.model.base import Base
from engine.store.db import Database

_CASES = 100


def commits_per_s(database: Database, *, process: tuple[str, int], seconds: float, state_bytes: int) -> float:
    """One client, no code of ours between: read the case and its task; write the case's state and the task; insert a
    task, a job, three events and a kept answer; commit.

    Args:
        process: key and version of a deployed process that the rows may point to.
        seconds: how long to try. The rows stay behind: use a database that is thrown away.
    """
    raw: Any = database.engine.raw_connection()
    try:
        return _run(raw.driver_connection, _Sql(database.dialect), process, seconds, state_bytes)
    finally:
        raw.close()


class _Sql:
    """Statement texts of one database."""

    def __init__(self, dialect: str) -> None:
        self._named = "%({})s" if dialect == "postgresql" else ":{}"
        self.begin = "BEGIN" if dialect == "postgresql" else "BEGIN IMMEDIATE"
        self.lock = " FOR UPDATE" if dialect == "postgresql" else ""

    def __call__(self, text: str, *names: str) -> str:
        return text.format(*(self._named.format(name) for name in names))

    def insert(self, model: type[Base], row: dict[str, Any]) -> str:
        columns = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join(self._named.format(name) for name in row)
        return f"INSERT INTO {model.__tablename__} ({columns}) VALUES ({marks})"  # noqa: S608 - names are ours


def _run(connection: Any, sql: _Sql, process: tuple[str, int], seconds: float, state_bytes: int) -> float:
    if hasattr(connection, "autocommit"):
        connection.rollback()
    cursor = connection.cursor()
    now = "2026-01-01T00:00:00.000000+00:00"
    common = {"process_key": process[0], "process_version": process[1]}
    cases = [new_id() for _ in range(_CASES)]
    for case_id in cases:
        case = common | {
            "case_id": case_id,
            "owner_agency": "limit",
            "state": "running",
            "facts": "{}",
            "search_text": "",
            "version": 1,
            "snapshot": os.urandom(state_bytes),
            "chain_seq": 0,
            "chain_hash": "",
            "started_by": "limit",
            "started_at": now,
        }
        cursor.execute(sql.insert(Case, case), case)
    connection.commit()
    read_case = sql("SELECT * FROM case_ WHERE case_id = {}", "case_id") + sql.lock
    read_task = sql("SELECT * FROM task WHERE case_id = {} AND id = {}", "case_id", "id")
    write_case = sql(
        "UPDATE case_ SET version = version + 1, snapshot = {} WHERE case_id = {}", "snapshot", "case_id"
    )
    write_task = sql(
        "UPDATE task SET state = 'completed', closed_at = {} WHERE case_id = {} AND id = {}",
        "now",
        "case_id",
        "id",
    )
    done, ends = 0, time.perf_counter() + seconds
    began = time.perf_counter()
    while time.perf_counter() < ends:
        case_id, task_id, snapshot = cases[done % _CASES], new_id(), os.urandom(state_bytes)
        at = {"case_id": case_id, "id": task_id, "now": now, "snapshot": snapshot}
        cursor.execute(sql.begin)
        cursor.execute(read_case, {"case_id": case_id}).fetchall()
        cursor.execute(read_task, {"case_id": case_id, "id": task_id}).fetchall()
        for model, row in _rows(common, case_id, task_id, now, done):
            cursor.execute(sql.insert(model, row), row)
        cursor.execute(write_case, {k: at[k] for k in ("snapshot", "case_id")})
        cursor.execute(write_task, {k: at[k] for k in ("now", "case_id", "id")})
        connection.commit()
        done += 1
    return done / (time.perf_counter() - began)


def _rows(
    common: dict[str, Any], case_id: str, task_id: str, now: str, number: int
) -> list[tuple[type[Base], dict[str, Any]]]:
    task = common | {
        "case_id": case_id,
        "id": task_id,
        "token": task_id,
        "element_id": "limit",
        "node_id": "limit",
        "name": "A task of the limit",
        "agency_key": "limit",
        "state": "open",
        "audience": "",
        "priority": 50,
        "urgency": -50,
        "queue_at": now,
        "created_at": now,
    }
    job = {
        "case_id": case_id,
        "id": new_id(),
        "kind": "timer",
        "state": "done",
        "token": task_id,
        "element_id": "limit",
        "name": "A timer of the limit",
        "run_at": now,
        "attempts": 0,
        "max_attempts": 5,
        "fence": 0,
        "idempotency_key": task_id,
        "payload": "{}",
        "created_at": now,
    }
    answer = {
        "actor_id": "limit",
        "key": task_id,
        "request_hash": "0" * 64,
        "status": 200,
        "body": b"x" * 1000,
        "created_at": now,
    }
    events = [
        {
            "case_id": case_id,
            "seq": number * 3 + n,
            "at": now,
            "kind": "task_completed",
            "actor_id": "limit",
            "actor_name": "Limit",
            "data": '{"answers":{"note":"a few words of an officer"}}',
            "hash": "0" * 64,
        }
        for n in range(3)
    ]
    return [(Task, task), (Job, job), *((AuditEvent, event) for event in events), (StoredAnswer, answer)]
