"""Fields drawn into a task or start event (Camunda's formData, Flowable's formProperty) as the form that they describe.

The form has the same schema as an uploaded one, so it is shown and checked in the same way. What the schema has no word
for is told by the field's name.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from lxml import etree

from engine.bpmn.reading.source import Source
from engine.bpmn.xml import local

KINDS = {
    "string": "textfield",
    "long": "number",
    "integer": "number",
    "int": "number",
    "double": "number",
    "float": "number",
    "boolean": "checkbox",
    "date": "datetime",
    "enum": "select",
}
WHOLE = frozenset({"long", "integer", "int"})
MOST_RADIOS = 4
LONGEST_KEY = 180
TRUE = frozenset({"true", "1"})
PYTHON_DATE = {"yyyy": "%Y", "yyy": "%Y", "yy": "%y", "MM": "%m", "M": "%m", "dd": "%d", "d": "%d"}
PYTHON_TIME = {"HH": "%H", "hh": "%H", "H": "%H", "h": "%H", "mm": "%M", "ss": "%S"}
PATTERN_PART = re.compile(r"([A-Za-z])\1*")


def fields_key(process: str, element: str) -> str:
    """The key of the form made of an element's fields; the same for the same file."""
    key = f"{process}.{element}.fields"
    return key if len(key) <= LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest()[:40]


def names_of_fields(source: Source, element: etree._Element) -> list[str]:
    return [(field.get("id") or "?").strip() for field in _fields(source, element)]


def drawn_form(source: Source, element: etree._Element, key: str) -> bytes:
    """The form-js schema of the fields drawn into ``element``; their troubles are reported."""
    holder = source.extension(element, "formData")
    if holder is not None and (holder.get("businessKey") or "").strip():
        source.warn(
            "field_not_kept",
            "The business key is not taken out of a field. Give it when the case is started.",
            element,
        )
    components = [
        made for field in _fields(source, element) if (made := _Field(source, element, field).read())
    ]
    return json.dumps({"id": key, "type": "default", "components": components}, ensure_ascii=False).encode()


def _fields(source: Source, element: etree._Element) -> Iterator[etree._Element]:
    for data in source.extensions(element, "formData"):
        yield from (field for field in data if local(field) == "formField")
    yield from source.extensions(element, "formProperty")


def _named(holder: etree._Element, name: str) -> list[etree._Element]:
    return [inner for inner in holder if local(inner) == name]


class _Field:
    """One field on its way to a component."""

    def __init__(self, source: Source, at: etree._Element, field: etree._Element) -> None:
        self.source, self.at, self.field = source, at, field
        self.name = (field.get("id") or "").strip()
        self.kind = (field.get("type") or "string").strip()
        self.rules: dict[str, Any] = {}

    def lost(self, what: str) -> None:
        self.source.warn("field_not_kept", f'Of the field "{self.name}", {what}', self.at)

    def read(self) -> dict[str, Any] | None:
        key = self.source.variable(self.field.get("variable") or self.name, self.at)
        if key is None:
            return None
        if self.says("readable", "true") is False and self.says("writable", "true") is False:
            self.lost("nothing is shown: it is neither readable nor writable.")
            return None
        if self.says("readable", "true") is False:
            self.lost("the present value is shown although readable is false.")
        made: dict[str, Any] = {"type": self.component(), "key": key, "id": f"field_{key}"}
        label = self.field.get("label") if self.field.get("label") is not None else self.field.get("name")
        label = " ".join((label or "").split())
        if made["type"] == "datetime":
            made |= self.moment(label or key)
        else:
            made["label"] = label or key
        if self.kind in WHOLE:
            made["decimalDigits"] = 0
        if self.kind == "enum":
            made["values"] = self.options()
            made["type"] = "radio" if len(made["values"]) <= MOST_RADIOS else "select"
        if self.says("writable", "true") is False:
            made["readonly"] = True
        if self.says("required", "false"):
            self.rules["required"] = True
        self.constraints(made)
        if self.kind == "boolean":
            # There, any answer satisfies "required"; a required checkbox here would have to be ticked.
            self.rules.pop("required", None)
        if self.rules:
            made["validate"] = self.rules
        self.default(made, key)
        if any(local(e) == "properties" for e in self.field):
            self.lost("the properties are not read.")
        return made

    def says(self, name: str, otherwise: str) -> bool:
        return (self.field.get(name) or otherwise).strip().lower() in TRUE

    def component(self) -> str:
        if self.kind not in KINDS:
            self.lost(f'the type "{self.kind}" is not known here; it is asked as text.')
        return KINDS.get(self.kind, "textfield")

    def moment(self, label: str) -> dict[str, Any]:
        """A date, with a time where the pattern has hours."""
        if re.search(r"[Hhk]", self.field.get("datePattern") or ""):
            return {"subtype": "datetime", "dateLabel": label, "label": label}
        return {"subtype": "date", "dateLabel": label, "label": label}

    def options(self) -> list[dict[str, str]]:
        found = []
        for value in _named(self.field, "value"):
            written = (value.get("id") or "").strip()
            if written:
                found.append({"value": written, "label": " ".join((value.get("name") or written).split())})
        return found

    def constraints(self, made: dict[str, Any]) -> None:
        for holder in _named(self.field, "validation"):
            for constraint in _named(holder, "constraint"):
                self.constraint(
                    (constraint.get("name") or "").strip(), (constraint.get("config") or "").strip(), made
                )

    def constraint(self, name: str, config: str, made: dict[str, Any]) -> None:
        yes = config.lower() != "false"
        match name:
            case "required":
                self.rules["required"] = yes
            case "readonly":
                made["readonly"] = yes
            case "min" | "max" if made["type"] == "number" and re.fullmatch(r"-?\d+(\.\d+)?", config):
                self.rules[name] = float(config) if "." in config else int(config)
            case "minlength" | "maxlength" if made["type"] == "textfield" and config.isdecimal():
                self.rules["minLength" if name == "minlength" else "maxLength"] = int(config)
            case _:
                self.lost(f'the constraint {name}="{config}" is not checked.')

    def default(self, made: dict[str, Any], key: str) -> None:
        written = next(
            (t for n in ("defaultValue", "default", "value", "expression") if (t := self.field.get(n))), None
        )
        if written is None or not written.strip():
            return
        written = written.strip()
        if "${" in written or "#{" in written:
            value = self.source.understood(written, self.at)
            if value is None or value.code != key:  # a field shows the variable of its name anyway
                self.lost(f'the default value "{written}" is computed and is not shown.')
            return
        found = self.constant(written, made)
        if found is None:
            self.lost(f'the default value "{written}" is no value of its type.')
        else:
            made["defaultValue"] = found

    def constant(self, written: str, made: dict[str, Any]) -> Any:
        match made["type"]:
            case "checkbox":
                return {"true": True, "false": False}.get(written.lower())
            case "number":
                if re.fullmatch(r"-?\d{1,18}", written):
                    return int(written)
                real = self.kind not in WHOLE and re.fullmatch(r"-?\d{1,18}\.\d{1,18}", written)
                return float(written) if real else None
            case "radio" | "select":
                return written if written in {option["value"] for option in made["values"]} else None
            case "datetime":
                return read_date(written, self.field.get("datePattern"), timed=made["subtype"] == "datetime")
            case _:
                return written


def read_date(written: str, pattern: str | None, *, timed: bool) -> str | None:
    """ISO 8601 text of a date written as Java's ``pattern`` says (dd/MM/yyyy without one), or as ISO; None for others."""
    known = PYTHON_DATE | PYTHON_TIME
    letters = pattern or "dd/MM/yyyy"
    if all(m[0] in known for m in PATTERN_PART.finditer(letters)):
        try:
            moment = datetime.strptime(written, PATTERN_PART.sub(lambda m: known[m[0]], letters))  # noqa: DTZ007 - local
            return moment.strftime("%Y-%m-%dT%H:%M") if timed else moment.date().isoformat()
        except ValueError:
            pass
    try:
        return (
            datetime.fromisoformat(written).isoformat() if timed else date.fromisoformat(written).isoformat()
        )
    except ValueError:
        return None
