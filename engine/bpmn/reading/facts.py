"""What a file says beside the process itself: what is drawn, what is defined, what a designer has silenced."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from engine.bpmn.xml import BPMN, local, namespace

DEFINED = frozenset({"message", "signal", "error", "escalation"})
IGNORE = "ignore"
"""The extension property by which a warning is silenced: ``code: reason``, several of them on lines or by ``;``."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A message, signal, error or escalation of the file. ``used``: some element refers to it."""

    kind: str
    id: str
    name: str
    line: int
    used: bool


@dataclass(frozen=True, slots=True)
class Silence:
    """What a designer wrote to silence warnings at one element. ``text`` is as it stands in the file."""

    element: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Of one file.

    Attributes:
        tags: element id → BPMN's word for it, e.g. ``exclusiveGateway``.
        lines: element id → line.
        labels: element id → its name, where it has one.
        shown: ids that have a shape or an edge in the diagram.
        definitions: in the file's order.
        silences: in the file's order.
        formless: ids of tasks for which process.toml says that they need no form.
    """

    tags: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    shown: frozenset[str] = frozenset()
    definitions: tuple[Definition, ...] = ()
    silences: tuple[Silence, ...] = ()
    formless: frozenset[str] = frozenset()


def read_facts(root: etree._Element) -> Facts:
    """One walk over the file."""
    tags: dict[str, str] = {}
    lines: dict[str, int] = {}
    labels: dict[str, str] = {}
    shown: set[str] = set()
    defined: list[etree._Element] = []
    references: set[str] = set()
    silences: list[Silence] = []
    for element in root.iter():
        word = local(element)
        if namespace(element) != BPMN:
            if word in {"BPMNShape", "BPMNEdge"}:
                shown.add(_plain(element.get("bpmnElement")))
            elif word == "property" and (element.get("name") or "").strip() == IGNORE:
                holder = _holder(element)
                text = element.get("value") or element.text or ""
                silences.append(Silence(holder.get("id") or "", element.sourceline or 0, text))
            continue
        if word in DEFINED and element.getparent() is root:
            defined.append(element)
        else:
            references.update(
                _plain(value) for key, value in element.attrib.items() if str(key).endswith("Ref")
            )
            if word.endswith("Ref"):
                references.add(_plain(element.text))
        found = element.get("id")
        if found:
            tags[found], lines[found] = word, element.sourceline or 0
            if label := " ".join((element.get("name") or "").split()):
                labels[found] = label
    return Facts(tags, lines, labels, frozenset(shown), _definitions(defined, references), tuple(silences))


def _definitions(elements: list[etree._Element], references: set[str]) -> tuple[Definition, ...]:
    """A definition may be referred to by its id, its code or its name, as events do."""
    found = []
    for element in elements:
        kind = local(element)
        names = {element.get(word) or "" for word in ("id", "name", f"{kind}Code")} - {""}
        found.append(
            Definition(
                kind,
                element.get("id") or "",
                (element.get("name") or element.get("id") or "").strip(),
                element.sourceline or 0,
                used=not names.isdisjoint(references),
            )
        )
    return tuple(found)


def _holder(prop: etree._Element) -> etree._Element:
    """The BPMN element whose extension a property is."""
    at: etree._Element | None = prop
    while at is not None and (namespace(at) != BPMN or local(at) == "extensionElements"):
        at = at.getparent()
    return prop if at is None else at


def _plain(reference: object) -> str:
    """A reference without the prefix that some tools write before it."""
    return str(reference or "").strip().rpartition(":")[2]
