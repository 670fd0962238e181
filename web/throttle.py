"""Slows down guessing of passwords: after ten failures for a name from one address, both wait."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from threading import Lock


class Throttle:
    """Counts failures a key in a sliding window. In memory: each server process counts by itself.

    Args:
        limit: failures that are let through in a window.
        window_s: length of the window in seconds.
        seconds: a clock that never goes back.
        most_keys: keys remembered; the longest unused are forgotten first.
    """

    def __init__(
        self,
        *,
        limit: int = 10,
        window_s: float = 900.0,
        seconds: Callable[[], float] = time.monotonic,
        most_keys: int = 10_000,
    ) -> None:
        self._limit, self._window_s, self._seconds, self._most_keys = limit, window_s, seconds, most_keys
        self._failures: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()
        self._lock = Lock()

    def wait_s(self, name: str, address: str) -> float:
        """Seconds until this name may be tried again from this address; 0 when it may be tried now."""
        with self._lock:
            failures = self._recent((name.casefold(), address))
            if failures is None or len(failures) < self._limit:
                return 0.0
            return max(0.0, failures[0] + self._window_s - self._seconds())

    def failed(self, name: str, address: str) -> None:
        """Remember a failure."""
        key = (name.casefold(), address)
        with self._lock:
            failures = self._recent(key)
            if failures is None:
                failures = self._failures[key] = deque(maxlen=self._limit)
            failures.append(self._seconds())
            self._failures.move_to_end(key)
            while len(self._failures) > self._most_keys:
                self._failures.popitem(last=False)

    def succeeded(self, name: str, address: str) -> None:
        """A right password forgives what came before it."""
        with self._lock:
            self._failures.pop((name.casefold(), address), None)

    def _recent(self, key: tuple[str, str]) -> deque[float] | None:
        failures = self._failures.get(key)
        if failures is None:
            return None
        oldest = self._seconds() - self._window_s
        while failures and failures[0] <= oldest:
            failures.popleft()
        if not failures:
            del self._failures[key]
            return None
        return failures
