"""Models of deployed versions, for the tables beside diagrams: read once, as they never change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.bpmn.model import Node, Process
from engine.bpmn.outline import Drawn, outline
from engine.forms.form import Field, Form, ListField
from engine.store.forms import form_of
from engine.store.kept import Kept
from engine.store.library import read_process
from engine.store.processes import diagram
from engine.store.uow import UnitOfWork
from engine.store.versions import version_of
from web.pages import words


@dataclass(frozen=True, slots=True)
class Labels:
    """What the forms of a version call the variables of a case, and their values.

    Attributes:
        names: variable → label. options: variable → value as text → label. Where two forms differ, ``names`` has the
            first and ``options`` none.
        forms: element id → the labels of its own form.
    """

    names: Mapping[str, str]
    options: Mapping[str, Mapping[str, str]]
    forms: Mapping[str, "Labels"] = field(default_factory=dict)

    def at(self, element: str | None) -> "Labels":
        """The labels that somebody at this element has read; the version's for other elements."""
        return self.forms.get(element or "", self)

    def lines(self, values: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Each value under the name that people know it by, ready to be read."""
        return [
            (self.names.get(name, words.humanise(name)), self.value(name, value))
            for name, value in values.items()
        ]

    def value(self, name: str, value: Any) -> str:
        known = self.options.get(name, {})
        if isinstance(value, list):
            return ", ".join(known.get(str(one), words.plainly(one)) for one in value) or "–"
        return known.get(str(value), words.plainly(value))


_kept: Kept[tuple[str, int], Process] = Kept(64)
_outlines: Kept[tuple[str, int], list[Drawn]] = Kept(32)
_labels: Kept[tuple[str, int, str], Labels] = Kept(128)


def model_of(uow: UnitOfWork, process_key: str, number: int) -> Process:
    """The model as it runs.

    Raises:
        Broken: the stored file cannot be read any more.
    """
    return _kept.get(uow.database, (process_key, number), lambda: read_process(uow, process_key, number)[0])


def outline_of(uow: UnitOfWork, process_key: str, number: int) -> list[Drawn]:
    """What is drawn in the file of a version, also of one that does not run."""

    def read() -> list[Drawn]:
        found = diagram(uow, process_key, number)
        return outline(found.content, found.name)

    return _outlines.get(uow.database, (process_key, number), read)


def labels_of(uow: UnitOfWork, process_key: str, number: int) -> Labels:
    """The labels of every form that the version shows, in the language of the request."""
    language = words.locale()
    return _labels.get(
        uow.database,
        (process_key, number, language),
        lambda: _read_labels(uow, process_key, number, language),
    )


def _read_labels(uow: UnitOfWork, process_key: str, number: int, language: str) -> Labels:
    process = model_of(uow, process_key, number)
    keys = {node.element: node.work.form for node in process.nodes() if node.work is not None}
    start = version_of(uow, process_key, number).settings.get("start_form") or process.start_form
    read = {
        key: _labels_in(form, language)
        for key in dict.fromkeys([start, *keys.values()])
        if (form := form_of(uow, process_key, number, key))
    }
    names: dict[str, str] = {}
    options: dict[str, dict[str, str]] = {}
    for labels in read.values():
        names = {**labels.names, **names}
        for name, said in labels.options.items():
            options.setdefault(name, {}).update(said)
    for labels in read.values():
        for name, said in labels.options.items():
            options[name] = {v: label for v, label in options[name].items() if said.get(v, label) == label}
    return Labels(names, options, {element: read[key] for element, key in keys.items() if key in read})


def _labels_in(form: Form, language: str) -> Labels:
    names: dict[str, str] = {}
    options: dict[str, dict[str, str]] = {}
    for component in form.flat():
        if isinstance(component, Field):
            names.setdefault(component.key, component.label.read(language))
            said = {str(option.value): option.label.read(language) for option in component.options}
            options.setdefault(component.key, {}).update(said)
        elif isinstance(component, ListField):
            names.setdefault(component.key, component.label.read(language))
    return Labels(names, options)


def node_of(uow: UnitOfWork, process_key: str, number: int, node_id: str) -> Node | None:
    return next((node for node in model_of(uow, process_key, number).nodes() if node.id == node_id), None)
