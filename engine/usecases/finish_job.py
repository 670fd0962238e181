"""A partner answered: its reply goes into the case, and the case moves on."""

from engine.connector import Reply
from engine.model import Case, Job
from engine.states import Audit
from engine.store.jobs import finish
from engine.store.uow import UnitOfWork
from engine.usecases.advance import advance
from engine.usecases.fail_job import give_up_job
from engine.usecases.held import held_job
from engine.usecases.moving import move, require_running


def finish_job(uow: UnitOfWork, case_id: str, job_id: str, fence: int, reply: Reply) -> Case:
    """End the call that this run holds with the partner's reply.

    A reply that is a BPMN error goes to the event that catches it; where none does, the job is dead and an incident
    tells it.

    Raises:
        StaleVersion: another run owns it, or the case no longer waits for it; the reply is thrown away.
        StepFailed: the model cannot go on; nothing was changed.
    """
    case, job = held_job(uow, case_id, job_id, fence)
    error, token = reply.error, job.token
    if error is None:
        step = move(uow, case, lambda m, world, state: m.finish_job(world, state, token, reply.data))
    elif uow.machine(case).catches(require_running(case), token, error):
        told = f"{job.payload.get('system') or job.payload.get('connector')} answered {error}"
        step = move(uow, case, lambda m, world, state: m.fail_job(world, state, token, error, told))
    else:
        reason = f"The partner answered {error}, and no event of the model catches that."
        give_up_job(uow, case, job, fence, reason=reason, code="unhandled_error")
        return case
    finish(uow, case_id=case_id, job_id=job_id, fence=fence)
    record_finished(uow, case, job, error=error)
    advance(uow, case, step)
    return case


def record_finished(uow: UnitOfWork, case: Case, job: Job, *, error: str | None = None) -> None:
    """Tell history that the job has done what it was for."""
    uow.record(
        Audit.JOB_FINISHED,
        case,
        element=job.element_id or None,
        element_name=job.name or None,
        agency=job.agency_key,
        job_id=job.id,
        job_kind=job.kind,
        connector=job.payload.get("connector"),
        system=job.payload.get("system"),
        attempt=job.attempts,
        error=error,
    )
