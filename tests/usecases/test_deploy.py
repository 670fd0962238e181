"""Designers deploy; what they deployed runs as it is drawn, also when the house restarts between every two steps."""

from datetime import timedelta

import pytest

from engine.bpmn.admit import Limits, Upload
from engine.clock import MovableClock
from engine.connector import Reply
from engine.errors import NotPermitted, ProcessInvalid, StepFailed
from engine.model import HouseEvent, Process, ProcessFile, ProcessVersion, Role, Task
from engine.states import Audit, CaseState, IncidentState, TaskState
from engine.store.db import Database
from engine.usecases.check_process import check_process
from engine.usecases.complete_task import complete_task
from engine.usecases.deploy import deploy
from engine.usecases.start_case import start_case
from engine.usecases.step_failed import note_step_failed
from tests.fakes import FakePartner
from tests.people import FIRE, LICENSING, World
from tests.usecases.conftest import SYSTEMS, House, send
from tests.usecases.models import CALLER, PERMIT, SETTINGS, bpmn, one_task


def test_an_upload_becomes_a_version(real: House) -> None:
    made = send(real, "permit.bpmn", PERMIT, files={"process.toml": SETTINGS})
    (version,) = made.versions
    assert (version.process_key, version.version, version.deployed_by_name) == ("permit", 1, "Citra")
    (process,) = real.rows(Process)
    assert (process.title_id, process.title_en, process.owner_agency) == (
        "Izin bangunan",
        "Building permit",
        LICENSING,
    )
    (stored,) = real.rows(ProcessVersion)
    assert stored.bpmn == PERMIT
    assert stored.routing["inspect"]["agency"] == FIRE
    assert [(f.name, f.kind, f.content) for f in real.rows(ProcessFile)] == [
        ("process.toml", "toml", SETTINGS)
    ]
    (event,) = real.rows(HouseEvent)
    assert (event.kind, event.subject, event.actor_name) == (Audit.PROCESS_DEPLOYED, "permit", "Citra")


def test_running_cases_stay_on_their_version(real: House) -> None:
    send(real, "work.bpmn", one_task("work"))
    old = real.start("work")
    (second,) = send(
        real, "work.bpmn", one_task("work", attributes='camunda:candidateGroups="verifier"')
    ).versions
    assert second.version == 2
    new = real.start("work")
    assert [real.case(case_id).process_version for case_id in (old, new)] == [1, 2]
    assert {t.audience for t in real.rows(Task)} == {"", "verifier"}


def test_only_designers_check_and_deploy(real: House) -> None:
    before = real.print()
    for person in (real.people.ana, real.people.oka, real.people.dewi, real.people.sari):
        for verb in (check_process, deploy):
            with pytest.raises(NotPermitted):
                real.act(person, verb, Upload("w.bpmn", one_task("w")), connectors={}, systems=())
    assert real.print() == before


def test_every_problem_is_told_and_nothing_is_written(real: House) -> None:
    before = real.print()
    with pytest.raises(ProcessInvalid) as refusal:
        send(real, "permit.bpmn", PERMIT.replace(b"partner", b"pigeon").replace(b"population", b"moon"))
    codes = {problem.code for problem in refusal.value.problems}
    assert {"lane_without_agency", "connector_unknown", "system_unknown"} <= codes
    assert real.print() == before


@pytest.mark.parametrize("content", [b"", b"hello", b"<a", b"<!DOCTYPE a><a/>"])
def test_what_is_no_model_is_refused(real: House, content: bytes) -> None:
    with pytest.raises(ProcessInvalid):
        send(real, "permit.bpmn", content)


def test_limits_hold(real: House) -> None:
    with pytest.raises(ProcessInvalid) as refusal:
        send(real, "permit.bpmn", PERMIT, limits=Limits(bytes=100))
    assert {p.code for p in refusal.value.problems} == {"too_large"}


def test_checking_writes_nothing(real: House) -> None:
    before = real.print()
    admission = real.act(
        real.people.citra,
        check_process,
        Upload("permit.bpmn", PERMIT, {"process.toml": SETTINGS}),
        connectors={"partner": FakePartner()},
        systems=SYSTEMS,
    )
    assert (admission.errors, len(admission.processes)) == ([], 1)
    assert real.print() == before


def test_a_message_is_for_somebody_when_a_deployed_process_waits_for_it(real: House) -> None:
    telling = bpmn(
        "telling",
        """<startEvent id="start"/><sequenceFlow id="f" sourceRef="start" targetRef="tell"/>
        <sendTask id="tell" messageRef="m_answer"/>""",
    )

    def unheard() -> list[str]:
        found = real.act(
            real.people.citra, check_process, Upload("telling.bpmn", telling), connectors={}, systems=()
        )
        return [p.element for p in found.warnings if p.code == "message_unheard"]

    assert unheard() == ["tell"]
    waiting = bpmn(
        "waiting",
        """<startEvent id="start"/><sequenceFlow id="f" sourceRef="start" targetRef="wait"/>
        <receiveTask id="wait" messageRef="m_answer"/>""",
    )
    send(real, "waiting.bpmn", waiting)
    assert unheard() == []


def test_lanes_are_mapped_at_deployment(real: House) -> None:
    send(real, "permit.bpmn", PERMIT, lanes={"Licensing": "dpmptsp/front_desk", "Fire service": "damkar"})
    real.start("permit", data={"nik": "1"})
    assert real.task().audience == "front_desk"


def test_a_missing_role_is_made_when_the_designer_asks_for_it(real: House) -> None:
    work = one_task("work", attributes='camunda:candidateGroups="surveyor"')
    with pytest.raises(ProcessInvalid):
        send(real, "work.bpmn", work)
    send(real, "work.bpmn", work, create_roles=True)
    assert [r.key for r in real.rows(Role, agency_key=LICENSING)] == ["front_desk", "surveyor", "verifier"]


def test_a_process_stays_with_its_agency(real: House) -> None:
    send(real, "work.bpmn", one_task("work"))
    before = real.print()
    with pytest.raises(ProcessInvalid) as refusal:
        send(real, "work.bpmn", one_task("work"), files={"process.toml": b'owner = "damkar"\n'})
    assert "process_of_another_agency" in {p.code for p in refusal.value.problems}
    assert real.print() == before


def test_a_call_is_bound_to_the_version_of_the_day(real: House) -> None:
    send(real, "clear.bpmn", one_task("clear"), files={"process.toml": b'owner = "damkar"\n'})
    send(real, "caller.bpmn", CALLER)
    send(
        real,
        "clear.bpmn",
        one_task("clear").replace(b'name="Work"', b'name="Other"'),
        files={"process.toml": b'owner = "damkar"\n'},
    )
    case_id = real.start("caller")
    opened = real.task()
    assert (opened.name, opened.agency_key, opened.process_key, opened.process_version) == (
        "Work",
        FIRE,
        "clear",
        1,
    )
    real.act(real.people.bo, complete_task, opened.id, {})
    assert real.case(case_id).state == CaseState.COMPLETED


def test_a_called_process_comes_with_the_upload(real: House) -> None:
    send(real, "caller.bpmn", CALLER, files={"clear.bpmn": one_task("clear")})
    real.start("caller")
    assert real.task().process_key == "clear"


def test_a_permit_crosses_the_agencies_with_a_restart_between_every_two_steps(
    database_url: str, world: World, clock: MovableClock, real: House
) -> None:
    send(real, "permit.bpmn", PERMIT, files={"process.toml": SETTINGS})
    opened: list[Database] = []

    def restarted() -> House:
        if opened:
            opened[-1].dispose()
        opened.append(Database(database_url, clock=clock))
        return House(opened[-1], world, clock)

    with restarted().database.unit(world.ana) as uow:
        case_id = start_case(uow, "permit", business_key="IMB-1", data={"nik": "9901"}).case_id
    house = restarted()
    house.act(world.ana, complete_task, house.task("check").id, {"complete": True})
    house = restarted()
    partner = FakePartner(Reply({"name": "Wulan"}))
    assert house.worker(partner=partner, systems=SYSTEMS).run_once() == 1
    assert partner.calls[0].inputs == {"nik": "9901"}
    house = restarted()
    assert house.case(case_id).facts == {"applicant": "Wulan"}
    house.act(world.bo, complete_task, house.task("inspect").id, {"safe": True})
    house = restarted()
    house.act(world.gita, complete_task, house.task("sign").id, {})
    house = restarted()
    case = house.case(case_id)
    assert (case.state, case.outcome) == (CaseState.COMPLETED, "issued")
    assert case.variables == {"nik": "9901", "complete": True, "applicant": "Wulan", "safe": True}
    opened[-1].dispose()


def test_code_of_another_engine_runs_as_process_toml_says(real: House) -> None:
    foreign = bpmn(
        "foreign",
        """<startEvent id="start"/><sequenceFlow id="f1" sourceRef="start" targetRef="archive"/>
        <serviceTask id="archive" camunda:class="org.example.Archive"/>
        <sequenceFlow id="f2" sourceRef="archive" targetRef="tell"/>
        <sendTask id="tell" camunda:delegateExpression="${mailer}"/>
        <sequenceFlow id="f3" sourceRef="tell" targetRef="end"/><endEvent id="end"/>""",
    )
    with pytest.raises(ProcessInvalid) as refusal:
        send(real, "foreign.bpmn", foreign)
    assert [p.element for p in refusal.value.problems if p.code == "vendor_code"] == ["archive", "tell"]
    settings = b"""[services]
        "org.example.Archive" = { connector = "partner", results = { shelf = "reply.shelf" } }
        "${mailer}" = { skip = "the partner tells them" }"""
    warnings = send(real, "foreign.bpmn", foreign, files={"process.toml": settings}).warnings
    assert ("service_skipped", "tell") in [(w.code, w.element) for w in warnings]
    case_id = real.start("foreign")
    assert real.worker(partner=FakePartner(Reply({"shelf": "B12"}))).run_once() == 1
    case = real.case(case_id)
    assert (case.state, case.variables) == (CaseState.COMPLETED, {"shelf": "B12"})


def test_a_late_inspection_and_an_applicant_who_died(real: House) -> None:
    send(real, "permit.bpmn", PERMIT, files={"process.toml": SETTINGS})
    late, dead = (real.start("permit", data={"nik": nik}) for nik in ("1", "2"))
    for case_id in (late, dead):
        real.act(real.people.ana, complete_task, real.task("check", case_id=case_id).id, {})
    partner = FakePartner(
        lambda call: Reply({"name": "A"}) if call.inputs["nik"] == "1" else Reply(error="DECEASED")
    )
    worker = real.worker(partner=partner, systems=SYSTEMS)
    assert worker.run_once() == 2
    assert (real.case(dead).state, real.case(dead).outcome) == (CaseState.COMPLETED, "refused")
    real.clock.move_by(timedelta(days=5))
    assert worker.run_once() == 1
    assert real.task("inspect", TaskState.WITHDRAWN).case_id == late
    assert real.task("sign").case_id == late


def test_a_step_that_fails_for_a_person_is_an_incident_that_heals_itself(real: House) -> None:
    gateway = """<exclusiveGateway id="next" default="f3"/>
        <sequenceFlow id="f4" sourceRef="next" targetRef="end">
          <conditionExpression xsi:type="tFormalExpression">${floors > 2}</conditionExpression>
        </sequenceFlow>"""
    send(real, "work.bpmn", one_task("work", then=gateway))
    case_id = real.start("work")
    for _ in range(2):
        before = real.print()
        with pytest.raises(StepFailed) as failure:
            real.act(real.people.ana, complete_task, real.task().id, {"floor": 3})
        assert real.print() == before
        incident_id = note_step_failed(real.database, failure.value, task_id=real.task().id)
    incident = real.incident()
    assert (incident.id, incident.element_id, incident.task_id) == (incident_id, "next", real.task().id)
    assert real.history(case_id).count(Audit.INCIDENT_OPENED) == 1
    real.act(real.people.ana, complete_task, real.task().id, {"floors": 3})
    assert real.case(case_id).state == CaseState.COMPLETED
    assert (real.incident().state, real.incident().resolution) == (IncidentState.RESOLVED, "advanced")


def test_a_failure_outside_a_running_case_is_no_incident(real: House) -> None:
    send(real, "work.bpmn", one_task("work"))
    case_id = real.start("work")
    real.act(real.people.ana, complete_task, real.task().id, {})
    before = real.print()
    for detail in ({}, {"case_id": "none"}, {"case_id": case_id}):
        assert note_step_failed(real.database, StepFailed("It failed.", **detail)) is None
    assert real.print() == before
