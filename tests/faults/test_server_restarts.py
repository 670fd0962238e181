"""A real server process, killed with SIGKILL between any two steps of a real file's story."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from engine.model import SYSTEM, ApiToken
from engine.store.db import Database
from tests.people import settle
from web.auth import new_token

pytestmark = pytest.mark.faults

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 30


class Server:
    """``lintas serve`` as its own process. Every call finds it freshly started, and kills it afterwards."""

    def __init__(self, data: Path, database_url: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        environ = {k: v for k, v in os.environ.items() if not k.startswith("LINTAS_")}
        self._environ = {
            **environ,
            "LINTAS_DATABASE_URL": database_url,
            "LINTAS_TICK_S": "0.1",
            "PYTHONPATH": str(ROOT),
        }
        self._command = [
            sys.executable,
            "-m",
            "web.cli",
            "serve",
            "--port",
            str(self.port),
            "--data",
            str(data),
        ]
        self.tokens: dict[str, str] = {}
        self.kills = 0

    def call(self, who: str, method: str, path: str, **sent: Any) -> httpx.Response:
        process = subprocess.Popen(
            self._command, cwd=ROOT, env=self._environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            self._until_it_answers(process)
            return httpx.request(
                method,
                f"http://127.0.0.1:{self.port}/api/v1{path}",
                headers={"Authorization": f"Bearer {self.tokens[who]}"},
                timeout=LIMIT_S,
                trust_env=False,
                **sent,
            )
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=LIMIT_S)
            self.kills += 1

    def _until_it_answers(self, process: subprocess.Popen[bytes]) -> None:
        end = time.monotonic() + LIMIT_S
        while time.monotonic() < end:
            assert process.poll() is None, "the server ended by itself"
            try:
                httpx.get(f"http://127.0.0.1:{self.port}/health/live", timeout=1, trust_env=False)
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError(f"the server did not answer within {LIMIT_S} s")


@pytest.fixture
def server(tmp_path: Path, database_url: str) -> Server:
    started = Server(tmp_path, database_url)
    database = Database(database_url)
    world = settle(database)
    with database.unit(SYSTEM) as uow:
        for actor in (world.ana, world.citra):
            started.tokens[actor.username], hashed = new_token()
            uow.add(ApiToken(person_id=actor.id, hash=hashed, created_at=uow.now()))
    database.dispose()
    return started


def test_a_case_goes_on_where_it_stood_after_every_kill(server: Server, models: Path) -> None:
    path = next((models / "08-mi-completion").iterdir())
    deployed = server.call("citra", "POST", "/processes", files={"file": (path.name, path.read_bytes())})
    assert deployed.status_code == 201, deployed.text
    started = server.call("ana", "POST", "/processes/miParallelUserTasksCompletionCondition/start", json={})
    assert started.status_code == 201, started.text
    for left in (5, 4, 3):
        tasks = server.call("ana", "GET", "/tasks").json()["items"]
        assert len(tasks) == left
        done = server.call("ana", "POST", f"/tasks/{tasks[0]['id']}/complete", json={"data": {}})
        assert done.status_code == 200, done.text
    case = server.call("ana", "GET", f"/cases/{started.json()['id']}").json()
    assert (case["state"], case["waits"]["tasks"]) == ("completed", [])
    assert server.kills == 9
