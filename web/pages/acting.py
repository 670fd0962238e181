"""How a page changes something: one use-case in one unit, then a hint to the worker."""

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from engine.errors import StepFailed
from engine.store.uow import UnitOfWork
from engine.usecases.step_failed import note_step_failed
from web.context import actor, house

P = ParamSpec("P")
R = TypeVar("R")


def act(use_case: Callable[Concatenate[UnitOfWork, P], R], /, *args: P.args, **more: P.kwargs) -> R:
    """Run a use-case for the person who asks.

    Raises:
        EngineError: as the use-case says. A StepFailed has left an incident for the operators.
    """
    home = house()
    try:
        with home.db.unit(actor()) as uow:
            done = use_case(uow, *args, **more)
    except StepFailed as failure:
        note_step_failed(home.db, failure)
        raise
    home.worker.nudge()
    return done
