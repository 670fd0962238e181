"""The clock begins cases: once a time, with any number of workers, after a downtime and after a new version."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from engine.errors import ProcessInvalid
from engine.model import AuditEvent, Case, Incident, Process, ProcessStart
from engine.states import Audit, CaseState, IncidentKind
from engine.store.jobs import soonest
from engine.usecases.cancel_case import cancel_case
from engine.usecases.complete_task import complete_task
from engine.usecases.retry_incident import retry_incident
from tests.usecases.conftest import House, send
from tests.usecases.test_starts import PLAIN, model

HOUR = timedelta(hours=1)


def timed(kind: str, text: str, id: str = "clock") -> str:
    return (
        f'<startEvent id="{id}" name="Every so often"><timerEventDefinition><{kind}>{text}</{kind}>'
        "</timerEventDefinition></startEvent>"
    )


def the_clock(house: House) -> ProcessStart:
    (row,) = house.rows(ProcessStart)
    return row


def begun(house: House) -> int:
    """Cases that exist, all of them moved to their first wait."""
    cases = house.rows(Case)
    assert all(case.snapshot is not None for case in cases)
    return len(cases)


def test_a_duration_starts_one_case_that_long_after_the_deployment(real: House) -> None:
    send(real, "review.bpmn", model("review", timed("timeDuration", "PT2H")))
    worker = real.worker()
    real.clock.move_by(2 * HOUR - timedelta(seconds=1))
    worker.run_once()
    assert begun(real) == 0
    real.clock.move_by(timedelta(seconds=1))
    worker.run_once()
    assert begun(real) == 1
    real.clock.move_by(100 * HOUR)
    worker.run_once()
    assert begun(real) == 1
    assert the_clock(real).due_at is None
    (case,) = real.rows(Case)
    first = real.rows(AuditEvent, case_id=case.case_id)[0]
    assert (first.kind, first.actor_name) == (Audit.CASE_STARTED, "Lintas")
    assert '"by":"timer"' in first.data
    assert '"timer":"PT2H"' in first.data


def test_a_date_starts_one_case_then_and_a_past_one_at_once(real: House) -> None:
    soon = (real.clock.now() + HOUR).isoformat()
    send(real, "review.bpmn", model("review", timed("timeDate", soon)))
    send(real, "late.bpmn", model("late", timed("timeDate", "2020-01-01T00:00:00Z")))
    worker = real.worker()
    worker.run_once()
    assert [case.process_key for case in real.rows(Case)] == ["late"]
    real.clock.move_by(HOUR)
    worker.run_once()
    assert sorted(case.process_key for case in real.rows(Case)) == ["late", "review"]


def test_a_cycle_starts_as_many_cases_as_it_says(real: House) -> None:
    send(real, "review.bpmn", model("review", timed("timeCycle", "R3/PT1H")))
    worker = real.worker()
    for hour in range(1, 6):
        real.clock.move_by(HOUR)
        worker.run_once()
        assert begun(real) == min(hour, 3)
    assert the_clock(real).due_at is None


def test_a_cron_starts_cases_by_the_clocks_of_the_process(real: House) -> None:
    calendar = b'[calendar]\ntime_zone = "Asia/Jakarta"\nhours = { mon = ["08:00-16:00"] }\n'
    send(
        real,
        "review.bpmn",
        model("review", timed("timeCycle", "0 30 7 ? * 2-6")),
        files={"process.toml": calendar},
    )
    due_at = the_clock(real).due_at
    assert due_at is not None
    assert (due_at.hour, due_at.minute, due_at.tzinfo) == (0, 30, UTC)
    with real.database.read(real.people.oka) as uow:
        assert soonest(uow) == due_at
    real.clock.move_to(due_at)
    real.worker().run_once()
    assert begun(real) == 1
    following = the_clock(real).due_at
    assert following is not None
    assert following - due_at in (timedelta(days=1), timedelta(days=3))


def test_after_a_downtime_one_case_stands_for_all_times_that_were_missed(real: House) -> None:
    send(real, "review.bpmn", model("review", timed("timeCycle", "R9/PT1H")))
    first = the_clock(real).due_at
    assert first is not None
    real.clock.move_to(first + 4 * HOUR + timedelta(minutes=10))
    worker = real.worker()
    for _ in range(3):
        worker.run_once()
    assert begun(real) == 1
    row = the_clock(real)
    # the five that have gone by count
    assert (row.due_at, row.repeat_left) == (first + 5 * HOUR, 3)
    data = real.rows(AuditEvent)[0].data
    assert f'"scheduled_at":"{first.isoformat()}' in data


def test_a_new_version_keeps_an_unchanged_schedule_in_its_place(real: House) -> None:
    send(real, "review.bpmn", model("review", timed("timeCycle", "R3/PT1H"), task="old"))
    real.clock.move_by(HOUR)
    real.worker().run_once()
    real.clock.move_by(timedelta(minutes=20))
    before = the_clock(real)
    send(real, "review.bpmn", model("review", timed("timeCycle", "R3/PT1H"), task="new"))
    after = the_clock(real)
    assert (after.due_at, after.repeat_left, after.version) == (before.due_at, before.repeat_left, 2)
    real.clock.move_by(timedelta(minutes=40))
    real.worker().run_once()
    assert sorted(case.process_version for case in real.rows(Case)) == [1, 2]
    # a schedule that is used up is not begun anew by the same text, a changed one is
    real.clock.move_by(HOUR)
    real.worker().run_once()
    send(real, "review.bpmn", model("review", timed("timeCycle", "R3/PT1H")))
    assert the_clock(real).due_at is None
    send(real, "review.bpmn", model("review", timed("timeCycle", "R3/PT2H")))
    assert the_clock(real).due_at == real.clock.now() + 2 * HOUR
    # a duration is counted from each deployment
    send(real, "review.bpmn", model("review", timed("timeDuration", "PT1H")))
    real.clock.move_by(HOUR / 2)
    send(real, "review.bpmn", model("review", timed("timeDuration", "PT1H")))
    assert the_clock(real).due_at == real.clock.now() + HOUR
    send(real, "review.bpmn", model("review", PLAIN))
    assert real.rows(ProcessStart) == []


def test_a_case_that_cannot_begin_is_an_incident_and_the_next_one_starts_all_the_same(real: House) -> None:
    broken = model("review", timed("timeCycle", "R/PT1H"), task="check").replace(
        b'<userTask id="check"/>', b'<scriptTask id="check"><script>x = missing + 1</script></scriptTask>'
    )
    send(real, "review.bpmn", broken)
    worker = real.worker()
    real.clock.move_by(HOUR)
    worker.run_once()
    incident = real.incident()
    assert (incident.kind, incident.element_id) == (IncidentKind.STEP_FAILED, "check")
    real.clock.move_by(HOUR)
    worker.run_once()
    assert len(real.rows(Incident)) == len(real.rows(Case)) == 2
    real.act(real.people.oka, retry_incident, incident.id)
    worker.run_once()
    assert len(real.rows(Case)) == 2
    assert {row.state for row in real.rows(Incident, case_id=incident.case_id)} == {"resolved", "open"}
    real.act(real.people.ana, cancel_case, incident.case_id, "the model is broken")
    assert real.case(incident.case_id).state == CaseState.CANCELLED


def test_several_workers_start_one_case_for_each_time(real: House) -> None:
    for key in "abcdef":
        send(real, f"{key}.bpmn", model(key, timed("timeCycle", "R/PT1H")))
    workers = [real.worker() for _ in range(4)]
    for _ in range(2):
        real.clock.move_by(HOUR)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda worker: worker.run_once(), workers))
        workers[0].run_once()
    assert sorted(case.process_key for case in real.rows(Case)) == sorted("abcdef" * 2)
    assert begun(real) == 12


def test_a_plain_start_and_a_schedule_live_in_one_process(real: House) -> None:
    send(real, "review.bpmn", model("review", PLAIN, timed("timeCycle", "R/PT1H")))
    real.start("review")
    real.act(real.people.ana, complete_task, real.task().id, {})
    real.clock.move_by(HOUR)
    real.worker().run_once()
    assert [case.state for case in real.rows(Case)] == [CaseState.COMPLETED, CaseState.RUNNING]
    (process,) = real.rows(Process)
    assert process.latest_version == 1


def test_expressions_without_variables_are_times_too(real: House) -> None:
    send(real, "review.bpmn", model("review", timed("timeDuration", "${'PT3H'}")))
    assert the_clock(real).due_at == real.clock.now() + 3 * HOUR
    zeebe = model("feel", timed("timeDuration", '= "PT4H"', id="feel")).replace(
        b'targetNamespace="t"',
        b'xmlns:modeler="http://camunda.org/schema/modeler/1.0" modeler:executionPlatform="Camunda Cloud" targetNamespace="t"',
    )
    send(real, "feel.bpmn", zeebe)
    (row,) = real.rows(ProcessStart, node_id="feel")
    assert row.due_at == real.clock.now() + 4 * HOUR


@pytest.mark.parametrize("begin", ["2026-01-01T00:00:00Z"])
def test_a_cycle_with_a_begin_long_ago_starts_at_its_next_time(real: House, begin: str) -> None:
    send(real, "review.bpmn", model("review", timed("timeCycle", f"R/{begin}/P1D")))
    due_at = the_clock(real).due_at
    assert due_at is not None
    assert due_at >= real.clock.now()
    assert due_at.time() == datetime.fromisoformat(begin).time()


def test_a_schedule_of_a_process_whose_calendar_is_wrong_is_refused_for_the_calendar(real: House) -> None:
    with pytest.raises(ProcessInvalid) as refusal:
        send(
            real,
            "review.bpmn",
            model("review", timed("timeCycle", "R/PT1H")),
            files={"process.toml": b'[calendar]\ntime_zone = "Mars/Olympus"\n'},
        )
    assert [p.code for p in refusal.value.problems if p.severity == "error"] == ["calendar_invalid"]
    assert real.rows(ProcessStart) == []


def test_a_schedule_without_a_next_time_stops_and_says_so(real: House) -> None:
    send(real, "review.bpmn", model("review", timed("timeCycle", "R/P4000Y")))
    due_at = the_clock(real).due_at
    assert due_at is not None
    real.clock.move_to(due_at)
    real.worker().run_once()
    assert begun(real) == 1
    assert the_clock(real).due_at is None
    incident = real.incident()
    assert (incident.code, incident.state, incident.element_id) == ("schedule_stopped", "open", "clock")
    assert "beyond the calendar" in incident.message
