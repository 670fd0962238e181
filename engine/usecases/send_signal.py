"""A signal from outside goes to every case that waits for it, and starts one of each process that begins by it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.model import Job
from engine.states import WaitKind
from engine.store.reach import cases_open_to
from engine.store.subscriptions import awaiting
from engine.store.uow import UnitOfWork
from engine.usecases.plain import plain
from engine.usecases.post import SIGNAL_REACH, signal_rows
from engine.usecases.receive import nobody
from engine.usecases.start_by_event import start_by_signal


@dataclass(frozen=True, slots=True)
class Spread:
    """How far a signal goes: cases that wait for it, and cases that begin by it."""

    cases: int
    started: int


def send_signal(uow: UnitOfWork, name: str, data: Mapping[str, Any] | None = None) -> Spread:
    """Put the signal on its way to each waiting case and each process that starts by it.

    Each case takes it in a transaction of its own. Only cases that the actor takes part in, or rules as an operator,
    are reached, and only processes that the actor may start begin a case.

    Raises:
        NobodyWaits: no such case waits for it now, and no such process starts by it.
    """
    found = awaiting(uow, kind=WaitKind.SIGNAL, name=name, limit=SIGNAL_REACH)
    cases = cases_open_to(uow, {wait.case_id for wait in found})
    begun = start_by_signal(uow, name, plain(data or {}), sender=uow.actor.name, permitted=True)
    if not cases and not begun:
        raise nobody(name)
    uow.insert(Job, signal_rows(uow, name, data or {}, cases, sender=uow.actor.name))
    return Spread(len(cases), len(begun))
