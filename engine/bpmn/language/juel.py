"""The grammar of ``${…}`` and ``#{…}``: the part of JUEL that needs no beans, and methods of plain data only."""

import re
from dataclasses import dataclass

from engine.bpmn.language.juel_methods import METHODS
from engine.bpmn.language.tokens import Cursor, Kind, number
from engine.bpmn.language.tree import (
    Binary,
    BusinessKey,
    Call,
    Choice,
    ExpressionInvalid,
    Index,
    IsSet,
    Joined,
    Literal,
    Member,
    Method,
    Name,
    Tree,
    Unary,
)

FUNCTIONS = frozenset(
    [
        "now",
        "today",
        "working_days",
        "working_hours",
        "len",
        "str",
        "int",
        "float",
        "round",
        "min",
        "max",
        "sum",
        "abs",
        "sorted",
        "any",
        "all",
    ]
)

_WORDS = frozenset(
    [
        "true",
        "false",
        "null",
        "empty",
        "not",
        "and",
        "or",
        "eq",
        "ne",
        "lt",
        "le",
        "gt",
        "ge",
        "div",
        "mod",
        "instanceof",
    ]
)
_OBJECTS = {"caseExecution", "authenticatedUserId"}
_JSON = ("S", "JSON")
_KEYS = ("processBusinessKey", "businessKey", "getProcessBusinessKey", "getBusinessKey")
_EQUALITY = {"==": "eq", "eq": "eq", "!=": "ne", "ne": "ne"}
_ORDER = {"<": "lt", "lt": "lt", "<=": "le", "le": "le", ">": "gt", "gt": "gt", ">=": "ge", "ge": "ge"}
_SUM = {"+": "add", "-": "sub"}
_PRODUCT = {"*": "mul", "/": "div", "div": "div", "%": "mod", "mod": "mod"}


_ENVIRONMENT = {"environment": ("output", "variables"), "content": ("output",)}
"""Objects of the JavaScript bpmn-engine, and their parts that hold variables."""
_ENVIRONMENT_SEEN = re.compile(
    r"[$#]\{[^}]*\b(?:environment\s*\.\s*(?:services|output|variables)|content\s*\.\s*output)\s*\."
)


def speaks_environment(text: str) -> bool:
    """Whether an expression in the text uses the words of the JavaScript bpmn-engine."""
    return _ENVIRONMENT_SEEN.search(text) is not None


def read(text: str, *, environment: bool = False) -> Tree:
    """A text with any number of ``${…}`` in it. One expression alone keeps its type; otherwise the result is text.

    Args:
        environment: it is written for the JavaScript bpmn-engine: ``environment.output.x``, ``environment.variables.x``,
            ``content.output.x`` and ``content.output.form.x`` are the variable ``x``.
    """
    parts: list[Tree] = []
    for literal, expression in _split(text):
        if literal:
            parts.append(Literal(literal))
        if expression is not None:
            parts.append(Grammar(expression, environment=environment).whole())
    if not parts:
        return Literal("")
    return parts[0] if len(parts) == 1 else Joined(tuple(parts))


def _split(text: str) -> list[tuple[str, str | None]]:
    """Pairs of literal text and the expression that follows it (None after the last)."""
    pairs: list[tuple[str, str | None]] = []
    literal: list[str] = []
    at = 0
    while at < len(text):
        if text[at] == "\\" and text[at + 1 : at + 3] in ("${", "#{"):
            literal.append(text[at + 1 : at + 3])
            at += 3
        elif text[at : at + 2] in ("${", "#{"):
            end = _closing(text, at + 2)
            pairs.append(("".join(literal), text[at + 2 : end]))
            literal = []
            at = end + 1
        else:
            literal.append(text[at])
            at += 1
    pairs.append(("".join(literal), None))
    return pairs


def _closing(text: str, at: int) -> int:
    quote = ""
    while at < len(text):
        char = text[at]
        if quote:
            if char == "\\":
                at += 1
            elif char == quote:
                quote = ""
        elif char in "\"'":
            quote = char
        elif char == "}":
            return at
        at += 1
    raise ExpressionInvalid("An expression that starts with '${' has no closing '}'.")


@dataclass(frozen=True, slots=True)
class Effect:
    """A method call for what it does: ``execution.setVariable("a", 1)``. ``of``: execution or task."""

    of: str
    method: str
    args: tuple[Tree, ...]


def read_effects(text: str) -> list[Effect]:
    """A text of one or several ``${…}``, each a call for what it does. Raises ExpressionInvalid."""
    effects: list[Effect] = []
    for literal, expression in _split(text):
        if literal.strip():
            raise ExpressionInvalid(f"'{literal.strip()}' is text, not a call.")
        if expression is not None:
            effects.append(Grammar(expression, listens=True).effect())
    return effects


class Grammar:
    """One expression. ``listens``: in a listener, where ``task`` is the task and no variable. ``environment``: as in ``read``."""

    def __init__(self, source: str, *, listens: bool = False, environment: bool = False) -> None:
        self.at = Cursor(source)
        self.listens = listens
        self.environment = environment

    def whole(self) -> Tree:
        tree = self.choice()
        if self.at.here.kind is not Kind.END:
            raise self.at.unexpected("The expression should end")
        return tree

    def effect(self) -> Effect:
        of = self.at.here.text
        if not self.at.accept("execution", "task"):
            raise ExpressionInvalid("It must call a method of execution or of task.")
        self.at.expect(".")
        if of == "task" and self.at.accept("execution"):
            of = "execution"
            self.at.expect(".")
        method = self.at.take().text
        self.at.expect("(")
        effect = Effect(of, method, tuple(self.arguments()))
        if self.at.here.kind is not Kind.END:
            raise self.at.unexpected("The call should end")
        return effect

    def choice(self) -> Tree:
        with self.at.deeper():
            test = self.either()
            if not self.at.accept("?"):
                return test
            yes = self.choice()
            self.at.expect(":")
            return Choice(test, yes, self.choice())

    def either(self) -> Tree:
        return self.at.joined("or", self.both, "||", "or")

    def both(self) -> Tree:
        return self.at.joined("and", self.equality, "&&", "and")

    def equality(self) -> Tree:
        left = self.order()
        while op := self.at.accept(*_EQUALITY):
            left = Binary(_EQUALITY[op], left, self.order())
        return left

    def order(self) -> Tree:
        left = self.total()
        while op := self.at.accept(*_ORDER):
            left = Binary(_ORDER[op], left, self.total())
        if self.at.sees("instanceof"):
            raise ExpressionInvalid("'instanceof' is not supported: variables are plain data.")
        return left

    def total(self) -> Tree:
        left = self.product()
        while op := self.at.accept(*_SUM):
            left = Binary(_SUM[op], left, self.product())
        return left

    def product(self) -> Tree:
        left = self.unary()
        while op := self.at.accept(*_PRODUCT):
            left = Binary(_PRODUCT[op], left, self.unary())
        return left

    def unary(self) -> Tree:
        with self.at.deeper():
            if self.at.accept("!", "not"):
                return Unary("not", self.unary())
            if self.at.accept("-"):
                return Unary("neg", self.unary())
            if self.at.accept("empty"):
                return Unary("empty", self.unary())
            return self.postfix()

    def postfix(self) -> Tree:
        tree = self.primary()
        while True:
            if self.at.accept("."):
                if self.at.here.kind is not Kind.NAME:
                    raise self.at.unexpected("A property name is expected")
                name = self.at.take().text
                tree = self.method(tree, name) if self.at.sees("(") else Member(tree, name)
            elif self.at.accept("["):
                tree = Index(tree, self.choice())
                self.at.expect("]")
            else:
                return tree

    def primary(self) -> Tree:
        token = self.at.here
        if token.kind is Kind.NUMBER:
            return Literal(number(self.at.take().text))
        if token.kind is Kind.TEXT:
            return Literal(self.at.take().text)
        if self.at.accept("("):
            tree = self.choice()
            self.at.expect(")")
            return tree
        if token.kind is Kind.NAME:
            return self.name()
        raise self.at.unexpected("A value is expected")

    def name(self) -> Tree:
        name = self.at.take().text
        if name in ("true", "false"):
            return Literal(name == "true")
        if name == "null":
            return Literal(None)
        if name in _WORDS:
            raise ExpressionInvalid(f"'{name}' stands where a value is expected.")
        if name == "execution" or (self.listens and name == "task"):
            return self.asked_of(name)
        if self.environment and name in _ENVIRONMENT and self.at.sees("."):
            return self.in_environment(name)
        if name in _OBJECTS:
            raise ExpressionInvalid(
                f"'{name}' is an object of another engine; read a variable of the case instead."
            )
        if self.at.sees("("):
            return self.call(name)
        if self.at.sees(":") and self.at.peek(2).text == "(":
            raise ExpressionInvalid(f"The function '{name}:{self.at.peek().text}' is not known here.")
        return Name(name)

    def call(self, name: str) -> Tree:
        if name not in FUNCTIONS and name not in (*_JSON, "dateTime"):
            known = ", ".join(sorted({*FUNCTIONS, *_JSON, "dateTime"}))
            raise ExpressionInvalid(f"The function '{name}()' is not known here; known are {known}.")
        self.at.expect("(")
        args = tuple(self.arguments())
        if name in _JSON:
            self.count(name, args, 1, 1)
            return Method(args[0], "S", ())
        if name == "dateTime":
            self.count(name, args, 0, 0)
            return Call("now", ())
        return Call(name, args)

    def count(self, name: str, args: tuple[Tree, ...], least: int, most: int) -> None:
        if not least <= len(args) <= most:
            wanted = str(least) if least == most else f"{least} to {most}"
            raise ExpressionInvalid(f"'{name}()' wants {wanted} values, not {len(args)}.")

    def method(self, of: Tree, name: str) -> Tree:
        known = METHODS.get(name)
        if known is None:
            raise ExpressionInvalid(
                f"The method call '.{name}(…)' is not supported: variables are plain data, and this is no method of it."
            )
        self.at.expect("(")
        args = tuple(self.arguments())
        self.count(f".{name}", args, known.least, known.most)
        return Method(of, name, args)

    def arguments(self) -> list[Tree]:
        """What stands up to the closing parenthesis; the opening one is taken."""
        args: list[Tree] = []
        while not self.at.accept(")"):
            if args:
                self.at.expect(",")
            args.append(self.choice())
        return args

    def in_environment(self, of: str) -> Tree:
        """The variable behind a path of the JavaScript bpmn-engine."""
        path = [of]
        while self.at.sees(".") and self.at.peek().kind is Kind.NAME and len(path) < 4:
            self.at.take()
            path.append(self.at.take().text)
            if len(path) == 3 and path[2] != "form":
                break
        known = path[1] in _ENVIRONMENT[of] and len(path) in (3, 4) and not self.at.sees("(")
        if not known or path[-1] == "form":
            raise ExpressionInvalid(
                f"'{'.'.join(path)}' is an object of another engine; read a variable of the case instead."
            )
        return Name(path[-1])

    def asked_of(self, of: str) -> Tree:
        """``execution.getVariable("name")`` (null when it is not set), ``hasVariable``, and the case's business key."""
        if self.listens and of == "task" and self.at.sees(".") and self.at.peek().text == "execution":
            self.at.take()
            self.at.take()
        asked = self.at.take().text if self.at.accept(".") else ""
        args = self.arguments() if asked and self.at.accept("(") else None
        if asked in _KEYS and not args and (args is not None) is asked.startswith("get"):
            return BusinessKey()
        if asked in ("getVariable", "hasVariable") and args is not None and len(args) == 1:
            name = args[0].value if isinstance(args[0], Literal) else None
            if isinstance(name, str):
                return Name(name, maybe=True) if asked == "getVariable" else IsSet(name)
        raise ExpressionInvalid(
            f"'{of}{'.' if asked else ''}{asked}' is of another engine; read a variable of the case instead, "
            f"by its name or by {of}.getVariable('name')."
        )
