"""A case comes into being: at once in the request that asks for it, or by a job of its own where nobody waits for it."""

from collections.abc import Mapping
from typing import Any

from engine.errors import Invalid
from engine.model import Case, Job, new_id
from engine.states import Audit, CaseState, JobKind, JobState
from engine.store.conversation import ASKED_BY
from engine.store.hot import take_part
from engine.store.jobs import finish
from engine.store.uow import UnitOfWork
from engine.store.versions import version_of
from engine.usecases.advance import advance
from engine.usecases.facts import search_text_of
from engine.usecases.held import held_job
from engine.usecases.moving import naming_case, world_of

_KEY_LIMIT = 255
_ATTEMPTS = 5


def new_case(
    uow: UnitOfWork, process_key: str, version: int, *, owner: str, business_key: str | None
) -> Case:
    """The row of a case that has not begun; it is not added yet.

    Raises:
        Invalid ``business_key_invalid``.
    """
    business_key = (business_key or "").strip() or None
    if business_key is not None and (len(business_key) > _KEY_LIMIT or not business_key.isprintable()):
        raise Invalid(
            f"A business key has at most {_KEY_LIMIT} printable characters.", code="business_key_invalid"
        )
    return Case(
        case_id=new_id(),
        process_key=process_key,
        process_version=version,
        owner_agency=owner,
        business_key=business_key,
        state=CaseState.RUNNING,
        facts={},
        chain_seq=0,
        chain_hash="",
        started_by=uow.actor.id,
        started_at=uow.now(),
    )


def begin_case(
    uow: UnitOfWork, case: Case, data: Mapping[str, Any], *, start: str | None = None, **cause: Any
) -> Case:
    """Move the new case to its first waits.

    Args:
        data: its variables. start: node id of the event it starts by; None for the plain one.
        cause: what history says of why it began.

    Raises:
        Invalid ``no_plain_start``. StepFailed: the model cannot begin; nothing was written.
    """
    step = uow.machine(case).start(world_of(uow, case), data, start=start)
    _write(uow, case, data, cause)
    advance(uow, case, step)
    return case


def begin_later(
    uow: UnitOfWork,
    case: Case,
    data: Mapping[str, Any],
    *,
    start: str,
    element: str,
    label: str,
    asked_by: str | None = None,
    **cause: Any,
) -> Case:
    """Write the new case with a job that begins it: whoever caused it (another case, the clock) is not held up by it.

    When the model cannot begin, the job and its incident are the new case's own; an operator retries or cancels it.

    Args:
        data: JSON values. start, element: ids of the start event. label: what people call it.
        asked_by: the case whose message starts it.
    """
    case.search_text = search_text_of(case)
    _write(uow, case, data, cause)
    job_id = new_id()
    job = {
        "case_id": case.case_id,
        "id": job_id,
        "kind": JobKind.START,
        "state": JobState.READY,
        "token": "",
        "element_id": element,
        "name": label,
        "run_at": uow.now(),
        "max_attempts": _ATTEMPTS,
        "idempotency_key": job_id,
        "payload": {"start": start, "data": dict(data), ASKED_BY: asked_by},
        "created_at": uow.now(),
    }
    uow.insert(Job, [job])
    return case


def run_start(uow: UnitOfWork, case_id: str, job_id: str, fence: int) -> Case:
    """Begin the case whose start job this run holds.

    Raises:
        StaleVersion: another run owns it. StepFailed: the model cannot begin; nothing was changed.
    """
    case, job = held_job(uow, case_id, job_id, fence)
    with naming_case(case):
        step = uow.machine(case).start(world_of(uow, case), job.payload["data"], start=job.payload["start"])
    finish(uow, case_id=case_id, job_id=job_id, fence=fence)
    advance(uow, case, step)
    return case


def _write(uow: UnitOfWork, case: Case, data: Mapping[str, Any], cause: Mapping[str, Any]) -> None:
    uow.add(case)
    take_part(uow, case.case_id, [case.owner_agency])
    uow.record(
        Audit.CASE_STARTED,
        case,
        agency=case.owner_agency,
        process=case.process_key,
        process_version=case.process_version,
        business_key=case.business_key,
        answers=dict(data),
        **cause,
    )


def starter_roles(uow: UnitOfWork, process_key: str, version: int) -> tuple[str, ...]:
    """The roles of the owner agency that may start this version; none = all its members."""
    return tuple(version_of(uow, process_key, version).settings.get("start_roles", ()))
