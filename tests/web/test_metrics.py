"""The numbers of the house: what they say, who may read them, and what they never hold."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import waitress
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from engine.clock import MovableClock
from engine.config import Settings, SettingsInvalid, read_settings
from engine.errors import Busy
from engine.model import SYSTEM
from engine.states import JobKind, JobState
from engine.store import gauges
from engine.store.db import Database
from tests.people import World
from tests.statements import counted
from tests.store.rows import add_case, add_incident, add_job, add_process
from tests.web.client import CallerOf
from tests.web.test_completion_statements import USUAL
from web.background import in_background
from web.metrics import of_worker
from web.wiring import House

TOKEN = "a-token-for-metrics"
AUTH = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(data_dir=tmp_path, database_url=database_url, secret_key="k" * 48, metrics_token=TOKEN)


def numbers(client: FlaskClient) -> dict[tuple[str, ...], float]:
    """(name, label values in the order of their names) → value."""
    answer = client.get("/metrics", headers=AUTH)
    assert answer.status_code == 200, answer.text
    assert answer.content_type.startswith("text/plain; version=")
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_what_waits_is_counted_by_kind_and_target(
    house: House, visitor: FlaskClient, world: World, clock: MovableClock
) -> None:
    with house.db.unit(SYSTEM) as uow:
        add_process(uow)
        case = add_case(uow, business_key="IA-1").case_id
        add_case(uow, state="completed")
        add_job(uow, case, kind=JobKind.TIMER.value, run_at=uow.now() - timedelta(minutes=5))
        add_job(uow, case, kind=JobKind.TIMER.value, run_at=uow.now() + timedelta(minutes=5))
        add_job(uow, case, kind=JobKind.CONNECTOR.value)
        add_incident(uow, case, target="population")
        add_incident(uow, case, target="population")
        add_incident(uow, case, target=None)
        add_incident(uow, case, target="tax", state="resolved")
    found = numbers(visitor)
    assert found["lintas_database_up",] == 1
    assert found["lintas_jobs_due", "timer"] == 1
    assert found["lintas_jobs_oldest_due_seconds", "timer"] == pytest.approx(300)
    assert found["lintas_jobs_due", "connector"] == 1
    assert found["lintas_jobs_due", "message"] == 0
    assert found["lintas_cases_running",] == 1
    assert found["lintas_tasks_open",] == 0
    assert found["lintas_incidents_open", "population"] == 2
    assert found["lintas_incidents_open", ""] == 1
    assert ("lintas_incidents_open", "tax") not in found


def test_a_look_takes_four_statements_however_much_there_is(house: House, visitor: FlaskClient) -> None:
    with counted(house.db) as seen:
        numbers(visitor)
    assert len(seen) <= 4, seen.sent


def test_a_count_stops_at_its_cap(database: Database, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gauges, "CAP", 2)
    with database.unit(SYSTEM) as uow:
        add_process(uow)
        for _ in range(3):
            add_case(uow)
        assert gauges.gauges(uow).cases_running == 2


def test_requests_are_counted_by_route_template_and_never_by_address(
    visitor: FlaskClient, caller: CallerOf, world: World
) -> None:
    ana = caller(world.ana)
    for _ in range(2):
        ana.get("/tasks/5b0f1c1e-secret")
    visitor.get("/wp-admin/secret.php?name=Budi")
    visitor.open("/", method="BREW")
    found = numbers(visitor)
    assert found["lintas_http_requests_total", "GET", "/api/v1/tasks/<task_id>", "404"] == 2
    assert found["lintas_http_request_seconds_count", "GET", "/api/v1/tasks/<task_id>"] == 2
    assert found["lintas_http_requests_total", "none", "none", "404"] == 1
    text = visitor.get("/metrics", headers=AUTH).text
    assert not re.search("secret|Budi|wp-admin|BREW", text)


def test_steps_jobs_and_lapsed_leases_are_measured(house: House, visitor: FlaskClient, world: World) -> None:
    nobody = {"connector": "nobody", "settings": {}, "inputs": {}}
    with house.db.unit(SYSTEM) as uow:
        add_process(uow)
        add_job(uow, add_case(uow).case_id, kind=JobKind.CONNECTOR.value, payload=nobody)
        over = uow.now() - timedelta(seconds=1)
        add_job(
            uow,
            add_case(uow).case_id,
            kind=JobKind.CONNECTOR.value,
            payload=nobody,
            state=JobState.RUNNING.value,
            lease_until=over,
        )
    assert numbers(visitor)["lintas_lease_lapses_total", "connector"] == 0
    house.worker.run_once(until_idle=False)
    found = numbers(visitor)
    assert found["lintas_lease_lapses_total", "connector"] == 1
    assert found["lintas_job_seconds_count", "connector"] >= 1


def test_a_step_counts_once_it_is_saved(house: House, visitor: FlaskClient) -> None:
    def step(*, breaks: bool) -> None:
        with house.db.unit(SYSTEM) as uow:
            uow.steps += 1  # as an advance does
            if breaks:
                raise LookupError

    with pytest.raises(LookupError):
        step(breaks=True)
    assert numbers(visitor)["lintas_step_seconds_count",] == 0
    step(breaks=False)
    assert numbers(visitor)["lintas_step_seconds_count",] == 1


def test_a_completion_is_a_step(caller: CallerOf, visitor: FlaskClient, world: World) -> None:
    assert caller(world.citra).upload("/processes", USUAL, name="usual.bpmn").status_code == 201
    caller(world.ana).post("/processes/usual/start", {})
    assert numbers(visitor)["lintas_step_seconds_count",] == 1


def test_only_the_token_opens_the_numbers(visitor: FlaskClient, caller: CallerOf, world: World) -> None:
    for header in ("", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer ž"):
        answer = visitor.get("/metrics", headers={"Authorization": header} if header else {})
        assert answer.status_code == 401
        assert "lintas_" not in answer.text


def test_without_a_token_in_the_settings_there_are_none(house: House, app: Flask) -> None:
    object.__setattr__(house.settings, "metrics_token", "")
    for headers in ({}, AUTH, {"Authorization": "Bearer "}):
        assert app.test_client().get("/metrics", headers=headers).status_code == 404


def test_a_short_token_stops_the_start() -> None:
    with pytest.raises(SettingsInvalid, match="LINTAS_METRICS_TOKEN"):
        read_settings({"LINTAS_METRICS_TOKEN": "short"})


def test_the_numbers_of_the_process_survive_a_database_that_is_away(
    house: House, visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def away(*_: object) -> Iterator[None]:
        raise Busy("away", code="database_away")
        yield

    monkeypatch.setattr(house.db, "read", away)
    found = numbers(visitor)
    assert found["lintas_database_up",] == 0
    assert ("lintas_tasks_open",) not in found


def test_a_worker_process_serves_its_own(house: House) -> None:
    house.metrics.lapsed(JobKind.TIMER, 2)
    server = waitress.create_server(of_worker(house.metrics, TOKEN), host="127.0.0.1", port=0, threads=1)
    with in_background(server, name="metrics-test"):
        address = f"http://127.0.0.1:{server.effective_port}"
        assert (
            httpx.get(f"{address}/metrics", headers=AUTH).text.count(
                'lintas_lease_lapses_total{kind="timer"} 2.0'
            )
            == 1
        )
        assert httpx.get(f"{address}/metrics").status_code == 401
        assert httpx.get(f"{address}/", headers=AUTH).status_code == 404
