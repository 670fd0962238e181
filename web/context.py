"""What a request stands in: the house it came to, who asks, and the number it is known by."""

from typing import cast

from flask import current_app, g

from engine.model import Actor
from web.wiring import House

EXTENSION = "lintas"


def house() -> House:
    """The house this application serves."""
    return cast(House, current_app.extensions[EXTENSION])


def asker() -> Actor | None:
    """Who asks, or None on a route that is open to everybody."""
    return cast("Actor | None", g.get("actor"))


def actor() -> Actor:
    """Who asks; only for routes that require sign-in (web.auth.guard has let them through)."""
    who = asker()
    if who is None:
        raise RuntimeError("a route that is open to everybody asked for the actor")
    return who


def request_id() -> str:
    """The number under which this request stands in the log and in error answers."""
    return cast(str, g.get("request_id", ""))
