"""What operators list of all cases: jobs and incidents, each with what people know its case by."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import Row, Select, select

from engine.errors import Invalid, NotFound
from engine.model import Case, Incident, Job, Process
from engine.store.page import Page, checked_limit, cursor, paged, place
from engine.store.uow import UnitOfWork
from engine.store.visible import operations_visible

Model = type[Job] | type[Incident]
Columns = Row[Any, Case, Process]
T = TypeVar("T")


def with_case(model: Model) -> Select[Any, Case, Process]:
    """Every row with its case and process; the caller says which."""
    entity: Any = model
    return (
        select(entity, Case, Process)
        .join(Case, Case.case_id == model.case_id)
        .join(Process, Process.key == Case.process_key)
    )


def newest(
    uow: UnitOfWork,
    model: Model,
    make: Callable[[Columns], T],
    *,
    noun: str,
    states: type[StrEnum],
    kinds: type[StrEnum],
    state: str | None,
    kind: str | None,
    case: str | None,
    after: str | None,
    limit: int,
) -> Page[T]:
    """A page for operators and auditors, newest first; for others there is nothing.

    Args:
        noun: "job" or "incident", for error messages and the cursor.
        states, kinds: the words that ``state`` and ``kind`` may be; None = all.

    Raises:
        Invalid: no such state, kind, limit or cursor.
    """
    if state is not None and state not in set(states):
        raise Invalid(f"“{state}” is no state of {_a(noun)}.", code="state_invalid", state=state)
    if kind is not None and kind not in set(kinds):
        raise Invalid(f"“{kind}” is no kind of {noun}.", code="kind_invalid", kind=kind)
    query = with_case(model).where(operations_visible(uow.actor))
    for column, wanted in ((model.state, state), (model.kind, kind), (model.case_id, case)):
        if wanted is not None:
            query = query.where(column == wanted)
    name = f"{noun}s"
    if after is not None:
        query = query.where(model.id < place(name, after, [str])[0])
    rows = uow.session.execute(query.order_by(model.id.desc()).limit(checked_limit(limit) + 1)).all()
    return paged(rows, limit, make, lambda row: cursor(name, row[0].id))


def one(uow: UnitOfWork, model: Model, row_id: str, *, noun: str) -> Columns:
    """One row with its case and process. Raises NotFound: no such row, or not for this actor."""
    row = uow.session.execute(
        with_case(model).where(model.id == row_id, operations_visible(uow.actor))
    ).one_or_none()
    if row is None:
        raise NotFound(f"There is no such {noun} for you: {row_id}.", **{f"{noun}_id": row_id})
    return row


def _a(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"
