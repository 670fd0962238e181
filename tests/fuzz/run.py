"""One damaged file: admission says what is wrong, or it builds and runs, alike on the engine and on the oracle."""

import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.bpmn.admit import Admission, Known, Upload, admit
from engine.bpmn.model import EventKind, Node, NodeKind, Process
from tests.fuzz.kept import lost
from tests.fuzz.mutate import mutate
from tests.oracle.generate import random_model
from tests.oracle.play import play_processes
from tests.oracle.shrink import Tape, shrink
from tests.unit.reading.house import house

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "models"
OWN_RANDOM = 40


def known() -> Known:
    anything = {name: (lambda _: []) for name in ("http", "test")}
    return house(connectors=anything)


def corpus() -> list[tuple[str, bytes]]:
    """Files to damage: our own processes, random ones, and those of the models folder when it is there."""
    own = [(p.name, p.read_bytes()) for p in sorted(ROOT.glob("processes/*/*.bpmn"))]
    own += [(f"random{seed}.bpmn", random_model(seed, depth=3)[0]) for seed in range(OWN_RANDOM)]
    shared = [p for p in sorted(SHARED.rglob("*")) if p.name.endswith((".bpmn", ".bpmn20.xml", ".bpmn2"))]
    return own + [(p.name, p.read_bytes()) for p in shared]


@dataclass(frozen=True)
class Outcome:
    """``refused``: with errors. ``compared``: it ran on both sides; else it only had to be admitted and built."""

    refused: bool
    compared: bool = False
    codes: frozenset[str] = frozenset()


class Wrong(AssertionError):
    """A crash, a silent acceptance or a different course."""


def one(seed: int, files: list[tuple[str, bytes]]) -> Outcome:
    """Damage one file of ``files`` by the seed and look. Raises Wrong, with a small damage that shows the same."""
    name, content = files[seed % len(files)]
    tape = Tape(seed)
    damaged = mutate(content, tape)
    try:
        return look(damaged, name, seed)
    except Wrong as wrong:
        kind = str(wrong).split(":")[0]

        def same(tapes: tuple[list[int], ...]) -> bool:
            try:
                look(mutate(content, Tape(given=tapes[0])), name, seed)
            except Wrong as other:
                return str(other).split(":")[0] == kind
            return False

        (small,) = shrink((tape.drawn,), same, tries=60)
        raise Wrong(f"seed {seed} in {name}, tape {small}: {wrong}") from None


def look(damaged: bytes, name: str, seed: int) -> Outcome:
    """Admit, and when it is admitted build and run. Raises Wrong."""
    try:
        admission = admit(Upload(name, damaged), known())
    except Exception:
        raise Wrong(f"admission: {traceback.format_exc(limit=-4)}") from None
    codes = frozenset(problem.code for problem in admission.problems)
    if admission.errors:
        return Outcome(refused=True, codes=codes)
    processes = {admitted.process.key: admitted.process for admitted in admission.processes}
    if gone := lost(damaged, processes.values(), admission.problems):
        raise Wrong(f"silent: {'; '.join(gone[:5])}")
    return Outcome(False, _run(admission, processes, seed), codes)


def _run(admission: Admission, processes: Mapping[str, Process], seed: int) -> bool:
    compared = False
    for admitted in admission.processes:
        called = {key: p for key, p in processes.items() if key != admitted.process.key}
        everything = [admitted.process, *called.values()]
        if any(n.called and n.called.process not in processes for p in everything for n in p.nodes()):
            continue  # it calls what is deployed elsewhere
        if not admitted.process.scope.plain_starts() or not all(map(oracle_knows, everything)):
            continue
        try:
            play_processes(admitted.process, called, Tape(seed), moves=12)
        except AssertionError as difference:
            raise Wrong(f"course: {difference}") from None
        except Exception:
            raise Wrong(f"running: {traceback.format_exc(limit=-5)}") from None
        compared = True
    return compared


def oracle_knows(process: Process) -> bool:
    """Whether the oracle plays everything that is in a process."""
    return not process.scope.listeners and all(map(_known, process.nodes()))


def _known(node: Node) -> bool:
    plain = not (node.listeners or node.initiator or (node.work and node.work.done_by))
    decides = node.kind is NodeKind.DECISION_TASK or node.kind not in PLAYED
    timed = (
        node.event is not None
        and node.event.kind is EventKind.TIMER
        and "working" in (node.event.timer.code if node.event.timer else "")
    )
    return plain and not decides and not timed and len(node.scope.plain_starts() if node.scope else [0]) <= 1


PLAYED = frozenset(
    NodeKind(name)
    for name in (
        *(
            "start",
            "end",
            "catch",
            "throw",
            "boundary",
            "user_task",
            "receive_task",
            "send_task",
            "service_task",
        ),
        *(
            "script_task",
            "pass",
            "sub_process",
            "transaction",
            "event_sub_process",
            "call_activity",
            "exclusive",
        ),
        *("parallel", "inclusive", "event_gateway"),
    )
)
