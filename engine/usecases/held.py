"""A job that a run holds: its case is locked, and the run's fence is still the latest."""

from engine.errors import StaleVersion
from engine.model import Case, Job
from engine.states import JobState
from engine.store.uow import UnitOfWork


def held_job(uow: UnitOfWork, case_id: str, job_id: str, fence: int) -> tuple[Case, Job]:
    """The locked case and its job.

    This is the early check that spares work; what ends the job in ``engine.store.jobs`` checks the fence again.

    Raises:
        StaleVersion: another run owns the job, or its case no longer waits for it.
    """
    case = uow.row(Case, case_id, lock=True)
    job = uow.row(Job, (case_id, job_id))
    if job.state != JobState.RUNNING or job.fence != fence:
        raise StaleVersion(
            "Another run owns this job, or its case no longer waits for it.", case_id=case_id, job_id=job_id
        )
    return case, job
