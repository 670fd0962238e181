"""A signal from outside goes to every case that waits for it."""

from collections.abc import Mapping
from typing import Any

from engine.model import Job
from engine.states import WaitKind
from engine.store.reach import cases_open_to
from engine.store.subscriptions import awaiting
from engine.store.uow import UnitOfWork
from engine.usecases.post import SIGNAL_REACH, signal_rows
from engine.usecases.receive import nobody


def send_signal(uow: UnitOfWork, name: str, data: Mapping[str, Any] | None = None) -> int:
    """Put the signal on its way to each waiting case; gives how many they are.

    Each case takes it in a transaction of its own. Only cases that the actor takes part in, or rules as an operator,
    are reached.

    Raises:
        NobodyWaits: no such case waits for it now.
    """
    found = awaiting(uow, kind=WaitKind.SIGNAL, name=name, limit=SIGNAL_REACH)
    cases = cases_open_to(uow, {wait.case_id for wait in found})
    if not cases:
        raise nobody(name)
    uow.insert(Job, signal_rows(uow, name, data or {}, cases, sender=uow.actor.name))
    return len(cases)
