"""What process.toml says about another engine's code: what runs here in its place, or why nothing has to.

Tables ``[services]``, ``[listeners]``, ``[expressions]`` and ``[forms]``; format: docs/howto/process-toml.md. Expressions in
them are in the sandbox's own language.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from engine.bpmn.model import Assignment, Expr
from engine.problems import Problem, Severity

SERVICES, LISTENERS, EXPRESSIONS, FORMS = TABLES = ("services", "listeners", "expressions", "forms")
TO_CONNECT = '{ connector = "http", system = "…", path = "/…" }'
TO_SEND = '{ message = "name of the message", data = { variable = "expression" } }'
TO_DECIDE = '{ decision = "id of an uploaded decision", result = "variable" }'
TO_SET = '{ set = { variable = "expression" } }'
TO_SKIP = '{ skip = "why it is not needed" }'
"""Examples of what may be written, for messages."""
MAX_LINE = 400
"""Characters of a line of process.toml that a message still shows."""
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Skip:
    """Nothing runs; ``reason`` is the designer's, shown with a warning."""

    reason: str


@dataclass(frozen=True, slots=True)
class Compute:
    """Variables get values."""

    values: tuple[Assignment, ...]


@dataclass(frozen=True, slots=True)
class Send:
    """A message leaves the case with ``data``."""

    message: str
    data: tuple[Assignment, ...] = ()
    correlation: Expr | None = None


@dataclass(frozen=True, slots=True)
class Connect:
    """A connector is asked.

    Attributes:
        inputs: what is sent beside the inputs mapped in the file.
        result: variable for the whole answer.
        results: mappings that see the answer as ``reply``.
    """

    connector: str
    settings: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[Assignment, ...] = ()
    result: str | None = None
    results: tuple[Assignment, ...] = ()
    retries: int | None = None


@dataclass(frozen=True, slots=True)
class Decide:
    """An uploaded decision is made; ``result``: variable for what it gives."""

    decision: str
    result: str


ServiceBinding = Connect | Compute | Send | Decide | Skip
ListenerBinding = Compute | Skip


@dataclass(frozen=True, slots=True)
class Bindings:
    """All four tables.

    Attributes:
        services, listeners: by element id, or by topic, job type, class, delegateExpression or expression as in the file.
        expressions: text in the file, with single spaces → expression or script in the sandbox's language.
        forms: form key in the file → key of an uploaded form.
        lines: (table, key) → line in process.toml.
    """

    services: Mapping[str, ServiceBinding] = field(default_factory=dict)
    listeners: Mapping[str, ListenerBinding] = field(default_factory=dict)
    expressions: Mapping[str, str] = field(default_factory=dict)
    forms: Mapping[str, str | Skip] = field(default_factory=dict)
    lines: Mapping[tuple[str, str], int] = field(default_factory=dict)


class BindingBook:
    """The bindings while an upload is read. Remembers which were asked for, so that a mistyped one can be told."""

    def __init__(self, bindings: Bindings | None = None) -> None:
        self.bindings = bindings or Bindings()
        self._used: set[tuple[str, str]] = set()

    def service(self, *keys: str | None) -> ServiceBinding | None:
        """The first of ``keys`` that has one; the same below."""
        return self._find(SERVICES, self.bindings.services, keys)

    def listener(self, *keys: str | None) -> ListenerBinding | None:
        return self._find(LISTENERS, self.bindings.listeners, keys)

    def names_listeners_of(self, element_id: str | None) -> bool:
        """Whether one entry speaks of all listeners of this element."""
        return element_id is not None and element_id in self.bindings.listeners

    def expression(self, *texts: str | None) -> str | None:
        return self._find(EXPRESSIONS, self.bindings.expressions, [t and single_spaced(t) for t in texts])

    def form(self, *keys: str | None) -> str | Skip | None:
        return self._find(FORMS, self.bindings.forms, keys)

    def _find(self, table: str, entries: Mapping[str, Found], keys: Iterable[str | None]) -> Found | None:
        for key in keys:
            if key and key in entries:
                self._used.add((table, key))
                return entries[key]
        return None

    def unused(self, file: str) -> list[Problem]:
        """A warning for each entry that nothing in the upload asked for."""
        return [
            Problem(
                line,
                "",
                "binding_unused",
                f'No element asks for [{table}] "{key[:120]}". Compare it with the file: an id, or the text exactly as it stands there.',
                Severity.WARNING,
                file,
            )
            for (table, key), line in self.bindings.lines.items()
            if (table, key) not in self._used
        ]


def single_spaced(text: str) -> str:
    """A text of the file as [expressions] names it: an XML file breaks its lines where it likes."""
    return " ".join(text.split())


def entry(key: str, value: str) -> str:
    """A line of process.toml, ready to be copied."""
    if BARE_KEY.fullmatch(key):
        return f"{key} = {value}"
    plain = "'" not in key and not any(ord(sign) < 32 for sign in key)
    return (
        f"'{key}' = {value}" if '"' in key and plain else f"{json.dumps(key, ensure_ascii=False)} = {value}"
    )


def to_write(table: str, key: str, *values: str, otherwise: str = "Or") -> str:
    """The sentence that tells a designer which line of process.toml would settle it."""
    lines = [entry(key, value) for value in values]
    if not key:
        return f"{otherwise} give the element an id, and bind it in process.toml under [{table}]."
    if len(lines[0]) > MAX_LINE:
        return f"{otherwise} write its whole text, and what to run instead, in process.toml under [{table}]."
    return f"{otherwise} write in process.toml under [{table}]: {', or '.join(lines)}."
