"""Which form a task or start event shows: the key behind each dialect's words, and forms that stand in the file itself."""

import re

from lxml import etree

from engine.bpmn.bindings import Skip
from engine.bpmn.model import Process
from engine.bpmn.reading.dialects import ZEEBE
from engine.bpmn.reading.fields import LONGEST_KEY, drawn_form, fields_key, names_of_fields
from engine.bpmn.reading.source import Source

FORM_ENDINGS = (".form", ".json")
PAGE_ENDING = re.compile(r"(?i)\.(?:html?|xhtml|jsf|jsp|gsp|ftl|frm)$")


def shown_form(source: Source, element: etree._Element, process: Process) -> str | None:
    """The form of a user task or start event: the one it names, else one made of the fields drawn into it.

    A form that is made is kept in ``process.forms``.
    """
    named, fields = form_key(source, element), names_of_fields(source, element)
    if not fields:
        return named
    if named is not None:
        source.warn(
            "fields_beside_form",
            f'The form "{named}" is shown; the fields drawn beside it are not ({", ".join(fields[:12])}).',
            element,
        )
        return named
    key = fields_key(process.key, element.get("id") or "")
    process.forms[key] = drawn_form(source, element, key)
    return key


def form_key(source: Source, element: etree._Element) -> str | None:
    """The form that an element names; None when it names none."""
    definition = source.extension(element, "formDefinition", space=ZEEBE)
    outside = definition.get("externalReference") if definition is not None else None
    zeebe = (definition.get("formId") or definition.get("formKey")) if definition is not None else None
    written = source.properties(element).get("form") or source.attribute(element, "formRef", "formKey")
    written = (written or zeebe or outside or "").strip()
    if not written:
        return None
    bound = source.book.form(written, re.split(r"[:/]", written)[-1].strip(), bare_key(written))
    if isinstance(bound, Skip):
        source.warn(
            "form_skipped",
            f'The form "{written}" is not shown, by process.toml: "{bound.reason}". Answers are taken without a form.',
            element,
        )
        source.formless.add(element.get("id") or "")
        return None
    if bound is not None:
        return bound
    if "${" in written or "#{" in written or written.startswith("="):
        source.error(
            "form_by_expression", f'The form "{written}" is chosen by an expression. Name one form.', element
        )
        return None
    return bare_key(written) or None


def bare_key(written: str) -> str:
    """``start`` of ``camunda-forms:app:forms/start.form``: no prefixes, folders or ending."""
    key = re.split(r"[:/]", written.strip())[-1].strip()
    for ending in FORM_ENDINGS:
        key = key.removesuffix(ending)
    return PAGE_ENDING.sub("", key).strip()


def forms_inside(source: Source, process: etree._Element) -> dict[str, bytes]:
    """Forms that stand in the process itself (Camunda's userTaskForm), by id; their text is a form-js schema."""
    found: dict[str, bytes] = {}
    for form in source.extensions(process, "userTaskForm", space=ZEEBE):
        key, text = (form.get("id") or "").strip(), (form.text or "").strip()
        if key and text and len(key) <= LONGEST_KEY:
            found[key] = text.encode()
    return found
