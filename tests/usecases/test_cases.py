"""Cases begin, end before their time, and take messages and signals."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.bpmn.step import Throw
from engine.connector import Refused
from engine.errors import (
    AnswersInvalid,
    CaseClosed,
    Conflict,
    Invalid,
    NobodyWaits,
    NotFound,
    NotPermitted,
    StepFailed,
)
from engine.model import AuditEvent, Case, Incident, Job, Subscription, Task
from engine.states import Audit, CaseState, IncidentState, JobState, TaskState
from engine.usecases.cancel_case import cancel_case
from engine.usecases.complete_task import complete_task
from engine.usecases.retry_incident import retry_incident
from engine.usecases.send_message import send_message
from engine.usecases.send_signal import Spread, send_signal
from tests.fakes import FakePartner, Stage, Timer, job, message, signal, task
from tests.people import FIRE, LICENSING
from tests.usecases.conftest import House

# -- starting


def test_a_case_begins_at_its_first_waits(house: House) -> None:
    house.deploy("permit", Stage((task("check"),)))
    case_id = house.start("permit", business_key=" IMB-7 ", data={"floors": 2})
    case = house.case(case_id)
    assert (case.state, case.business_key, case.owner_agency) == (CaseState.RUNNING, "IMB-7", LICENSING)
    assert house.history(case_id) == [Audit.CASE_STARTED, Audit.TASK_OPENED]


def test_who_may_start(house: House) -> None:
    house.deploy("permit", Stage((task("check"),)), start_roles=["front_desk"])
    before = house.print()
    for stranger in (house.people.bo, house.people.dewi, house.people.sari, house.people.gita):
        with pytest.raises(NotPermitted):
            house.start("permit", stranger)
    assert house.print() == before
    assert house.start("permit", house.people.ana) != house.start("permit", house.people.oka)


def test_an_unknown_process_cannot_start(house: House) -> None:
    with pytest.raises(NotFound):
        house.start("nothing")


@pytest.mark.parametrize("key", ["x" * 256, "a\nb"])
def test_a_business_key_is_short_and_printable(house: House, key: str) -> None:
    house.deploy("permit", Stage((task("check"),)))
    with pytest.raises(Invalid) as refusal:
        house.start("permit", business_key=key)
    assert refusal.value.problem_code == "business_key_invalid"
    assert house.rows(Case) == []


def test_a_case_that_cannot_begin_is_not_written(house: House) -> None:
    house.deploy("permit", Stage((task("check"),), fails_unless="floors"))
    house.deploy("lost", Stage((task("check", assignee="nobody"),)))
    before = house.print()
    for key, error in (("permit", StepFailed), ("lost", StepFailed)):
        with pytest.raises(error):
            house.start(key)
    with pytest.raises(AnswersInvalid):
        house.start("permit", data={"a b": 1})
    assert house.print() == before


def test_a_case_without_waits_is_complete_at_once(house: House) -> None:
    house.deploy("nothing_to_do")
    case = house.case(house.start("nothing_to_do", data={"x": 1}))
    assert (case.state, case.variables, case.ended_at) == (CaseState.COMPLETED, {"x": 1}, house.clock.now())


# -- cancelling


@pytest.fixture
def busy_case(house: House) -> str:
    """It waits for everything there is, has a dead job, and a message under way."""
    house.deploy(
        "busy",
        Stage(
            (
                task("check"),
                job("look_up", "partner"),
                Timer("reminder", "Reminder", timedelta(days=1)),
                message("answer", "answer"),
                signal("alarm", "alarm"),
            ),
            thrown=(Throw("message", "news"),),
        ),
        facts={"title": "subject"},
    )
    case_id = house.start("busy", data={"subject": "Ruko"})
    house.worker(partner=FakePartner(Refused("no such record"))).run_once(limit=1)
    if house.rows(Incident) == []:
        house.worker(partner=FakePartner(Refused("no such record"))).run_once(limit=1)
    return case_id


def test_a_cancelled_case_waits_for_nothing(house: House, busy_case: str) -> None:
    house.act(house.people.gita, cancel_case, busy_case, " the applicant withdrew ")
    case = house.case(busy_case)
    assert (case.state, case.snapshot, case.variables) == (CaseState.CANCELLED, None, {"subject": "Ruko"})
    assert case.ended_at == house.clock.now()
    assert {t.state for t in house.rows(Task)} == {TaskState.WITHDRAWN}
    assert {j.state for j in house.rows(Job)} == {JobState.WITHDRAWN}
    assert house.rows(Subscription) == []
    incident = house.incident()
    assert (incident.state, incident.resolution, incident.resolved_by) == (
        IncidentState.RESOLVED,
        "cancelled",
        "Gita",
    )
    (event,) = house.rows(AuditEvent, case_id=busy_case, kind=Audit.CASE_CANCELLED)
    assert '"reason":"the applicant withdrew"' in event.data
    house.clock.move_by(timedelta(days=30))
    assert house.worker().run_once() == 0


def test_who_may_cancel(house: House) -> None:
    house.deploy("permit", Stage((task("inspect"),)), routing={"inspect": (FIRE, [])})
    case_id = house.start("permit")
    before = house.print()
    with pytest.raises(NotFound):
        house.act(house.people.hadi, cancel_case, case_id, "why not")
    for looker in (house.people.bo, house.people.dewi):
        with pytest.raises(NotPermitted):
            house.act(looker, cancel_case, case_id, "why not")
    for reason in ("", "   ", "x" * 2001):
        with pytest.raises(Invalid) as refusal:
            house.act(house.people.ana, cancel_case, case_id, reason)
        assert refusal.value.problem_code == "reason_required"
    assert house.print() == before
    house.act(house.people.oka, cancel_case, case_id, "the agency asked for it")
    with pytest.raises(CaseClosed):
        house.act(house.people.oka, cancel_case, case_id, "again")


# -- messages from outside


@pytest.fixture
def waiting_cases(house: House) -> list[str]:
    """Three cases wait for an answer: two by business key, one by a correlation of its own."""
    house.deploy("clarify", Stage((message("answer", "answer"),)), Stage((task("read"),)))
    house.deploy("paid", Stage((message("answer", "answer", correlation="bill-3"),)))
    return [
        house.start("clarify", business_key="A-1"),
        house.start("clarify", business_key="A-2"),
        house.start("paid", business_key="A-3"),
    ]


@pytest.mark.parametrize(
    ("key", "index"),
    [({"business_key": "A-1"}, 0), ({"business_key": "A-2"}, 1), ({"correlation": "bill-3"}, 2)],
)
def test_a_message_finds_its_case_by_key(
    house: House, waiting_cases: list[str], key: dict[str, str], index: int
) -> None:
    sent = house.act(house.people.gita, send_message, "answer", data={"text": "ya"}, **key)
    case = sent.case
    assert not sent.started
    assert case.case_id == waiting_cases[index]
    assert len(house.rows(Subscription)) == 2
    assert Audit.MESSAGE_RECEIVED in house.history(case.case_id)


def test_a_message_finds_its_case_by_id(house: House, waiting_cases: list[str]) -> None:
    sent = house.act(house.people.oka, send_message, "answer", case_id=waiting_cases[1], data={"text": "ya"})
    assert sent.case.case_id == waiting_cases[1]
    assert house.task("read").case_id == waiting_cases[1]


def test_a_message_without_a_key_is_ambiguous(house: House, waiting_cases: list[str]) -> None:
    before = house.print()
    with pytest.raises(Conflict) as refusal:
        house.act(house.people.ana, send_message, "answer")
    assert refusal.value.problem_code == "message_ambiguous"
    assert house.print() == before


def test_a_message_that_nobody_waits_for_changes_nothing(house: House, waiting_cases: list[str]) -> None:
    before = house.print()
    for how in (
        {"business_key": "A-9"},
        {"correlation": "bill-4", "business_key": "A-3"},
        {"case_id": "none"},
    ):
        with pytest.raises(NobodyWaits):
            house.act(house.people.ana, send_message, "answer", **how)
    with pytest.raises(NobodyWaits):
        house.act(house.people.ana, send_message, "question", business_key="A-1")
    # A case that does not exist for the sender does not wait for them either; an auditor only looks on.
    for outsider in (house.people.hadi, house.people.dewi):
        with pytest.raises(NobodyWaits):
            house.act(outsider, send_message, "answer", business_key="A-1")
    assert house.print() == before


def test_a_message_is_taken_once(house: House, waiting_cases: list[str]) -> None:
    house.act(house.people.ana, send_message, "answer", business_key="A-1")
    with pytest.raises(NobodyWaits):
        house.act(house.people.ana, send_message, "answer", business_key="A-1")


# -- messages and signals between cases


def test_a_thrown_message_reaches_the_case_with_the_same_key(house: House) -> None:
    house.deploy(
        "asker",
        Stage((task("ask"),)),
        Stage((task("wait"),), thrown=(Throw("message", "question", {"q": 1}),)),
    )
    house.deploy("answerer", Stage((message("question", "question"),)), Stage((task("reply"),)))
    house.start("answerer", business_key="B-2")
    receiver = house.start("answerer", business_key="B-1")
    sender = house.start("asker", business_key="B-1")
    house.act(house.people.ana, complete_task, house.task("ask").id, {})
    assert house.worker().run_once() == 1
    assert house.task("reply").case_id == receiver
    assert house.machines["answerer"].variables(house.case(receiver).snapshot or b"") == {"q": 1}
    assert [k for k in house.history(sender) if k in (Audit.MESSAGE_SENT, Audit.JOB_FINISHED)] == [
        Audit.MESSAGE_SENT,
        Audit.JOB_FINISHED,
    ]


def test_a_thrown_correlation_goes_before_the_business_key(house: House) -> None:
    house.deploy("asker", Stage((task("wait"),), thrown=(Throw("message", "question", correlation="C"),)))
    house.deploy("by_key", Stage((message("question", "question"),)), Stage((task("by_key"),)))
    house.deploy("by_own", Stage((message("question", "question", "C"),)), Stage((task("by_own"),)))
    house.start("by_key", business_key="C")
    chosen = house.start("by_own", business_key="other")
    house.start("asker", business_key="other")
    house.worker().run_once()
    assert house.task("by_own").case_id == chosen


def test_a_thrown_message_waits_for_its_receiver(house: House) -> None:
    house.deploy("asker", Stage((task("wait"),), thrown=(Throw("message", "question"),)))
    house.deploy("answerer", Stage((message("question", "question"),)), Stage((task("reply"),)))
    sender = house.start("asker", business_key="B-1")
    worker = house.worker(settings=replace(house.settings, backoff_s=10))
    assert worker.run_once() == 1
    under_way = house.job(case_id=sender)
    assert under_way.state == JobState.READY
    assert worker.run_once() == 0
    house.clock.move_by(timedelta(seconds=1))
    house.start("answerer", business_key="B-2")
    assert worker.run_once() == 1  # woken, and not meant for it
    house.clock.move_by(timedelta(seconds=1))
    house.start("answerer", business_key="B-1")
    assert worker.run_once() == 1
    assert house.job(case_id=sender).state == JobState.DONE
    assert house.task("reply")


def test_a_message_that_never_finds_anybody_becomes_an_incident(house: House) -> None:
    house.deploy("asker", Stage((), thrown=()), Stage((task("ask"),), thrown=(Throw("message", "question"),)))
    sender = house.start("asker", business_key="B-1")
    looks = 0
    for _ in range(7 * 24 + 12):
        looks += house.worker().run_once()
        assert house.job().state == JobState.READY
        house.clock.move_by(timedelta(minutes=56))
    assert looks < 200
    house.clock.move_by(timedelta(hours=2))
    house.worker().run_once()
    assert house.job().state == JobState.DEAD
    incident = house.incident()
    assert (incident.case_id, incident.code, incident.state) == (sender, "undelivered", IncidentState.OPEN)
    # Sent again, it is kept as long as at first.
    house.act(house.people.oka, retry_incident, incident.id)
    house.worker().run_once()
    assert house.job().state == JobState.READY
    house.clock.move_by(timedelta(days=7))
    house.worker().run_once()
    assert [row.state for row in house.rows(Incident)] == [IncidentState.RESOLVED, IncidentState.OPEN]
    # The sender goes on and ends; its undelivered message stays with the operator.
    house.act(house.people.ana, complete_task, house.task().id, {})
    assert house.case(sender).state == CaseState.COMPLETED
    assert house.rows(Incident)[-1].state == IncidentState.OPEN


def test_a_signal_reaches_every_case_that_waits_for_it(house: House) -> None:
    house.deploy("shelter", Stage((signal("alarm", "flood"),)), Stage((task("evacuate"),)))
    house.deploy("gauge", Stage((task("watch"),), thrown=(Throw("signal", "flood", {"level": 3}),)))
    shelters = [house.start("shelter") for _ in range(3)]
    gauge = house.start("gauge")
    assert house.worker().run_once() == 4  # the spreading, and one delivery a case
    assert sorted(t.case_id for t in house.rows(Task, element_id="evacuate")) == sorted(shelters)
    assert Audit.SIGNAL_SENT in house.history(gauge)
    assert Audit.SIGNAL_RECEIVED in house.history(shelters[0])


def test_a_signal_from_outside_reaches_the_sender_s_cases(house: House) -> None:
    house.deploy("shelter", Stage((signal("alarm", "flood"),)), Stage((task("evacuate"),)))
    house.deploy("station", Stage((signal("alarm", "flood"),)), Stage((task("turn_out"),)), owner=FIRE)
    house.start("shelter")
    house.start("station", house.people.bo)
    with pytest.raises(NobodyWaits):
        house.act(house.people.hadi, send_signal, "flood")
    assert house.act(house.people.ana, send_signal, "flood", {"level": 2}) == Spread(1, 0)
    assert house.worker().run_once() == 1
    assert [t.element_id for t in house.rows(Task)] == ["evacuate"]
    assert house.act(house.people.oka, send_signal, "flood") == Spread(1, 0)


def test_a_signal_to_a_case_that_went_on_is_nothing(house: House) -> None:
    house.deploy("shelter", Stage((signal("alarm", "flood"), task("close"))), Stage((task("rest"),)))
    case_id = house.start("shelter")
    house.act(house.people.ana, send_signal, "flood")
    house.act(house.people.ana, complete_task, house.task("close").id, {})
    assert house.worker().run_once() == 1
    assert Audit.SIGNAL_RECEIVED not in house.history(case_id)
