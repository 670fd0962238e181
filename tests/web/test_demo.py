"""`lintas demo`: one command from nothing to a city at work, and the same city again the next day."""

import socket
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import orjson
import pytest
from click.testing import CliRunner

from engine.config import Settings
from engine.model import SYSTEM
from engine.store import cases, history, inbox, incidents
from web.background import in_background
from web.cli import main
from web.demo.folder import FolderTaken
from web.demo.plays import Play
from web.demo.prepare import prepare
from web.demo.restaurants import happy_play
from web.demo.run import Demo, demo
from web.simulators.server import SimulatorServer


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def said() -> list[str]:
    return []


@pytest.fixture(scope="module")
def running(folder: Path, said: list[str]) -> Iterator[Demo]:
    """A demonstration that was prepared, closed, and goes on."""
    settings = Settings(data_dir=folder, port=0)
    with demo(settings, tell=said.append):
        said.append("-- closed --")
    with demo(settings, tell=said.append) as again, in_background(again.server, name="demo"):
        yield again


def test_every_play_of_the_season_came_to_its_last_act(running: Demo, said: list[str]) -> None:
    assert [line for line in said if "stopped early" in line] == []


@pytest.mark.parametrize("day", ["2026-11-28T23:30", "2026-11-30T06:30", "2027-01-01T12:00"])
def test_the_season_goes_alike_on_a_weekend_a_monday_morning_and_in_another_year(
    tmp_path: Path, day: str
) -> None:
    ends_at = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo("Asia/Makassar"))
    lines: list[str] = []
    with SimulatorServer() as partners:
        prepare(
            Settings(data_dir=tmp_path),
            partners.systems(),
            partners.knobs,
            tell=lines.append,
            ends_at=ends_at,
        )
    assert "33 cases have run" in lines
    assert [line for line in lines if "stopped early" in line] == []


def test_there_are_cases_in_all_states_and_late_ones_among_them(running: Demo) -> None:
    with running.house.db.read(SYSTEM) as uow:
        rows = cases.cases(uow, limit=200).items
        tasks = inbox.inbox(uow, limit=200).items
        troubles = incidents.incidents(uow).items
        now = uow.now()
    assert {row.state.value for row in rows} == {"running", "completed", "cancelled"}
    assert len({row.outcome for row in rows}) >= 4
    assert troubles, "no incident is open"
    assert any(task.due_at is not None and task.due_at < now for task in tasks)
    assert any(task.assignee for task in tasks)
    assert any(task.assignee is None for task in tasks)


def test_every_case_tells_an_unbroken_history_in_the_order_of_time(running: Demo) -> None:
    with running.house.db.read(SYSTEM) as uow:
        for row in cases.cases(uow, limit=200).items:
            assert history.verify(uow, row.case_id).intact
            moments = [event.at for event in history.history(uow, row.case_id)]
            assert moments == sorted(moments)


def test_the_second_start_goes_on_without_preparing_again(running: Demo, said: list[str]) -> None:
    later = said[said.index("-- closed --") + 1 :]
    assert later == [f"{running.house.settings.data_dir} holds a demonstration; it goes on where it stopped."]


def test_demo_json_lets_a_client_drive_the_city(running: Demo, folder: Path) -> None:
    document = orjson.loads((folder / "demo.json").read_bytes())
    assert document["base_url"] == running.url
    people = {person["username"]: person for person in document["people"]}
    assert Counter(power for person in people.values() for power in person["powers"]) == {
        "designer": 1,
        "auditor": 1,
        "operator": 1,
        "administrator": 1,
    }
    melki = people["melki"]
    assert (melki["agency"], melki["roles"]) == ("disdag", ["TL_FIELD_INSPECTOR"])
    bearer = {"Authorization": f"Bearer {melki['token']}"}
    with httpx.Client(base_url=document["base_url"], headers=bearer, trust_env=False) as client:
        tasks = client.get("/api/v1/tasks").json()["items"]
    assert tasks
    assert {task["agency"]["key"] for task in tasks} == {"disdag"}


def test_the_sample_people_sign_in_with_the_printed_password(running: Demo) -> None:
    account = running.accounts[0]
    with httpx.Client(base_url=running.url, trust_env=False) as client:
        page = client.get("/signin")
        token = page.text.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
        form = {"username": account.username, "password": account.password, "csrf_token": token}
        answer = client.post("/signin", data=form)
        assert answer.status_code == 303, answer.text
        assert client.get("/", follow_redirects=True).status_code == 200


def test_a_taken_port_is_left_to_its_holder(tmp_path: Path, folder: Path, running: Demo) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with demo(Settings(data_dir=folder, port=port), tell=lambda _line: None) as other:
            assert other.url != f"http://127.0.0.1:{port}"


def test_another_houses_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lintas.sqlite3").write_bytes(b"precious")
    with pytest.raises(FolderTaken), demo(Settings(data_dir=tmp_path, port=0), tell=lambda _line: None):
        pytest.fail("it was opened")


def test_the_check_runs_a_licence_over_http_and_prints_its_history() -> None:
    result = CliRunner().invoke(main, ["demo", "--check"])
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[-1] == "The licence is issued: end_licensed. All is well."
    history = lines[lines.index("History:") :]
    assert any("Kartika Manurung (One-Stop Licensing Office) completed" in line for line in history)
    assert any("The system population answered" in line for line in history)


def test_the_check_ends_with_1_and_says_what_broke(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_the_visit(starts_at: datetime) -> Play:
        play = happy_play(starts_at)
        return replace(play, acts=tuple(act for act in play.acts if act.element != "t_hygiene_visit"))  # type: ignore[union-attr]

    monkeypatch.setattr("web.demo.check.happy_play", without_the_visit)
    monkeypatch.setattr("web.demo.client.PATIENCE_S", 1.0)
    result = CliRunner().invoke(main, ["demo", "--check"])
    assert result.exit_code == 1
    assert "the task t_health_review did not come" in result.output
    assert "t_hygiene_visit" in result.output
