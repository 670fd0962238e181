"""A message, a signal or a schedule starts a case of each process that has drawn a start event for it."""

from collections.abc import Mapping
from typing import Any

from engine.errors import Conflict, NobodyWaits, NotFound, NotPermitted
from engine.model import Case, Process, ProcessStart
from engine.states import WaitKind
from engine.store.reach import cases_open_to
from engine.store.starts import running_with, started_by
from engine.store.uow import UnitOfWork
from engine.usecases.access import require_starter
from engine.usecases.answers import read_answers
from engine.usecases.moving import world_of
from engine.usecases.new_case import begin_case, begin_later, new_case, starter_roles
from engine.usecases.receive import nobody


def start_by_message(
    uow: UnitOfWork, name: str, *, business_key: str | None, data: Mapping[str, Any]
) -> Case | None:
    """A new case for a message that a person or a partner sends; None when no process starts by it.

    Args:
        business_key: the new case's own. At most one running case of the process has it.

    Raises:
        NotPermitted: processes start by it, and the actor may start none of them.
        Conflict ``message_ambiguous``: several that the actor may start; ``case_running``: one with this key runs.
        AnswersInvalid: a name in ``data`` is no variable's. StepFailed: the model cannot begin; nothing was written.
    """
    start = _the_start(name, _permitted(uow, started_by(uow, kind=WaitKind.MESSAGE, name=name)))
    if start is None:
        return None
    case = _case_of(uow, start, business_key)
    running = _running(uow, start, case.business_key)
    if running is not None:
        seen = {"case_id": running} if cases_open_to(uow, [running]) else {}
        raise Conflict(
            f"A case of {start.process_key} with the business key “{case.business_key}” runs already; "
            "a message starts one at a time.",
            code="case_running",
            process=start.process_key,
            **seen,
        )
    given = read_answers(None, data, variables=dict, world=world_of(uow, case))
    return begin_case(uow, case, given, start=start.node_id, by="message", name=name)


def start_by_thrown_message(
    uow: UnitOfWork, name: str, *, business_key: str | None, data: Mapping[str, Any], sender: Case
) -> Case | None:
    """A new case for a message that another case threw; None when no process starts by it.

    Whoever owns the sender: drawing the start event is the consent, and only what the sender's model maps arrives.

    Raises:
        Conflict ``message_ambiguous``. NobodyWaits: one with this key runs; the message may wait for its end.
    """
    start = _the_start(name, started_by(uow, kind=WaitKind.MESSAGE, name=name))
    if start is None:
        return None
    case = _case_of(uow, start, business_key)
    if _running(uow, start, case.business_key) is not None:
        raise NobodyWaits(
            f"A case of {start.process_key} with this business key runs already and does not wait for “{name}”.",
            name=name,
        )
    return _later(
        uow, case, start, data, by="message", name=name, sender=sender.process_key, asked_by=sender.case_id
    )


def start_by_signal(
    uow: UnitOfWork, name: str, data: Mapping[str, Any], *, sender: str, permitted: bool
) -> list[Case]:
    """A new case of each process that starts by the signal, each begun by a job of its own.

    Args:
        data: JSON values. permitted: only processes that the actor may start.
    """
    found = started_by(uow, kind=WaitKind.SIGNAL, name=name)
    if permitted:
        found = [start for start in found if _may_start(uow, start) is None]
    return [
        _later(uow, _case_of(uow, start, None), start, data, by="signal", name=name, sender=sender)
        for start in found
    ]


def start_by_time(uow: UnitOfWork, start: ProcessStart, **cause: Any) -> Case:
    """A new case for a schedule whose time has come; the schedule's row is locked."""
    return _later(uow, _case_of(uow, start, None), start, {}, by="timer", **cause)


def _permitted(uow: UnitOfWork, found: list[ProcessStart]) -> list[ProcessStart]:
    judged = [(start, _may_start(uow, start)) for start in found]
    able = [start for start, refusal in judged if refusal is None]
    for _, refusal in judged:
        if refusal is not None and not able:
            raise refusal
    return able


def _may_start(uow: UnitOfWork, start: ProcessStart) -> NotPermitted | None:
    """Who may start the process may start it by an event too."""
    process = uow.row(Process, start.process_key)
    try:
        require_starter(uow.actor, process.owner_agency, starter_roles(uow, process.key, start.version))
    except NotPermitted as refusal:
        return refusal
    return None


def _the_start(name: str, found: list[ProcessStart]) -> ProcessStart | None:
    if len(found) > 1:
        raise Conflict(
            f"Several processes start by the message “{name}” ({', '.join(s.process_key for s in found)}); "
            "give each its own message.",
            code="message_ambiguous",
            name=name,
        )
    return found[0] if found else None


def _case_of(uow: UnitOfWork, start: ProcessStart, business_key: str | None) -> Case:
    owner = uow.row(Process, start.process_key).owner_agency
    return new_case(uow, start.process_key, start.version, owner=owner, business_key=business_key)


def _running(uow: UnitOfWork, start: ProcessStart, business_key: str | None) -> str | None:
    if business_key is None:
        return None
    # Two messages with one key at the same moment: the second waits here and finds the first one's case.
    try:
        uow.row(ProcessStart, (start.process_key, start.node_id), lock=True)
    except NotFound:
        raise nobody(start.name) from None  # a deployment has just replaced it
    return running_with(uow, start.process_key, business_key)


def _later(
    uow: UnitOfWork,
    case: Case,
    start: ProcessStart,
    data: Mapping[str, Any],
    *,
    asked_by: str | None = None,
    **cause: Any,
) -> Case:
    label = start.label or start.name or start.element_id
    return begin_later(
        uow,
        case,
        data,
        start=start.node_id,
        element=start.element_id,
        label=label,
        asked_by=asked_by,
        **cause,
    )
