"""Decides by DMN: which rules of a table match, what its hit policy makes of them, with the decisions it needs first."""

from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from engine.bpmn.dmn_reading import read_decisions
from engine.bpmn.dmn_table import (
    Aggregation,
    Context,
    HitPolicy,
    Input,
    Invocation,
    Listed,
    Logic,
    Output,
    Rule,
    Table,
)
from engine.bpmn.expressions import SandboxError, evaluate
from engine.bpmn.language.feel_ops import equal
from engine.bpmn.language.values import is_number, kind, text
from engine.bpmn.model import Expr
from engine.bpmn.step import World

__all__ = ["Decided", "DecisionFailed", "Table", "decide", "read_decisions"]

Row = dict[str, Any]

_ONE_ANSWER = frozenset({HitPolicy.UNIQUE, HitPolicy.FIRST, HitPolicy.ANY, HitPolicy.PRIORITY})


class DecisionFailed(SandboxError):
    """The decision has no answer for these values; ``code`` is ``decision_failed``."""

    def __init__(self, message: str) -> None:
        super().__init__("decision_failed", message)


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision came to, and why.

    Attributes:
        result: the rows, each by output name; none when no rule matched.
        inputs: what was compared, by the column's label.
        matched: ids of the rules behind ``result``. rules: their places in the table, from 1, in the same order.
        hit_policy: "" for a decision that is no table.
        key, name: of the decision; of a table inside another decision, its key and where it stands.
        required: what was decided on the way to it, in order, each once.
    """

    result: list[Row]
    inputs: Row = field(default_factory=dict)
    matched: tuple[str, ...] = ()
    hit_policy: str = ""
    rules: tuple[int, ...] = ()
    key: str = ""
    name: str = ""
    required: tuple["Decided", ...] = ()


def decide(
    tables: Mapping[str, Table], key: str, variables: Mapping[str, Any], world: World | None = None
) -> Decided:
    """Decides by the table ``key``, after the decisions it requires.

    Args:
        tables: as ``read_decisions`` gives them, of all uploaded files.
        key: id of the decision.
        variables: of the case.
        world: for now() and today().

    Raises:
        DecisionFailed: with a sentence that names the decision and, where it can, the rule.
    """
    if key not in tables:
        raise DecisionFailed(f"There is no decision '{key}'.")
    run = _Run(tables, variables, world)
    decided = run.decide(key)
    return replace(decided, required=tuple(run.trace[:-1]))


class _Run:
    """One decision with those it needs; each is decided once."""

    def __init__(
        self, tables: Mapping[str, Table], variables: Mapping[str, Any], world: World | None
    ) -> None:
        self.tables = tables
        self.variables = variables
        self.world = world
        self.done: dict[str, Decided] = {}
        self.trace: list[Decided] = []

    def decide(self, key: str) -> Decided:
        if key not in self.done:
            table = self.tables[key]
            found: Row = {}
            for required in table.requires:
                found.update(_as_variables(self.tables[required], self.decide(required)))
            seen = {**self.variables, **found}
            self.done[key] = self._by(table, seen) if table.logic is None else self._of(table, seen)
            self.trace.append(self.done[key])
        return self.done[key]

    def _of(self, decision: Table, variables: Mapping[str, Any]) -> Decided:
        """A decision that is an expression."""
        logic = decision.logic
        if logic is None:
            raise DecisionFailed(f"{_title(decision)} has no logic.")
        value = self._logic(decision, logic, variables)
        if value is None and isinstance(logic, Expr):
            self._all_given(decision, [logic], variables, "gives nothing")
        return Decided([{decision.variable: value}], key=decision.key, name=decision.name)

    def _logic(self, decision: Table, logic: Logic, variables: Mapping[str, Any]) -> Any:
        match logic:
            case Expr():
                return self._value(decision, logic, variables, "its expression")
            case Table():
                decided = self._by(logic, variables)
                self.trace.append(decided)
                return _whole(logic, decided)
            case Listed(items):
                return [self._logic(decision, item, variables) for item in items]
            case Context(entries):
                found: Row = {}
                for name, entry in entries:
                    value = self._logic(decision, entry, {**variables, **found})
                    if not name:
                        return value
                    found[name] = value
                return found
            case Invocation(of, bindings):
                given = {name: self._logic(decision, bound, variables) for name, bound in bindings}
                return self._logic(decision, of.logic, given)

    def _all_given(
        self, table: Table, reading: Sequence[Expr], variables: Mapping[str, Any], outcome: str
    ) -> None:
        """An answer that is missing because a variable is missing is a mistake, not an answer."""
        unset = sorted({name for one in reading for name in one.names if name not in variables})
        if unset:
            raise DecisionFailed(f"{_title(table)} {outcome}: the variable '{unset[0]}' is not set.")

    def _by(self, table: Table, variables: Mapping[str, Any]) -> Decided:
        inputs = [self._input(table, column, variables) for column in table.inputs]
        matched = [rule for rule in table.rules if self._matches(table, rule, inputs, variables)]
        if table.hit_policy is HitPolicy.FIRST:
            matched = matched[:1]
        if table.hit_policy is HitPolicy.UNIQUE and len(matched) > 1:
            raise DecisionFailed(
                f"{_title(table)} must have one answer, but the {_rules(matched, table)} all match {_shown(inputs)}."
            )
        rows = [self._row(table, rule, variables) for rule in matched] or self._default(table, variables)
        if not rows and table.hit_policy in _ONE_ANSWER:
            columns = [column.value for column in table.inputs]
            self._all_given(table, columns, variables, f"has no rule for {_shown(inputs)}")
        rows, matched = _by_policy(table, rows, matched)
        return Decided(
            rows,
            {column.label: value for column, value in zip(table.inputs, inputs, strict=True)},
            tuple(rule.id for rule in matched),
            table.hit_policy.value,
            tuple(table.rules.index(rule) + 1 for rule in matched),
            table.key,
            table.name,
        )

    def _input(self, table: Table, column: Input, variables: Mapping[str, Any]) -> Any:
        value = self._value(table, column.value, variables, f"the input '{column.label}'")
        return _typed(table, value, column.type_ref, f"The input '{column.label}'")

    def _matches(self, table: Table, rule: Rule, inputs: Sequence[Any], variables: Mapping[str, Any]) -> bool:
        for column, value, test in zip(table.inputs, inputs, rule.tests, strict=True):
            if test is None:
                continue
            cell = {"?": value, "cellInput": value, column.variable: value}
            if self._value(table, test, ChainMap(cell, variables), _rules([rule], table)) is not True:  # type: ignore[arg-type]  # only read
                return False
        return True

    def _row(self, table: Table, rule: Rule, variables: Mapping[str, Any]) -> Row:
        row: Row = {}
        for column, result in zip(table.outputs, rule.results, strict=True):
            value = None if result is None else self._value(table, result, variables, _rules([rule], table))
            row[column.name] = _typed(table, value, column.type_ref, f"The output '{column.name}'")
        return row

    def _default(self, table: Table, variables: Mapping[str, Any]) -> list[Row]:
        if not any(column.default for column in table.outputs):
            return []
        return [
            {
                column.name: None
                if column.default is None
                else self._value(table, column.default, variables, "a default")
                for column in table.outputs
            }
        ]

    def _value(self, table: Table, expr: Expr, variables: Mapping[str, Any], where: str) -> Any:
        try:
            return evaluate(expr, variables, world=self.world)
        except SandboxError as error:
            raise DecisionFailed(
                f"{_title(table)}, {where}: {error.message} (in: {expr.source[:80]})."
            ) from None


def _by_policy(table: Table, rows: list[Row], matched: list[Rule]) -> tuple[list[Row], list[Rule]]:
    """The rows that remain, and the rules they come from."""
    match table.hit_policy:
        case HitPolicy.UNIQUE | HitPolicy.FIRST | HitPolicy.RULE_ORDER:
            return rows, matched
        case HitPolicy.ANY:
            for row in rows[1:]:
                if equal(row, rows[0]) is not True:
                    raise DecisionFailed(
                        f"{_title(table)}: all matching rules must give the same, but the {_rules(matched, table)} differ."
                    )
            return rows[:1], matched
        case HitPolicy.PRIORITY | HitPolicy.OUTPUT_ORDER:
            order = sorted(range(len(rows)), key=lambda place: _rank(table, rows[place]))
            if table.hit_policy is HitPolicy.PRIORITY:
                order = order[:1]
            kept = [matched[place] for place in order] if matched else []
            return [rows[place] for place in order], kept
        case HitPolicy.COLLECT:
            if table.aggregation is None:
                return rows, matched
            return _collected(table, table.aggregation, rows), matched


def _rank(table: Table, row: Row) -> tuple[int, ...]:
    """Places of the row's values in the outputs' lists of values; the first output counts most."""
    return tuple(_place(column, row[column.name]) for column in table.outputs)


def _place(column: Output, value: Any) -> int:
    for place, listed in enumerate(column.values):
        if equal(listed, value) is True:
            return place
    return len(column.values)


def _collected(table: Table, how: Aggregation, rows: list[Row]) -> list[Row]:
    name = table.outputs[0].name
    values = [row[name] for row in rows if row[name] is not None]
    if how is Aggregation.COUNT:
        return [{name: len(values)}]
    if not values:
        return []
    if how is Aggregation.SUM and not all(is_number(value) for value in values):
        raise DecisionFailed(f"{_title(table)} sums '{name}', but not all of its values are numbers.")
    try:
        match how:
            case Aggregation.SUM:
                exact = sum((Decimal(str(value)) for value in values), Decimal(0))
                return [{name: _like(exact, values)}]
            case Aggregation.MIN:
                return [{name: min(values)}]
            case Aggregation.MAX:
                return [{name: max(values)}]
    except TypeError:
        raise DecisionFailed(f"{_title(table)} cannot order the values of '{name}'.") from None


def _like(exact: Decimal, values: Sequence[Any]) -> Any:
    if any(isinstance(value, Decimal) for value in values):
        return exact
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def _whole(table: Table, decided: Decided) -> Any:
    """The result as one value: one output gives its value, several a group; policies with many rows a list of those."""
    rows: list[Any] = decided.result
    if len(table.outputs) <= 1:
        rows = [next(iter(row.values())) for row in decided.result]
    if _many(table):
        return rows
    return rows[0] if rows else None


def _many(table: Table) -> bool:
    return table.hit_policy in (HitPolicy.RULE_ORDER, HitPolicy.OUTPUT_ORDER) or (
        table.hit_policy is HitPolicy.COLLECT and table.aggregation is None
    )


def _as_variables(table: Table, decided: Decided) -> Row:
    """The result as the deciding tables read it: by the decision's names, and by the names of its outputs."""
    rows = decided.result
    columns: Row = {}
    for name in [column.name for column in table.outputs]:
        cells = [row[name] for row in rows]
        columns[name] = cells if _many(table) else (cells[0] if cells else None)
    whole = _whole(table, decided)
    return {**columns, table.key: whole, table.name: whole, table.variable: whole}


_NUMBERS = frozenset({"number", "integer", "long", "double", "float", "decimal"})
_KINDS: Mapping[str, type] = {
    "boolean": bool,
    "date": date,
    "datetime": datetime,
    "dateandtime": datetime,
    "string": str,
}


def _typed(table: Table, value: Any, type_ref: str, what: str) -> Any:
    """The value in the column's type, where it can be read as such; data from forms and systems may be text."""
    wanted = type_ref.rpartition(":")[2].lower()
    try:
        match value:
            case str() if wanted in _NUMBERS:
                number = Decimal(value.strip())
                return int(number) if number == number.to_integral_value() else float(number)
            case str() if wanted == "boolean":
                return {"true": True, "false": False}[value.strip().lower()]
            case str() if wanted == "date":
                return datetime.fromisoformat(value.strip()).date()
            case str() if wanted in ("datetime", "dateandtime"):
                return datetime.fromisoformat(value.strip())
            case datetime() if wanted == "date":
                return value.date()
            case bool() | int() | float() | Decimal() | date() if wanted == "string":
                return text(value)
            case None:
                return None
            case int() | float() | Decimal() if wanted in _NUMBERS and not isinstance(value, bool):
                return value
            case _ if wanted in _NUMBERS or not isinstance(value, _KINDS.get(wanted, object)):
                raise ValueError
            case _:
                return value
    except (ValueError, KeyError, InvalidOperation, OverflowError):
        raise DecisionFailed(f"{_title(table)}: {what} is {kind(value)}, not {type_ref}.") from None


def _title(table: Table) -> str:
    return f"The decision '{table.name or table.key}'"


def _rules(rules: Sequence[Rule], table: Table) -> str:
    places = [str(table.rules.index(rule) + 1) for rule in rules]
    return f"rule {places[0]}" if len(places) == 1 else f"rules {', '.join(places[:-1])} and {places[-1]}"


def _shown(inputs: Sequence[Any]) -> str:
    shown = ", ".join("nothing" if value is None else str(value)[:40] for value in inputs)
    return f"({shown})"
