"""What Prometheus reads: GET /metrics, for whoever holds the token of the setting ``metrics_token``.

A process tells of its own requests, steps and jobs; what is counted in the database is the same from each of them.
Nothing here names a person or a case: labels are words of closed lists, route templates and the keys of partner systems.
"""

import hmac
import platform
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from engine.errors import Busy
from engine.model import SYSTEM
from engine.states import JobKind
from engine.store.db import Database
from engine.store.gauges import gauges
from engine.store.watch import Watch

PATH = "/metrics"
CONTENT_TYPE = CONTENT_TYPE_LATEST
CHALLENGE = 'Bearer realm="lintas metrics"'
_FAST = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_SLOW = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_NO_ROUTE = "none"


class Metrics(Watch):
    """The numbers of one process. Thread-safe."""

    def __init__(self, db: Database) -> None:
        self.registry = CollectorRegistry()
        of = self.registry
        self._requests = Counter(
            "lintas_http_requests", "Answered requests.", ("method", "route", "status"), registry=of
        )
        self._request_s = Histogram(
            "lintas_http_request_seconds",
            "Seconds until the answer.",
            ("method", "route"),
            buckets=_FAST,
            registry=of,
        )
        self._step_s = Histogram(
            "lintas_step_seconds", "Seconds of a transaction that moved a case.", buckets=_FAST, registry=of
        )
        self._job_s = Histogram(
            "lintas_job_seconds", "Seconds of a run of a job.", ("kind",), buckets=_SLOW, registry=of
        )
        self._lapses = Counter(
            "lintas_lease_lapses", "Jobs found whose run went silent.", ("kind",), registry=of
        )
        for kind in JobKind:  # a series that begins at zero shows its first increase
            self._lapses.labels(kind.value)
            self._job_s.labels(kind.value)
        built = Gauge(
            "lintas_build_info",
            "Always 1; the labels say what runs.",
            ("version", "python", "database"),
            registry=of,
        )
        built.labels(version("lintas"), platform.python_version(), db.dialect).set(1)
        self.registry.register(_OfDatabase(db))

    def step(self, seconds: float) -> None:
        self._step_s.observe(seconds)

    def job(self, kind: JobKind, seconds: float) -> None:
        self._job_s.labels(kind.value).observe(seconds)

    def lapsed(self, kind: JobKind, count: int) -> None:
        self._lapses.labels(kind.value).inc(count)

    def request(self, method: str, route: str | None, status: int, seconds: float) -> None:
        """A request was answered. ``route`` is the template; None for an address that does not exist."""
        if route is None:  # method and address are then the visitor's own words, and without end
            method = route = _NO_ROUTE
        self._requests.labels(method, route, str(status)).inc()
        self._request_s.labels(method, route).observe(seconds)

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)


class _OfDatabase(Collector):
    """What is counted in the database at each look."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def describe(self) -> Iterable[Metric]:
        return ()  # so that registering does not look yet

    def collect(self) -> Iterator[Metric]:
        answers = GaugeMetricFamily("lintas_database_up", "Whether the database answers.")
        try:
            with self._db.read(SYSTEM) as uow:
                now = gauges(uow)
        except Busy:
            answers.add_metric((), 0)
            yield answers
            return
        answers.add_metric((), 1)
        yield answers
        due = GaugeMetricFamily("lintas_jobs_due", "Jobs that could run now.", labels=("kind",))
        running = GaugeMetricFamily("lintas_jobs_running", "Jobs under a lease.", labels=("kind",))
        oldest = GaugeMetricFamily(
            "lintas_jobs_oldest_due_seconds",
            "How long the job that is due longest has waited.",
            labels=("kind",),
        )
        for queue in now.queues:
            due.add_metric((queue.kind.value,), queue.due)
            running.add_metric((queue.kind.value,), queue.running)
            oldest.add_metric((queue.kind.value,), queue.oldest_s)
        yield from (due, running, oldest)
        yield GaugeMetricFamily("lintas_tasks_open", "Open tasks; stops at 100,000.", now.tasks_open)
        yield GaugeMetricFamily("lintas_cases_running", "Running cases; stops at 100,000.", now.cases_running)
        troubles = GaugeMetricFamily(
            "lintas_incidents_open", "Open incidents, of the newest 1,000.", labels=("target",)
        )
        for target, count in sorted((now.incidents or {"": 0}).items()):
            troubles.add_metric((target,), count)
        yield troubles


def token_fits(wanted: str, header: str) -> bool:
    """Whether an Authorization header carries the token."""
    scheme, _, given = header.partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), wanted.encode())


def of_worker(metrics: Metrics, token: str) -> WSGIApplication:
    """The numbers of a process that serves nothing else, under the same address for the same token."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != PATH:
            start_response("404 Not Found", [("Content-Length", "0")])
            return []
        if not token_fits(token, environ.get("HTTP_AUTHORIZATION", "")):
            start_response(
                "401 Unauthorized",
                [("WWW-Authenticate", CHALLENGE), ("Content-Length", "0")],
            )
            return []
        text = metrics.text()
        start_response("200 OK", [("Content-Type", CONTENT_TYPE), ("Content-Length", str(len(text)))])
        return [text]

    return answer
