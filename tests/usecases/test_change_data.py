"""Another system changes what a case knows: what waits for a condition looks again, history says who and why."""

import pytest

from engine.clock import MovableClock
from engine.errors import AnswersInvalid, CaseClosed, Conflict, Invalid, NotFound, NotPermitted, StepFailed
from engine.model import AuditEvent, Case, Task
from engine.states import Audit, CaseState
from engine.store.db import Database
from engine.store.history import verify
from engine.usecases.change_data import change_data
from engine.usecases.complete_task import complete_task
from tests.fakes import Stage, task
from tests.people import FIRE, World
from tests.usecases.conftest import House, send
from tests.usecases.models import bpmn

UPDATED = bpmn(
    "errand",
    """<startEvent id="start"/><sequenceFlow id="f1" sourceRef="start" targetRef="fork"/>
    <parallelGateway id="fork"/>
    <sequenceFlow id="f2" sourceRef="fork" targetRef="updated"/>
    <intermediateCatchEvent id="updated" name="Updated"><conditionalEventDefinition>
      <condition xsi:type="tFormalExpression">${updateAvailable &amp;&amp; size &lt; 10}</condition>
    </conditionalEventDefinition></intermediateCatchEvent>
    <sequenceFlow id="f3" sourceRef="updated" targetRef="told"/>
    <userTask id="told" name="Read the update"/>
    <sequenceFlow id="f4" sourceRef="told" targetRef="end"/>
    <sequenceFlow id="f5" sourceRef="fork" targetRef="work"/>
    <userTask id="work" name="Work"/>
    <sequenceFlow id="f6" sourceRef="work" targetRef="end"/>
    <endEvent id="end"/>""",
)


@pytest.fixture
def real(database: Database, world: World, clock: MovableClock) -> House:
    """A house whose machines are the interpreter's."""
    return House(database, world, clock)


@pytest.fixture
def errand(real: House) -> str:
    send(real, "errand.bpmn", UPDATED, files={"process.toml": b'[facts]\ntitle = "subject"\n'})
    return real.start("errand", data={"updateAvailable": False, "size": 3})


def open_tasks(house: House, case_id: str) -> list[str]:
    return sorted(t.element_id for t in house.rows(Task, case_id=case_id, state="open"))


def test_a_condition_that_now_holds_lets_the_case_go_on(real: House, errand: str) -> None:
    assert open_tasks(real, errand) == ["work"]
    real.act(real.people.ana, change_data, errand, {"size": 20, "updateAvailable": True}, "measured anew")
    assert open_tasks(real, errand) == ["work"]
    real.act(real.people.ana, change_data, errand, {"size": 9, "subject": "Kiosk"}, "a slip of the pen")
    assert open_tasks(real, errand) == ["told", "work"]
    assert real.case(errand).facts == {"title": "Kiosk"}
    for element in ("told", "work"):
        real.act(real.people.ana, complete_task, real.task(element).id, {})
    case = real.case(errand)
    assert case.state == CaseState.COMPLETED
    assert case.variables == {"updateAvailable": True, "size": 9, "subject": "Kiosk"}


def test_history_keeps_who_changed_what_and_why(real: House, errand: str) -> None:
    real.act(real.people.gita, change_data, errand, {"size": 4}, "  as the applicant wrote  ")
    (event,) = real.rows(AuditEvent, case_id=errand, kind=Audit.DATA_CHANGED)
    assert (event.actor_name, event.agency_key) == ("Gita", "dpmptsp")
    assert '"reason":"as the applicant wrote"' in event.data
    assert '"answers":{"size":4}' in event.data
    with real.database.read(real.people.dewi) as uow:
        assert verify(uow, errand).intact


def test_only_the_owner_agency_and_operators_change_a_case_and_only_for_a_reason(house: House) -> None:
    house.deploy("permit", Stage((task("inspect"),)), routing={"inspect": (FIRE, [])})
    case_id = house.start("permit")
    before = house.print()
    with pytest.raises(NotFound):
        house.act(house.people.hadi, change_data, case_id, {"a": 1}, "why not")
    for looker in (house.people.bo, house.people.dewi):
        with pytest.raises(NotPermitted):
            house.act(looker, change_data, case_id, {"a": 1}, "why not")
    for reason in ("", "   ", "x" * 2001):
        with pytest.raises(Invalid) as refusal:
            house.act(house.people.ana, change_data, case_id, {"a": 1}, reason)
        assert refusal.value.problem_code == "reason_required"
    with pytest.raises(Invalid) as refusal:
        house.act(house.people.ana, change_data, case_id, {}, "nothing")
    assert refusal.value.problem_code == "data_required"
    for name in ("two words", "_hidden", "1st"):
        with pytest.raises(AnswersInvalid):
            house.act(house.people.ana, change_data, case_id, {name: 1}, "a name")
    assert house.print() == before
    house.act(house.people.oka, change_data, case_id, {"a": 1}, "the partner could not")
    assert house.history(case_id)[-1] == Audit.DATA_CHANGED


def test_a_closed_case_and_one_that_has_not_begun_stay_as_they_are(house: House) -> None:
    house.deploy("permit", Stage((task("inspect"),)))
    case_id = house.start("permit")
    with house.database.unit(house.people.ana) as uow:
        case = uow.get(Case, case_id, lock=True)
        kept, case.snapshot = case.snapshot, None
    with pytest.raises(Conflict) as early:
        house.act(house.people.ana, change_data, case_id, {"a": 1}, "too early")
    assert early.value.problem_code == "case_not_begun"
    with house.database.unit(house.people.ana) as uow:
        uow.get(Case, case_id, lock=True).snapshot = kept
    house.act(house.people.ana, complete_task, house.task().id, {})
    before = house.print()
    with pytest.raises(CaseClosed):
        house.act(house.people.ana, change_data, case_id, {"a": 1}, "too late")
    assert house.print() == before


def test_data_that_a_condition_cannot_bear_changes_nothing(real: House, errand: str) -> None:
    before = real.print()
    with pytest.raises(StepFailed) as failure:
        real.act(real.people.ana, change_data, errand, {"size": "big", "updateAvailable": True}, "no number")
    assert failure.value.detail["case_id"] == errand
    assert real.print() == before
