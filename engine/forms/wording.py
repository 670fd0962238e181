"""The words of a form: in several languages, and with values of the case in them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import nh3
from markdown_it import MarkdownIt

from engine.bpmn.expressions import Dialect, ExpressionInvalid, SandboxError, evaluate, read_expression
from engine.bpmn.language.values import Failed, text
from engine.bpmn.model import Expr
from engine.bpmn.step import World

DEFAULT = ""
"""The language of the plain property (``label``); others have a suffix (``label_en``)."""

_TAGS = frozenset(
    [
        "a",
        "b",
        "blockquote",
        "br",
        "caption",
        "code",
        "dd",
        "div",
        "dl",
        "dt",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "li",
        "ol",
        "p",
        "pre",
        "s",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "u",
        "ul",
    ]
)
_ATTRIBUTES = {"a": {"href", "title"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan", "scope"}}
_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")


@dataclass(frozen=True, slots=True)
class Wording:
    """A text per language; each is a sequence of plain parts and expressions."""

    parts: Mapping[str, tuple[str | Expr, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return any(self.parts.values())

    def read(
        self, language: str = DEFAULT, variables: Mapping[str, Any] | None = None, world: World | None = None
    ) -> str:
        """The text in ``language``, or in the form's own. A value that cannot be had reads as nothing."""
        chosen = self.parts.get(language) or self.parts.get(DEFAULT) or ()
        return "".join(
            part if isinstance(part, str) else _value(part, variables or {}, world) for part in chosen
        )

    def html(
        self,
        language: str = DEFAULT,
        variables: Mapping[str, Any] | None = None,
        world: World | None = None,
        *,
        markdown: bool,
    ) -> str:
        """The text as clean HTML: no scripts, styles, images or foreign elements; values in it stay text."""
        chosen = self.parts.get(language) or self.parts.get(DEFAULT) or ()
        written: list[str] = []
        for part in chosen:
            if isinstance(part, str):
                written.append(part)
            else:
                value = _value(part, variables or {}, world)
                written.append(_plain(value) if markdown else nh3.clean_text(value))
        joined = "".join(written)
        return cleaned(_markdown.render(joined) if markdown else joined)


NO_WORDS = Wording()


def cleaned(html: str) -> str:
    return nh3.clean(
        html,
        tags=set(_TAGS),
        attributes=_ATTRIBUTES,
        url_schemes=set(_SCHEMES),
        link_rel="noopener noreferrer",
    )


def read_wording(source: Mapping[str, Any], name: str) -> Wording:
    """The property ``name`` of a component and its translations ``name_en`` …, beside it or in ``properties``.

    Raises ExpressionInvalid for an expression that cannot be read.
    """
    texts: dict[str, str] = {}
    own = source.get("properties")
    for place in (source, own if isinstance(own, Mapping) else {}):
        for key, value in place.items():
            if (
                isinstance(value, str)
                and value
                and (found := re.fullmatch(rf"{name}(?:_([a-z]{{2}}))?", str(key)))
            ):
                texts[found.group(1) or DEFAULT] = value
    return Wording({language: _parts(value) for language, value in texts.items()})


def constant(value: str) -> Wording:
    return Wording({DEFAULT: (value,)}) if value else NO_WORDS


def _parts(source: str) -> tuple[str | Expr, ...]:
    if source.startswith("="):
        return (read_expression(source, Dialect.FEEL),)
    parts: list[str | Expr] = []
    at = 0
    while (opens := source.find("{{", at)) >= 0 and (closes := source.find("}}", opens)) >= 0:
        inside = source[opens + 2 : closes].strip()
        if inside.startswith(("#", "/")):
            raise ExpressionInvalid(
                f"Blocks such as {{{{{inside[:30]}}}}} are not supported in a text; hide a component instead."
            )
        parts += [source[at:opens], read_expression(inside, Dialect.FEEL)]
        at = closes + 2
    return tuple(part for part in (*parts, source[at:]) if part != "")


def _value(expr: Expr, variables: Mapping[str, Any], world: World | None) -> str:
    try:
        return text(evaluate(expr, variables, world=world))
    except (SandboxError, Failed):
        return ""


def _plain(value: str) -> str:
    """A value inside Markdown, with its signs made harmless."""
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>~&])", r"\\\1", value)
