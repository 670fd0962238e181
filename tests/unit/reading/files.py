"""Small BPMN files for the readers' tests, and where the real models are."""

import os
from pathlib import Path

import pytest

from engine.bpmn.model import Node, Process
from engine.bpmn.normalise import Reading, normalise
from engine.problems import Severity

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:lintas="urn:lintas:bpmn:1"'
    ' xmlns:modeler="http://camunda.org/schema/modeler/1.0" xmlns:drools="http://www.jboss.org/drools"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="t">'
)


def document(inside: str) -> bytes:
    return f"{HEAD}\n{inside}\n</definitions>".encode()


def process(
    inside: str, *, key: str = "licence", more: str = "", attributes: str = 'isExecutable="true"'
) -> bytes:
    """A file with one process; ``more`` stands beside it (messages, errors, a collaboration)."""
    return document(f'{more}<process id="{key}" {attributes}>{inside}</process>')


def flow(source: str, target: str, condition: str | None = None, *, name: str = "") -> str:
    flow_id = name or f"{source}_{target}"
    inner = (
        f"<conditionExpression><![CDATA[{condition}]]></conditionExpression>" if condition is not None else ""
    )
    return f'<sequenceFlow id="{flow_id}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'


def around(task: str, task_id: str = "work") -> str:
    """start → ``task`` → end."""
    return f'<startEvent id="start"/>{task}<endEvent id="end"/>{flow("start", task_id)}{flow(task_id, "end")}'


def extended(inside: str) -> str:
    return f"<extensionElements>{inside}</extensionElements>"


def read(content: bytes) -> Reading:
    return normalise(content, "licence.bpmn")


def one(content: bytes) -> Process:
    """The one process of a file without errors."""
    reading = read(content)
    assert errors(reading) == [], reading.problems
    [found] = reading.processes
    return found


def node(found: Process, node_id: str) -> Node:
    return next(n for n in found.nodes() if n.id == node_id)


def errors(reading: Reading) -> list[tuple[str, str]]:
    """(code, element) of every error."""
    return [(p.code, p.element) for p in reading.problems if p.severity is Severity.ERROR]


def warnings(reading: Reading) -> list[tuple[str, str]]:
    return [(p.code, p.element) for p in reading.problems if p.severity is Severity.WARNING]


def models_folder() -> Path:
    """The folder of real models beside the repository."""
    root = Path(__file__).resolve().parents[3]
    for shared in (os.environ.get("LINTAS_SHARED"), root / "../shared", root / "../../shared"):
        if shared and (Path(shared) / "models").is_dir():
            return Path(shared).resolve() / "models"
    pytest.skip("the real models are not on this machine (../shared/models)")


def model(name: str) -> tuple[bytes, str]:
    """The first BPMN file of a model's folder, e.g. ``05`` or ``14``: bytes and file name."""
    [folder] = models_folder().glob(f"{name}-*")
    path = next(p for p in sorted(folder.iterdir()) if ".bpmn" in p.name)
    return path.read_bytes(), path.name
