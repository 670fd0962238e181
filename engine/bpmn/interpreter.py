"""The interpreter's door: makes a process version ready to run. Which library runs it is known behind this door only."""

from collections.abc import Mapping

from engine.bpmn.dmn import Table
from engine.bpmn.model import Process
from engine.bpmn.spiff.run import SpiffMachine
from engine.bpmn.step import Machine


def build(process: Process, *, called: Mapping[str, Process], decisions: Mapping[str, Table]) -> Machine:
    """A machine for a process version; thread-safe, to be built once a version.

    Args:
        process: as read by the normaliser.
        called: the processes that call activities name, by key, in the version bound at deployment; a
            process that calls itself need not be among them.
        decisions: the decision tables deployed with it, by decision id.

    Raises:
        ValueError: the model breaks its invariants or calls a process that is not given.
    """
    return SpiffMachine(process, called, decisions)
