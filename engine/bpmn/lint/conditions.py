"""What can be told about a condition without running it."""

import ast
from collections.abc import Collection, Iterator
from functools import lru_cache

from engine.bpmn.lint.look import Place
from engine.bpmn.model import Expr, Flow, Node, NodeKind

NOT = ("_x_j_not", "_x_f_fn_not")
OPPOSITES = (("eq", "ne"), ("gt", "le"), ("lt", "ge"))
DECIDE = (NodeKind.EXCLUSIVE, NodeKind.INCLUSIVE)


def flows_out(place: Place, node: Node) -> list[Flow]:
    """Flows out of a node as they are drawn: those of the split behind it, where it needed one."""
    flows = [place.scope.flows[f] for f in node.outgoing]
    if len(flows) == 1:
        behind = place.scope.nodes[flows[0].target]
        if behind.synthetic and behind.element == node.element and behind.kind in DECIDE:
            return [place.scope.flows[f] for f in behind.outgoing]
    return flows


def always(condition: Expr) -> bool | None:
    """What a condition that is a literal gives; None when it may give another thing another time."""
    match _parsed(condition.code):
        case ast.Expression(body=ast.Constant(value=bool() as value)):
            return value
        case _:
            return None


def compared(condition: Expr | None) -> Iterator[tuple[str, str]]:
    """(variable, text) of every ``variable = "text"`` in a condition, as the three languages are translated."""
    tree = _parsed(condition.code) if condition is not None and condition.names else None
    for part in ast.walk(tree) if tree is not None else ():
        match part:
            case ast.Call(func=ast.Name(id="_x_j_eq" | "_x_f_eq"), args=[one, other]):
                pass
            case ast.Compare(left=one, ops=[ast.Eq()], comparators=[other]):
                pass
            case _:
                continue
        for side, against in ((one, other), (other, one)):
            name = _variable(side)
            if name and isinstance(against, ast.Constant) and isinstance(against.value, str):
                yield name, against.value


def one_holds(conditions: Collection[Expr]) -> bool:
    """Whether one of the conditions holds in any case: one is always true, or two are each other's opposite."""
    codes = {condition.code for condition in conditions}
    return "True" in codes or any(not codes.isdisjoint(_opposites(code)) for code in codes)


def _opposites(code: str) -> Iterator[str]:
    """How the opposite of a condition may be written."""
    yield from (f"{word}({code})" for word in NOT)
    yield f"not {code}"
    for one, other in OPPOSITES:
        for this, that in ((one, other), (other, one)):
            if code.startswith(f"_x_j_{this}("):
                yield code.replace(f"_x_j_{this}(", f"_x_j_{that}(", 1)
            if code.startswith(f"_x_f_{this}("):
                yield code.replace(f"_x_f_{this}(", f"_x_f_{that}(", 1)
    for this, that in ((" == ", " != "), (" != ", " == ")):
        if code.count(this) == 1 and " and " not in code and " or " not in code:
            yield code.replace(this, that)
    for this, that in ((", True)", ", False)"), (", False)", ", True)")):
        if code.startswith(("_x_j_eq(", "_x_f_eq(")) and code.endswith(this):
            yield code.removesuffix(this) + that


def _variable(part: ast.expr) -> str:
    match part:
        case ast.Name(id=name):
            return name
        case ast.Call(func=ast.Name(id="_x_get"), args=[_, ast.Constant(value=str() as name)]):
            return name
        case _:
            return ""


@lru_cache(maxsize=512)
def _parsed(code: str) -> ast.Expression | None:
    try:
        return ast.parse(code, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
