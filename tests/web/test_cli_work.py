"""The work from the command line: check and deploy a process, start and move a case, tell its history."""

from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from engine.config import Settings
from tests.people import settle
from tests.web.models import PARTS, PERMIT, script, small
from web.cli import main
from web.wiring import open_house


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LINTAS_DATABASE_URL", "LINTAS_DATA_DIR", "LINTAS_SYSTEMS_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def data(tmp_path: Path) -> str:
    """A data folder with the people of the tests in it."""
    house = open_house(Settings(data_dir=tmp_path / "data"))
    settle(house.db)
    house.close()
    return str(tmp_path / "data")


@pytest.fixture
def permit(tmp_path: Path) -> str:
    """The permit's folder, as a repository of processes keeps it."""
    folder = tmp_path / "permit"
    (folder / "forms").mkdir(parents=True)
    (folder / "process.bpmn").write_bytes(PERMIT)
    (folder / "process.toml").write_bytes(PARTS["process.toml"])
    (folder / "forms" / "check.form").write_bytes(PARTS["check.form"])
    (folder / "README.md").write_text("Not part of the upload.", encoding="utf-8")
    return str(folder)


def run(*arguments: str, **more: str) -> Result:
    return CliRunner().invoke(main, list(arguments), **more)  # type: ignore[arg-type]


def test_check_prints_problems_like_a_compiler_and_ends_with_1(tmp_path: Path, data: str) -> None:
    file = tmp_path / "small.bpmn"
    file.write_bytes(script("import os\nx = os.environ"))
    result = run("check", str(file), "--data", data, "--as", "citra")
    assert result.exit_code == 1
    assert f"{file}:5: error[script_invalid] step: The module 'os' cannot be imported" in result.output
    assert f"{file}:4: warning[task_without_form] first:" in result.output
    [report] = run("check", str(file), "--data", data, "--as", "citra", "--json").output.splitlines()
    found = orjson.loads(report)["problems"]
    assert {
        "file": str(file),
        "line": 5,
        "element": "step",
        "severity": "error",
        "code": "script_invalid",
    }.items() <= (next(problem for problem in found if problem["severity"] == "error").items())


def test_check_of_a_folder_without_a_model_says_so(tmp_path: Path, data: str) -> None:
    (tmp_path / "empty").mkdir()
    result = run("check", str(tmp_path / "empty"), "--data", data, "--as", "citra")
    assert result.exit_code == 2
    assert "There is no BPMN model" in result.output


def test_a_process_is_deployed_and_a_case_moved_to_its_end(data: str, permit: str, tmp_path: Path) -> None:
    assert run("check", permit, "--data", data, "--as", "citra").exit_code == 0
    deployed = run("deploy", permit, "--data", data, "--as", "citra")
    assert deployed.exit_code == 0, deployed.output
    assert "permit version 1" in deployed.output
    case_id = run("case", "start", "permit", "--data", data, "--as", "ana", "--key", "P-1").output.strip()
    tasks = run("task", "list", "--data", data, "--as", "ana", "--json").output.splitlines()
    (task,) = map(orjson.loads, tasks)
    assert (task["case_id"], task["element"]) == (case_id, "check")
    wrong = run("task", "complete", task["id"], "--data", data, "--as", "ana")
    assert wrong.exit_code == 1
    assert "[answers_invalid]" in wrong.output
    answers = tmp_path / "answers.json"
    answers.write_text('{"decision": "ok", "trade_name": "Warung Bo"}', encoding="utf-8")
    done = run("task", "complete", task["id"], "--answers", str(answers), "--data", data, "--as", "ana")
    assert done.exit_code == 0, done.output
    shown = run("case", "show", case_id, "--data", data, "--as", "ana").output
    assert "P-1  running" in shown
    assert "deadline  Two days over" in shown
    (inspection,) = run("task", "list", "--data", data, "--as", "bo").output.splitlines()
    assert "Warung Bo" in inspection
    ended = run("task", "complete", inspection.split()[0], "--data", data, "--as", "bo")
    assert ended.exit_code == 0, ended.output
    told = run("history", case_id, "--data", data, "--as", "dewi").output
    assert "Ana" in told.splitlines()[0]
    assert "Bo (Fire service) completed “Inspect the exits”." in told
    assert "<b>" not in told


def test_a_drawing_is_kept_for_viewing_from_the_command_line(data: str, tmp_path: Path) -> None:
    drawing = tmp_path / "hearing.bpmn"
    drawing.write_bytes(small('<choreographyTask id="hear"/>', key="hearing"))
    assert run("deploy", str(drawing), "--data", data, "--as", "citra").exit_code == 1
    kept = run("deploy", str(drawing), "--view-only", "--data", data, "--as", "citra")
    assert kept.exit_code == 0, kept.output
    assert "hearing version 1, kept for viewing" in kept.output
    assert "not_supported" in kept.output
    started = run("case", "start", "hearing", "--data", data, "--as", "ana")
    assert started.exit_code == 1
    assert "[not_executable]" in started.output


def test_a_case_is_cancelled_and_a_stuck_one_is_an_incident(data: str, permit: str) -> None:
    assert run("deploy", permit, "--data", data, "--as", "citra").exit_code == 0
    case_id = run("case", "start", "permit", "--data", data, "--as", "ana").output.strip()
    (task,) = map(
        orjson.loads, run("task", "list", "--data", data, "--as", "ana", "--json").output.splitlines()
    )
    stuck = run(
        "task",
        "complete",
        task["id"],
        "--answers",
        "-",
        "--data",
        data,
        "--as",
        "ana",
        input='{"decision": "odd"}',
    )
    assert stuck.exit_code == 1
    assert "(way) [no_outgoing_flow]" in stuck.output
    incidents = run("incident", "list", "--data", data, "--as", "oka").output
    assert "no_outgoing_flow" in incidents
    retried = run("incident", "retry", incidents.split()[0], "--data", data, "--as", "oka")
    assert retried.exit_code == 0, retried.output
    cancelled = run("case", "cancel", case_id, "--reason", "Withdrawn", "--data", data, "--as", "ana")
    assert cancelled.exit_code == 0, cancelled.output
    again = run("case", "cancel", case_id, "--reason", "Withdrawn", "--data", data, "--as", "ana")
    assert again.exit_code == 1
    assert "[case_closed]" in again.output


def test_a_command_acts_with_the_rights_of_the_person_named(data: str, permit: str) -> None:
    refused = run("deploy", permit, "--data", data, "--as", "ana")
    assert refused.exit_code == 1
    assert "[not_permitted]" in refused.output
    nobody = run("task", "list", "--data", data, "--as", "nobody")
    assert nobody.exit_code == 1
    assert "[not_found]" in nobody.output


def test_a_lane_is_mapped_on_the_command_line(data: str, tmp_path: Path) -> None:
    (tmp_path / "p.bpmn").write_bytes(PERMIT)
    (tmp_path / "check.form").write_bytes(PARTS["check.form"])
    files = (str(tmp_path / "p.bpmn"), str(tmp_path / "check.form"))
    assert run("check", *files, "--data", data, "--as", "citra").exit_code == 1
    lanes = ("--lane", "Licensing=dpmptsp", "--lane", "Fire service=damkar/inspector")
    assert run("check", *files, *lanes, "--data", data, "--as", "citra").exit_code == 0
    assert run("check", *files, "--lane", "Licensing", "--data", data, "--as", "citra").exit_code == 2
