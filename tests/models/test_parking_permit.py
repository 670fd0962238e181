"""A municipality's parking permit: 37 external tasks in eight phases, bound to a partner by their topics.

The ways are those that its makers' integration tests list; here a sub-process is passed after what is in it.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.models.bureau import Bureau, bureau, elements, folder_of, the_line

__all__ = ["bureau"]

ASKED = [
    "UpdateErrandPhaseTask",
    "UpdateErrandStatusTask",
    "CheckAppealTask",
    "VerifyResidentOfMunicipalityTask",
    "VerifyAdministratorStakeholderExists",
    "CheckErrandPhaseActionTask",
    "InvestigationExecuteRulesTask",
    "InvestigationConstructDecisionTask",
    "CheckDecisionTask",
    "DecisionHandlingTask",
    "OrderCardTask",
    "CardExistsTask",
    "CreateAssetTask",
    "SendSimplifiedServiceTask",
    "CreateRelationTask",
    "HandleLostCardTask",
    "CleanUpNotesTask",
    "AutomaticDenialDecisionTask",
    "SendDenialDecisionTask",
    "AddMessageToErrandTask",
]
TOLD = {
    "UpdateErrandPhaseTask": 'inputs = { phase = "phase", displayPhase = "displayPhase" }',
    "CheckAppealTask": 'results = { isAppeal = "reply.appeal" }',
    "VerifyResidentOfMunicipalityTask": 'results = { applicantNotResidentOfMunicipality = "not reply.resident" }',
    "VerifyAdministratorStakeholderExists": 'results = { assignedToAdministrator = "reply.assigned", '
    'phaseAction = "reply.action", updateAvailable = "False" }',
    "CheckErrandPhaseActionTask": 'results = { phaseAction = "reply.action", updateAvailable = "False" }',
    "CheckDecisionTask": 'results = { finalDecision = "reply.final", isApproved = "reply.approved", '
    'phaseAction = "reply.action", timeToSendControlMessage = "reply.tell_at", updateAvailable = "False" }',
    "CardExistsTask": 'results = { cardExists = "reply.exists", updateAvailable = "False" }',
    "AutomaticDenialDecisionTask": 'results = { timeToSendControlMessage = "reply.tell_at" }',
}
ERRANDS = "[services]\n" + "".join(
    f'{topic} = {{ connector = "partner"{", " + TOLD[topic] if topic in TOLD else ""} }}\n' for topic in ASKED
)

ACTUALIZATION = [
    "start_actualization_phase",
    "external_task_actualization_update_phase",
    "external_task_verify_resident_of_municipality_task",
    "gateway_actualization_is_citizen_of_municipality",
    "external_task_actualization_verify_administrator_stakeholder_exists_task",
    "gateway_actualization_stakeholder_administrator_is_assigned",
    "external_task_actualization_update_display_phase",
    "external_task_actualization_update_errand_status_to_under_review",
    "external_task_actualization_check_phase_action_task",
    "gateway_actualization_is_phase_action_complete_or_automatic",
    "end_actualization_phase",
    "actualization_phase",
]
INVESTIGATION = [
    "start_investigation_phase",
    "external_task_investigation_update_phase",
    "external_task_investigation_update_errand_status",
    "external_task_investigation_execute_rules",
    "external_task_investigation_construct_decision",
    "external_task_investigation_check_phase_action_task",
    "gateway_investigation_is_phase_action_complete_or_automatic",
    "end_investigation_phase",
    "investigation_phase",
]
DECISION = [
    "start_decision_phase",
    "external_task_decision_update_phase",
    "external_task_decision_update_errand_status",
    "external_task_check_decision_task",
    "gateway_is_decision_final",
    "end_decision_phase",
    "decision_phase",
]
HANDLING = ["start_handling_phase", "end_handling_phase", "call_activity_handling"]
EXECUTION = [
    "start_execution_phase",
    "parallel_gateway_start",
    "external_task_execution_update_phase",
    "execution_gateway_is_appeal",
    "external_task_execution_handle_lost_card",
    "external_task_execution_order_card_task",
    "external_task_execution_check_if_card_exists",
    "gateway_card_exists",
    "external_task_execution_create_asset",
    "execution_gateway_end_appeal",
    "timer_wait_to_send_message",
    "external_task_execution_send_message_task",
    "parallel_gateway_end",
    "end_execution_phase",
    "call_activity_execution",
]
FOLLOW_UP = [
    "start_follow_up_phase",
    "external_task_follow_up_update_phase",
    "external_task_followup_check_phase_action",
    "gateway_followup_is_phase_action_complete_or_automatic",
    "external_task_follow_up_clean_up_notes",
    "external_task_follow_up_update_status",
    "external_task_follow_up_update_phase_action",
    "end_follow_up_phase",
    "call_activity_follow_up",
]
CANCELED = [
    "start_canceled_phase",
    "external_task_canceled_update_phase",
    "external_task_canceled_update_errand_status",
    "external_task_canceled_clean_up_notes",
    "end_canceled_phase",
    "canceled_phase",
]
DENIAL = [
    "start_automatic_denial_phase",
    "gateway_automatic_denial_is_citizen",
    "external_task_update_errand_phase",
    "external_task_add_denial_decision",
    "external_task_update_errand_status",
    "external_task_send_denial_decision",
    "external_task_add_message",
    "timer_denial_wait_to_send_message",
    "external_task_send_simplified_service",
    "end_automatic_denial_phase",
    "subprocess_automatic_denial",
]
BEGIN = ["start_process", "external_task_check_appeal", "gateway_is_appeal"]
UNTIL_DECISION = [
    *BEGIN,
    *ACTUALIZATION,
    "gateway_is_citizen",
    *INVESTIGATION,
    "gateway_investigation_canceled",
]
AGREED = {"action": "COMPLETE"}


def permit(models: Path) -> Path:
    return folder_of(models, "01") / "process-parking-permit.bpmn"


def smooth(bureau: Bureau) -> dict[str, list[Any]]:
    """Answers that lead straight through, for each element that asks."""
    tell_at = (bureau.clock.now() + timedelta(days=1)).isoformat()
    decided = {"final": True, "approved": True, "action": "COMPLETE", "tell_at": tell_at}
    return {
        "external_task_check_appeal": [{"appeal": False}],
        "external_task_verify_resident_of_municipality_task": [{"resident": True}],
        "external_task_actualization_verify_administrator_stakeholder_exists_task": [
            {"assigned": True, "action": "COMPLETE"}
        ],
        "external_task_actualization_check_phase_action_task": [AGREED],
        "external_task_investigation_check_phase_action_task": [AGREED],
        "external_task_check_decision_task": [decided],
        "external_task_execution_check_if_card_exists": [{"exists": True}],
        "external_task_followup_check_phase_action": [AGREED],
        "external_task_add_denial_decision": [{"tell_at": tell_at}],
    }


@pytest.fixture
def errands(bureau: Bureau, models: Path) -> Bureau:
    assert bureau.bind(permit(models), toml=ERRANDS) is not None
    bureau.replies = smooth(bureau)
    return bureau


def apply(bureau: Bureau, municipality: str = "2281") -> str:
    case = bureau.start("process-parking-permit", {"municipalityId": municipality, "updateAvailable": False})
    bureau.work()
    return case


def finish(bureau: Bureau, case: str) -> list[str]:
    """Let the day pass that the message waits for; the way of the case."""
    assert bureau.deadlines(case) != []
    bureau.pass_time(days=1)
    bureau.work()
    assert bureau.state(case) == "completed"
    return bureau.way(case)


def test_01_the_bare_upload_names_each_of_37_external_tasks_and_the_line_for_its_topic(
    bureau: Bureau, models: Path
) -> None:
    problems = bureau.refused(permit(models))
    assert {code for code, _, _ in problems} == {"connector_unknown"}
    named = elements(problems, "connector_unknown")
    assert len(named) == 37
    for element in named:
        the_line(
            problems, element, "services", "Task" if "administrator_stakeholder" not in element else "Verify"
        )
    for topic in ASKED:
        assert any(f'under [services]: {topic} = {{ connector = "http"' in told for _, _, told in problems)


def test_01_a_resident_gets_a_permit_without_deviation(errands: Bureau) -> None:
    case = apply(errands)
    assert errands.deadlines(case) == ["timer_wait_to_send_message"]
    way = finish(errands, case)
    assert way == [
        *UNTIL_DECISION,
        *DECISION,
        "gateway_decision_canceled",
        *HANDLING,
        *EXECUTION,
        *FOLLOW_UP,
        "end_process",
    ]
    phases = [inputs for element, inputs in errands.asked if "phase" in inputs]
    assert [(p["phase"], p["displayPhase"]) for p in phases] == [
        ("Aktualisering", "Registrerad"),
        ("Aktualisering", "Granskning"),
        ("Utredning", "Utredning"),
        ("Beslut", "Beslut"),
        ("Verkställa", "Verkställa"),
        ("Uppföljning", "Uppföljning"),
        ("Uppföljning", "Uppföljning"),
    ]
    asked = dict(errands.asked)
    assert asked["external_task_follow_up_update_status"]["status"] == "Ärende avslutat"


def test_01_each_phase_waits_until_another_system_has_updated_the_case(errands: Bureau) -> None:
    waiting = {"action": "UNKNOWN"}
    first = errands.replies
    errands.replies = first | {
        "external_task_actualization_verify_administrator_stakeholder_exists_task": [
            {"assigned": False, "action": "UNKNOWN"},
            {"assigned": True, "action": "COMPLETE"},
        ],
        "external_task_actualization_check_phase_action_task": [waiting, AGREED],
        "external_task_investigation_check_phase_action_task": [waiting, AGREED],
        "external_task_check_decision_task": [
            {**first["external_task_check_decision_task"][0], "final": False},
            *first["external_task_check_decision_task"],
        ],
        "external_task_execution_check_if_card_exists": [{"exists": False}, {"exists": True}],
        "external_task_followup_check_phase_action": [waiting, AGREED],
    }
    case = apply(errands)
    waits = [
        "actualization_wait_for_stakeholder_update",
        "actualization_is_case_update_available",
        "investigation_phase_action_is_update_available",
        "decision_is_case_update_available",
        "execution_card_check_is_update_available",
    ]
    for wait in waits:
        assert wait not in errands.way(case)
        before = len(errands.asked)
        errands.change(case, unheard="of")
        errands.work()
        assert len(errands.asked) == before  # only what the condition asks for moves the case
        errands.change(case, updateAvailable=True)
        errands.work()
        assert errands.way(case).count(wait) == 1
    errands.pass_time(days=1)
    errands.work()
    assert errands.state(case) == "running"
    errands.change(case, updateAvailable=True)
    errands.work()
    assert errands.state(case) == "completed"
    way = errands.way(case)
    assert [element for element in way if element in waits or element.startswith("followup_is")] == [
        *waits,
        "followup_is_case_update_available",
    ]
    assert way.count("external_task_investigation_execute_rules") == 2
    assert way[-7:] == [*FOLLOW_UP[3:], "end_process"]


def test_01_who_lives_elsewhere_is_denied_by_itself(errands: Bureau) -> None:
    errands.replies["external_task_verify_resident_of_municipality_task"] = [{"resident": False}]
    case = apply(errands)
    assert errands.deadlines(case) == ["timer_denial_wait_to_send_message"]
    way = finish(errands, case)
    actualization = [*ACTUALIZATION[:4], "end_actualization_not_citizen", "actualization_phase"]
    assert way == [*BEGIN, *actualization, "gateway_is_citizen", *DENIAL, *FOLLOW_UP, "end_process"]
    assert dict(errands.asked)["external_task_update_errand_phase"]["phase"] == "Beslut"
    assert dict(errands.asked)["external_task_update_errand_status"]["statusDescription"] == "Ärendet avvisas"


@pytest.mark.parametrize(
    ("element", "way"),
    [
        (
            "external_task_actualization_check_phase_action_task",
            [
                *BEGIN,
                *ACTUALIZATION[:-2],
                "end_actualization_canceled",
                "actualization_phase",
                "gateway_is_citizen",
            ],
        ),
        (
            "external_task_investigation_check_phase_action_task",
            [
                *UNTIL_DECISION[: -len(INVESTIGATION) - 1],
                *INVESTIGATION[:-2],
                "end_investigation_canceled",
                "investigation_phase",
                "gateway_investigation_canceled",
            ],
        ),
        ("external_task_check_decision_task", [*UNTIL_DECISION, *DECISION, "gateway_decision_canceled"]),
    ],
)
def test_01_a_case_is_cancelled_from_each_phase(errands: Bureau, element: str, way: list[str]) -> None:
    errands.replies[element] = [{**errands.replies[element][0], "action": "CANCEL"}]
    case = apply(errands)
    assert errands.state(case) == "completed"
    assert errands.way(case) == [*way, *CANCELED, "end_process"]
    assert errands.asked[-1][0] == "external_task_canceled_clean_up_notes"


def test_01_municipality_2260_ends_its_decision_at_an_end_of_its_own(errands: Bureau) -> None:
    case = apply(errands, "2260")
    way = finish(errands, case)
    decision = [
        *DECISION[:-2],
        "external_task_decision_handling_task",
        "end_decision_phase_ange",
        "decision_phase",
    ]
    assert way[len(UNTIL_DECISION) :][: len(decision)] == decision
    assert "end_decision_phase" not in way


def test_01_a_refusal_is_sent_as_a_denial_and_an_appeal_goes_straight_to_its_decision(
    errands: Bureau,
) -> None:
    decided = errands.replies["external_task_check_decision_task"][0]
    errands.replies["external_task_check_decision_task"] = [{**decided, "approved": False}]
    refused = apply(errands)
    way = finish(errands, refused)
    # a resident's refusal needs no decision of its own: it only waits to send the message
    assert way[len(UNTIL_DECISION) :] == [
        *DECISION,
        "gateway_decision_canceled",
        *DENIAL[:2],
        *DENIAL[-4:],
        *FOLLOW_UP,
        "end_process",
    ]
    errands.replies |= smooth(errands) | {"external_task_check_appeal": [{"appeal": True}]}
    errands.asked.clear()
    appeal = apply(errands)
    way = finish(errands, appeal)
    assert way[: len(BEGIN) + 1] == [*BEGIN, "start_decision_phase"]
    assert "external_task_execution_create_relation" in way
    assert "external_task_execution_order_card_task" not in way
