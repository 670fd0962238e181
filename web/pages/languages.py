"""The translations: compiled when their source is newer, and the switch between the two languages."""

import logging
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Blueprint, redirect, request, session
from werkzeug.wrappers import Response

from web.marks import public
from web.pages.back import own_path

LOCALES = ("id", "en")
TRANSLATIONS = Path(__file__).resolve().parent.parent / "translations"

pages = Blueprint("languages", __name__)
_log = logging.getLogger("lintas.pages")


def compile_stale(folder: Path = TRANSLATIONS) -> None:
    """Compile each ``.po`` that is newer than its ``.mo``: an installation brings them compiled, a checkout may not."""
    for source in sorted(folder.rglob("*.po")):
        target = source.with_suffix(".mo")
        if target.is_file() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        try:
            with source.open("rb") as text:
                catalogue = read_po(text)
            # several processes may start at once: each writes a file of its own and the last rename wins
            part = target.with_suffix(f".{id(catalogue):x}.part")
            with part.open("wb") as compiled:
                write_mo(compiled, catalogue)
            part.replace(target)
        except OSError as error:
            _log.warning(
                "%s could not be compiled (%s); its texts are shown untranslated", source, error.strerror
            )


@pages.post("/language")
@public
def choose() -> Response:
    """Keep the language in the session and go back to where the person was."""
    wanted = request.form.get("locale", "")
    if wanted in LOCALES:
        session["locale"] = wanted
    return redirect(own_path(request.form.get("next")), 303)
