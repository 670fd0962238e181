"""Findings of a check for people, for programs and for code scanners."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from engine.bpmn.admit import Admission
from engine.bpmn.lint.run import RULES
from engine.problems import Problem
from web.json import dumps

SCHEMA = 1
"""Version of the JSON that ``--json`` prints; raised when a program that reads it would have to change."""

WIDEST = 140
COLOURS = {"error": "red", "warning": "yellow", "silenced": "bright_black"}
PAGE = "docs/problems.md"
PAGE_OF_RULES = "docs/warnings.md"


@dataclass(frozen=True, slots=True)
class Finding:
    """Attributes:
    file: as the reader would open it. line, column: 1-based, 0 where it has no such place.
    kind: error, warning or silenced. reason: why it is silenced.
    text: the line in the file, for people.
    """

    file: str
    line: int
    column: int
    element: str
    kind: str
    code: str
    message: str
    reason: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """Of one upload. ``unchecked``: what only a house can tell, by kind."""

    name: str
    processes: tuple[str, ...]
    findings: list[Finding]
    unchecked: tuple[tuple[str, tuple[str, ...]], ...]

    def count(self, kind: str) -> int:
        return sum(finding.kind == kind for finding in self.findings)


def findings(admission: Admission, paths: Mapping[str, Path]) -> list[Finding]:
    """Everything that was found, by file and line, errors before warnings of the same line."""
    texts: dict[str, list[str]] = {}
    told = [(problem, problem.severity.value, "") for problem in admission.problems]
    told += [(silenced.problem, "silenced", silenced.reason) for silenced in admission.silenced]
    found = [_finding(problem, kind, reason, paths, texts) for problem, kind, reason in told]
    return sorted(found, key=lambda f: (f.file, f.line, list(COLOURS).index(f.kind), f.code, f.element))


def _finding(
    problem: Problem, kind: str, reason: str, paths: Mapping[str, Path], texts: dict[str, list[str]]
) -> Finding:
    path = paths.get(problem.file)
    text = ""
    if problem.line and path is not None:
        if problem.file not in texts:
            texts[problem.file] = path.read_bytes().decode("utf-8", errors="replace").splitlines()
        lines = texts[problem.file]
        text = lines[problem.line - 1] if problem.line <= len(lines) else ""
    return Finding(
        str(path or problem.file),
        problem.line,
        _column(text, problem.element) if text else 0,
        problem.element,
        kind,
        problem.code,
        problem.message,
        reason,
        text,
    )


def _column(text: str, element: str) -> int:
    """Where the element begins on its line, else where anything does."""
    at = re.search(rf"<[^<>]*?\bid\s*=\s*[\"']{re.escape(element)}[\"']", text) if element else None
    return (at.start() if at else len(text) - len(text.lstrip())) + 1


def as_text(reports: Sequence[Report]) -> None:
    """Print for people: colour on a terminal only, or as NO_COLOR and FORCE_COLOR say."""
    for report in reports:
        for finding in report.findings:
            click.echo(line(finding))
            if finding.text.strip() and finding.kind != "silenced":
                click.echo("\n".join(_quoted(finding)))
    total = {kind: sum(report.count(kind) for report in reports) for kind in COLOURS}
    parts = [_counted(total["error"], "error"), _counted(total["warning"], "warning")]
    if total["silenced"]:
        parts.append(f"{total['silenced']} silenced")
    where = reports[0].name if len(reports) == 1 else f"{len(reports)} uploads"
    colour = "red" if total["error"] else "yellow" if total["warning"] else "green"
    click.echo(click.style(f"{', '.join(parts)} in {where}", fg=colour, bold=True))
    if unchecked := _unchecked(reports):
        click.echo(f"Not checked without a house (--as USER): {unchecked}.")


def line(finding: Finding) -> str:
    """``file:line: kind[code] element: sentence``."""
    place = f"{finding.file}:{finding.line}" if finding.line else finding.file
    label = click.style(f"{finding.kind}[{finding.code}]", fg=COLOURS[finding.kind], bold=True)
    element = f" {finding.element}" if finding.element else ""
    said = finding.reason if finding.kind == "silenced" else finding.message
    return f"{click.style(place, bold=True)}: {label}{element}: {said}"


def _quoted(finding: Finding) -> Iterator[str]:
    """The line and a caret under the element; of a very long line the part around it."""
    begin = max(0, finding.column - 1 - WIDEST // 2) if len(finding.text) > WIDEST else 0
    shown = finding.text[begin : begin + WIDEST].replace("\t", " ").rstrip()
    indent = len(shown) - len(shown.lstrip())
    number = f"{finding.line:>6} | "
    yield f"{number}{shown[indent:]}"
    at = max(0, finding.column - 1 - begin - indent)
    yield f"{' ' * 6} | {' ' * at}{click.style('^', fg=COLOURS[finding.kind], bold=True)}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _unchecked(reports: Iterable[Report]) -> str:
    kinds: dict[str, set[str]] = {}
    for report in reports:
        for kind, names in report.unchecked:
            kinds.setdefault(kind, set()).update(names)
    return "; ".join(f"{kind} {_few(sorted(names))}" for kind, names in kinds.items())


def _few(names: list[str], most: int = 8) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def as_json(report: Report) -> str:
    """One upload on one line; the fields are told in docs/howto/check.md."""
    return dumps(
        {
            "schema": SCHEMA,
            "upload": report.name,
            "processes": list(report.processes),
            "deployable": bool(report.processes) and not report.count("error"),
            "errors": report.count("error"),
            "warnings": report.count("warning"),
            "silenced": report.count("silenced"),
            "unchecked": {kind: list(names) for kind, names in report.unchecked},
            "problems": [plain(finding) for finding in report.findings],
        }
    ).decode()


def plain(finding: Finding) -> dict[str, Any]:
    """As JSON."""
    found = asdict(finding)
    del found["text"], found["kind"], found["reason"]
    return {
        **found,
        "severity": "error" if finding.kind == "error" else "warning",
        "silenced": finding.reason or None,
    }


def as_sarif(reports: Sequence[Report]) -> str:
    """SARIF 2.1.0, which code hosts show beside the lines of a change."""
    found = [finding for report in reports for finding in report.findings]
    rules = []
    for code in sorted({finding.code for finding in found}):
        known = RULES.get(code)
        rule: dict[str, Any] = {"id": code, "helpUri": f"{PAGE_OF_RULES if known else PAGE}#{code}"}
        if known is not None:
            rule |= {"shortDescription": {"text": known.title}, "fullDescription": {"text": known.why}}
        rules.append(rule)
    return dumps(
        {
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [
                {
                    "tool": {"driver": {"name": "lintas check", "rules": rules}},
                    "results": [_result(finding) for finding in found],
                }
            ],
        }
    ).decode()


def _result(finding: Finding) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": Path(finding.file).as_posix()}}
    if finding.line:
        place["region"] = {"startLine": finding.line, "startColumn": finding.column}
    element = f"{finding.element}: " if finding.element else ""
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "level": "error" if finding.kind == "error" else "warning",
        "message": {"text": f"{element}{finding.message}"},
        "locations": [{"physicalLocation": place}],
    }
    if finding.kind == "silenced":
        result["suppressions"] = [{"kind": "inSource", "justification": finding.reason}]
    return result
