"""Somebody who rules over a case changes what it knows, from outside its tasks; what waits for a condition looks again."""

from collections.abc import Mapping
from typing import Any

from engine.errors import Conflict, Invalid
from engine.model import Case
from engine.states import Audit
from engine.store.uow import UnitOfWork
from engine.usecases.access import require_owner_or_operator
from engine.usecases.advance import advance
from engine.usecases.answers import read_answers
from engine.usecases.cancel_case import REASON_LIMIT
from engine.usecases.moving import move, not_begun, world_of


def change_data(uow: UnitOfWork, case_id: str, data: Mapping[str, Any], reason: str) -> Case:
    """The case with ``data`` in its root variables, moved on where a condition now holds.

    For the owner agency (its officers and the programs that carry their tokens) and operators: who may start and cancel a
    case. An agency that only takes part in it answers in its tasks.

    Args:
        data: JSON values by variable name; what is not named stays as it is.
        reason: for the history, 1 to 2,000 characters.

    Raises:
        NotFound: no such case for the actor. NotPermitted: neither of its owner agency nor an operator. CaseClosed.
        Invalid ``data_required``, ``reason_required``. AnswersInvalid: a name that is no variable's.
        Conflict ``case_not_begun``: an event started it, and its first step is still to come.
        StepFailed: the model cannot go on with it; nothing was changed.
    """
    case = uow.get(Case, case_id, lock=True)
    require_owner_or_operator(uow.actor, case.owner_agency)
    if not_begun(case):
        raise Conflict(
            "The case has not begun yet. Try again in a moment.", code="case_not_begun", case_id=case_id
        )
    reason = reason.strip()
    if not reason or len(reason) > REASON_LIMIT:
        raise Invalid(
            f"Say in 1 to {REASON_LIMIT} characters why the data is changed.", code="reason_required"
        )
    if not data:
        raise Invalid("Name at least one variable to change.", code="data_required")
    known = read_answers(None, data, variables=dict, world=world_of(uow, case))
    step = move(uow, case, lambda machine, world, state: machine.update(world, state, known))
    uow.record(Audit.DATA_CHANGED, case, agency=case.owner_agency, reason=reason, answers=known)
    advance(uow, case, step)
    return case
