"""One answer: read in its field's type and held against the field's limits."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from engine.bpmn.expressions import SandboxError, evaluate
from engine.bpmn.language.scope import zone
from engine.bpmn.model import Expr
from engine.bpmn.step import World
from engine.errors import FormStuck
from engine.forms.form import Field, FieldKind, FieldProblem, Option
from engine.forms.schema import MAX_LETTERS, MAX_ROWS, compiled_pattern
from engine.forms.wording import constant

_NUMBER = re.compile(r"[+-]?\d{1,40}(?:[.,]\d{1,40})?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:(\.)\d{3}(?:\.\d{3}){0,9}|(,)\d{3}(?:,\d{3}){0,9})(?:[.,]\d{1,40})?")
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"\\]{1,64}@[^\s@.<>]{1,63}(?:\.[^\s@.<>]{1,63}){1,8}")
_PHONE = re.compile(r"\+?\d[\d ()./-]{5,24}")


class Refused(Exception):
    """The answer breaks the field; ``problem`` says how."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.problem = FieldProblem(code, params)


def is_empty(value: Any) -> bool:
    return value is None or value == "" or value == [] or (isinstance(value, str) and not value.strip())


def nothing(field: Field) -> Any:
    """What a field that was left empty stores."""
    if field.kind is FieldKind.CHECKBOX:
        return False
    return [] if field.kind.has_many else None


def read_answer(field: Field, raw: Any, *, variables: Mapping[str, Any], world: World | None = None) -> Any:
    """The answer in its type, from JSON or from the text of an HTML form. Raises Refused."""
    if field.kind is FieldKind.CHECKBOX:
        return _truth(raw)
    if is_empty(raw):
        return nothing(field)
    match field.kind:
        case FieldKind.TEXT | FieldKind.AREA:
            return _text(field, raw)
        case FieldKind.NUMBER:
            return _number(field, raw, variables, world)
        case FieldKind.SELECT | FieldKind.RADIO:
            return _option(raw, options(field, variables, world))
        case FieldKind.CHECKLIST | FieldKind.TAGLIST:
            return _options(raw, options(field, variables, world))
        case FieldKind.DATE:
            return _date(field, raw, world)
        case FieldKind.TIME:
            return _time(raw)
        case FieldKind.DATETIME:
            return _datetime(field, raw, world)
    raise Refused("unknown_field")


def compute(expr: Expr, variables: Mapping[str, Any], world: World | None) -> Any:
    """The value of a form's expression; None where it has none for what is entered so far.

    Raises:
        FormStuck: it asks for more than the sandbox gives, whatever is entered.
    """
    try:
        return evaluate(expr, variables, world=world)
    except SandboxError as error:
        if error.code != "sandbox_limit":
            return None
        message = f"The form cannot be used: its expression “{expr.source[:200]}” is stopped, since {error.message}."
        raise FormStuck(f"{message} Tell the process's designer.", expression=expr.source[:200]) from error


def holds(condition: bool | Expr | None, variables: Mapping[str, Any], world: World | None) -> bool:
    """Whether a condition is true; one that fails is not."""
    if condition is None or isinstance(condition, bool):
        return condition is True
    return compute(condition, variables, world) is True


def options(field: Field, variables: Mapping[str, Any], world: World | None = None) -> tuple[Option, ...]:
    """What can be chosen now: the fixed options, or those that the case's variables give."""
    if field.options_from is not None:
        found = compute(field.options_from, variables, world)
    elif field.options_key:
        found = variables.get(field.options_key)
    else:
        return field.options
    return tuple(_read_options(found)) if isinstance(found, Sequence) and not isinstance(found, str) else ()


def _read_options(found: Sequence[Any]) -> list[Option]:
    read: list[Option] = []
    for one in found[:1_000]:
        if isinstance(one, Mapping) and one.get("value") is not None:
            read.append(Option(one["value"], constant(str(one.get("label", one["value"])))))
        elif isinstance(one, str | int | float | Decimal) and not isinstance(one, bool):
            read.append(Option(one, constant(str(one))))
    return read


def _truth(raw: Any) -> bool:
    match raw:
        case bool():
            return raw
        case None | "" | "false" | "off" | "0":
            return False
        case "true" | "on" | "1":
            return True
        case _:
            raise Refused("not_true_or_false")


def _text(field: Field, raw: Any) -> str:
    limits = field.limits
    if not isinstance(raw, str):
        raise Refused("not_text")
    if len(raw) > 2 * MAX_LETTERS:
        raise Refused("too_long", max=MAX_LETTERS)
    value = raw.replace("\r\n", "\n").replace("\r", "\n").strip()
    if any(_unfit(char) for char in value) or (field.kind is FieldKind.TEXT and "\n" in value):
        raise Refused("not_text")
    most = min(limits.max_length or MAX_LETTERS, MAX_LETTERS)
    if len(value) > most:
        raise Refused("too_long", max=most)
    if limits.min_length is not None and len(value) < limits.min_length:
        raise Refused("too_short", min=limits.min_length)
    if limits.format == "email" and not (len(value) <= 254 and _EMAIL.fullmatch(value)):
        raise Refused("bad_email")
    if limits.format == "phone" and not (
        _PHONE.fullmatch(value) and 7 <= sum(c.isdigit() for c in value) <= 15
    ):
        raise Refused("bad_phone")
    if limits.pattern:
        pattern = _pattern(limits.pattern)
        if pattern is None or pattern.search(value) is None:
            raise Refused("pattern")
    return value


@lru_cache(maxsize=512)
def _pattern(pattern: str) -> Any:
    return compiled_pattern(pattern)


def _unfit(char: str) -> bool:
    """Control characters but tab and newline, and halves of surrogate pairs: no store keeps them."""
    return (char < " " and char not in "\n\t") or char == "\x7f" or "\ud800" <= char <= "\udfff"


def _number(
    field: Field, raw: Any, variables: Mapping[str, Any], world: World | None
) -> int | float | Decimal:
    value = _decimal(raw, field.limits.decimals)
    limits = field.limits
    if limits.decimals is not None and -int(value.normalize().as_tuple().exponent) > limits.decimals:
        raise Refused("too_many_decimals", max=limits.decimals)
    low, high = _bound(limits.minimum, variables, world), _bound(limits.maximum, variables, world)
    if low is not None and value < low:
        raise Refused("too_small", min=_plain(low))
    if high is not None and value > high:
        raise Refused("too_large", max=_plain(high))
    if limits.step is not None and (value - (low or 0)) % Decimal(limits.step) != 0:
        raise Refused("not_a_step", step=limits.step)
    return value if limits.exact else _plain(value)


def _plain(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _decimal(raw: Any, decimals: int | None) -> Decimal:
    match raw:
        case bool():
            raise Refused("not_a_number")
        case int() | Decimal():
            value = Decimal(raw)
        case float():
            value = Decimal(repr(raw))
        case str():
            value = _written_number(raw.strip(), decimals)
        case _:
            raise Refused("not_a_number")
    if not value.is_finite() or abs(value.adjusted()) > 18:
        raise Refused("not_a_number")
    return value


def _written_number(text: str, decimals: int | None) -> Decimal:
    """A number as people write it in Indonesian or in English: 250.000, 1.250,50, 1,250.50, 7,5.

    One sign before exactly three digits may group thousands or begin decimals: it groups where the field has fewer than
    three decimals, begins decimals where it has more, and is refused where the field does not say.
    """
    text = text.replace("\u00a0", "").replace(" ", "")
    grouped = _GROUPED.fullmatch(text)
    if grouped is not None and len(text) < 60:
        sign = grouped.group(1) or grouped.group(2)
        other = "," if sign == "." else "."
        if text.count(sign) > 1 or other in text or (decimals is not None and decimals < 3):
            return Decimal(text.replace(sign, "").replace(other, "."))
        if decimals is None:
            raise Refused("ambiguous_number")
    if len(text) < 60 and _NUMBER.fullmatch(text):
        return Decimal(text.replace(",", "."))
    raise Refused("not_a_number")


def _bound(bound: str | Expr | None, variables: Mapping[str, Any], world: World | None) -> Decimal | None:
    try:
        if isinstance(bound, Expr):
            return _decimal(compute(bound, variables, world), None)
        return None if bound is None else Decimal(bound)
    except (Refused, InvalidOperation):
        return None


def _option(raw: Any, known: tuple[Option, ...]) -> Any:
    for option in known:
        if raw == option.value and isinstance(raw, bool) == isinstance(option.value, bool):
            return option.value
    for option in known:
        if isinstance(raw, str) and raw == _shown(option.value):
            return option.value
    raise Refused("not_an_option")


def _shown(value: Any) -> str:
    """An option's value as an HTML form sends it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _options(raw: Any, known: tuple[Option, ...]) -> list[Any]:
    chosen = [raw] if isinstance(raw, str) else raw
    if not isinstance(chosen, list | tuple):
        raise Refused("not_a_list")
    if len(chosen) > MAX_ROWS:
        raise Refused("too_many", max=MAX_ROWS)
    found: list[Any] = []
    for one in chosen:
        value = _option(one, known)
        if value not in found:
            found.append(value)
    return found


def _date(field: Field, raw: Any, world: World | None) -> date:
    value: date
    match raw:
        case datetime():
            value = raw.date()
        case date():
            value = raw
        case str() if re.fullmatch(r"\d{4}-\d\d-\d\d", raw.strip(), re.ASCII):
            value = _valid(raw.strip(), date.fromisoformat, "bad_date")
        case _:
            raise Refused("bad_date")
    if value.year < 1800:  # two digits were typed
        raise Refused("bad_date")
    if field.limits.future_only and world is not None and value < world.now.astimezone(zone(world)).date():
        raise Refused("date_in_past")
    return value


def _time(raw: Any) -> str:
    """Kept as text HH:MM: a case has no times without a date."""
    if isinstance(raw, str) and re.fullmatch(r"\d{1,2}[:.]\d\d(:\d\d)?", raw.strip(), re.ASCII):
        text = raw.strip().replace(".", ":").zfill(5)
        return str(_valid(text, time.fromisoformat, "bad_time").strftime("%H:%M"))
    raise Refused("bad_time")


def _datetime(field: Field, raw: Any, world: World | None) -> datetime:
    """A local time is one of the process's calendar."""
    if isinstance(raw, datetime):
        value = raw
    elif (
        isinstance(raw, str)
        and len(raw) < 40
        and re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", raw.strip(), re.ASCII)
    ):
        value = _valid(raw.strip(), datetime.fromisoformat, "bad_date")
    else:
        raise Refused("bad_date")
    if world is None:
        return value
    value = value if value.tzinfo is not None else value.replace(tzinfo=zone(world))
    if field.limits.future_only and value < world.now:
        raise Refused("date_in_past")
    return value


def _valid(text: str, read: Any, code: str) -> Any:
    try:
        return read(text)
    except ValueError:
        raise Refused(code) from None
