"""A message reaches one subscription of a case, whoever sent it; and finding which one."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from engine.errors import Conflict, NobodyWaits, NotFound
from engine.model import Case, Subscription
from engine.states import Audit
from engine.store.endings import end
from engine.store.subscriptions import Awaiting
from engine.store.uow import UnitOfWork
from engine.usecases.advance import advance
from engine.usecases.moving import move


def receive(
    uow: UnitOfWork, case: Case, token: str, *, data: Mapping[str, Any], sender: str | None = None
) -> None:
    """Hand the message to the wait at ``token`` and move the case on. The case is locked.

    Raises:
        NobodyWaits: it went on meanwhile. StepFailed: the model cannot go on.
    """
    try:
        wait = uow.row(Subscription, (case.case_id, token))
    except NotFound:
        raise NobodyWaits(
            "The case that waited for the message has gone on meanwhile.", case_id=case.case_id
        ) from None
    step = move(uow, case, lambda machine, world, state: machine.receive(world, state, token, data))
    end(uow, case.case_id, subscriptions=[token])
    uow.record(
        Audit.MESSAGE_RECEIVED,
        case,
        element=wait.element_id,
        element_name=wait.label or None,
        name=wait.name,
        correlation=wait.correlation,
        sender=sender,
        payload=dict(data),
    )
    advance(uow, case, step)


def the_one(name: str, found: Sequence[Awaiting], *, correlation: str | None) -> Awaiting:
    """The wait that a message is for: an exact correlation before none; in one case, the one that waits longest.

    Raises:
        NobodyWaits. Conflict ``message_ambiguous``: several cases wait, and nothing tells them apart.
    """
    exact = [wait for wait in found if correlation is not None and wait.correlation == correlation]
    choice = exact or list(found)
    if not choice:
        raise nobody(name)
    if len({wait.case_id for wait in choice}) > 1:
        raise Conflict(
            f"Several cases wait for the message “{name}”; say which with case_id, business_key or correlation.",
            code="message_ambiguous",
            name=name,
        )
    return choice[0]


def nobody(name: str) -> NobodyWaits:
    return NobodyWaits(f"No case waits for “{name}”; nothing was changed.", name=name)


def among(found: Sequence[Awaiting], cases: Collection[str]) -> list[Awaiting]:
    return [wait for wait in found if wait.case_id in cases]
