"""Pools and lanes: which names stand around each element."""

from dataclasses import dataclass, field

from lxml import etree

from engine.bpmn.model import Lane
from engine.bpmn.reading.source import Source
from engine.bpmn.xml import child, children


@dataclass(slots=True)
class LaneMap:
    """The lanes of one process.

    Attributes:
        lanes: all innermost lanes, and the pool when it has none.
        of: element id → path from pool to innermost lane.
        pool: the path of the pool, () when the process is in none.
        properties: path → extension properties of its lanes, inner over outer.
    """

    pool: tuple[str, ...] = ()
    lanes: list[Lane] = field(default_factory=list)
    of: dict[str, tuple[str, ...]] = field(default_factory=dict)
    properties: dict[tuple[str, ...], dict[str, str]] = field(default_factory=dict)


def participants(source: Source) -> dict[str, etree._Element]:
    """The pool of each process that has one: process id → participant. Pools without a process are black boxes."""
    found: dict[str, etree._Element] = {}
    for collaboration in children(source.root, "collaboration"):
        for participant in children(collaboration, "participant"):
            reference = (participant.get("processRef") or "").strip().rpartition(":")[2]
            if reference:
                found.setdefault(reference, participant)
            if child(participant, "participantMultiplicity") is not None:
                source.warn(
                    "pool_multiplicity",
                    "The pool stands for several partners; one is enough here.",
                    participant,
                )
    return found


def read_lanes(source: Source, process: etree._Element, pool: etree._Element | None) -> LaneMap:
    """The lanes of ``process``, nested ones and those of its sub-processes included."""
    lane_map = LaneMap(pool=(_name(pool),) if pool is not None else ())
    # a stack instead of recursion: nesting is the uploader's choice
    waiting: list[tuple[etree._Element, tuple[str, ...], dict[str, str]]] = []

    def enter(holder: etree._Element, path: tuple[str, ...], properties: dict[str, str], tag: str) -> None:
        for lane_set in children(holder, tag):
            waiting.extend((lane, path, properties) for lane in reversed(list(children(lane_set, "lane"))))

    enter(process, lane_map.pool, source.properties(pool) if pool is not None else {}, "laneSet")
    while waiting:
        lane, above, inherited = waiting.pop()
        path = (*above, _name(lane))
        properties = {**inherited, **source.properties(lane)}
        lane_map.properties[path] = properties
        inner = child(lane, "childLaneSet")
        if inner is None or child(inner, "lane") is None:
            lane_map.lanes.append(Lane(path, lane.get("id") or "", lane.sourceline or 0))
        for reference in children(lane, "flowNodeRef"):
            element = (reference.text or "").strip()
            known = lane_map.of.get(element)
            if known is not None and known != above and known != path[: len(known)]:
                source.warn(
                    "in_two_lanes",
                    f'Element "{element}" is in the lanes {"/".join(known)} and {"/".join(path)}; the first counts.',
                    lane,
                )
            elif known is None or len(path) > len(known):
                lane_map.of[element] = path
        enter(lane, path, properties, "childLaneSet")
    if pool is not None and not lane_map.lanes:
        lane_map.lanes.append(Lane(lane_map.pool, pool.get("id") or "", pool.sourceline or 0))
        lane_map.properties[lane_map.pool] = source.properties(pool)
    return lane_map


def _name(element: etree._Element) -> str:
    return " ".join((element.get("name") or "").split()) or element.get("id") or "?"
