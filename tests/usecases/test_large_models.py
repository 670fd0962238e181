"""A file of 2,000 elements in a row and one nested 50 deep: deployed, kept, opened again and run to their end."""

import pytest

from engine.clock import MovableClock
from engine.states import CaseState
from engine.store.db import Database
from engine.usecases.complete_task import complete_task
from tests.people import World
from tests.unit.reading.test_large import in_a_row, nested
from tests.usecases.conftest import House, send


@pytest.mark.parametrize(
    ("content", "task"),
    [(in_a_row(2_000), "middle"), (nested(50), "inmost")],
    ids=["2000_in_a_row", "50_deep"],
)
def test_a_large_model_is_deployed_and_its_case_runs_to_the_end(
    database: Database, world: World, clock: MovableClock, content: bytes, task: str
) -> None:
    house = House(database, world, clock)
    deployment = send(house, "large.bpmn", content)
    case = house.start(deployment.versions[0].process_key)
    waiting = house.task(case_id=case)
    assert waiting.name == task
    house.act(house.people.ana, complete_task, waiting.id, {})
    assert house.case(case).state == CaseState.COMPLETED
