"""What a DMN decision is once it is read: a decision table or one expression, and the decisions it needs."""

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
    """A decision. With ``literal`` it is that one expression and has no rules.

    Attributes:
        key: the decision's id.
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
    literal: Expr | None = None
    requires: tuple[str, ...] = ()
    file: str = ""
