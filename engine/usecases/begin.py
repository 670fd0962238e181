"""Begins what a case now waits for: tasks for people, deadlines, calls to partners, subscriptions; posts what it throws."""

from collections.abc import Sequence
from typing import Any

from engine.bpmn.step import AwaitMessage, AwaitSignal, OpenTask, SetDeadline, Throw, Wait, WantJob
from engine.model import Case, Job, Subscription, new_id
from engine.states import Audit, JobKind, JobState, WaitKind
from engine.store.hot import Standing
from engine.store.uow import UnitOfWork
from engine.usecases.open_task import open_tasks
from engine.usecases.plain import plain
from engine.usecases.post import deliveries
from engine.usecases.routing import Routes

DEFAULT_ATTEMPTS = 5


def begin(
    uow: UnitOfWork, case: Case, waits: Sequence[Wait], *, thrown: Sequence[Throw], before: Standing
) -> None:
    """Write the rows of new waits and deliveries, and say so in history.

    Args:
        thrown: messages and signals that the case sends.
        before: where the case stood, with the people and roles that the waits name.

    Raises:
        StepFailed: work that cannot be routed.
    """
    tasks: list[OpenTask] = []
    jobs: list[dict[str, Any]] = []
    subscriptions: list[dict[str, Any]] = []
    routes = Routes(uow, case)
    for wait in waits:
        match wait:
            case OpenTask():
                tasks.append(wait)
            case WantJob():
                jobs.append(_call(uow, case, wait, routes))
            case SetDeadline():
                jobs.append(_deadline(uow, case, wait))
            case AwaitMessage():
                subscriptions.append(
                    _subscribe(uow, case, wait, WaitKind.MESSAGE, wait.message, wait.correlation)
                )
            case AwaitSignal():
                subscriptions.append(_subscribe(uow, case, wait, WaitKind.SIGNAL, wait.signal, None))
    open_tasks(uow, case, tasks, routes, before=before)
    uow.insert(Job, jobs + deliveries(uow, case, thrown))
    uow.insert(Subscription, subscriptions)


def _call(uow: UnitOfWork, case: Case, wait: WantJob, routes: Routes) -> dict[str, Any]:
    job_id = new_id()
    agency = routes.agency_of(wait.node, wait.process)
    system = wait.settings.get("system") or None
    uow.record(
        Audit.JOB_STARTED,
        case,
        element=wait.element,
        element_name=wait.name or None,
        agency=agency,
        job_id=job_id,
        connector=wait.connector,
        system=system,
    )
    payload = {
        "connector": wait.connector,
        "system": system,
        "settings": dict(wait.settings),
        "inputs": plain(wait.inputs),
        "retries": wait.retries,
    }
    return _job(
        uow,
        case,
        wait,
        id=job_id,
        kind=JobKind.CONNECTOR,
        agency_key=agency,
        run_at=uow.now(),
        max_attempts=wait.retries or DEFAULT_ATTEMPTS,
        # Partners see it: it must be unique among all cases, and stay the same when an operator retries.
        idempotency_key=job_id,
        payload=payload,
    )


def _deadline(uow: UnitOfWork, case: Case, wait: SetDeadline) -> dict[str, Any]:
    uow.record(
        Audit.DEADLINE_SET,
        case,
        element=wait.element,
        element_name=wait.name or None,
        due_at=wait.due_at,
        interrupting=wait.interrupting,
        attached_to=wait.attached_to,
    )
    payload = {
        "due_at": wait.due_at.isoformat(),
        "interrupting": wait.interrupting,
        "attached_to": wait.attached_to,
    }
    return _job(
        uow,
        case,
        wait,
        id=new_id(),
        kind=JobKind.TIMER,
        agency_key=None,
        run_at=wait.due_at,
        max_attempts=DEFAULT_ATTEMPTS,
        idempotency_key=wait.token,
        payload=payload,
    )


def _job(uow: UnitOfWork, case: Case, wait: WantJob | SetDeadline, **columns: Any) -> dict[str, Any]:
    return {
        "case_id": case.case_id,
        "state": JobState.READY,
        "token": wait.token,
        "element_id": wait.element,
        "name": wait.name,
        "created_at": uow.now(),
        **columns,
    }


def _subscribe(
    uow: UnitOfWork,
    case: Case,
    wait: AwaitMessage | AwaitSignal,
    kind: WaitKind,
    name: str,
    correlation: str | None,
) -> dict[str, Any]:
    uow.record(
        Audit.MESSAGE_AWAITED,
        case,
        element=wait.element,
        element_name=wait.name or None,
        awaited=kind,
        name=name,
        correlation=correlation,
    )
    return {
        "case_id": case.case_id,
        "token": wait.token,
        "kind": kind,
        "name": name,
        "correlation": correlation,
        "element_id": wait.element,
        "label": wait.name,
        "created_at": uow.now(),
    }
