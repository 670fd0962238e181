"""Texts in the language of the request; the names that the extraction of translations looks for."""

import flask_babel


def _(text: str, **values: object) -> str:
    """The translation of ``text`` (English), with ``%(name)s`` filled in."""
    return str(flask_babel.gettext(text, **values))


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    """As ``_``, in the form that the number asks for; the number itself is ``%(num)s``."""
    return str(flask_babel.ngettext(one, many, num, **values))
