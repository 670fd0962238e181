"""The grammar of FEEL: expressions, and the unary tests of decision tables."""

from collections.abc import Mapping, Sequence

from engine.bpmn.language.feel_functions import FUNCTIONS
from engine.bpmn.language.tokens import Cursor, Kind, Token, number, shortened
from engine.bpmn.language.tree import (
    Binary,
    Call,
    Choice,
    Context,
    Each,
    ExpressionInvalid,
    Filter,
    Function,
    Index,
    Interval,
    Items,
    Let,
    Literal,
    Logic,
    Member,
    Name,
    Tree,
    Unary,
    Within,
)

CELL = "?"
"""The variable that stands for the input value in a unary test."""

_COMPARISONS = {"=": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_SUM = {"+": "add", "-": "sub"}
_PRODUCT = {"*": "mul", "/": "div"}
_STOP = frozenset(["and", "or", "in", "between", "then", "else", "return", "satisfies", "instance"])
_START = frozenset(["if", "for", "some", "every", "function", "null", "true", "false"])
_MOST_WORDS = max(len(name.split()) for name in FUNCTIONS)
_FIRST_WORDS = frozenset(name.split()[0] for name in FUNCTIONS)


Defined = Mapping[str, Function]
"""Functions that the file at hand defines, by name."""


def read(source: str, defined: Defined | None = None, names: Sequence[str] = ()) -> Tree:
    """One FEEL expression, without the leading ``=``. ``names``: those of the file that have other signs in them."""
    grammar = _Grammar(source, defined, names)
    tree = grammar.expression()
    grammar.end()
    return tree


def read_tests(source: str, defined: Defined | None = None, names: Sequence[str] = ()) -> Tree | None:
    """The unary tests of one cell as a condition on the variable ``?``; None for ``-`` or nothing: anything matches."""
    if source.strip() in ("", "-"):
        return None
    grammar = _Grammar(source, defined, names)
    tree = grammar.tests()
    grammar.end()
    return tree


class _Grammar:
    def __init__(self, source: str, defined: Defined | None, names: Sequence[str] = ()) -> None:
        self.at = Cursor(source, names)
        self.defined = defined or {}

    def end(self) -> None:
        if self.at.here.kind is not Kind.END:
            raise self.at.unexpected("The expression should end")

    def expression(self) -> Tree:
        with self.at.deeper():
            if self.at.accept("if"):
                test = self.expression()
                self.at.expect("then")
                yes = self.expression()
                self.at.expect("else")
                return Choice(test, yes, self.expression())
            if self.at.sees("for", "some", "every") and self.at.peek().kind is Kind.NAME:
                return self.each(self.at.take().text)
            if self.at.sees("function") and self.at.peek().text == "(":
                raise ExpressionInvalid("Function definitions are not supported in FEEL here.")
            return self.either()

    def each(self, kind: str) -> Tree:
        loops: list[tuple[str, Tree]] = []
        while True:
            name = self.words()
            self.at.expect("in")
            over = self.expression()
            if self.at.accept(".."):
                over = Call("range of", (over, self.expression()))
            loops.append((name, over))
            if not self.at.accept(","):
                break
        self.at.expect("return" if kind == "for" else "satisfies")
        body = self.expression()
        for place, (name, over) in enumerate(reversed(loops)):
            body = Each(kind if place == 0 or kind != "for" else "flat for", name, over, body)
        return body

    def either(self) -> Tree:
        return self.at.joined("or", self.both, "or")

    def both(self) -> Tree:
        return self.at.joined("and", self.comparison, "and")

    def comparison(self) -> Tree:
        left = self.total()
        if self.at.sees("="):
            if self.at.peek().text == "=" and self.at.peek().at == self.at.here.end:
                raise ExpressionInvalid("FEEL compares with one '=', not '=='.")
        elif self.at.sees("=="):
            raise ExpressionInvalid("FEEL compares with one '=', not '=='.")
        if op := self.at.accept(*_COMPARISONS):
            return Binary(_COMPARISONS[op], left, self.total())
        if self.at.accept("between"):
            low = self.total()
            self.at.expect("and")
            return Within(left, (Interval(low, self.total(), True, True),))
        if self.at.accept("in"):
            return Within(left, self.memberships())
        if self.at.sees("instance") and self.at.peek().text == "of":
            raise ExpressionInvalid("'instance of' is not supported in FEEL here.")
        if self.at.sees("&&", "||", "!"):
            raise ExpressionInvalid("FEEL says 'and', 'or' and 'not(…)', not '&&', '||' or '!'.")
        return left

    def memberships(self) -> tuple[Tree, ...]:
        """What follows ``in``: one test, or several in parentheses."""
        if self.at.sees("(") and not self._interval_in_parentheses():
            self.at.take()
            tests = [self.test_operand()]
            while self.at.accept(","):
                tests.append(self.test_operand())
            self.at.expect(")")
            return tuple(tests)
        return (self.test_operand(),)

    def _interval_in_parentheses(self) -> bool:
        """Whether the parenthesis at hand opens a range such as ``(1..5]``."""
        depth = 0
        for token in self.at.tokens[self.at.place :]:
            if token.kind is not Kind.MARK:
                continue
            if token.text in "([{":
                depth += 1
            elif token.text in ")]}":
                depth -= 1
                if depth <= 0:
                    return False
            elif token.text == ".." and depth == 1:
                return True
        return False

    def test_operand(self) -> Tree:
        """A comparison such as ``< 5`` (an open interval), an interval, or a value."""
        if op := self.at.accept("<", "<=", ">", ">="):
            bound = self.total()
            included = op.endswith("=")
            if op.startswith("<"):
                return Interval(None, bound, False, included)
            return Interval(bound, None, included, False)
        return self.total()

    def tests(self) -> Tree:
        if self.at.sees("not") and self.at.peek().text == "(" and self._not_spans_all():
            self.at.take()
            self.at.take()
            with self.at.deeper():
                inner = self.tests()
            self.at.expect(")")
            return Unary("not", inner)
        parts = [self.cell_test()]
        while self.at.accept(","):
            parts.append(self.cell_test())
        return parts[0] if len(parts) == 1 else Logic("or", tuple(parts))

    def _not_spans_all(self) -> bool:
        depth = 0
        for place in range(self.at.place + 1, len(self.at.tokens) - 1):
            token = self.at.tokens[place]
            if token.kind is Kind.MARK and token.text == "(":
                depth += 1
            elif token.kind is Kind.MARK and token.text == ")":
                depth -= 1
                if depth == 0:
                    return self.at.tokens[place + 1].kind is Kind.END
        return False

    def cell_test(self) -> Tree:
        if op := self.at.accept("=", "!="):
            return Binary(_COMPARISONS[op], Name(CELL), self.total())
        if self.at.sees("<", "<=", ">", ">="):
            return Within(Name(CELL), (self.test_operand(),))
        start = self.at.place
        value = self.expression()
        if any(t.kind is Kind.MARK and t.text == CELL for t in self.at.tokens[start : self.at.place]):
            return value  # a condition of its own on the input value
        return Within(Name(CELL), (value,))

    def total(self) -> Tree:
        left = self.product()
        while op := self.at.accept(*_SUM):
            left = Binary(_SUM[op], left, self.product())
        return left

    def product(self) -> Tree:
        left = self.power()
        while op := self.at.accept(*_PRODUCT):
            left = Binary(_PRODUCT[op], left, self.power())
        return left

    def power(self) -> Tree:
        left = self.unary()
        while self.at.accept("**"):
            left = Binary("pow", left, self.unary())
        return left

    def unary(self) -> Tree:
        with self.at.deeper():
            if self.at.accept("-"):
                value = self.unary()
                if isinstance(value, Literal) and isinstance(value.value, int | float):
                    return Literal(-value.value)
                return Unary("neg", value)
            return self.postfix()

    def postfix(self) -> Tree:
        tree = self.primary()
        while True:
            if self.at.accept("."):
                tree = Member(tree, self.words())
            elif self.at.sees("[") and not isinstance(tree, Literal | Interval):
                self.at.take()
                inner = self.expression()
                self.at.expect("]")
                whole = isinstance(inner, Literal) and isinstance(inner.value, int)
                tree = Index(tree, inner) if whole else Filter(tree, inner)
            else:
                return tree

    def primary(self) -> Tree:
        token = self.at.here
        if token.kind is Kind.NUMBER:
            return Literal(number(self.at.take().text))
        if token.kind is Kind.TEXT:
            return Literal(self._text(self.at.take()))
        if token.kind is Kind.NAME:
            return self.name()
        if self.at.accept("?"):
            return Name(CELL)
        if self.at.accept("@"):
            if self.at.here.kind is not Kind.TEXT:
                raise self.at.unexpected("A date, time or duration in quotes is expected")
            return Call("@", (Literal(self.at.take().text),))
        if self.at.sees("(", "[", "]"):
            return self.bracketed(self.at.take().text)
        if self.at.accept("{"):
            return self.context()
        raise self.at.unexpected("A value is expected")

    def _text(self, token: Token) -> str:
        if self.at.source[token.at] == "'":
            raise ExpressionInvalid(
                f'FEEL writes text in double quotes: "{shortened(token.text, 40)}", not in single ones.'
            )
        return token.text

    def bracketed(self, opening: str) -> Tree:
        """A parenthesis, a list or a range: they start alike."""
        if opening == "[" and self.at.accept("]"):
            return Items(())
        first = self.expression()
        if self.at.accept(".."):
            high = self.expression()
            closing = self.at.accept("]", ")", "[")
            if closing is None:
                raise self.at.unexpected("The end of the range is expected")
            return Interval(first, high, opening == "[", closing == "]")
        if opening == "(":
            self.at.expect(")")
            return first
        if opening == "]":
            raise self.at.unexpected("'..' is expected")
        items = [first]
        while self.at.accept(","):
            items.append(self.expression())
        self.at.expect("]")
        return Items(tuple(items))

    def context(self) -> Tree:
        entries: list[tuple[str, Tree]] = []
        while not self.at.accept("}"):
            if entries:
                self.at.expect(",")
            key = self.at.take().text if self.at.here.kind is Kind.TEXT else self.words()
            self.at.expect(":")
            entries.append((key, self.expression()))
        return Context(tuple(entries))

    def words(self) -> str:
        """A name, which in FEEL may consist of several words."""
        if self.at.here.kind is not Kind.NAME:
            raise self.at.unexpected("A name is expected")
        words = [self.at.take().text]
        while self.at.here.kind is Kind.NAME and self.at.here.text not in _STOP:
            words.append(self.at.take().text)
        return " ".join(words)

    def name(self) -> Tree:
        text = self.at.here.text
        if text in ("true", "false", "null"):
            self.at.take()
            return Literal({"true": True, "false": False, "null": None}[text])
        function = self._function()
        if function is not None:
            return self.call(function)
        if text in _STOP or text in _START:
            raise self.at.unexpected("A value is expected")
        name = self.words()
        if not self.at.sees("("):
            return Name(name)
        if name not in self.defined:
            raise ExpressionInvalid(f"The FEEL function '{name}()' is not known here.")
        called = self.defined[name]
        args = self.arguments(name)
        if len(args) != len(called.parameters):
            raise ExpressionInvalid(f"'{name}()' is called with {len(args)} arguments.")
        return Let(tuple(zip(called.parameters, args, strict=True)), called.body)

    def _function(self) -> str | None:
        """Takes the words of a known function that is called here, such as ``date and time(``."""
        if self.at.here.text not in _FIRST_WORDS:
            return None
        words: list[str] = []
        for ahead in range(_MOST_WORDS + 1):
            token = self.at.peek(ahead)
            if token.kind is Kind.MARK and token.text == "(" and " ".join(words) in FUNCTIONS:
                self.at.place += ahead
                return " ".join(words)
            if token.kind is not Kind.NAME:
                return None
            words.append(token.text)
        return None

    def call(self, function: str) -> Tree:
        args = self.arguments(function)
        fewest, most = FUNCTIONS[function]
        if len(args) < fewest or (most is not None and len(args) > most):
            raise ExpressionInvalid(f"'{function}()' is called with {len(args)} arguments.")
        return Call(function, args)

    def arguments(self, function: str) -> tuple[Tree, ...]:
        self.at.expect("(")
        args: list[Tree] = []
        while not self.at.accept(")"):
            if args:
                self.at.expect(",")
            args.append(self.expression())
            if self.at.sees(":"):
                raise ExpressionInvalid(f"Give the arguments of '{function}()' by position, not by name.")
        return tuple(args)
