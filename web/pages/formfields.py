"""Form fields as the templates draw them; what a form asks is engine.forms' business."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One input of a date or time: day, month, year, hour or minute."""

    name: str
    id: str
    label: str
    value: str
    wide: bool = False
    after_colon: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One component of a form.

    Attributes:
        kind: ``text``, ``area``, ``number``, ``check``, ``radio``, ``checks``, ``select``, ``date``, ``answer`` (shown
            only), ``prose``, ``rule``, ``columns``, ``group``, ``list`` or ``table``.
        name: of the input. id: of the element that an error links to.
        value: what the person typed, or what the case knows; True or False for ``check``.
        shown: ``value`` as it is read, where it cannot be changed.
        errors: messages, whole sentences.
        limit: letters allowed, 0 = not said.
        html: of ``prose``, already cleaned.
        children: of ``columns`` and ``group``. rows: of ``list`` (fields) and ``table`` (texts).
    """

    kind: str
    name: str
    id: str
    label: str
    hint: str = ""
    required: bool = False
    value: Any = ""
    shown: str = ""
    errors: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    parts: tuple[Part, ...] = ()
    prefix: str = ""
    suffix: str = ""
    limit: int = 0
    locked: bool = False
    input_type: str = "text"
    inputmode: str = ""
    autocomplete: str = ""
    html: Markup = field(default_factory=Markup)
    children: tuple["Field", ...] = ()
    rows: tuple[Sequence[Any], ...] = ()
    heads: tuple[str, ...] = ()
    addable: bool = False


@dataclass(frozen=True, slots=True)
class FieldError:
    """One line of the error summary. ``anchor`` is the id of the element to go to."""

    anchor: str
    message: str


@dataclass(frozen=True, slots=True)
class FormView:
    """``changes``: an answer may show or hide questions, so the page asks for the fields again when one changes."""

    title: str
    fields: tuple[Field, ...]
    errors: tuple[FieldError, ...] = ()
    changes: bool = False
