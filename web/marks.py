"""Marks on view functions that the door reads before it runs them."""

from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


def public(view: View) -> View:
    """Open to everybody. Every other route requires sign-in; a test lists all public ones."""
    return _mark(view, "is_public")


def upload(view: View) -> View:
    """Takes files: its body may be as large as an upload, not only as large as a form."""
    return _mark(view, "takes_upload")


def is_public(view: Callable[..., Any] | None) -> bool:
    return bool(getattr(view, "is_public", False))


def takes_upload(view: Callable[..., Any] | None) -> bool:
    return bool(getattr(view, "takes_upload", False))


def _mark(view: View, name: str) -> View:
    # A bound method (Flask's own static view) takes no attribute; a function around it does.
    setattr(view, name, True)
    return view
