"""A message of a case that nobody waits for yet is kept until somebody does, or becomes an incident."""

from datetime import datetime, timedelta
from typing import Any

from engine.model import Case
from engine.store import jobs
from engine.store.uow import UnitOfWork
from engine.usecases.fail_job import give_up_job
from engine.usecases.held import held_job

UNDELIVERED = "undelivered"
"""Code of the incident of a message that nobody has waited for long enough."""

_UNTIL, _LOOKS = "kept_until", "looks"
SHORTEST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 3600.0


def keep_message(
    uow: UnitOfWork, case_id: str, job_id: str, fence: int, *, reason: str, kept_h: float, pause_s: float
) -> Case:
    """Put the delivery that this run holds back; the tick wakes it for a receiver that begins to wait.

    The pauses between two looks grow from ``pause_s`` to an hour: they are for what no row tells, a receiver that took
    long to be saved.

    Args:
        reason: one sentence without personal data.
        kept_h: hours from the first look on, after which an operator is told.

    Raises:
        StaleVersion: another run owns it.
    """
    case, job = held_job(uow, case_id, job_id, fence)
    looks = int(job.payload.get(_LOOKS, 0)) + 1
    until = datetime.fromisoformat(
        job.payload.get(_UNTIL) or (uow.now() + timedelta(hours=kept_h)).isoformat()
    )
    if uow.now() >= until:
        give_up_job(uow, case, job, fence, reason=reason, code=UNDELIVERED)
        return case
    job.payload = {**job.payload, _UNTIL: until.isoformat(), _LOOKS: looks}
    job.unseen_since = uow.now() - jobs.SAVED_WITHIN
    pause = min(LONGEST_PAUSE_S, max(SHORTEST_PAUSE_S, pause_s * 2 ** min(looks - 1, 20)))
    after_s = min(pause, (until - uow.now()).total_seconds())
    jobs.again(uow, case_id=case_id, job_id=job_id, fence=fence, after_s=after_s, error=reason)
    return case


def as_sent(payload: dict[str, Any]) -> dict[str, Any]:
    """The payload of a delivery that an operator sends again: it is kept as long as at first."""
    return {key: value for key, value in payload.items() if key not in (_UNTIL, _LOOKS)}
