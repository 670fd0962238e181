"""One line of the conformance report: a drawing about some elements of BPMN, and what Lintas does with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from engine.bpmn.admit import Upload, admit
from engine.bpmn.dmn import Table
from engine.bpmn.normalise import normalise
from engine.problems import Problem, Severity
from tests.unit.bpmn.harness import Play, process
from tests.unit.reading.house import house


class State(StrEnum):
    RUNS = "runs"
    REFUSED = "refused"  # at deployment, with a code at the element
    IGNORED = "ignored"  # with a warning at deployment; the rest runs
    DRAWN = "drawn"  # BPMN gives it no meaning for running: kept, shown, and nothing else


@dataclass(frozen=True)
class Case:
    """Attributes:
    id: of the test and of the line in the report.
    about: the elements and attributes of BPMN that the line stands for.
    body: inside <process>. around: beside it.
    code, at: of a problem, and the id of the element that it is told at.
    play: moves the case and asserts; also for IGNORED and DRAWN, whose rest must run.
    also: ids of further tests that execute it.
    """

    id: str
    group: str
    name: str
    about: tuple[str, ...]
    state: State
    body: str
    play: Callable[[Play], None] | None = None
    around: str = ""
    code: str = ""
    at: str = ""
    start: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    called: tuple[str, ...] = ()
    decisions: Mapping[str, Table] = field(default_factory=dict)
    also: tuple[str, ...] = ()

    @property
    def xml(self) -> str:
        return self.body if self.body.startswith("<definitions") else process(self.body, around=self.around)

    def problems(self) -> list[Problem]:
        """What a designer is told who uploads it."""
        return admit(Upload("drawn.bpmn", self.xml.encode()), house()).problems

    def check(self) -> None:
        """Asserts that Lintas does with the drawing what the line says."""
        if self.state is State.REFUSED:
            self._told(Severity.ERROR)
            return
        if self.state is State.IGNORED:
            self._told(Severity.WARNING)
        if self.state is State.DRAWN:
            assert not [
                p for p in normalise(self.xml.encode(), "drawn.bpmn").problems if p.severity is Severity.ERROR
            ]
        assert self.play is not None, "what is not refused must be played"
        self.play(Play(self.xml, *self.called, data=self.data, decisions=self.decisions, start=self.start))

    def _told(self, severity: Severity) -> None:
        found = self.problems()
        told = {(p.code, p.element) for p in found if p.severity is severity}
        assert (self.code, self.at) in told, (
            f"{self.id}: {told or 'nothing'} is told, not {self.code} at {self.at}"
        )
