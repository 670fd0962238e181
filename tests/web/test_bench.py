"""`lintas bench` measures on a database of its own, ends by itself and leaves nothing behind."""

import json
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from sqlalchemy import URL

from web.cli import main

SMALL = ("--cases", "3", "--seconds", "5", "--oldest", "10")


def measured(*options: str) -> dict[str, object]:
    done = CliRunner().invoke(main, ["bench", *SMALL, "--json", *options])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(autouse=True)
def quick_look_at_the_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.bench.measure.LIMIT_S", 0.1)


def check(result: dict[str, object], database: str) -> None:
    assert result["database"] == database
    assert result["limit_before"] > 0 < result["limit_after"]
    measures = {m["name"]: m for m in result["measures"]}
    assert set(measures) == {
        "start a case",
        "complete a task",
        "receive a message",
        "pass a timer",
        "call a partner",
    }
    assert {name: m["count"] for name, m in measures.items()} == {
        "start a case": 2,  # the first is for warming up
        "complete a task": 8,
        "receive a message": 2,
        "pass a timer": 3,
        "call a partner": 3,
    }
    completion = measures["complete a task"]
    assert completion["commits"] == 1
    assert 5 <= completion["statements"] <= 15
    assert completion["of_limit"] == pytest.approx(
        completion["count"] / completion["seconds"] / ((result["limit_before"] + result["limit_after"]) / 2)
    )
    assert [age["steps"] for age in result["ages"]] == [10]


def test_it_measures_on_sqlite_and_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    check(measured("--folder", str(tmp_path)), "sqlite")
    assert list(tmp_path.iterdir()) == []


def test_it_measures_beside_the_named_database_on_postgresql(postgres_url: URL) -> None:
    address = postgres_url.render_as_string(hide_password=False)
    check(measured("--database-url", address), "postgresql")
    dsn = postgres_url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(dsn) as connection:
        left = connection.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE 'lintas_scratch%'"
        ).fetchall()
        rows = connection.execute("SELECT count(*) FROM agency WHERE key = 'bench'").fetchone()
    assert left == []
    assert rows == (0,)


def test_the_table_shows_every_measure_and_the_limit(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["bench", *SMALL, "--folder", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "the bare driver commits" in done.output
    for word in ("complete a task", "of limit", "pass a timer", "ms a completion"):
        assert word in done.output


def test_a_measurement_that_takes_too_long_ends_where_it_is(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        main,
        [
            "bench",
            "--cases",
            "40",
            "--seconds",
            "0.1",
            "--oldest",
            "10000",
            "--json",
            "--folder",
            str(tmp_path),
        ],
    )
    assert done.exit_code == 0, done.output
    result = json.loads(done.stdout.splitlines()[-1])
    assert all(m["seconds"] < 5 for m in result["measures"])
    assert all(age["steps"] < 10_000 for age in result["ages"])


@pytest.mark.parametrize("url", ["sqlite:///x.sqlite3", "mysql://localhost/x"])
def test_only_a_postgresql_server_can_be_named(url: str) -> None:
    refused = CliRunner().invoke(main, ["bench", *SMALL, "--database-url", url])
    assert refused.exit_code == 2
    assert "--database-url" in refused.output
