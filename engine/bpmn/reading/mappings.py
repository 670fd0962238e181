"""Variable mappings: what goes into an element and what comes out, in each dialect."""

from lxml import etree

from engine.bpmn.model import Assignment, Expr
from engine.bpmn.reading.dialects import CAMUNDA_LIKE, ZEEBE
from engine.bpmn.reading.source import Source
from engine.bpmn.xml import child, local, namespace

MOST_MAPPED = 1_000
OWN_BUSINESS_KEY = frozenset(
    sign + f"{{execution.{word}}}" for sign in "$#" for word in ("processBusinessKey", "businessKey")
)
Mapping = tuple[Assignment, ...]


def io_mapping(source: Source, element: etree._Element) -> tuple[Mapping, Mapping]:
    """Inputs and outputs of an element: camunda:inputOutput and zeebe:ioMapping."""
    inputs: list[Assignment] = []
    outputs: list[Assignment] = []
    if _too_many(source, element):
        return (), ()
    for holder in source.extensions(element, "inputOutput"):
        for parameter in holder:
            wanted = {"inputParameter": inputs, "outputParameter": outputs}.get(local(parameter))
            if wanted is not None and (made := _parameter(source, parameter, element)):
                wanted.append(made)
    for holder in source.extensions(element, "ioMapping", space=ZEEBE):
        for parameter in holder:
            wanted = {"input": inputs, "output": outputs}.get(local(parameter))
            if wanted is None:
                continue
            target = source.variable(parameter.get("target"), element)
            value = source.expression(parameter.get("source"), element)
            if target and value:
                wanted.append(Assignment(target, value))
    return tuple(inputs), tuple(outputs)


def _too_many(source: Source, element: etree._Element) -> bool:
    holder = child(element, "extensionElements")
    if holder is None or sum(1 for _ in holder.iter()) <= MOST_MAPPED:
        return False
    source.error(
        "too_many_mappings",
        f"The element has more than {MOST_MAPPED} mappings and extensions. Put the values into one variable.",
        element,
    )
    return True


def _parameter(source: Source, parameter: etree._Element, at: etree._Element) -> Assignment | None:
    target = source.variable(parameter.get("name"), at)
    inner = [e for e in parameter if namespace(e) in CAMUNDA_LIKE]
    value = _structured(source, inner[0], at) if inner else _text(source, parameter.text, at)
    return Assignment(target, value) if target and value else None


def _text(source: Source, text: str | None, at: etree._Element) -> Expr | None:
    """A text value; a blank one is the empty text, as the modeller sees it."""
    text = (text or "").strip()
    if not text:
        return Expr(source="", code="''", constant=True)
    return source.template(text, at)


def _structured(source: Source, holder: etree._Element, at: etree._Element) -> Expr | None:
    """camunda:list and camunda:map of texts, one level deep; scripts are reported."""
    match local(holder):
        case "list":
            values = [_leaf(source, e, at) for e in holder]
            return None if None in values else _joined("[", [v.code for v in values if v], "]", values)
        case "map":
            entries = [(e.get("key") or "", _leaf(source, e, at)) for e in holder]
            values = [value for _, value in entries]
            if None in values:
                return None
            return _joined("{", [f"{key!r}: {v.code}" for key, v in entries if v], "}", values)
        case "script" if source.is_replaced(holder.text or ""):
            return source.replaced(holder.text or "", at)
        case name:
            source.error(
                "mapping_not_supported",
                f"A mapping by <{name}> is not read. Write the value as text or ${{…}}, or draw a script task before it.",
                at,
            )
            return None


def _leaf(source: Source, element: etree._Element, at: etree._Element) -> Expr | None:
    if len(element):
        return _structured(source, etree.Element("nested"), at)
    return _text(source, element.text, at)


def _joined(opening: str, codes: list[str], closing: str, values: list[Expr | None]) -> Expr:
    parts = [v for v in values if v]
    code = opening + ", ".join(codes) + closing
    return Expr(
        source=code,
        code=code,
        names=frozenset().union(*(v.names for v in parts)) if parts else frozenset(),
        constant=all(v.constant for v in parts),
    )


def camunda_in(source: Source, holder: etree._Element, at: etree._Element, *, name: str = "in") -> Mapping:
    """camunda:in or camunda:out below ``holder``'s extensions, without the business key."""
    found: list[Assignment] = []
    if _too_many(source, holder):
        return ()
    for element in source.extensions(holder, name):
        if element.get("businessKey") is not None:
            continue
        own = (element.get("local") or "").strip() == "true"
        if (element.get("variables") or "").strip() == "all":
            found.append(Assignment("", None, all_variables=True, local=own))
            continue
        written = (element.get("sourceExpression") or "").strip()
        value = (
            source.expression(written, at) if written else source.variable_value(element.get("source"), at)
        )
        target = source.variable(element.get("target"), at)
        if target and value:
            found.append(Assignment(target, value, local=own))
    return tuple(found)


def check_business_key(source: Source, element: etree._Element) -> None:
    """A called process runs in its caller's case: any other business key than the caller's is reported."""
    for mapping in source.extensions(element, "in"):
        written = mapping.get("businessKey")
        if written is not None and written.strip() not in OWN_BUSINESS_KEY:
            source.error(
                "called_business_key",
                f'The business key "{written}" cannot be given: the called process runs in the case of its caller and has '
                "its business key. Write #{execution.processBusinessKey}, or hand the value over as a variable.",
                element,
            )
