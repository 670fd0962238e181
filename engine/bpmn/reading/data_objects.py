"""Data objects with a value (Activiti, Flowable): variables that a case begins with."""

import re

from lxml import etree

from engine.bpmn.expressions import default_of
from engine.bpmn.model import Assignment
from engine.bpmn.reading.source import Source

WHOLE = frozenset({"int", "integer", "long", "short"})
REAL = frozenset({"double", "float", "decimal"})


def read_value(source: Source, element: etree._Element) -> Assignment | None:
    """The variable that a data object with a value sets where the start has not; None for one that is a drawing."""
    value = source.extension(element, "value")
    name = " ".join((element.get("name") or element.get("id") or "").split())
    if value is None:
        return None
    written = (value.text or "").strip()
    kind = (element.get("itemSubjectRef") or "string").rpartition(":")[2].lower()
    made = _typed(kind, written)
    if made is None:
        source.error(
            "data_value_invalid",
            f'The data object "{name}" has the value "{written[:80]}", which is not read as {kind}. Use string, int, long, '
            "double or boolean, or let the start form ask for it.",
            element,
        )
        return None
    variable = source.data_variable(name, element)
    return Assignment(variable, default_of(variable, made)) if variable else None


def _typed(kind: str, written: str) -> str | int | float | bool | None:
    if kind == "string":
        return written
    if kind == "boolean":
        return {"true": True, "false": False}.get(written.lower())
    if kind in WHOLE and re.fullmatch(r"[+-]?\d{1,18}", written):
        return int(written)
    if kind in REAL and re.fullmatch(r"[+-]?\d{1,18}(\.\d{1,18})?", written):
        return float(written)
    return None
