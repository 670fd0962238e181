"""The whole contract for connector authors. Standard library only.

A connector makes one call to a partner's system for one job. It is called with no transaction open, may be called
again for the same job (same ``idempotency_key``), and answers in one of three ways: a ``Reply``, ``TryAgain`` (the
partner may succeed later) or ``Refused`` (a repeat cannot help). Nothing else may leave ``run``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class System:
    """A partner's system as an administrator set it up; a model names it, never its address.

    Attributes:
        key: the name that models use, e.g. ``population``.
        base_url: where it answers, without a trailing slash.
        timeout_s: limit of one attempt, connect to last byte.
        headers: sent with every call (credentials come from files, never from a model).
        recognises_repeats: False when the partner cannot tell a repeat; then an unknown outcome is not retried.
    """

    key: str
    base_url: str
    timeout_s: float = 10.0
    headers: Mapping[str, str] = field(default_factory=dict)
    recognises_repeats: bool = True


@dataclass(frozen=True, slots=True)
class Call:
    """One attempt of one job.

    Attributes:
        idempotency_key: the same in every attempt of this job.
        attempt: 1 for the first.
        system: the partner named by the model's ``system``, or None when it names none.
        settings: what the model's service task says besides its inputs (``method``, ``path`` …), texts.
        inputs: the task's input mapping, evaluated; JSON values.
        case_id, element_id: for the partner's log and ours.
    """

    idempotency_key: str
    attempt: int
    system: System | None
    settings: Mapping[str, str]
    inputs: Mapping[str, Any]
    case_id: str
    element_id: str


@dataclass(frozen=True, slots=True)
class Reply:
    """The partner answered.

    Attributes:
        data: JSON value; the model's output mapping sees it as ``reply``.
        error: a BPMN error code when the answer is a business "no" that the model may catch, else None.
    """

    data: Any = None
    error: str | None = None


class TryAgain(Exception):
    """The call failed in a way that may pass: outage, time-out, overload.

    Args:
        reason: one sentence without personal data; it is kept in history and shown to operators.
        after_s: the partner's own wish (Retry-After), else None.
        outcome_unknown: True when the request may have reached the partner.
    """

    def __init__(self, reason: str, *, after_s: float | None = None, outcome_unknown: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.after_s, self.outcome_unknown = reason, after_s, outcome_unknown


class Refused(Exception):
    """The call cannot succeed as it stands: rejected input, wrong settings, an answer that is not understood."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Connector(Protocol):
    """What ``web/wiring.py`` registers under a name."""

    def run(self, call: Call) -> Reply: ...

    def problems(self, settings: Mapping[str, str]) -> list[str]:
        """What is wrong with a model's settings for this connector, one sentence each; asked at deployment."""
        ...
