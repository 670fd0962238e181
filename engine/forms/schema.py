"""Reads a form-js schema into a Form, with every problem in it by the component's name."""

import json
import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

import re2

from engine.bpmn.expressions import Dialect, ExpressionInvalid, read_expression
from engine.bpmn.language.names import variable_of
from engine.bpmn.model import Expr
from engine.forms.form import (
    Column,
    Component,
    Computed,
    Field,
    FieldKind,
    Form,
    Group,
    Limits,
    ListField,
    Option,
    Place,
    Static,
    StaticKind,
    flat,
)
from engine.forms.wording import NO_WORDS, Wording, constant, read_wording
from engine.problems import Problem, Severity

MAX_BYTES = 1_000_000
MAX_COMPONENTS = 500
MAX_DEPTH = 10
MAX_ROWS = 200
"""Rows of one list."""

MAX_LETTERS = 10_000
"""Characters of one answer."""

_IGNORED = frozenset({"button", "default"})
_IMAGE = re.compile(r"https://|data:image/(png|jpeg|gif|webp);base64,|/(?!/)|$")
_KEY = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")


def read_form(content: bytes, filename: str) -> tuple[Form | None, list[Problem]]:
    """The form of a form-js JSON file, and what is wrong with it. Never raises for bad input.

    Labels, descriptions, texts and option labels may have translations: ``label_en`` beside ``label`` (in options), or
    in the component's ``properties``.

    Returns:
        The form, None when there is an error; and all problems, whose ``element`` is the component's key or id.
    """
    try:
        if len(content) > MAX_BYTES:
            raise ValueError(f"it has more than {MAX_BYTES:,} bytes")
        schema = json.loads(content.decode("utf-8-sig"))
        if not isinstance(schema, dict) or not isinstance(schema.get("components"), list):
            raise ValueError("it has no list of components")
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 0
        message = f"The file is no form: {error}."
        return None, [Problem(line, "", "form_malformed", message, file=filename)]
    return _Reader(filename, content.decode("utf-8-sig")).form(schema)


class _Reader:
    def __init__(self, filename: str, text: str) -> None:
        self.filename = filename
        self.lines = text.splitlines()
        self.problems: list[Problem] = []
        self.count = 0

    def form(self, schema: Mapping[str, Any]) -> tuple[Form | None, list[Problem]]:
        key = _text(schema.get("id")) or PurePath(self.filename).stem
        components = self.components(schema["components"], "", 0)
        self.check_keys(components)
        form = Form(key, self.words(schema, "title", key), components, self.filename)
        broken = any(problem.severity is Severity.ERROR for problem in self.problems)
        return (None if broken else form), self.problems

    def tell(self, name: str, code: str, message: str, severity: Severity = Severity.ERROR) -> None:
        self.problems.append(Problem(self.line(name), name, code, message, severity, self.filename))

    def line(self, name: str) -> int:
        """The line that names a component: where its key or id stands."""
        wanted = f'"{name}"'
        return next((at for at, line in enumerate(self.lines, 1) if name and wanted in line), 0)

    def components(self, sources: Any, path: str, depth: int) -> tuple[Component, ...]:
        if not isinstance(sources, list):
            return ()
        if depth > MAX_DEPTH:
            self.tell("", "form_too_large", f"The form is nested deeper than {MAX_DEPTH} levels.")
            return ()
        found: list[Component] = []
        for source in sources:
            self.count += 1
            if self.count > MAX_COMPONENTS:
                if self.count == MAX_COMPONENTS + 1:
                    self.tell("", "form_too_large", f"The form has more than {MAX_COMPONENTS} components.")
                break
            if not isinstance(source, dict):
                self.tell("", "form_malformed", "A component of the form is no JSON object.")
                continue
            component = self.component(source, path, depth)
            if component is not None:
                found.append(component)
        return tuple(found)

    def component(self, source: Mapping[str, Any], path: str, depth: int) -> Component | None:
        kind = _text(source.get("type"))
        name = _text(source.get("key")) or _text(source.get("path")) or _text(source.get("id"))
        if kind in _IGNORED:
            return None
        if kind == "datetime":
            kind = _text(source.get("subtype")) or "date"
        if kind in FieldKind.__members__.values():
            return self.field(source, FieldKind(kind), name, path)
        if kind in StaticKind.__members__.values():
            return self.static(source, StaticKind(kind), name)
        match kind:
            case "group":
                return Group(
                    _text(source.get("id")),
                    self.words(source, "label", name),
                    self.components(source.get("components"), _joined(path, source.get("path")), depth + 1),
                    source.get("showOutline") is True,
                    self.hide(source, name),
                    _place(source),
                )
            case "dynamiclist":
                return self.list_field(source, name, path, depth)
            case "expression":
                return self.computed(source, name, path)
            case _:
                self.tell(
                    name,
                    "form_component_unknown",
                    f"The form component '{kind}' ({name}) is not supported; replace it.",
                )
                return None

    def field(self, source: Mapping[str, Any], kind: FieldKind, name: str, path: str) -> Field | None:
        key = self.key(source.get("key"), name, path, kind)
        if key is None:
            return None
        label = self.words(source, "label", name)
        if not label:
            label = self.words(source, "dateLabel", name) or self.words(source, "timeLabel", name)
        appearance = source.get("appearance")
        sides = appearance if isinstance(appearance, Mapping) else {}
        locked = self.condition(source.get("readonly"), name)
        options_from = self.expression(source.get("valuesExpression"), name)
        options = self.options(source.get("values"), name) if kind.has_options else ()
        options_key = _text(source.get("valuesKey"))
        if kind.has_options and not (options or options_key or options_from):
            self.tell(name, "form_without_options", f"The field '{name}' has nothing to choose from.")
        return Field(
            _text(source.get("id")),
            kind,
            key,
            label or constant(key),
            self.words(source, "description", name),
            self.hide(source, name),
            True if source.get("disabled") is True else locked,
            self.limits(source, kind, name),
            source.get("defaultValue"),
            options,
            options_key,
            options_from,
            self.words(sides, "prefixAdorner", name),
            self.words(sides, "suffixAdorner", name),
            _place(source),
        )

    def limits(self, source: Mapping[str, Any], kind: FieldKind, name: str) -> Limits:
        rules = source.get("validate")
        rules = rules if isinstance(rules, Mapping) else {}
        letters = kind in (FieldKind.TEXT, FieldKind.AREA)
        number = kind is FieldKind.NUMBER
        kind_of_text = _text(rules.get("validationType"))
        return Limits(
            self.condition(rules.get("required"), name),
            self.whole(rules.get("minLength"), name, "minLength") if letters else None,
            self.whole(rules.get("maxLength"), name, "maxLength") if letters else None,
            self.bound(rules.get("min"), name, "min") if number else None,
            self.bound(rules.get("max"), name, "max") if number else None,
            self.step(source.get("increment"), name) if number else None,
            self.whole(source.get("decimalDigits"), name, "decimalDigits") if number else None,
            number and source.get("serializeToString") is True,
            self.pattern(rules.get("pattern"), name) if letters and kind_of_text in ("", "custom") else "",
            kind_of_text if letters and kind_of_text in ("email", "phone") else "",
            source.get("disallowPassedDates") is True,
        )

    def whole(self, value: Any, name: str, what: str) -> int | None:
        if value is None or value == "":
            return None
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 1_000_000:
            return value
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 7:
            return int(value)
        self.tell(
            name, "form_limit_invalid", f"'{what}' of the field '{name}' is no whole number: {value!r:.40}."
        )
        return None

    def bound(self, value: Any, name: str, what: str) -> str | Expr | None:
        if value is None or value == "":
            return None
        if isinstance(value, str) and value.startswith("="):
            return self.expression(value, name)
        if not isinstance(value, bool) and re.fullmatch(r"-?\d{1,30}(\.\d{1,30})?", str(value)):
            return str(value)
        self.tell(name, "form_limit_invalid", f"'{what}' of the field '{name}' is no number: {value!r:.40}.")
        return None

    def step(self, value: Any, name: str) -> str | None:
        found = self.bound(value, name, "increment")
        if isinstance(found, str) and float(found) > 0:
            return found
        if found is not None:
            self.tell(name, "form_limit_invalid", f"'increment' of the field '{name}' is no number above 0.")
        return None

    def pattern(self, value: Any, name: str) -> str:
        text = _text(value)
        if not text:
            return ""
        if compiled_pattern(text) is None:
            self.tell(
                name,
                "form_pattern_invalid",
                f"The pattern of the field '{name}' cannot be used: {text[:60]}. Looking ahead and back-references are "
                "not possible.",
            )
        return text

    def options(self, values: Any, name: str) -> tuple[Option, ...]:
        if not isinstance(values, list):
            return ()
        found: list[Option] = []
        for value in values:
            if isinstance(value, Mapping) and value.get("value") is not None:
                label = self.words(value, "label", name)
                found.append(Option(value["value"], label or constant(str(value["value"]))))
            elif isinstance(value, str | int | float):
                found.append(Option(value, constant(str(value))))
        if len({str(option.value) for option in found}) < len(found):
            self.tell(name, "form_option_twice", f"Two options of the field '{name}' have the same value.")
        return tuple(found)

    def static(self, source: Mapping[str, Any], kind: StaticKind, name: str) -> Static:
        content, label = NO_WORDS, self.words(source, "label", name)
        table: Expr | None = None
        columns: tuple[Column, ...] = ()
        match kind:
            case StaticKind.TEXT:
                content = self.words(source, "text", name)
            case StaticKind.HTML:
                content = self.words(source, "content", name)
            case StaticKind.IMAGE:
                content, label = self.words(source, "source", name), self.words(source, "alt", name)
                if not _IMAGE.match(content.read()):
                    self.tell(
                        name,
                        "form_image_invalid",
                        f"The image '{name}' needs an https address or image data.",
                    )
            case StaticKind.TABLE:
                table = self.expression(source.get("dataSource"), name)
                columns = self.columns(source, name)
            case StaticKind.SEPARATOR | StaticKind.SPACER:
                label = NO_WORDS
        return Static(
            _text(source.get("id")),
            kind,
            content,
            label,
            table,
            columns,
            self.hide(source, name),
            _place(source),
        )

    def columns(self, source: Mapping[str, Any], name: str) -> tuple[Column, ...]:
        columns = source.get("columns")
        if not isinstance(columns, list) or source.get("columnsExpression"):
            self.tell(name, "form_table_invalid", f"The table '{name}' must list its columns.")
            return ()
        return tuple(
            Column(_text(column.get("key")), self.words(column, "label", name))
            for column in columns
            if isinstance(column, Mapping)
        )

    def list_field(self, source: Mapping[str, Any], name: str, path: str, depth: int) -> ListField | None:
        key = self.key(source.get("path"), name, path, "dynamiclist")
        if key is None:
            return None
        rows = self.whole(source.get("defaultRepetitions"), name, "defaultRepetitions")
        return ListField(
            _text(source.get("id")),
            key,
            self.words(source, "label", name) or constant(key),
            self.components(source.get("components"), "", depth + 1),
            min(1 if rows is None else rows, MAX_ROWS),
            source.get("allowAddRemove") is not False,
            self.hide(source, name),
            _place(source),
        )

    def computed(self, source: Mapping[str, Any], name: str, path: str) -> Computed | None:
        key = self.key(source.get("key"), name, path, "expression")
        value = self.expression(source.get("expression"), name)
        if key is None or value is None:
            if key is not None and not source.get("expression"):
                self.tell(name, "form_expression_invalid", f"The computed field '{name}' has no expression.")
            return None
        return Computed(_text(source.get("id")), key, value, self.hide(source, name), _place(source))

    def key(self, value: Any, name: str, path: str, kind: str) -> str | None:
        written = _joined(path, value)
        key = ".".join(variable_of(part) for part in written.split("."))
        if value and _KEY.fullmatch(key) and key != written:
            self.tell(
                name,
                "form_key_renamed",
                f"The key '{written}' is answered and kept as '{key}': variables have no spaces or other signs.",
                Severity.WARNING,
            )
        if not value or not _KEY.fullmatch(key):
            self.tell(
                name,
                "form_key_invalid",
                f"A {kind} of the form needs a key of letters, digits and '_', not '{str(value or '')[:40]}'.",
            )
            return None
        return key

    def hide(self, source: Mapping[str, Any], name: str) -> Expr | None:
        conditional = source.get("conditional")
        return self.expression(conditional.get("hide"), name) if isinstance(conditional, Mapping) else None

    def condition(self, value: Any, name: str) -> bool | Expr:
        if isinstance(value, str) and value:
            return self.expression(value, name) or False
        return value is True

    def expression(self, value: Any, name: str) -> Expr | None:
        text = _text(value)
        if not text:
            return None
        try:
            return read_expression(text, Dialect.FEEL)
        except ExpressionInvalid as error:
            self.tell(name, "form_expression_invalid", f"In the component '{name}': {error.message}")
            return None

    def words(self, source: Mapping[str, Any], what: str, name: str) -> Wording:
        try:
            return read_wording(source, what)
        except ExpressionInvalid as error:
            self.tell(name, "form_expression_invalid", f"In the {what} of '{name}': {error.message}")
            return NO_WORDS

    def check_keys(self, components: tuple[Component, ...]) -> None:
        """Two questions may share a key when a condition shows one of them only; lists and their parts may not."""
        always: set[str] = set()
        for component in flat(components):
            if isinstance(component, Field | Computed | ListField) and component.hide is None:
                if component.key in always:
                    self.tell(component.key, "form_key_twice", f"The key '{component.key}' is used twice.")
                always.add(component.key)
            if isinstance(component, ListField):
                self.check_keys(component.components)
        for key in always:
            above = key.rpartition(".")[0]
            if above in always:
                self.tell(key, "form_key_twice", f"The key '{key}' lies inside the answer '{above}'.")


def compiled_pattern(pattern: str) -> Any:
    """The pattern made ready for ``search`` in time linear in the text, or None when it cannot be."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    try:
        return re2.compile(pattern, options)
    except re2.error:
        return None


def _joined(path: str, key: Any) -> str:
    return ".".join(part for part in (path, _text(key)) if part)


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _place(source: Mapping[str, Any]) -> Place:
    layout = source.get("layout")
    if not isinstance(layout, Mapping):
        return Place()
    columns = layout.get("columns")
    return Place(
        _text(layout.get("row")), columns if isinstance(columns, int) and 1 <= columns <= 16 else None
    )
