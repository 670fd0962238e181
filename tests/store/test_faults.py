"""Faults of the database are told in our words, and what may be tried again is."""

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import exc, text

from engine.errors import Busy, Collision, EngineError
from engine.model import SYSTEM, Agency, Case
from engine.store.db import Database, retrying
from engine.store.faults import translate
from tests.people import World
from tests.store.rows import add_case, add_process


def _sqlite(code: int) -> exc.DBAPIError:
    orig = sqlite3.OperationalError("x")
    orig.sqlite_errorcode = code
    return exc.OperationalError("SELECT 1", {}, orig)


def _postgres(sqlstate: str) -> exc.DBAPIError:
    return exc.OperationalError("SELECT 1", {}, psycopg.errors.lookup(sqlstate)())


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (_sqlite(sqlite3.SQLITE_BUSY), "busy"),
        (_sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT), "busy"),
        (_sqlite(sqlite3.SQLITE_FULL), "storage_full"),
        (_sqlite(sqlite3.SQLITE_CANTOPEN), "database_away"),
        (_sqlite(sqlite3.SQLITE_CONSTRAINT_UNIQUE), "collision"),
        (_postgres("40001"), "busy"),
        (_postgres("40P01"), "busy"),
        (_postgres("55P03"), "busy"),
        (_postgres("57P01"), "database_away"),
        (_postgres("08006"), "database_away"),
        (_postgres("53100"), "storage_full"),
        (_postgres("23505"), "collision"),
    ],
)
def test_each_fault_has_its_code(fault: exc.DBAPIError, code: str) -> None:
    ours = translate(fault, committing=False)
    assert ours is not None
    assert ours.problem_code == code


def test_a_connection_lost_while_saving_leaves_the_outcome_open() -> None:
    lost = translate(_postgres("57P01"), committing=True)
    assert isinstance(lost, Busy)
    assert lost.problem_code == "outcome_unknown"
    rolled_back = translate(_postgres("40001"), committing=True)
    assert rolled_back is not None
    assert rolled_back.problem_code == "busy"


def test_a_fault_of_the_code_stays_what_it_is(database: Database) -> None:
    with pytest.raises(exc.DBAPIError), database.unit(SYSTEM) as uow:
        uow.session.execute(text("SELECT nothing FROM nowhere"))


def _failing(times: int, error: Callable[[], EngineError]) -> Callable[[], int]:
    calls = 0

    def work() -> int:
        nonlocal calls
        calls += 1
        if calls <= times:
            raise error()
        return calls

    return work


def test_what_left_nothing_behind_is_tried_again_a_few_times() -> None:
    assert retrying(_failing(2, lambda: Busy("locked")), pause_s=0) == 3
    assert retrying(_failing(1, lambda: Collision("twice")), pause_s=0) == 2
    with pytest.raises(Busy):
        retrying(_failing(9, lambda: Busy("locked")), tries=3, pause_s=0)


@pytest.mark.parametrize("code", ["outcome_unknown", "storage_full"])
def test_what_may_have_happened_is_not_tried_again(code: str) -> None:
    with pytest.raises(Busy):
        retrying(_failing(1, lambda: Busy("?", code=code)), pause_s=0)


def test_two_who_write_the_same_key_collide(database: Database) -> None:
    def write() -> None:
        with database.unit(SYSTEM) as uow:
            uow.add(Agency(key="dlh", name_id="DLH", name_en="Environment"))

    write()
    with pytest.raises(Collision):
        write()


def test_a_connection_that_was_cut_is_replaced(database: Database, world: World) -> None:
    """The server's restart in small: the pool's connection is dead, the next unit works."""
    if database.dialect == "sqlite":
        pytest.skip("SQLite has no server that could cut a connection")
    with database.read(SYSTEM) as uow:
        pid = uow.session.scalar(text("SELECT pg_backend_pid()"))
    other = Database(database.url.render_as_string(hide_password=False))
    with other.engine.begin() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    other.dispose()
    with database.read(SYSTEM) as uow:
        assert uow.get(Agency, "damkar").key == "damkar"

    def cut_in_the_middle() -> None:
        with database.unit(SYSTEM) as uow:
            uow.session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(Busy) as told:
        cut_in_the_middle()
    assert told.value.problem_code == "database_away"


def test_a_locked_case_makes_others_wait_and_then_say_so(database: Database, world: World) -> None:
    if database.dialect == "sqlite":
        pytest.skip("SQLite waits 30 s for its one writer")
    with database.unit(SYSTEM) as uow:
        add_process(uow)
        case_id = add_case(uow).case_id

    def second() -> None:
        with database.unit(SYSTEM) as uow:
            uow.session.execute(text("SET LOCAL lock_timeout = '50ms'"))
            uow.get(Case, case_id, lock=True)

    with database.unit(SYSTEM) as uow:
        uow.get(Case, case_id, lock=True)
        with pytest.raises(Busy) as told:
            second()
    assert told.value.problem_code == "busy"


def test_two_who_lock_crosswise_both_get_through(database: Database, world: World) -> None:
    """One of them is the deadlock's victim on PostgreSQL; tried again, it finds the way free."""
    with database.unit(SYSTEM) as uow:
        add_process(uow)
        keys = [add_case(uow).case_id for _ in range(2)]
    both_have_one = threading.Barrier(2, timeout=20)
    done: list[str] = []

    def work(first: str, second: str) -> None:
        tried = 0

        def lock_both() -> None:
            nonlocal tried
            tried += 1
            with database.unit(SYSTEM) as uow:
                uow.get(Case, first, lock=True)
                if tried == 1 and database.dialect == "postgresql":
                    both_have_one.wait()
                uow.get(Case, second, lock=True).business_key = first

        retrying(lock_both)
        done.append(first)

    threads = [threading.Thread(target=work, args=pair) for pair in (keys, keys[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(done) == sorted(keys)


def test_a_change_made_without_the_lock_is_not_lost(database: Database, world: World) -> None:
    if database.dialect == "sqlite":
        pytest.skip("SQLite lets one writer in at a time")
    with database.unit(SYSTEM) as uow:
        add_process(uow)
        case_id = add_case(uow).case_id

    def careless() -> None:
        with database.unit(SYSTEM) as uow:
            case = uow.get(Case, case_id)
            with database.unit(SYSTEM) as other:
                other.get(Case, case_id, lock=True).business_key = "kept"
            case.business_key = "lost"

    with pytest.raises(Collision):
        careless()
    with database.read(SYSTEM) as uow:
        assert uow.get(Case, case_id).business_key == "kept"


def test_an_address_that_is_no_database_of_ours_is_refused(tmp_path: Path) -> None:
    for url in ("mysql://x/y", "sqlite://", "sqlite:///:memory:"):
        with pytest.raises(ValueError, match=r"SQLite|Lintas"):
            Database(url)


def test_a_server_that_is_not_there_is_told_as_away() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(Busy) as told, database.read(SYSTEM) as uow:
        uow.get(Agency, "x")
    assert told.value.problem_code == "database_away"
    database.dispose()
