"""An operator lets a waiting job run at once: a timer before its time, a call before its next attempt."""

from engine.errors import Conflict
from engine.model import Job
from engine.states import JobKind, JobState, Power
from engine.store.uow import UnitOfWork
from engine.usecases.access import require_power


def run_job_now(uow: UnitOfWork, job_id: str) -> Job:
    """Make a ready job due now; history says who did that once a timer has fired.

    Raises:
        NotFound. NotPermitted: not an operator.
        Conflict ``job_not_waiting``: it runs, is over, or waits for its incident to be retried.
    """
    job = uow.get(Job, job_id)
    require_power(uow.actor, Power.OPERATOR)
    job = uow.row(Job, job_id, lock=True)
    if job.state != JobState.READY:
        raise Conflict(
            f"The job is {job.state}; only a waiting one can be run now.",
            code="job_not_waiting",
            job_id=job_id,
            state=job.state,
        )
    job.run_at = min(job.run_at, uow.now())
    if job.kind == JobKind.TIMER:
        job.payload = {**job.payload, "run_by": uow.actor.name}
    return job
