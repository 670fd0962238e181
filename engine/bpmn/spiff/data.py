"""Variables by scope: looked up from the inside out, written where the name exists, else at the root.

A token's ``locals`` come first, then those of the activity it belongs to, then outwards over the owners of its scopes
to the variables of the case or, inside a call activity, of the called process. No value is ever changed in place.
"""

from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import Any

from engine.bpmn import expressions
from engine.bpmn.expressions import SandboxError
from engine.bpmn.model import Assignment, Expr, Node
from engine.bpmn.spiff.tokens import Token
from engine.errors import StepFailed


class Past(MutableMapping[str, Any]):
    """What a compensation handler sees: variables as they were when its activity ended.

    It is looked up like a scope, but never written for its own sake: a value that is set goes where it lives, and hides
    the old one here (``write``).
    """

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self._values[name] = value

    def __delitem__(self, name: str) -> None:
        del self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def scopes_of(token: Token) -> Iterator[MutableMapping[str, Any]]:
    at: Token | None = token
    while at is not None:
        own = at.internal_data.get("locals")
        if own is not None:
            yield own
        if "past" in at.internal_data:
            yield Past(at.internal_data["past"])
        holder = at.holder
        if holder is not None:
            at = holder
            continue
        if at.workflow.frame is not None:
            yield at.workflow.frame
        if at.workflow.variables is not None:
            yield at.workflow.variables
            return
        at = at.workflow.owner


def seen(token: Token) -> Mapping[str, Any]:
    """Every variable the token sees."""
    return ChainMap(*scopes_of(token))


def locals_of(token: Token) -> dict[str, Any]:
    """The token's own variables, made on first use."""
    own: dict[str, Any] = token.internal_data.setdefault("locals", {})
    return own


def assign(token: Token, values: Mapping[str, Any]) -> None:
    """Set variables as the token sees them."""
    if values:
        write(list(scopes_of(token)), values)


def assign_outside(token: Token, values: Mapping[str, Any]) -> None:
    """Set variables as the surroundings of the token see them: never in its own locals."""
    if values:
        own = token.internal_data.get("locals")
        write([scope for scope in scopes_of(token) if scope is not own], values)


def write(scopes: list[MutableMapping[str, Any]], values: Mapping[str, Any]) -> None:
    """Set each variable in the first scope that has it, else in the last; it then hides what it was."""
    for name, value in values.items():
        for scope in scopes:
            if isinstance(scope, Past):
                scope[name] = value
            elif name in scope or scope is scopes[-1]:
                scope[name] = value
                break


def forget(scopes: list[MutableMapping[str, Any]], name: str) -> None:
    """Remove a variable from the first scope that has it, if there is one."""
    for scope in scopes:
        if name in scope:
            del scope[name]
            if not isinstance(scope, Past):
                return


def failed(token: Token, code: str, cause: str) -> StepFailed:
    """The step cannot be taken because of this token's element."""
    spec = token.task_spec
    element = spec.node.element
    where = f"“{token.name}” ({element})" if token.name not in ("", element) else element
    return StepFailed(f"{where}: {cause}", code=code, element=element)


def evaluate(token: Token, expr: Expr, variables: Mapping[str, Any] | None = None) -> Any:
    """The value of an expression as the token sees it.

    Raises:
        StepFailed: with the sandbox's code, naming element and expression.
    """
    try:
        return expressions.evaluate(
            expr, seen(token) if variables is None else variables, world=token.case.world
        )
    except SandboxError as error:
        raise failed(token, error.code, f"{expr.source}: {error.message}") from error


def evaluate_text(token: Token, expr: Expr | None) -> str | None:
    """An expression whose value is used as text; nothing and the empty text are None."""
    value = None if expr is None else evaluate(token, expr)
    return None if value is None or value == "" else text(value)


def give_name(token: Token, node: Node) -> None:
    """Evaluate a name with expressions in it, once, for what the token stands for."""
    if node.name is not None and not node.name.constant:
        token.internal_data["name"] = evaluate_text(token, node.name) or node.element


def bring(token: Token, node: Node, values: Mapping[str, Any]) -> None:
    """Take in answers or a payload: as the token sees variables, or as locals of which only ``outputs`` go out."""
    if values and node.only_outputs:
        locals_of(token).update(values)
    else:
        assign(token, values)


def text(value: Any) -> str:
    """A value as it stands in a text: true and false in lower case, nothing as nothing."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def holds(token: Token, expr: Expr) -> bool:
    """A condition. Only true and false count: a text "false" must not pass as true."""
    value = evaluate(token, expr)
    if isinstance(value, bool):
        return value
    raise failed(
        token, "expression_failed", f"the condition {expr.source} gave {value!r} instead of true or false"
    )


def mapped(
    token: Token,
    mappings: Iterable[Assignment],
    source: Mapping[str, Any],
    own: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What a call activity or a thrown event hands over. A plain variable that is not there is handed over as None.

    Args:
        source: what is read. own: what local mappings read instead.
    """
    out: dict[str, Any] = {}
    for mapping in mappings:
        given = own if mapping.local and own is not None else source
        if mapping.all_variables:
            out.update(given)
        elif mapping.value is None:
            out[mapping.target] = None
        elif mapping.value.code.isidentifier() and mapping.value.code in mapping.value.names:
            out[mapping.target] = given.get(mapping.value.code)
        else:
            out[mapping.target] = evaluate(token, mapping.value, given)
    return out


def map_inputs(token: Token, mappings: Iterable[Assignment]) -> None:
    """Set an activity's locals before it begins; each mapping sees those before it."""
    for mapping in mappings:
        if mapping.all_variables:
            locals_of(token).update(seen(token))
        else:
            value = None if mapping.value is None else evaluate(token, mapping.value)
            locals_of(token)[mapping.target] = value


def map_outputs(token: Token, mappings: Iterable[Assignment]) -> None:
    """Read an activity's locals when it ends and set what they give outside."""
    for mapping in mappings:
        if mapping.all_variables:
            assign_outside(token, dict(seen(token)))
        else:
            value = None if mapping.value is None else evaluate(token, mapping.value)
            assign_outside(token, {mapping.target: value})
