"""The BPMN behind a diagram, and the marks that the page puts on it."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response

from engine.store import cases, processes
from web.context import actor, house

pages = Blueprint("diagrams", __name__)

_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_MARKS = {"utf-16": (b"\xff\xfe", b"\xfe\xff"), "utf-8": (b"\xef\xbb\xbf",)}


@pages.get("/cases/<case_id>/diagram")
def of_case(case_id: str) -> Response:
    """The file that the case runs by, byte for byte; for whoever sees the case."""
    with house().db.read(actor()) as uow:
        row = cases.case(uow, case_id)
        found = processes.diagram(uow, row.process.key, row.process_version)
        return _file(found.content, found.name)


@pages.get("/processes/<key>/versions/<int:number>/diagram")
def of_version(key: str, number: int) -> Response:
    with house().db.read(actor()) as uow:
        found = processes.diagram(uow, key, number)
        return _file(found.content, found.name)


def marks(states: Mapping[str, str], here: str = "") -> dict[str, Any]:
    """What the island shows of a case: element id → ``done``, ``now`` or ``cancelled``."""
    return {"states": dict(states), "words": {"here": here}}


def encoding_of(content: bytes) -> str:
    """The encoding that an XML file names or begins with; UTF-8 otherwise."""
    for name, beginnings in _MARKS.items():
        if content.startswith(beginnings):
            return name
    told = _ENCODING.match(content[:200])
    return told.group(1).decode("ascii").lower() if told else "utf-8"


def _file(content: bytes, filename: str) -> Response:
    answer = Response(content, mimetype="application/xml")
    answer.headers["Content-Type"] = f"application/xml; charset={encoding_of(content)}"
    answer.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(filename, safe='')}"
    return answer
