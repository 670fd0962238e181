"""Files that are long or deep: read whole, admitted, and played to their end."""

from itertools import pairwise

import pytest

from engine.bpmn.admit import Upload, admit
from engine.bpmn.interpreter import build
from engine.bpmn.step import OpenTask, World
from tests.unit.bpmn.harness import MONDAY, EveryDayCalendar, flows
from tests.unit.reading.files import process
from tests.unit.reading.house import house

WORLD = World(MONDAY, EveryDayCalendar())


def in_a_row(length: int) -> bytes:
    """Start, ``length`` nodes of every kind that waits for nothing but one user task in the middle, end."""
    kinds = ("task", "manualTask", "exclusiveGateway", "intermediateThrowEvent")
    names = ["s", *(f"n{i}" for i in range(length)), "e"]
    drawn = "".join(f'<{kinds[i % 4]} id="n{i}" name="n{i}"/>' for i in range(length) if i != length // 2)
    middle = f'<userTask id="n{length // 2}" name="middle"/>'
    ends = '<startEvent id="s"/><endEvent id="e"/>'
    return process(ends + drawn + middle + flows(*(f"{a} {b}" for a, b in pairwise(names))))


def nested(depth: int, inner: str = '<userTask id="u" name="inmost"/>', core: str = "u") -> bytes:
    """Sub-processes, one in the other, with a user task in the inmost."""
    xml = f'<startEvent id="s"/>{inner}<endEvent id="e"/>' + flows(f"s {core}", f"{core} e")
    for level in range(depth):
        sub = f"p{level}"
        xml = (
            f'<startEvent id="s{level}"/><subProcess id="{sub}">{xml}</subProcess><endEvent id="e{level}"/>'
            + flows(f"s{level} {sub}", f"{sub} e{level}")
        )
    return process(xml)


@pytest.mark.parametrize(
    ("content", "task", "passed"),
    [(in_a_row(2_000), "middle", 2_002), (nested(50), "inmost", 3 + 3 * 50)],
    ids=["2000_in_a_row", "50_deep"],
)
def test_a_long_and_a_deep_file_are_admitted_and_run_to_their_end(
    content: bytes, task: str, passed: int
) -> None:
    admission = admit(Upload("large.bpmn", content), house())
    assert not admission.errors
    [admitted] = admission.processes
    machine = build(admitted.process, called={}, decisions={})
    step = machine.start(WORLD, {})
    [wait] = step.waits
    assert isinstance(wait, OpenTask)
    assert wait.name == task
    last = machine.finish(WORLD, step.snapshot, wait.token, {})
    assert last.done
    told = [h for h in (*step.happened, *last.happened) if h.kind == "passed"]
    assert len(told) == passed


def test_what_is_nested_deeper_than_anybody_draws_is_refused_by_its_element() -> None:
    problems = admit(Upload("deep.bpmn", nested(80)), house()).errors
    assert [(p.code, p.element) for p in problems][:1] == [("too_deep", "p20")]
