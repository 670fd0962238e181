"""The conditions that jBPM and Kogito draw: ``return approved == true;`` over variables, and their KieFunctions."""

import re
from collections.abc import Callable, Mapping

from engine.bpmn.language import juel
from engine.bpmn.language.tokens import Kind
from engine.bpmn.language.tree import Binary, ExpressionInvalid, Literal, Name, Tree, Unary

_RETURN = re.compile(r"\s*return\b(.*?);?\s*", re.DOTALL)
_OF_ONE: Mapping[str, Callable[[Tree], Tree]] = {
    "isTrue": lambda a: Binary("eq", a, Literal(True)),
    "isFalse": lambda a: Binary("eq", a, Literal(False)),
    "isNull": lambda a: Binary("eq", a, Literal(None)),
    "isEmpty": lambda a: Unary("empty", a),
}
_OF_TWO = {
    "equalsTo": "eq",
    "greaterThan": "gt",
    "greaterOrEqualThan": "ge",
    "lessThan": "lt",
    "lessOrEqualThan": "le",
}
_MODIFIERS = frozenset({"new", "instanceof", "this", "super", "kcontext"})


def is_return(text: str) -> bool:
    return _RETURN.fullmatch(text) is not None


def read(text: str) -> Tree:
    """One expression, with or without ``return``. A variable that is not set is null, as it is there.

    Raises:
        ExpressionInvalid: statements, casts, objects and methods that plain data have not.
    """
    found = _RETURN.fullmatch(text)
    return _Grammar(found[1] if found else text).whole()


class _Grammar(juel.Grammar):
    def name(self) -> Tree:
        word = self.at.here.text
        if word == "KieFunctions":
            self.at.take()
            return self.kie()
        if word in _MODIFIERS:
            raise ExpressionInvalid(
                f"'{word}' is Java code, which does not run here; read variables of the case."
            )
        tree = super().name()
        return Name(tree.name, maybe=True) if isinstance(tree, Name) else tree

    def kie(self) -> Tree:
        self.at.expect(".")
        name = self.at.take().text if self.at.here.kind is Kind.NAME else ""
        self.at.expect("(")
        args = tuple(self.arguments())
        if name in _OF_ONE:
            self.count(name, args, 1, 1)
            return _OF_ONE[name](args[0])
        if name in _OF_TWO:
            self.count(name, args, 2, 2)
            return Binary(_OF_TWO[name], *args)
        known = ", ".join(sorted({*_OF_ONE, *_OF_TWO}))
        raise ExpressionInvalid(f"KieFunctions.{name}() is not known here; known are {known}.")
