"""Counts what a piece of work sends to the database: for tests and measurements."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event

from engine.store.db import Database


@dataclass
class Statements:
    """``sent``: SQL texts in order, without BEGIN. ``commits``: how many."""

    sent: list[str] = field(default_factory=list)
    commits: int = 0

    def __len__(self) -> int:
        return len(self.sent)


@contextmanager
def counted(database: Database) -> Iterator[Statements]:
    """What the database is sent while the block runs, from all threads."""
    seen = Statements()

    def on_statement(_connection: Any, _cursor: Any, sql: str, *_rest: Any) -> None:
        if not sql.startswith("BEGIN"):
            seen.sent.append(sql)

    def on_commit(_connection: Any) -> None:
        seen.commits += 1

    event.listen(database.engine, "before_cursor_execute", on_statement)
    event.listen(database.engine, "commit", on_commit)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", on_statement)
        event.remove(database.engine, "commit", on_commit)
