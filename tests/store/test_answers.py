"""A repeated request gets the first answer, for a day."""

from datetime import timedelta

import pytest

from engine.clock import MovableClock
from engine.errors import Collision
from engine.store import answers
from engine.store.db import Database
from tests.people import World


def keep(database: Database, world: World, body: bytes = b"{}") -> None:
    with database.unit(world.ana) as uow:
        answers.keep(uow, "key-1", request_hash="h", status=201, body=body)


def test_an_answer_is_found_by_its_own_actor_only(database: Database, world: World) -> None:
    keep(database, world)
    with database.read(world.ana) as uow:
        found = answers.find(uow, "key-1")
        assert found is not None
        assert (found.status, found.body, found.request_hash) == (201, b"{}", "h")
        assert answers.find(uow, "key-2") is None
    with database.read(world.bo) as uow:
        assert answers.find(uow, "key-1") is None


def test_the_second_twin_collides_and_the_first_answer_stays(database: Database, world: World) -> None:
    keep(database, world)
    with pytest.raises(Collision):
        keep(database, world, b"other")
    with database.read(world.ana) as uow:
        found = answers.find(uow, "key-1")
        assert found is not None
        assert found.body == b"{}"


def test_answers_are_forgotten_after_a_day(database: Database, world: World, clock: MovableClock) -> None:
    keep(database, world)
    clock.move_by(timedelta(hours=24))
    with database.unit(world.ana) as uow:
        assert answers.forget_old(uow) == 0
    clock.move_by(timedelta(seconds=1))
    with database.unit(world.ana) as uow:
        assert answers.forget_old(uow) == 1
        assert answers.find(uow, "key-1") is None
