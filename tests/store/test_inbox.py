"""Whose inbox shows what, in which order, and that pages meet."""

from datetime import timedelta

import pytest

from engine.errors import Invalid, NotFound
from engine.model import SYSTEM, Actor, Case, Task
from engine.states import TaskState
from engine.store import tasks
from engine.store.db import Database
from engine.store.inbox import InboxCounts, inbox, inbox_counts
from engine.store.uow import UnitOfWork
from tests.people import FIRE, LICENSING, World
from tests.statements import counted
from tests.store.rows import add_case, add_process, open_task


def names(uow: UnitOfWork, **wish: object) -> list[str]:
    return [row.name for row in inbox(uow, **wish).items]  # type: ignore[arg-type]  # each test names its own words


def a_day_at_the_offices(database: Database, world: World) -> str:
    with database.unit(SYSTEM) as uow:
        add_process(uow)
        case = add_case(uow, business_key="IA-1", facts={"applicant": "Wulan"}, search_text="ia-1 wulan")
        now = uow.now()
        open_task(uow, case, name="anybody", due_at=now + timedelta(days=3))
        open_task(uow, case, name="front desk", roles=("front_desk",), due_at=now - timedelta(days=1))
        open_task(uow, case, name="verifier", roles=("verifier",), due_at=now + timedelta(days=1))
        open_task(uow, case, name="both", roles=("front_desk", "verifier"), priority=90)
        open_task(uow, case, name="gita", users=("gita",), due_at=now + timedelta(days=2))
        open_task(uow, case, FIRE, name="inspect", roles=("inspector",))
        open_task(
            uow, case, FIRE, name="held by Ana", assignee=world.ana.id, assignee_name="Ana", roles=("x",)
        )
    return case.case_id


def test_each_sees_what_is_for_their_agency_and_roles(database: Database, world: World) -> None:
    a_day_at_the_offices(database, world)
    shown: dict[str, list[str]] = {}
    for person in world.everybody:
        with database.read(person) as uow:
            shown[person.username] = sorted(names(uow))
    everything = sorted(["anybody", "front desk", "verifier", "both", "gita", "inspect", "held by Ana"])
    assert shown == {
        "ana": sorted(["anybody", "front desk", "both", "held by Ana"]),
        "gita": sorted(["anybody", "verifier", "both", "gita"]),
        "bo": ["inspect"],
        "hadi": [],
        "citra": ["anybody"],
        "dewi": everything,
        "oka": [],
        "sari": [],
    }


def test_a_task_exists_for_its_agency_its_holder_and_auditors(database: Database, world: World) -> None:
    case_id = a_day_at_the_offices(database, world)
    with database.read(SYSTEM) as uow:
        ids = {row.name: row.id for row in inbox(uow, case=case_id).items}

    def sees(person: Actor, task: str) -> bool:
        with database.read(person) as uow:
            try:
                row = uow.get(Task, ids[task])
            except NotFound:
                with pytest.raises(NotFound):
                    tasks.task(uow, ids[task])
                return False
            return tasks.task(uow, ids[task]).name == row.name

    assert {p.username for p in world.everybody if sees(p, "verifier")} == {"ana", "gita", "citra", "dewi"}
    assert {p.username for p in world.everybody if sees(p, "held by Ana")} == {"ana", "bo", "dewi"}


def test_soonest_due_comes_first_and_without_due_date_last(database: Database, world: World) -> None:
    a_day_at_the_offices(database, world)
    with database.read(world.gita) as uow:
        assert names(uow) == ["verifier", "gita", "anybody", "both"]
        assert names(uow, sort="priority")[0] == "both"
        assert names(uow, sort="created") == ["gita", "both", "verifier", "anybody"]


def test_filters_narrow_the_inbox(database: Database, world: World) -> None:
    case_id = a_day_at_the_offices(database, world)
    with database.read(world.ana) as uow:
        assert names(uow, assignee="me") == ["held by Ana"]
        assert names(uow, assignee="ana", agency=FIRE) == ["held by Ana"]
        assert names(uow, assignee="nobody") == ["front desk", "anybody", "both"]
        assert names(uow, assignee="gita") == []
        assert names(uow, agency=FIRE) == ["held by Ana"]
        assert names(uow, agency=FIRE, role="inspector") == []
        assert names(uow, role="front_desk") == ["front desk", "both"]
        assert names(uow, due_before=uow.now()) == ["front desk"]
        assert len(names(uow, case=case_id)) == 4
        assert names(uow, case="another") == []
        assert len(names(uow, process="event_permit", q="WULAN")) == 4
        assert names(uow, q="DESK") == ["front desk"]
        assert names(uow, q="100%") == []
        assert names(uow, process="other") == []


def test_a_row_tells_what_a_page_shows(database: Database, world: World) -> None:
    a_day_at_the_offices(database, world)
    with database.read(world.ana) as uow:
        rows = {row.name: row for row in inbox(uow).items}
    held = rows["held by Ana"]
    assert (held.assignee_name, held.assignee_username) == ("Ana", "ana")
    assert held.agency.name("en") == "Fire service"
    assert (held.process.name("id"), held.business_key) == ("Izin acara", "IA-1")
    assert held.facts == {"applicant": "Wulan"}
    assert rows["both"].roles == ("front_desk", "verifier")
    assert rows["both"].for_actor(world.gita)
    assert not rows["both"].for_actor(world.citra)
    assert rows["anybody"].for_actor(world.citra)
    assert not held.for_actor(world.bo)


def test_closed_tasks_come_newest_first(database: Database, world: World) -> None:
    case_id = a_day_at_the_offices(database, world)
    with database.unit(SYSTEM) as uow:
        uow.get(Case, case_id, lock=True)
        for row in inbox(uow, case=case_id).items:
            if row.agency.key == LICENSING:
                uow.row(Task, row.id).state = TaskState.COMPLETED.value
    with database.read(world.gita) as uow:
        assert names(uow) == []
        assert names(uow, state="completed") == ["gita", "both", "verifier", "anybody"]


def test_counts_stop_at_a_thousand_and_take_one_statement(database: Database, world: World) -> None:
    case_id = a_day_at_the_offices(database, world)
    with database.read(world.ana) as uow, counted(database) as statements:
        assert inbox_counts(uow) == InboxCounts(all=4, mine=1, unclaimed=3, late=1, mine_late=0)
    assert len(statements) == 1
    with database.read(world.hadi) as uow:
        assert inbox_counts(uow) == InboxCounts(0, 0, 0, 0, 0)
    with database.unit(SYSTEM) as uow:
        case = uow.get(Case, case_id, lock=True)
        for _ in range(1001):
            open_task(uow, case)
    with database.read(world.ana) as uow:
        assert inbox_counts(uow).unclaimed == 1000


def test_pages_neither_skip_nor_repeat_while_tasks_come_and_go(database: Database, world: World) -> None:
    with database.unit(SYSTEM) as uow:
        add_process(uow)
        case = add_case(uow)
        hours = [7, 3, 3, 3, 9, 1, None, None, 5, 3, 2, None]
        first = [
            open_task(
                uow,
                case,
                name=str(number),
                roles=("front_desk",) if number % 2 else ("front_desk", "verifier"),
                due_at=None if hour is None else uow.now() + timedelta(hours=hour),
            )
            for number, hour in enumerate(hours)
        ]
    for sort in ("due", "created", "priority"):
        seen: list[str] = []
        after: str | None = None
        for _ in range(20):
            with database.read(world.ana) as uow:
                page = inbox(uow, sort=sort, after=after, limit=3)
            seen += [row.id for row in page.items]
            after = page.next
            if after is None:
                break
            with database.unit(SYSTEM) as uow:
                open_task(uow, uow.get(Case, case.case_id, lock=True), name="new", due_at=uow.now())
        assert after is None, sort
        assert len(seen) == len(set(seen)), sort
        assert set(first) <= set(seen), sort


def test_a_page_costs_two_statements_at_most(database: Database, world: World) -> None:
    a_day_at_the_offices(database, world)
    with database.read(world.ana) as uow, counted(database) as statements:
        inbox(uow)
    assert len(statements) <= 2


def test_words_that_mean_nothing_are_refused(database: Database, world: World) -> None:
    with database.read(world.ana) as uow:
        for wish in ({"state": "lost"}, {"sort": "colour"}, {"limit": 0}, {"after": "?"}):
            with pytest.raises(Invalid):
                inbox(uow, **wish)  # type: ignore[arg-type]  # wrong on purpose
