"""Cuts an expression into tokens, and walks along them: shared by the grammars of JUEL and FEEL."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto

from engine.bpmn.language.tree import ExpressionInvalid, Logic, Tree

MAX_LENGTH = 20_000
"""Characters of one expression."""

MAX_DEPTH = 60
"""Nesting of one expression; also bounds the depth of what is written from it."""

MAX_TOKENS = 2_000

# No alternative can match the same text in two ways, so scanning is linear.
_PATTERN = re.compile(
    r"""(?P<space>\s+)
      | (?P<number>\d+(?:\.(?!\.)\d+)?(?:[eE][+-]?\d+)?|\.\d+)
      | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<name>[^\W\d][\w]*)
      | (?P<mark>\.\.|\*\*|&&|\|\||==|!=|<=|>=|[-+*/%!=<>()\[\]{},.:?@])
    """,
    re.VERBOSE | re.DOTALL,
)

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


class Kind(Enum):
    NUMBER = auto()
    TEXT = auto()
    NAME = auto()
    MARK = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """``text`` is the unescaped content for TEXT, else as written; ``at`` is the 0-based place in the source."""

    kind: Kind
    text: str
    at: int
    end: int


def tokenize(source: str, names: Sequence[str] = ()) -> list[Token]:
    """Raises ExpressionInvalid at the first character that starts no token.

    Args:
        names: known names with other signs in them, such as ``Pre-bureau risk``; each is one token where it stands.
    """
    if len(source) > MAX_LENGTH:
        raise ExpressionInvalid(f"The expression is longer than {MAX_LENGTH} characters.")
    tokens: list[Token] = []
    at = 0
    longest = sorted(names, key=len, reverse=True)
    while at < len(source):
        known = next((name for name in longest if _stands(name, source, at)), None)
        if known is not None:
            tokens.append(Token(Kind.NAME, known, at, at + len(known)))
            at += len(known)
            continue
        found = _PATTERN.match(source, at)
        if found is None:
            if source[at] in "\"'":
                raise ExpressionInvalid(f"The text that starts at character {at + 1} has no closing quote.")
            raise ExpressionInvalid(f"'{source[at]}' at character {at + 1} is not understood.")
        text, kind = found.group(), found.lastgroup
        if kind == "text":
            tokens.append(Token(Kind.TEXT, _unescape(text[1:-1]), at, found.end()))
        elif kind != "space":
            tokens.append(Token(Kind[(kind or "mark").upper()], text, at, found.end()))
        at = found.end()
        if len(tokens) > MAX_TOKENS:
            raise ExpressionInvalid(f"The expression has more than {MAX_TOKENS} words and signs.")
    tokens.append(Token(Kind.END, "", len(source), len(source)))
    return tokens


def _stands(name: str, source: str, at: int) -> bool:
    """Whether the name stands here as a whole, not as a part of a longer word."""
    if not source.startswith(name, at):
        return False
    before, after = source[at - 1 : at], source[at + len(name) : at + len(name) + 1]
    return not (before.isalnum() or before == "_" or after.isalnum() or after == "_")


def _unescape(text: str) -> str:
    def plain(found: re.Match[str]) -> str:
        if found.group(1):
            return chr(int(found.group(1), 16))
        char = found.group(2)
        return _ESCAPES.get(char, char)

    return re.sub(r"\\(?:u([0-9a-fA-F]{4})|(.))", plain, text, flags=re.DOTALL)


class Cursor:
    """A place in the tokens, with the few moves a recursive-descent grammar makes."""

    def __init__(self, source: str, names: Sequence[str] = ()) -> None:
        self.source = source
        self.tokens = tokenize(source, names)
        self.place = 0
        self._depth = 0

    @property
    def here(self) -> Token:
        return self.tokens[self.place]

    def peek(self, ahead: int = 1) -> Token:
        return self.tokens[min(self.place + ahead, len(self.tokens) - 1)]

    def take(self) -> Token:
        token = self.here
        if token.kind is not Kind.END:
            self.place += 1
        return token

    def sees(self, *texts: str) -> bool:
        """Whether the next token is one of these signs or words."""
        return self.here.kind in (Kind.MARK, Kind.NAME) and self.here.text in texts

    def accept(self, *texts: str) -> str | None:
        return self.take().text if self.sees(*texts) else None

    def joined(self, op: str, part: Callable[[], Tree], *signs: str) -> Tree:
        """Parts with ``signs`` between them: one part as it is, several as a ``Logic`` of ``op``."""
        parts = [part()]
        while self.accept(*signs):
            parts.append(part())
        return parts[0] if len(parts) == 1 else Logic(op, tuple(parts))

    def expect(self, text: str) -> None:
        if not self.accept(text):
            raise self.unexpected(f"'{text}' is expected")

    def unexpected(self, wanted: str) -> ExpressionInvalid:
        where = (
            "the end" if self.here.kind is Kind.END else f"'{self.here.text}' (character {self.here.at + 1})"
        )
        return ExpressionInvalid(f"{wanted} before {where} in: {shortened(self.source)}")

    @contextmanager
    def deeper(self) -> Iterator[None]:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionInvalid(f"The expression is nested deeper than {MAX_DEPTH} levels.")
        yield
        self._depth -= 1


def shortened(source: str, length: int = 80) -> str:
    """A source on one line, for a message."""
    line = " ".join(source.split())
    return line if len(line) <= length else line[: length - 1] + "…"


def number(text: str) -> int | float:
    """Raises ExpressionInvalid for a number no variable could hold."""
    if len(text) > 40:
        raise ExpressionInvalid(f"The number {text[:20]}… is too long.")
    value: int | float = int(text) if text.isdigit() else float(text)
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        raise ExpressionInvalid(f"The number {text} is too large.")
    return value
