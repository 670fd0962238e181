"""The tick: finds due jobs and deadlines, and runs them; any number of such processes is safe.

APScheduler only ticks, from memory; the job rows are the truth. A claim is a short transaction, a partner is called with
no transaction open, and the end of a job is fenced, so that a run that lost its lease changes nothing.
"""

import logging
import os
import random
import socket
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any, TypeVar

from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler

from engine.clock import SystemClock
from engine.config import Settings
from engine.connector import Call, Connector, Refused, Reply, System, TryAgain
from engine.errors import Busy, Collision, EngineError, NobodyWaits, StaleVersion, StepFailed
from engine.model import SYSTEM, new_id
from engine.model.base import dump_json
from engine.states import IncidentKind, JobKind
from engine.store.answers import forget_old
from engine.store.db import Database, retrying
from engine.store.jobs import ClaimedJob, claim_due, return_lapsed, wake_awaited
from engine.store.uow import UnitOfWork
from engine.usecases.deliver import deliver
from engine.usecases.fail_job import fail_job
from engine.usecases.finish_job import finish_job
from engine.usecases.keep_message import keep_message
from engine.usecases.new_case import run_start
from engine.usecases.pass_deadline import pass_deadline
from engine.usecases.start_due import start_due

T = TypeVar("T")

log = logging.getLogger(__name__)
logging.getLogger("apscheduler").setLevel(logging.WARNING)  # it would tell of every tick

LONGEST_PAUSE_S = 3600.0
CALL_SHARE_OF_LEASE = 0.45
"""A call ends well before its lease, so that its answer can still be written."""

SWEEP_S = 600.0
"""Seconds between two looks for kept answers that nobody may ask for again."""

_TICK = "tick"


class Worker:
    """Runs the jobs of one database in this process. Thread-safe; ``stop`` it at the end.

    Args:
        connectors: by the name that models use. systems: partners by key.
        settings: ``worker_threads``, ``tick_s``, ``lease_s``, ``max_attempts`` and ``backoff_s`` are used.
    """

    def __init__(
        self,
        db: Database,
        connectors: Mapping[str, Connector],
        systems: Mapping[str, System],
        settings: Settings,
    ) -> None:
        self._db, self._connectors, self._systems, self._settings = db, connectors, systems, settings
        self.name = f"{socket.gethostname()}/{os.getpid()}/{new_id()[-6:]}"
        self._free = settings.worker_threads
        self._lock = threading.Lock()
        self._claiming = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._scheduler: BackgroundScheduler | None = None

    def start(self) -> None:
        """Begin to tick in the background."""
        threads = self._settings.worker_threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="lintas-job")
        scheduler = BackgroundScheduler(timezone="UTC")
        scheduler.add_job(
            self.tick, "interval", seconds=self._settings.tick_s, id=_TICK, coalesce=True, max_instances=1
        )
        scheduler.add_job(self.sweep, "interval", seconds=SWEEP_S, coalesce=True, max_instances=1)
        scheduler.start()
        self._scheduler = scheduler
        log.info("worker started", extra={"worker": self.name, "threads": threads})

    def stop(self) -> None:
        """Claim nothing more and wait until what runs has ended; a call takes less than half a lease."""
        scheduler, self._scheduler = self._scheduler, None
        if scheduler is not None:
            scheduler.shutdown(wait=True)
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=True)
            log.info("worker stopped", extra={"worker": self.name})

    def nudge(self) -> None:
        """Hint that something is due now, after a commit; a lost hint costs at most one tick."""
        scheduler = self._scheduler
        if scheduler is None:
            return
        try:
            scheduler.modify_job(_TICK, next_run_time=SystemClock().now())
        except JobLookupError:
            log.debug("nudged while stopping", extra={"worker": self.name})

    def sweep(self) -> int:
        """Forget answers to requests that are older than a day, some in each transaction; gives how many."""
        forgotten = 0
        try:
            while found := self._unit(forget_old):
                forgotten += found
        except (Busy, Collision) as fault:
            log.warning("no sweep", extra={"worker": self.name, "code": fault.problem_code})
        return forgotten

    def tick(self) -> int:
        """Claim as many due jobs as there are free slots and hand them to threads; gives how many."""
        with self._claiming:
            pool, free = self._pool, self._free
            if pool is None or free <= 0:
                return 0
            try:
                jobs = self._claim(free)
            except (Busy, Collision) as fault:
                log.warning("no claim", extra={"worker": self.name, "code": fault.problem_code})
                return 0
            with self._lock:
                self._free -= len(jobs)
            for job in jobs:
                pool.submit(self.run_job, job).add_done_callback(self._ended)
            return len(jobs)

    def run_once(self, *, until_idle: bool = True, limit: int = 10_000) -> int:
        """Run due jobs in the calling thread; for tests, rehearsals and the command line.

        Args:
            until_idle: go on with what the jobs themselves made due.
            limit: jobs at most.

        Returns:
            How many jobs ran.
        """
        ran = 0
        while ran < limit:
            jobs = self._claim(min(self._settings.worker_threads, limit - ran))
            for job in jobs:
                self.run_job(job)
            ran += len(jobs)
            if not jobs or not until_idle:
                break
        return ran

    def run_job(self, job: ClaimedJob) -> None:
        """Run a job that this process has claimed, and write how it ended."""
        began = time.perf_counter()
        try:
            self._run(job)
        finally:
            self._db.watch.job(job.kind, time.perf_counter() - began)

    def _run(self, job: ClaimedJob) -> None:
        try:
            match job.kind:
                case JobKind.TIMER:
                    self._unit(lambda uow: pass_deadline(uow, job.case_id, job.id, job.fence))
                case JobKind.START:
                    self._unit(lambda uow: run_start(uow, job.case_id, job.id, job.fence))
                case JobKind.MESSAGE:
                    self._unit(lambda uow: deliver(uow, job.case_id, job.id, job.fence))
                case JobKind.CONNECTOR:
                    if not self._call_partner(job):
                        return
            self._log(logging.INFO, "job ended", job)
        except StaleVersion:
            self._log(logging.INFO, "job is not ours any more", job)
        except (Busy, Collision) as fault:
            # Nothing is known to be written: the lease lapses, and the same job runs again.
            self._log(logging.WARNING, "job left to its lease", job, code=fault.problem_code)
        except EngineError as failure:
            self._fail_for(job, failure)

    def _claim(self, limit: int) -> list[ClaimedJob]:
        with self._db.unit(SYSTEM) as uow:
            start_due(uow, limit=limit)
            wake_awaited(uow)
            lapsed = return_lapsed(uow, hold=self._must_not_simply_repeat)
            jobs = claim_due(uow, limit=limit, worker=self.name, lease_s=self._settings.lease_s)
        for kind, count in Counter(lapsed.kinds).items():
            self._db.watch.lapsed(kind, count)
        for job in lapsed.held:
            self._log(logging.WARNING, "lease lapsed", job)
            unknown = not self._recognises_repeats(job)
            self._fail(job, reason="The worker went silent during the attempt.", again=True, unknown=unknown)
        return jobs

    def _must_not_simply_repeat(self, job: ClaimedJob) -> bool:
        # The claim burns attempts of connectors only; for the others the failure counts them.
        return job.kind is not JobKind.CONNECTOR or job.spent or not self._recognises_repeats(job)

    def _recognises_repeats(self, job: ClaimedJob) -> bool:
        system = self._systems.get(job.payload.get("system") or "")
        return system is None or system.recognises_repeats

    def _call_partner(self, job: ClaimedJob) -> bool:
        """Call with no transaction open, then write the outcome; whether there was a reply."""
        connector = self._connectors.get(job.payload["connector"])
        key = job.payload.get("system")
        system = self._systems.get(key) if key else None
        if connector is None:
            self._refuse(job, f"There is no connector “{job.payload['connector']}”.", "connector_unknown")
            return False
        if key and system is None:
            self._refuse(job, f"No partner system “{key}” is set up.", "system_unknown")
            return False
        limit_s = self._settings.lease_s * CALL_SHARE_OF_LEASE
        call = Call(
            idempotency_key=job.idempotency_key,
            attempt=job.attempt,
            system=replace(system, timeout_s=min(system.timeout_s, limit_s)) if system else None,
            settings=job.payload["settings"],
            inputs=job.payload["inputs"],
            case_id=job.case_id,
            element_id=job.element_id,
        )
        reply = self._reply(connector, call, job)
        if reply is None:
            return False
        self._unit(lambda uow: finish_job(uow, job.case_id, job.id, job.fence, reply))
        return True

    def _reply(self, connector: Connector, call: Call, job: ClaimedJob) -> Reply | None:
        """The partner's reply; None when there is none and the failure is written."""
        try:
            reply = connector.run(call)
            dump_json(reply.data)
            return reply
        except TryAgain as failure:
            unknown = failure.outcome_unknown and not self._recognises_repeats(job)
            after_s = self._pause_s(job.attempt, failure.after_s)
            self._fail(job, reason=failure.reason, again=True, after_s=after_s, unknown=unknown)
        except Refused as failure:
            self._refuse(job, failure.reason, "refused")
        except Exception as bug:  # noqa: BLE001 - a bug of a connector must not stop the house
            # Its text may hold a person's data; the class says enough to find it.
            self._refuse(job, f"The connector has a fault ({type(bug).__name__}).", "connector_fault")
        return None

    def _refuse(self, job: ClaimedJob, reason: str, code: str) -> None:
        self._fail(job, reason=reason, again=False, code=code)

    def _fail_for(self, job: ClaimedJob, failure: EngineError) -> None:
        """Write a failure of the use-case itself."""
        match failure:
            case NobodyWaits() if job.kind is JobKind.MESSAGE:
                self._keep_message(job, failure.message)
            case StepFailed():
                ours = failure.detail.get("case_id") == job.case_id
                element = str(failure.detail.get("element") or "") if ours else ""
                self._fail(
                    job,
                    reason=failure.message,
                    again=False,
                    code=failure.problem_code,
                    kind=IncidentKind.STEP_FAILED,
                    element=element or None,
                )
            case _:
                self._refuse(job, failure.message, failure.problem_code)

    def _keep_message(self, job: ClaimedJob, reason: str) -> None:
        self._log(logging.INFO, "message is kept", job)
        how = {"kept_h": self._settings.message_kept_h, "pause_s": self._settings.backoff_s}
        self._last_word(
            job, lambda uow: keep_message(uow, job.case_id, job.id, job.fence, reason=reason, **how)
        )

    def _fail(self, job: ClaimedJob, *, reason: str, again: bool, **how: Any) -> None:
        limit = self._settings.max_attempts
        self._log(logging.WARNING, "job failed", job, code=how.get("code", "try_again"))
        self._last_word(
            job,
            lambda uow: fail_job(
                uow, job.case_id, job.id, job.fence, reason=reason, again=again, limit=limit, **how
            ),
        )

    def _last_word(self, job: ClaimedJob, work: Callable[[UnitOfWork], object]) -> None:
        """Write how an attempt ended; what cannot be written is left to the lease."""
        try:
            self._unit(work)
        except StaleVersion:
            self._log(logging.INFO, "job is not ours any more", job)
        except (Busy, Collision) as fault:
            self._log(logging.WARNING, "job left to its lease", job, code=fault.problem_code)

    def _pause_s(self, attempt: int, wish_s: float | None) -> float:
        """Exponential backoff with full jitter; the partner's own wish is a lower bound."""
        ceiling = min(LONGEST_PAUSE_S, self._settings.backoff_s * 2 ** min(attempt - 1, 20))
        pause = random.uniform(0, ceiling)  # noqa: S311 - jitter is no secret
        return pause if wish_s is None else wish_s + pause

    def _unit(self, work: Callable[[UnitOfWork], T]) -> T:
        def once() -> T:
            with self._db.unit(SYSTEM) as uow:
                return work(uow)

        return retrying(once)

    def _ended(self, future: Future[None]) -> None:
        with self._lock:
            self._free += 1
        fault = future.exception()
        if fault is not None:
            # A fault of ours: the lease lapses and counts an attempt, until an incident tells it. The exception's text
            # stays out of the log, since it may hold a person's data; class and place are enough to find it.
            place = traceback.extract_tb(fault.__traceback__)[-1]
            where = f"{place.filename}:{place.lineno}"
            log.error(
                "job broke",
                extra={"worker": self.name, "fault": type(fault).__name__, "where": where},
            )
        self.nudge()

    def _log(self, level: int, text: str, job: ClaimedJob, **more: Any) -> None:
        known = {"worker": self.name, "case_id": job.case_id, "job_id": job.id, "kind": job.kind.value}
        log.log(level, text, extra=known | {"attempt": job.attempt} | more)
