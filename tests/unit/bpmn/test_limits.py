"""Long chains, long lives and loops without an end."""

import threading
from collections.abc import Iterator
from itertools import pairwise

import pytest

from engine.bpmn.library import Deployed
from engine.bpmn.model import Flow, Node, NodeKind, Process, Scope
from engine.bpmn.spiff import run
from engine.bpmn.spiff.run import SpiffMachine
from engine.bpmn.spiff.scopes import end_scopes
from engine.bpmn.spiff.snapshot import FORMAT
from engine.bpmn.spiff.tokens import Case, Token
from engine.bpmn.spiff.tokens import Scope as TokenScope
from engine.bpmn.step import OpenTask, World
from engine.errors import Broken, Invalid, StepFailed
from tests.unit.bpmn.harness import MONDAY, EveryDayCalendar, Play, flow_if, flows, process, read

WORLD = World(MONDAY, EveryDayCalendar())


def chain(length: int, kind: NodeKind) -> Process:
    """Start, ``length`` nodes in a row, end."""
    scope = Scope("P")
    names = ["s", *(f"n{i}" for i in range(length)), "e"]
    for name in names:
        scope.nodes[name] = Node(name, kind, name)
    scope.nodes["s"].kind, scope.nodes["e"].kind = NodeKind.START, NodeKind.END
    for source, target in pairwise(names):
        flow = Flow(f"{source}_{target}", source, target, element=f"{source}_{target}")
        scope.flows[flow.id] = flow
        scope.nodes[source].outgoing.append(flow.id)
        scope.nodes[target].incoming.append(flow.id)
    return Process("P", "P", scope)


def test_two_thousand_elements_in_a_row_run_in_one_step() -> None:
    step = SpiffMachine(Deployed(chain(2_000, NodeKind.PASS))).start(WORLD, {})
    assert step.done
    assert len(step.happened) == 2_002 + 2_001


def test_two_thousand_user_tasks_in_a_row_run_and_stay_small() -> None:
    machine = SpiffMachine(Deployed(chain(2_000, NodeKind.USER_TASK)))
    step = machine.start(WORLD, {"name": "Ana"})
    first = len(step.snapshot)
    for _ in range(2_000):
        (task,) = step.waits
        step = machine.finish(WORLD, step.snapshot, task.token, {"name": "Ana"})
        assert len(step.snapshot) < first + 40
    assert step.done


def test_a_loop_that_never_waits_is_stopped() -> None:
    xml = process(
        '<startEvent id="s"/><exclusiveGateway id="m"/><exclusiveGateway id="g" default="g_e"/><endEvent id="e"/>'
        + flows("s m", "m g", "g e")
        + flow_if("g", "m", "${true}")
    )
    with pytest.raises(StepFailed) as failure:
        Play(xml)
    assert failure.value.problem_code == "step_budget_spent"
    assert failure.value.detail["element"] in ("m", "g")


LOOP = process(
    '<startEvent id="s"/><exclusiveGateway id="m"/><userTask id="t"/><exclusiveGateway id="g" default="g_m"/>'
    '<endEvent id="e"/>' + flows("s m", "m t", "t g", "g m") + flow_if("g", "e", "${stop}")
)


def test_a_snapshot_is_no_larger_after_a_thousand_rounds() -> None:
    case = Play(LOOP, data={"stop": False})
    first = len(case.step.snapshot)
    for _ in range(1_000):
        case.complete("t", stop=False)
    assert len(case.step.snapshot) < first + 40


def test_threads_share_a_machine_without_meeting() -> None:
    machine = SpiffMachine(Deployed(read(LOOP)))
    wrong: list[str] = []

    def live(person: str) -> None:
        step = machine.start(WORLD, {"stop": False, "who": person})
        for round_ in range(50):
            (task,) = step.waits
            step = machine.finish(WORLD, step.snapshot, task.token, {"round": round_})
            if step.data != {"stop": False, "who": person, "round": round_}:
                wrong.append(person)

    threads = [threading.Thread(target=live, args=(person,)) for person in ("Ana", "Bo", "Citra", "Dewi")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert wrong == []


def test_the_given_data_are_not_changed() -> None:
    data = {"stop": False, "list": [1]}
    case = Play(LOOP, data=data)
    case.complete("t", new=1)
    assert data == {"stop": False, "list": [1]}


@pytest.mark.parametrize("bad", [b"", bytes([FORMAT + 1]) + b"x", bytes([FORMAT]) + b"no compression"])
def test_bytes_that_are_no_snapshot_are_told_apart(bad: bytes) -> None:
    machine = SpiffMachine(Deployed(read(LOOP)))
    with pytest.raises(Broken):
        machine.variables(bad)


def test_a_snapshot_of_another_process_is_told_apart() -> None:
    other = process('<startEvent id="s"/><userTask id="x"/><endEvent id="e"/>' + flows("s x", "x e"), key="Q")
    with pytest.raises(Broken, match="has not"):
        SpiffMachine(Deployed(read(LOOP))).variables(Play(other).step.snapshot)


def test_a_finished_case_still_tells_its_variables() -> None:
    case = Play(LOOP)
    case.complete("t", stop=True, result="granted")
    assert case.done
    assert case.machine.variables(case.step.snapshot) == {"stop": True, "result": "granted"}
    assert case.machine.waits(case.world, case.step.snapshot) == ()


def test_a_start_event_that_is_not_there_is_refused() -> None:
    with pytest.raises(Invalid, match="nowhere"):
        SpiffMachine(Deployed(read(LOOP))).start(WORLD, {}, start="nowhere")


def test_a_start_event_may_be_named_by_its_element() -> None:
    step = SpiffMachine(Deployed(read(LOOP))).start(WORLD, {"stop": False}, start="s")
    assert isinstance(step.waits[0], OpenTask)


def test_instances_of_instances_are_stopped_before_they_fill_the_memory() -> None:
    many = "<multiInstanceLoopCharacteristics><loopCardinality>5000</loopCardinality></multiInstanceLoopCharacteristics>"
    xml = process(
        f'<startEvent id="s"/><subProcess id="sp">{many}<startEvent id="is"/><userTask id="u">{many}</userTask>'
        '<endEvent id="ie"/>'
        + flows("is u", "u ie")
        + '</subProcess><endEvent id="e"/>'
        + flows("s sp", "sp e")
    )
    with pytest.raises(StepFailed) as failure:
        Play(xml)
    assert failure.value.problem_code == "step_budget_spent"


PILE = '<startEvent id="s"/><exclusiveGateway id="m"/><parallelGateway id="p"/><endEvent id="e"/>' + flows(
    "s m", "m p", "p m", "p j", "j e"
)


@pytest.mark.parametrize("join", ["parallelGateway", "inclusiveGateway"])
def test_tokens_that_pile_up_at_a_join_are_not_counted_again_for_each_further_one(
    join: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0
    every = TokenScope.tokens

    def counted(scope: TokenScope) -> list[Token]:
        nonlocal looks
        looks += 1
        return every(scope)

    monkeypatch.setattr(TokenScope, "tokens", counted)
    with pytest.raises(StepFailed, match="Is this a loop"):
        Play(process(PILE + f'<{join} id="j"/><userTask id="u"/>' + flows("u j")))
    assert looks < 10


def test_a_signal_that_calls_for_itself_again_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0
    every = Case.tokens

    def counted(case: Case) -> Iterator[Token]:
        nonlocal looks
        looks += 1
        return every(case)

    monkeypatch.setattr(Case, "tokens", counted)
    echo = '<signalEventDefinition signalRef="g"/>'
    xml = process(
        f'<startEvent id="s"/><userTask id="u"/><endEvent id="e">{echo}</endEvent>'
        + flows("s u", "u e")
        + '<subProcess id="es" triggeredByEvent="true">'
        + f'<startEvent id="es_s" isInterrupting="false">{echo}</startEvent><endEvent id="es_e">{echo}</endEvent>'
        + flows("es_s es_e")
        + "</subProcess>",
        around='<signal id="g" name="g"/>',
    )
    case = Play(xml)
    with pytest.raises(StepFailed, match="Is this a loop"):
        case.complete("u")
    assert looks < 10


def test_scopes_that_are_over_end_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five hundred sub-processes that wait for nothing: nobody looks at all of them for the end of each."""
    rounds = 0

    def counted(case: Case) -> bool:
        nonlocal rounds
        rounds += 1
        return end_scopes(case)

    monkeypatch.setattr(run, "end_scopes", counted)
    many = "<multiInstanceLoopCharacteristics><loopCardinality>500</loopCardinality></multiInstanceLoopCharacteristics>"
    body = (
        f'<subProcess id="sp">{many}<startEvent id="is"/><endEvent id="ie"/>'
        + flows("is ie")
        + "</subProcess>"
    )
    case = Play(process('<startEvent id="s"/><endEvent id="e"/>' + body + flows("s sp", "sp e")), mode="kept")
    assert case.done
    assert case.passed().count("sp") == 501
    assert rounds <= 3
