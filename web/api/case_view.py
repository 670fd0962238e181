"""A case together with everything it waits for: what most answers about a case show."""

from dataclasses import fields
from typing import Any

from engine.store import cases
from engine.store.uow import UnitOfWork


def case_view(uow: UnitOfWork, case_id: str) -> dict[str, Any]:
    """For the schema CaseWithWaits, as this unit has left it.

    Raises:
        NotFound: no such case, or not for this actor.
    """
    uow.flush()
    row = cases.case(uow, case_id)
    return {
        **{field.name: getattr(row, field.name) for field in fields(row)},
        "waits": cases.waits(uow, case_id),
    }
