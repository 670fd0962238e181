"""What a DMN decision is once it is read: a table, one expression or a boxed expression, and the decisions it needs."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from engine.bpmn.model import Expr


class HitPolicy(StrEnum):
    UNIQUE = "UNIQUE"
    FIRST = "FIRST"
    ANY = "ANY"
    PRIORITY = "PRIORITY"
    RULE_ORDER = "RULE ORDER"
    OUTPUT_ORDER = "OUTPUT ORDER"
    COLLECT = "COLLECT"


class Aggregation(StrEnum):
    SUM = "SUM"
    MIN = "MIN"
    MAX = "MAX"
    COUNT = "COUNT"


@dataclass(frozen=True, slots=True)
class Input:
    """A column that is compared.

    Attributes:
        label: what people read; key of the value in ``Decided.inputs``.
        variable: name of the value in the cells, besides ``?``.
        type_ref: the column's type, or "".
    """

    label: str
    value: Expr
    variable: str
    type_ref: str = ""


@dataclass(frozen=True, slots=True)
class Output:
    """A column that is the result. ``values``: from the most to the least important, for PRIORITY and OUTPUT ORDER."""

    name: str
    type_ref: str = ""
    values: tuple[Any, ...] = ()
    default: Expr | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: a condition for each input (None: anything), an expression for each output (None: nothing)."""

    id: str
    line: int
    tests: tuple[Expr | None, ...]
    results: tuple[Expr | None, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A decision. With ``logic`` it is that expression and has no rules.

    Attributes:
        key: the decision's id; of a table inside a boxed expression or a knowledge model, the id of that.
        variable: the name its result has for the decisions that need it, besides its key.
        requires: keys of the decisions whose results it reads; all of them are in the same file, without circles.
    """

    key: str
    name: str
    variable: str
    line: int
    hit_policy: HitPolicy = HitPolicy.UNIQUE
    aggregation: Aggregation | None = None
    inputs: tuple[Input, ...] = ()
    outputs: tuple[Output, ...] = ()
    rules: tuple[Rule, ...] = ()
    logic: "Logic | None" = None
    requires: tuple[str, ...] = ()
    file: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """A boxed context: named entries, of which each may read those before it. A last one without a name is the result."""

    entries: tuple[tuple[str, "Logic"], ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A boxed list. A relation is read as a list of contexts, one a row."""

    items: tuple["Logic", ...]


@dataclass(frozen=True, slots=True)
class Knowledge:
    """A business knowledge model: logic with parameters, which reads nothing else."""

    key: str
    name: str
    parameters: tuple[str, ...]
    logic: "Logic"


@dataclass(frozen=True, slots=True)
class Invocation:
    """A boxed invocation: what each parameter of the knowledge model is bound to."""

    of: Knowledge
    bindings: tuple[tuple[str, "Logic"], ...]


Logic = Expr | Table | Context | Listed | Invocation
"""What a decision, an entry or a knowledge model is made of."""
