"""A repeated request gets the stored answer; a completion stays at few statements however much there is."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from engine.errors import Conflict, EngineError, TaskNotOpen
from engine.model import AuditEvent, Case, StoredAnswer, Task
from engine.states import Audit
from engine.store.db import retrying
from engine.store.uow import UnitOfWork
from engine.usecases.complete_task import complete_task
from engine.usecases.once import once
from engine.usecases.start_case import start_case
from tests.fakes import Stage, Timer, message, task
from tests.people import FIRE, LICENSING
from tests.statements import counted
from tests.usecases.conftest import House

LONG = 40


@pytest.fixture
def permit(house: House) -> str:
    """Forty desks, each with a deadline and a message that it waits for, in turn at licensing and the fire service."""
    stages = [
        Stage(
            (
                task(f"desk_{n}"),
                Timer(f"late_{n}", "Late", timedelta(days=5)),
                message(f"answer_{n}", "answer"),
            )
        )
        for n in range(LONG)
    ]
    ways = {f"desk_{n}": ((LICENSING, ["front_desk"]), (FIRE, ["inspector"]))[n % 2] for n in range(LONG)}
    house.deploy("permit", *stages, routing=ways, facts={"title": "title"})
    return house.start("permit", data={"title": "Ruko"})


def completed(house: House, task_id: str, key: str | None, answer: int = 1) -> tuple[int, bytes, bool]:
    def act(uow: UnitOfWork) -> tuple[int, bytes]:
        return 200, complete_task(uow, task_id, {"answer": answer}).id.encode()

    return retrying(lambda: once(house.database, house.people.ana, key, f"hash-{answer}", act))


def test_the_same_key_gets_the_same_answer(house: House, permit: str) -> None:
    desk = house.task().id
    assert completed(house, desk, "k1") == (200, desk.encode(), False)
    before = house.print()
    assert completed(house, desk, "k1") == (200, desk.encode(), True)
    assert house.print() == before


def test_without_a_key_nothing_is_kept(house: House, permit: str) -> None:
    desk = house.task().id
    completed(house, desk, None)
    assert house.rows(StoredAnswer) == []
    with pytest.raises(TaskNotOpen):
        completed(house, desk, None)


def test_a_key_for_another_request_is_refused(house: House, permit: str) -> None:
    desk = house.task().id
    completed(house, desk, "k1", answer=1)
    before = house.print()
    with pytest.raises(Conflict) as refusal:
        completed(house, desk, "k1", answer=2)
    assert refusal.value.problem_code == "idempotency_key_reused"
    assert house.print() == before


def test_another_person_s_key_is_another_key(house: House, permit: str) -> None:
    first = house.task().id
    completed(house, first, "k1")
    second = house.task().id
    answer = once(
        house.database,
        house.people.bo,
        "k1",
        "hash-1",
        lambda uow: (200, complete_task(uow, second, {}).id.encode()),
    )
    assert answer == (200, second.encode(), False)


def test_an_error_is_not_kept(house: House, permit: str) -> None:
    desk = house.task().id
    completed(house, desk, None)
    with pytest.raises(TaskNotOpen):
        completed(house, desk, "k1")
    assert house.rows(StoredAnswer) == []


def started(house: House, key: str) -> tuple[int, bytes, bool]:
    def act(uow: UnitOfWork) -> tuple[int, bytes]:
        return 201, start_case(uow, "permit").case_id.encode()

    return retrying(lambda: once(house.database, house.people.ana, key, "same", act))


def test_a_repeat_that_would_go_well_again_is_undone(house: House, permit: str) -> None:
    status, body, _ = started(house, "k1")
    before = house.print()
    assert started(house, "k1") == (status, body, True)
    assert house.print() == before


def at_once(count: int, act: Callable[[int], object]) -> list[object]:
    """What ``act`` gives each of so many clients that ask at the same moment; errors as their codes."""
    given: list[object] = []
    start = threading.Barrier(count)

    def client(number: int) -> None:
        start.wait(10)
        try:
            given.append(act(number))
        except EngineError as error:
            given.append(error.problem_code)

    threads = [threading.Thread(target=client, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return given


def test_twins_that_start_a_case_start_one(house: House, permit: str) -> None:
    answers = at_once(3, lambda _: started(house, "k1"))
    assert len(answers) == 3
    assert len({answer[1] for answer in answers if isinstance(answer, tuple)}) == 1
    assert len(house.rows(Case)) == 2  # the fixture's and theirs


def test_sixteen_clients_with_one_key_all_get_the_one_answer(house: House, permit: str) -> None:
    for person in (house.people.ana, house.people.bo, house.people.ana):
        desk = house.task().id
        if person is house.people.bo:
            house.act(person, complete_task, desk, {})
            continue
        key = f"key-{desk}"
        answers = at_once(16, lambda _, desk=desk, key=key: completed(house, desk, key))
        assert sorted(map(str, answers)) == sorted(
            [str((200, desk.encode(), False)), *[str((200, desk.encode(), True))] * 15]
        )
    completions = [e for e in house.rows(AuditEvent, case_id=permit) if e.kind == Audit.TASK_COMPLETED]
    assert len(completions) == 3


def test_of_sixteen_clients_with_keys_of_their_own_one_wins(house: House, permit: str) -> None:
    desk = house.task().id
    answers = at_once(16, lambda n: completed(house, desk, f"key-{n}"))
    assert answers.count((200, desk.encode(), False)) == 1
    assert answers.count("task_not_open") == 15
    assert len(house.rows(StoredAnswer)) == 1


def test_a_completion_is_at_most_twelve_statements_and_one_commit(house: House, permit: str) -> None:
    # One task ends with its timer and its message, one begins with the like, at agencies that take part already.
    for person in (house.people.ana, house.people.bo):
        house.act(person, complete_task, house.task().id, {})
    desk = house.task().id
    with counted(house.database) as seen:
        completed(house, desk, "k1")
    # Whoever asks over the web is found in one statement more.
    assert len(seen) + 1 <= 12, "\n".join(seen.sent)
    assert seen.commits == 1


def test_statements_do_not_grow_with_cases_or_history(house: House, permit: str) -> None:
    people = (house.people.ana, house.people.bo)

    def cost(n: int) -> int:
        desk = house.task(f"desk_{n}", case_id=permit).id
        with counted(house.database) as seen:
            house.act(people[n % 2], complete_task, desk, {"answer": n})
        return len(seen)

    costs = [cost(n) for n in range(LONG // 2)]
    for _ in range(30):
        house.start("permit", data={"title": "Other"})
    costs += [cost(n) for n in range(LONG // 2, LONG - 1)]
    assert max(costs[1:]) == min(costs[1:]), costs
    assert len(house.rows(Task, case_id=permit)) == LONG
