"""Jobs end, fail, die, and are brought back by an operator."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from engine.connector import Call, Refused, Reply, System, TryAgain
from engine.errors import Conflict, NotFound, NotPermitted, StaleVersion, StepFailed, TaskNotOpen
from engine.model import SYSTEM, AuditEvent, Incident, Job, Task
from engine.states import Audit, CaseState, IncidentKind, IncidentState, JobKind, JobState, TaskState
from engine.store.jobs import ClaimedJob, claim_due
from engine.usecases.complete_task import complete_task
from engine.usecases.fail_job import fail_job
from engine.usecases.finish_job import finish_job
from engine.usecases.pass_deadline import pass_deadline
from engine.usecases.retry_incident import retry_incident
from engine.usecases.run_job_now import run_job_now
from engine.usecases.skip_incident import skip_incident
from tests.fakes import FakePartner, Stage, Timer, job, task
from tests.people import FIRE, LICENSING
from tests.usecases.conftest import House

REGISTER = System("population", "http://127.0.0.1:9", timeout_s=100)
FORGETFUL = replace(REGISTER, recognises_repeats=False)
LOOK_UP = job("look_up", settings={"system": "population", "path": "/people"}, inputs={"nik": "99"})


@pytest.fixture
def look_up(house: House) -> str:
    """A case that asks the population register, whose refusal “deceased” the model catches, and then waits for Ana."""
    house.deploy("look", Stage((LOOK_UP,), catches=frozenset({"DECEASED"})), Stage((task("decide"),)))
    return house.start("look")


def claim(house: House, lease_s: float = 60) -> ClaimedJob:
    with house.database.unit(SYSTEM) as uow:
        (claimed,) = claim_due(uow, limit=1, worker="test", lease_s=lease_s)
    return claimed


# -- calls to partners


def test_a_reply_moves_the_case_on(house: House, look_up: str) -> None:
    partner = FakePartner(Reply({"name": "Wulan"}))
    assert house.worker(partner=partner, systems={"population": REGISTER}).run_once() == 1
    (call,) = partner.calls
    assert (call.attempt, call.case_id, call.element_id) == (1, look_up, "look_up")
    assert (call.settings["path"], call.inputs) == ("/people", {"nik": "99"})
    assert call.system is not None
    assert call.system.timeout_s < house.settings.lease_s / 2
    done = house.job()
    assert (done.state, done.idempotency_key) == (JobState.DONE, call.idempotency_key)
    assert house.machines["look"].variables(house.case(look_up).snapshot or b"") == {
        "reply": {"name": "Wulan"}
    }
    assert house.task("decide")


def test_an_outage_that_passes_costs_attempts_only(house: House, look_up: str) -> None:
    partner = FakePartner(TryAgain("population is overloaded"), TryAgain("population is away"), Reply())
    assert house.worker(partner=partner, systems={"population": REGISTER}).run_once() == 3
    assert [c.attempt for c in partner.calls] == [1, 2, 3]
    assert len({c.idempotency_key for c in partner.calls}) == 1
    assert house.history(look_up).count(Audit.JOB_FAILED) == 2
    assert house.rows(Incident) == []


def test_the_partner_s_own_wish_is_kept(house: House, look_up: str) -> None:
    partner = FakePartner(TryAgain("slow down", after_s=120), Reply())
    worker = house.worker(partner=partner, systems={"population": REGISTER})
    assert worker.run_once() == 1
    house.clock.move_by(timedelta(seconds=119))
    assert worker.run_once() == 0
    house.clock.move_by(timedelta(seconds=1))
    assert worker.run_once() == 1


def test_pauses_grow_with_full_jitter(house: House) -> None:
    worker = house.worker(settings=replace(house.settings, backoff_s=2))
    for attempt, ceiling in ((1, 2), (4, 16), (40, 3600)):
        pauses = [worker._pause_s(attempt, None) for _ in range(200)]
        assert 0 <= min(pauses) < ceiling / 4
        assert ceiling * 3 / 4 < max(pauses) <= ceiling


def test_spent_attempts_become_an_incident_and_a_retry_heals_it(house: House, look_up: str) -> None:
    partner = FakePartner(*[TryAgain("population is away")] * 5, Reply())
    worker = house.worker(partner=partner, systems={"population": REGISTER})
    assert worker.run_once() == 5
    dead, incident = house.job(), house.incident()
    assert (dead.state, dead.attempts, dead.last_error) == (JobState.DEAD, 5, "population is away")
    assert (incident.kind, incident.code, incident.target, incident.element_id) == (
        IncidentKind.JOB_DEAD,
        "attempts_spent",
        "population",
        "look_up",
    )
    house.act(house.people.oka, retry_incident, incident.id)
    ready, resolved = house.job(), house.incident()
    assert (ready.state, ready.attempts, ready.idempotency_key) == (JobState.READY, 0, dead.idempotency_key)
    assert ready.fence > dead.fence
    assert (resolved.state, resolved.resolution, resolved.resolved_by) == (
        IncidentState.RESOLVED,
        "retried",
        "Oka",
    )
    assert worker.run_once() == 1
    assert house.task("decide")
    assert len({c.idempotency_key for c in partner.calls}) == 1
    with pytest.raises(Conflict) as refusal:
        house.act(house.people.oka, retry_incident, incident.id)
    assert refusal.value.problem_code == "incident_resolved"


def test_the_house_s_setting_limits_attempts_and_the_model_s_own_goes_before(house: House) -> None:
    house.deploy("three", Stage((job("a"),)))
    house.deploy("model", Stage((job("b", retries=2),)))
    house.start("three")
    house.start("model")
    partner = FakePartner(TryAgain("away"))
    house.worker(partner=partner, settings=replace(house.settings, max_attempts=3)).run_once()
    assert sorted(c.element_id for c in partner.calls) == ["a", "a", "a", "b", "b"]


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        (
            Refused("population rejected the request (422)"),
            "refused",
            "population rejected the request (422)",
        ),
        (
            ZeroDivisionError("Wulan's NIK is 99"),
            "connector_fault",
            "The connector has a fault (ZeroDivisionError).",
        ),
        (Reply(object()), "connector_fault", "The connector has a fault (TypeError)."),
        (
            Reply(error="NOT_FOUND"),
            "unhandled_error",
            "The partner answered NOT_FOUND, and no event of the model catches that.",
        ),
    ],
)
def test_what_a_repeat_cannot_help_is_dead_at_once(
    house: House, look_up: str, answer: Any, code: str, words: str
) -> None:
    partner = FakePartner(answer)
    assert house.worker(partner=partner, systems={"population": REGISTER}).run_once() == 1
    assert house.job().state == JobState.DEAD
    incident = house.incident()
    assert (incident.kind, incident.code, incident.message) == (IncidentKind.JOB_DEAD, code, words)
    assert house.history(look_up)[-2:] == [Audit.JOB_FAILED, Audit.INCIDENT_OPENED]
    assert house.case(look_up).state == CaseState.RUNNING


def test_an_error_that_the_model_catches_is_no_incident(house: House, look_up: str) -> None:
    worker = house.worker(partner=FakePartner(Reply(error="DECEASED")), systems={"population": REGISTER})
    worker.run_once()
    assert house.job().state == JobState.DONE
    assert house.rows(Incident) == []
    assert Audit.ERROR_CAUGHT in house.history(look_up)
    assert house.task("decide")


@pytest.mark.parametrize(
    ("connectors", "systems", "code"),
    [({}, {"population": REGISTER}, "connector_unknown"), ({"partner": FakePartner()}, {}, "system_unknown")],
)
def test_what_is_not_set_up_is_an_incident(
    house: House, look_up: str, connectors: dict[str, Any], systems: dict[str, System], code: str
) -> None:
    house.worker(systems=systems, **connectors).run_once()
    assert house.incident().code == code


def test_a_partner_that_cannot_tell_a_repeat_is_not_asked_twice(house: House, look_up: str) -> None:
    partner = FakePartner(TryAgain("no answer within 10 s", outcome_unknown=True), Reply())
    worker = house.worker(partner=partner, systems={"population": FORGETFUL})
    assert worker.run_once() == 1
    assert house.job().state == JobState.UNKNOWN
    incident = house.incident()
    assert (incident.kind, incident.code) == (IncidentKind.OUTCOME_UNKNOWN, "outcome_unknown")
    house.act(house.people.oka, retry_incident, incident.id)
    assert worker.run_once() == 1
    assert house.task("decide")


def test_an_operator_answers_for_the_partner(house: House, look_up: str) -> None:
    house.worker(partner=FakePartner(Refused("no")), systems={"population": REGISTER}).run_once()
    house.act(house.people.oka, skip_incident, house.incident().id, {"name": "by telephone"})
    assert house.job().state == JobState.DONE
    assert house.incident().resolution == "skipped"
    assert house.machines["look"].variables(house.case(look_up).snapshot or b"") == {
        "reply": {"name": "by telephone"}
    }
    (event,) = house.rows(AuditEvent, case_id=look_up, kind=Audit.INCIDENT_SKIPPED)
    assert (event.actor_name, '"name":"by telephone"' in event.data) == ("Oka", True)


def test_incidents_are_for_operators(house: House, look_up: str) -> None:
    house.worker(partner=FakePartner(Refused("no")), systems={"population": REGISTER}).run_once()
    incident, dead, before = house.incident(), house.job(), house.print()
    for person, error in (
        (house.people.ana, NotFound),
        (house.people.sari, NotFound),
        (house.people.dewi, NotPermitted),
    ):
        for verb, args in (
            (retry_incident, (incident.id,)),
            (skip_incident, (incident.id,)),
            (run_job_now, (dead.id,)),
        ):
            with pytest.raises(error):
                house.act(person, verb, *args)
    with pytest.raises(Conflict) as refusal:
        house.act(house.people.oka, run_job_now, dead.id)
    assert refusal.value.problem_code == "job_not_waiting"
    assert house.print() == before


# -- fences


def test_a_run_that_lost_its_lease_changes_nothing(house: House, look_up: str) -> None:
    late = claim(house, lease_s=10)
    house.clock.move_by(timedelta(seconds=11))
    partner = FakePartner(Reply({"name": "second"}))
    assert house.worker(partner=partner, systems={"population": REGISTER}).run_once() == 1
    before = house.print()
    for end in (
        lambda uow: finish_job(uow, look_up, late.id, late.fence, Reply({"name": "late"})),
        lambda uow: fail_job(uow, look_up, late.id, late.fence, reason="late", again=False),
        lambda uow: fail_job(uow, look_up, late.id, late.fence, reason="late", again=True),
    ):
        with pytest.raises(StaleVersion):
            house.act(SYSTEM, end)
    assert house.print() == before


def test_an_answer_to_a_case_that_went_on_is_thrown_away(house: House) -> None:
    house.deploy("look", Stage((LOOK_UP, task("answer_by_hand"))), Stage((task("decide"),)))
    case_id = house.start("look")
    claimed = claim(house)
    house.act(house.people.ana, complete_task, house.task("answer_by_hand").id, {})
    assert house.job().state == JobState.WITHDRAWN
    before = house.print()
    with pytest.raises(StaleVersion):
        house.act(SYSTEM, finish_job, case_id, claimed.id, claimed.fence, Reply())
    assert house.print() == before


def test_a_lapsed_call_to_a_forgetful_partner_is_an_unknown_outcome(house: House, look_up: str) -> None:
    claim(house, lease_s=10)
    house.clock.move_by(timedelta(seconds=11))
    partner = FakePartner()
    assert house.worker(partner=partner, systems={"population": FORGETFUL}).run_once() == 0
    assert (house.job().state, partner.calls) == (JobState.UNKNOWN, [])
    assert house.incident().kind == IncidentKind.OUTCOME_UNKNOWN


def test_a_job_whose_worker_always_dies_ends_as_an_incident(house: House, look_up: str) -> None:
    worker = house.worker(systems={"population": REGISTER}, partner=FakePartner())
    for attempt in range(1, 6):
        worker._claim(1)
        assert house.job().attempts == attempt
        house.clock.move_by(timedelta(seconds=house.settings.lease_s + 1))
    assert worker.run_once() == 0
    assert house.job().state == JobState.DEAD
    assert house.incident().code == "attempts_spent"


# -- deadlines


@pytest.fixture
def inspection(house: House) -> str:
    """The fire service has five days; then licensing decides without it. After three days Bo is reminded."""
    house.deploy(
        "inspection",
        Stage(
            (
                task("inspect"),
                Timer(
                    "reminder",
                    "Three days passed",
                    timedelta(days=3),
                    interrupting=False,
                    attached_to="inspect",
                ),
                Timer("late", "Five days passed", timedelta(days=5), attached_to="inspect"),
            )
        ),
        Stage((task("decide"),)),
        routing={"inspect": (FIRE, ["inspector"])},
    )
    return house.start("inspection")


def test_a_late_inspection_goes_to_licensing(house: House, inspection: str) -> None:
    worker = house.worker()
    assert worker.run_once() == 0
    house.clock.move_by(timedelta(days=3))
    assert worker.run_once() == 1
    assert house.task().element_id == "inspect"
    house.clock.move_by(timedelta(days=2))
    assert worker.run_once() == 1
    assert house.task().agency_key == LICENSING
    assert house.task("inspect", TaskState.WITHDRAWN).closed_at == house.clock.now()
    passed = house.rows(AuditEvent, case_id=inspection, kind=Audit.DEADLINE_PASSED)
    assert [(e.element_id, e.actor_id) for e in passed] == [("reminder", "system"), ("late", "system")]
    assert Audit.TASK_WITHDRAWN in house.history(inspection)


def test_a_deadline_and_an_officer_in_the_same_second_give_one_outcome(house: House, inspection: str) -> None:
    house.clock.move_by(timedelta(days=5))
    first = claim(house)  # the reminder
    house.act(SYSTEM, pass_deadline, inspection, first.id, first.fence)
    late, open_task = claim(house), house.task("inspect").id
    house.act(house.people.bo, complete_task, open_task, {"safe": True})
    with pytest.raises(StaleVersion):
        house.act(SYSTEM, pass_deadline, inspection, late.id, late.fence)
    assert len(house.rows(Task, element_id="decide")) == 1
    assert Audit.TASK_COMPLETED in house.history(inspection)
    assert Audit.TASK_WITHDRAWN not in house.history(inspection)


def test_an_officer_who_is_later_than_the_deadline_is_told(house: House, inspection: str) -> None:
    open_task = house.task("inspect").id
    house.clock.move_by(timedelta(days=5))
    house.worker().run_once()
    with pytest.raises(TaskNotOpen) as refusal:
        house.act(house.people.bo, complete_task, open_task, {"safe": True})
    assert refusal.value.detail["state"] == TaskState.WITHDRAWN


def test_an_operator_runs_a_timer_before_its_time(house: House, inspection: str) -> None:
    timer = house.job(element_id="late")
    house.act(house.people.oka, run_job_now, timer.id)
    assert house.worker().run_once() == 1
    assert house.task("decide")
    (event,) = house.rows(AuditEvent, case_id=inspection, kind=Audit.DEADLINE_PASSED)
    assert '"run_by":"Oka"' in event.data
    assert (timer.run_at.isoformat() in event.data) is True


# -- steps that fail in the worker


@pytest.mark.parametrize(
    "wait", [LOOK_UP, Timer("late", "Five days passed", timedelta(0))], ids=["connector", "timer"]
)
def test_a_step_that_fails_in_the_worker_is_a_dead_job_and_an_incident(house: House, wait: Any) -> None:
    house.deploy("broken", Stage((wait,)), Stage((task("decide"),), fails_unless="repaired"))
    case_id = house.start("broken")
    snapshot = house.case(case_id).snapshot
    worker = house.worker(partner=FakePartner(Reply()), systems={"population": REGISTER})
    assert worker.run_once() == 1
    incident = house.incident()
    assert (house.job().state, house.case(case_id).snapshot) == (JobState.DEAD, snapshot)
    assert (incident.kind, incident.code, incident.element_id, incident.job_id) == (
        IncidentKind.STEP_FAILED,
        "expression_failed",
        "stage_1",
        house.job().id,
    )
    house.act(house.people.oka, retry_incident, incident.id)
    assert worker.run_once() == 1
    assert [i.state for i in house.rows(Incident)] == [IncidentState.RESOLVED, IncidentState.OPEN]


def test_only_a_partner_s_answer_can_be_given_in_its_place(house: House) -> None:
    house.deploy("broken", Stage((Timer("late", "Late", timedelta(0)),)), Stage((), fails_unless="repaired"))
    house.start("broken")
    house.worker().run_once()
    before = house.print()
    with pytest.raises(Conflict) as refusal:
        house.act(house.people.oka, skip_incident, house.incident().id, {})
    assert refusal.value.problem_code == "incident_not_skippable"
    assert house.print() == before


def test_an_answer_that_breaks_the_step_leaves_the_incident_open(house: House) -> None:
    house.deploy("look", Stage((LOOK_UP,)), Stage((task("decide"),), fails_unless="repaired"))
    house.start("look")
    house.worker(partner=FakePartner(Refused("no")), systems={"population": REGISTER}).run_once()
    before = house.print()
    with pytest.raises(StepFailed):
        house.act(house.people.oka, skip_incident, house.incident().id, {})
    assert house.print() == before


def test_a_withdrawn_call_takes_its_incident_along(house: House) -> None:
    house.deploy("look", Stage((LOOK_UP, task("answer_by_hand"))), Stage((task("decide"),)))
    house.start("look")
    house.worker(partner=FakePartner(Refused("no")), systems={"population": REGISTER}).run_once()
    house.act(house.people.ana, complete_task, house.task("answer_by_hand").id, {})
    incident = house.incident()
    assert (incident.state, incident.resolution, incident.resolved_by) == (
        IncidentState.RESOLVED,
        "advanced",
        "Ana",
    )
    with pytest.raises(Conflict):
        house.act(house.people.oka, retry_incident, incident.id)


def test_a_call_does_not_hold_a_transaction_open(house: House, look_up: str) -> None:
    seen: list[int] = []

    def answer(_: Call) -> Reply:
        # Another unit can lock the same case while the partner thinks.
        house.act(SYSTEM, lambda uow: uow.row(Task, "none", lock=False) if seen else seen.append(1))
        seen.append(house.database.engine.pool.checkedout())  # type: ignore[attr-defined]
        return Reply()

    house.worker(partner=FakePartner(answer), systems={"population": REGISTER}).run_once()
    assert seen == [1, 0]


def test_jobs_of_other_cases_go_on_beside_a_dead_one(house: House, look_up: str) -> None:
    house.start("look")
    partner = FakePartner(Refused("no"), Reply())
    assert house.worker(partner=partner, systems={"population": REGISTER}).run_once() == 2
    assert sorted(j.state for j in house.rows(Job, kind=JobKind.CONNECTOR)) == [JobState.DEAD, JobState.DONE]
