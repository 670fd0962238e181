"""The one door for expressions and scripts: read once when a file is admitted, evaluated in the sandbox at run time.

Three languages are read into one sandbox language: JUEL (``${…}``), FEEL (``= …``) and the sandbox's own, a subset of
Python. What is not understood is refused when it is read, with a sentence that says what and why.

Functions everywhere: ``now()``, ``today()`` (local to the process's calendar), ``working_days(5)`` and
``working_hours(8)``: timer texts ``working:P5D`` and ``working:PT8H`` that ``times.due`` counts with the calendar. In
JUEL and the sandbox's language also len, str, int, float, round, min, max, sum, abs, sorted, any, all.
"""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from engine.bpmn.language import feel, java, juel, python, xpath
from engine.bpmn.language.scope import Scope
from engine.bpmn.language.tree import Binary, Choice, ExpressionInvalid, Function, IsSet, Literal, Name, Tree
from engine.bpmn.language.write import write
from engine.bpmn.model import Expr, Script
from engine.bpmn.sandbox import (
    SandboxError,
    close_sandbox,
    compiled,
    run_in_process,
    run_in_worker,
    run_script,
)
from engine.bpmn.step import World

__all__ = [
    "Dialect",
    "Effect",
    "ExpressionInvalid",
    "SandboxError",
    "close_sandbox",
    "constant",
    "copy_of",
    "default_of",
    "evaluate",
    "execute",
    "read_effects",
    "read_expression",
    "read_function",
    "read_script",
    "read_template",
    "read_tests",
]


class Dialect(StrEnum):
    """The language of a file's expressions. In PLAIN there are none: text is text."""

    PLAIN = "plain"
    JUEL = "juel"
    FEEL = "feel"
    ENVIRONMENT = "environment"  # JUEL with the words of the JavaScript bpmn-engine
    SPIFF = "spiff"
    XPATH = "xpath"
    JAVA = "java"  # conditions of jBPM


@dataclass(frozen=True, slots=True)
class Effect:
    """A call for what it does: ``of`` is "execution" or "task"."""

    of: str
    method: str
    args: tuple[Expr, ...]


_SCRIPT_LANGUAGES = frozenset(
    {"", "python", "python3", "text/python", "text/x-python", "application/python", "application/x-python"}
)


def read_expression(
    text: str, dialect: Dialect, *, defined: feel.Defined | None = None, names: Sequence[str] = ()
) -> Expr:
    """A whole text as one expression.

    Args:
        text: ``${a == 1}`` in JUEL (without ``${``, a constant text); ``= a = 1`` in FEEL, the ``=`` may be left out;
            ``a == 1`` in SPIFF; ``bpmn:getDataObject('a') = 1`` in XPATH; ``return a == 1;`` in JAVA; a constant text in PLAIN.
        dialect: the language of the attribute it stands in.
        defined: functions that the file defines, for FEEL.
        names: names of the file that have other signs than letters and digits in them, for FEEL.

    Raises:
        ExpressionInvalid: with a sentence for the designer.
    """
    match dialect:
        case Dialect.PLAIN:
            return _constant(text, text)
        case Dialect.JUEL:
            return _written(text, juel.read(text.strip()), feel=False)
        case Dialect.ENVIRONMENT:
            return _written(text, juel.read(text.strip(), environment=True), feel=False)
        case Dialect.FEEL:
            return _written(text, feel.read(_without_equals(text), defined, names), feel=True)
        case Dialect.XPATH:
            return _written(text, xpath.read(text), feel=False)
        case Dialect.JAVA:
            return _written(text, java.read(text), feel=False)
        case Dialect.SPIFF:
            parsed = python.read_expression(text)
            return Expr(text, parsed.code, parsed.names, parsed.constant)


def read_template(text: str, dialect: Dialect) -> Expr:
    """A text that may hold expressions: a name, an assignee, a topic.

    JUEL: any number of ``${…}`` in it; one alone keeps its type. FEEL: an expression when it begins with ``=``. Else, and
    in the other dialects, the text itself. Raises ExpressionInvalid.
    """
    match dialect:
        case Dialect.JUEL:
            return _written(text, juel.read(text), feel=False)
        case Dialect.ENVIRONMENT:
            return _written(text, juel.read(text, environment=True), feel=False)
        case Dialect.FEEL if text.lstrip().startswith("="):
            return read_expression(text, Dialect.FEEL)
        case _:
            return _constant(text, text)


def read_function(
    text: str, parameters: Sequence[str], *, defined: feel.Defined | None = None, names: Sequence[str] = ()
) -> Function:
    """The FEEL body of a function that a file defines.

    Raises:
        ExpressionInvalid: also when it reads anything but its parameters.
    """
    tree = feel.read(_without_equals(text), defined, names)
    strangers = write(tree, feel=True)[1] - set(parameters)
    if strangers:
        raise ExpressionInvalid(f"'{min(strangers)}' is no parameter of this function.")
    return Function(tuple(parameters), tree)


def copy_of(name: str, *, otherwise: str | None = None) -> Expr:
    """The value of one variable, null while it is not set; or then that of the variable ``otherwise``."""
    value: Tree = Name(name, maybe=True)
    if otherwise is not None:
        value = Choice(Binary("eq", value, Literal(None)), Name(otherwise, maybe=True), value)
    return _written(name, value, feel=False)


def default_of(name: str, value: str | int | float | bool) -> Expr:
    """The value of a variable, or ``value`` while it is not set."""
    return _written(name, Choice(IsSet(name), Name(name), Literal(value)), feel=False)


def read_effects(text: str) -> list[Effect]:
    """The calls of a listener's JUEL: ``${execution.setVariable("a", b + 1)}``. Raises ExpressionInvalid."""
    return [
        Effect(
            effect.of, effect.method, tuple(_written(text, argument, feel=False) for argument in effect.args)
        )
        for effect in juel.read_effects(text.strip())
    ]


def constant(expr: Expr) -> Any:
    """The value of a constant expression; None for one that is evaluated."""
    return ast.literal_eval(expr.code) if expr.constant else None


def read_tests(text: str, *, defined: feel.Defined | None = None, names: Sequence[str] = ()) -> Expr | None:
    """The FEEL unary tests of a decision table's cell, as a condition on the variable ``?``; None when anything matches.

    Raises ExpressionInvalid.
    """
    tree = feel.read_tests(text, defined, names)
    return None if tree is None else _written(text, tree, feel=True)


def read_script(text: str, language: str | None) -> Script:
    """A script in the sandbox's language. Raises ExpressionInvalid, also for any other language, by its name."""
    named = (language or "").strip().lower()
    if named not in _SCRIPT_LANGUAGES:
        raise ExpressionInvalid(
            f"Scripts in '{language}' cannot run here: write it in the sandbox's language (a subset of Python), "
            "or use expressions and decision tables."
        )
    parsed = _read_script(text)
    return Script(text, parsed.code, parsed.names, parsed.assigns)


def evaluate(expr: Expr, variables: Mapping[str, Any], *, world: World | None = None) -> Any:
    """The expression's value: JSON, dates, Decimal. ``world`` gives now(), today() and the calendar's time zone.

    A variable that is not set is an error in JUEL and SPIFF, null in FEEL.

    Raises:
        SandboxError: ``expression_failed`` or ``sandbox_limit``.
    """
    code = compiled(expr.code)
    if code is not None:
        return run_in_process(code, Scope(variables, world))
    return run_in_worker(
        expr.code, {name: variables[name] for name in expr.names if name in variables}, world
    )


def execute(script: Script, variables: Mapping[str, Any], *, world: World | None = None) -> dict[str, Any]:
    """What the script assigned, or changed in place; ``variables`` themselves are not touched.

    Raises:
        SandboxError: ``script_failed`` or ``sandbox_limit``.
    """
    known = {name: variables[name] for name in script.names | script.assigns if name in variables}
    found = run_script(script.code, known, script.assigns, world)
    sets = python.assigned(script.code)
    return {name: value for name, value in found.items() if name in sets or not _same(value, known.get(name))}


def _same(new: Any, old: Any) -> bool:
    return type(new) is type(old) and bool(new == old)


def _constant(source: str, value: Any) -> Expr:
    return Expr(source, repr(value), frozenset(), constant=True)


def _written(source: str, tree: Tree, *, feel: bool) -> Expr:
    if isinstance(tree, Literal):
        return _constant(source, tree.value)
    code, names = write(tree, feel=feel)
    return Expr(source, code, names)


def _without_equals(text: str) -> str:
    stripped = text.strip()
    return stripped[1:] if stripped.startswith("=") else stripped


def _read_script(text: str) -> python.Parsed:
    """A script in an XML file has the file's margin; its first line may have none, as it stands behind the tag."""
    try:
        return python.read_script(_dedented(text))
    except ExpressionInvalid:
        first, newline, rest = text.lstrip("\n").partition("\n")
        if not newline or first[:1].isspace():
            raise
        try:
            return python.read_script(f"{first}\n{_dedented(rest)}")
        except ExpressionInvalid:
            pass
        raise


def _dedented(text: str) -> str:
    lines = text.splitlines()
    indents = [line[: len(line) - len(line.lstrip())].expandtabs(4) for line in lines]
    margin = min(
        (len(indent) for indent, line in zip(indents, lines, strict=True) if line.strip()), default=0
    )
    return "\n".join(indent[margin:] + line.lstrip() for indent, line in zip(indents, lines, strict=True))
