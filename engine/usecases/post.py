"""Puts what a case throws on its way: one delivery job a message or signal, in the same transaction."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from engine.bpmn.step import Throw
from engine.model import Case, new_id
from engine.states import Audit, JobKind, JobState, WaitKind
from engine.store.uow import UnitOfWork
from engine.usecases.plain import plain

DELIVERY_ATTEMPTS = 12
"""A receiver may come to its catch event long after the message was thrown; an operator can send it again after that."""

SIGNAL_REACH = 100_000
"""Cases that one signal reaches at most."""


def deliveries(uow: UnitOfWork, case: Case, thrown: Sequence[Throw]) -> list[dict[str, Any]]:
    """The job of each throw's delivery, for the caller to insert; history says that it was sent."""
    rows = []
    for throw in thrown:
        is_signal = throw.kind == WaitKind.SIGNAL
        uow.record(
            Audit.SIGNAL_SENT if is_signal else Audit.MESSAGE_SENT,
            case,
            element=throw.element or None,
            name=throw.name,
            correlation=throw.correlation,
            payload=dict(throw.data),
        )
        payload = {
            "kind": WaitKind.SIGNAL if is_signal else WaitKind.MESSAGE,
            "name": throw.name,
            "data": plain(throw.data),
            "correlation": throw.correlation,
        }
        rows.append(_delivery(uow, case.case_id, payload, element=throw.element))
    return rows


def signal_rows(
    uow: UnitOfWork,
    name: str,
    data: Mapping[str, Any],
    cases: Collection[str],
    *,
    sender: str | None,
    key: str | None = None,
) -> list[dict[str, Any]]:
    """Delivery jobs of a signal, one in each receiving case; ``key`` names the throw, so that none gets it twice."""
    payload = {"kind": WaitKind.SIGNAL, "name": name, "data": plain(data), "sender": sender, "arrived": True}
    return [_delivery(uow, case_id, payload, key=key) for case_id in sorted(cases)]


def _delivery(
    uow: UnitOfWork, case_id: str, payload: Mapping[str, Any], *, element: str = "", key: str | None = None
) -> dict[str, Any]:
    job_id = new_id()
    return {
        "case_id": case_id,
        "id": job_id,
        "kind": JobKind.MESSAGE,
        "state": JobState.READY,
        "token": "",
        "element_id": element,
        "name": payload["name"],
        "agency_key": None,
        "run_at": uow.now(),
        "max_attempts": DELIVERY_ATTEMPTS,
        "idempotency_key": key or job_id,
        "payload": payload,
        "created_at": uow.now(),
    }
