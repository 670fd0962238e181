"""Decisions in a case: each table of a graph is told in history, and one that has no answer holds the case, by its rule."""

from typing import Any

import pytest

from engine.errors import StepFailed
from engine.model import AuditEvent
from engine.states import Audit
from engine.store.history import history
from engine.usecases.complete_task import complete_task
from engine.usecases.step_failed import note_step_failed
from tests.unit.dmn.test_decisions import file, table
from tests.usecases.conftest import House, send
from tests.usecases.models import one_task

RULES = [(["< 50"], ['"low"']), ([">= 50"], ['"high"']), (["> 90"], ['"huge"'])]
GRAPH = file(
    table(RULES, key="risk", outputs=("risk",), types=("integer",)),
    table(
        [(['"high"'], ['"licence"']), (['"low"'], ['"registration"'])],
        key="instrument",
        inputs=("risk",),
        outputs=("instrument",),
        before='<informationRequirement><requiredDecision href="#risk"/></informationRequirement>',
    ),
)
DECIDES = one_task(
    "work",
    then="""<businessRuleTask id="next" name="Instrument" camunda:decisionRef="instrument"
      camunda:resultVariable="instrument" camunda:mapDecisionResult="singleEntry"/>
      <sequenceFlow id="f4" sourceRef="next" targetRef="last"/><userTask id="last" name="Last"/>""",
)


def decide(house: House, **answers: Any) -> str:
    send(house, "work.bpmn", DECIDES, files={"risk.dmn": GRAPH})
    case_id = house.start("work")
    house.act(house.people.ana, complete_task, house.task("work").id, answers)
    return case_id


def test_history_tells_every_table_of_a_graph_with_its_rule(real: House) -> None:
    case_id = decide(real, seats=60)
    with real.database.read(real.people.dewi) as uow:
        (made,) = [e for e in history(uow, case_id) if e.kind is Audit.DECISION_MADE]
    assert made.data["outputs"] == [{"instrument": "licence"}]
    assert (made.data["table"], made.data["rules"], made.data["matched"]) == ("instrument", [1], ["r1"])
    (before,) = made.data["required"]
    assert (before["table"], before["rules"], before["inputs"]) == ("risk", [2], {"seats": 60})


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"seats": 95}, "the rules 2 and 3 all match (95)"),
        ({"seats": "many"}, "The input 'seats' is text, not integer"),
        ({}, "the variable 'seats' is not set"),
    ],
)
def test_a_table_without_one_answer_is_an_incident_in_its_own_words(
    real: House, answers: dict[str, Any], words: str
) -> None:
    with pytest.raises(StepFailed) as failure:
        decide(real, **answers)
    assert failure.value.problem_code == "decision_failed"
    assert note_step_failed(real.database, failure.value, task_id=real.task().id)
    incident = real.incident()
    assert (incident.code, incident.element_id) == ("decision_failed", "next")
    assert words in incident.message
    assert [e for e in real.rows(AuditEvent) if e.kind is Audit.DECISION_MADE] == []
