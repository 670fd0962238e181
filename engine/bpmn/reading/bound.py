"""What process.toml puts in the place of an element's code, and the line to write there when it puts nothing yet."""

from collections.abc import Iterator

from lxml import etree

from engine.bpmn.bindings import (
    LISTENERS,
    SERVICES,
    TO_CONNECT,
    TO_DECIDE,
    TO_SEND,
    TO_SET,
    TO_SKIP,
    Compute,
    Connect,
    Decide,
    ListenerBinding,
    Send,
    ServiceBinding,
    Skip,
    single_spaced,
    to_write,
)
from engine.bpmn.model import Decision, EventDef, EventKind, Expr, Node, NodeKind, Service
from engine.bpmn.reading.dialects import DROOLS, ZEEBE
from engine.bpmn.reading.source import Source
from engine.bpmn.xml import child, children, local

WORKERS = frozenset({"serviceTask", "sendTask", "businessRuleTask", "scriptTask"})
WORK_ITEM = f"{{{DROOLS}}}taskName"
THROWERS = frozenset({"intermediateThrowEvent", "endEvent"})
CODE = ("class", "delegateExpression", "expression")


def service_of(source: Source, element: etree._Element) -> ServiceBinding | None:
    """What [services] says about an element that would run code: its id decides, then what it names."""
    if not source.book.bindings.services or not works(element):
        return None
    return source.book.service(*_service_keys(source, element))


def is_work_item(element: etree._Element) -> bool:
    """Whether a plain task is work for a handler of jBPM, which names it by ``drools:taskName``."""
    return local(element) == "task" and bool((element.get(WORK_ITEM) or "").strip())


def works(element: etree._Element) -> bool:
    """Whether [services] speaks of such an element: a task without people, or an event that throws a message."""
    name = local(element)
    return (
        name in WORKERS
        or is_work_item(element)
        or (name in THROWERS and child(element, "messageEventDefinition") is not None)
    )


def _service_keys(source: Source, element: etree._Element) -> Iterator[str | None]:
    yield element.get("id")
    for holder in (element, *children(element, "messageEventDefinition")):
        yield source.attribute(holder, "topic")
        task = source.extension(holder, "taskDefinition", space=ZEEBE)
        yield task.get("type") if task is not None else None
        for word in (*CODE, "type"):
            yield source.attribute(holder, word)
    yield source.properties(element).get("connector")
    yield element.get(WORK_ITEM)


def listener_of(source: Source, listener: etree._Element, at: etree._Element) -> ListenerBinding | None:
    """What [listeners] says about one listener of ``at``: the element's id decides, then what the listener names."""
    code = [source.attribute(listener, word) or listener.get(word) for word in CODE]
    scripts = [single_spaced(e.text or "") for e in listener if local(e) == "script"]
    return source.book.listener(at.get("id"), *code, *scripts)


def service_line(source: Source, element: etree._Element) -> str:
    """The sentence with the line of [services] that would bind ``element``."""
    key = next((k for k in _service_keys(source, element) if k), "")
    name = local(element)
    does = TO_DECIDE if name == "businessRuleTask" else TO_CONNECT
    sends = name in {"sendTask", *THROWERS}
    return to_write(SERVICES, key, does, *([TO_SEND] if sends else []), TO_SKIP)


def listener_line(element: etree._Element, *, sets: bool = True) -> str:
    """The sentence with the line of [listeners] that would bind those of ``element``. ``sets``: it may set variables."""
    return to_write(LISTENERS, element.get("id") or "", *([TO_SET] if sets else []), TO_SKIP)


def stand_in(source: Source, node: Node, element: etree._Element, binding: ServiceBinding) -> None:
    """Make ``node`` do what ``binding`` says. Its mappings are read already."""
    ends = node.kind is NodeKind.END
    node.event = None
    match binding:
        case Skip(reason):
            source.warn(
                "service_skipped",
                f'Nothing is done here, by process.toml: "{reason}". The element only passes on, without its mappings.',
                element,
            )
            node.inputs = node.outputs = ()
            node.kind = NodeKind.END if ends else NodeKind.PASS
        case Compute(values):
            node.outputs = (*values, *node.outputs)
            node.kind = NodeKind.PASS
        case Send(message, data, correlation):
            name = Expr(message, repr(message), constant=True)
            payload = (*data, *node.inputs)
            node.inputs = ()
            node.event = EventDef(EventKind.MESSAGE, name=name, correlation=correlation, payload=payload)
            node.kind = node.kind if node.kind in {NodeKind.END, NodeKind.THROW} else NodeKind.SEND_TASK
        case Decide(decision, result):
            node.decision = Decision(decision, result, "by_table")
            node.kind = NodeKind.DECISION_TASK
        case Connect():
            node.service = _service(source, element, binding)
            node.outputs = (*binding.results, *node.outputs)
            node.kind = NodeKind.SERVICE_TASK


def _service(source: Source, element: etree._Element, binding: Connect) -> Service:
    named = source.attribute(element, "resultVariable", "resultVariableName")
    result = binding.result or (source.variable(named, element) if named else None)
    return Service(
        connector=binding.connector,
        settings=binding.settings,
        expressions=source.templates(binding.settings, element),
        result_variable=result,
        retries=binding.retries,
        inputs=binding.inputs,
    )
