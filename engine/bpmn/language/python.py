"""The sandbox's own language, a subset of Python: reads what a designer wrote, and finds what it reads and sets."""

import ast
from collections.abc import Set
from dataclasses import dataclass
from functools import lru_cache

from engine.bpmn.language.python_ops import FUNCTIONS, SCOPED
from engine.bpmn.language.scope import MARK
from engine.bpmn.language.tokens import MAX_LENGTH, shortened
from engine.bpmn.language.tree import ExpressionInvalid

IMPORTS = frozenset({"datetime", "decimal", "json", "math", "re"})
"""Modules that a script may import; the sandbox has its own versions of them."""

WORLD = frozenset({"now", "today", "working_days", "working_hours"})
"""Functions that only we offer."""

_CALLED = WORLD | frozenset(
    [
        "abs",
        "all",
        "any",
        "bool",
        "dict",
        "divmod",
        "enumerate",
        "filter",
        "float",
        "int",
        "isinstance",
        "len",
        "list",
        "map",
        "max",
        "min",
        "print",
        "range",
        "reversed",
        "round",
        "set",
        "sorted",
        "str",
        "sum",
        "tuple",
        "type",
        "zip",
    ]
)
"""Names that are functions where they are called, and may be variables elsewhere."""

_TYPES = frozenset(
    [
        "bool",
        "dict",
        "float",
        "int",
        "list",
        "set",
        "str",
        "tuple",
        "Exception",
        "IndexError",
        "KeyError",
        "TypeError",
        "ValueError",
        "ZeroDivisionError",
    ]
)

_MAX_DEPTH = 60
_MAX_NODES = 5_000

_PLAIN = (
    *(ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.Compare, ast.Eq),
    *(ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Is, ast.IsNot, ast.In, ast.NotIn, ast.Name, ast.Load),
    *(ast.Constant, ast.Subscript, ast.List, ast.Tuple, ast.Dict, ast.IfExp, ast.Attribute, ast.BinOp),
    *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Call),
)
"""What is evaluated in-process; anything else runs in a worker."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """``code`` is in-process code when ``plain``, else it is for a worker."""

    code: str
    plain: bool
    names: frozenset[str]
    assigns: frozenset[str] = frozenset()
    constant: bool = False


def read_expression(source: str) -> Parsed:
    tree = _parse(source.strip(), "eval")
    assert isinstance(tree, ast.Expression)  # noqa: S101 - what mode "eval" gives
    names = _loaded(tree)
    if isinstance(tree.body, ast.Lambda):
        raise ExpressionInvalid("A function is no value that a case can hold.")
    _check_calls(tree, frozenset())
    if isinstance(tree.body, ast.Constant):
        return Parsed(repr(tree.body.value), True, frozenset(), constant=True)
    if _is_plain(tree):
        return Parsed(ast.unparse(_InProcess().visit(tree)), True, names)
    return Parsed(ast.unparse(_Members().visit(tree)), False, names)


def read_script(source: str) -> Parsed:
    tree = _parse(source, "exec")
    assert isinstance(tree, ast.Module)  # noqa: S101 - what mode "exec" gives
    bound = _Bound()
    for statement in tree.body:
        bound.visit(statement)
    _check_calls(tree, bound.others | bound.assigned)
    names = _loaded(tree) - bound.others
    code = ast.unparse(ast.fix_missing_locations(_Members().visit(tree)))
    return Parsed(code, False, names, frozenset(bound.assigned - bound.others) | (bound.touched & names))


@lru_cache(maxsize=1024)
def assigned(code: str) -> frozenset[str]:
    """The names a script sets whatever their values were; what it may change in place is not among them."""
    bound = _Bound()
    bound.visit(ast.parse(code))
    return frozenset(bound.assigned - bound.others)


def _parse(source: str, mode: str) -> ast.AST:
    if len(source) > MAX_LENGTH:
        raise ExpressionInvalid(f"The text is longer than {MAX_LENGTH} characters.")
    try:
        tree: ast.AST = ast.parse(source, mode=mode)
    except SyntaxError as error:
        line = f" in line {error.lineno}" if mode == "exec" else ""
        raise ExpressionInvalid(f"{error.msg or 'syntax error'}{line}: {shortened(source)}") from None
    except (ValueError, RecursionError, MemoryError):
        raise ExpressionInvalid(f"This cannot be read: {shortened(source)}") from None
    _look_through(tree)
    return tree


def _look_through(tree: ast.AST) -> None:
    """Refuses what no variable or script of ours may hold, before any recursive walk."""
    waiting: list[tuple[ast.AST, int]] = [(tree, 0)]
    seen = 0
    while waiting:
        node, depth = waiting.pop()
        seen += 1
        if depth > _MAX_DEPTH or seen > _MAX_NODES:
            raise ExpressionInvalid("The text is nested too deeply or too long.")
        waiting.extend((child, depth + 1) for child in ast.iter_child_nodes(node))
        _refuse(node)


def _refuse(node: ast.AST) -> None:
    match node:
        case ast.Name(id=name) if name.startswith(("__", MARK)) or name == "_s":
            raise ExpressionInvalid(f"The name '{name}' is reserved.")
        case ast.Attribute(attr=name) if name.startswith("_"):
            raise ExpressionInvalid(f"The property '{name}' is reserved.")
        case ast.Constant(value=value) if not isinstance(value, str | int | float | None):
            raise ExpressionInvalid("Only texts, numbers, true, false and nothing can be written as values.")
        case ast.Constant(value=int() as value) if abs(value) > 10**30:
            raise ExpressionInvalid("A number is too large.")
        case ast.Compare() if _compares_identity(node):
            raise ExpressionInvalid("'is' is for None, True and False only; compare values with '=='.")
        case ast.Import(names=names):
            for alias in names:
                _check_import(alias.name)
        case ast.ImportFrom(module=module):
            _check_import(module or "")
        case (
            ast.Await()
            | ast.AsyncFunctionDef()
            | ast.AsyncFor()
            | ast.AsyncWith()
            | ast.Yield()
            | ast.YieldFrom()
        ):
            raise ExpressionInvalid("Asynchronous code and generators are not supported.")
        case ast.ClassDef() | ast.Delete() | ast.NamedExpr():
            raise ExpressionInvalid("Classes, 'del' and ':=' are not supported in scripts.")
        case _:
            return


def _compares_identity(node: ast.Compare) -> bool:
    return any(
        isinstance(op, ast.Is | ast.IsNot)
        and not (isinstance(side, ast.Constant) and (side.value is None or isinstance(side.value, bool)))
        for op, side in zip(node.ops, node.comparators, strict=True)
    )


def _check_calls(tree: ast.AST, defined: Set[str]) -> None:
    params = {a.arg for a in ast.walk(tree) if isinstance(a, ast.arg)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            name = node.func.id
            if name not in _CALLED and name not in _TYPES and name not in defined and name not in params:
                raise ExpressionInvalid(f"The function '{name}()' is not known here.")


def _check_import(module: str) -> None:
    if module not in IMPORTS:
        raise ExpressionInvalid(
            f"The module '{module}' cannot be imported; {', '.join(sorted(IMPORTS))} can."
        )


def _loaded(tree: ast.AST) -> frozenset[str]:
    called = {id(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    names = {
        n.id
        for n in ast.walk(tree)
        if isinstance(n, ast.Name)
        and isinstance(n.ctx, ast.Load)
        and not (id(n) in called and n.id in _CALLED)
    }
    inner = {
        n.id
        for c in ast.walk(tree)
        if isinstance(c, ast.comprehension)
        for n in ast.walk(c.target)
        if isinstance(n, ast.Name)
    }
    params = {a.arg for a in ast.walk(tree) if isinstance(a, ast.arg)}
    return frozenset(names - inner - params - _TYPES)


def _is_plain(tree: ast.AST) -> bool:
    for node in ast.walk(tree):
        if not isinstance(node, _PLAIN):
            return False
        if isinstance(node, ast.Call) and not (
            isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS and not node.keywords
        ):
            return False
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod | ast.Mult) and _repeats(node):
            return False
    return True


def _repeats(node: ast.BinOp) -> bool:
    """Whether it formats or repeats a text or list, which is work for a worker."""
    for side in (node.left, node.right):
        if isinstance(side, ast.List | ast.Tuple) or (
            isinstance(side, ast.Constant) and isinstance(side.value, str)
        ):
            return True
    return False


class _InProcess(ast.NodeTransformer):
    """Puts our bounded functions in the place of Python's arithmetic, members and built-ins."""

    def _call(self, name: str, *args: ast.expr) -> ast.Call:
        return ast.Call(ast.Name(f"{MARK}p_{name}", ast.Load()), list(args), [])

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        return self._call(type(node.op).__name__, node.left, node.right)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.USub) and not isinstance(node.operand, ast.Constant):
            return self._call("USub", node.operand)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        return self._call("member", node.value, ast.Constant(node.attr))

    def visit_Call(self, node: ast.Call) -> ast.AST:
        assert isinstance(node.func, ast.Name)  # noqa: S101 - _is_plain has seen to it
        args = [self.visit(arg) for arg in node.args]
        if node.func.id in SCOPED:
            args.insert(0, ast.Name("_s", ast.Load()))
        return self._call(f"fn_{node.func.id}", *args)


class _Members(ast.NodeTransformer):
    """For the worker: ``a.b`` reads an entry of a group; a method's name stays as it is."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Attribute):
            node.func.value = self.visit(node.func.value)
            node.args = [self.visit(arg) for arg in node.args]
            node.keywords = [self.visit(word) for word in node.keywords]
            return node
        return self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.ctx, ast.Load):
            return ast.Call(ast.Name(f"{MARK}member", ast.Load()), [node.value, ast.Constant(node.attr)], [])
        return ast.Subscript(node.value, ast.Constant(node.attr), node.ctx)


class _Bound(ast.NodeVisitor):
    """The names a script binds at its own level."""

    def __init__(self) -> None:
        self.assigned: set[str] = set()
        self.touched: set[str] = set()  # changed in place, perhaps
        self.others: set[str] = set()  # modules and functions: no variables

    def visit_Name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Load) and not node.id.startswith("_"):
            self.assigned.add(node.id)

    def visit_Assign(self, node: ast.Assign) -> None:
        if isinstance(node.value, ast.Lambda):
            self.others.update(target.id for target in node.targets if isinstance(target, ast.Name))
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self._touch(node.value)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if not isinstance(node.ctx, ast.Load):
            self._touch(node.value)
        self.generic_visit(node)

    def _touch(self, node: ast.expr) -> None:
        base = node
        while isinstance(base, ast.Attribute | ast.Subscript):
            base = base.value
        if isinstance(base, ast.Name):
            self.touched.add(base.id)
        else:
            self.visit(base)

    def visit_Import(self, node: ast.Import) -> None:
        self.others.update((alias.asname or alias.name) for alias in node.names)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self.others.update((alias.asname or alias.name) for alias in node.names)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.others.add(node.name)
        self.touched.update(n.id for n in ast.walk(node) if isinstance(n, ast.Name))
        for inner in ast.walk(node):
            if isinstance(inner, ast.Global):
                self.assigned.update(inner.names)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.touched.update(n.id for n in ast.walk(node) if isinstance(n, ast.Name))

    def visit_ListComp(self, node: ast.ListComp) -> None:
        self._inner(node)

    def visit_SetComp(self, node: ast.SetComp) -> None:
        self._inner(node)

    def visit_DictComp(self, node: ast.DictComp) -> None:
        self._inner(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        self._inner(node)

    def _inner(self, node: ast.AST) -> None:
        self.touched.update(n.id for n in ast.walk(node) if isinstance(n, ast.Name))
