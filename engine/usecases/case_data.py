"""The owner agency or an auditor reads what a case knows."""

from collections.abc import Mapping
from typing import Any

from engine.errors import NotPermitted
from engine.model import Case
from engine.states import Power
from engine.store.uow import UnitOfWork


def case_data(uow: UnitOfWork, case_id: str) -> Mapping[str, Any]:
    """The case's root variables: as they are now, or as they were when it ended.

    Raises:
        NotFound: no such case for the actor.
        NotPermitted: the actor takes part in the case but is neither of its owner agency nor an auditor.
    """
    case = uow.get(Case, case_id)
    if case.owner_agency not in uow.actor.agencies and not uow.actor.may(Power.AUDITOR):
        raise NotPermitted(
            f"Only {case.owner_agency} and auditors read the data of this case.", case_id=case_id
        )
    if case.snapshot is None:
        return case.variables or {}
    return uow.machine(case).variables(case.snapshot)
