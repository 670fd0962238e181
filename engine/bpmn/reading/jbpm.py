"""Data associations: jBPM says with them who does a task; in Camunda 8 they are drawings; elsewhere they copy."""

from dataclasses import replace

from lxml import etree

from engine.bpmn.model import Assignment, Expr, Node
from engine.bpmn.reading.associations import read_copies
from engine.bpmn.reading.source import Source
from engine.bpmn.xml import child, children

QUIET_INPUTS = frozenset(
    {
        "Skippable",
        "Priority",
        "Comment",
        "Description",
        "CreatedBy",
        "Content",
        "Locale",
        "NodeName",
        "ParameterName",
    }
)
LATE_INPUTS = {
    **dict.fromkeys(
        ("NotStartedReassign", "NotCompletedReassign", "NotStartedNotify", "NotCompletedNotify"),
        "Set the extension property sla, or draw a timer on the task's border.",
    ),
    **dict.fromkeys(
        ("BusinessAdministratorId", "BusinessAdministratorGroupId", "TaskStakeholderId"),
        "Operators of the house and members of the agency stand in.",
    ),
}


def read_data_associations(source: Source, element: etree._Element, node: Node) -> None:
    """Inputs and outputs of a task that are drawn as data associations."""
    incoming, outgoing = (
        list(children(element, "dataInputAssociation")),
        list(children(element, "dataOutputAssociation")),
    )
    if not incoming and not outgoing:
        return
    if not source.is_jbpm and not source.is_zeebe and node.called is None:
        read_copies(source, element, node)
        return
    if not source.is_jbpm:
        if any(
            child(a, "assignment") is not None or child(a, "transformation") is not None
            for a in incoming + outgoing
        ):
            source.warn(
                "data_ignored",
                "What the data associations compute is not read. Write it as an input or output mapping.",
                element,
            )
        return
    specification = child(element, "ioSpecification")
    names = _names(specification, "dataInput") | _names(specification, "dataOutput")
    for association in incoming:
        name = names.get(_text(association, "targetRef"), "")
        value = _value(source, association, element)
        if name and value is not None:
            _input(source, element, node, name, value)
    for association in outgoing:
        name, target = names.get(_text(association, "sourceRef"), ""), _text(association, "targetRef")
        if name == "ActorId" and node.work is not None:
            known = source.variable(target, element)
            if known:
                node.work = replace(node.work, done_by=known)
        elif name and target:
            value = source.copied(name, element)
            known = source.variable(target, element)
            if value and known:
                node.outputs = (*node.outputs, Assignment(known, value))
                # what is answered stays in the task; only what an association names goes out
                node.only_outputs = True


def _input(source: Source, element: etree._Element, node: Node, name: str, value: Expr) -> None:
    work = node.work
    if name in LATE_INPUTS:
        source.warn(
            "vendor_ignored",
            f"The input {name} is not acted upon. {LATE_INPUTS[name]}",
            element,
        )
    elif work is None or name not in {"GroupId", "ActorId", "ExcludedOwnerId", "TaskName"} | QUIET_INPUTS:
        target = source.variable(name, element)
        if target:
            node.inputs = (*node.inputs, Assignment(target, value))
    elif name == "GroupId":
        node.work = replace(work, candidate_groups=(*work.candidate_groups, *_several(value)))
    elif name == "ActorId":
        node.work = replace(work, candidate_users=(*work.candidate_users, *_several(value)))
    elif name == "ExcludedOwnerId":
        node.work = replace(work, excluded=(*work.excluded, *_several(value)))
    elif name == "TaskName" and value.constant and work.form is None:
        node.work = replace(work, form=value.source.strip() or None, form_elsewhere=True)


def _several(value: Expr) -> list[Expr]:
    if not value.constant:
        return [value]
    pieces = [p.strip() for p in value.source.split(",") if p.strip()]
    return [Expr(piece, repr(piece), constant=True) for piece in pieces]


def _value(source: Source, association: etree._Element, element: etree._Element) -> Expr | None:
    assignment = child(association, "assignment")
    written = child(assignment, "from") if assignment is not None else None
    if written is not None:
        text = (written.text or "").strip().replace("#{", "${")
        return source.template(text, element)
    variable = _text(association, "sourceRef")
    return source.copied(variable, element) if variable else None


def _names(specification: etree._Element | None, tag: str) -> dict[str, str]:
    if specification is None:
        return {}
    return {e.get("id", ""): (e.get("name") or "").strip() for e in children(specification, tag)}


def _text(association: etree._Element, tag: str) -> str:
    found = child(association, tag)
    return (found.text or "").strip() if found is not None else ""
