"""Multi-instance markers in each dialect."""

import re

from lxml import etree

from engine.bpmn.model import Expr, MultiInstance
from engine.bpmn.reading.dialects import ZEEBE
from engine.bpmn.reading.events import read_condition
from engine.bpmn.reading.source import Source
from engine.bpmn.xml import child


def read_multi_instance(source: Source, element: etree._Element) -> MultiInstance | None:
    """The multi-instance marker of an activity; None when it has none or it is not understood (reported)."""
    marker = child(element, "multiInstanceLoopCharacteristics")
    if marker is None:
        return None
    before = len(source.problems)
    sequential = (marker.get("isSequential") or "false").strip() in {"true", "1"}
    if (marker.get("behavior") or "All") not in {"All", "all"} or child(
        marker, "complexBehaviorDefinition"
    ) is not None:
        source.error(
            "multi_instance_behavior",
            "Events thrown by each instance are not supported. Remove the behaviour, or throw the event after the loop.",
            element,
        )
    zeebe = source.extension(marker, "loopCharacteristics", space=ZEEBE)
    completion = child(marker, "completionCondition")
    ends = read_condition(source, completion, element) if completion is not None else None
    if zeebe is not None:
        collection = source.expression(zeebe.get("inputCollection"), element)
        if collection is None:
            _nothing_to_count(source, element, before)
            return None
        element_name, list_name = zeebe.get("inputElement"), zeebe.get("outputCollection")
        return MultiInstance(
            sequential,
            collection=collection,
            item=source.variable(element_name, element) if element_name else None,
            completion=ends,
            output_collection=source.variable(list_name, element) if list_name else None,
            output_item=source.expression(zeebe.get("outputElement"), element),
            result=_variable_in(zeebe.get("outputElement") or ""),
        )
    cardinality = child(marker, "loopCardinality")
    count = source.expression(cardinality.text, element, code=True) if cardinality is not None else None
    if count is not None and count.constant:
        count = _counted(source, count, element)
    reference = child(marker, "loopDataInputRef")
    written = source.attribute(marker, "collection") or (reference.text if reference is not None else None)
    collection = _collection(source, written, element)
    if collection is None and count is None:
        _nothing_to_count(source, element, before)
        return None
    if collection is not None and count is not None:
        source.warn(
            "multi_instance_both",
            "The loop has a collection and a number of times; the collection counts. Remove one of them.",
            element,
        )
        count = None
    item, output_item = child(marker, "inputDataItem"), child(marker, "outputDataItem")
    name = source.attribute(marker, "elementVariable") or _name(item)
    output = child(marker, "loopDataOutputRef")
    output_name = (output.text or "").strip() if output is not None else ""
    return MultiInstance(
        sequential,
        cardinality=count,
        collection=collection,
        item=source.variable(name, element) if name else None,
        completion=ends,
        output_collection=source.variable(output_name, element) if output_name else None,
        output_item=source.variable_value(_name(output_item), element) if _name(output_item) else None,
    )


def _variable_in(written: str) -> str | None:
    """The variable that an output element is, or is a part of; None for one that computes."""
    found = re.fullmatch(r"\s*=\s*([^\W\d]\w*)(?:\.[^\W\d]\w*)*\s*", written)
    return found[1] if found else None


def _collection(source: Source, written: str | None, element: etree._Element) -> Expr | None:
    """A collection is a variable's name or an expression."""
    written = (written or "").strip()
    if not written:
        return None
    if written.startswith("=") or "${" in written or "#{" in written:
        return source.expression(written, element)
    return source.variable_value(written, element)


def _counted(source: Source, count: Expr, element: etree._Element) -> Expr | None:
    text = count.source.strip().removeprefix("=").strip()
    inner = text[2:-1].strip() if text[:2] in {"${", "#{"} else text
    if inner.isascii() and inner.isdigit() and len(inner) <= 6:
        return Expr(source=count.source, code=str(int(inner)), constant=True)
    return None


def _nothing_to_count(source: Source, element: etree._Element, before: int) -> None:
    """Say so, unless the reason has been told since ``before``."""
    if len(source.problems) == before:
        source.error(
            "multi_instance_invalid",
            "The loop needs a collection, or a number of times. Name a list variable, or write a number like 3.",
            element,
        )


def _name(item: etree._Element | None) -> str | None:
    if item is None:
        return None
    return (item.get("name") or item.get("id") or "").strip() or None
