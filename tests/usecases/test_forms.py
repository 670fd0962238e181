"""Forms are checked on the server, and service levels count the agency's working time."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.clock import MovableClock
from engine.errors import AnswersInvalid, ProcessInvalid
from engine.model import SYSTEM, Agency, AuditEvent
from engine.states import Audit, CaseState
from engine.store.db import Database
from engine.store.history import verify
from engine.usecases.complete_task import complete_task
from tests.people import LICENSING, World
from tests.usecases.conftest import House, send
from tests.usecases.models import CALLER, DATED_FORM, DECIDE, FEE_DMN, FORM, one_task

WITH_FORM = 'camunda:formKey="work_form"'


@pytest.fixture
def real(database: Database, world: World, clock: MovableClock) -> House:
    return House(database, world, clock)


def test_answers_are_typed_by_the_form(real: House) -> None:
    send(real, "work.bpmn", one_task("work", attributes=WITH_FORM), files={"work_form.form": FORM})
    case_id = real.start("work")
    assert real.task().form_key == "work_form"
    real.act(
        real.people.ana, complete_task, real.task().id, {"floors": "3", "remark": "ok", "complete": True}
    )
    case = real.case(case_id)
    assert (case.state, case.variables) == (
        CaseState.COMPLETED,
        {"floors": 3, "remark": "ok", "complete": True},
    )


def test_a_form_in_the_place_of_another_engines_page_is_the_form_of_its_task(real: House) -> None:
    foreign = one_task("work", attributes='camunda:formKey="embedded:app:forms/check.html"')
    settings = b'[forms]\n"embedded:app:forms/check.html" = "work_form"\n'
    send(real, "work.bpmn", foreign, files={"work_form.form": FORM, "process.toml": settings})
    real.start("work")
    with pytest.raises(AnswersInvalid):
        real.act(real.people.ana, complete_task, real.task().id, {"height": 3})
    skipped = b'[forms]\n"check.html" = { skip = "a program answers" }\n'
    send(real, "work.bpmn", foreign, files={"process.toml": skipped})
    case_id = real.start("work")
    real.act(real.people.ana, complete_task, real.task(case_id=case_id).id, {"height": 3})
    assert real.case(case_id).variables == {"height": 3}


@pytest.mark.parametrize(
    ("answers", "field", "code"),
    [
        ({}, "floors", "required"),
        ({"floors": "many"}, "floors", "not_a_number"),
        ({"floors": 61}, "floors", "too_large"),
        ({"floors": 2, "remark": "x" * 21}, "remark", "too_long"),
        ({"floors": 2, "remark": ["x"]}, "remark", "not_text"),
        ({"floors": 2, "approved": True}, "approved", "unknown_field"),
    ],
)
def test_answers_that_break_the_form_change_nothing(
    real: House, answers: dict[str, Any], field: str, code: str
) -> None:
    send(real, "work.bpmn", one_task("work", attributes=WITH_FORM), files={"work_form.form": FORM})
    real.start("work")
    before = real.print()
    with pytest.raises(AnswersInvalid) as refusal:
        real.act(real.people.ana, complete_task, real.task().id, answers)
    assert {name: [p.code for p in problems] for name, problems in refusal.value.fields.items()} == {
        field: [code]
    }
    assert real.print() == before


def test_a_start_form_is_checked_too(real: House) -> None:
    files = {"work_form.form": FORM, "process.toml": b'[start]\nform = "work_form"\n'}
    send(real, "work.bpmn", one_task("work"), files=files)
    before = real.print()
    with pytest.raises(AnswersInvalid):
        real.start("work", data={"floors": 0})
    assert real.print() == before
    real.start("work", data={"floors": 2})


def test_a_called_process_asks_with_its_own_form(real: House) -> None:
    clear = one_task("clear", attributes=WITH_FORM)
    send(real, "clear.bpmn", clear, files={"work_form.form": FORM})
    send(real, "caller.bpmn", CALLER)
    real.start("caller")
    with pytest.raises(AnswersInvalid):
        real.act(real.people.ana, complete_task, real.task().id, {"floors": 99})


def test_a_broken_form_is_a_problem_of_the_upload(real: House) -> None:
    before = real.print()
    with pytest.raises(ProcessInvalid) as refusal:
        send(real, "w.bpmn", one_task("w", attributes=WITH_FORM), files={"work_form.form": b"{"})
    assert [p.file for p in refusal.value.problems if p.severity == "error"] == ["work_form.form"]
    assert real.print() == before


def test_a_form_of_another_engine_is_a_warning(real: House) -> None:
    work = one_task("w", attributes='camunda:formKey="page"')
    made = send(real, "w.bpmn", work, files={"page.html": b"<form></form>"})
    assert "form_is_html" in {p.code for p in made.warnings}
    real.start("w")
    real.act(real.people.ana, complete_task, real.task().id, {"anything": 1})


@pytest.mark.parametrize("calendar", [b'time_zone = "Moon"', b'extends = "nobody"', b"opening = 1"])
def test_a_broken_calendar_is_a_problem_of_the_upload(real: House, calendar: bytes) -> None:
    with pytest.raises(ProcessInvalid) as refusal:
        send(real, "w.bpmn", one_task("w"), files={"process.toml": b"[calendar]\n" + calendar + b"\n"})
    assert "calendar_invalid" in {p.code for p in refusal.value.problems}


SLA = '<extensionElements><camunda:properties><camunda:property name="sla" value="P2D"/></camunda:properties></extensionElements>'


def with_sla(process: str) -> bytes:
    return one_task(process).replace(
        b'<userTask id="work" name="Work" />', f'<userTask id="work" name="Work">{SLA}</userTask>'.encode()
    )


@pytest.mark.parametrize(
    ("agency", "process", "due"),
    [
        # Monday 23 November 2026, 08:12 in Muara Lestari; day 1 is Tuesday.
        (None, b"", datetime(2026, 11, 25, 8, 0, tzinfo=UTC)),
        ({"holidays": ["2026-11-24"]}, b"", datetime(2026, 11, 26, 8, 0, tzinfo=UTC)),
        (
            {"holidays": ["2026-11-24"]},
            b'[calendar]\nextends = "dpmptsp"\nclosing = "15:00"\nholidays = ["2026-11-26"]\n',
            datetime(2026, 11, 27, 7, 0, tzinfo=UTC),
        ),
    ],
    ids=["house", "agency", "process"],
)
def test_a_service_level_counts_working_days(
    real: House, agency: dict[str, Any] | None, process: bytes, due: datetime
) -> None:
    if agency is not None:
        hours = {day: ["08:00-16:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
        settings = {"time_zone": "Asia/Makassar", "hours": hours} | agency
        with real.database.unit(SYSTEM) as uow:
            uow.get(Agency, LICENSING, lock=True).calendar = settings
    send(real, "work.bpmn", with_sla("work"), files={"process.toml": process} if process else {})
    real.start("work")
    assert real.task().due_at == due


def test_a_boundary_timer_is_elapsed_time(real: House) -> None:
    body = one_task("work", then="").replace(
        b'<endEvent id="end"/>',
        b'<endEvent id="end"/><boundaryEvent id="late" attachedToRef="work"><timerEventDefinition>'
        b"<timeDuration>PT48H</timeDuration></timerEventDefinition></boundaryEvent>"
        b'<sequenceFlow id="f9" sourceRef="late" targetRef="end"/>',
    )
    send(real, "work.bpmn", body)
    real.start("work")
    assert real.job().run_at == real.clock.now() + timedelta(hours=48)


def test_a_decision_is_told_with_what_went_in_and_came_out(real: House) -> None:
    files = {"work_form.form": DATED_FORM, "fee.dmn": FEE_DMN}
    send(real, "work.bpmn", one_task("work", attributes=WITH_FORM, then=DECIDE), files=files)
    case_id = real.start("work")
    answers = {"floors": "3", "area": "120.25", "visit": "2026-12-01"}
    real.act(real.people.ana, complete_task, real.task().id, answers)
    (event,) = real.rows(AuditEvent, case_id=case_id, kind=Audit.DECISION_MADE)
    told = json.loads(event.data)
    assert (event.element_id, event.element_name) == ("next", "Fee table")
    assert (told["decision"], told["matched"]) == ("fee", ["high"])
    assert "3" in str(told["inputs"])
    assert "licence" in str(told["outputs"])
    case = real.case(case_id)
    assert case.variables is not None
    assert case.variables["visit"] == "2026-12-01"
    assert float(case.variables["area"]) == 120.25
    assert case.variables["fee"]["instrument"] == "licence"
    with real.database.read(real.people.ana) as uow:
        assert verify(uow, case_id).intact
