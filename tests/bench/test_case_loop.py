"""A case that goes round a thousand times stays as quick as it began."""

import pytest

from engine.clock import MovableClock
from engine.store.db import Database
from web.bench.measure import Bench

pytestmark = pytest.mark.bench


def test_a_thousand_tasks_in_one_case_run_flat(database: Database, clock: MovableClock) -> None:
    ages = Bench(database, clock, each_s=60).ages(1_000)
    young, _, old = ages
    assert old.steps == 1_000
    print(
        f"{database.dialect}: step 10 {young.ms:.2f} ms, step 1,000 {old.ms:.2f} ms, state {old.state_bytes} bytes"
    )
    assert old.ms < 2 * young.ms
    # One more where the calendar was read anew.
    assert abs(old.statements - young.statements) <= 1
    assert old.state_bytes < 1.2 * young.state_bytes
