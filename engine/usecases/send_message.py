"""A message from outside reaches the one case that waits for it."""

from collections.abc import Mapping
from typing import Any

from engine.model import Case
from engine.states import WaitKind
from engine.store.reach import cases_open_to
from engine.store.subscriptions import awaiting
from engine.store.uow import UnitOfWork
from engine.usecases.receive import among, receive, the_one


def send_message(
    uow: UnitOfWork,
    name: str,
    *,
    case_id: str | None = None,
    business_key: str | None = None,
    correlation: str | None = None,
    data: Mapping[str, Any] | None = None,
) -> Case:
    """The case that took the message, moved on.

    Only cases that the actor takes part in, or rules as an operator, are looked at.

    Raises:
        NobodyWaits: no such case waits for it now. Conflict ``message_ambiguous``: several do; name one by key.
        StepFailed: the model cannot go on; nothing was changed.
    """
    found = awaiting(
        uow,
        kind=WaitKind.MESSAGE,
        name=name,
        case_id=case_id,
        business_key=business_key,
        correlation=correlation,
    )
    wait = the_one(
        name, among(found, cases_open_to(uow, {w.case_id for w in found})), correlation=correlation
    )
    case = uow.row(Case, wait.case_id, lock=True)
    receive(uow, case, wait.token, data=data or {}, sender=uow.actor.name)
    return case
