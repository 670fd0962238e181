"""How badly each simulated system behaves: latency, error rate, outage, and an answer that is not JSON."""

import random
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

SYSTEMS = ("population", "tax", "spatial", "environment", "health", "fire")


class KnobsInvalid(ValueError):
    """A knob that does not exist or is out of range; the message says what is allowed."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One system's knobs.

    Attributes:
        latency_ms: added to each answer, 0 to 60,000.
        error_rate: share of calls answered 500, 0 to 1.
        outage: every call is answered 503.
        html: every call is answered 200 with an HTML page, as a captive portal or a broken proxy does.
    """

    latency_ms: int = 0
    error_rate: float = 0.0
    outage: bool = False
    html: bool = False


@dataclass(slots=True)
class Effect:
    """One thing a system really did: counted once however often the call was repeated."""

    key: str
    operation: str
    body: Mapping[str, Any]
    answer: Mapping[str, Any]
    status: int
    calls: int = 1


@dataclass(slots=True)
class Knobs:
    """The state of all six systems; thread-safe, changed while they run."""

    seed: int = 0
    _behaviour: dict[str, Behaviour] = field(default_factory=lambda: {name: Behaviour() for name in SYSTEMS})
    _effects: dict[tuple[str, str], Effect] = field(default_factory=dict)
    _calls: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SYSTEMS, 0))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _random: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self._random.seed(self.seed)

    def behaviour(self, system: str) -> Behaviour:
        with self._lock:
            return self._behaviour[known(system)]

    def turn(self, system: str, **changes: Any) -> Behaviour:
        """Change knobs of one system; the others stay.

        Raises:
            KnobsInvalid: an unknown system or knob, or a value out of range; nothing was changed.
        """
        checked = {name: _check(name, value) for name, value in changes.items()}
        with self._lock:
            self._behaviour[known(system)] = replaced = replace(self._behaviour[known(system)], **checked)
            return replaced

    def reset(self) -> None:
        """All systems well again, their memory of effects and calls empty."""
        with self._lock:
            self._behaviour = {name: Behaviour() for name in SYSTEMS}
            self._effects.clear()
            self._calls = dict.fromkeys(SYSTEMS, 0)
            self._random.seed(self.seed)

    def suffer(self, system: str) -> str | None:
        """Count a call, wait the latency, and say how it goes wrong: ``outage``, ``error``, ``html`` or None."""
        with self._lock:
            behaviour = self._behaviour[system]
            self._calls[system] += 1
            unlucky = behaviour.error_rate > 0 and self._random.random() < behaviour.error_rate
        if behaviour.latency_ms:
            time.sleep(behaviour.latency_ms / 1000)
        if behaviour.outage:
            return "outage"
        if behaviour.html:
            return "html"
        return "error" if unlucky else None

    def calls(self, system: str) -> int:
        with self._lock:
            return self._calls[known(system)]

    def effects(self, system: str) -> list[Effect]:
        with self._lock:
            return [effect for (name, _), effect in self._effects.items() if name == known(system)]

    def recall(self, system: str, key: str, operation: str) -> Effect | None:
        """The effect this key already had, counted as called once more; None when the key is new."""
        with self._lock:
            effect = self._effects.get((system, key))
            if effect is None or effect.operation != operation:
                return None
            effect.calls += 1
            return effect

    def remember(self, system: str, effect: Effect) -> None:
        with self._lock:
            self._effects[(system, effect.key)] = effect


def known(system: str) -> str:
    if system not in SYSTEMS:
        raise KnobsInvalid(f"no system {system!r}; there are {', '.join(SYSTEMS)}")
    return system


def _check(name: str, value: Any) -> Any:
    match name:
        case "latency_ms":
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 60_000:
                raise KnobsInvalid("latency_ms must be a whole number from 0 to 60000")
        case "error_rate":
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
                raise KnobsInvalid("error_rate must be a number from 0 to 1")
        case "outage" | "html":
            if not isinstance(value, bool):
                raise KnobsInvalid(f"{name} must be true or false")
        case _:
            raise KnobsInvalid(f"no knob {name!r}; there are latency_ms, error_rate, outage, html")
    return value
