"""Officers take, give back, hand over and complete tasks."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from engine.errors import (
    AnswersInvalid,
    CaseClosed,
    EngineError,
    Invalid,
    NotFound,
    NotPermitted,
    StepFailed,
    TaskClaimed,
    TaskNotOpen,
)
from engine.model import SYSTEM, AuditEvent, CaseAgency, Job, ProcessVersion, Task, TaskCandidate
from engine.states import Audit, CaseState, TaskState
from engine.usecases.assign_task import assign_task
from engine.usecases.cancel_case import cancel_case
from engine.usecases.claim_task import claim_task
from engine.usecases.complete_task import complete_task
from engine.usecases.release_task import release_task
from tests.fakes import Stage, Timer, task
from tests.people import FIRE, LICENSING
from tests.usecases.conftest import House

REMINDER = Timer("reminder", "Five days passed", timedelta(days=5), attached_to="inspect")


@pytest.fixture
def permit(house: House) -> str:
    """A permit: the front desk checks, the fire service inspects within five days, any member of licensing signs."""
    house.deploy(
        "permit",
        Stage((task("check"),)),
        Stage((task("inspect"), REMINDER)),
        Stage((task("sign"),)),
        routing={
            "check": (LICENSING, ["front_desk"]),
            "inspect": (FIRE, ["inspector"]),
            "sign": (LICENSING, []),
        },
        facts={"applicant": "applicant"},
    )
    return house.start("permit", business_key="IMB-7", data={"applicant": "Wulan Sasmita"})


def test_a_completed_task_moves_the_case_to_the_next_agency(house: House, permit: str) -> None:
    done = house.act(house.people.ana, complete_task, house.task().id, {"complete": True})
    assert (done.state, done.assignee, done.closed_by) == (
        TaskState.COMPLETED,
        house.people.ana.id,
        house.people.ana.id,
    )
    opened = house.task("inspect")
    assert (opened.agency_key, opened.audience, opened.process_key) == (FIRE, "inspector", "permit")
    assert {row.agency_key for row in house.rows(CaseAgency, case_id=permit)} == {LICENSING, FIRE}
    assert house.rows(TaskCandidate, task_id=opened.id) == []  # the audience says it
    deadline = house.job(kind="timer")
    assert deadline.run_at == house.clock.now() + timedelta(days=5)


def test_the_last_task_completes_the_case(house: House, permit: str) -> None:
    for officer in (house.people.ana, house.people.bo, house.people.gita):
        house.act(officer, complete_task, house.task().id, {"seen_by": officer.username})
    case = house.case(permit)
    assert (case.state, case.outcome, case.snapshot) == (CaseState.COMPLETED, "end", None)
    assert case.variables == {"applicant": "Wulan Sasmita", "seen_by": "gita"}
    assert case.facts == {"applicant": "Wulan Sasmita"}
    assert case.search_text == "imb-7 wulan sasmita"
    assert house.rows(Job, state="ready") == []


def test_history_tells_the_way_of_the_case(house: House, permit: str) -> None:
    house.act(house.people.ana, complete_task, house.task().id, {"complete": True})
    house.act(house.people.bo, complete_task, house.task().id, {"safe": True})
    assert house.history(permit) == [
        Audit.CASE_STARTED,
        Audit.TASK_OPENED,
        Audit.TASK_COMPLETED,
        Audit.ELEMENTS_PASSED,
        Audit.DEADLINE_SET,
        Audit.TASK_OPENED,
        Audit.TASK_COMPLETED,
        Audit.ELEMENTS_PASSED,
        Audit.DEADLINE_WITHDRAWN,
        Audit.TASK_OPENED,
    ]
    completed = house.rows(AuditEvent, case_id=permit, kind=Audit.TASK_COMPLETED)[1]
    assert (completed.actor_name, completed.agency_key, completed.element_name) == ("Bo", FIRE, "Inspect")
    assert '"answers":{"safe":true}' in completed.data


def test_a_task_is_claimed_once(house: House, permit: str) -> None:
    house.act(house.people.ana, claim_task, house.task().id)
    again = house.act(house.people.ana, claim_task, house.task().id)
    assert (again.assignee, again.assignee_name) == (house.people.ana.id, "Ana")
    assert house.history(permit).count(Audit.TASK_CLAIMED) == 1


def test_what_a_colleague_holds_cannot_be_taken_or_completed(house: House, permit: str) -> None:
    house.act(house.people.ana, complete_task, house.task().id, {})
    house.act(house.people.bo, complete_task, house.task().id, {})
    house.act(house.people.gita, claim_task, house.task("sign").id)
    before = house.print()
    for verb, args in ((claim_task, ()), (complete_task, ({},))):
        with pytest.raises(TaskClaimed) as refusal:
            house.act(house.people.ana, verb, house.task("sign").id, *args)
        assert refusal.value.detail["assignee"] == "Gita"
    assert house.print() == before


def test_a_task_of_another_agency_does_not_exist(house: House, permit: str) -> None:
    before = house.print()
    for stranger in (house.people.bo, house.people.hadi, house.people.oka):
        for verb, args in (
            (claim_task, ()),
            (release_task, ()),
            (assign_task, ("ana",)),
            (complete_task, ({},)),
        ):
            with pytest.raises(NotFound):
                house.act(stranger, verb, house.task().id, *args)
    assert house.print() == before


def test_a_task_of_another_role_is_not_permitted(house: House, permit: str) -> None:
    before = house.print()
    for colleague in (house.people.gita, house.people.dewi):
        for verb, args in ((claim_task, ()), (assign_task, ("ana",)), (complete_task, ({},))):
            with pytest.raises(NotPermitted):
                house.act(colleague, verb, house.task().id, *args)
    assert house.print() == before


def test_a_released_task_is_free_again(house: House, permit: str) -> None:
    house.act(house.people.ana, claim_task, house.task().id)
    freed = house.act(house.people.ana, release_task, house.task().id)
    assert (freed.assignee, freed.assignee_name, freed.claimed_at) == (None, None, None)
    with pytest.raises(EngineError) as refusal:
        house.act(house.people.ana, release_task, house.task().id)
    assert refusal.value.problem_code == "task_not_held"


def test_only_the_holder_releases(house: House, permit: str) -> None:
    house.act(house.people.ana, claim_task, house.task().id)
    with pytest.raises(NotPermitted):
        house.act(house.people.gita, release_task, house.task().id)


def test_a_colleague_hands_a_task_over(house: House, permit: str) -> None:
    house.act(house.people.ana, complete_task, house.task().id, {})
    house.act(house.people.bo, complete_task, house.task().id, {})
    given = house.act(house.people.ana, assign_task, house.task("sign").id, "gita")
    assert (given.assignee, given.assignee_name) == (house.people.gita.id, "Gita")
    house.act(house.people.gita, complete_task, given.id, {})
    assert house.case(permit).state == CaseState.COMPLETED


@pytest.mark.parametrize(
    ("username", "code"),
    [("nobody", "person_unknown"), ("gita", "person_not_candidate"), ("bo", "person_not_candidate")],
)
def test_a_task_is_handed_only_to_who_may_do_it(house: House, permit: str, username: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        house.act(house.people.ana, assign_task, house.task().id, username)
    assert refusal.value.problem_code == code
    assert house.task().assignee is None


def test_a_closed_task_stays_closed(house: House, permit: str) -> None:
    first = house.task().id
    house.act(house.people.ana, complete_task, first, {})
    before = house.print()
    for verb, args in ((claim_task, ()), (release_task, ()), (assign_task, ("ana",)), (complete_task, ({},))):
        with pytest.raises(TaskNotOpen) as refusal:
            house.act(house.people.ana, verb, first, *args)
        assert refusal.value.detail["state"] == TaskState.COMPLETED
    assert house.print() == before


def test_a_cancelled_case_takes_no_answers(house: House, permit: str) -> None:
    open_task = house.task().id
    house.act(house.people.gita, cancel_case, permit, "the applicant withdrew")
    with pytest.raises((TaskNotOpen, CaseClosed)):
        house.act(house.people.ana, complete_task, open_task, {})


def test_answers_are_variables(house: House, permit: str) -> None:
    before = house.print()
    with pytest.raises(AnswersInvalid) as refusal:
        house.act(house.people.ana, complete_task, house.task().id, {"no name": 1, "__class__": 2, "fine": 3})
    assert sorted(refusal.value.fields) == ["__class__", "no name"]
    assert house.print() == before


def test_completed_twice_at_once_exactly_one_wins(house: House, permit: str) -> None:
    outcomes: list[Any] = []
    start = threading.Barrier(2)

    def complete(open_task: str, answer: int) -> None:
        start.wait(5)
        try:
            outcomes.append(house.act(house.people.ana, complete_task, open_task, {"answer": answer}).state)
        except TaskNotOpen as late:
            outcomes.append(late)

    threads = [threading.Thread(target=complete, args=(house.task().id, n)) for n in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(type(o).__name__ for o in outcomes) == ["TaskNotOpen", "TaskState"]
    assert len(house.rows(Task, element_id="inspect")) == 1
    assert house.history(permit).count(Audit.TASK_COMPLETED) == 1


def test_the_model_s_groups_and_people_narrow_inside_the_agency(house: House) -> None:
    house.deploy(
        "narrow",
        Stage(
            (
                task("by_group", candidate_groups=("verifier",)),
                task("by_person", candidate_users=("gita",)),
                task("by_both", candidate_groups=("dpmptsp/front_desk",), candidate_users=("gita",)),
                task("by_name", assignee="bo"),
            ),
            needs_all=True,
        ),
        routing={
            node: (LICENSING, ["front_desk"]) for node in ("by_group", "by_person", "by_both", "by_name")
        },
    )
    house.start("narrow")
    audiences = {t.element_id: t.audience for t in house.rows(Task)}
    assert audiences == {"by_group": "verifier", "by_person": "*", "by_both": "*", "by_name": "front_desk"}
    for element in ("by_group", "by_person"):
        with pytest.raises(NotPermitted):
            house.act(house.people.ana, complete_task, house.task(element).id, {})
        house.act(house.people.gita, complete_task, house.task(element).id, {})
    house.act(house.people.ana, complete_task, house.task("by_both").id, {})
    house.act(house.people.bo, complete_task, house.task("by_name").id, {})


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"candidate_groups": ("dancers",)}, "role_unknown"),
        ({"candidate_groups": ("inspector",)}, "role_unknown"),
        ({"candidate_users": ("nobody",)}, "person_unknown"),
        ({"assignee": "nobody"}, "person_unknown"),
    ],
)
def test_work_for_nobody_stops_the_step_and_nothing_is_written(
    house: House, fields: dict[str, Any], code: str
) -> None:
    house.deploy("lost", Stage((task("first"),)), Stage((task("second", **fields),)))
    case_id = house.start("lost")
    before = house.print()
    with pytest.raises(StepFailed) as failure:
        house.act(house.people.ana, complete_task, house.task().id, {})
    assert failure.value.problem_code == code
    assert (failure.value.detail["element"], failure.value.detail["case_id"]) == ("second", case_id)
    assert house.print() == before


def test_a_called_process_routes_by_its_own_version(house: House) -> None:
    house.deploy("clearance", Stage((task("clear"),)), routing={"clear": (FIRE, ["inspector"])})
    house.deploy("caller", Stage((task("clear", process="clearance#1"),)))
    with house.database.unit(SYSTEM) as uow:
        uow.session.execute(
            update(ProcessVersion)
            .where(ProcessVersion.process_key == "caller")
            .values(calls={"clearance": 1})
        )
    house.start("caller")
    opened = house.task()
    assert (opened.agency_key, opened.process_key, opened.process_version) == (FIRE, "clearance", 1)
