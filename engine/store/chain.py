"""The hash chain of a case's history: each event's hash covers the event and the hash before it."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

_FIELDS = (
    "case_id",
    "seq",
    "at",
    "kind",
    "actor_id",
    "actor_name",
    "agency_key",
    "element_id",
    "element_name",
    "data",
)


def link(previous: str, event: Mapping[str, Any]) -> str:
    """The hash (64 hex digits) of ``event``, a mapping of audit_event columns, after ``previous`` ("" for the first)."""
    values = [_plain(event[name]) for name in _FIELDS]
    return hashlib.sha256(previous.encode() + orjson.dumps(values)).hexdigest()


def _plain(value: Any) -> Any:
    # Both databases keep microseconds; the text must not depend on the zone a driver hands back.
    return value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else value
