"""What a step reads and writes: few statements, and what this unit has closed no longer waits."""

from engine.model import SYSTEM, Case, CaseAgency, Job, Subscription, Task
from engine.states import JobState, TaskState
from engine.store import hot
from engine.store.db import Database
from engine.store.endings import end
from engine.store.tasks import taken, task
from tests.people import FIRE, LICENSING, World
from tests.statements import counted
from tests.store.rows import add_case, add_job, add_process, new_task


def a_waiting_case(database: Database) -> tuple[str, list[str], str]:
    with database.unit(SYSTEM) as uow:
        add_process(uow)
        case = add_case(uow)
        tasks = [new_task(roles=("front_desk",)), new_task(FIRE, roles=("inspector",), users=("bo",))]
        hot.open_tasks(uow, case.case_id, tasks)
        job = add_job(uow, case.case_id)
        add_job(uow, case.case_id, state=JobState.DONE.value)
        uow.add(
            Subscription(
                case_id=case.case_id,
                token="t-paid",
                kind="message",
                name="paid",
                element_id="await_payment",
                created_at=uow.now(),
            )
        )
    return case.case_id, [one.id for one in tasks], job


def test_all_that_waits_is_read_in_one_statement(database: Database, world: World) -> None:
    case_id, tasks, job = a_waiting_case(database)
    with counted(database) as statements, database.unit(SYSTEM) as uow:
        found = hot.waiting(uow, case_id)
    assert {(w.source, w.id) for w in found} == {
        *(("task", one) for one in tasks),
        ("job", job),
        ("subscription", "t-paid"),
    }
    assert (len(statements), statements.commits) == (1, 1)


def test_what_this_unit_has_closed_waits_no_more(database: Database, world: World) -> None:
    case_id, tasks, _ = a_waiting_case(database)
    with database.unit(SYSTEM) as uow:
        held = uow.get(Task, tasks[0], lock=True)
        held.state = TaskState.COMPLETED.value
        assert {w.id for w in hot.waiting(uow, case_id) if w.source == "task"} == {tasks[1]}


def test_opening_tasks_takes_three_statements_and_tells_who_takes_part(
    database: Database, world: World
) -> None:
    with database.unit(SYSTEM) as uow:
        add_process(uow)
        case = add_case(uow)
        with counted(database) as statements:
            hot.open_tasks(
                uow,
                case.case_id,
                [
                    new_task(),
                    new_task(FIRE, roles=("inspector",)),
                    new_task(FIRE, users=("bo",)),
                    new_task(FIRE),
                ],
            )
            hot.take_part(uow, case.case_id, [FIRE])
        assert len(statements) == 4
        assert uow.get(CaseAgency, (case.case_id, FIRE)).agency_key == FIRE
        assert uow.get(CaseAgency, (case.case_id, LICENSING)).agency_key == LICENSING


def test_what_no_longer_waits_goes_in_one_statement_a_kind(database: Database, world: World) -> None:
    case_id, tasks, job = a_waiting_case(database)
    with database.unit(SYSTEM) as uow:
        uow.get(Case, case_id, lock=True)
        with counted(database) as statements:
            end(uow, case_id, tasks=tasks, jobs=[job], subscriptions=["t-paid"])
        assert len(statements) == (3 if database.dialect == "sqlite" else 1)
        assert hot.waiting(uow, case_id) == []
    with database.read(SYSTEM) as uow:
        assert uow.get(Task, tasks[0]).state == TaskState.WITHDRAWN.value
        assert uow.get(Job, job).state == JobState.WITHDRAWN.value


def test_candidates_tell_who_may_take_a_task(database: Database, world: World) -> None:
    _, tasks, _ = a_waiting_case(database)
    with database.read(world.bo) as uow:
        row = task(uow, tasks[1])
    assert (row.roles, row.users) == (("inspector",), ("bo",))


def test_a_step_locks_its_case_once_and_raises_its_version_once(database: Database, world: World) -> None:
    case_id, tasks, _ = a_waiting_case(database)
    with database.read(SYSTEM) as uow:
        before = uow.get(Case, case_id).version
    with counted(database) as statements, database.unit(world.ana) as uow:
        hand = taken(uow, tasks[0])
        hand.task.assignee = world.ana.id
        hand.case.snapshot = b"1"
        uow.flush()
        row = task(uow, tasks[0])
    # SQLite reads and locks at once; each row is written once; nothing is read again to tell how it was left.
    assert len(statements) == (3 if database.dialect == "sqlite" else 4), statements.sent
    assert hand.case.version == row.case_version == before + 1
    assert row.assignee_username == world.ana.username
