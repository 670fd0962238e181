"""Where to go next: only to paths of this house, whatever a form or a link says."""

from typing import Any
from urllib.parse import urlsplit

from flask import url_for


def own_path(wanted: str | None, otherwise: str = "/") -> str:
    """``wanted`` if it is a path of ours, else ``otherwise``; never another site."""
    if not wanted or not wanted.startswith("/") or wanted.startswith(("//", "/\\")) or "\\" in wanted:
        return otherwise
    if any(ord(letter) < 32 for letter in wanted):
        return otherwise
    parts = urlsplit(wanted)
    return wanted if not parts.scheme and not parts.netloc else otherwise


def address(endpoint: str, **values: object) -> str:
    """The path of a page; what is empty is left out of its question."""
    wanted: dict[str, Any] = {name: value for name, value in values.items() if value not in (None, "")}
    return url_for(endpoint, **wanted)
