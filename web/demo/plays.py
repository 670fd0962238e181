"""What is to happen in a case of the demonstration: who does what, in which order, how fast, and where it stops."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Complete:
    """Somebody completes the open task at ``element``; ``by`` a user name, else whoever may."""

    element: str
    answers: Mapping[str, Any] = field(default_factory=dict)
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody takes the open task at ``element`` and leaves it lying."""

    element: str
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Send:
    """A message from outside reaches the case."""

    name: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pass:
    """Time goes by; timers fire."""

    time: timedelta


@dataclass(frozen=True, slots=True)
class Cancel:
    """The owner ends the case for a reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class Turn:
    """A partner's system changes: ``outage`` and the other knobs of the simulators."""

    system: str
    knobs: Mapping[str, Any]


Act = Complete | Claim | Send | Pass | Cancel | Turn


@dataclass(frozen=True, slots=True)
class Play:
    """One case.

    Attributes:
        name: what the demonstration calls it.
        process: key. data: for the start. business_key: the authority's number.
        starts_at: when, on the clock of the rehearsal.
        acts: in order. pace: working time between two acts.
    """

    name: str
    process: str
    business_key: str
    starts_at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    acts: tuple[Act, ...] = ()
    pace: timedelta = timedelta(hours=1)
