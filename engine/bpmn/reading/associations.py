"""Data associations that only copy: a data object or property into a task's input, a task's output into one."""

from collections import Counter

from lxml import etree

from engine.bpmn.expressions import copy_of
from engine.bpmn.model import Assignment, Expr, Node
from engine.bpmn.reading.data_names import Ends, text_of
from engine.bpmn.reading.source import Source
from engine.bpmn.xml import child, children

PLACEHOLDER = "__targetRef_placeholder"
"""The name by which bpmn-js draws an association to a task as a whole."""


def read_copies(source: Source, element: etree._Element, node: Node) -> None:
    """Turn the associations of a task into mappings. What they compute in a way that is not read is told."""
    names = source.data_names
    incoming = list(children(element, "dataInputAssociation"))
    outgoing = list(children(element, "dataOutputAssociation"))
    targets = Counter(text_of(a, "targetRef") for a in incoming + outgoing)
    lost = False
    for association in incoming + outgoing:
        ends = names.ends(association)
        if not ends.target or PLACEHOLDER in (ends.source, ends.target):
            lost = lost or _computes(association)
            continue
        value = (
            _value(source, association, ends, element)
            if targets[text_of(association, "targetRef")] == 1
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
        whole = place in {"", text_of(association, "targetRef"), ends.target}
        return source.understood((written.text or "").strip(), at) if whole and written is not None else None
    if transformation is not None:
        return source.understood((transformation.text or "").strip(), at)
    made = source.data_variable(ends.source, at) if ends.source else None
    return copy_of(made) if made else None


def _kept(target: str, value: Expr) -> Expr:
    """An output that was not given leaves its target as it is."""
    [name, *more] = value.names or {""}
    return copy_of(name, otherwise=target) if value == copy_of(name) and not more else value
