"""Timers, errors and messages: what the rules of events tell, and what they rightly leave alone."""

import pytest

from engine.bpmn.admit import Upload
from engine.usecases.check_files import check_files
from tests.unit.reading.files import extended, process
from tests.unit.reading.house import house

ERRORS = '<error id="no" errorCode="REFUSED"/><error id="gone" errorCode="GONE"/><escalation id="up" escalationCode="UP"/>'
PATH = '<lintas:property name="connector" value="http"/><lintas:property name="path" value="/x"/>'
CALLS = f'<serviceTask id="call">{extended(PATH)}</serviceTask>'


def told(code: str, inside: str, *, more: str = "") -> list[str]:
    found = check_files(
        Upload("licence.bpmn", process(f'<startEvent id="start"/>{inside}', more=more)), house()
    )
    assert found.errors == []
    return [p.element for p in found.warnings if p.code == code]


def timer(timer_id: str, host: str, text: str, *, interrupts: bool = True, tag: str = "timeDuration") -> str:
    return (
        f'<boundaryEvent id="{timer_id}" attachedToRef="{host}" cancelActivity="{str(interrupts).lower()}">'
        f"<timerEventDefinition><{tag}>{text}</{tag}></timerEventDefinition></boundaryEvent>"
    )


def caught(host: str, error: str = "no", kind: str = "error") -> str:
    return f'<boundaryEvent id="caught" attachedToRef="{host}"><{kind}EventDefinition {kind}Ref="{error}"/></boundaryEvent>'


def thrown(error: str = "no", kind: str = "error") -> str:
    return f'<endEvent id="thrown"><{kind}EventDefinition {kind}Ref="{error}"/></endEvent>'


TASK = '<userTask id="task"/>'


@pytest.mark.parametrize(
    ("text", "short"), [("PT59S", True), ("PT1M", False), ("P1M", False), ("P1Y", False)]
)
def test_a_minute_is_the_shortest_time_for_people(text: str, short: bool) -> None:
    assert told("timer_short", TASK + timer("late", "task", text)) == (["late"] if short else [])
    cycle = timer("late", "task", f"R3/{text}", interrupts=False, tag="timeCycle")
    assert told("timer_short", TASK + cycle) == (["late"] if short else [])


def test_a_reminder_inside_is_too_late_for_the_deadline_around_it() -> None:
    inside = f'<subProcess id="all">{TASK}{timer("remind", "task", "P5D", interrupts=False)}</subProcess>'
    assert told("timer_too_late", inside + timer("end", "all", "P3D")) == ["remind"]
    assert told("timer_too_late", inside + timer("end", "all", "P5D")) == []
    assert told("timer_too_late", inside + timer("end", "all", "P3D", interrupts=False)) == []


def test_two_deadlines_of_one_task_may_differ_when_neither_comes_first_for_sure() -> None:
    computed = timer("one", "task", "${wait}") + timer("two", "task", "P3D", interrupts=False)
    assert told("timer_too_late", TASK + computed) == []


def test_a_service_level_beyond_the_deadline_around_it_is_told() -> None:
    sla = extended('<lintas:property name="sla" value="P5D"/>')
    inside = f'<subProcess id="all"><userTask id="task">{sla}</userTask></subProcess>'
    assert told("due_after_deadline", inside + timer("end", "all", "P3D")) == ["task"]
    assert told("due_after_deadline", inside + timer("end", "all", "P9D")) == []


def test_an_error_is_caught_by_its_code_by_all_and_from_further_in() -> None:
    inner = f'<subProcess id="in">{thrown()}</subProcess>'
    assert told("never_caught", inner, more=ERRORS) == ["thrown"]
    assert told("never_caught", inner + caught("in"), more=ERRORS) == []
    assert told("never_caught", inner + caught("in", "gone"), more=ERRORS) == ["thrown"]
    everything = '<boundaryEvent id="all" attachedToRef="in"><errorEventDefinition/></boundaryEvent>'
    assert told("never_caught", inner + everything, more=ERRORS) == []
    outer = f'<subProcess id="out">{inner}</subProcess>{caught("out")}'
    assert told("never_caught", outer, more=ERRORS) == []


def test_an_event_sub_process_catches_what_its_own_level_throws() -> None:
    catches = (
        '<subProcess id="refused" triggeredByEvent="true"><startEvent id="on"><errorEventDefinition errorRef="no"/></startEvent>'
        "</subProcess>"
    )
    assert told("never_caught", thrown() + catches, more=ERRORS) == []
    assert told("never_thrown", thrown() + catches, more=ERRORS) == []
    assert told("never_thrown", TASK + catches, more=ERRORS) == ["on"]
    inside = catches.replace("</startEvent>", f"</startEvent>{thrown()}")
    assert told("never_thrown", TASK + inside, more=ERRORS) == ["on"]


def test_a_partner_may_answer_any_error_and_a_person_none() -> None:
    assert told("never_thrown", CALLS + caught("call"), more=ERRORS) == []
    assert told("never_thrown", TASK + caught("task"), more=ERRORS) == ["caught"]
    around = f'<subProcess id="all">{CALLS}</subProcess>'
    assert told("never_thrown", around + caught("all"), more=ERRORS) == []
    assert told("never_thrown", around + caught("all", "up", "escalation"), more=ERRORS) == ["caught"]


def test_a_reminder_that_repeats_piles_up_only_where_it_opens_tasks() -> None:
    flow = '<sequenceFlow id="f" sourceRef="often" targetRef="next"/>'
    often = TASK + timer("often", "task", "R/P1D", interrupts=False, tag="timeCycle")
    assert told("tasks_pile_up", f'{often}<userTask id="next"/>{flow}') == ["often"]
    assert told("tasks_pile_up", f'{often}<task id="next"/>{flow}') == []


def test_a_wait_is_limited_by_a_timer_beside_or_around_it() -> None:
    message = '<message id="m" name="news"/>'
    wait = '<receiveTask id="wait" messageRef="m"/>'
    assert told("wait_without_limit", wait, more=message) == ["wait"]
    assert told("wait_without_limit", wait + timer("end", "wait", "P3D"), more=message) == []
    around = f'<subProcess id="all">{wait}</subProcess>'
    assert told("wait_without_limit", around, more=message) == ["wait"]
    assert told("wait_without_limit", around + timer("end", "all", "P3D"), more=message) == []


def test_what_an_error_hides_gives_no_alarm() -> None:
    wrong = '<intermediateCatchEvent id="c"><timerEventDefinition><timeDuration>soon</timeDuration></timerEventDefinition></intermediateCatchEvent>'
    found = check_files(Upload("licence.bpmn", process(f'<startEvent id="start"/>{wrong}')), house())
    assert [p.code for p in found.errors] == ["timer_invalid"]
    assert "wait_without_limit" not in {p.code for p in found.warnings}
