"""What the readers share while one file is read: its problems, its dialect, ids, and the way to expressions."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from lxml import etree

from engine.bpmn.bindings import EXPRESSIONS, BindingBook, single_spaced, to_write
from engine.bpmn.expressions import (
    Dialect,
    ExpressionInvalid,
    copy_of,
    read_expression,
    read_script,
    read_template,
)
from engine.bpmn.language.juel import speaks_environment
from engine.bpmn.language.names import is_variable, variable_of
from engine.bpmn.model import Expr, Script
from engine.bpmn.reading.data_names import DataNames
from engine.bpmn.reading.dialects import CAMUNDA_LIKE, DROOLS, ENGINES, LINTAS, MODELER, SPIFF, ZEEBE
from engine.bpmn.xml import BPMN, child, children, local, namespace
from engine.problems import Problem, Severity

MOST_PROBLEMS = 2_000
MAX_TEXT = 20_000
FILE_WIDE = frozenset({"definitions", "extensionElements"})


class Source:
    """One file under way. Every reader reports here and goes on: nothing stops at the first problem."""

    def __init__(self, root: etree._Element, file: str, book: BindingBook | None = None) -> None:
        self.root = root
        self.file = file
        self.book = book or BindingBook()
        self.formless: set[str] = set()  # elements whose form process.toml skips
        self.problems: list[Problem] = []
        self._told = dict.fromkeys(Severity, 0)
        self.strangers: dict[str, etree._Element] = {}  # namespaces of other tools, where first met
        spaces = _namespaces(root)  # spoken, not merely declared
        self.speaks_engine = not spaces.isdisjoint(ENGINES)
        self.is_jbpm = DROOLS in spaces
        self.is_zeebe = ZEEBE in spaces or "cloud" in root.get(f"{{{MODELER}}}executionPlatform", "").lower()
        self.is_spiff = SPIFF in spaces
        self.speaks_environment = any(speaks_environment(text) for text in _texts(root))
        if self.speaks_environment:
            self.warn(
                "environment_read",
                "environment.output, environment.variables and content.output are read as variables of the case, "
                "as the JavaScript bpmn-engine means them.",
                next(iter(children(root, "process")), None),
            )
        self._variables: dict[str, str] = {}  # variable → the name in the file
        self._made: dict[str, int] = {}  # how often an id was wanted
        self._ids: set[str] = {i for e in root.iter() if (i := e.get("id")) and namespace(e) == BPMN}

    @cached_property
    def data_names(self) -> DataNames:
        return DataNames(self.root)

    # problems

    def error(self, code: str, message: str, at: etree._Element | None) -> None:
        self._report(code, message, at, Severity.ERROR)

    def warn(self, code: str, message: str, at: etree._Element | None) -> None:
        self._report(code, message, at, Severity.WARNING)

    def overflow(self) -> list[Problem]:
        """Says that more was found than is listed; of a kind, as the others."""
        message = f"There are more than {MOST_PROBLEMS:,} problems of this kind; the rest is not listed. Mend these first."
        return [
            Problem(0, "", "too_many_problems", message, severity, self.file)
            for severity, count in self._told.items()
            if count > MOST_PROBLEMS
        ]

    def _report(self, code: str, message: str, at: etree._Element | None, severity: Severity) -> None:
        line = (at.sourceline or 0) if at is not None else 0
        self._told[severity] += 1
        if self._told[severity] > MOST_PROBLEMS:
            return
        self.problems.append(Problem(line, element_id(at), code, message, severity, self.file))

    # ids

    def new_id(self, wanted: str) -> str:
        """``wanted``, or with a number behind it when the file uses it already; the same for the same file."""
        made, number = wanted, self._made.get(wanted, 1)
        while made in self._ids:
            number += 1
            made = f"{wanted}.{number}"
        self._made[wanted] = number
        self._ids.add(made)
        return made

    def knows(self, element_id: str) -> bool:
        """Whether anything in the file has this id."""
        return element_id in self._ids

    # vendor words

    def attribute(self, element: etree._Element, *names: str) -> str | None:
        """The first of the Camunda-like attributes ``names`` that is there and not blank."""
        for name in names:
            for space in CAMUNDA_LIKE:
                text = element.get(f"{{{space}}}{name}")
                if text is not None and text.strip():
                    return text.strip()
        return None

    def extensions(
        self, element: etree._Element, name: str, *, space: str | None = None
    ) -> Iterator[etree._Element]:
        """Extension elements called ``name``: of ``space``, or of any Camunda-like namespace."""
        holder = child(element, "extensionElements")
        if holder is None:
            return
        for inner in holder:
            if local(inner) == name and (
                namespace(inner) == space if space else namespace(inner) in CAMUNDA_LIKE
            ):
                yield inner

    def extension(
        self, element: etree._Element, name: str, *, space: str | None = None
    ) -> etree._Element | None:
        return next(self.extensions(element, name, space=space), None)

    def properties(self, element: etree._Element) -> dict[str, str]:
        """Extension properties, written alike in camunda:, zeebe: and lintas: (the last of a name wins)."""
        found: dict[str, str] = {}
        holder = child(element, "extensionElements")
        if holder is None:
            return found
        spaces = {*CAMUNDA_LIKE, ZEEBE, LINTAS}
        for outer in holder:
            if namespace(outer) not in spaces or local(outer) not in {"properties", "property"}:
                continue
            for inner in [outer] if local(outer) == "property" else outer:
                name = (inner.get("name") or "").strip()
                if local(inner) == "property" and name:
                    value = inner.get("value")
                    found[name] = (value if value is not None else inner.text or "").strip()
        return found

    # expressions

    def dialect(self, text: str, *, code: bool = False) -> Dialect:
        """The language of ``text``; ``code``: it stands where only an expression makes sense."""
        if text.lstrip().startswith("="):
            return Dialect.FEEL
        if "${" in text or "#{" in text:
            return Dialect.ENVIRONMENT if self.speaks_environment else Dialect.JUEL
        return Dialect.SPIFF if self.is_spiff and code else Dialect.PLAIN

    def expression(self, text: str | None, at: etree._Element, *, code: bool = False) -> Expr | None:
        """``text`` as one expression; None when it is blank or not understood (then it is reported)."""
        if text is None or not text.strip():
            return None
        if self.is_replaced(text):
            return self.replaced(text, at)
        try:
            made = read_expression(text.strip(), self.dialect(text, code=code))
            return replace(made, names=frozenset(variable_of(name) or name for name in made.names))
        except ExpressionInvalid as error:
            self.error("expression_invalid", f"{error.message} {expression_line(text)}", at)
            return None

    def is_replaced(self, text: str) -> bool:
        """Whether process.toml has an expression for this text."""
        return self.book.expression(text) is not None

    def replaced(self, text: str, at: etree._Element) -> Expr | None:
        """The expression that process.toml puts in the place of ``text``; None when there is none."""
        written = self.book.expression(text)
        if written is None:
            return None
        try:
            return replace(read_expression(written, Dialect.SPIFF), source=text.strip())
        except ExpressionInvalid as error:
            self.error("expression_invalid", f"[{EXPRESSIONS}] in process.toml: {error.message}", at)
            return None

    def understood(self, text: str, at: etree._Element) -> Expr | None:
        """``text`` as an expression over variables, or None without a report: for words that may be another engine's code."""
        before = len(self.problems)
        known = self.dialect(text) is not Dialect.PLAIN or self.is_replaced(text)
        value = self.expression(text, at) if known else None
        del self.problems[before:]
        return value

    def template(self, text: str | None, at: etree._Element) -> Expr | None:
        """``text`` with expressions in it; None when it is blank or not understood."""
        if text is None or not text.strip():
            return None
        text = single_spaced(text)
        if self.is_replaced(text):
            return self.replaced(text, at)
        if len(text) > MAX_TEXT:
            self.error(
                "text_too_long",
                f'A text has more than {MAX_TEXT:,} characters: "{text[:40]}…". Shorten it.',
                at,
            )
            return None
        try:
            return read_template(text, self.dialect(text))
        except ExpressionInvalid as error:
            self.error("expression_invalid", f"{error.message} {expression_line(text)}", at)
            return None

    def condition(self, text: str, language: Dialect, at: etree._Element) -> Expr | None:
        """A condition in BPMN's XPath, or in the Java of jBPM."""
        try:
            return read_expression(text, language)
        except ExpressionInvalid as error:
            self.error("expression_invalid", f"{error.message} {expression_line(text)}", at)
            return None

    def templates(self, texts: Mapping[str, str], at: etree._Element) -> dict[str, Expr]:
        """Those of ``texts`` that have expressions in them, by the same names."""
        return {
            name: made
            for name, text in texts.items()
            if self.dialect(text) is not Dialect.PLAIN and (made := self.template(text, at))
        }

    def script(self, text: str, language: str | None, at: etree._Element) -> Script | None:
        """The script of a script task; process.toml may replace it by its text, or by the id of its element."""
        try:
            return self.read_script(text, language, at.get("id"))
        except ExpressionInvalid as error:
            line = expression_line(at.get("id") or text)
            self.error("script_invalid", f"{error.message} {line}", at)
            return None

    def read_script(self, text: str, language: str | None, *keys: str | None) -> Script:
        """``text``, or what process.toml puts in its place by its text or one of ``keys``. Raises ExpressionInvalid."""
        written = self.book.expression(text, *keys)
        return read_script(text, language) if written is None else read_script(written, None)

    def variable(self, name: str | None, at: etree._Element) -> str | None:
        """A variable's name; one that no expression could speak of is a problem.

        FEEL speaks of names with spaces: in Camunda 8's dialect they get a variable's name, by rule and with a warning.
        """
        name = (name or "").strip()
        if is_variable(name):
            return self._named(name, name, at)
        if self.is_zeebe and "." not in name and variable_of(name):
            return self.data_variable(name, at)
        self.error(
            "variable_name",
            f'"{name}" cannot name a variable. Use letters, digits and _, and begin with a letter.',
            at,
        )
        return None

    def data_variable(self, name: str, at: etree._Element) -> str | None:
        """The variable of a data object or of a name with spaces."""
        made = variable_of(name)
        if not made:
            self.error("variable_name", f'"{name}" has no letter to name a variable by.', at)
            return None
        if made != name and made not in self._variables:
            self.warn(
                "variable_renamed",
                f'"{name}" is kept in the variable {made}. FEEL finds it by both names, everything else by the second.',
                at,
            )
        return self._named(made, name, at)

    def _named(self, made: str, name: str, at: etree._Element) -> str | None:
        first = self._variables.setdefault(made, name)
        if first != name:
            self.error(
                "variable_name",
                f'"{first}" and "{name}" would be the same variable {made}. Rename one of them.',
                at,
            )
            return None
        return made

    def variable_value(self, name: str | None, at: etree._Element) -> Expr | None:
        """The expression that reads one variable."""
        known = self.variable(name, at)
        return Expr(source=known, code=known, names=frozenset({known})) if known else None

    def copied(self, name: str | None, at: etree._Element) -> Expr | None:
        """The expression that copies one variable; null while that is not set."""
        known = self.variable(name, at)
        return copy_of(known) if known else None


def expression_line(text: str) -> str:
    """The sentence with the line of process.toml that would replace ``text``."""
    return to_write(EXPRESSIONS, single_spaced(text), '"…"', otherwise="Mend it, or")


def element_id(at: etree._Element | None) -> str:
    """The id by which a person finds ``at`` in the diagram: its own, or that of what it stands in."""
    while at is not None:
        if local(at) in FILE_WIDE and local(at) != "extensionElements":
            return ""
        found = at.get("id")
        if (
            found
            and namespace(at) == BPMN
            and not local(at).endswith(("EventDefinition", "Expression", "Characteristics"))
        ):
            return found
        at = at.getparent()
    return ""


def _texts(root: etree._Element) -> Iterator[str]:
    """Every text and attribute of the file in which an expression could stand."""
    for element in root.iter(etree.Element):
        for text in (element.text or "", *map(str, element.attrib.values())):
            if "{" in text:
                yield text


def _namespaces(root: etree._Element) -> set[str]:
    """Every namespace that an element or attribute of the file is in."""
    found: set[str] = set()
    for element in root.iter():
        found.add(namespace(element))
        found.update(key[1:].partition("}")[0] for key in map(str, element.attrib) if key.startswith("{"))
    return found
