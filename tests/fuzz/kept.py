"""Whether everything a file says for the run is in the model or in a problem: read from the XML alone, apart from the reader."""

from collections.abc import Iterable

from lxml import etree

from engine.bpmn.model import EventKind, Node, NodeKind, Process
from engine.problems import Problem
from tests.fuzz.mutate import BPMN, is_node, local

EVENT_KINDS = {
    "messageEventDefinition": EventKind.MESSAGE,
    "signalEventDefinition": EventKind.SIGNAL,
    "timerEventDefinition": EventKind.TIMER,
    "conditionalEventDefinition": EventKind.CONDITION,
    "errorEventDefinition": EventKind.ERROR,
    "escalationEventDefinition": EventKind.ESCALATION,
    "terminateEventDefinition": EventKind.TERMINATE,
    "compensateEventDefinition": EventKind.COMPENSATION,
    "cancelEventDefinition": EventKind.CANCEL,
}
TRUE, FALSE = ("true", "1"), ("false", "0")


def lost(content: bytes, processes: Iterable[Process], problems: Iterable[Problem]) -> list[str]:
    """What of an admitted file is neither in the model nor told, as sentences; empty when all is."""
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    found: list[str] = []
    told = _Told(problems)
    models = {process.key: process for process in processes}
    for element in root.iter(f"{{{BPMN}}}*"):
        name = local(element)
        if not (is_node(name) or name == "sequenceFlow"):
            continue
        parent = element.getparent()
        if parent is not None and (local(parent) == "extensionElements" or BPMN not in str(parent.tag)):
            continue  # inside another tool's words, whatever it is called
        holder = next((a for a in element.iterancestors() if local(a) == "process"), None)
        if holder is None:
            if not told.about(element):
                found.append(f"<{name}> {element.get('id')} is in no process")
            continue
        process = models.get((holder.get("id") or "").strip())
        if process is None:
            continue  # not among what is run: a documentation model beside it
        look = _flow if name == "sequenceFlow" else _node
        found += [f"{process.key}: {words}" for words in look(element, process, told)]
    return found


class _Told:
    """What the problems speak of: ids, and lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        problems = list(problems)
        self.ids = {p.element for p in problems if p.element}
        self.lines = {p.line for p in problems if p.line}

    def about(self, element: etree._Element) -> bool:
        return element.sourceline in self.lines or (element.get("id") or "").strip() in self.ids


def _nodes(process: Process) -> dict[str, list[Node]]:
    found: dict[str, list[Node]] = {}
    for node in process.nodes():
        found.setdefault(node.element, []).append(node)
    return found


def _node(element: etree._Element, process: Process, told: _Told) -> Iterable[str]:
    name, element_id = local(element), (element.get("id") or "").strip()
    definitions = [
        e for e in element if local(e).endswith("EventDefinition") and str(e.tag).startswith(f"{{{BPMN}}}")
    ]
    if told.about(element):
        return
    if name == "boundaryEvent" and any(local(d) == "compensateEventDefinition" for d in definitions):
        hosts = [n for n in process.nodes() if n.element == element.get("attachedToRef")]
        if not any(n.compensation for n in hosts):
            yield f"the compensation of {element.get('attachedToRef')}"
        return
    if element_id:
        drawn = [n for n in process.nodes() if n.element == element_id and not n.synthetic]
    else:
        drawn = [n for n in process.nodes() if n.line == element.sourceline and not n.synthetic]
    if not drawn:
        yield f"<{name}> {element_id} of line {element.sourceline}"
        return
    node = drawn[0]
    alike = [n for n in process.nodes() if n.element == node.element and n.event is not None]
    yield from _says(element, name, node, process)
    for definition in definitions:
        kind = EVENT_KINDS.get(local(definition))
        if local(definition) == "linkEventDefinition":
            if node.kind is not NodeKind.EXCLUSIVE:
                yield f"the link of {element_id}"
        elif kind is None:
            yield f"<{local(definition)}> of {element_id}"
        elif node.event is None and node.service is None:
            yield f"the {kind} event of {element_id}"
        elif node.event is not None and not any(kind in _kinds_of(each) for each in alike):
            yield f"the {kind} event of {element_id}: it is read as {node.event.kind}"


def _kinds_of(node: Node) -> set[EventKind]:
    assert node.event is not None
    more = getattr(node, "events", ()) or ()
    return {node.event.kind, *(event.kind for event in more)}


def _says(element: etree._Element, name: str, node: Node, process: Process) -> Iterable[str]:
    """What the element's own attributes and markers say."""
    what = node.element or f"line {node.line}"

    def child(tag: str) -> etree._Element | None:
        return element.find(f"{{{BPMN}}}{tag}")

    def flag(attribute: str) -> str:
        return (element.get(attribute) or "").strip()

    if child("multiInstanceLoopCharacteristics") is not None and not name.endswith(("Event", "Gateway")):
        if node.loop is None:
            yield f"the instances of {what}"
        else:
            marker = child("multiInstanceLoopCharacteristics")
            assert marker is not None
            if ((marker.get("isSequential") or "").strip() in TRUE) is not node.loop.sequential:
                yield f"whether the instances of {what} are sequential"
            condition = marker.find(f"{{{BPMN}}}completionCondition")
            if condition is not None and (condition.text or "").strip() and node.loop.completion is None:
                yield f"the completion condition of {what}"
    if child("standardLoopCharacteristics") is not None and not name.endswith(("Event", "Gateway")):
        loops = [n for n in process.nodes() if n.synthetic and n.element == node.element]
        if not any(n.kind is NodeKind.EXCLUSIVE for n in loops):
            yield f"the loop of {what}"
    if flag("isForCompensation") in TRUE and not node.is_compensation_handler:
        yield f"that {what} is for compensation"
    if name == "boundaryEvent":
        hosts = [n for n in process.nodes() if n.id == node.attached_to]
        if not hosts or hosts[0].element != flag("attachedToRef"):
            yield f"where {what} is attached"
        if flag("cancelActivity") in FALSE and node.interrupting:
            yield f"that {what} does not interrupt"
    if (
        name == "startEvent"
        and flag("isInterrupting") in FALSE
        and node.interrupting
        and node.event is not None
    ):
        yield f"that {what} does not interrupt"
    if name == "subProcess" and (flag("triggeredByEvent") in TRUE) is not (
        node.kind is NodeKind.EVENT_SUB_PROCESS
    ):
        yield f"what starts {what}"
    if flag("default") and not any(n.default == flag("default") for n in process.nodes()):
        yield f"the default flow of {what}"
    if name == "callActivity" and flag("calledElement") and node.called is None:
        yield f"what {what} calls"
    script = child("script")
    says = name == "scriptTask" and script is not None and bool((script.text or "").strip())
    if says and node.script is None and node.service is None and not node.outputs:
        yield f"the script of {what}"


def _flow(element: etree._Element, process: Process, told: _Told) -> Iterable[str]:
    element_id = (element.get("id") or "").strip()
    source, target = (element.get("sourceRef") or "").strip(), (element.get("targetRef") or "").strip()
    if told.about(element):
        return
    if not _leads(process, source, target):
        yield f"the flow {element_id} from {source} to {target}"
        return
    scopes = [process.scope, *(n.scope for n in process.nodes() if n.scope is not None)]
    flows = [f for scope in scopes for f in scope.flows.values() if element_id and f.element == element_id]
    if element_id and not flows:
        yield f"the flow {element_id} by its name"
    condition = element.find(f"{{{BPMN}}}conditionExpression")
    says = condition is not None and bool((condition.text or "").strip())
    if says and element_id and not any(f.condition is not None for f in flows):
        yield f"the condition of the flow {element_id}"


def _leads(process: Process, source: str, target: str) -> bool:
    """Whether one can go from one to the other through nothing but what the reader drew in between."""
    for scope in [process.scope, *(n.scope for n in process.nodes() if n.scope is not None)]:
        begin = [n for n in scope.nodes.values() if n.element == source]
        todo, seen = [n.id for n in begin], {n.id for n in begin}
        while todo:
            for flow_id in scope.nodes[todo.pop()].outgoing:
                node = scope.nodes[scope.flows[flow_id].target]
                if node.element == target:
                    return True
                if node.synthetic and node.id not in seen:
                    seen.add(node.id)
                    todo.append(node.id)
    return False
