"""A message from outside reaches the one case that waits for it, or starts one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.model import Case
from engine.states import WaitKind
from engine.store.reach import cases_open_to
from engine.store.subscriptions import awaiting
from engine.store.uow import UnitOfWork
from engine.usecases.receive import among, receive, the_one
from engine.usecases.start_by_event import start_by_message


@dataclass(frozen=True, slots=True)
class Sent:
    """The case that took a message. ``started``: it began with it."""

    case: Case
    started: bool


def send_message(
    uow: UnitOfWork,
    name: str,
    *,
    case_id: str | None = None,
    business_key: str | None = None,
    correlation: str | None = None,
    data: Mapping[str, Any] | None = None,
) -> Sent:
    """The case that took the message, moved on.

    Only cases that the actor takes part in, or rules as an operator, are looked at. When none of them waits, and no case
    is named, the process that starts by the message begins one, known by ``business_key``, else by ``correlation``.

    Raises:
        NobodyWaits: no such case waits for it now, and no process starts by it.
        NotPermitted: a process does, and the actor may not start it.
        Conflict ``message_ambiguous``: several do; name one by key. ``case_running``: the process has a case with this key.
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
    waits = among(found, cases_open_to(uow, {w.case_id for w in found}))
    if not waits and case_id is None:
        started = start_by_message(uow, name, business_key=business_key or correlation, data=data or {})
        if started is not None:
            return Sent(started, started=True)
    wait = the_one(name, waits, correlation=correlation)
    case = uow.row(Case, wait.case_id, lock=True)
    receive(uow, case, wait.token, data=data or {}, sender=uow.actor.name)
    return Sent(case, started=False)
