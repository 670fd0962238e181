"""A case under the hands of a test: drawn in a few lines of BPMN, moved by what people, time and partners do."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from engine.bpmn.dmn import Table
from engine.bpmn.library import Deployed
from engine.bpmn.model import Process
from engine.bpmn.normalise import normalise
from engine.bpmn.spiff import snapshot as snapshot_of
from engine.bpmn.spiff.run import SpiffMachine
from engine.bpmn.spiff.tokens import STEP_BUDGET, Case
from engine.bpmn.step import (
    AwaitMessage,
    AwaitSignal,
    Happened,
    OpenTask,
    SetDeadline,
    Step,
    Throw,
    WantJob,
    World,
)
from engine.problems import Severity

T = TypeVar("T")

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

_HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:lintas="urn:lintas:bpmn:1" targetNamespace="t">'
)


class EveryDayCalendar:
    """Every day is a working day, from midnight to midnight."""

    def due_after(self, start: datetime, duration: str) -> datetime:
        return start + timedelta(days=int(duration.removeprefix("P").removesuffix("D")))


def flows(*pairs: str) -> str:
    """Sequence flows: ``flows("a b", "b c")``."""
    return "".join(_flow(*pair.split()) for pair in pairs)


def _flow(source: str, target: str) -> str:
    return f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}"/>'


def flow_if(source: str, target: str, condition: str) -> str:
    return (
        f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">'
        f"<conditionExpression><![CDATA[{condition}]]></conditionExpression></sequenceFlow>"
    )


def process(body: str, *, key: str = "P", around: str = "") -> str:
    return f'{_HEAD}<process id="{key}" isExecutable="true">{body}</process>{around}</definitions>'


def read(xml: str) -> Process:
    reading = normalise(xml.encode(), "test.bpmn")
    wrong = [problem for problem in reading.problems if problem.severity is Severity.ERROR]
    assert not wrong, "\n".join(problem.message for problem in wrong)
    return reading.executable[0]


class KeptMachine(SpiffMachine):
    """Keeps the case in memory between steps instead of reading it back."""

    kept: Case

    def _load(self, snapshot: bytes, world: World | None) -> Case:
        self.kept.world = world
        self.kept.happened, self.kept.thrown = [], []
        self.kept.left = STEP_BUDGET
        asked = snapshot_of._pasts_of(self.kept)  # what nothing can ask for any more is in no snapshot
        self.kept.pasts = {past: values for past, values in self.kept.pasts.items() if past in asked}
        self.kept._past_keys = None
        return self.kept

    def _run(self, case: Case) -> Step:
        self.kept = case
        return super()._run(case)


class Play:
    """One case. What a person sees is told by names: of tasks, messages, signals.

    ``mode``: "kept" = in memory all along; "reloaded" = read back before every step; "restarted" = and by a machine that
    was built anew, as after a restart of the server.
    """

    def __init__(
        self,
        xml: str,
        *called: str,
        mode: str = "reloaded",
        data: Mapping[str, Any] | None = None,
        decisions: Mapping[str, Table] | None = None,
        at: datetime = MONDAY,
        start: str | None = None,
    ) -> None:
        self.mode = mode
        self.process = read(xml)
        self.called = {p.key: p for p in map(read, called)}
        self.decisions = decisions or {}
        self.now = at
        self.happened: list[tuple[str, str]] = []
        self.thrown: list[Throw] = []
        self.machine = self._build()
        self.take(self.machine.start(self.world, data or {}, start=start))

    def _build(self) -> SpiffMachine:
        kind = KeptMachine if self.mode == "kept" else SpiffMachine
        called = {key: Deployed(process, decisions=self.decisions) for key, process in self.called.items()}
        return kind(Deployed(self.process, decisions=self.decisions), called)

    @property
    def world(self) -> World:
        return World(self.now, EveryDayCalendar())

    def take(self, step: Step) -> None:
        self.step = step
        self.happened += [(h.kind.value, h.element) for h in step.happened]
        self.thrown += step.thrown
        if self.mode == "restarted":
            self.machine = self._build()

    # What waits.

    def of(self, kind: type[T]) -> list[T]:
        return [wait for wait in self.step.waits if isinstance(wait, kind)]

    @property
    def tasks(self) -> list[str]:
        return sorted(task.name for task in self.of(OpenTask))

    @property
    def deadlines(self) -> list[SetDeadline]:
        return sorted(self.of(SetDeadline), key=lambda d: d.due_at)

    @property
    def messages(self) -> list[str]:
        return sorted(wait.message for wait in self.of(AwaitMessage))

    @property
    def signals(self) -> list[str]:
        return sorted(wait.signal for wait in self.of(AwaitSignal))

    @property
    def jobs(self) -> list[WantJob]:
        return self.of(WantJob)

    @property
    def data(self) -> Mapping[str, Any]:
        return self.step.data

    @property
    def done(self) -> bool:
        return self.step.done

    def task(self, name: str) -> OpenTask:
        return next(task for task in self.of(OpenTask) if task.name == name)

    def passed(self) -> list[str]:
        return [element for kind, element in self.happened if kind == Happened.PASSED]

    def cancelled(self) -> list[str]:
        return [element for kind, element in self.happened if kind == Happened.CANCELLED]

    # What is done to it.

    def complete(self, name: str, /, **answers: Any) -> None:
        self.take(self.machine.finish(self.world, self.step.snapshot, self.task(name).token, answers))

    def complete_all(self, names: Iterable[str]) -> None:
        for name in names:
            self.complete(name)

    def message(self, name: str, /, **data: Any) -> None:
        wait = next(wait for wait in self.of(AwaitMessage) if wait.message == name)
        self.take(self.machine.receive(self.world, self.step.snapshot, wait.token, data))

    def signal(self, name: str, /, **data: Any) -> None:
        self.take(self.machine.signal(self.world, self.step.snapshot, name, data))

    def answer(self, reply: Any) -> None:
        self.take(self.machine.finish_job(self.world, self.step.snapshot, self.jobs[0].token, reply))

    def fail(self, code: str, message: str = "", *, token: str | None = None) -> None:
        at = token or self.jobs[0].token
        self.take(self.machine.fail_job(self.world, self.step.snapshot, at, code, message))

    def fire(self) -> None:
        """The next deadline passes; its moment is now."""
        deadline = self.deadlines[0]
        self.now = max(self.now, deadline.due_at)
        self.take(self.machine.fire(self.world, self.step.snapshot, deadline.token))

    def wait_for(self, **time: float) -> None:
        """Time goes by; every deadline in it passes at its moment."""
        end = self.now + timedelta(**time)
        while self.deadlines and self.deadlines[0].due_at <= end:
            self.fire()
        self.now = end
