"""The file's messages, signals, errors and escalations: found by id, by code or by name."""

from lxml import etree

from engine.bpmn.reading.source import Source
from engine.bpmn.xml import children

KINDS = ("message", "signal", "error", "escalation")
CODES = {"error": "errorCode", "escalation": "escalationCode"}


class Definitions:
    """What events refer to. A reference may be an id (with or without prefix), a code or a name."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._found: dict[str, dict[str, etree._Element]] = {kind: {} for kind in KINDS}
        for kind in KINDS:
            elements = list(children(source.root, kind))
            for attribute in ("id", CODES.get(kind, "name"), "name"):
                for element in elements:
                    if key := (element.get(attribute) or "").strip():
                        self._found[kind].setdefault(key, element)

    def resolve(self, kind: str, reference: str, at: etree._Element) -> etree._Element | None:
        """The definition; a reference to nothing is reported at ``at``."""
        found = self.find(kind, reference)
        if found is None:
            self._source.error(
                f"{kind}_unknown",
                f'{kind.capitalize()} "{reference}" is not defined in this file. Define it, or choose one that is.',
                at,
            )
        return found

    def find(self, kind: str, reference: str) -> etree._Element | None:
        """As ``resolve``, without a report."""
        known = self._found[kind]
        found = known.get(reference)
        return known.get(reference.rpartition(":")[2]) if found is None else found

    @staticmethod
    def code(kind: str, definition: etree._Element) -> str:
        """What is compared at run time: the code of an error or escalation, the name of a message or signal."""
        if kind in CODES:
            return (definition.get(CODES[kind]) or "").strip()
        return (definition.get("name") or definition.get("id") or "").strip()
