"""Turns a form into the fields that the page shows: in the reader's language, with what was typed or is known."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from itertools import groupby
from typing import Any

from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from engine.bpmn.expressions import SandboxError, evaluate
from engine.bpmn.step import World
from engine.forms import form as forms
from engine.forms.answers import from_html, hidden, initial_values
from engine.forms.checks import holds, options
from web.pages import words
from web.pages.answer_messages import message
from web.pages.formfields import Field, FieldError, FormView, Option, Part
from web.pages.texts import _

Typed = MultiDict[str, str]
Wrong = Mapping[str, Sequence[forms.FieldProblem]]

SPARE_ROWS = 1
"""Empty rows below those that a changeable list has; "Add another" gives one more."""


def draw(
    form: forms.Form,
    known: Mapping[str, Any],
    *,
    typed: Typed | None = None,
    wrong: Wrong | None = None,
    world: World | None = None,
) -> FormView:
    """The form as the page shows it.

    Args:
        known: what the task sees; shown until something is typed.
        typed: what the person sent, kept as it was typed.
        wrong: problems by key, from ``AnswersInvalid.fields``.
        world: for conditions and values that read the clock.
    """
    raw = from_html(form, typed) if typed is not None else initial_values(form, known)
    pen = _Pen(
        dict(known) | dict(raw),
        dict(known),
        typed,
        wrong or {},
        world,
        hidden(form, raw, variables=known, world=world),
    )
    fields = tuple(pen.together(pen.components(form.components, raw, "")))
    return FormView(pen.read(form.title), fields, tuple(pen.summary()), changes=_reacts(form))


def kept_answers(form: forms.Form, typed: Typed) -> list[tuple[str, str]]:
    """What was typed, with its labels, for a page that can no longer take it."""
    raw = from_html(form, typed)
    kept = []
    for component in form.flat():
        if isinstance(component, forms.Field):
            value = _get(raw, component.key)
            if value not in (None, "", "false", []):
                kept.append((component.label.read(words.locale()), words.plainly(value)))
    return kept


def _reacts(form: forms.Form) -> bool:
    """Whether what is typed may show or hide something."""
    return any(component.hide is not None for component in form.flat())


@dataclass(slots=True)
class _Pen:
    data: Mapping[str, Any]
    known: Mapping[str, Any]
    typed: Typed | None
    wrong: Wrong
    world: World | None
    hidden: frozenset[forms.Component]
    found: dict[str, FieldError] = field(default_factory=dict)

    def read(self, wording: Any) -> str:
        return str(wording.read(words.locale(), self.data, self.world))

    def components(
        self, components: Iterable[forms.Component], values: Mapping[str, Any], prefix: str
    ) -> Iterator[Field]:
        """Fields in their order; those of one row of the form stand side by side."""
        shown = [component for component in components if component not in self.hidden]
        for row, together in groupby(shown, key=lambda component: component.place.row):
            drawn = [drawn for component in together for drawn in self.component(component, values, prefix)]
            if row and len(drawn) > 1:
                yield Field("columns", "", "", "", children=tuple(drawn))
            else:
                yield from drawn

    def together(self, fields: Iterable[Field]) -> Iterator[Field]:
        """What is only shown and stands in a row becomes one list of facts."""
        for shown, run in groupby(fields, key=lambda drawn: drawn.kind == "answer"):
            if shown:
                yield Field("answers", "", "", "", children=tuple(run))
            else:
                yield from run

    def component(
        self, component: forms.Component, values: Mapping[str, Any], prefix: str
    ) -> Iterator[Field]:
        match component:
            case forms.Field():
                yield self.field(component, _get(values, component.key), prefix)
            case forms.Group():
                inside = tuple(self.together(self.components(component.components, values, prefix)))
                if inside:
                    yield Field("group", "", "", self.read(component.label), children=inside)
            case forms.ListField():
                yield self.list_field(component, _get(values, component.key), prefix)
            case forms.Static():
                yield from self.static(component)
            case forms.Computed():
                return

    def field(self, asked: forms.Field, value: Any, prefix: str) -> Field:
        name = prefix + asked.key
        anchor = _id(name)
        label = self.read(asked.label)
        if holds(asked.locked, self.known, self.world):
            value = _get(self.known, asked.key) if not prefix else value
            return Field(
                "answer",
                name,
                anchor,
                label,
                hint=self.read(asked.description),
                shown=self.shown(asked, value),
                suffix=self.read(asked.suffix),
            )
        errors = tuple(message(problem, label) for problem in self.wrong.get(name, ()))
        if errors:
            self.found[name] = FieldError(anchor, errors[0])
        kind = _KINDS[asked.kind]
        text = self.text(name, asked, value)
        return Field(
            kind,
            name,
            anchor,
            label,
            hint=self.read(asked.description),
            required=holds(asked.limits.required, self.data, self.world),
            value=value in (True, "true", "on", "1") if kind == "check" else text,
            shown=self.shown(asked, value),
            errors=errors,
            options=self.options(asked, value) if asked.kind.has_options else (),
            parts=self.parts(asked.kind, name, value) if kind == "date" else (),
            prefix=self.read(asked.prefix),
            suffix=self.read(asked.suffix),
            limit=asked.limits.max_length or 0,
            input_type={"email": "email", "phone": "tel"}.get(asked.limits.format, "text"),
            inputmode="decimal" if kind == "number" else "",
        )

    def text(self, name: str, asked: forms.Field, value: Any) -> str:
        if self.typed is not None and name in self.typed:
            return self.typed[name]
        if value is None or isinstance(value, bool | list | dict):
            return ""
        if asked.kind is forms.FieldKind.NUMBER and isinstance(value, int | float | Decimal):
            mark = "," if words.locale() == "id" else "."
            return format(Decimal(str(value)), "f").replace(".", mark)
        return str(value)

    def shown(self, asked: forms.Field, value: Any) -> str:
        """The value as it is read: options by their labels."""
        if not asked.kind.has_options:
            return words.plainly(value) if value not in (None, "", []) else ""
        chosen = value if isinstance(value, list) else [value]
        labels = {
            str(option.value): self.read(option.label) for option in options(asked, self.data, self.world)
        }
        return ", ".join(labels.get(str(one), words.plainly(one)) for one in chosen if one not in (None, ""))

    def options(self, asked: forms.Field, value: Any) -> tuple[Option, ...]:
        chosen = {str(one) for one in (value if isinstance(value, list) else [value])}
        return tuple(
            Option(str(option.value), self.read(option.label), str(option.value) in chosen)
            for option in options(asked, self.data, self.world)
        )

    def parts(self, kind: forms.FieldKind, name: str, value: Any) -> tuple[Part, ...]:
        """The inputs of a date, a time or both; the first one carries the field's own id."""
        day, clock = _date_and_time(kind, value)
        wanted: list[tuple[str, str, str, bool]] = []
        if kind is not forms.FieldKind.TIME:
            wanted += [
                ("day", _("Day"), day[2], False),
                ("month", _("Month"), day[1], False),
                ("year", _("Year"), day[0], True),
            ]
        if kind is not forms.FieldKind.DATE:
            wanted += [("hour", _("Hour"), clock[0], False), ("minute", _("Minute"), clock[1], False)]
        return tuple(
            Part(
                f"{name}.{part}",
                _id(name) if number == 0 else _id(f"{name}.{part}"),
                label,
                self.typed.get(f"{name}.{part}", "") if self.typed is not None else known,
                wide,
                after_colon=part == "minute",
            )
            for number, (part, label, known, wide) in enumerate(wanted)
        )

    def list_field(self, listed: forms.ListField, value: Any, prefix: str) -> Field:
        name = prefix + listed.key
        label = self.read(listed.label)
        rows = [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []
        if listed.changeable:
            more = SPARE_ROWS if self.typed is not None and self.typed.get("add") == name else 0
            rows += [{}] * max(more, listed.rows - len(rows))
        errors = tuple(message(problem, label) for problem in self.wrong.get(name, ()))
        if errors:
            self.found[name] = FieldError(_id(name), errors[0])
        return Field(
            "list",
            name,
            _id(name),
            label,
            errors=errors,
            rows=tuple(
                tuple(self.components(listed.components, row, f"{name}[{n}].")) for n, row in enumerate(rows)
            ),
            addable=listed.changeable,
        )

    def static(self, shown: forms.Static) -> Iterator[Field]:
        match shown.kind:
            case forms.StaticKind.TEXT | forms.StaticKind.HTML:
                markdown = shown.kind is forms.StaticKind.TEXT
                html = shown.content.html(words.locale(), self.data, self.world, markdown=markdown)
                yield Field("prose", "", "", "", html=Markup(html))  # noqa: S704  # engine.forms has cleaned it
            case forms.StaticKind.SEPARATOR:
                yield Field("rule", "", "", "")
            case forms.StaticKind.TABLE:
                yield self.table(shown)
            case forms.StaticKind.SPACER | forms.StaticKind.IMAGE:
                return  # no address of another site is loaded; the label of an image says what it shows

    def table(self, shown: forms.Static) -> Field:
        rows: Any = []
        if shown.source is not None:
            try:
                rows = evaluate(shown.source, self.data, world=self.world)
            except SandboxError:
                rows = []
        rows = [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
        heads = tuple(self.read(column.label) or column.key for column in shown.columns)
        cells = tuple(tuple(words.plainly(row.get(column.key)) for column in shown.columns) for row in rows)
        return Field("table", "", "", self.read(shown.label) or _("Table"), heads=heads, rows=cells)

    def summary(self) -> Iterator[FieldError]:
        """One line a wrong answer, in the order of the form; what has no field goes to the top."""
        yield from self.found.values()
        for name in self.wrong.keys() - self.found.keys():
            for problem in self.wrong[name]:
                yield FieldError("main", message(problem, words.humanise(name)))


_KINDS = {
    forms.FieldKind.TEXT: "text",
    forms.FieldKind.AREA: "area",
    forms.FieldKind.NUMBER: "number",
    forms.FieldKind.SELECT: "select",
    forms.FieldKind.RADIO: "radio",
    forms.FieldKind.CHECKBOX: "check",
    forms.FieldKind.CHECKLIST: "checks",
    forms.FieldKind.TAGLIST: "checks",
    forms.FieldKind.DATE: "date",
    forms.FieldKind.TIME: "date",
    forms.FieldKind.DATETIME: "date",
}


def _id(name: str) -> str:
    """An element id for an input's name: letters, digits and dashes only, so that it also works as a link."""
    return "f-" + "".join(letter if letter.isalnum() else "-" for letter in name)


def _get(values: Mapping[str, Any], key: str) -> Any:
    """The value under a dotted key."""
    found: Any = values
    for part in key.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _date_and_time(kind: forms.FieldKind, value: Any) -> tuple[tuple[str, str, str], tuple[str, str]]:
    """Year, month, day and hour, minute as texts; empty where the value is none."""
    if isinstance(value, str):
        try:
            value = {
                forms.FieldKind.DATE: date.fromisoformat,
                forms.FieldKind.TIME: time.fromisoformat,
            }.get(kind, datetime.fromisoformat)(value)
        except ValueError:
            value = None
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = words.local(value)
    day = (str(value.year), str(value.month), str(value.day)) if isinstance(value, date) else ("", "", "")
    clock = (f"{value.hour:02}", f"{value.minute:02}") if isinstance(value, datetime | time) else ("", "")
    return day, clock
