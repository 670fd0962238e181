"""The one writer: turns a Step into rows and history.

``Step.waits`` is the whole list of what the case now waits for; it is compared with the rows, so no kind of wait can be
forgotten. What no longer waits is withdrawn, what now waits begins, and the case's row takes the new state.
"""

from collections.abc import Sequence
from typing import Any

from engine.bpmn.step import Happened, OpenTask, Step
from engine.model import Case
from engine.states import Audit, CaseState, IncidentKind
from engine.store.hot import standing
from engine.store.uow import UnitOfWork
from engine.store.versions import version_of
from engine.usecases.begin import begin
from engine.usecases.facts import facts_of, search_text_of
from engine.usecases.make_room import make_room
from engine.usecases.moving import naming_case
from engine.usecases.open_incident import STUCK, open_incident
from engine.usecases.open_task import named_in
from engine.usecases.withdraw import withdraw

_FAILED, _NOBODY = IncidentKind.STEP_FAILED.value, IncidentKind.NOBODY_LEFT.value


def advance(uow: UnitOfWork, case: Case, step: Step) -> None:
    """Write what the step says. The case is locked or new; what the caller dealt with itself is closed already.

    Messages under way have no token: the case leaves them behind when it goes on or ends.

    Raises:
        StepFailed: work that cannot be routed (``role_unknown``, ``person_unknown``).
    """
    uow.steps += 1
    _tell(uow, case, step)
    before = standing(uow, case.case_id, **named_in(step.waits))
    rows = [row for row in before.waits if row.token]
    now, known = {wait.token for wait in step.waits}, {row.token for row in rows}
    gone = [row for row in rows if row.token not in now]
    jobs = {row.id for row in gone if row.source == "job"}
    # A step that failed in a person's request is repaired once the case moves; its incident closes by itself.
    at_work = {wait.element for wait in step.waits if isinstance(wait, OpenTask)}
    over = [
        i
        for i in before.incidents
        if i.job_id in jobs
        or (i.job_id is None and i.kind == _FAILED)
        or (i.kind == _NOBODY and i.element_id not in at_work)
    ]
    withdraw(uow, case, gone, over=over, resolution="advanced")
    with naming_case(case):
        new = [wait for wait in step.waits if wait.token not in known]
        begin(uow, case, new, thrown=step.thrown, before=before)
    if step.stuck:
        _report_stuck(uow, case, step.stuck)
    _keep(uow, case, step)


def _report_stuck(uow: UnitOfWork, case: Case, elements: Sequence[str]) -> None:
    """Nothing outside can move the case any more: somebody must know, since no deadline will tell."""
    open_incident(
        uow,
        case,
        kind=IncidentKind.STEP_FAILED,
        code=STUCK,
        element=elements[0],
        message=f"The case waits at {', '.join(elements)} for branches that can no longer arrive, and for nothing else. "
        "It cannot go on: cancel it with a reason, correct the model, and start it anew.",
    )


def _tell(uow: UnitOfWork, case: Case, step: Step) -> None:
    """History of what the interpreter did by itself: one event for the way it went, one a decision and a caught error."""
    passed = [h for h in step.happened if h.kind is Happened.PASSED]
    way: dict[str, Any] = {
        "passed": [h.element for h in passed],
        "flows": [h.element for h in step.happened if h.kind is Happened.FLOW],
        "cancelled": [h.element for h in step.happened if h.kind is Happened.CANCELLED],
    }
    names = {h.element: h.name for h in step.happened if h.name}
    if any(way.values()):
        uow.record(Audit.ELEMENTS_PASSED, case, names=names, **way)
    for happening in step.happened:
        match happening.kind:
            case Happened.DECIDED:
                kind = Audit.DECISION_MADE
            case Happened.ERROR_CAUGHT | Happened.ESCALATED:
                kind = Audit.ERROR_CAUGHT
            case Happened.PASSED | Happened.FLOW | Happened.CANCELLED:
                continue
        detail: dict[str, Any] = dict(happening.detail)
        if happening.kind is Happened.ESCALATED:
            detail["escalation"] = True
        uow.record(kind, case, element=happening.element, element_name=happening.name or None, **detail)


def _keep(uow: UnitOfWork, case: Case, step: Step) -> None:
    settings = version_of(uow, case.process_key, case.process_version).settings
    case.facts = facts_of(settings, step.data)
    case.search_text = search_text_of(case)
    if not step.done:
        case.snapshot = step.snapshot
        return
    make_room(uow, case)
    case.state = CaseState.COMPLETED
    case.ended_at = uow.now()
    case.outcome = step.outcome
    case.variables = dict(step.data)
    case.snapshot = None
    name = next((h.name for h in reversed(step.happened) if h.element == step.outcome and h.name), None)
    uow.record(Audit.CASE_COMPLETED, case, element=step.outcome, element_name=name, outcome=step.outcome)
