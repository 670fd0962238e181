"""Reads the tables of process.toml strictly: what is not known, or of the wrong kind, is a problem with its line."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from engine.problems import Problem, Severity

_KEY = r""""(?:[^"\\]|\\.)*"|'[^']*'|[\w-]+"""
_ENTRY = re.compile(rf"\s*({_KEY})\s*=")
_HEAD = re.compile(rf"\s*\[\s*({_KEY})\s*(?:\.\s*({_KEY})\s*)?\]")


class Reader:
    """One process.toml under way. Every problem is listed; nothing is raised."""

    def __init__(self, text: str, file: str) -> None:
        self.lines = text.splitlines()
        self.file = file
        self.problems: list[Problem] = []

    def wrong(self, key: str, message: str, *, line: int | None = None) -> None:
        """Report ``message``: at ``line``, else where ``key`` is written first (0 when it is not found)."""
        at = self._line(key) if line is None else line
        self.problems.append(Problem(at, "", "settings_invalid", message, Severity.ERROR, self.file))

    def _line(self, key: str) -> int:
        name = re.escape(key.rpartition(".")[2])
        pattern = re.compile(rf"""\s*\[?\s*(?:[\w."'-]*\.)?["']?{name}["']?\s*(?:=|\]|\.)""")
        return next((n for n, line in enumerate(self.lines, start=1) if pattern.match(line)), 0)

    def table(self, document: Mapping[str, Any], key: str, known: frozenset[str] | None) -> Mapping[str, Any]:
        """The table ``key``; ``known``: the names it may have, None for any."""
        found = document.get(key, {})
        if not isinstance(found, dict):
            self.wrong(key, f"{key} must be a table: write [{key}] on a line of its own.")
            return {}
        if known is not None:
            for name in found:
                if name not in known:
                    self.wrong(name, f"{key}.{name} is not known here; known are {', '.join(sorted(known))}.")
        return found

    def text(self, table: Mapping[str, Any], name: str, path: str) -> str | None:
        found = table.get(name)
        if found is None:
            return None
        if not isinstance(found, str) or not found.strip():
            self.wrong(name, f'{path} must be a text in quotes, like {name} = "…".')
            return None
        return found.strip()

    def texts(self, found: Any, path: str) -> tuple[str, ...]:
        if isinstance(found, str):
            found = [found]
        if not isinstance(found, list) or not all(isinstance(x, str) and x.strip() for x in found):
            self.wrong(path, f'{path} must be a list of texts, like ["front_office"].')
            return ()
        return tuple(x.strip() for x in found)

    def places(self, table: str) -> dict[str, int]:
        """Line of each entry of ``table``, by its key: ``key = …`` below ``[table]``, or ``[table.key]``."""
        return dict(reversed([*self._entries(table)]))

    def _entries(self, table: str) -> Iterator[tuple[str, int]]:
        inside = False
        for number, line in enumerate(self.lines, start=1):
            if head := _HEAD.match(line):
                here = _unquoted(head[1]) == table
                inside = here and head[2] is None
                if here and head[2] is not None:
                    yield _unquoted(head[2]), number
            elif inside and (entry := _ENTRY.match(line)):
                yield _unquoted(entry[1]), number


def _unquoted(key: str) -> str:
    if key[:1] not in "\"'":
        return key
    try:
        return str(tomllib.loads(f"key = {key}")["key"])
    except tomllib.TOMLDecodeError:
        return key
