"""BPMN's own correlation: properties that are read out of messages, and subscriptions that say which value a case waits for.

A message with one property becomes what every dialect becomes: an expression at the sender, over what it sends, and one at
the receiver, over its own data. A case that a message starts has the property's value as its business key, so the later
messages of the same conversation find it without a subscription, as BPMN says of the first message.
"""

import ast
from dataclasses import replace

from lxml import etree

from engine.bpmn.model import Assignment, EventDef, EventKind, Expr, Node, NodeKind, Process
from engine.bpmn.reading.definitions import Definitions
from engine.bpmn.reading.draft import Draft
from engine.bpmn.reading.source import Source
from engine.bpmn.xml import child, children

THROWS = frozenset({NodeKind.THROW, NodeKind.END, NodeKind.SEND_TASK})


def correlate(
    source: Source, definitions: Definitions, process: Process, draft: Draft, holder: etree._Element
) -> None:
    """Fill in the correlation of the process's message events; what cannot be told apart is reported."""
    paths = _paths(source)
    bound = _bound(source, holder)
    if not paths and not bound:
        return
    started = {
        name
        for node in process.scope.event_starts()
        for name in paths.get(_message(definitions, draft, node), {})
    }
    for node in process.nodes():
        event = node.event
        if event is None or event.kind is not EventKind.MESSAGE or event.correlation is not None:
            continue
        of_message = paths.get(_message(definitions, draft, node), {})
        if not of_message or (node.kind is NodeKind.START and node.id in process.scope.nodes):
            continue
        element = draft.xml[node.id]
        if len(of_message) > 1:
            source.error(
                "correlation_composite",
                f"The message is told apart by several properties ({', '.join(sorted(of_message))}); one is read. Keep one.",
                element,
            )
            continue
        [(name, path)] = of_message.items()
        if node.kind in THROWS:
            node.event = _sent(source, event, name, path, element)
        elif name in bound:
            node.event = replace(event, correlation=bound[name])
        elif name not in started:
            source.error(
                "correlation_unbound",
                f'Nothing says which "{name}" the case waits for. Bind the property in a correlationSubscription of the process.',
                element,
            )


def _paths(source: Source) -> dict[str, dict[str, Expr]]:
    """Message id → property → the expression that reads it out of the message."""
    found: dict[str, dict[str, Expr]] = {}
    for declared in children(source.root, "correlationProperty"):
        name = (declared.get("id") or declared.get("name") or "").strip()
        for retrieval in children(declared, "correlationPropertyRetrievalExpression"):
            path = child(retrieval, "messagePath")
            read = _path(source, path if path is not None else child(retrieval, "formalExpression"), declared)
            message = _unprefixed(retrieval.get("messageRef"))
            if read is not None and message:
                found.setdefault(message, {})[name] = read
    return found


def _bound(source: Source, holder: etree._Element) -> dict[str, Expr]:
    """Property → the expression over a case's data, by the process's subscriptions."""
    found: dict[str, Expr] = {}
    for subscription in children(holder, "correlationSubscription"):
        for binding in children(subscription, "correlationPropertyBinding"):
            read = _path(source, child(binding, "dataPath"), subscription)
            name = _unprefixed(binding.get("correlationPropertyRef"))
            if read is not None and name:
                found[name] = read
    return found


def _path(source: Source, written: etree._Element | None, at: etree._Element) -> Expr | None:
    """A path is the name of a variable or an expression; a language of paths is not read."""
    text = "" if written is None else (written.text or "").strip()
    if text.isidentifier():
        return Expr(text, text, frozenset({text}))
    if "${" in text or "#{" in text or text.startswith("="):
        return source.expression(text, at, code=True)
    source.error(
        "correlation_path",
        f'"{text[:80]}" is neither the name of a variable nor an expression. Write a name, ${{…}}, or for Camunda 8 = ….',
        at,
    )
    return None


def _sent(source: Source, event: EventDef, name: str, path: Expr, element: etree._Element) -> EventDef:
    """The property as the sender computes it: its path over what the event maps into the message."""
    mapped = {mapping.target: mapping for mapping in event.payload if not mapping.all_variables}
    everything = any(mapping.all_variables for mapping in event.payload)
    missing = [variable for variable in sorted(path.names) if variable not in mapped and not everything]
    if missing:
        source.error(
            "correlation_not_sent",
            f'The message does not carry {", ".join(missing)}, by which its receiver is found ("{name}"). Map it into the message.',
            element,
        )
        return event
    return replace(event, correlation=_over(path, mapped))


def _over(path: Expr, mapped: dict[str, Assignment]) -> Expr:
    values = {target: mapping.value for target, mapping in mapped.items() if target in path.names}
    tree = _Replaced(values).visit(ast.parse(path.code, mode="eval"))
    names = {variable for variable in path.names if variable not in mapped}
    for value in values.values():
        names |= value.names if value is not None else frozenset()
    return Expr(path.source, ast.unparse(tree), frozenset(names))


class _Replaced(ast.NodeTransformer):
    """Variables of the message in an expression of the sandbox's language, by what the sender puts into them."""

    def __init__(self, values: dict[str, Expr | None]) -> None:
        self._values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id not in self._values:
            return node
        value = self._values[node.id]
        return ast.parse("None" if value is None else value.code, mode="eval").body


def _message(definitions: Definitions, draft: Draft, node: Node) -> str:
    """The id of the message that the node names; "" for none."""
    element = draft.xml.get(node.id)
    if element is None:
        return ""
    definition = child(element, "messageEventDefinition")
    reference = ((definition if definition is not None else element).get("messageRef") or "").strip()
    found = definitions.find("message", reference)
    return "" if found is None else (found.get("id") or "").strip()


def _unprefixed(reference: str | None) -> str:
    return (reference or "").strip().rpartition(":")[2]
