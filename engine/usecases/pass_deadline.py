"""A deadline has passed: the case goes the way that the model drew for it."""

from engine.model import Case
from engine.states import Audit
from engine.store.jobs import finish
from engine.store.uow import UnitOfWork
from engine.usecases.advance import advance
from engine.usecases.held import held_job
from engine.usecases.moving import move


def pass_deadline(uow: UnitOfWork, case_id: str, job_id: str, fence: int) -> Case:
    """Fire the timer that this run holds.

    Raises:
        StaleVersion: another run owns it, or somebody was faster and the case no longer waits for it.
        StepFailed: the model cannot go on; nothing was changed.
    """
    case, job = held_job(uow, case_id, job_id, fence)
    step = move(uow, case, lambda machine, world, state: machine.fire(world, state, job.token))
    finish(uow, case_id=case_id, job_id=job_id, fence=fence)
    uow.record(
        Audit.DEADLINE_PASSED,
        case,
        element=job.element_id,
        element_name=job.name or None,
        **{key: job.payload.get(key) for key in ("due_at", "interrupting", "attached_to")},
        **({"run_by": job.payload["run_by"]} if "run_by" in job.payload else {}),
    )
    advance(uow, case, step)
    return case
