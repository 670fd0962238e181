"""The interpreter's door: makes a process version ready to run. Which library runs it is known behind this door only."""

from collections.abc import Mapping

from engine.bpmn.dmn_table import Table
from engine.bpmn.library import Deployed, Library
from engine.bpmn.model import Process
from engine.bpmn.spiff.run import SpiffMachine
from engine.bpmn.step import Machine


def build(
    process: Process,
    *,
    called: Library,
    decisions: Mapping[str, Table],
    calls: Mapping[str, str] | None = None,
) -> Machine:
    """A machine for a process version; thread-safe, to be built once a version.

    Args:
        process: as read by the normaliser.
        called: every version that it or one of them calls; a process that calls itself need not be among them.
        decisions, calls: its own, as in ``Deployed``.

    Raises:
        ValueError: the model breaks its invariants or calls a process that is not given.
    """
    return SpiffMachine(Deployed(process, decisions=decisions, calls=calls or {}), called)
