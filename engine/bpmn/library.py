"""Processes as they were deployed: each with its own decisions, and the versions that its calls mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.bpmn.dmn_table import Table
from engine.bpmn.model import Process


@dataclass(frozen=True, slots=True)
class Deployed:
    """One version of a process.

    Attributes:
        version: its number; 0 = it is not deployed yet.
        decisions: by decision id, those deployed with it: another process may have others of the same id.
        calls: node id of a call activity → name of the called version in the library; a node that is missing calls the
            one that is named as its process's key.
    """

    process: Process
    version: int = 0
    decisions: Mapping[str, Table] = field(default_factory=dict)
    calls: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """With its version, as far as it has one."""
        return name_of(self.process.key, self.version) if self.version else self.process.key


Library = Mapping[str, Deployed]
"""Versions by name: the process's key, or with several versions of one process ``key#version``."""

VERSION_MARK = "#"
"""Stands in no process key."""


def name_of(key: str, version: int) -> str:
    return f"{key}{VERSION_MARK}{version}"


def version_in(name: str) -> tuple[str, int]:
    """Key and number of a name with a version."""
    key, _, number = name.partition(VERSION_MARK)
    return key, int(number)
