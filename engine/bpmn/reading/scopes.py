"""Reads the elements of a process, level by level, into nodes and flows as they are drawn."""

import re
from dataclasses import replace

from lxml import etree

from engine.bpmn.bindings import ServiceBinding, Skip
from engine.bpmn.model import Assignment, EventDef, EventKind, Expr, Flow, Node, NodeKind, Process, Scope
from engine.bpmn.reading import activities, calls, vendor
from engine.bpmn.reading.bound import is_work_item, service_line, service_of, stand_in
from engine.bpmn.reading.data_objects import read_value
from engine.bpmn.reading.definitions import Definitions
from engine.bpmn.reading.dialects import DROOLS, ZEEBE
from engine.bpmn.reading.draft import Draft, add_flow
from engine.bpmn.reading.events import event_definitions, message_of_task, read_condition, read_events
from engine.bpmn.reading.form_keys import shown_form
from engine.bpmn.reading.jbpm import read_data_associations
from engine.bpmn.reading.lanes import LaneMap, enter_lanes
from engine.bpmn.reading.listeners import read_listeners
from engine.bpmn.reading.loops import read_multi_instance
from engine.bpmn.reading.mappings import io_mapping
from engine.bpmn.reading.source import Source
from engine.bpmn.support import REFUSED
from engine.bpmn.xml import child, local, namespace

PLAIN_KINDS = {
    "task": NodeKind.PASS,
    "manualTask": NodeKind.PASS,
    "userTask": NodeKind.USER_TASK,
    "receiveTask": NodeKind.RECEIVE_TASK,
    "sendTask": NodeKind.SEND_TASK,
    "serviceTask": NodeKind.SERVICE_TASK,
    "scriptTask": NodeKind.SCRIPT_TASK,
    "businessRuleTask": NodeKind.DECISION_TASK,
    "subProcess": NodeKind.SUB_PROCESS,
    "transaction": NodeKind.TRANSACTION,
    "callActivity": NodeKind.CALL_ACTIVITY,
    "exclusiveGateway": NodeKind.EXCLUSIVE,
    "parallelGateway": NodeKind.PARALLEL,
    "inclusiveGateway": NodeKind.INCLUSIVE,
    "eventBasedGateway": NodeKind.EVENT_GATEWAY,
    "complexGateway": NodeKind.COMPLEX,
    "startEvent": NodeKind.START,
    "endEvent": NodeKind.END,
    "intermediateCatchEvent": NodeKind.CATCH,
    "intermediateThrowEvent": NodeKind.THROW,
    "boundaryEvent": NodeKind.BOUNDARY,
}
EVENTS = frozenset(
    {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}
)
GATEWAYS = frozenset(
    {
        NodeKind.EXCLUSIVE,
        NodeKind.PARALLEL,
        NodeKind.INCLUSIVE,
        NodeKind.EVENT_GATEWAY,
        NodeKind.COMPLEX,
    }
)
SILENT = frozenset(
    {
        "documentation", "extensionElements", "laneSet", "incoming", "outgoing", "textAnnotation", "association", "group",
        "property", "ioSpecification", "multiInstanceLoopCharacteristics", "standardLoopCharacteristics", "auditing",
        "monitoring", "supports", "resourceRole", "potentialOwner", "humanPerformer", "performer", "rendering", "script",
        "dataInput", "dataOutput", "inputSet", "outputSet", "correlationSubscription", "eventDefinitionRef", "artifact",
        "dataInputAssociation", "dataOutputAssociation", "categoryValueRef", "outputSetRefs", "inputSetRefs",
    }
)  # fmt: skip
DATA = frozenset({"dataObject", "dataObjectReference", "dataStoreReference", "dataStore"})
MAX_NESTING = 60
ID = re.compile(r"[\w.:\-]{1,200}")


class ScopeReader:
    """Reads one process. ``draft`` holds what the passes of ``structure`` still need from the file."""

    def __init__(self, source: Source, definitions: Definitions, lanes: LaneMap, process: Process) -> None:
        self.source = source
        self.definitions = definitions
        self.lanes = lanes
        self.process = process
        self.draft = Draft()
        self._taken: set[str] = set()
        self._data: list[str] = []
        self._values: list[Assignment] = []

    def read(self, element: etree._Element) -> Draft:
        inherited = {k: v for k, v in self.source.properties(element).items() if k in {"sla", "slaCalendar"}}
        self.process.scope.listeners = read_listeners(self.source, element)
        # a stack instead of recursion: nesting is the uploader's choice
        waiting = [(element, self.process.scope, self.lanes.pool, inherited, 1)]
        while waiting:
            holder, scope, lane, properties, depth = waiting.pop()
            if depth > MAX_NESTING:
                self.source.error(
                    "too_deep",
                    f"Sub-processes are nested more than {MAX_NESTING} deep. Move the inner ones into call activities.",
                    holder,
                )
                continue
            self.draft.scopes.append((scope, holder))
            enter_lanes(self.source, self.lanes, holder, lane)
            inner = []
            for drawn in holder:
                node = self._element(drawn, scope, lane, properties)
                if node is not None and node.scope is not None:
                    inner.append((drawn, node.scope, node.lane, properties, depth + 1))
            self._flows(holder, scope)
            waiting.extend(reversed(inner))
        for start in self.process.scope.starts():
            start.outputs = (*self._values, *start.outputs)
        if self._data:
            self.source.warn(
                "data_ignored",
                f"Data objects and stores are drawings only; variables carry the data ({', '.join(self._data[:5])}).",
                element,
            )
        return self.draft

    def _element(
        self, drawn: etree._Element, scope: Scope, lane: tuple[str, ...], properties: dict[str, str]
    ) -> Node | None:
        name = local(drawn)
        if namespace(drawn) != namespace(self.source.root) or name in SILENT or name == "sequenceFlow":
            return None
        if name in EVENTS or name in PLAIN_KINDS:
            return self._node(drawn, scope, lane, properties)
        if name in DATA:
            if scope is self.process.scope and (value := read_value(self.source, drawn)):
                self._values.append(value)
            else:
                self._data.append(" ".join((drawn.get("name") or drawn.get("id") or name).split()))
        elif name in REFUSED:
            self.source.error("not_supported", REFUSED[name], drawn)
        elif not name.endswith("EventDefinition"):
            self.source.error(
                "unknown_element",
                f"<{name}> is not run. Remove it, or draw what it means with elements of BPMN's process diagram.",
                drawn,
            )
        return None

    def _node(
        self, drawn: etree._Element, scope: Scope, lane: tuple[str, ...], properties: dict[str, str]
    ) -> Node | None:
        source, name = self.source, local(drawn)
        kind = PLAIN_KINDS[name]
        node_id = self._id(drawn, name)
        lane = self.lanes.of.get(node_id, lane)
        node = Node(
            id=node_id,
            kind=kind,
            element=node_id,
            line=drawn.sourceline or 0,
            name=source.template(drawn.get("name"), drawn),
            lane=lane,
            documentation=activities.documentation(drawn),
            default=(drawn.get("default") or "").strip() or None,
            properties=source.properties(drawn),
            is_compensation_handler=_true(drawn.get("isForCompensation")),
        )
        vendor.check(source, drawn)
        self.draft.xml[node_id] = drawn
        bound = service_of(source, drawn)
        if name in EVENTS and bound is not None:
            self._bound(node, drawn, bound)
        elif name in EVENTS:
            if not self._event(node, drawn, scope):
                return None
        elif kind not in GATEWAYS and bound is not None:
            self._bound(node, drawn, bound)
        elif kind not in GATEWAYS:
            node.inputs, node.outputs = io_mapping(source, drawn)
            node.only_outputs = source.is_zeebe and bool(node.outputs)
            self._activity(node, drawn, {**properties, **self.lanes.properties.get(lane, {})})
        elif kind is NodeKind.COMPLEX:
            activation = child(drawn, "activationCondition")
            node.activation = read_condition(source, activation, drawn) if activation is not None else None
        elif kind is NodeKind.EVENT_GATEWAY and (drawn.get("eventGatewayType") or "Exclusive") != "Exclusive":
            source.error("not_supported", REFUSED["parallelMultiple"], drawn)
        if kind in {NodeKind.RECEIVE_TASK, NodeKind.EVENT_GATEWAY} and _true(drawn.get("instantiate")):
            self.draft.instantiating.append((scope, node))
        if kind in GATEWAYS and source.extension(drawn, "inputOutput") is not None:
            source.warn(
                "vendor_ignored",
                "Mappings at a gateway are not computed. Write them at the task before it.",
                drawn,
            )
        node.listeners = read_listeners(source, drawn, node.kind)
        scope.nodes[node_id] = node
        return node

    def _id(self, drawn: etree._Element, name: str) -> str:
        node_id = (drawn.get("id") or "").strip()
        if not node_id:
            return self.source.new_id(f"{name}_without_id")
        if not ID.fullmatch(node_id):
            self.source.error(
                "id_invalid",
                f'"{node_id[:80]}" cannot be an id. Use at most 200 letters, digits, points, hyphens and underscores.',
                drawn,
            )
            return self.source.new_id(f"{name}_without_id")
        if node_id in self._taken:
            self.source.error(
                "duplicate_id",
                f'The id "{node_id}" is used twice. Give each element an id of its own.',
                drawn,
            )
            return self.source.new_id(node_id)
        self._taken.add(node_id)
        return node_id

    def _event(self, node: Node, drawn: etree._Element, scope: Scope) -> bool:
        """Fill an event; False when it becomes no node."""
        source = self.source
        definitions = event_definitions(drawn)
        events = read_events(source, self.definitions, drawn)
        node.event = next(iter(events), None)
        if len(definitions) > 1:
            return self._several(node, drawn, events)
        links = [d for d in definitions if local(d) == "linkEventDefinition"]
        inputs, outputs = io_mapping(source, drawn)
        if (
            node.kind in {NodeKind.THROW, NodeKind.END}
            and node.event
            and node.event.kind
            in {
                EventKind.MESSAGE,
                EventKind.SIGNAL,
            }
        ):
            node.event = _with_payload(node.event, inputs)
        else:
            node.inputs = inputs
        node.outputs = outputs
        node.only_outputs = source.is_zeebe and bool(outputs)
        match node.kind:
            case NodeKind.START:
                node.interrupting = _true(drawn.get("isInterrupting"), otherwise=True)
                starter = source.attribute(drawn, "initiator")
                node.initiator = source.variable(starter, drawn) if starter else None
            case NodeKind.CATCH | NodeKind.THROW if links and len(definitions) == 1:
                book = self.draft.catches if node.kind is NodeKind.CATCH else self.draft.throws
                book.setdefault(scope.id, []).append(((links[0].get("name") or "").strip(), node.id))
                node.kind = NodeKind.EXCLUSIVE
            case NodeKind.THROW if not definitions:
                node.kind = NodeKind.PASS
            case NodeKind.CATCH if not definitions:
                source.error(
                    "event_missing", "The event waits for nothing. Choose a message, timer or signal.", drawn
                )
            case NodeKind.BOUNDARY:
                return self._boundary(node, drawn, scope, definitions)
            case _:
                pass
        if node.kind in {NodeKind.THROW, NodeKind.END} and definitions:
            self._thrown_by_connector(node, drawn, definitions[0])
        return True

    def _several(self, node: Node, drawn: etree._Element, events: list[EventDef]) -> bool:
        """An event with several definitions is drawn out later, when its flows are known."""
        node.inputs, node.outputs = io_mapping(self.source, drawn)
        node.interrupting = _true(
            drawn.get("cancelActivity" if node.kind is NodeKind.BOUNDARY else "isInterrupting"),
            otherwise=True,
        )
        node.attached_to = (drawn.get("attachedToRef") or "").strip() or None
        if any(activities.read_service(self.source, drawn, one) for one in event_definitions(drawn)):
            self.source.error(
                "several_event_definitions",
                "The event has several definitions, and a connector. Draw one event for each.",
                drawn,
            )
        elif events:
            self.draft.several[node.id] = events
        return True

    def _thrown_by_connector(self, node: Node, drawn: etree._Element, definition: etree._Element) -> None:
        """A message event with a connector is a service task; an end event is one with an end behind it."""
        if local(definition) != "messageEventDefinition":
            return
        service = activities.read_service(self.source, drawn, definition)
        if service is not None:
            node.service = service
            node.inputs = node.event.payload if node.event else ()
            node.event = None
            node.kind = NodeKind.SERVICE_TASK

    def _boundary(
        self, node: Node, drawn: etree._Element, scope: Scope, definitions: list[etree._Element]
    ) -> bool:
        host = (drawn.get("attachedToRef") or "").strip()
        node.attached_to = host
        node.interrupting = _true(drawn.get("cancelActivity"), otherwise=True)
        if not definitions:
            self.source.error(
                "event_missing", "The boundary event waits for nothing. Choose what it catches.", drawn
            )
        if any(local(d) == "compensateEventDefinition" for d in definitions):
            self.draft.compensations.setdefault(scope.id, {})[node.id] = drawn
            return False
        if node.event and node.event.kind is EventKind.ERROR and not node.interrupting:
            self.source.error(
                "event_not_allowed",
                "An error always interrupts its activity. Set cancelActivity to true.",
                drawn,
            )
        return True

    def _bound(self, node: Node, drawn: etree._Element, binding: ServiceBinding) -> None:
        """An element that does what process.toml says, not what stands in it."""
        if not isinstance(binding, Skip):
            node.inputs, node.outputs = io_mapping(self.source, drawn)
            node.only_outputs = self.source.is_zeebe and bool(node.outputs)
        if local(drawn) not in EVENTS:
            self._repetition(node, drawn)
        stand_in(self.source, node, drawn, binding)

    def _repetition(self, node: Node, drawn: etree._Element) -> None:
        node.loop = read_multi_instance(self.source, drawn)
        for attribute in ("startQuantity", "completionQuantity"):
            if (drawn.get(attribute) or "1").strip() != "1":
                self.source.error("not_supported", REFUSED[attribute], drawn)

    def _activity(self, node: Node, drawn: etree._Element, inherited: dict[str, str]) -> None:
        source = self.source
        self._repetition(node, drawn)
        match node.kind:
            case NodeKind.USER_TASK:
                form = shown_form(source, drawn, self.process)
                node.work = activities.read_work(source, drawn, inherited, form=form)
                read_data_associations(source, drawn, node)
            case NodeKind.SERVICE_TASK:
                self._service(node, drawn)
            case NodeKind.SEND_TASK:
                node.event = message_of_task(source, self.definitions, drawn)
                service = activities.read_service(source, drawn)
                if service is not None:
                    node.kind, node.service, node.event = NodeKind.SERVICE_TASK, service, None
                elif node.event is not None:
                    node.event, node.inputs = _with_payload(node.event, node.inputs), ()
                elif not drawn.get("messageRef") and not self._computed(node, drawn) and not self._told(node):
                    self._no_connector(drawn, "send_without_message", "a message, or a connector")
            case NodeKind.RECEIVE_TASK:
                node.event = message_of_task(source, self.definitions, drawn)
                if node.event is None and not drawn.get("messageRef"):
                    node.event = EventDef(EventKind.MESSAGE, name=Expr(node.id, repr(node.id), constant=True))
            case NodeKind.SCRIPT_TASK:
                if source.extension(drawn, "taskDefinition", space=ZEEBE) is not None:
                    node.kind = NodeKind.SERVICE_TASK
                    self._service(node, drawn)
                else:
                    node.script, stored = activities.read_script_task(source, drawn)
                    node.outputs = (*stored, *node.outputs)
                    if stored:
                        node.kind = NodeKind.PASS
            case NodeKind.DECISION_TASK:
                node.decision = calls.read_decision(source, drawn)
                service = activities.read_service(source, drawn) if node.decision is None else None
                if service is not None:
                    node.kind, node.service = NodeKind.SERVICE_TASK, service
                elif node.decision is None and not self._told(node) and not self._computed(node, drawn):
                    self._no_connector(drawn, "decision_missing", "a DMN decision (decisionRef)")
            case NodeKind.PASS if is_work_item(drawn):
                node.kind = NodeKind.SERVICE_TASK
                self._service(node, drawn)
            case NodeKind.CALL_ACTIVITY:
                called = calls.read_called(source, drawn, node.inputs, node.outputs)
                if called is not None:
                    node.called, node.outputs = called
            case NodeKind.SUB_PROCESS | NodeKind.TRANSACTION:
                node.scope = Scope(id=node.id)
                if _true(drawn.get("triggeredByEvent")):
                    node.kind = NodeKind.EVENT_SUB_PROCESS
            case _:
                pass
        if node.kind is not NodeKind.USER_TASK:
            read_data_associations(source, drawn, node)

    def _service(self, node: Node, drawn: etree._Element) -> None:
        node.service = activities.read_service(self.source, drawn)
        if node.service is None and not self._computed(node, drawn) and not self._told(node):
            self._no_connector(
                drawn, "service_without_connector", "a connector, by the extension property connector"
            )

    def _computed(self, node: Node, drawn: etree._Element) -> bool:
        """Turn a task that only computes an expression into mappings of a node that passes on; False when it is none."""
        stored = activities.read_computation(self.source, drawn)
        if stored is None:
            return False
        node.kind, node.event = NodeKind.PASS, None
        node.outputs = (*stored, *node.outputs)
        return True

    def _told(self, node: Node) -> bool:
        """Whether a problem of this element already says why it has no way to run."""
        return any(p.element == node.element and p.code == "vendor_code" for p in self.source.problems[-12:])

    def _no_connector(self, drawn: etree._Element, code: str, what: str) -> None:
        line = service_line(self.source, drawn)
        self.source.error(code, f"The {local(drawn)} does not say what it does. Name {what}. {line}", drawn)

    def _flows(self, holder: etree._Element, scope: Scope) -> None:
        for drawn in holder:
            if local(drawn) != "sequenceFlow" or namespace(drawn) != namespace(self.source.root):
                continue
            flow_id = (drawn.get("id") or "").strip()
            element = flow_id
            if not flow_id:
                flow_id = self.source.new_id(
                    f"{drawn.get('sourceRef') or '?'}.to.{drawn.get('targetRef') or '?'}"
                )
            else:
                flow_id = self._id(drawn, "flow")
            vendor.check(self.source, drawn)
            ends = [self._end(drawn, scope, "sourceRef"), self._end(drawn, scope, "targetRef")]
            condition = child(drawn, "conditionExpression")
            expression = read_condition(self.source, condition, drawn) if condition is not None else None
            self.draft.flow_xml[flow_id] = drawn
            if ends[0] is not None and ends[1] is not None:
                listeners = read_listeners(self.source, drawn)
                add_flow(scope, Flow(flow_id, ends[0], ends[1], element, expression, listeners))
        if self.source.is_jbpm:
            for node in scope.nodes.values():
                node.outgoing.sort(key=self._rank)  # stable: equal ranks stay as drawn

    def _rank(self, flow_id: str) -> int:
        """jBPM looks at the conditions of a gateway by this number, the smallest first."""
        written = (self.draft.flow_xml[flow_id].get(f"{{{DROOLS}}}priority") or "").strip()
        return int(written) if written.isdecimal() and len(written) < 10 else 1

    def _end(self, drawn: etree._Element, scope: Scope, attribute: str) -> str | None:
        reference = (drawn.get(attribute) or "").strip()
        if reference in scope.nodes:
            return reference
        side = "begins" if attribute == "sourceRef" else "ends"
        if self.source.knows(reference):
            why = f'at "{reference}", which is on another level or is no place for a flow'
        else:
            why = f'at "{reference}", which does not exist' if reference else "nowhere"
        self.source.error(
            "flow_to_nowhere", f"The flow {side} {why}. Connect it to an element of its own level.", drawn
        )
        return None


def _true(text: str | None, *, otherwise: bool = False) -> bool:
    return otherwise if text is None else text.strip() in {"true", "1"}


def _with_payload(event: EventDef, payload: tuple[Assignment, ...]) -> EventDef:
    return replace(event, payload=(*event.payload, *payload))
