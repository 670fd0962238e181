"""What an element calls: a DMN decision, or another process, and in which version."""

import re

from lxml import etree

from engine.bpmn.model import Assignment, Binding, Called, Decision
from engine.bpmn.reading.dialects import ZEEBE
from engine.bpmn.reading.mappings import Mapping, camunda_in, check_business_key
from engine.bpmn.reading.source import Source
from engine.bpmn.xml import local

MAP_RESULTS = {
    "singleEntry": "single_entry",
    "singleResult": "single_result",
    "collectEntries": "collect_entries",
    "resultList": "result_list",
}


def read_decision(source: Source, element: etree._Element) -> Decision | None:
    """The DMN decision of a business rule task; None when it names none."""
    zeebe = source.extension(element, "calledDecision", space=ZEEBE)
    if zeebe is not None:
        key, result, mapped = zeebe.get("decisionId"), zeebe.get("resultVariable"), "singleEntry"
    else:
        properties = source.properties(element)
        key = source.attribute(element, "decisionRef") or properties.get("decision")
        result = source.attribute(element, "resultVariable") or properties.get("resultVariable")
        written = source.attribute(element, "mapDecisionResult") or properties.get("mapDecisionResult")
        mapped = written or "resultList"
    key = (key or "").strip()
    if not key:
        return None
    if "${" in key or "#{" in key or key.startswith("="):
        source.error(
            "decision_by_expression",
            f'The decision "{key}" is chosen by an expression. Name one decision; the drawing then says what is applied.',
            element,
        )
        return None
    if not result and not _maps_out(source, element):
        source.warn(
            "decision_without_result",
            "The decision's result is kept in no variable. Name one with resultVariable.",
            element,
        )
    _check_decision_binding(source, element, zeebe)
    if mapped not in MAP_RESULTS:
        source.error(
            "decision_result",
            f'mapDecisionResult="{mapped}" must be one of {", ".join(MAP_RESULTS)}.',
            element,
        )
        return None
    return Decision(
        key=key,
        result_variable=source.variable(result, element) if result else None,
        map_result=MAP_RESULTS[mapped],
    )


def _maps_out(source: Source, element: etree._Element) -> bool:
    """Whether an output mapping takes the decision's result."""
    return any(local(e) == "outputParameter" for io in source.extensions(element, "inputOutput") for e in io)


def _check_decision_binding(source: Source, element: etree._Element, zeebe: etree._Element | None) -> None:
    """A decision belongs to the process that was deployed with it; whoever asks for another version is told."""
    if zeebe is not None:
        written = zeebe.get("bindingType")
    else:
        written = source.attribute(element, "decisionRefBinding")
        if written is None and source.attribute(element, "decisionRefVersion", "decisionRefVersionTag"):
            written = "version"
    if written == "latest":
        source.warn(
            "decision_stays",
            "The decision that was uploaded with this file is applied, until the file is deployed again.",
            element,
        )
    elif written not in {None, "deployment"}:
        source.error(
            "decision_binding",
            f'The decision cannot be bound by "{written}": the one that is uploaded with this file is applied. '
            "Upload the version that is meant, and remove the binding.",
            element,
        )


def read_called(
    source: Source, element: etree._Element, inputs: Mapping, outputs: Mapping
) -> tuple[Called, Mapping] | None:
    """The called process, and the output mapping that is left to the activity itself.

    In Camunda 8 a call activity's outputs are read among the *called* process's variables, so they move into the call.
    """
    zeebe = source.extension(element, "calledElement", space=ZEEBE)
    key = (zeebe.get("processId") if zeebe is not None else element.get("calledElement")) or ""
    key = key.strip()
    if not key:
        source.error(
            "called_process_missing", "The call activity names no process. Write the process's key.", element
        )
        return None
    if "${" in key or "#{" in key or key.startswith("="):
        source.error(
            "called_process_by_expression",
            f'The process "{key}" is chosen by an expression. Name one process; its version is bound at deployment.',
            element,
        )
        return None
    binding, version = _binding(source, element, zeebe)
    if zeebe is None:
        check_business_key(source, element)
        into = camunda_in(source, element, element)
        out = camunda_in(source, element, element, name="out")
        return Called(process=key, inputs=into, outputs=out, binding=binding, version=version), outputs
    everything = (Assignment("", None, all_variables=True),)
    all_in = zeebe.get("propagateAllParentVariables", "true").strip() != "false"
    all_out = zeebe.get("propagateAllChildVariables", "true").strip() != "false"
    local_inputs = tuple(Assignment(m.target, source.variable_value(m.target, element)) for m in inputs)
    sent = everything if all_in else local_inputs
    got = outputs or (everything if all_out else ())
    return Called(process=key, inputs=sent, outputs=got, binding=binding, version=version), ()


def _binding(
    source: Source, element: etree._Element, zeebe: etree._Element | None
) -> tuple[Binding, int | None]:
    """Which version a call activity means; said nothing, the newest at deployment."""
    if zeebe is not None:
        written, number = zeebe.get("bindingType"), None
    else:
        written = source.attribute(element, "calledElementBinding")
        number = source.attribute(element, "calledElementVersion")
        if written is None:
            tag = source.attribute(element, "calledElementVersionTag")
            written = "versionTag" if tag else "version" if number else None
    match (written or "").strip():
        case "" | "deployment":
            return Binding.DEPLOYMENT, None
        case "latest":
            return Binding.LATEST, None
        case "version" if number is not None and re.fullmatch(r"[1-9][0-9]{0,8}", number):
            return Binding.VERSION, int(number)
        case "version":
            source.error(
                "called_version",
                f'The version "{number or ""}" of the called process is no number. Write for example 3.',
                element,
            )
        case other:
            source.error(
                "called_version",
                f'The called process cannot be bound by "{other}". Use latest, deployment, or version with a number.',
                element,
            )
    return Binding.DEPLOYMENT, None
