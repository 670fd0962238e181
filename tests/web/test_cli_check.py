"""lintas check as designers, editors and pipelines run it: the real command, with no house and no database."""

import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from tests.unit.reading.files import extended, flow, process
from web.cli import main

ROOT = Path(__file__).parents[2]
SLA = '<lintas:property name="sla" value="P1D"/>'
TASK = f'<userTask id="check" name="Check" camunda:formKey="check">{extended(SLA)}</userTask>'
BEGIN = '<startEvent id="begin"/>'
CLEAN = process(
    f'{BEGIN}\n{TASK}\n<endEvent id="end"/>\n{flow("begin", "check")}{flow("check", "end")}',
    attributes='isExecutable="true" name="Permit"',
    more='<BPMNDiagram xmlns="http://www.omg.org/spec/BPMN/20100524/DI">'
    + "".join(
        f'<BPMNShape bpmnElement="{i}"/>' for i in ("begin", "check", "end", "begin_check", "check_end")
    )
    + "</BPMNDiagram>\n",
)
FORM = b'{"id": "check", "components": [{"type": "textfield", "key": "remarks", "label": "Remarks"}]}'


def command(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    bare = {k: v for k, v in os.environ.items() if not k.startswith("LINTAS_")}
    return subprocess.run(
        [sys.executable, "-m", "web.cli", "check", *arguments],
        cwd=cwd,
        env={**bare, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def check(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["check", *arguments])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three uploads: one clean, one with a warning, one with an error; the command is run where they are."""
    for name in ("LINTAS_DATABASE_URL", "LINTAS_DATA_DIR", "LINTAS_SYSTEMS_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    for name, content in {
        "clean": CLEAN,
        "late": CLEAN.replace(SLA.encode(), b""),
        "wrong": CLEAN.replace(b'formKey="check"', b'formKey="check" camunda:dueDate="soon"'),
    }.items():
        (tmp_path / name / "forms").mkdir(parents=True)
        (tmp_path / name / "process.bpmn").write_bytes(content)
        (tmp_path / name / "forms/check.form").write_bytes(FORM)
    return tmp_path


def test_a_clean_process_needs_no_house_and_leaves_nothing_behind(folder: Path) -> None:
    result = command("clean", cwd=folder)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == "0 errors, 0 warnings in clean\n"
    assert (
        sorted(p.name for p in folder.rglob("*") if p.is_file()) == ["check.form"] * 3 + ["process.bpmn"] * 3
    )


def test_a_finding_has_its_place_its_line_and_a_caret(folder: Path) -> None:
    result = check("wrong/process.bpmn", "wrong/forms/check.form")
    assert result.exit_code == 1
    told, source, caret, *_ = result.stdout.splitlines()
    assert told.startswith("wrong/process.bpmn:5: error[due_invalid] check: ")
    assert source.startswith('     5 | <userTask id="check"')
    assert caret == "       | ^"
    assert "\x1b[" not in result.stdout


def test_several_folders_are_checked_on_their_own_and_counted_together(folder: Path) -> None:
    result = check("late", "clean")
    assert result.exit_code == 0
    assert "late/process.bpmn:5: warning[task_without_sla] check:" in result.stdout
    assert result.stdout.endswith("0 errors, 1 warning in 2 uploads\n")
    assert check("late", "clean", "--warnings-as-errors").exit_code == 1
    above = check(".")
    assert above.exit_code == 1
    assert above.stdout.endswith("1 error, 1 warning in 3 uploads\n")


def test_json_has_a_line_for_each_upload(folder: Path) -> None:
    result = check("clean", "wrong", "--json")
    assert result.exit_code == 1
    clean, wrong = map(orjson.loads, result.stdout.splitlines())
    assert clean == {
        "schema": 1, "upload": "clean", "processes": ["licence"], "deployable": True, "errors": 0, "warnings": 0,
        "silenced": 0, "unchecked": {}, "problems": [],
    }  # fmt: skip
    [problem] = wrong["problems"]
    assert problem.pop("message").startswith('"soon" is no date')
    assert problem == {
        "file": "wrong/process.bpmn", "line": 5, "column": 1, "element": "check", "severity": "error", "code": "due_invalid",
        "silenced": None,
    }  # fmt: skip


def test_sarif_names_rule_place_and_reason(folder: Path) -> None:
    (folder / "late/process.toml").write_text('[ignore]\ncheck = { task_without_sla = "At once." }\n')
    result = check("late", "wrong", "--format", "sarif")
    assert result.exit_code == 1
    [run] = orjson.loads(result.stdout)["runs"]
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} == {"task_without_sla", "due_invalid"}
    silenced, wrong = run["results"]
    assert silenced["suppressions"] == [{"kind": "inSource", "justification": "At once."}]
    place = wrong["locations"][0]["physicalLocation"]
    assert place == {
        "artifactLocation": {"uri": "wrong/process.bpmn"}, "region": {"startLine": 5, "startColumn": 1},
    }  # fmt: skip


def test_what_is_silenced_is_listed_with_its_reason_and_is_no_error(folder: Path) -> None:
    (folder / "late/process.toml").write_text('[ignore]\ncheck = { task_without_sla = "At once." }\n')
    result = check("late", "--warnings-as-errors")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "late/process.bpmn:5: silenced[task_without_sla] check: At once.",
        "0 errors, 0 warnings, 1 silenced in late",
    ]


def test_what_only_a_house_can_tell_is_said_in_one_line(folder: Path) -> None:
    content = CLEAN.replace(
        b'name="Check"', b'name="Check" camunda:candidateGroups="clerk" camunda:candidateUsers="meilani"'
    )
    (folder / "clean/process.bpmn").write_bytes(content)
    (folder / "clean/process.toml").write_text('owner = "dlh"\n[calendar]\nextends = "national"\n')
    result = check("clean")
    assert result.exit_code == 0
    last = result.stdout.splitlines()[-1]
    assert last == (
        "Not checked without a house (--as USER): agencies dlh; roles clerk; people meilani; calendars national."
    )


def test_a_lane_that_process_toml_forgets_is_an_error_where_it_maps_others(folder: Path) -> None:
    lanes = b'<laneSet><lane id="l" name="Counter"><flowNodeRef>check</flowNodeRef></lane></laneSet>'
    (folder / "clean/process.bpmn").write_bytes(CLEAN.replace(BEGIN.encode(), lanes + BEGIN.encode()))
    assert "lane_without_agency" not in check("clean").stdout
    (folder / "clean/process.toml").write_text('[lanes]\n"Office" = "dlh"\n')
    assert "error[lane_without_agency] l:" in check("clean").stdout
    assert check("clean", "--lane", "Counter=dlh").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "Missing argument"),
        (("nowhere",), "does not exist"),
        (("clean/forms",), "no BPMN model"),
        (("clean/forms/check.form",), "None of the files is a BPMN model"),
        (("clean/process.bpmn", "late/process.bpmn"), "Two files are called process.bpmn"),
        (("clean", "--data", "house"), "--as USER"),
        (("clean", "--format", "xml"), "Invalid value"),
    ],
)
def test_a_wrong_command_ends_with_2(folder: Path, arguments: tuple[str, ...], told: str) -> None:
    result = check(*arguments)
    assert result.exit_code == 2
    assert told in result.stderr
    assert result.stdout == ""


def test_colour_is_for_terminals_and_who_asks_for_it(folder: Path) -> None:
    leader, follower = os.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "web.cli", "check", "late"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"},
        stdout=follower,
    ) as command:
        command.wait(timeout=60)
    os.close(follower)
    assert b"\x1b[33m\x1b[1mwarning[task_without_sla]\x1b[0m" in os.read(leader, 10_000)
    os.close(leader)
