"""The engine against the oracle: random models, random schedules, every visible fact compared after every move.

``LINTAS_RANDOM_MODELS`` raises the number of models for a long run (default 400); a failing seed is printed and can be
played alone with ``pytest -k <seed>`` after adding it to SEEDS_THAT_ONCE_DIFFERED.
"""

import os

import pytest

from tests.oracle.generate import ALWAYS, MORE, random_model
from tests.oracle.play import Pair, play, process_of

MODELS = int(os.environ.get("LINTAS_RANDOM_MODELS", "400"))
CHUNK = 50
SEEDS_THAT_ONCE_DIFFERED = (30, 51, 125, 1295)


@pytest.mark.parametrize("first", range(0, MODELS, CHUNK))
def test_random_models_run_alike_on_engine_and_oracle(first: int) -> None:
    for seed in range(first, min(first + CHUNK, MODELS)):
        xml, used = random_model(seed, depth=3 + seed % 3)
        try:
            play(xml, seed)
        except AssertionError as difference:
            pytest.fail(f"seed {seed}, {sorted(used)}: {difference}")


@pytest.mark.parametrize("seed", SEEDS_THAT_ONCE_DIFFERED)
def test_a_seed_that_once_differed_stays_mended(seed: int) -> None:
    play(random_model(seed, depth=4)[0], seed)


def test_the_random_models_reach_every_construct() -> None:
    reached: set[str] = set()
    for seed in range(200):
        reached |= random_model(seed, depth=4)[1]
    assert set(ALWAYS + MORE) | {"event_sub_process", "task"} <= reached


def test_the_comparison_can_fail() -> None:
    """An engine that forgets a wait is caught: the proof that the comparison looks."""
    xml, _ = random_model(14, depth=4)
    pair = Pair(process_of(xml))
    assert pair.engine_sees() == pair.oracle_sees()
    pair.oracle.tasks()[0].alive = False
    pair.oracle.root.tokens.clear()
    assert pair.engine_sees() != pair.oracle_sees()
