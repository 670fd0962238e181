"""Reads DMN 1.1 to 1.5: decision tables and single expressions, with every problem and its line."""

from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree

from engine.bpmn.dmn_table import Aggregation, HitPolicy, Input, Output, Rule, Table
from engine.bpmn.expressions import (
    Dialect,
    ExpressionInvalid,
    SandboxError,
    evaluate,
    read_expression,
    read_tests,
)
from engine.bpmn.model import Expr
from engine.bpmn.xml import XmlRefused, local, namespace, parse_xml
from engine.problems import Problem, Severity

_DMN_1_1 = "http://www.omg.org/spec/DMN/20151101/dmn.xsd"
_POLICIES = {policy.value: policy for policy in HitPolicy}
_BOXED = frozenset(
    {"context", "invocation", "list", "relation", "functionDefinition", "conditional", "filter"}
)
_LOGIC = frozenset({"decisionTable", "literalExpression"}) | _BOXED


def read_decisions(content: bytes, filename: str) -> tuple[dict[str, Table], list[Problem]]:
    """The decisions of a DMN file by id, and what is wrong with it. Never raises for bad input."""
    try:
        root = parse_xml(content, file=filename)
    except XmlRefused as refused:
        return {}, [refused.problem]
    return _Reader(root, filename).read()


class _Skip(Exception):
    """This decision cannot be read; the problem has been told."""


class _Reader:
    def __init__(self, root: etree._Element, filename: str) -> None:
        self.root = root
        self.filename = filename
        self.problems: list[Problem] = []
        self.tables: dict[str, Table] = {}
        self.language = root.get("expressionLanguage") or ""
        self.old = namespace(root) == _DMN_1_1

    def read(self) -> tuple[dict[str, Table], list[Problem]]:
        if local(self.root) != "definitions" or "/DMN/" not in namespace(self.root):
            self.tell(
                self.root, "", "dmn_malformed", "The file is no DMN file: it should begin with <definitions>."
            )
            return {}, self.problems
        decisions = list(_children(self.root, "decision"))
        if not decisions:
            self.tell(self.root, "", "dmn_without_decision", "The file has no decision.")
        for decision in decisions:
            try:
                self.decision(decision)
            except _Skip:
                continue
        self.check_requirements()
        return self.tables, sorted(self.problems)

    def tell(
        self, at: etree._Element, element: str, code: str, message: str, severity: Severity = Severity.ERROR
    ) -> None:
        self.problems.append(Problem(at.sourceline or 0, element, code, message, severity, self.filename))

    def decision(self, node: etree._Element) -> None:
        key, name = node.get("id") or "", node.get("name") or ""
        if not key:
            self.tell(node, "", "decision_without_id", f"The decision '{name}' has no id; give it one.")
            return
        if key in self.tables:
            self.tell(node, key, "duplicate_id", f"The id '{key}' is used by two decisions.")
            return
        for used in _children(node, "knowledgeRequirement"):
            self.tell(
                used,
                key,
                "dmn_not_supported",
                f"'{name or key}' calls a business knowledge model; move its logic here.",
            )
            return
        logic = next((child for child in node if local(child) in _LOGIC), None)
        if logic is None:
            self.tell(
                node,
                key,
                "decision_without_logic",
                f"The decision '{name or key}' has no table and no expression.",
                Severity.WARNING,
            )
            return
        variable = next((child.get("name") for child in _children(node, "variable")), None)
        told = len(self.problems)
        table = self.logic(logic, key, name, variable or name or key, self.required(node))
        if len(self.problems) == told:
            self.tables[key] = table

    def required(self, node: etree._Element) -> tuple[str, ...]:
        found = (
            child.get("href") or ""
            for requirement in _children(node, "informationRequirement")
            for child in _children(requirement, "requiredDecision")
        )
        return tuple(href.rpartition("#")[2] for href in found)

    def logic(
        self, node: etree._Element, key: str, name: str, variable: str, requires: tuple[str, ...]
    ) -> Table:
        line = node.sourceline or 0
        if local(node) == "literalExpression":
            expression = self.expression(node, key, self.language_of(node))
            if expression is None:
                self.tell(
                    node,
                    key,
                    "decision_without_logic",
                    f"The decision '{name or key}' has an empty expression.",
                )
                raise _Skip
            return Table(
                key, name or key, variable, line, literal=expression, requires=requires, file=self.filename
            )
        if local(node) != "decisionTable":
            self.tell(
                node,
                key,
                "dmn_not_supported",
                f"The decision '{name or key}' is a boxed {local(node)}; use a decision table or one expression.",
            )
            raise _Skip
        inputs = tuple(
            self.input(child, key, place) for place, child in enumerate(_children(node, "input"), 1)
        )
        outputs = self.outputs(node, key, variable)
        policy, aggregation = self.policy(node, key, outputs)
        rules = tuple(
            self.rule(child, key, place, inputs, outputs)
            for place, child in enumerate(_children(node, "rule"), 1)
        )
        return Table(
            key,
            name or key,
            variable,
            line,
            policy,
            aggregation,
            inputs,
            outputs,
            rules,
            None,
            requires,
            self.filename,
        )

    def policy(
        self, node: etree._Element, key: str, outputs: tuple[Output, ...]
    ) -> tuple[HitPolicy, Aggregation | None]:
        text = node.get("hitPolicy") or HitPolicy.UNIQUE.value
        if text not in _POLICIES:
            self.tell(node, key, "dmn_not_supported", f"The hit policy '{text}' is not known.")
            raise _Skip
        policy = _POLICIES[text]
        if policy in (HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER) and not any(one.values for one in outputs):
            self.tell(
                node,
                key,
                "dmn_invalid",
                f"The hit policy {text} needs the output's values, listed by their priority.",
            )
        how = node.get("aggregation")
        if how is None or policy is not HitPolicy.COLLECT:
            return policy, None
        if how not in Aggregation.__members__ or len(outputs) != 1:
            self.tell(
                node,
                key,
                "dmn_invalid",
                f"The aggregation '{how}' needs one output, and is SUM, MIN, MAX or COUNT.",
            )
            raise _Skip
        return policy, Aggregation(how)

    def input(self, node: etree._Element, key: str, place: int) -> Input:
        expression = next(_children(node, "inputExpression"), None)
        variable = next((v for k, v in node.attrib.items() if str(k).endswith("}inputVariable") and v), "")
        label = node.get("label") or ""
        value: Expr | None = None
        if expression is not None:
            value = self.expression(expression, key, self.language_of(expression, node))
        if value is None and variable:
            value = self.told(node, key, lambda: read_expression(str(variable), Dialect.FEEL))
        if value is None:
            self.tell(
                node, key, "dmn_invalid", f"The input {place} ('{label}') says no expression to compare."
            )
            raise _Skip
        name = str(variable) or next(iter(value.names), "cellInput")
        type_ref = (expression.get("typeRef") or "") if expression is not None else ""
        return Input(label or value.source.strip(), value, name, type_ref)

    def outputs(self, node: etree._Element, key: str, variable: str) -> tuple[Output, ...]:
        columns = list(_children(node, "output"))
        if not columns:
            self.tell(node, key, "dmn_invalid", "The table has no output.")
            raise _Skip
        found: list[Output] = []
        for column in columns:
            name = column.get("name") or (variable if len(columns) == 1 else column.get("label") or "")
            if not name or any(name == other.name for other in found):
                self.tell(column, key, "dmn_invalid", "Each output of a table needs a name of its own.")
                raise _Skip
            default = next(_children(column, "defaultOutputEntry"), None)
            found.append(
                Output(
                    name,
                    column.get("typeRef") or "",
                    self.listed(column, key),
                    None if default is None else self.expression(default, key, self.language_of(default)),
                )
            )
        return tuple(found)

    def listed(self, column: etree._Element, key: str) -> tuple[Any, ...]:
        """The output's values in their order."""
        node = next(_children(column, "outputValues"), None)
        text = _text(node) if node is not None else ""
        if node is None or not text:
            return ()
        expression = self.told(node, key, lambda: read_expression(f"[{text}]", Dialect.FEEL))
        try:
            return tuple(evaluate(expression, {})) if expression is not None else ()
        except SandboxError:
            return ()  # a range or a test: no order to read from it

    def rule(
        self,
        node: etree._Element,
        key: str,
        place: int,
        inputs: tuple[Input, ...],
        outputs: tuple[Output, ...],
    ) -> Rule:
        tests = list(_children(node, "inputEntry"))
        results = list(_children(node, "outputEntry"))
        if len(tests) != len(inputs) or len(results) != len(outputs):
            self.tell(
                node,
                key,
                "dmn_invalid",
                f"Rule {place} has {len(tests)} inputs and {len(results)} outputs; the table has {len(inputs)} and {len(outputs)}.",
            )
            raise _Skip
        return Rule(
            node.get("id") or f"{key}-rule-{place}",
            node.sourceline or 0,
            tuple(self.test(one, key) for one in tests),
            tuple(self.expression(one, key, self.language_of(one)) for one in results),
        )

    def test(self, node: etree._Element, key: str) -> Expr | None:
        text = _text(node)
        language = self.language_of(node)
        if language is Dialect.JUEL or text.startswith(("${", "#{")):
            return self.expression(node, key, Dialect.JUEL)
        return self.told(node, key, lambda: read_tests(text))

    def expression(self, node: etree._Element, key: str, language: Dialect) -> Expr | None:
        """The element's text as an expression; None when it is empty or ``-``, or has a problem."""
        text = _text(node)
        if text in ("", "-"):
            return None
        if text.startswith(("${", "#{")):
            language = Dialect.JUEL
        elif language is Dialect.JUEL:
            text = f"${{{text}}}"

        def read() -> Expr:
            try:
                return read_expression(text, language)
            except ExpressionInvalid:
                if language is Dialect.FEEL and self.old:  # DMN 1.1 engines took JUEL where nothing is said
                    return read_expression(f"${{{text}}}", Dialect.JUEL)
                raise

        return self.told(node, key, read)

    def told(self, node: etree._Element, key: str, read: Callable[[], Expr | None]) -> Expr | None:
        try:
            return read()
        except ExpressionInvalid as error:
            self.tell(node, key, "expression_invalid", f"In the decision '{key}': {error.message}")
            return None

    def language_of(self, *nodes: etree._Element) -> Dialect:
        named = next(
            (node.get("expressionLanguage") for node in nodes if node.get("expressionLanguage")), None
        )
        named = named or self.language
        if not named or "feel" in named.lower():
            return Dialect.FEEL
        if "juel" in named.lower() or named.lower() == "el":
            return Dialect.JUEL
        self.tell(
            nodes[0],
            "",
            "dmn_not_supported",
            f"Expressions in '{named}' cannot run here; write them in FEEL.",
        )
        raise _Skip

    def check_requirements(self) -> None:
        named = {node.get("id") for node in _children(self.root, "decision")}
        for key, table in list(self.tables.items()):
            for required in table.requires:
                if required not in named:
                    self._drop(
                        key, f"The decision '{table.name}' needs '{required}', which this file does not have."
                    )
        while broken := [
            key for key, table in self.tables.items() if any(one not in self.tables for one in table.requires)
        ]:
            for key in broken:  # the reason has been told where it is
                del self.tables[key]
        for key in list(self.tables):
            if key in self.tables and self._circular(key):
                self._drop(
                    key, f"The decision '{self.tables[key].name}' needs itself, through other decisions."
                )

    def _drop(self, key: str, message: str) -> None:
        table = self.tables.pop(key, None)
        if table is not None:
            self.problems.append(Problem(table.line, key, "dmn_invalid", message, file=self.filename))

    def _circular(self, key: str) -> bool:
        seen: set[str] = set()
        waiting = [key]
        while waiting:
            table = self.tables.get(waiting.pop())
            for required in table.requires if table is not None else ():
                if required == key:
                    return True
                if required not in seen:
                    seen.add(required)
                    waiting.append(required)
        return False


def _children(node: etree._Element, name: str) -> Iterator[etree._Element]:
    return (child for child in node if local(child) == name)


def _text(node: etree._Element) -> str:
    child = next(_children(node, "text"), None)
    return "" if child is None else "".join(child.itertext()).strip()
