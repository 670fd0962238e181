"""Makes a model and a schedule that differ smaller: every random choice is a number on a tape, and tapes can be cut."""

import random
from collections.abc import Callable, MutableSequence, Sequence
from typing import Any, TypeVar

T = TypeVar("T")


class Tape:
    """A source of choices that remembers them. Played again it gives them back; when it is used up, always the first.

    Every choice is ``draw(n)``: a number from 0 to n - 1, of which 0 is the simplest.
    """

    def __init__(self, seed: int | None = None, given: Sequence[int] = ()) -> None:
        self._rng = None if seed is None else random.Random(seed)
        self._given = list(given)
        self.drawn: list[int] = []

    def draw(self, n: int) -> int:
        at = len(self.drawn)
        if self._rng is not None:
            number = self._rng.randrange(n)
        else:
            number = min(self._given[at], n - 1) if at < len(self._given) else 0
        self.drawn.append(number)
        return number

    def choice(self, options: Sequence[T]) -> T:
        return options[self.draw(len(options))]

    def randrange(self, low: int, high: int | None = None) -> int:
        return self.draw(low) if high is None else low + self.draw(high - low)

    def chance(self, percent: int) -> bool:
        """True in ``percent`` of a hundred; a shrunken tape says False."""
        return self.draw(100) >= 100 - percent

    def shuffle(self, items: MutableSequence[Any]) -> None:
        for at in range(len(items) - 1, 0, -1):
            other = at - self.draw(at + 1)
            items[at], items[other] = items[other], items[at]


def shrink(
    tapes: tuple[list[int], ...], differs: Callable[[tuple[list[int], ...]], bool], *, tries: int = 1_500
) -> tuple[list[int], ...]:
    """The smallest tapes found for which ``differs`` still holds: pieces cut out, numbers made smaller."""
    best, left = tapes, tries

    def better(tape: int, numbers: list[int]) -> bool:
        nonlocal best, left
        if left <= 0:
            return False
        left -= 1
        candidate = (*best[:tape], numbers, *best[tape + 1 :])
        if not differs(candidate):
            return False
        best = candidate
        return True

    again = True
    while again and left > 0:
        again = False
        for tape in range(len(best)):
            size = max(1, len(best[tape]) // 2)
            while size and left > 0:
                at = 0
                while at < len(best[tape]) and left > 0:
                    now = best[tape]
                    smaller = better(tape, now[:at] + now[at + size :]) or (
                        any(now[at : at + size])
                        and better(tape, now[:at] + [0] * len(now[at : at + size]) + now[at + size :])
                    )
                    again |= smaller
                    if not smaller:
                        at += size
                size //= 2
    return best
