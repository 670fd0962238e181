"""The long run: tens of thousands of random models on every core, with progress, figures and a bound on time.

``python -m tests.oracle.long`` (``make test-long``). Settings: LINTAS_RANDOM_MODELS (20,000), LINTAS_RANDOM_FIRST (0, the
first seed), LINTAS_RANDOM_MINUTES (90, for each half), LINTAS_RANDOM_CORES (all), LINTAS_DAMAGED_FILES (5,000: files of
``tests.fuzz``). Ends with 1 when a model differs, a damaged file is not told, or time ran out.
"""

import multiprocessing
import os
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import TypeVar

PIECE = 50
T = TypeVar("T")


@dataclass
class Figures:
    """What some models showed."""

    models: int = 0
    moves: int = 0
    raced: list[int] = field(default_factory=list)
    used: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)

    def add(self, other: "Figures") -> None:
        self.models += other.models
        self.moves += other.moves
        self.raced += other.raced
        self.used += other.used
        self.differences += other.differences


def watched(work: Callable[[int], T], argument: int, *, seconds: float) -> T:
    """``work(argument)`` in a process of its own, which is killed when it takes longer. Raises AssertionError then."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        try:
            return pool.apply_async(work, (argument,)).get(seconds)
        except multiprocessing.TimeoutError:
            raise AssertionError(f"{work.__name__}({argument}) hangs: killed after {seconds:.0f} s") from None


def depth_of(seed: int) -> int:
    """How deep the blocks of a seed nest: 3 to 6."""
    return 3 + seed % 4


def piece(first: int) -> Figures:
    """Play PIECE models from ``first`` on."""
    from tests.oracle.play import Difference, play_seed

    found = Figures()
    for seed in range(first, first + PIECE):
        found.models += 1
        try:
            played = play_seed(seed, depth=depth_of(seed))
        except Difference as difference:
            found.differences.append(str(difference))
            continue
        found.moves += played.moves
        found.used.update(played.used)
        if played.raced:
            found.raced.append(seed)
    return found


def damage(count: int, bound_s: float) -> int:
    """Damage ``count`` files, each piece under a watchdog. Returns how many went wrong."""
    from tests.fuzz.run import PIECE as EACH
    from tests.fuzz.run import piece as damaged

    began, wrong, done = monotonic(), 0, 0
    for first in range(0, count, EACH):
        try:
            found = watched(damaged, first, seconds=600)
        except AssertionError as hung:
            found = [str(hung)]
        wrong, done = wrong + len(found), done + EACH
        for words in found:
            print(f"\nWRONG {words}\n", flush=True)
        if done % 500 == 0:
            print(
                f"{done:,} of {count:,} damaged files, {wrong} wrong, {monotonic() - began:,.0f} s",
                flush=True,
            )
        if monotonic() - began > bound_s:
            print(f"Stopped after {bound_s / 60:.0f} minutes: only {done:,} files were damaged.")
            return wrong + 1
    return wrong


def main() -> int:
    wanted = int(os.environ.get("LINTAS_RANDOM_MODELS", "20000"))
    first = int(os.environ.get("LINTAS_RANDOM_FIRST", "0"))
    bound_s = 60 * float(os.environ.get("LINTAS_RANDOM_MINUTES", "90"))
    cores = int(os.environ.get("LINTAS_RANDOM_CORES", str(os.cpu_count() or 1)))
    began, total, told = monotonic(), Figures(), 0
    with multiprocessing.get_context("spawn").Pool(cores) as pool:
        for figures in pool.imap_unordered(piece, range(first, first + wanted, PIECE)):
            total.add(figures)
            for difference in figures.differences:
                print(f"\nDIFFERENCE {difference}\n", flush=True)
            if total.models - told >= 500 or total.models >= wanted:
                told = total.models
                print(
                    f"{told:,} of {wanted:,} models, {total.moves:,} moves, {len(total.raced)} in another legal order, "
                    f"{len(total.differences)} differences, {monotonic() - began:,.0f} s",
                    flush=True,
                )
            if monotonic() - began > bound_s:
                pool.terminate()
                break
    print("In another legal order (seeds):", *total.raced)
    print("Models with each construct:", ", ".join(f"{name} {n:,}" for name, n in total.used.most_common()))
    if total.models < wanted:
        print(f"Stopped after {bound_s / 60:.0f} minutes: only {total.models:,} models were played.")
    wrong = damage(int(os.environ.get("LINTAS_DAMAGED_FILES", "5000")), bound_s)
    return 1 if wrong or total.differences or total.models < wanted else 0


if __name__ == "__main__":
    sys.exit(main())
