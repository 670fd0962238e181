"""History cannot be changed without a trace, and its details are for those whose they are."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select, update

from engine.errors import NotFound
from engine.model import SYSTEM, AuditEvent, Case, Subscription
from engine.states import Audit, JobKind
from engine.store import hot
from engine.store.db import Database
from engine.store.history import ChainVerdict, diagram_state, history, verify
from tests.people import FIRE, LICENSING, World
from tests.store.rows import add_case, add_job, add_process, open_task


def a_case_with_history(database: Database, world: World) -> str:
    with database.unit(world.ana) as uow:
        add_process(uow)
        case = add_case(uow)
        hot.take_part(uow, case.case_id, [LICENSING, FIRE])
        uow.record(Audit.CASE_STARTED, case, agency=LICENSING, answers={"nik": "9901"}, business_key="IA-1")
    with database.unit(world.bo) as uow:
        case = uow.get(Case, case.case_id, lock=True)
        for verdict in ("safe", "unsafe", "é"):
            uow.record(
                Audit.TASK_COMPLETED,
                case,
                element="inspect",
                element_name="Inspect",
                agency=FIRE,
                task_id="t1",
                answers={"verdict": verdict},
            )
    with database.unit(SYSTEM) as uow:
        case = uow.get(Case, case.case_id, lock=True)
        uow.record(Audit.DECISION_MADE, case, element="fee", inputs={"area": 12}, outputs={"fee": 5})
    return case.case_id


def test_an_untouched_chain_holds(database: Database, world: World) -> None:
    case_id = a_case_with_history(database, world)
    with database.read(world.dewi) as uow:
        assert verify(uow, case_id) == ChainVerdict(intact=True, events=5, broken_at=None)


def _set(seq: int, **columns: Any) -> Callable[[Connection], object]:
    return lambda c: c.execute(update(AuditEvent).where(AuditEvent.seq == seq).values(**columns))


def _drop(seq: int) -> Callable[[Connection], object]:
    return lambda c: c.execute(delete(AuditEvent).where(AuditEvent.seq == seq))


def _swap(one: int, other: int) -> Callable[[Connection], object]:
    def swap(connection: Connection) -> None:
        for old, new in ((one, 99), (other, one), (99, other)):
            connection.execute(update(AuditEvent).where(AuditEvent.seq == old).values(seq=new))

    return swap


def _forge_end(connection: Connection) -> None:
    last = connection.execute(select(AuditEvent).where(AuditEvent.seq == 5)).one()._asdict()
    connection.execute(insert(AuditEvent), [last | {"seq": 6}])


@pytest.mark.parametrize(
    ("tamper", "broken_at"),
    [
        (_set(2, data='{"task_id":"t1","answers":{"verdict":"unsafe"}}'), 2),
        (_set(3, actor_name="Gita"), 3),
        (_set(3, actor_id="person-gita"), 3),
        (_set(1, agency_key=None), 1),
        (_set(4, element_id="other"), 4),
        (_set(4, kind="task_claimed"), 4),
        (_set(5, hash="0" * 64), 5),
        (_drop(1), 1),
        (_drop(3), 3),
        (_drop(5), 5),
        (_swap(2, 3), 2),
        (_forge_end, 6),
    ],
)
def test_a_changed_missing_or_swapped_event_breaks_the_chain(
    database: Database, world: World, tamper: Callable[[Connection], object], broken_at: int
) -> None:
    case_id = a_case_with_history(database, world)
    with database.engine.begin() as connection:
        tamper(connection)
    with database.read(world.dewi) as uow:
        verdict = verify(uow, case_id)
    assert (verdict.intact, verdict.broken_at) == (False, broken_at)


def test_history_is_not_written_without_the_cases_lock(database: Database, world: World) -> None:
    case_id = a_case_with_history(database, world)
    with database.unit(SYSTEM) as uow:
        case = uow.get(Case, case_id)
        with pytest.raises(RuntimeError):
            uow.record(Audit.CASE_CANCELLED, case)


def test_history_goes_when_its_unit_is_undone(database: Database, world: World) -> None:
    case_id = a_case_with_history(database, world)

    def stumble() -> None:
        with database.unit(SYSTEM) as uow:
            uow.record(Audit.CASE_CANCELLED, uow.get(Case, case_id, lock=True))
            uow.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stumble()
    with database.read(world.dewi) as uow:
        assert verify(uow, case_id).events == 5


def test_details_are_for_their_agency_the_owner_and_auditors(database: Database, world: World) -> None:
    case_id = a_case_with_history(database, world)
    seen: dict[str, list[bool]] = {}
    for person in (world.ana, world.bo, world.dewi, world.oka):
        with database.read(person) as uow:
            seen[person.username] = [not event.withheld for event in history(uow, case_id)]
    assert seen == {
        "ana": [True] * 5,
        "bo": [False, True, True, True, False],
        "dewi": [True] * 5,
        "oka": [False] * 5,
    }
    with database.read(world.bo) as uow:
        started = history(uow, case_id)[0]
        assert started.data == {"business_key": "IA-1"}
        assert [event.seq for event in history(uow, case_id, after=1, limit=2)] == [2, 3]
    with database.read(world.hadi) as uow:
        for read in (history, verify, diagram_state):
            with pytest.raises(NotFound):
                read(uow, case_id)


def test_the_diagram_tells_done_now_and_cancelled(database: Database, world: World) -> None:
    with database.unit(SYSTEM) as uow:
        add_process(uow)
        case = add_case(uow)
        uow.record(
            Audit.ELEMENTS_PASSED, case, passed=["start", "check", "ask"], flows=["f1"], cancelled=["wait"]
        )
        uow.record(Audit.ELEMENTS_PASSED, case, passed=["wait"], flows=[], cancelled=["pay"])
        open_task(uow, case, element_id="check")
        add_job(uow, case.case_id, element_id="ask")
        timer = {"kind": JobKind.TIMER.value}
        add_job(uow, case.case_id, element_id="late", payload={"attached_to": "check"}, **timer)
        add_job(uow, case.case_id, element_id="pause", payload={"attached_to": None}, **timer)
        uow.add(
            Subscription(
                case_id=case.case_id,
                token="t",
                kind="signal",
                name="all clear",
                element_id="hear",
                created_at=uow.now(),
            )
        )
    with database.read(world.ana) as uow:
        assert diagram_state(uow, case.case_id) == {
            "start": "done",
            "f1": "done",
            "wait": "done",
            "pay": "cancelled",
            "check": "now",
            "ask": "now",
            "pause": "now",
            "hear": "now",
        }
