"""Brings a thrown message or signal to whoever waits for it or starts by it; cases talk to each other by jobs only."""

from engine.model import Case, Job, Subscription
from engine.states import Audit, CaseState, WaitKind
from engine.store.conversation import STARTED, partners, processes_of
from engine.store.jobs import finish
from engine.store.subscriptions import Awaiting, awaiting
from engine.store.uow import UnitOfWork
from engine.usecases.advance import advance
from engine.usecases.finish_job import record_finished
from engine.usecases.held import held_job
from engine.usecases.moving import move
from engine.usecases.post import SIGNAL_REACH, signal_rows
from engine.usecases.receive import nobody, receive, the_one
from engine.usecases.start_by_event import start_by_signal, start_by_thrown_message


def deliver(uow: UnitOfWork, case_id: str, job_id: str, fence: int) -> None:
    """Deliver what the job that this run holds carries.

    Raises:
        StaleVersion: another run owns it.
        NobodyWaits: not yet; the delivery is kept. Conflict ``message_ambiguous``.
        StepFailed: the receiving case cannot go on; nothing was changed.
    """
    job = uow.row(Job, (case_id, job_id))
    if job.payload["kind"] == WaitKind.MESSAGE:
        _bring_message(uow, job, fence)
    elif job.payload.get("arrived"):
        _take_signal(uow, job, fence)
    else:
        _spread_signal(uow, job, fence)


def _bring_message(uow: UnitOfWork, job: Job, fence: int) -> None:
    sender = uow.row(Case, job.case_id)
    wait = _find(uow, sender, job)
    if wait is None:
        _start_by_message(uow, job, fence)
        return
    # Two cases may send to each other at the same moment: everybody locks in the same order.
    for case_id in sorted({job.case_id, wait.case_id}):
        uow.row(Case, case_id, lock=True)
    sender, job = held_job(uow, job.case_id, job.id, fence)
    finish(uow, case_id=job.case_id, job_id=job.id, fence=fence)
    record_finished(uow, sender, job)
    receiver = uow.row(Case, wait.case_id, lock=True)
    receive(uow, receiver, wait.token, data=job.payload["data"], sender=sender.process_key)


def _start_by_message(uow: UnitOfWork, job: Job, fence: int) -> None:
    sender, job = held_job(uow, job.case_id, job.id, fence)
    name = job.payload["name"]
    key = job.payload.get("correlation") or sender.business_key
    started = start_by_thrown_message(uow, name, business_key=key, data=job.payload["data"], sender=sender)
    if started is None:
        raise nobody(name)
    job.payload = {**job.payload, STARTED: started.case_id}
    finish(uow, case_id=sender.case_id, job_id=job.id, fence=fence)
    record_finished(uow, sender, job)


def _in_touch(uow: UnitOfWork, sender: Case, found: list[Awaiting]) -> list[Awaiting]:
    """Without a key, whom the sender talks to already: never another case of a partner's process.

    A partner that does not wait yet is waited for.
    """
    known = partners(uow, sender.case_id) if found else frozenset()
    if not known:
        return found
    process = processes_of(uow, known | {wait.case_id for wait in found})
    theirs = {process[case_id] for case_id in known}
    return [w for w in found if w.case_id in known] or [w for w in found if process[w.case_id] not in theirs]


def _find(uow: UnitOfWork, sender: Case, job: Job) -> Awaiting | None:
    """By the throw's correlation, else by the sender's business key; with neither, only one case may wait at all.

    None: nobody waits now. A process that starts by the message is looked at next.
    """
    name, correlation = job.payload["name"], job.payload.get("correlation")
    key = correlation or sender.business_key
    if key is None:
        everybody = _in_touch(uow, sender, awaiting(uow, kind=WaitKind.MESSAGE, name=name))
        return the_one(name, everybody, correlation=None) if everybody else None
    exact = [
        wait
        for wait in awaiting(uow, kind=WaitKind.MESSAGE, name=name, correlation=key)
        if wait.correlation == key
    ]
    found = exact or [
        wait
        for wait in awaiting(uow, kind=WaitKind.MESSAGE, name=name, business_key=key)
        if wait.correlation is None
    ]
    return the_one(name, found, correlation=key) if found else None


def _spread_signal(uow: UnitOfWork, job: Job, fence: int) -> None:
    """One delivery in each case that waits, one new case of each process that starts by it.

    The sender's own catchers had the signal when it was thrown.
    """
    sender, job = held_job(uow, job.case_id, job.id, fence)
    name = job.payload["name"]
    waits = awaiting(uow, kind=WaitKind.SIGNAL, name=name, limit=SIGNAL_REACH)
    cases = {wait.case_id for wait in waits} - {sender.case_id}
    data = job.payload["data"]
    uow.insert(Job, signal_rows(uow, name, data, cases, sender=sender.process_key, key=job.id))
    start_by_signal(uow, name, data, sender=sender.process_key, permitted=False)
    finish(uow, case_id=sender.case_id, job_id=job.id, fence=fence)
    record_finished(uow, sender, job)


def _take_signal(uow: UnitOfWork, job: Job, fence: int) -> None:
    case, job = held_job(uow, job.case_id, job.id, fence)
    finish(uow, case_id=case.case_id, job_id=job.id, fence=fence)
    name, data = job.payload["name"], job.payload["data"]
    waits = awaiting(uow, kind=WaitKind.SIGNAL, name=name, case_id=case.case_id)
    if case.state != CaseState.RUNNING or not waits:
        return  # it went on meanwhile: a signal reaches whoever waits when it comes
    catcher = uow.row(Subscription, (case.case_id, waits[0].token))
    step = move(uow, case, lambda machine, world, state: machine.signal(world, state, name, data))
    uow.record(
        Audit.SIGNAL_RECEIVED,
        case,
        element=catcher.element_id,
        element_name=catcher.label or None,
        name=name,
        sender=job.payload.get("sender"),
        payload=data,
    )
    advance(uow, case, step)
