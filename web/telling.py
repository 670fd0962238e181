"""History as lines of text: what a command prints, from the same sentences as the pages."""

from collections.abc import Iterable, Iterator

from flask import Flask
from flask_babel import force_locale

from engine.store.history import EventRow
from web.pages.sentences import QUIET, sentence


def told(app: Flask, events: Iterable[EventRow], *, locale: str, quiet: bool = True) -> Iterator[str]:
    """One line an event: when (UTC), and the sentence.

    Args:
        app: whose translations are used.
        locale: id or en.
        quiet: also what the house does by itself.
    """
    with app.test_request_context("/"), force_locale(locale):
        for event in events:
            if event.kind in QUIET and not quiet:
                continue
            words = sentence(
                event.kind,
                who=event.actor_name,
                agency=event.agency.name(locale) if event.agency else "",
                element=event.element_name or event.element_id or "",
                data=event.data,
            )
            yield f"{event.at:%Y-%m-%d %H:%M:%S}Z  {' '.join(words.striptags().split())}"
