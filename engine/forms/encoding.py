"""What an HTML form sends, as the same raw answers that JSON would carry.

A date has three inputs ``key.day``, ``key.month``, ``key.year`` or one ``key`` in ISO form; a time ``key.hour`` and
``key.minute`` or one ``key``; a date and time both. Lists repeat their name; rows of a list are ``key[0].name``.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast

from engine.forms.form import Component, Field, FieldKind, Form, ListField, flat
from engine.forms.schema import MAX_ROWS


class ManyValues(Protocol):
    """A mapping that may hold several values for a name, as web frameworks give form data."""

    def getlist(self, key: str) -> list[str]: ...


def from_html(form: Form, sent: ManyValues | Mapping[str, Any]) -> Mapping[str, Any]:
    """Raw answers for ``check_answers``; inputs that the form does not have are left out.

    Every field of the form gets an answer, as a browser sends nothing for an unchecked box.

    Args:
        sent: a multi-dict with ``getlist``, or a mapping of names to a text or a list of texts.
    """
    return _level(form.components, _texts(sent), "")


def _texts(sent: ManyValues | Mapping[str, Any]) -> dict[str, list[str]]:
    names = [str(name) for name in cast(Mapping[str, Any], sent)]
    if hasattr(sent, "getlist"):
        return {name: list(sent.getlist(name)) for name in names}
    plain: Mapping[str, Any] = sent
    return {
        name: list(value)
        if isinstance(value := plain[name], Sequence) and not isinstance(value, str)
        else [value]
        for name in names
    }


def _level(components: tuple[Component, ...], sent: dict[str, list[str]], prefix: str) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for component in flat(components):
        if isinstance(component, Field):
            _put(answers, component.key, _answer(component, sent, prefix + component.key))
        elif isinstance(component, ListField):
            _put(answers, component.key, _rows(component, sent, prefix + component.key))
    return answers


def _answer(field: Field, sent: dict[str, list[str]], name: str) -> Any:
    match field.kind:
        case FieldKind.CHECKLIST | FieldKind.TAGLIST:
            return [value for value in sent.get(name, []) if value != ""]
        case FieldKind.CHECKBOX:
            return sent.get(name, ["false"])[-1]  # a hidden input before the box may say false
        case FieldKind.DATE:
            return _date(sent, name)
        case FieldKind.TIME:
            return _time(sent, name)
        case FieldKind.DATETIME:
            if whole := _one(sent, name):
                return whole
            day, clock = _date(sent, name), _time(sent, name)
            return f"{day}T{clock}" if day or clock else ""
        case _:
            return _one(sent, name)


def _one(sent: dict[str, list[str]], name: str) -> str:
    return sent.get(name, [""])[0]


def _date(sent: dict[str, list[str]], name: str) -> str:
    day, month, year = (_one(sent, f"{name}.{part}").strip() for part in ("day", "month", "year"))
    if day or month or year:
        return f"{year.zfill(4)}-{month.zfill(2)}-{day.zfill(2)}"
    return _one(sent, name)


def _time(sent: dict[str, list[str]], name: str) -> str:
    hour, minute = (_one(sent, f"{name}.{part}").strip() for part in ("hour", "minute"))
    if hour or minute:
        return f"{hour.zfill(2)}:{minute.zfill(2)}"
    return _one(sent, name)


def _rows(component: ListField, sent: dict[str, list[str]], name: str) -> list[dict[str, Any]]:
    """Rows in the order of their numbers, which may have gaps where a row was removed; new ones left empty are no rows."""
    pattern = re.compile(re.escape(name) + r"\[(\d{1,6})\]\.")
    numbers = sorted({int(found.group(1)) for key in sent if (found := pattern.match(key))})
    rows = [_level(component.components, sent, f"{name}[{n}].") for n in numbers[: MAX_ROWS + 1]]
    return [row for row in rows if _answered(row)] if component.changeable else rows


def _answered(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_answered(one) for one in value.values())
    return value not in ("", "false", [], None)


def _put(data: dict[str, Any], key: str, value: Any) -> None:
    *above, last = key.split(".")
    for part in above:
        data = data.setdefault(part, {})
    data[last] = value
