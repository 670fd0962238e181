"""Which cases exist for whom, and what a case waits for."""

import pytest

from engine.errors import Invalid, NotFound
from engine.model import SYSTEM, AuditEvent, Case, CaseAgency, Subscription
from engine.states import Audit, CaseState, JobKind, JobState
from engine.store import cases, job_list
from engine.store.db import Database
from tests.people import FIRE, LICENSING, SPATIAL, World
from tests.store.rows import add_case, add_job, add_process, open_task


def three_cases(database: Database) -> dict[str, str]:
    with database.unit(SYSTEM) as uow:
        add_process(uow)
        add_process(uow, "land", owner=SPATIAL)
        shared = add_case(uow, business_key="IA-1", search_text="ia-1 wulan")
        open_task(uow, shared, FIRE)
        alone = add_case(uow, business_key="IA-2", state=CaseState.COMPLETED.value, ended_at=uow.now())
        foreign = add_case(uow, process="land", owner=SPATIAL)
        open_task(uow, foreign, SPATIAL)
    return {"shared": shared.case_id, "alone": alone.case_id, "foreign": foreign.case_id}


def test_a_case_exists_for_owner_parties_auditors_and_operators(database: Database, world: World) -> None:
    ids = three_cases(database)
    every = ["alone", "foreign", "shared"]
    expected = {
        "ana": ["alone", "shared"],
        "gita": ["alone", "shared"],
        "bo": ["shared"],
        "hadi": ["foreign"],
        "citra": ["alone", "shared"],
        "dewi": every,
        "oka": every,
        "sari": [],
    }
    for person in world.everybody:
        with database.read(person) as uow:
            listed = {row.case_id for row in cases.cases(uow).items}
            assert sorted(name for name, key in ids.items() if key in listed) == expected[person.username]
            for key in ids.values():
                if key in listed:
                    assert cases.case(uow, key).case_id == uow.get(Case, key).case_id
                    continue
                for read in (cases.case, cases.waits):
                    with pytest.raises(NotFound):
                        read(uow, key)
                with pytest.raises(NotFound):
                    uow.get(Case, key)


def test_what_belongs_to_a_case_exists_with_it(database: Database, world: World) -> None:
    ids = three_cases(database)
    with database.unit(SYSTEM) as uow:
        uow.record(Audit.CASE_STARTED, uow.get(Case, ids["shared"], lock=True))
    for person, sees in ((world.bo, True), (world.dewi, True), (world.hadi, False)):
        with database.read(person) as uow:
            for model, key in ((CaseAgency, (ids["shared"], FIRE)), (AuditEvent, (ids["shared"], 1))):
                if sees:
                    assert uow.get(model, key).case_id == ids["shared"]
                else:
                    with pytest.raises(NotFound):
                        uow.get(model, key)


def test_filters_and_pages_of_cases(database: Database, world: World) -> None:
    ids = three_cases(database)
    with database.read(world.dewi) as uow:
        assert [r.case_id for r in cases.cases(uow, state="completed").items] == [ids["alone"]]
        assert [r.case_id for r in cases.cases(uow, process="land").items] == [ids["foreign"]]
        assert [r.case_id for r in cases.cases(uow, q="Wulan").items] == [ids["shared"]]
        assert [r.case_id for r in cases.cases(uow, business_key="IA-2").items] == [ids["alone"]]
        first = cases.cases(uow, limit=2)
        rest = cases.cases(uow, limit=2, after=first.next)
        assert [r.case_id for r in [*first.items, *rest.items]] == sorted(ids.values(), reverse=True)
        assert rest.next is None
        with pytest.raises(Invalid):
            cases.cases(uow, state="lost")


def test_a_case_says_who_holds_it(database: Database, world: World) -> None:
    ids = three_cases(database)
    with database.read(world.ana) as uow:
        row = cases.case(uow, ids["shared"])
        assert [agency.key for agency in row.held_by] == [FIRE]
        assert row.owner.name("en") == "Licensing service"


def test_waits_show_others_jobs_but_not_others_tasks(database: Database, world: World) -> None:
    ids = three_cases(database)
    with database.unit(SYSTEM) as uow:
        case = uow.get(Case, ids["shared"], lock=True)
        open_task(uow, case, LICENSING, name="Ours")
        add_job(uow, case.case_id, kind=JobKind.TIMER.value, payload={})
        add_job(uow, case.case_id, state=JobState.DEAD.value, payload={"system": "tax"})
        add_job(uow, case.case_id, state=JobState.DONE.value)
        uow.add(
            Subscription(
                case_id=case.case_id,
                token="t",
                kind="message",
                name="paid",
                element_id="pay",
                created_at=uow.now(),
            )
        )
    with database.read(world.ana) as uow:
        waits = cases.waits(uow, ids["shared"])
    assert [task.name for task in waits.tasks] == ["Ours"]
    assert [job.kind for job in waits.deadlines] == [JobKind.TIMER]
    assert [job.target for job in waits.jobs] == ["tax"]
    assert [s.name for s in waits.subscriptions] == ["paid"]


def test_jobs_are_listed_for_operators_and_auditors_only(database: Database, world: World) -> None:
    ids = three_cases(database)
    with database.unit(SYSTEM) as uow:
        made = [add_job(uow, ids["shared"]) for _ in range(3)]
    for person in world.everybody:
        with database.read(person) as uow:
            listed = [job.id for job in job_list.jobs(uow, case=ids["shared"]).items]
            if person in (world.oka, world.dewi):
                assert listed == made[::-1]
                assert job_list.job(uow, made[0]).business_key == "IA-1"
                assert job_list.jobs(uow, state="done").items == []
            else:
                assert listed == []
                with pytest.raises(NotFound):
                    job_list.job(uow, made[0])
