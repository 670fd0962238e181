"""/messages and /signals: what reaches cases from outside."""

from typing import Any

from engine.errors import Invalid
from engine.store.uow import UnitOfWork
from engine.usecases.send_message import send_message
from engine.usecases.send_signal import send_signal
from web.api.case_view import case_view
from web.api.door import Door
from web.api.schemas.messages import MessageBody, MessageOut, SignalBody, SignalOut

door = Door("messages", description="Messages and signals from outside")


@door.write(
    "/messages",
    name="sendMessage",
    summary="Send a message to the one case that waits for it, or start one by it",
    body=MessageBody(),
    returns=MessageOut(),
)
def send(uow: UnitOfWork, body: dict[str, Any]) -> dict[str, Any]:
    """The case that took the message, as it stands afterwards; ``started`` says whether the message began it."""
    if sum(body[key] is not None for key in ("case_id", "business_key", "correlation")) > 1:
        raise Invalid(
            "Name the case in one way: case_id, business_key or correlation.", code="message_overnamed"
        )
    sent = send_message(uow, **body)
    return {**case_view(uow, sent.case.case_id), "started": sent.started}


@door.write(
    "/signals",
    name="sendSignal",
    summary="Send a signal to every case that waits for it, and start one of each process that begins by it",
    body=SignalBody(),
    returns=SignalOut(),
)
def signal(uow: UnitOfWork, body: dict[str, Any]) -> dict[str, int]:
    """How many cases the signal is on its way to, and how many begin by it."""
    spread = send_signal(uow, body["name"], body["data"])
    return {"cases": spread.cases, "started": spread.started}
