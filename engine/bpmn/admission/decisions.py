"""The decision tables of an upload."""

from typing import Any

from engine.problems import Problem

Table = Any
"""What ``engine.bpmn.dmn`` reads a decision into."""


def read_decisions(content: bytes, filename: str) -> tuple[dict[str, Table], list[Problem]]:
    """The decisions of one DMN file by id. Until there is an interpreter for them, the file is refused."""
    message = f"{filename} is a decision table, which cannot be applied yet. Draw the decision with gateways."
    return {}, [Problem(0, "", "decision_unreadable", message, file=filename)]
