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
        entered: the processes and sub-processes whose lanes are in.
    """

    pool: tuple[str, ...] = ()
    lanes: list[Lane] = field(default_factory=list)
    of: dict[str, tuple[str, ...]] = field(default_factory=dict)
    properties: dict[tuple[str, ...], dict[str, str]] = field(default_factory=dict)
    entered: set[etree._Element] = field(default_factory=set)


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
    """The lanes of ``process`` itself; ``enter_lanes`` adds those of a sub-process when it is reached."""
    lane_map = LaneMap(pool=(_name(pool),) if pool is not None else ())
    if pool is not None:
        lane_map.properties[lane_map.pool] = source.properties(pool)
    enter_lanes(source, lane_map, process, lane_map.pool)
    if pool is not None and not lane_map.lanes:
        lane_map.lanes.append(Lane(lane_map.pool, pool.get("id") or "", pool.sourceline or 0))
    return lane_map


def enter_lanes(source: Source, lane_map: LaneMap, holder: etree._Element, around: tuple[str, ...]) -> None:
    """Add the lanes drawn in ``holder``, a process or a sub-process that stands in ``around``; once for each holder."""
    if holder in lane_map.entered:
        return
    lane_map.entered.add(holder)
    # a stack instead of recursion: nesting is the uploader's choice
    waiting = [(lane, around) for lane in _of(holder, "laneSet")]
    while waiting:
        lane, above = waiting.pop()
        path = (*above, _name(lane))
        lane_map.properties[path] = {**lane_map.properties.get(above, {}), **source.properties(lane)}
        inner = _of(lane, "childLaneSet")
        if not inner:
            lane_map.lanes.append(Lane(path, lane.get("id") or "", lane.sourceline or 0))
        for reference in children(lane, "flowNodeRef"):
            _put(source, lane_map, (reference.text or "").strip(), path, lane)
        waiting.extend((deeper, path) for deeper in inner)


def _of(holder: etree._Element, tag: str) -> list[etree._Element]:
    """The lanes of a holder's lane sets, last first: they are taken from the end."""
    return [lane for lanes in children(holder, tag) for lane in children(lanes, "lane")][::-1]


def _put(
    source: Source, lane_map: LaneMap, element: str, path: tuple[str, ...], lane: etree._Element
) -> None:
    known = lane_map.of.get(element, ())
    if known[: len(path)] == path:
        return  # an inner lane has it already
    if path[: len(known)] == known:
        lane_map.of[element] = path
        return
    source.warn(
        "in_two_lanes",
        f'Element "{element}" is in the lanes {"/".join(known)} and {"/".join(path)}; the first counts.',
        lane,
    )


def _name(element: etree._Element) -> str:
    return " ".join((element.get("name") or "").split()) or element.get("id") or "?"
