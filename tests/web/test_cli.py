"""The command line: what it prints, and how it ends when something is wrong."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from click.testing import CliRunner, Result

from engine.config import Settings
from tests.people import settle
from web.cli import main
from web.commands.reference import pages
from web.wiring import open_house, secret_key

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LINTAS_DATABASE_URL", "LINTAS_DATA_DIR", "LINTAS_SYSTEMS_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with the people of the tests in it."""
    house = open_house(Settings(data_dir=tmp_path))
    settle(house.db)
    house.close()
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def test_an_unknown_setting_stops_the_start_with_its_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LINTAS_WORKER_THREDS", "4")
    monkeypatch.setenv("LINTAS_PORT", "eighty")
    result = run("migrate", "--data", str(tmp_path))
    assert result.exit_code == 2
    assert "LINTAS_WORKER_THREDS" in result.output
    assert "LINTAS_PORT" in result.output
    assert not (tmp_path / "lintas.sqlite3").exists()


def test_migrate_sets_up_an_empty_folder(tmp_path: Path) -> None:
    assert run("migrate", "--data", str(tmp_path / "new")).exit_code == 0
    assert (tmp_path / "new" / "lintas.sqlite3").exists()


def test_the_key_that_signs_sessions_is_made_once_and_readable_to_its_owner_only(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "new")
    key = secret_key(settings)
    assert secret_key(settings) == key
    assert (tmp_path / "new" / "secret.key").stat().st_mode & 0o777 == 0o600


def test_a_token_is_printed_once_and_only_its_hash_is_kept(data: Path) -> None:
    result = run("token", "create", "--data", str(data), "--user", "ana", "--days", "30")
    token = result.output.strip()
    assert re.fullmatch(r"lintas_[\w-]{43}", token)
    assert token.encode() not in (data / "lintas.sqlite3").read_bytes()


def test_a_token_for_nobody_is_refused_in_one_line(data: Path) -> None:
    result = run("token", "create", "--data", str(data), "--user", "nobody")
    assert result.exit_code == 1
    assert result.output.strip() == "Error: There is no active person 'nobody'. [not_found]"


def test_the_doctor_prints_what_is_in_force_and_hides_secrets(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINTAS_SECRET_KEY", "do-not-show-this-to-anybody-at-all")
    result = run("doctor", "--data", str(data), "--json")
    assert result.exit_code == 0, result.output
    assert "do-not-show" not in result.output
    found = {line["about"]: line for line in map(orjson.loads, result.output.splitlines())}
    assert found["LINTAS_SECRET_KEY"]["says"] == "set"
    assert found["LINTAS_DATA_DIR"]["says"] == str(data)
    assert found["database"]["well"] is True
    assert found["migration"]["well"] is True


def test_the_doctor_ends_with_1_when_a_system_or_the_database_is_away(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    systems = data / "systems.toml"
    systems.write_text('[population]\nbase_url = "http://127.0.0.1:9"\n', encoding="utf-8")
    monkeypatch.setenv("LINTAS_SYSTEMS_FILE", str(systems))
    result = run("doctor", "--data", str(data))
    assert result.exit_code == 1
    assert "BAD  system population" in result.output
    monkeypatch.setenv("LINTAS_DATABASE_URL", "postgresql://lintas:geheim@127.0.0.1:9/lintas")
    result = run("doctor", "--data", str(data))
    assert result.exit_code == 1
    assert "BAD  database" in result.output
    assert "geheim" not in result.output


def test_a_worker_with_nothing_to_do_ends_at_once(data: Path) -> None:
    result = run("worker", "--once", "--data", str(data))
    assert (result.exit_code, result.output) == (0, "0 jobs run\n")


def test_the_reference_pages_name_every_command_and_setting(tmp_path: Path) -> None:
    assert run("docs", "--to", str(tmp_path)).exit_code == 0
    commands = (tmp_path / "commands.md").read_text(encoding="utf-8")
    for name in main.commands:
        assert f"## lintas {name}\n" in commands
    settings = (tmp_path / "settings.md").read_text(encoding="utf-8")
    for field in Settings.__dataclass_fields__:
        line = next(line for line in settings.splitlines() if f"`LINTAS_{field.upper()}`" in line)
        assert line.rstrip(" |").count("|") == 3, f"{field} is not described"
    api = (tmp_path / "api.md").read_text(encoding="utf-8")
    assert (
        "| `POST /api/v1/tasks/{task_id}/complete` | Complete a task with its answers | `completeTask` |"
        in api
    )


def test_the_reference_pages_in_docs_are_fresh() -> None:
    folder = ROOT / "docs" / "reference"
    kept = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
    assert kept == pages(main), "run `lintas docs`"


@pytest.fixture
def server(data: Path) -> Iterator[tuple[str, Any]]:
    """A real `lintas serve` on a free port; its address and its process."""
    command = [sys.executable, "-m", "web.cli", "serve", "--data", str(data), "--port", "0"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    yield line.rsplit(" ", 1)[-1].strip(), process
    if process.poll() is None:
        process.kill()
    process.wait(timeout=10)
    process.stdout.close()


def test_serve_answers_over_real_http_and_ends_in_order_when_asked(
    server: tuple[str, Any], data: Path
) -> None:
    address, process = server
    assert "Nobody administers this house yet" in process.stdout.readline()
    token = run("token", "create", "--data", str(data), "--user", "ana").output.strip()
    with httpx.Client(base_url=address, timeout=10, trust_env=False) as client:
        assert client.get("/health").json() == {"status": "ok", "database": "ok"}
        bearer = {"Authorization": f"Bearer {token}"}
        assert len(client.get("/api/v1/agencies", headers=bearer).json()["items"]) == 3
        # a body without a length, in pieces, is held to the same limit
        big = client.post("/api/v1/signals", headers=bearer, content=(b"x" * 65_536 for _ in range(40)))
        assert (big.status_code, big.headers["Content-Type"]) == (413, "application/problem+json")
        assert "Server" not in client.get("/health").headers
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 0
    assert time.monotonic() - began < 8
