"""What a form is once it is read: a tree of components, each with its words in every language the file has."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from engine.bpmn.model import Expr
from engine.forms.wording import NO_WORDS, Wording


class FieldKind(StrEnum):
    """What a person can answer, by form-js's name for it."""

    TEXT = "textfield"
    AREA = "textarea"
    NUMBER = "number"
    SELECT = "select"
    RADIO = "radio"
    CHECKBOX = "checkbox"
    CHECKLIST = "checklist"
    TAGLIST = "taglist"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"

    @property
    def has_options(self) -> bool:
        return self in (FieldKind.SELECT, FieldKind.RADIO, FieldKind.CHECKLIST, FieldKind.TAGLIST)

    @property
    def has_many(self) -> bool:
        return self in (FieldKind.CHECKLIST, FieldKind.TAGLIST)


class StaticKind(StrEnum):
    """What a person only reads."""

    TEXT = "text"  # Markdown
    HTML = "html"
    IMAGE = "image"
    TABLE = "table"
    SEPARATOR = "separator"
    SPACER = "spacer"


@dataclass(frozen=True, slots=True)
class Option:
    value: Any
    label: Wording


@dataclass(frozen=True, slots=True)
class Limits:
    """What an answer must keep to. ``minimum`` and ``maximum`` are numbers as text (exact), or an expression.

    Attributes:
        pattern: RE2; an answer must contain a match, so anchor it with ``^`` and ``$``.
        format: "email", "phone" or "".
        decimals: digits after the decimal point; 0 = whole numbers; None = any.
        exact: the number is kept as a Decimal.
    """

    required: "bool | Expr" = False
    min_length: int | None = None
    max_length: int | None = None
    minimum: "str | Expr | None" = None
    maximum: "str | Expr | None" = None
    step: str | None = None
    decimals: int | None = None
    exact: bool = False
    pattern: str = ""
    format: str = ""
    future_only: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a component stands: components of one ``row`` stand side by side, ``columns`` of 16 wide (None: equal)."""

    row: str = ""
    columns: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A question. ``key`` is its path in its list's row, or in the form; parts are joined with dots.

    Attributes:
        hide: when this holds, the question is not asked and its answer dropped.
        locked: shown, not to be changed (form-js: readonly, disabled).
        options: fixed ones; else ``options_key`` (a variable) or ``options_from`` (an expression) gives them.
    """

    id: str
    kind: FieldKind
    key: str
    label: Wording
    description: Wording = NO_WORDS
    hide: Expr | None = None
    locked: "bool | Expr" = False
    limits: Limits = Limits()
    default: Any = None
    options: tuple[Option, ...] = ()
    options_key: str = ""
    options_from: Expr | None = None
    prefix: Wording = NO_WORDS
    suffix: Wording = NO_WORDS
    place: Place = Place()


@dataclass(frozen=True, slots=True, eq=False)
class Computed:
    """A value that the form works out itself. It is stored with the answers and not shown."""

    id: str
    key: str
    value: Expr
    hide: Expr | None = None
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Column:
    key: str
    label: Wording


@dataclass(frozen=True, slots=True, eq=False)
class Static:
    """Something to read. ``content``: text or HTML, an image's address; ``source`` and ``columns``: a table's."""

    id: str
    kind: StaticKind
    content: Wording = NO_WORDS
    label: Wording = NO_WORDS
    source: Expr | None = None
    columns: tuple[Column, ...] = ()
    hide: Expr | None = None
    place: Place = Place()


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Components under one heading. The keys inside already carry the group's path."""

    id: str
    label: Wording
    components: "tuple[Component, ...]"
    outline: bool = False
    hide: Expr | None = None
    place: Place = Place()


@dataclass(frozen=True, slots=True, eq=False)
class ListField:
    """Rows of the same components. ``key`` holds the list; the keys inside are those of a row."""

    id: str
    key: str
    label: Wording
    components: "tuple[Component, ...]"
    rows: int = 1
    changeable: bool = True
    hide: Expr | None = None
    place: Place = Place()


Component = Field | Computed | Static | Group | ListField


@dataclass(frozen=True, slots=True)
class Form:
    key: str
    title: Wording
    components: tuple[Component, ...]
    file: str = ""

    def flat(self) -> Iterator[Component]:
        """Every component but those inside lists, groups before what is in them."""
        return flat(self.components)


def flat(components: tuple[Component, ...]) -> Iterator[Component]:
    for component in components:
        yield component
        if isinstance(component, Group):
            yield from flat(component.components)


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one answer, to be put in words by whoever shows it.

    ``code``: required, too_long {max}, too_short {min}, not_text, not_a_number,
    ambiguous_number, too_small {min}, too_large {max},
    too_many_decimals {max}, not_a_step {step}, not_an_option, bad_date, bad_time, date_in_past, pattern, bad_email,
    bad_phone, not_true_or_false, not_a_list, too_many {max}, fixed_rows {count}, unknown_field.
    """

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
