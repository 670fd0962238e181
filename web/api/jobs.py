"""/jobs: what the house does by itself, for operators and auditors."""

from typing import Any

from engine.store import job_list
from engine.store.page import Page
from engine.store.rows import JobRow
from engine.store.uow import UnitOfWork
from engine.usecases.run_job_now import run_job_now
from web.api.door import Door
from web.api.schemas.jobs import JobOut, JobPage, JobQuery

door = Door("jobs", description="Timers, calls to partners and messages under way")


@door.read(
    "/jobs", name="listJobs", summary="Jobs of all cases, or of one", query=JobQuery(), returns=JobPage()
)
def list_jobs(uow: UnitOfWork, query: dict[str, Any]) -> Page[JobRow]:
    return job_list.jobs(uow, **query)


@door.write("/jobs/<job_id>/run", name="runJob", summary="Run a waiting job now", returns=JobOut())
def run(uow: UnitOfWork, job_id: str) -> JobRow:
    """A timer before its time, or a call before its next attempt. For operators."""
    run_job_now(uow, job_id)
    uow.flush()
    return job_list.job(uow, job_id)
