"""Damages BPMN files: what a slip of the hand, a careless tool or an ill will may do to one."""

from collections.abc import Callable
from copy import deepcopy

from lxml import etree

from tests.oracle.shrink import Tape

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
REFERENCES = (
    *("sourceRef", "targetRef", "attachedToRef", "default", "messageRef", "signalRef", "errorRef"),
    *("escalationRef", "calledElement", "activityRef", "processRef"),
)
NAMES = (
    *(
        "task",
        "userTask",
        "serviceTask",
        "scriptTask",
        "subProcess",
        "transaction",
        "callActivity",
        "receiveTask",
    ),
    *("sendTask", "businessRuleTask", "manualTask", "adHocSubProcess", "exclusiveGateway", "parallelGateway"),
    *("inclusiveGateway", "complexGateway", "eventBasedGateway", "startEvent", "endEvent", "boundaryEvent"),
    *(
        "intermediateCatchEvent",
        "intermediateThrowEvent",
        "sequenceFlow",
        "association",
        "dataObject",
        "lane",
    ),
)
EVENTS = (
    *(
        "messageEventDefinition",
        "signalEventDefinition",
        "timerEventDefinition",
        "conditionalEventDefinition",
    ),
    *(
        "errorEventDefinition",
        "escalationEventDefinition",
        "terminateEventDefinition",
        "cancelEventDefinition",
    ),
    *("compensateEventDefinition", "linkEventDefinition", "telepathyEventDefinition"),
)
TEXTS = (
    *(
        "",
        " ",
        "0",
        "-1",
        "true",
        "false",
        "999999999999999999999",
        "R/PT0S",
        "PT1S",
        "P99999999Y",
        "=",
        "= 1",
    ),
    *(
        "${",
        "${}",
        "${1/0}",
        "${a.b.c}",
        "#{x}",
        "${'a' * 999999999}",
        "= [1,2",
        "${true}",
        "${v0 > 1}",
        "\u202e",
    ),
    *(
        "𝔘𝔫𝔦",
        "x" * 3_000,
        "../../etc/passwd",
        "<b>",
        "'; drop table t; --",
        "${" * 300,
        "((" * 200,
        "R99999/PT1H",
    ),
    *("2026-99-99", "working:P1D", "none", "None", "null", "P", "__import__('os')", "a b c", "ß", "e\u0301"),
)
FLAGS = ("true", "false", "1", "0", "yes", "")
SPACES = (
    BPMN,
    "http://camunda.org/schema/1.0/bpmn",
    "http://camunda.org/schema/zeebe/1.0",
    "http://flowable.org/bpmn",
    "urn:lintas:bpmn:1",
    "http://www.jboss.org/drools",
    "http://example.org/nobody",
    "",
)
Damage = Callable[[etree._Element, Tape], None]


def mutate(content: bytes, tape: Tape) -> bytes:
    """``content`` with one to six pieces of damage to its elements, and now and then some to its bytes."""
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    for _ in range(tape.choice((1, 1, 1, 2, 2, 4))):
        try:
            tape.choice(DAMAGES)(root, tape)
        except (ValueError, TypeError, AttributeError, IndexError):
            continue  # this file has nothing of the kind, or XML itself forbids it
    found = etree.tostring(root)
    return _bytes(found, tape) if tape.chance(5) else found


def _elements(root: etree._Element, *, named: Callable[[str], bool] = lambda _: True) -> list[etree._Element]:
    found = root.iter(f"{{{BPMN}}}*")
    return [e for e in found if e is not root and named(local(e))]


def local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def is_node(name: str) -> bool:
    return name.endswith(("Task", "Event", "Gateway", "ubProcess")) or name in (
        *("task", "transaction", "callActivity"),
    )


def _any(root: etree._Element, tape: Tape) -> etree._Element:
    return tape.choice(_elements(root))


def _node(root: etree._Element, tape: Tape) -> etree._Element:
    return tape.choice(_elements(root, named=is_node))


def _delete(root: etree._Element, tape: Tape) -> None:
    gone = _any(root, tape)
    gone.getparent().remove(gone)  # type: ignore[union-attr]


def _delete_attribute(root: etree._Element, tape: Tape) -> None:
    element = _any(root, tape)
    del element.attrib[tape.choice(sorted(map(str, element.attrib)))]


def _duplicate(root: etree._Element, tape: Tape) -> None:
    element = _any(root, tape)
    again = deepcopy(element)
    if tape.chance(50) and again.get("id"):
        again.set("id", f"{again.get('id')}_2")
    element.addnext(again)


def _rename_id(root: etree._Element, tape: Tape) -> None:
    element = tape.choice([e for e in _elements(root) if e.get("id")])
    others = [e.get("id") or "" for e in _elements(root) if e.get("id")]
    element.set("id", tape.choice([tape.choice(others), "", "1", "#root", "a b", "Start", "End", "x" * 300]))


def _swap_reference(root: etree._Element, tape: Tape) -> None:
    element, name = tape.choice([(e, r) for e in _elements(root) for r in REFERENCES if e.get(r)])
    ids = [e.get("id") or "" for e in _elements(root) if e.get("id")]
    element.set(name, tape.choice([tape.choice(ids), tape.choice(ids), "", "nowhere"]))


def _move(root: etree._Element, tape: Tape) -> None:
    """Into another scope, or to where no element of its kind belongs."""
    element = _node(root, tape)
    scopes = _elements(root, named=lambda name: name in ("process", "subProcess", "transaction"))
    anywhere = _elements(root)
    target = tape.choice(scopes) if tape.chance(60) else tape.choice(anywhere)
    if target is element or element in target.iterancestors():
        raise ValueError("into itself")
    target.append(element)


def _shuffle(root: etree._Element, tape: Tape) -> None:
    holder = tape.choice([e for e in (root, *_elements(root)) if len(e) > 1])
    children = list(holder)
    tape.shuffle(children)
    for child in children:
        holder.append(child)


def _other_kind(root: etree._Element, tape: Tape) -> None:
    element = _any(root, tape)
    element.tag = f"{{{BPMN}}}{tape.choice(EVENTS if local(element).endswith('EventDefinition') else NAMES)}"


def _other_event(root: etree._Element, tape: Tape) -> None:
    event = tape.choice(_elements(root, named=lambda name: name.endswith("Event")))
    if tape.chance(60):
        for definition in [e for e in event if local(e).endswith("EventDefinition")]:
            event.remove(definition)
    etree.SubElement(event, f"{{{BPMN}}}{tape.choice(EVENTS)}")


def _flag(root: etree._Element, tape: Tape) -> None:
    name = tape.choice(
        (
            "cancelActivity",
            "isInterrupting",
            "triggeredByEvent",
            "isForCompensation",
            "isExecutable",
            "instantiate",
        )
    )
    _node(root, tape).set(name, tape.choice(FLAGS))


def _attribute_text(root: etree._Element, tape: Tape) -> None:
    element = tape.choice([e for e in root.iter() if isinstance(e.tag, str) and e.attrib])
    element.set(tape.choice(sorted(map(str, element.attrib))), tape.choice(TEXTS))


def _text(root: etree._Element, tape: Tape) -> None:
    element = tape.choice([e for e in root.iter() if isinstance(e.tag, str) and (e.text or "").strip()])
    text = element.text or ""
    cut = tape.draw(len(text))
    element.text = tape.choice([tape.choice(TEXTS), text[:cut], text[cut:], text + text, text.swapcase()])


def _marker(root: etree._Element, tape: Tape) -> None:
    """Many instances, or a loop, where there were none."""
    loop = etree.SubElement(
        _node(root, tape),
        f"{{{BPMN}}}{tape.choice(['multiInstanceLoopCharacteristics', 'standardLoopCharacteristics'])}",
    )
    inner = tape.choice(["loopCardinality", "loopCondition", "completionCondition", "loopDataInputRef"])
    etree.SubElement(loop, f"{{{BPMN}}}{inner}").text = tape.choice(("2", "${v0 < 1}", *TEXTS))


def _namespace(root: etree._Element, tape: Tape) -> None:
    element = tape.choice([e for e in root.iter() if isinstance(e.tag, str)])
    space = tape.choice(SPACES)
    element.tag = f"{{{space}}}{local(element)}" if space else local(element)


def _vendor_word(root: etree._Element, tape: Tape) -> None:
    words = (
        "class",
        "expression",
        "assignee",
        "topic",
        "type",
        "collection",
        "resultVariable",
        "asyncBefore",
        "oddity",
    )
    _node(root, tape).set(f"{{{tape.choice(SPACES[1:6])}}}{tape.choice(words)}", tape.choice(TEXTS))


def _crowd(root: etree._Element, tape: Tape) -> None:
    """A hundred of one thing, side by side or one in the other."""
    element, nested = _any(root, tape), tape.chance(50)
    at, one = element, deepcopy(element)
    if sum(1 for _ in one.iter()) > 40:
        raise ValueError("too much of it")
    for number in range(100):
        again = deepcopy(one)
        if again.get("id"):
            again.set("id", f"{again.get('id')}_{number}")
        (at.append if nested else at.addnext)(again)
        at = again


def _bytes(content: bytes, tape: Tape) -> bytes:
    """Cut short, or a few bytes changed."""
    if tape.chance(30):
        return content[: tape.draw(len(content))]
    damaged = bytearray(content)
    for _ in range(tape.randrange(1, 5)):
        damaged[tape.draw(len(damaged))] = tape.draw(256)
    return bytes(damaged)


DAMAGES: tuple[Damage, ...] = (
    *(_delete, _delete, _delete_attribute, _delete_attribute, _duplicate, _rename_id, _swap_reference),
    *(_swap_reference, _move, _move, _shuffle, _other_kind, _other_event, _flag, _attribute_text, _text),
    *(_text, _marker, _namespace, _vendor_word, _crowd),
)
