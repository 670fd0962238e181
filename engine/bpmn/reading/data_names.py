"""What data objects, properties, inputs and outputs are called, by their ids."""

from dataclasses import dataclass

from lxml import etree

from engine.bpmn.xml import BPMN, child, local

DATA = ("dataObject", "dataObjectReference", "dataStoreReference", "property", "dataInput", "dataOutput")


@dataclass(frozen=True, slots=True)
class Ends:
    """The names at both ends of an association; "" for one that has none."""

    source: str
    target: str


class DataNames:
    """The name of each data element of a file by its id. A reference has the name of its object."""

    def __init__(self, root: etree._Element) -> None:
        self._names: dict[str, str] = {}
        self._objects: dict[str, str] = {}
        for element in root.iter(*(f"{{{BPMN}}}{name}" for name in DATA)):
            key = (element.get("id") or "").strip()
            self._names[key] = " ".join((element.get("name") or "").split())
            if local(element) == "property" and not self._names[key]:
                self._names[key] = key
            if found := (element.get("dataObjectRef") or "").strip():
                self._objects[key] = found

    def of(self, key: str) -> str:
        return self._names.get(self._objects.get(key, key), "") or self._names.get(key, "")

    def ends(self, association: etree._Element) -> Ends:
        return Ends(self.of(text_of(association, "sourceRef")), self.of(text_of(association, "targetRef")))


def text_of(association: etree._Element, tag: str) -> str:
    """The text of an association's end, or ""."""
    found = child(association, tag)
    return ((found.text if found is not None else "") or "").strip()
