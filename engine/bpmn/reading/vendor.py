"""Says which words of other engines are not kept, so that nothing is half understood in silence."""

from lxml import etree

from engine.bpmn.bindings import Skip
from engine.bpmn.reading.bound import WORK_ITEM, listener_line, listener_of, service_line, service_of, works
from engine.bpmn.reading.dialects import (
    CAMUNDA_LIKE,
    DROOLS,
    ENGINES,
    IGNORED_ATTRIBUTES,
    IGNORED_EXTENSIONS,
    QUIET,
    QUIET_PREFIXES,
    READ_ATTRIBUTES,
    READ_EXTENSIONS,
    REFUSED_ATTRIBUTES,
    REFUSED_EXTENSIONS,
    WARNED_ATTRIBUTES,
    WARNED_EXTENSIONS,
)
from engine.bpmn.reading.source import Source
from engine.bpmn.xml import child, local, namespace

CODE = frozenset({"class", "expression", "delegateExpression"})
RUN_INSTEAD = frozenset({"connector", "serviceTaskOperator", "errorEventDefinition"})
"""Extension elements whose work a line of process.toml under [services] takes over."""
LISTENING = frozenset({"preScript", "postScript", "onEntry-script", "onExit-script"})
"""Beside the listeners that ``listeners`` reads."""


def check(source: Source, element: etree._Element) -> None:
    """Report the vendor attributes and extension elements of one element that change how it would run."""
    for holder in (
        element,
        *(e for e in element if local(e).endswith(("EventDefinition", "LoopCharacteristics"))),
    ):
        _attributes(source, holder, element)
        _extensions(source, holder, element)


def _attributes(source: Source, holder: etree._Element, at: etree._Element) -> None:
    bound = service_of(source, at) is not None
    for key, value in holder.attrib.items():
        name = str(key)
        if not name.startswith("{") or not str(value).strip():
            continue
        space, _, word = name[1:].partition("}")
        if space not in ENGINES:
            source.strangers.setdefault(space, at)
        elif word in REFUSED_ATTRIBUTES and space in CAMUNDA_LIKE:
            if bound and word in CODE | {"resource"}:
                continue
            if not _replaced(source, word, str(value), at):
                line = f" {service_line(source, at)}" if word in CODE and works(at) else ""
                source.error("vendor_code", f'{word}="{value}": {REFUSED_ATTRIBUTES[word]}.{line}', at)
        elif word in WARNED_ATTRIBUTES:
            source.warn("vendor_ignored", f'{word}="{value}" is not read. {WARNED_ATTRIBUTES[word]}', at)
        elif key == WORK_ITEM and works(at):
            continue
        elif word not in READ_ATTRIBUTES | IGNORED_ATTRIBUTES:
            source.warn(
                "vendor_unknown", f'The attribute {word}="{value}" is not known here and is not read.', at
            )


def _replaced(source: Source, word: str, value: str, at: etree._Element) -> bool:
    """Whether code of another engine has a stand-in here: a connector, or an expression that only computes."""
    if word in CODE and source.properties(at).get("connector"):
        return True
    return word == "expression" and source.understood(value, at) is not None


def _extensions(source: Source, holder: etree._Element, at: etree._Element) -> None:
    found = child(holder, "extensionElements")
    if found is None:
        return
    told: set[str] = set()
    for inner in found:
        word, space = local(inner), namespace(inner)
        if space not in ENGINES:
            if word:
                source.strangers.setdefault(space, at)
            continue
        if word in LISTENING and _listener_bound(source, inner, at):
            continue
        if word in told:
            continue
        told.add(word)
        if word in RUN_INSTEAD and service_of(source, at) is not None:
            continue
        if word in LISTENING:
            line = listener_line(at, sets=False)
            source.error("vendor_code", f"<{word}>: {REFUSED_EXTENSIONS[word]}. {line}", at)
        elif word in RUN_INSTEAD and works(at):
            line = service_line(source, at)
            source.error("vendor_code", f"<{word}>: {REFUSED_EXTENSIONS[word]}. {line}", at)
        elif word in REFUSED_EXTENSIONS:
            source.error("vendor_code", f"<{word}>: {REFUSED_EXTENSIONS[word]}.", at)
        elif word in WARNED_EXTENSIONS:
            source.warn("vendor_ignored", f"<{word}> is not read. {WARNED_EXTENSIONS[word]}", at)
        elif word not in READ_EXTENSIONS | IGNORED_EXTENSIONS and not (
            space == DROOLS and word[:1].islower()
        ):
            source.warn("vendor_unknown", f"The extension <{word}> is not known here and is not read.", at)


def _listener_bound(source: Source, listener: etree._Element, at: etree._Element) -> bool:
    """Whether process.toml says what stands for a listener; a reason to skip it is shown."""
    match listener_of(source, listener, at):
        case Skip(reason):
            source.warn("listener_skipped", f'A listener is not run, by process.toml: "{reason}".', at)
            return True
        case _:
            return False


def tell_strangers(source: Source) -> None:
    """One warning for each namespace of another tool, at the first element that carries its words."""
    for space, at in source.strangers.items():
        if space not in QUIET and not space.startswith(QUIET_PREFIXES):
            source.warn("vendor_ignored", f"Words of {space} are kept in the file but not read.", at)
