"""What a rule is, and the book in which every rule stands once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.bpmn.lint.look import Look


@dataclass(frozen=True, slots=True)
class Found:
    """One place where a rule finds something. ``line``: in the process's own file, 0 when unknown."""

    element: str
    line: int
    message: str


Check = Callable[["Look"], Iterator[Found]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of warning. Its examples, with and without the finding, stand in docs/warnings.md.

    Attributes:
        code: stable name, by which a finding is silenced.
        title: a heading of a few words.
        why: one or two sentences: what happens to people, and what to do.
        check: looks at one process and yields what it finds.
        whole: it judges the process as a whole, so it says nothing while an error hides a part of it.
    """

    code: str
    title: str
    why: str
    check: Check
    whole: bool = False


RULES: dict[str, Rule] = {}
"""Every rule by its code, in the order of the modules; ``engine.bpmn.lint.run`` fills it."""


def rule(title: str, why: str, *, whole: bool = False) -> Callable[[Check], Check]:
    """Enter a function into the book; its name is the code.

    Raises:
        ValueError: two rules have the same name.
    """

    def enter(check: Check) -> Check:
        code = check.__name__
        if code in RULES:
            raise ValueError(f"two rules are called {code}")
        RULES[code] = Rule(code, title, why, check, whole)
        return check

    return enter
