"""Ends a case before its time; everything it waits for is withdrawn."""

from engine.errors import Invalid
from engine.model import Case
from engine.states import Audit, CaseState
from engine.store.hot import standing
from engine.store.uow import UnitOfWork
from engine.usecases.access import require_owner_or_operator
from engine.usecases.make_room import make_room
from engine.usecases.moving import not_begun, require_running
from engine.usecases.withdraw import withdraw

REASON_LIMIT = 2000


def cancel_case(uow: UnitOfWork, case_id: str, reason: str) -> Case:
    """Cancel a running case, with its tasks, deadlines, calls, messages under way and incidents.

    Raises:
        NotFound: no such case for the actor. NotPermitted: neither of its owner agency nor an operator. CaseClosed.
        Invalid ``reason_required``: a case ends early only for a stated reason of at most 2,000 characters.
    """
    case = uow.get(Case, case_id, lock=True)
    require_owner_or_operator(uow.actor, case.owner_agency)
    # A case that an event started may be cancelled before it has begun: it has no snapshot yet.
    snapshot = None if not_begun(case) else require_running(case)
    reason = reason.strip()
    if not reason or len(reason) > REASON_LIMIT:
        raise Invalid(
            f"Say in 1 to {REASON_LIMIT} characters why the case is cancelled.", code="reason_required"
        )
    uow.record(Audit.CASE_CANCELLED, case, agency=case.owner_agency, reason=reason)
    before = standing(uow, case.case_id)
    make_room(uow, case)
    withdraw(uow, case, before.waits, over=before.incidents, resolution="cancelled")
    case.variables = {} if snapshot is None else dict(uow.machine(case).variables(snapshot))
    case.state, case.ended_at, case.snapshot = CaseState.CANCELLED, uow.now(), None
    return case
