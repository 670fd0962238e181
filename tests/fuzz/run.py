"""One damaged file: admission says what is wrong, or it builds and runs, alike on the engine and on the oracle."""

import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.bpmn.admit import Known, Upload, admit
from engine.bpmn.interpreter import build
from engine.bpmn.library import Deployed
from engine.bpmn.model import EventKind, Node, NodeKind, Process
from engine.bpmn.normalise import normalise
from engine.problems import Severity
from tests.fuzz.kept import lost
from tests.fuzz.mutate import mutate
from tests.oracle.generate import random_model
from tests.oracle.play import play_processes
from tests.oracle.shrink import Tape, shrink
from tests.unit.reading.house import house

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "models"
OWN_RANDOM = 40
PIECE = 50


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


def piece(first: int) -> list[str]:
    """What went wrong with PIECE damaged files from a seed on."""
    files, wrong = corpus(), []
    for seed in range(first, first + PIECE):
        try:
            one(seed, files)
        except Wrong as error:
            wrong.append(str(error))
    return wrong


def hang(_: int) -> list[str]:
    """Never comes back: for the test of the watchdog."""
    while True:
        pass


def look(damaged: bytes, name: str, seed: int) -> Outcome:
    """Admit, and when the file itself is in order build and run. Raises Wrong.

    What only this house lacks (a form that was not uploaded, a lane that leads nowhere) does not excuse the file.
    """
    try:
        admission = admit(Upload(name, damaged), known())
        reading = normalise(damaged, name)
    except Exception:
        raise Wrong(f"admission: {traceback.format_exc(limit=-4)}") from None
    codes = frozenset(problem.code for problem in admission.problems)
    wrong = [problem for problem in reading.problems if problem.severity is Severity.ERROR]
    if wrong:
        if not admission.errors:
            raise Wrong(f"admitted: though the reader refuses it: {wrong[0]}")
        return Outcome(refused=True, codes=codes)
    if gone := lost(damaged, reading.executable, reading.problems):
        raise Wrong(f"silent: {'; '.join(gone[:5])}")
    return Outcome(False, _run({process.key: process for process in reading.executable}, seed), codes)


def _run(processes: Mapping[str, Process], seed: int) -> bool:
    compared = False
    for process in processes.values():
        called = {key: other for key, other in processes.items() if key != process.key}
        everything = [process, *called.values()]
        if any(n.called and n.called.process not in processes for p in everything for n in p.nodes()):
            continue  # it calls what is deployed elsewhere
        if not process.scope.plain_starts() or not all(map(oracle_knows, everything)):
            build(process, called={key: Deployed(other) for key, other in called.items()}, decisions={})
            continue
        try:
            play_processes(process, called, Tape(seed), moves=12, orders=20)
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
    plain = not (node.listeners or node.initiator or node.only_outputs or (node.work and node.work.done_by))
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
