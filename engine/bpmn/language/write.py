"""Writes a syntax tree as one expression of the sandbox's language (calls of our own functions, names, literals)."""

import keyword
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.bpmn.language import feel_functions, feel_ops, juel_methods, juel_ops, python_ops
from engine.bpmn.language.scope import MARK, Scope
from engine.bpmn.language.tree import (
    Binary,
    BusinessKey,
    Call,
    Choice,
    Context,
    Each,
    ExpressionInvalid,
    Filter,
    Index,
    Interval,
    IsSet,
    Items,
    Joined,
    Let,
    Literal,
    Logic,
    Member,
    Method,
    Name,
    Tree,
    Unary,
    Within,
)
from engine.bpmn.language.values import joined

_MAX_DEPTH = 85
"""Nesting of what is written; Python's own reader takes less than 200 open parentheses."""

_JUEL: Mapping[str, Callable[..., Any]] = {
    "eq": juel_ops.equal,
    "ne": juel_ops.differs,
    "lt": juel_ops.less,
    "le": juel_ops.at_most,
    "gt": juel_ops.more,
    "ge": juel_ops.at_least,
    "add": juel_ops.add,
    "sub": juel_ops.subtract,
    "mul": juel_ops.multiply,
    "div": juel_ops.divide,
    "mod": juel_ops.remainder,
    "neg": juel_ops.negative,
    "not": juel_ops.negated,
    "empty": juel_ops.empty,
    "true": juel_ops.truth,
    "member": juel_ops.member,
    "method": juel_methods.call,
    "spin": juel_methods.spin,
}

_FEEL: Mapping[str, Callable[..., Any]] = {
    "eq": feel_ops.equal,
    "ne": feel_ops.differs,
    "lt": feel_ops.less,
    "le": feel_ops.at_most,
    "gt": feel_ops.more,
    "ge": feel_ops.at_least,
    "add": feel_ops.add,
    "sub": feel_ops.subtract,
    "mul": feel_ops.multiply,
    "div": feel_ops.divide,
    "pow": feel_ops.power,
    "neg": feel_ops.negative,
    "not": feel_ops.negated,
    "true": feel_ops.true,
    "and": feel_ops.conjunction,
    "or": feel_ops.disjunction,
    "member": feel_ops.member,
    "index": feel_ops.index,
    "in": feel_ops.within,
    "span": feel_ops.span,
    "filter": feel_ops.filtered,
    "each": feel_ops.each,
    "let": feel_ops.let,
    "context": feel_ops.context,
}


def _function(name: str) -> str:
    return "fn_at" if name == "@" else "fn_" + name.replace(" ", "_")


LIBRARY: Mapping[str, Callable[..., Any]] = {
    MARK + "get": Scope.get,
    MARK + "need": Scope.need,
    MARK + "has": Scope.has,
    MARK + "business_key": Scope.business_key,
    MARK + "text": joined,
    **{f"{MARK}j_{name}": code for name, code in _JUEL.items()},
    **{f"{MARK}f_{name}": code for name, code in _FEEL.items()},
    **{f"{MARK}f_{_function(name)}": code for name, code in feel_functions.CODE.items()},
    **{f"{MARK}p_{name}": code for name, code in python_ops.OPERATORS.items()},
    **{f"{MARK}p_fn_{name}": code for name, code in python_ops.FUNCTIONS.items()},
}
"""Everything written code may call, by the name it has there."""


@dataclass(slots=True)
class _Writer:
    feel: bool
    names: set[str] = field(default_factory=set)
    local: list[str] = field(default_factory=list)
    depth: int = 0

    def call(self, function: str, *args: str) -> str:
        return f"{MARK}{'f' if self.feel else 'j'}_{function}({', '.join(args)})"

    def write(self, tree: Tree) -> str:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise ExpressionInvalid("The expression is nested too deeply, or joins too many parts.")
        code = self._write(tree)
        self.depth -= 1
        return code

    def _write(self, tree: Tree) -> str:
        match tree:
            case Literal(value):
                return repr(value)
            case Name(name, maybe):
                return self.name(name, maybe=maybe)
            case Member(of, name):
                return self.call("member", self.write(of), repr(name))
            case Index(of, at):
                return self.call("index" if self.feel else "member", self.write(of), self.write(at))
            case Unary(op, value):
                return self.call(op, self.write(value))
            case Binary(op, left, right):
                return self.call(op, self.write(left), self.write(right))
            case Logic(op, parts):
                return self.logic(op, parts)
            case Choice(test, yes, no):
                chosen = f"{self.write(yes)} if {self.call('true', self.write(test))} else {self.write(no)}"
                return f"({chosen})"
            case Call(function, args):
                return self.function(function, args)
            case Method(of, "S", ()):
                return self.call("spin", self.write(of))
            case Method(of, name, args):
                return self.call("method", repr(name), self.write(of), *(self.write(arg) for arg in args))
            case IsSet(name):
                self.names.add(name)
                return f"{MARK}has(_s, {name!r})"
            case BusinessKey():
                return f"{MARK}business_key(_s)"
            case Items(items):
                return f"[{', '.join(self.write(item) for item in items)}]"
            case Context(entries) if self.feel and len(entries) > 1:
                return self.context(entries)
            case Context(entries):
                return f"{{{', '.join(f'{key!r}: {self.write(value)}' for key, value in entries)}}}"
            case Interval(low, high, low_included, high_included):
                bounds = [self.write(low) if low else "None", self.write(high) if high else "None"]
                return self.call("span", *bounds, repr(low_included), repr(high_included))
            case Within(value, tests):
                return self.call("in", self.write(value), *(self.write(test) for test in tests))
            case Filter(of, condition):
                cost, body = self.body(condition, ["item"])
                return self.call("filter", "_s", self.write(of), cost, body)
            case Each(kind, name, over, body_tree):
                source = self.write(over)
                cost, body = self.body(body_tree, [name])
                return self.call("each", "_s", repr(kind), repr(name), source, cost, body)
            case Let(names, body_tree):
                given = ", ".join(f"{name!r}: {self.write(value)}" for name, value in names)
                cost, body = self.body(body_tree, [name for name, _ in names])
                return self.call("let", "_s", f"{{{given}}}", cost, body)
            case Joined(parts):
                return f"{MARK}text({', '.join(self.write(part) for part in parts)})"

    def name(self, name: str, *, maybe: bool = False) -> str:
        if name not in self.local:
            self.names.add(name)
        if self.feel or maybe:
            return f"{MARK}get(_s, {name!r})"
        if name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("_"):
            return name
        return f"{MARK}need(_s, {name!r})"

    def logic(self, op: str, parts: tuple[Tree, ...]) -> str:
        if self.feel:
            return self.call(op, *(self.write(part) for part in parts))
        written = (self.call("true", self.write(part)) for part in parts)
        return f"({f' {op} '.join(written)})"

    def body(self, tree: Tree, names: list[str]) -> tuple[str, str]:
        """What a loop runs for each item, and what one round costs of the scope's budget."""
        self.local.extend(names)
        code = self.write(tree)
        del self.local[len(self.local) - len(names) :]
        return str(1 + code.count("(")), f"lambda _s: {code}"

    def context(self, entries: tuple[tuple[str, Tree], ...]) -> str:
        written = []
        for place, (key, value) in enumerate(entries):
            cost, body = self.body(value, [earlier for earlier, _ in entries[:place]])
            written.append(f"({key!r}, {cost}, {body})")
        return self.call("context", "_s", *written)

    def function(self, name: str, args: tuple[Tree, ...]) -> str:
        written = [self.write(arg) for arg in args]
        if self.feel:
            scoped = name in feel_functions.SCOPED
            return self.call(_function(name), *(["_s"] if scoped else []), *written)
        scoped = name in python_ops.SCOPED
        return f"{MARK}p_fn_{name}({', '.join((['_s'] if scoped else []) + written)})"


def write(tree: Tree, *, feel: bool) -> tuple[str, frozenset[str]]:
    """The code, and the variables it reads. Raises ExpressionInvalid when it nests too deeply."""
    writer = _Writer(feel)
    return writer.write(tree), frozenset(writer.names)
