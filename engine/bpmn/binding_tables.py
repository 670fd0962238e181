"""Reads the tables of process.toml that bind another engine's code to what runs here."""

from collections.abc import Mapping
from typing import Any

from engine.bpmn.bindings import (
    EXPRESSIONS,
    FORMS,
    LISTENERS,
    SERVICES,
    TABLES,
    Bindings,
    Compute,
    Connect,
    Decide,
    ListenerBinding,
    Send,
    ServiceBinding,
    Skip,
    single_spaced,
)
from engine.bpmn.expressions import Dialect, ExpressionInvalid, read_expression, read_script
from engine.bpmn.model import Assignment, Expr
from engine.bpmn.settings_reader import Reader

WAYS = ("connector", "set", "message", "decision", "skip")
_WITH: Mapping[str, frozenset[str]] = {
    "connector": frozenset({"inputs", "result", "results", "retries"}),  # and the connector's own settings
    "set": frozenset(),
    "message": frozenset({"data", "correlation"}),
    "decision": frozenset({"result"}),
    "skip": frozenset(),
}
MOST_RETRIES = 999


def read_bindings(reader: Reader, document: Mapping[str, Any]) -> Bindings:
    """The four tables of process.toml; what is wrong is reported to ``reader`` and left out."""
    tables = {name: reader.table(document, name, None) for name in TABLES}
    lines = {name: reader.places(name) for name in TABLES}
    read = {name: _Table(reader, name, lines[name]) for name in TABLES}
    services = {k: b for k, v in tables[SERVICES].items() if (b := read[SERVICES].service(k, v))}
    listeners = {k: b for k, v in tables[LISTENERS].items() if (b := read[LISTENERS].listener(k, v))}
    expressions: dict[str, str] = {}
    for written, found in tables[EXPRESSIONS].items():
        if single_spaced(written) in expressions:
            read[EXPRESSIONS].wrong(written, "stands here twice; spaces and line breaks do not count.")
        elif code := read[EXPRESSIONS].code(written, found):
            expressions[single_spaced(written)] = code
    forms = {k: f for k, v in tables[FORMS].items() if (f := read[FORMS].form(k, v))}
    kept: dict[str, Mapping[str, Any]] = {
        SERVICES: services,
        LISTENERS: listeners,
        EXPRESSIONS: expressions,
        FORMS: forms,
    }
    places = {
        (name, key): lines[name].get(written, 0)
        for name in TABLES
        for written in tables[name]
        if (key := single_spaced(written) if name == EXPRESSIONS else written) in kept[name]
    }
    return Bindings(services, listeners, expressions, forms, places)


class _Table:
    """Reads the entries of one table."""

    def __init__(self, reader: Reader, name: str, lines: Mapping[str, int]) -> None:
        self.reader, self.name, self.lines = reader, name, lines

    def wrong(self, key: str, message: str) -> None:
        self.reader.wrong(key, f'[{self.name}] "{key[:120]}" {message}', line=self.lines.get(key, 0))

    def service(self, key: str, found: Any) -> ServiceBinding | None:
        way = self._way(key, found, WAYS)
        match way:
            case "connector":
                return self._connect(key, found)
            case "message":
                return self._send(key, found)
            case "decision":
                return self._decide(key, found)
            case _:
                return self._plain(key, found, way)

    def listener(self, key: str, found: Any) -> ListenerBinding | None:
        return self._plain(key, found, self._way(key, found, ("set", "skip")))

    def form(self, key: str, found: Any) -> str | Skip | None:
        if isinstance(found, str) and found.strip():
            return found.strip()
        if isinstance(found, dict) and self._way(key, found, ("skip",)):
            return self._skip(key, found)
        if not isinstance(found, dict):
            self.wrong(key, 'must be the key of a form, "…", or { skip = "why no form is needed" }.')
        return None

    def code(self, key: str, found: Any) -> str | None:
        if not isinstance(found, str) or not found.strip():
            self.wrong(key, 'must be an expression or a script in quotes, like "amount > 1000".')
            return None
        try:
            read_expression(found.strip(), Dialect.SPIFF)
        except ExpressionInvalid as no_expression:
            try:
                read_script(found, None)
            except ExpressionInvalid:
                self.wrong(key, f"is not understood: {no_expression.message}")
                return None
        return found.strip()

    def _way(self, key: str, found: Any, ways: tuple[str, ...]) -> str | None:
        """Which of ``ways`` the entry goes: exactly one."""
        entries: Mapping[str, Any] = found if isinstance(found, dict) else {}
        told = [way for way in ways if way in entries]
        if len(told) != 1:
            known = ", ".join(f"{way} = …" for way in ways)
            self.wrong(key, f"must say one thing: {{ … }} with {'one of ' if len(ways) > 1 else ''}{known}.")
            return None
        [way] = told
        strange = [name for name in entries if name != way and name not in _WITH[way]]
        if way != "connector" and strange:
            self.wrong(key, f"has {strange[0]}, which is not known beside {way}.")
            return None
        return way

    def _plain(self, key: str, found: Any, way: str | None) -> Compute | Skip | None:
        match way:
            case "set":
                values = self._values(key, found, "set")
                return Compute(values) if values else None
            case "skip":
                return self._skip(key, found)
            case _:
                return None

    def _skip(self, key: str, found: Mapping[str, Any]) -> Skip | None:
        reason = self._text(key, found, "skip")
        return Skip(single_spaced(reason)) if reason else None

    def _send(self, key: str, found: Mapping[str, Any]) -> Send | None:
        message = self._text(key, found, "message")
        data = self._values(key, found, "data") if "data" in found else ()
        correlation = self._expression(key, found["correlation"]) if "correlation" in found else None
        return Send(message, data or (), correlation) if message and data is not None else None

    def _decide(self, key: str, found: Mapping[str, Any]) -> Decide | None:
        decision, result = self._text(key, found, "decision"), self._text(key, found, "result")
        if result is not None and not result.isidentifier():
            self.wrong(key, f'has result = "{result}", which is no name of a variable.')
            return None
        return Decide(decision, result) if decision and result else None

    def _connect(self, key: str, found: Mapping[str, Any]) -> Connect | None:
        connector = self._text(key, found, "connector")
        result = self._text(key, found, "result") if "result" in found else None
        inputs = self._values(key, found, "inputs") if "inputs" in found else ()
        results = self._values(key, found, "results") if "results" in found else ()
        retries = found.get("retries")
        if retries is not None and (type(retries) is not int or not 1 <= retries <= MOST_RETRIES):
            self.wrong(key, f"has retries = {retries!r}, which is no number from 1 to {MOST_RETRIES}.")
            return None
        if result is not None and not result.isidentifier():
            self.wrong(key, f'has result = "{result}", which is no name of a variable.')
            return None
        settings: dict[str, str] = {}
        for name, value in found.items():
            if name == "connector" or name in _WITH["connector"]:
                continue
            if not isinstance(value, str | int) or (isinstance(value, str) and not value.strip()):
                self.wrong(key, f"has {name} = …, which is no text and no whole number.")
                return None
            settings[name] = str(value).lower() if isinstance(value, bool) else str(value).strip()
        if not connector or inputs is None or results is None:
            return None
        return Connect(connector, settings, inputs, result, results, retries)

    def _text(self, key: str, found: Mapping[str, Any], name: str) -> str | None:
        text = found.get(name)
        if isinstance(text, str) and text.strip():
            return text.strip()
        self.wrong(key, f'has {name}, which must be a text in quotes, like {name} = "…".')
        return None

    def _values(self, key: str, found: Mapping[str, Any], name: str) -> tuple[Assignment, ...] | None:
        """``{ variable = "expression" }``; None when something in it is wrong."""
        table = found.get(name)
        if not isinstance(table, dict) or not table:
            self.wrong(
                key, f'has {name}, which must be a table, like {name} = {{ variable = "expression" }}.'
            )
            return None
        made = []
        for variable, text in table.items():
            if not variable.isidentifier():
                self.wrong(key, f'sets "{variable}", which is no name of a variable.')
                return None
            value = self._expression(key, text)
            if value is None:
                return None
            made.append(Assignment(variable, value))
        return tuple(made)

    def _expression(self, key: str, text: Any) -> Expr | None:
        if not isinstance(text, str) or not text.strip():
            self.wrong(
                key, f"has {text!r} where an expression in quotes is needed; write a text as \"'text'\"."
            )
            return None
        try:
            return read_expression(text.strip(), Dialect.SPIFF)
        except ExpressionInvalid as error:
            self.wrong(key, f"is not understood: {error.message}")
            return None
