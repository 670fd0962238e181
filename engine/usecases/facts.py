"""The few searchable facts of a case that its process names."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from engine.model import Case

_TEXT_LIMIT = 200
_SEARCH_LIMIT = 1000


def facts_of(settings: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """What ``facts`` in process.toml names (fact → variable), as far as there is a plain value by now."""
    found: dict[str, Any] = {}
    for fact, variable in settings.get("facts", {}).items():
        value = data.get(variable)
        if isinstance(value, str):
            found[fact] = value[:_TEXT_LIMIT]
        elif isinstance(value, bool | int | float | Decimal | date):
            found[fact] = value
    return found


def search_text_of(case: Case) -> str:
    """What a search over cases looks into: business key and facts, in small letters."""
    values = [case.business_key or "", *(str(v) for v in case.facts.values() if not isinstance(v, bool))]
    return " ".join(value for value in values if value).casefold()[:_SEARCH_LIMIT]
