"""Reads what a decision is made of: tables, expressions in FEEL or JUEL, boxed contexts, lists and invocations."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree

from engine.bpmn.dmn_table import (
    Aggregation,
    Context,
    HitPolicy,
    Input,
    Invocation,
    Knowledge,
    Listed,
    Logic,
    Output,
    Rule,
    Table,
)
from engine.bpmn.expressions import (
    Dialect,
    ExpressionInvalid,
    SandboxError,
    evaluate,
    read_expression,
    read_tests,
)
from engine.bpmn.language.tree import Function
from engine.bpmn.model import Expr
from engine.bpmn.xml import local, namespace
from engine.problems import Problem, Severity

_DMN_1_1 = "http://www.omg.org/spec/DMN/20151101/dmn.xsd"
_POLICIES = {policy.value: policy for policy in HitPolicy}
_RUN = frozenset({"decisionTable", "literalExpression", "context", "list", "relation", "invocation"})
_REFUSED = frozenset({"functionDefinition", "conditional", "filter", "for", "every", "some"})
_NAMED = frozenset(
    {
        "inputData",
        "decision",
        "variable",
        "formalParameter",
        "parameter",
        "businessKnowledgeModel",
        "itemComponent",
        "column",
    }
)
_ODD = re.compile(r"[-+*/'.]")
_MAX_DEPTH = 20
"""Boxed expressions inside each other."""


class Skip(Exception):
    """This decision cannot be read; the problem has been told."""


class LogicReader:
    """Reads logic wherever it stands; problems name the decision or knowledge model (``key``) they are in."""

    def __init__(self, root: etree._Element, filename: str) -> None:
        self.root = root
        self.filename = filename
        self.problems: list[Problem] = []
        self.language = root.get("expressionLanguage") or ""
        self.old = namespace(root) == _DMN_1_1
        self.knowledge: dict[str, Knowledge] = {}
        self.functions: dict[str, Function] = {}
        self.names = _odd_names(root)
        self.depth = 0
        self.here = ""  # id of the decision or knowledge model that is read

    def tell(
        self, at: etree._Element, element: str, code: str, message: str, severity: Severity = Severity.ERROR
    ) -> None:
        self.problems.append(Problem(at.sourceline or 0, element, code, message, severity, self.filename))

    def logic_in(self, node: etree._Element) -> etree._Element | None:
        """The child that says how it is decided."""
        return next((child for child in node if local(child) in _RUN | _REFUSED), None)

    def logic(self, node: etree._Element, key: str, name: str, variable: str) -> Logic:
        """Raises Skip when it cannot be read; the problem has been told."""
        self.depth += 1
        try:
            if self.depth > _MAX_DEPTH:
                self.tell(node, key, "dmn_not_supported", f"'{name}' is nested too deeply.")
                raise Skip
            match local(node):
                case "literalExpression":
                    return self.literal(node, key, name)
                case "decisionTable":
                    return self.table(node, key, name, variable)
                case "context":
                    return self.context(node, key, name)
                case "list":
                    return Listed(tuple(self.entry(node, key, name, "")))
                case "relation":
                    return self.relation(node, key, name)
                case "invocation":
                    return self.invocation(node, key, name)
            self.tell(
                node,
                key,
                "dmn_not_supported",
                f"'{name}' holds a boxed {local(node)}, which is not run; use a decision table or one expression.",
            )
            raise Skip
        finally:
            self.depth -= 1

    def entry(self, node: etree._Element, key: str, name: str, variable: str) -> Iterator[Logic]:
        """Every piece of logic directly inside the element."""
        for child in node:
            if local(child) in _RUN | _REFUSED:
                yield self.logic(child, key, name, variable)

    def literal(self, node: etree._Element, key: str, name: str) -> Expr:
        expression = self.expression(node, key, self.language_of(node))
        if expression is None:
            if not _text(node):
                self.tell(node, key, "decision_without_logic", f"'{name}' has an empty expression.")
            raise Skip
        return expression

    def context(self, node: etree._Element, key: str, name: str) -> Context:
        entries: list[tuple[str, Logic]] = []
        for child in children(node, "contextEntry"):
            entry = next((v.get("name") or "" for v in children(child, "variable")), "")
            where = f"{name}, {entry}" if entry else name
            found = next(self.entry(child, key, where, entry), None)
            if found is None or (entries and not entries[-1][0]) or entry in dict(entries):
                self.tell(
                    child, key, "dmn_invalid", f"Each entry of '{name}' needs a name of its own and logic."
                )
                raise Skip
            entries.append((entry, found))
        return Context(tuple(entries))

    def relation(self, node: etree._Element, key: str, name: str) -> Listed:
        columns = [column.get("name") or "" for column in children(node, "column")]
        rows: list[Logic] = []
        for row in children(node, "row"):
            cells = list(self.entry(row, key, name, ""))
            if len(cells) != len(columns) or not all(columns):
                self.tell(
                    row,
                    key,
                    "dmn_invalid",
                    f"A row of '{name}' has {len(cells)} cells; it needs {len(columns)}.",
                )
                raise Skip
            rows.append(Context(tuple(zip(columns, cells, strict=True))))
        return Listed(tuple(rows))

    def invocation(self, node: etree._Element, key: str, name: str) -> Invocation:
        called = next((_text(child) for child in children(node, "literalExpression")), "")
        of = self.knowledge.get(called)
        if of is None:
            self.tell(
                node,
                key,
                "dmn_invalid",
                f"'{name}' calls '{called}', which is no knowledge model of this file.",
            )
            raise Skip
        bindings: list[tuple[str, Logic]] = []
        for binding in children(node, "binding"):
            parameter = next((p.get("name") or "" for p in children(binding, "parameter")), "")
            if parameter not in of.parameters:
                self.tell(binding, key, "dmn_invalid", f"'{called}' has no parameter '{parameter}'.")
                raise Skip
            bindings += [
                (parameter, found) for found in self.entry(binding, key, f"{name}, {parameter}", parameter)
            ]
        return Invocation(of, tuple(bindings))

    def table(self, node: etree._Element, key: str, name: str, variable: str) -> Table:
        inputs = tuple(
            self.input(child, key, place) for place, child in enumerate(children(node, "input"), 1)
        )
        outputs = self.outputs(node, key, variable)
        policy, aggregation = self.policy(node, key, outputs)
        rules = tuple(
            self.rule(child, key, place, inputs, outputs)
            for place, child in enumerate(children(node, "rule"), 1)
        )
        line = node.sourceline or 0
        return Table(
            key, name, variable, line, policy, aggregation, inputs, outputs, rules, file=self.filename
        )

    def policy(
        self, node: etree._Element, key: str, outputs: tuple[Output, ...]
    ) -> tuple[HitPolicy, Aggregation | None]:
        text = node.get("hitPolicy") or HitPolicy.UNIQUE.value
        if text not in _POLICIES:
            self.tell(node, key, "dmn_not_supported", f"The hit policy '{text}' is not known.")
            raise Skip
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
            raise Skip
        return policy, Aggregation(how)

    def input(self, node: etree._Element, key: str, place: int) -> Input:
        expression = next(children(node, "inputExpression"), None)
        variable = next((v for k, v in node.attrib.items() if str(k).endswith("}inputVariable") and v), "")
        label = node.get("label") or ""
        value: Expr | None = None
        if expression is not None:
            value = self.expression(expression, key, self.language_of(expression, node))
        if value is None and variable:
            value = self.told(
                node, key, lambda: read_expression(str(variable), Dialect.FEEL, names=self.names)
            )
        if value is None:
            self.tell(
                node, key, "dmn_invalid", f"The input {place} ('{label}') says no expression to compare."
            )
            raise Skip
        name = str(variable) or next(iter(value.names), "cellInput")
        type_ref = (expression.get("typeRef") or "") if expression is not None else ""
        return Input(label or value.source.strip(), value, name, type_ref)

    def outputs(self, node: etree._Element, key: str, variable: str) -> tuple[Output, ...]:
        columns = list(children(node, "output"))
        if not columns:
            self.tell(node, key, "dmn_invalid", "The table has no output.")
            raise Skip
        found: list[Output] = []
        for column in columns:
            name = column.get("name") or (variable if len(columns) == 1 else column.get("label") or "")
            if not name or any(name == other.name for other in found):
                self.tell(column, key, "dmn_invalid", "Each output of a table needs a name of its own.")
                raise Skip
            default = next(children(column, "defaultOutputEntry"), None)
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
        node = next(children(column, "outputValues"), None)
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
        tests = list(children(node, "inputEntry"))
        results = list(children(node, "outputEntry"))
        if len(tests) != len(inputs) or len(results) != len(outputs):
            self.tell(
                node,
                key,
                "dmn_invalid",
                f"Rule {place} has {len(tests)} inputs and {len(results)} outputs; the table has {len(inputs)} and {len(outputs)}.",
            )
            raise Skip
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
        return self.told(node, key, lambda: read_tests(text, defined=self.functions, names=self.names))

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
                return read_expression(text, language, defined=self.functions, names=self.names)
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
            self.here,
            "dmn_not_supported",
            f"Expressions in '{named}' cannot run here; write them in FEEL.",
        )
        raise Skip


def _odd_names(root: etree._Element) -> tuple[str, ...]:
    """Names of data, decisions and parameters that FEEL would read as a sum or product if it did not know them."""
    names = {
        " ".join((element.get("name") or "").split())
        for element in root.iter(etree.Element)
        if local(element) in _NAMED
    }
    return tuple(sorted(name for name in names if _ODD.search(name) and name[:1].isalpha()))


def children(node: etree._Element, name: str) -> Iterator[etree._Element]:
    return (child for child in node if local(child) == name)


def _text(node: etree._Element) -> str:
    child = next(children(node, "text"), None)
    return "" if child is None else "".join(child.itertext()).strip()
