"""The engine against the oracle: random models, random schedules, every visible fact compared after every move.

``LINTAS_RANDOM_MODELS`` raises the number of models (``make test-long`` plays 20,000 on all cores). A model that differs is
shrunken and told whole; put what it shows into a test of its own once it is mended.
"""

import os
import random
from types import SimpleNamespace

import pytest

from engine.bpmn.sandbox import SandboxError
from tests.oracle.generate import BRANCHES, LEAVES, random_model
from tests.oracle.long import depth_of
from tests.oracle.oracle import Oracle
from tests.oracle.play import (
    BEGAN,
    DATA,
    Difference,
    Pair,
    agrees,
    play,
    play_seed,
    processes_of,
    world,
)
from tests.oracle.shrink import Tape

MODELS = int(os.environ.get("LINTAS_RANDOM_MODELS", "300"))
CHUNK = 50


@pytest.mark.parametrize("first", range(0, MODELS, CHUNK))
def test_random_models_run_alike_on_engine_and_oracle(first: int) -> None:
    for seed in range(first, min(first + CHUNK, MODELS)):
        play_seed(seed, depth=depth_of(seed))


def test_the_random_models_reach_every_construct() -> None:
    reached: set[str] = set()
    for seed in range(400):
        reached |= random_model(seed, depth=depth_of(seed))[1]
    ends = {
        f"end_{kind}" for kind in ("error", "escalation", "signal", "terminate", "compensation", "cancel")
    }
    assert {*BRANCHES, *LEAVES, *ends, "task", "event_sub_process", "collection", "completion"} <= reached
    assert {
        "output_collection",
        "compensation_by_event_sub_process",
        "compensation_event_sub_process",
    } <= reached


def a_pair_with_a_task() -> Pair:
    for seed in range(20):
        pair = Pair(*processes_of(random_model(seed, depth=3)[0]))
        if not pair.failed and pair.oracle.tasks():
            return pair
    raise AssertionError("none of twenty models begins with a task")


def test_an_oracle_that_forgets_a_wait_is_noticed() -> None:
    pair = a_pair_with_a_task()
    pair.compare()
    pair.oracle.root.tokens.clear()
    with pytest.raises(AssertionError, match="tasks"):
        pair.compare()


def test_a_variable_that_differs_is_noticed() -> None:
    pair = a_pair_with_a_task()
    pair.oracle.variables()["v0"] = 77
    with pytest.raises(AssertionError, match="variables"):
        pair.compare()


def test_a_machine_that_runs_differently_after_a_reload_is_noticed() -> None:
    pair = a_pair_with_a_task()
    pair.kept.kept.last_id += 1
    task = next(iter(pair.engine_sees().tasks))
    with pytest.raises(AssertionError, match="kept"):
        pair._on_engine("complete", task, {"v0": 1})


def test_a_model_that_differs_is_shrunken_to_a_few_elements(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oracle is made to lie about scripts; what is told is hardly more than a script."""
    lies = SimpleNamespace(execute=lambda *_, **__: {"v0": 99}, SandboxError=SandboxError)
    monkeypatch.setattr("tests.oracle.oracle.expressions", lies)
    seed = next(s for s in range(200) if "script" in random_model(s, depth=3)[1] and _differs(s))
    with pytest.raises(Difference) as told:
        play_seed(seed, depth=3, orders=5)
    small = str(told.value).partition("<process")[2].partition("</process>")[0]
    assert "<scriptTask" in small
    assert small.count("id=") < 12


def _differs(seed: int) -> bool:
    try:
        play(random_model(seed, depth=3)[0], Tape(seed))
    except AssertionError:
        return True
    return False


RACE = (
    b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t"><process id="P" '
    b'isExecutable="true"><startEvent id="s"/><parallelGateway id="p"/><subProcess id="sub"><startEvent id="is"/>'
    b"<scriptTask id='sc' scriptFormat='python'><script>v0 = v0 + 1</script></scriptTask>"
    b'<sequenceFlow id="f4" sourceRef="is" targetRef="sc"/></subProcess>'
    b'<intermediateThrowEvent id="x"><escalationEventDefinition escalationRef="e"/></intermediateThrowEvent>'
    b'<sequenceFlow id="f1" sourceRef="s" targetRef="p"/><sequenceFlow id="f2" sourceRef="p" targetRef="sub"/>'
    b'<sequenceFlow id="f3" sourceRef="p" targetRef="x"/>'
    b'<subProcess id="es" triggeredByEvent="true"><startEvent id="es_s"><escalationEventDefinition escalationRef="e"/>'
    b'</startEvent><userTask id="u" name="u"/><sequenceFlow id="f5" sourceRef="es_s" targetRef="u"/></subProcess></process>'
    b'<escalation id="e" escalationCode="e"/></definitions>'
)


def test_where_the_order_is_open_any_legal_one_may_be_taken() -> None:
    """A script in one branch, an interruption from the other: BPMN does not say which comes first."""
    ends = set()
    process, called = processes_of(RACE)
    for number in range(40):
        oracle = Oracle(process, DATA, world(BEGAN), called=called, order=random.Random(number))
        ends.add(oracle.variables()["v0"])
    assert ends == {0, 1}
    assert agrees(RACE, [], 40)
