"""The syntax tree that every expression language is read into."""

from dataclasses import dataclass
from typing import Any


class ExpressionInvalid(Exception):
    """The text is no expression we can run. ``message`` says which part and why, for the designer."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class Literal:
    """Text, a number, a truth value or null (None)."""

    value: Any


@dataclass(frozen=True, slots=True)
class Name:
    """A variable. ``maybe``: one that is not set is null, in every language."""

    name: str
    maybe: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    of: "Tree"
    name: str


@dataclass(frozen=True, slots=True)
class Index:
    of: "Tree"
    at: "Tree"


@dataclass(frozen=True, slots=True)
class Unary:
    """``op``: not, neg, empty."""

    op: str
    value: "Tree"


@dataclass(frozen=True, slots=True)
class Binary:
    """``op``: add sub mul div mod pow, eq ne lt le gt ge."""

    op: str
    left: "Tree"
    right: "Tree"


@dataclass(frozen=True, slots=True)
class Logic:
    """``op``: and, or; at least two parts, flat."""

    op: str
    parts: tuple["Tree", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    test: "Tree"
    yes: "Tree"
    no: "Tree"


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the language's own library; ``function`` is its name there, checked when read."""

    function: str
    args: tuple["Tree", ...]


@dataclass(frozen=True, slots=True)
class Method:
    """A method of plain data; ``name`` is one of the language's own, checked when read."""

    of: "Tree"
    name: str
    args: tuple["Tree", ...]


@dataclass(frozen=True, slots=True)
class IsSet:
    """Whether the case has a variable of this name."""

    name: str


@dataclass(frozen=True, slots=True)
class BusinessKey:
    """The business key of the case; null when it has none."""


@dataclass(frozen=True, slots=True)
class Items:
    items: tuple["Tree", ...]


@dataclass(frozen=True, slots=True)
class Context:
    """Named entries; each may read those before it."""

    entries: tuple[tuple[str, "Tree"], ...]


@dataclass(frozen=True, slots=True)
class Interval:
    """A range; a bound of None is open-ended."""

    low: "Tree | None"
    high: "Tree | None"
    low_included: bool
    high_included: bool


@dataclass(frozen=True, slots=True)
class Within:
    """``value in test, test …``: a test is a value, a list or an Interval."""

    value: "Tree"
    tests: tuple["Tree", ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """``list[condition]``; inside, ``item`` and the members of each item are visible."""

    of: "Tree"
    condition: "Tree"


@dataclass(frozen=True, slots=True)
class Each:
    """``kind``: for, some, every. ``name`` runs over ``over``; ``body`` is evaluated for each."""

    kind: str
    name: str
    over: "Tree"
    body: "Tree"


@dataclass(frozen=True, slots=True)
class Let:
    """``body`` with ``names`` given; a call of a function that the file defines is written so."""

    names: tuple[tuple[str, "Tree"], ...]
    body: "Tree"


@dataclass(frozen=True, slots=True)
class Function:
    """A function that the file defines: its body reads its parameters and nothing else."""

    parameters: tuple[str, ...]
    body: "Tree"


@dataclass(frozen=True, slots=True)
class Joined:
    """A template: the parts as text, one after the other."""

    parts: tuple["Tree", ...]


Tree = (
    Literal
    | Name
    | Member
    | Index
    | Unary
    | Binary
    | Logic
    | Choice
    | Call
    | Method
    | IsSet
    | BusinessKey
    | Items
    | Context
    | Interval
    | Within
    | Filter
    | Each
    | Let
    | Joined
)
