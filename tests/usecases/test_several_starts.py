"""A start event with several definitions begins a case by any of them, from the place where it is drawn."""

from engine.model import Case, ProcessStart
from engine.usecases.send_message import send_message
from engine.usecases.send_signal import Spread, send_signal
from tests.usecases.conftest import House, send
from tests.usecases.test_starts import model

EITHER = (
    '<startEvent id="called"><messageEventDefinition messageRef="m_apply"/>'
    '<signalEventDefinition signalRef="s_flood"/></startEvent>'
)


def test_a_start_event_with_a_message_and_a_signal_begins_by_either(real: House) -> None:
    send(real, "permit.bpmn", model("permit", EITHER))
    assert sorted(row.name for row in real.rows(ProcessStart)) == ["application", "flood"]
    sent = real.act(real.people.ana, send_message, "application", business_key="A-1")
    assert sent.started
    assert real.act(real.people.ana, send_signal, "flood") == Spread(cases=0, started=1)
    real.worker().run_once()
    assert len(real.rows(Case)) == 2
    for case in real.rows(Case):
        assert real.task(case_id=case.case_id).element_id == "check"
