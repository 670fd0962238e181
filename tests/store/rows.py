"""Rows that the store's tests begin from."""

from datetime import datetime
from typing import Any

from engine.model import Case, Incident, Job, Process, ProcessVersion, new_id
from engine.states import CaseState, IncidentKind, IncidentState, JobKind, JobState
from engine.store import hot
from engine.store.hot import NewTask
from engine.store.uow import UnitOfWork
from tests.people import LICENSING

PERMIT = "event_permit"


def add_process(uow: UnitOfWork, key: str = PERMIT, *, owner: str = LICENSING, bpmn: bytes = b"<x/>") -> None:
    uow.add(
        Process(key=key, title_id="Izin acara", title_en="Event permit", owner_agency=owner, latest_version=1)
    )
    uow.flush()
    uow.add(
        ProcessVersion(
            process_key=key,
            version=1,
            deployment_id=new_id(),
            filename=f"{key}.bpmn",
            bpmn=bpmn,
            sha256="0" * 64,
            routing={},
            calls={},
            settings={},
            warnings=[],
            deployed_by="person-citra",
            deployed_by_name="Citra",
            deployed_at=uow.now(),
        )
    )
    uow.flush()


def add_case(uow: UnitOfWork, *, process: str = PERMIT, owner: str = LICENSING, **columns: Any) -> Case:
    values: dict[str, Any] = {
        "case_id": new_id(),
        "process_key": process,
        "process_version": 1,
        "owner_agency": owner,
        "state": CaseState.RUNNING.value,
        "facts": {},
        "started_by": uow.actor.id,
        "started_at": uow.now(),
    }
    case = Case(**(values | columns))
    uow.add(case)
    uow.flush()
    return case


def new_task(agency: str = LICENSING, *, name: str = "Check the file", **columns: Any) -> NewTask:
    values: dict[str, Any] = {
        "token": new_id(),
        "element_id": "check",
        "node_id": "check",
        "process_key": PERMIT,
        "process_version": 1,
        "name": name,
        "agency_key": agency,
    }
    return NewTask(**(values | columns))


def open_task(uow: UnitOfWork, case: Case, agency: str = LICENSING, **columns: Any) -> str:
    task = new_task(agency, **columns)
    hot.open_tasks(uow, case.case_id, [task])
    return task.id


def add_job(uow: UnitOfWork, case_id: str, *, run_at: datetime | None = None, **columns: Any) -> str:
    job_id = new_id()
    values: dict[str, Any] = {
        "id": job_id,
        "case_id": case_id,
        "kind": JobKind.CONNECTOR.value,
        "state": JobState.READY.value,
        "token": new_id(),
        "element_id": "ask",
        "name": "Ask the population office",
        "agency_key": LICENSING,
        "run_at": run_at or uow.now(),
        "idempotency_key": job_id,
        "payload": {"connector": "http"},
        "created_at": uow.now(),
    }
    uow.insert(Job, [values | columns])
    return job_id


def add_incident(uow: UnitOfWork, case_id: str, **columns: Any) -> str:
    values: dict[str, Any] = {
        "case_id": case_id,
        "id": new_id(),
        "kind": IncidentKind.JOB_DEAD.value,
        "state": IncidentState.OPEN.value,
        "element_id": "ask",
        "target": "population",
        "code": "refused",
        "message": "The population office refused the call.",
        "created_at": uow.now(),
    }
    row = values | columns
    uow.insert(Incident, [row])
    return str(row["id"])
