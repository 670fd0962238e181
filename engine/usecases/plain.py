"""Variables as plain JSON for whoever is outside the case: partners, and other cases."""

from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from typing import Any

_EXACT_UP_TO = 2**53
"""Whole numbers that every reader of JSON keeps."""


def plain(value: Any) -> Any:
    """``value`` (JSON, date, datetime, time, Decimal) as JSON values: moments as ISO text, decimals as numbers.

    A decimal that no number of JSON holds exactly stays text: better a partner's refusal than a changed amount.
    """
    match value:
        case Decimal():
            return _number(value)
        case date() | time():  # a datetime is a date
            return value.isoformat()
        case Mapping():
            return {str(key): plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [plain(inner) for inner in value]
        case _:
            return value


def _number(value: Decimal) -> int | float | str:
    if not value.is_finite():
        return str(value)
    if value == value.to_integral_value():
        return int(value) if abs(value) <= _EXACT_UP_TO else str(value)
    near = float(value)
    return near if Decimal(repr(near)) == value else str(value)
