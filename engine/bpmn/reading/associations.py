"""Data associations that only copy: a data object or property into a task's input, a task's output into one."""

from collections import Counter
from dataclasses import dataclass

from lxml import etree

from engine.bpmn.expressions import copy_of
from engine.bpmn.model import Assignment, Expr, Node
from engine.bpmn.reading.source import Source
from engine.bpmn.xml import BPMN, child, children, local

DATA = ("dataObject", "dataObjectReference", "dataStoreReference", "property", "dataInput", "dataOutput")
PLACEHOLDER = "__targetRef_placeholder"
"""The name by which bpmn-js draws an association to a task as a whole."""


@dataclass(frozen=True, slots=True)
class Ends:
    """The names at both ends of an association; "" for one that has none."""

    source: str
    target: str


class DataNames:
    """The name of each data element of a file by its id. A reference has the name of its object."""

    def __init__(self, root: etree._Element) -> None:
        self._names: dict[str, str] = {}
        self._objects: dict[str, str] = {}
        for element in root.iter(*(f"{{{BPMN}}}{name}" for name in DATA)):
            key = (element.get("id") or "").strip()
            self._names[key] = " ".join((element.get("name") or "").split())
            if local(element) == "property" and not self._names[key]:
                self._names[key] = key
            if found := (element.get("dataObjectRef") or "").strip():
                self._objects[key] = found

    def of(self, key: str) -> str:
        return self._names.get(self._objects.get(key, key), "") or self._names.get(key, "")

    def ends(self, association: etree._Element) -> Ends:
        return Ends(self.of(_text(association, "sourceRef")), self.of(_text(association, "targetRef")))


def read_copies(source: Source, element: etree._Element, node: Node) -> None:
    """Turn the associations of a task into mappings. What they compute in a way that is not read is told."""
    names = DataNames(source.root)
    incoming = list(children(element, "dataInputAssociation"))
    outgoing = list(children(element, "dataOutputAssociation"))
    targets = Counter(_text(a, "targetRef") for a in incoming + outgoing)
    lost = False
    for association in incoming + outgoing:
        ends = names.ends(association)
        if not ends.target or PLACEHOLDER in (ends.source, ends.target):
            lost = lost or _computes(association)
            continue
        value = (
            _value(source, association, ends, element)
            if targets[_text(association, "targetRef")] == 1
            else None
        )
        target = source.data_variable(ends.target, element)
        if value is None or target is None:
            lost = True
        elif value == copy_of(target):
            continue  # the variable carries it already
        elif association in incoming:
            node.inputs = (*node.inputs, Assignment(target, value))
        else:
            node.outputs = (*node.outputs, Assignment(target, _kept(target, value)))
    if lost:
        source.warn(
            "data_ignored",
            "What the data associations compute is not read. Write it as an input or output mapping.",
            element,
        )


def _computes(association: etree._Element) -> bool:
    return child(association, "assignment") is not None or child(association, "transformation") is not None


def _value(source: Source, association: etree._Element, ends: Ends, at: etree._Element) -> Expr | None:
    """What the target gets; None when that is not said in a way that is read."""
    assignments = list(children(association, "assignment"))
    transformation = child(association, "transformation")
    if len(assignments) > 1 or (assignments and transformation is not None):
        return None
    if assignments:
        written, to = child(assignments[0], "from"), child(assignments[0], "to")
        place = ((to.text if to is not None else "") or "").strip()
        whole = place in {"", _text(association, "targetRef"), ends.target}
        return source.understood((written.text or "").strip(), at) if whole and written is not None else None
    if transformation is not None:
        return source.understood((transformation.text or "").strip(), at)
    made = source.data_variable(ends.source, at) if ends.source else None
    return copy_of(made) if made else None


def _kept(target: str, value: Expr) -> Expr:
    """An output that was not given leaves its target as it is."""
    [name, *more] = value.names or {""}
    return copy_of(name, otherwise=target) if value == copy_of(name) and not more else value


def _text(association: etree._Element, tag: str) -> str:
    found = child(association, tag)
    return ((found.text if found is not None else "") or "").strip()
