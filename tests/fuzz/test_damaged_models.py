"""Damaged files are refused by name, or admitted with everything they say and then run alike on engine and oracle.

``make test-long`` damages many more. The models folder is read when it is there; our own files always.
"""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.kept import lost
from tests.fuzz.mutate import mutate
from tests.fuzz.run import PIECE, SHARED, corpus, hang, look, piece
from tests.oracle.long import watched
from tests.oracle.shrink import Tape
from tests.unit.bpmn.harness import read

FILES = corpus()
DAMAGED = 100
LONGEST_S = 240
"""For a piece of damaged files: far more than it takes, so that only what hangs meets it."""


@pytest.mark.parametrize("first", range(0, DAMAGED, PIECE))
def test_a_damaged_file_is_refused_by_name_or_runs_alike(first: int) -> None:
    """In a process of its own, which is killed when it does not come back."""
    assert watched(piece, first, seconds=LONGEST_S) == []


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(FILES), st.lists(st.integers(0, 400), max_size=40))
def test_any_damage_is_refused_by_name_or_runs_alike(file: tuple[str, bytes], tape: list[int]) -> None:
    name, content = file
    look(mutate(content, Tape(given=tape)), name, seed=1)


def test_the_models_folder_is_damaged_too() -> None:
    if not SHARED.is_dir():
        pytest.skip("the models folder is not here")
    assert len(FILES) > 60


XML = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t"><process id="P" '
    'isExecutable="true"><startEvent id="s"/><userTask id="u"/><sequenceFlow id="f" sourceRef="s" targetRef="u"/>'
    "</process></definitions>"
)


@pytest.mark.parametrize("gone", ["node", "flow", "event", "loop"])
def test_what_is_left_out_of_a_model_is_noticed(gone: str) -> None:
    model = read(XML)
    said = XML
    match gone:
        case "node":
            said = XML.replace('<userTask id="u"/>', '<userTask id="u"/><userTask id="v"/>')
        case "flow":
            said = XML.replace("</process>", '<sequenceFlow id="g" sourceRef="u" targetRef="s"/></process>')
        case "event":
            said = XML.replace(
                '<startEvent id="s"/>', '<startEvent id="s"><signalEventDefinition/></startEvent>'
            )
        case "loop":
            marker = "<multiInstanceLoopCharacteristics/>"
            said = XML.replace('<userTask id="u"/>', f'<userTask id="u">{marker}</userTask>')
    assert lost(XML.encode(), [model], []) == []
    assert len(lost(said.encode(), [model], [])) == 1


def test_the_watchdog_ends_what_hangs() -> None:
    with pytest.raises(AssertionError, match="killed"):
        watched(hang, 7, seconds=2)
