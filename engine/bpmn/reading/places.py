"""What stands where no rule of BPMN has it, or twice where once is meant, would be passed over in silence: it is told here."""

from collections.abc import Iterator

from lxml import etree

from engine.bpmn.reading.scopes import EVENTS, GATEWAYS, PLAIN_KINDS
from engine.bpmn.reading.source import Source
from engine.bpmn.xml import BPMN, local

SCOPES = frozenset(
    {"process", "subProcess", "transaction", "adHocSubProcess", "choreography", "subChoreography"}
)
ACTIVITIES = frozenset(
    name for name, kind in PLAIN_KINDS.items() if name not in EVENTS and kind not in GATEWAYS
) | {"adHocSubProcess"}
LOOPS = frozenset({"multiInstanceLoopCharacteristics", "standardLoopCharacteristics"})
TIMES = frozenset({"timeDate", "timeDuration", "timeCycle"})
PLACES: dict[str, frozenset[str]] = {
    **dict.fromkeys((*PLAIN_KINDS, "sequenceFlow", "boundaryEvent", "complexGateway"), SCOPES),
    **dict.fromkeys(LOOPS, ACTIVITIES),
    **dict.fromkeys(
        ("loopCardinality", "completionCondition"), frozenset({"multiInstanceLoopCharacteristics"})
    ),
    **dict.fromkeys(TIMES, frozenset({"timerEventDefinition"})),
    "loopCondition": frozenset({"standardLoopCharacteristics"}),
    "conditionExpression": frozenset({"sequenceFlow"}),
    "condition": frozenset({"conditionalEventDefinition"}),
    "script": frozenset({"scriptTask"}),
}
"""Element → where it may stand."""
ONCE = LOOPS | {
    "loopCardinality",
    "loopCondition",
    "completionCondition",
    "conditionExpression",
    "condition",
    "script",
}


def check_places(source: Source) -> None:
    """Report every element that says something for the run from a place where nothing would read it."""
    for element in source.root.iter(f"{{{BPMN}}}*"):
        name, holder = local(element), element.getparent()
        where = "" if holder is None else local(holder)
        if holder is None or _outside(holder):
            continue
        if name.endswith("EventDefinition"):
            stray = where not in EVENTS and where != "definitions"
        else:
            stray = name in PLACES and where not in PLACES[name]
        if stray:
            source.error(
                "misplaced",
                f"<{name}> stands in <{where}>, where nothing reads it. Draw it anew, or remove it.",
                element,
            )
        elif name in ONCE and element is not next(_alike(holder, name)):
            source.error(
                "said_twice", f"<{where}> has two elements <{name}>; only one can hold. Keep one.", element
            )


def _alike(holder: etree._Element, name: str) -> Iterator[etree._Element]:
    """The children that say the same kind of thing as one called ``name``."""
    names = LOOPS if name in LOOPS else {name}
    return (e for e in holder.iterchildren(f"{{{BPMN}}}*") if local(e) in names)


def _outside(holder: etree._Element) -> bool:
    """Inside another tool's element: its own words, which are told elsewhere."""
    return not str(holder.tag).startswith(f"{{{BPMN}}}") or local(holder) == "extensionElements"
