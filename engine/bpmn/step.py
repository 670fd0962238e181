"""What one run of the interpreter says: what now waits, what happened, and the state to keep."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

Data = Mapping[str, Any]
"""Variables: JSON values, plus date, datetime and Decimal."""


class Calendar(Protocol):
    """Working time of the agency that keeps the process's clock (engine.calendar has the implementation)."""

    def due_after(self, start: datetime, duration: str) -> datetime:
        """The moment when ``duration`` (ISO 8601: P5D working days, PT8H working hours) of working time is used up."""
        ...


@dataclass(frozen=True, slots=True)
class World:
    """What the interpreter is told from outside. It reads no clock and no network itself.

    ``actor``: user name of the person who moves the case; None when the house does (a timer, a partner's answer).
    ``business_key``: of the case, for expressions that ask for it.
    """

    now: datetime
    calendar: Calendar
    actor: str | None = None
    business_key: str | None = None


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A user task that waits for a person. Expressions are already evaluated. ``excluded``: user names that may not do it.

    ``process`` names the process whose model holds the node, whose routing and forms apply: "" = the case's own, else
    ``key#version`` of a called one.
    """

    token: str
    node: str
    element: str
    name: str
    lane: tuple[str, ...]
    form: str | None = None
    assignee: str | None = None
    candidate_users: tuple[str, ...] = ()
    candidate_groups: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    due_at: datetime | None = None
    follow_up_at: datetime | None = None
    priority: int = 50
    loop_index: int | None = None
    process: str = ""


@dataclass(frozen=True, slots=True)
class WantJob:
    """A service task that waits for a connector's answer. ``process`` as in ``OpenTask``."""

    token: str
    node: str
    element: str
    name: str
    connector: str
    lane: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    inputs: Data = field(default_factory=dict)
    retries: int | None = None
    process: str = ""


@dataclass(frozen=True, slots=True)
class SetDeadline:
    """A timer event that waits. ``due_at`` was computed once, when it was armed. A re-armed cycle has a new token."""

    token: str
    node: str
    element: str
    name: str
    due_at: datetime
    interrupting: bool = True
    attached_to: str | None = None  # element id of the host


@dataclass(frozen=True, slots=True)
class AwaitMessage:
    token: str
    node: str
    element: str
    name: str
    message: str
    correlation: str | None = None


@dataclass(frozen=True, slots=True)
class AwaitSignal:
    token: str
    node: str
    element: str
    name: str
    signal: str


Wait = OpenTask | WantJob | SetDeadline | AwaitMessage | AwaitSignal


class Happened(StrEnum):
    """What the interpreter tells history about; tasks, jobs and timers are told by the use-cases themselves."""

    PASSED = "passed"  # a node was left, in the order it happened
    FLOW = "flow"  # a sequence flow was taken
    CANCELLED = "cancelled"  # a node under way was interrupted
    DECIDED = "decided"  # detail: decision, table, policy, inputs, outputs, matched (rule ids), rules (places), required
    ERROR_CAUGHT = "error_caught"  # detail: code, message, caught (False: nobody did, and its scope ended)
    ESCALATED = "escalated"  # detail: code, caught


@dataclass(frozen=True, slots=True)
class Happening:
    kind: Happened
    element: str
    name: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Throw:
    """A message or signal that leaves the case. Signals have already reached this case's own catchers."""

    kind: str  # "message" | "signal"
    name: str
    data: Data = field(default_factory=dict)
    correlation: str | None = None
    element: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """The result of one run.

    Attributes:
        snapshot: opaque compressed bytes, first byte = format version; the definition is not in it.
        waits: the *whole* list of what the case now waits for.
        happened: in order.
        thrown: what leaves the case.
        data: the case's root variables now.
        done: True when nothing is left; then ``waits`` is empty.
        outcome: element id of the end event reached last at process level, when done.
        stuck: elements whose tokens wait for others that never come, when the case waits for nothing from outside and
            is not done: a mistake in the drawing that needs a person.
    """

    snapshot: bytes
    waits: tuple[Wait, ...]
    happened: tuple[Happening, ...] = ()
    thrown: tuple[Throw, ...] = ()
    data: Data = field(default_factory=dict)
    done: bool = False
    outcome: str | None = None
    stuck: tuple[str, ...] = ()


class Machine(Protocol):
    """A process version made ready to run; thread-safe, cached per version, holds no case.

    Each method runs until everything waits. It raises ``engine.errors.StepFailed`` when the model cannot go on, with the
    element; ``engine.errors.Conflict`` when ``token`` no longer waits. The given snapshot is never changed.
    """

    def start(self, world: World, data: Data, *, start: str | None = None) -> Step: ...

    def finish(self, world: World, snapshot: bytes, token: str, answers: Data) -> Step:
        """A person completed the task at ``token``."""
        ...

    def fire(self, world: World, snapshot: bytes, token: str) -> Step:
        """The deadline at ``token`` has passed."""
        ...

    def receive(self, world: World, snapshot: bytes, token: str, data: Data) -> Step:
        """A message reached the subscription at ``token``."""
        ...

    def signal(self, world: World, snapshot: bytes, name: str, data: Data) -> Step:
        """A signal from outside reaches every catcher of this case."""
        ...

    def update(self, world: World, snapshot: bytes, data: Data) -> Step:
        """The case's root variables change from outside; conditions that wait are looked at again."""
        ...

    def finish_job(self, world: World, snapshot: bytes, token: str, reply: Any) -> Step: ...

    def fail_job(self, world: World, snapshot: bytes, token: str, error: str, message: str) -> Step:
        """The job's answer is a BPMN error: caught by the nearest boundary event or event sub-process."""
        ...

    def catches(self, snapshot: bytes, token: str, error: str) -> bool:
        """Whether ``fail_job`` with this code would be caught."""
        ...

    def waits(self, world: World, snapshot: bytes) -> tuple[Wait, ...]: ...

    def variables(self, snapshot: bytes) -> Data:
        """The case's root variables."""
        ...

    def task_variables(self, snapshot: bytes, token: str) -> Data:
        """What the task at ``token`` sees: its locals over its scopes over the case."""
        ...
