"""The grammar of XPath as BPMN's own conditions use it: data objects compared with values, joined by and, or and not."""

import re

from engine.bpmn.language.names import variable_of
from engine.bpmn.language.tokens import Cursor, Kind, number
from engine.bpmn.language.tree import Binary, ExpressionInvalid, Literal, Member, Name, Tree, Unary

READERS = frozenset({"getDataObject", "getProcessProperty"})
"""Functions that BPMN adds to XPath: they read a variable by its name."""
_COMPARISONS = {"=": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_MENTION = re.compile(r"\bget(?:DataObject|DataInput|DataOutput|ProcessProperty|ActivityProperty)\s*\(")


def is_meant(text: str) -> bool:
    """Whether a text without a declared language speaks BPMN's XPath."""
    return _MENTION.search(text) is not None


def read(text: str) -> Tree:
    """One expression. Raises ExpressionInvalid for anything beyond the module's first line."""
    grammar = _Grammar(text)
    tree = grammar.either()
    if grammar.at.here.kind is not Kind.END:
        raise grammar.at.unexpected("The expression should end")
    return tree


class _Grammar:
    def __init__(self, source: str) -> None:
        self.at = Cursor(source)

    def either(self) -> Tree:
        with self.at.deeper():
            return self.at.joined("or", self.both, "or")

    def both(self) -> Tree:
        return self.at.joined("and", self.comparison, "and")

    def comparison(self) -> Tree:
        left = self.operand()
        while op := self.at.accept(*_COMPARISONS):
            left = Binary(_COMPARISONS[op], left, self.operand())
        return left

    def operand(self) -> Tree:
        token = self.at.here
        if token.kind is Kind.NUMBER:
            return Literal(number(self.at.take().text))
        if token.kind is Kind.TEXT:
            return Literal(self.at.take().text)
        if self.at.accept("-"):
            if self.at.here.kind is not Kind.NUMBER:
                raise self.at.unexpected("A number is expected")
            return Literal(-number(self.at.take().text))
        if self.at.accept("("):
            tree = self.either()
            self.at.expect(")")
            return tree
        if token.kind is Kind.NAME:
            return self.function()
        raise self.at.unexpected("A value is expected")

    def function(self) -> Tree:
        """``not(…)``, ``true()``, ``false()``, ``bpmn:getDataObject('name')`` with a path of names behind it."""
        name = self.at.take().text
        if self.at.sees(":") and self.at.peek().kind is Kind.NAME:
            self.at.take()
            name = self.at.take().text
        if not self.at.accept("("):
            raise ExpressionInvalid(
                f"'{name}' is a path into a document, and variables are none. Read one with bpmn:getDataObject('{name}')."
            )
        if name == "not":
            tree: Tree = Unary("not", self.either())
            self.at.expect(")")
            return tree
        if name in ("true", "false"):
            self.at.expect(")")
            return Literal(name == "true")
        if name not in READERS:
            known = ", ".join(sorted(READERS | {"not", "true", "false"}))
            raise ExpressionInvalid(f"The XPath function '{name}()' is not known here; known are {known}.")
        tree = Name(variable_of(self.word(Kind.TEXT, "A name in quotes is expected")), maybe=True)
        self.at.expect(")")
        while self.at.accept("/"):
            tree = Member(tree, self.word(Kind.NAME, "A name is expected"))
        return tree

    def word(self, kind: Kind, wanted: str) -> str:
        if self.at.here.kind is not kind:
            raise self.at.unexpected(wanted)
        return self.at.take().text
