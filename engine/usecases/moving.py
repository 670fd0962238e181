"""One move of a case in the pure interpreter, before anything is written."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from engine.bpmn.step import Machine, Step, World
from engine.errors import CaseClosed, StepFailed
from engine.model import SYSTEM, Case
from engine.states import CaseState
from engine.store.uow import UnitOfWork

Move = Callable[[Machine, World, bytes], Step]


def require_running(case: Case) -> bytes:
    """The snapshot of a running case. Raises CaseClosed."""
    if case.state != CaseState.RUNNING or case.snapshot is None:
        raise CaseClosed(
            f"The case is {case.state}; nothing in it can change any more.", case_id=case.case_id
        )
    return case.snapshot


def not_begun(case: Case) -> bool:
    """Whether an event has started the case, and its start job has yet to move it."""
    return case.state == CaseState.RUNNING and case.snapshot is None


def move(uow: UnitOfWork, case: Case, how: Move) -> Step:
    """The step that ``how`` gives for the case as it stands.

    Raises:
        CaseClosed: it is completed or cancelled.
        StepFailed: the model cannot go on; ``detail["case_id"]`` says in which case.
    """
    snapshot = require_running(case)
    with naming_case(case):
        return how(uow.machine(case), world_of(uow, case), snapshot)


def world_of(uow: UnitOfWork, case: Case) -> World:
    """What the interpreter is told from outside about this case."""
    actor = None if uow.actor.id == SYSTEM.id else uow.actor.username
    return World(uow.now(), uow.calendar_of(case), actor, case.business_key)


@contextmanager
def naming_case(case: Case) -> Iterator[None]:
    """Let a StepFailed that leaves the block say in which case it happened, so that an incident can be opened."""
    try:
        yield
    except StepFailed as failure:
        failure.detail = {**failure.detail, "case_id": case.case_id}
        raise
