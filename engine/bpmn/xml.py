"""Bytes to a tree of elements: refuses whatever could harm the reader before any of it is looked at."""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from engine.problems import Problem

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DRAWN_SUFFIXES = ("Task", "task", "Event", "Gateway", "Process", "process", "Activity", "Flow", "transaction")
MARKUP_PER_ELEMENT = (
    40  # a drawn element has a shape, bounds, labels, extensions; more than this is no drawing
)

MAX_ATTRIBUTES = 100


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one uploaded file. ``elements`` counts what a person draws: tasks, events, gateways, processes and flows."""

    bytes: int = 5_000_000
    elements: int = 5_000


class XmlRefused(Exception):
    """The bytes are not read; ``problem`` says why, with the line where there is one."""

    def __init__(self, code: str, message: str, *, file: str, line: int = 0) -> None:
        super().__init__(message)
        self.problem = Problem(line, "", code, message, file=file)


def parse_xml(content: bytes, *, limits: Limits | None = None, file: str = "") -> etree._Element:
    """The root element of ``content``.

    Raises:
        XmlRefused: with the code ``too_large``, ``too_many_elements``, ``too_many_attributes``, ``xml_doctype``,
            ``xml_malformed`` or ``xml_too_deep``.
    """
    limits = limits or Limits()
    if len(content) > limits.bytes:
        raise XmlRefused(
            "too_large",
            f"The file has {len(content):,} bytes; the limit is {limits.bytes:,}. Split the process into several files.",
            file=file,
        )
    if _opens_with_doctype(content):
        raise _doctype(file)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 0
        reason = str(getattr(error, "msg", "") or error).strip() or "it is empty"
        if "depth" in reason:
            raise XmlRefused(
                "xml_too_deep",
                "The file nests elements more than 255 deep, which no drawing does. Export it again from the modelling tool.",
                file=file,
                line=line,
            ) from error
        raise XmlRefused(
            "xml_malformed",
            f"The file is not well-formed XML: {reason}. Export it again from the modelling tool.",
            file=file,
            line=line,
        ) from error
    if root is None:
        raise XmlRefused("xml_malformed", "The file is empty. Choose the exported file again.", file=file)
    if root.getroottree().docinfo.doctype:
        raise _doctype(file)
    _count(root, limits, file)
    return root


def parse_bpmn(content: bytes, *, limits: Limits | None = None, file: str = "") -> etree._Element:
    """The ``definitions`` element of a BPMN 2.0 file.

    Raises:
        XmlRefused: as ``parse_xml``, and ``not_bpmn`` when it is XML of something else.
    """
    root = parse_xml(content, limits=limits, file=file)
    if root.tag != f"{{{BPMN}}}definitions":
        raise XmlRefused(
            "not_bpmn",
            f"The file is XML but not BPMN 2.0: it begins with <{local(root)}>, not <definitions>. Upload the .bpmn file.",
            file=file,
            line=root.sourceline or 0,
        )
    return root


def local(element: etree._Element) -> str:
    """The tag without its namespace; "" for what is no element (an entity reference)."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def namespace(element: etree._Element) -> str:
    """The namespace of the tag, or ""."""
    tag = element.tag
    return tag[1:].partition("}")[0] if isinstance(tag, str) and tag.startswith("{") else ""


def children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """The BPMN children of that local name, in order."""
    return iter(element.iterchildren(f"{{{BPMN}}}{name}"))


def child(element: etree._Element, name: str) -> etree._Element | None:
    return element.find(f"{{{BPMN}}}{name}")


def _doctype(file: str) -> XmlRefused:
    return XmlRefused(
        "xml_doctype",
        "The file declares a DOCTYPE, which a process never needs and which can hide harmful entities. Remove it.",
        file=file,
        line=1,
    )


def _opens_with_doctype(content: bytes) -> bool:
    """Whether a DOCTYPE stands before the root element; texts further down may speak of one."""
    head = content.decode("utf-16", "ignore") if content[:2] in (b"\xff\xfe", b"\xfe\xff") else None
    text = head if head is not None else content.decode("latin-1")
    at = 0
    while True:
        at = text.find("<", at)
        if at < 0:
            return False
        if text.startswith("<!--", at):
            at = text.find("-->", at + 4)
        elif text.startswith("<?", at):
            at = text.find("?>", at + 2)
        else:
            return text[at : at + 9].upper() == "<!DOCTYPE"
        if at < 0:
            return False


def _count(root: etree._Element, limits: Limits, file: str) -> None:
    drawn = 0
    for everything, element in enumerate(root.iter(), start=1):
        tag = element.tag
        if isinstance(tag, str) and tag.startswith(f"{{{BPMN}}}") and tag.endswith(DRAWN_SUFFIXES):
            drawn += 1
        if len(element.attrib) > MAX_ATTRIBUTES:
            raise XmlRefused(
                "too_many_attributes",
                f"An element has more than {MAX_ATTRIBUTES} attributes, which no modelling tool writes. Export it again.",
                file=file,
                line=element.sourceline or 0,
            )
        if drawn > limits.elements or everything > limits.elements * MARKUP_PER_ELEMENT:
            raise XmlRefused(
                "too_many_elements",
                f"The file has more than {limits.elements:,} elements. Move parts of the process into call activities.",
                file=file,
                line=element.sourceline or 0,
            )
