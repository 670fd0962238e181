"""docs/problems.md is true: its examples give the problem they stand for, and no code is missing from it."""

import re
from pathlib import Path

import pytest

from engine.bpmn.admit import Limits, Upload, admit
from engine.bpmn.bindings import TABLES
from engine.problems import Severity
from engine.usecases.check_files import check_files
from tests.unit.reading.files import document, process
from tests.unit.reading.house import house

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs/problems.md").read_text(encoding="utf-8")
SECTION = re.compile(r"^### `([a-z_]+)`\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
SECTIONS = {m[1]: m[2] for m in SECTION.finditer(PAGE)}
EXAMPLE = re.compile(r"```(xml|toml|dmn)\n(.*?)```", re.DOTALL)
EXAMPLES = [(code, *found) for code, text in SECTIONS.items() for found in EXAMPLE.findall(text)]
SOURCES = [
    *(ROOT / "engine/bpmn/reading").glob("*.py"),
    *(ROOT / "engine/bpmn/admission").glob("*.py"),
    *(
        ROOT / "engine/bpmn" / name
        for name in (
            "binding_tables.py",
            "bindings.py",
            "settings_reader.py",
            "lint/silence.py",
            "xml.py",
            "normalise.py",
            "admit.py",
            "settings.py",
            "dmn_reading.py",
            "dmn_cells.py",
        )
    ),
]
REPORT = re.compile(
    r"(?:\.error|\.warn|\btell|_told|_file_problem|XmlRefused|Misroute|_no_connector|\.tell|Problem)"
    r"\(\s*(?:[^\"()\n]*?,\s*)*?(f?)\"([a-z_{}.]+)\"(?: if not found else \"([a-z_]+)\")?"
)
FOREIGN = process(
    '<startEvent id="s"/><serviceTask id="archive" camunda:class="org.example.Archive"/>'
    '<userTask id="check" camunda:formKey="check.html"><extensionElements>'
    '<camunda:taskListener event="create" class="org.example.Assign"/></extensionElements></userTask>'
)
KINDS = {"message", "signal", "error", "escalation"}


def upload(language: str, example: str) -> Upload:
    plain = process('<startEvent id="s"/>')
    match language:
        case "toml" if any(f"[{table}]" in example for table in TABLES):
            return Upload("licence.bpmn", FOREIGN, {"process.toml": example.encode()})
        case "toml":
            return Upload("licence.bpmn", plain, {"process.toml": example.encode()})
        case "dmn":
            return Upload("licence.bpmn", plain, {"risk.dmn": example.encode()})
    if "<process" in example and "<definitions" not in example:
        return Upload("licence.bpmn", document(example))
    if example.startswith(("<definitions", "<!DOCTYPE", "<html")):
        return Upload("licence.bpmn", example.encode())
    return Upload("licence.bpmn", process(example))


@pytest.mark.parametrize(("code", "language", "example"), EXAMPLES, ids=[code for code, *_ in EXAMPLES])
def test_an_example_of_the_page_gives_its_problem(code: str, language: str, example: str) -> None:
    found = check_files(upload(language, example), house())
    [problem, *_] = [p for p in found.problems if p.code == code]
    assert problem.message.endswith((".", "…"))
    assert problem.file in {"licence.bpmn", "process.toml", "risk.dmn"}
    mark = "**E**" if problem.severity is Severity.ERROR else "**W**"
    assert mark in SECTIONS[code] or "The same" in SECTIONS[code]
    if language == "toml" and code in {"service_skipped", "listener_skipped", "form_skipped"}:
        assert '"' in problem.message  # the designer's reason is quoted
        assert problem.line > 0
    if language == "xml" and code not in {"xml_malformed", "not_bpmn"}:
        assert problem.line > 0


def reported_codes() -> set[str]:
    codes: set[str] = set()
    for source in SOURCES:
        for template, first, second in REPORT.findall(source.read_text(encoding="utf-8")):
            for code in filter(None, (first, second)):
                codes |= {re.sub(r"\{[a-z.]+\}", kind, code) for kind in KINDS} if template else {code}
    return codes


def test_every_code_that_is_reported_is_on_the_page() -> None:
    impossible = {"message_catches_all", "signal_catches_all", "message_without_code", "signal_without_code"}
    impossible |= {"error_missing", "escalation_missing"}
    codes = reported_codes()
    assert len(codes) > 100
    assert codes - impossible - SECTIONS.keys() == set()


def test_a_code_has_one_section() -> None:
    assert len(SECTION.findall(PAGE)) == len(SECTIONS)


def test_every_section_says_how_serious_it_is() -> None:
    assert [code for code, text in SECTIONS.items() if not re.search(r"\*\*[EW]\*\*|The same", text)] == []


def test_all_problems_come_in_one_pass_by_line() -> None:
    found = admit(
        Upload(
            "licence.bpmn",
            process(
                '<startEvent id="s"/>\n<serviceTask id="a"/>\n<userTask id="b" camunda:dueDate="x"/>\n<callActivity id="c"/>'
            ),
        ),
        house(),
    )
    assert [p.code for p in found.errors] == [
        "service_without_connector",
        "due_invalid",
        "called_process_missing",
    ]
    assert [p.line for p in found.errors] == [4, 5, 6]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<a>" * 300 + b"</a>" * 300, "xml_too_deep"),
        (process("".join(f'<subProcess id="p{n}">' for n in range(70)) + "</subProcess>" * 70), "too_deep"),
        (
            process('<startEvent id="s"/>' + "".join(f'<task id="t{n}"/>' for n in range(5_001))),
            "too_many_elements",
        ),
        (process("<task " + " ".join(f'camunda:a{n}="1"' for n in range(101)) + "/>"), "too_many_attributes"),
        (process('<startEvent id="s"/>' + '<task id="t"/>' * 2_100), "too_many_problems"),
        (process(f'<userTask id="t" camunda:candidateGroups="{"a," * 51}"/>'), "too_many_candidates"),
        (process(f'<userTask id="t" name="{"a" * 20_001}"/>'), "text_too_long"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_too_much_is_refused(content: bytes, code: str) -> None:
    assert code in {p.code for p in admit(Upload("licence.bpmn", content), house()).errors}


def test_mappings_are_bounded() -> None:
    many = '<camunda:inputParameter name="a">1</camunda:inputParameter>' * 1_001
    content = process(
        f'<userTask id="t"><extensionElements><camunda:inputOutput>{many}</camunda:inputOutput></extensionElements></userTask>'
    )
    assert "too_many_mappings" in {p.code for p in admit(Upload("licence.bpmn", content), house()).errors}


def test_files_of_no_known_kind_are_told() -> None:
    found = admit(Upload("licence.bpmn", process('<startEvent id="s"/>'), {"notes.docx": b"x"}), house())
    assert [p.code for p in found.warnings] == ["file_ignored"]


def test_a_decision_in_two_files_is_told() -> None:
    table = (
        b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" namespace="d" name="d"><decision id="risk" name="risk">'
        b"<literalExpression><text>1</text></literalExpression></decision></definitions>"
    )
    found = admit(
        Upload("licence.bpmn", process('<startEvent id="s"/>'), {"a.dmn": table, "b.dmn": table}), house()
    )
    assert [p.code for p in found.errors] == ["decision_twice"]


def test_a_file_over_the_limit_is_refused_before_it_is_read() -> None:
    found = admit(Upload("licence.bpmn", b"<" * 2_000), house(), limits=Limits(bytes=1_000))
    assert found.errors[0].code == "too_large"
