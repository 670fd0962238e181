"""One unit, one transaction: all of it or nothing, on both databases."""

import pytest

from engine.errors import NotFound
from engine.model import SYSTEM, Agency, Person
from engine.store.db import Database
from tests.people import World


def test_an_exception_undoes_the_whole_unit(database: Database) -> None:
    def stumble() -> None:
        with database.unit(SYSTEM) as uow:
            uow.add(Agency(key="dlh", name_id="DLH", name_en="Environment"))
            uow.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stumble()
    with database.read(SYSTEM) as uow, pytest.raises(NotFound):
        uow.get(Agency, "dlh")


def test_rows_stay_usable_after_the_unit(database: Database, world: World) -> None:
    with database.unit(SYSTEM) as uow:
        ana = uow.get(Person, world.ana.id, lock=True)
    assert ana.name == "Ana"


def test_a_reading_unit_refuses_to_write(database: Database) -> None:
    with database.read(SYSTEM) as uow, pytest.raises(RuntimeError):
        uow.add(Agency(key="dlh", name_id="DLH", name_en="Environment"))


def test_a_hint_is_given_after_the_commit_only(database: Database) -> None:
    told: list[str] = []

    def stumble() -> None:
        with database.unit(SYSTEM) as uow:
            uow.after_commit(lambda: told.append("undone"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stumble()
    with database.unit(SYSTEM) as uow:
        uow.after_commit(lambda: told.append("saved"))
        assert told == []
    assert told == ["saved"]
