"""What is drawn in a BPMN file, whether it can run or not: every element that a person sees, and where it stands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from lxml import etree

from engine.bpmn.xml import children, local, parse_bpmn


class DrawnKind(StrEnum):
    PROCESS = "process"
    POOL = "pool"
    LANE = "lane"
    FLOW = "flow"
    EVENT = "event"
    TASK = "task"
    GATEWAY = "gateway"
    SUB_PROCESS = "sub_process"
    DATA = "data"
    NOTE = "note"
    CHOREOGRAPHY = "choreography"
    CONVERSATION = "conversation"


@dataclass(frozen=True, slots=True)
class Drawn:
    """Attributes:
    element: its id. name: as drawn, or "".
    path: names from pool to innermost lane.
    empty: a pool that shows nothing inside.
    """

    kind: DrawnKind
    element: str
    name: str
    path: tuple[str, ...] = ()
    empty: bool = False


_SUB_PROCESSES = frozenset({"subProcess", "transaction", "adHocSubProcess", "callActivity"})
_PLAIN = {"textAnnotation": DrawnKind.NOTE, "lane": DrawnKind.LANE, "sequenceFlow": DrawnKind.FLOW}
_DATA = frozenset({"dataObject", "dataObjectReference", "dataStoreReference", "dataInput", "dataOutput"})


def outline(content: bytes, filename: str) -> list[Drawn]:
    """The pools, then every drawn element in the order of the file.

    Raises:
        XmlRefused: it is no BPMN file.
    """
    root = parse_bpmn(content, file=filename)
    collaborations = [e for e in root if local(e) in {"collaboration", "globalConversation", "choreography"}]
    pools = [p for holder in collaborations for p in children(holder, "participant")]
    names = {(p.get("processRef") or "").rpartition(":")[2]: _name(p) for p in pools}
    found = [
        Drawn(DrawnKind.POOL, p.get("id") or "", _name(p), empty=not (p.get("processRef") or "").strip())
        for p in pools
    ]
    for holder in root:
        pool = names.get(holder.get("id") or "") if local(holder) == "process" else None
        above = (pool,) if pool else ()
        if local(holder) == "process":
            found.append(Drawn(DrawnKind.PROCESS, holder.get("id") or "", _name(holder) or pool or ""))
        lanes = _lanes(holder, above)
        called = {e.get("id"): _name(e) for e in holder.iter(etree.Element) if e.get("id")}
        for element in holder.iter(etree.Element):
            kind = _kind(local(element))
            if kind is not None:
                path = next((lanes[e] for e in _outwards(element, holder) if e in lanes), above)
                name = _name(element) or (
                    _ends(element, called) if kind is DrawnKind.FLOW else _text(element)
                )
                found.append(Drawn(kind, element.get("id") or "", name, path))
    return found


def _outwards(element: etree._Element, holder: etree._Element) -> Iterator[str]:
    """The ids of the element and of what it stands in."""
    at: etree._Element | None = element
    while at is not None and at is not holder:
        yield at.get("id") or ""
        at = at.getparent()


def _lanes(holder: etree._Element, above: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Element id → path of its innermost lane; lanes come outer first."""
    of: dict[str, tuple[str, ...]] = {}
    paths: dict[etree._Element, tuple[str, ...]] = {}
    for lane in (e for e in holder.iter(etree.Element) if local(e) == "lane"):
        outer = next((paths[e] for e in lane.iterancestors() if e in paths), above)
        paths[lane] = (*outer, _name(lane) or lane.get("id") or "")
        of |= {(ref.text or "").strip(): paths[lane] for ref in children(lane, "flowNodeRef")}
    return of


def _kind(tag: str) -> DrawnKind | None:
    if tag.endswith(("choreography", "Choreography", "choreographyTask")):
        return DrawnKind.CHOREOGRAPHY if tag != "choreography" else None
    if tag in {"conversation", "subConversation", "callConversation"}:
        return DrawnKind.CONVERSATION
    if tag in _SUB_PROCESSES:
        return DrawnKind.SUB_PROCESS
    if tag in _DATA:
        return DrawnKind.DATA
    if tag in _PLAIN:
        return _PLAIN[tag]
    for ending, kind in (
        ("Gateway", DrawnKind.GATEWAY),
        ("Event", DrawnKind.EVENT),
        ("Task", DrawnKind.TASK),
    ):
        if tag.endswith(ending) or tag == ending.lower():
            return kind
    return None


def _name(element: etree._Element) -> str:
    return " ".join((element.get("name") or "").split())


def _ends(flow: etree._Element, called: Mapping[str | None, str]) -> str:
    """A flow without a name, by what it joins."""
    ends = [flow.get(end) or "" for end in ("sourceRef", "targetRef")]
    return " → ".join(called.get(end) or end for end in ends)


def _text(element: etree._Element) -> str:
    """What a note says."""
    return " ".join(" ".join((text.text or "").split()) for text in children(element, "text"))[:200]
