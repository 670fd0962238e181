"""What a process keeps in memory of a database's unchanging parts: bounded, per database, shared by threads."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from engine.store.db import Database

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """Values by key, made once; the longest unused goes first when there are more than ``limit``."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._of: WeakKeyDictionary[Database, OrderedDict[K, V]] = WeakKeyDictionary()

    def get(self, database: Database, key: K, make: Callable[[], V]) -> V:
        """The value; ``make`` runs outside the lock, so two threads may make the same one, and either is right."""
        with self._lock:
            values = self._of.setdefault(database, OrderedDict())
            if key in values:
                values.move_to_end(key)
                return values[key]
        value = make()
        self.put(database, key, value)
        return value

    def put(self, database: Database, key: K, value: V) -> None:
        """Keep ``value`` in the place of what was there."""
        with self._lock:
            values = self._of.setdefault(database, OrderedDict())
            values[key] = value
            while len(values) > self._limit:
                values.popitem(last=False)
