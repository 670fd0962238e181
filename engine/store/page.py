"""Keyset pages: a page ends with a cursor that says where the next one begins, so nothing is skipped or shown twice."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import orjson

from engine.errors import Invalid

T = TypeVar("T")
R = TypeVar("R")

COUNT_CAP = 1000
"""Counts stop here: "1000+" is said as well, and costs no scan."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """``next`` is the cursor for the page after this one; None at the end."""

    items: Sequence[T]
    next: str | None


@dataclass(frozen=True, slots=True)
class Named:
    """A key with its names in both languages."""

    key: str
    name_id: str
    name_en: str

    def name(self, locale: str) -> str:
        return self.name_id if locale == "id" else self.name_en


def cursor(kind: str, *values: Any) -> str:
    """Text for a place in a list. ``kind`` names the list and its order."""
    return base64.urlsafe_b64encode(orjson.dumps([kind, *values])).decode().rstrip("=")


def place(kind: str, text: str, types: Sequence[type]) -> list[Any]:
    """The values of a cursor of this kind.

    Raises:
        Invalid: the text is no cursor of this list (code ``cursor_invalid``).
    """
    try:
        values = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError):
        values = None
    if (
        not isinstance(values, list)
        or values[:1] != [kind]
        or len(values) != len(types) + 1
        or not all(isinstance(v, t) for v, t in zip(values[1:], types, strict=True))
    ):
        raise Invalid(
            "This is no place in this list; begin again without “after”.", code="cursor_invalid", after=text
        )
    return values[1:]


def paged(rows: Sequence[R], limit: int, make: Callable[[R], T], at: Callable[[R], str]) -> Page[T]:
    """A page of ``limit`` from rows that were asked for one more than that."""
    shown = rows[:limit]
    return Page([make(row) for row in shown], at(shown[-1]) if len(rows) > limit else None)


def checked_limit(limit: int) -> int:
    """Raises Invalid when a page of this size cannot be had."""
    if not 1 <= limit <= 500:
        raise Invalid("A page has 1 to 500 rows.", code="limit_invalid", limit=limit)
    return limit
