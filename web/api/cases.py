"""/cases: where cases stand, what happened in them, and cancelling one."""

from typing import Any

from engine.errors import Invalid
from engine.store import cases
from engine.store.history import history
from engine.store.page import Page
from engine.store.rows import CaseRow
from engine.store.uow import UnitOfWork
from engine.usecases.cancel_case import cancel_case
from engine.usecases.case_data import case_data
from engine.usecases.change_data import change_data
from web.api.case_view import case_view
from web.api.door import Door
from web.api.schemas.cases import (
    CasePage,
    CaseQuery,
    CaseWithWaits,
    DataBody,
    DataOut,
    EventPage,
    HistoryQuery,
)
from web.api.schemas.common import Reason

door = Door("cases", description="Runs of processes")


@door.read("/cases", name="listCases", summary="Cases, newest first", query=CaseQuery(), returns=CasePage())
def list_cases(uow: UnitOfWork, query: dict[str, Any]) -> Page[CaseRow]:
    return cases.cases(uow, **query)


@door.read(
    "/cases/<case_id>", name="getCase", summary="One case and what it waits for", returns=CaseWithWaits()
)
def get_case(uow: UnitOfWork, case_id: str) -> dict[str, Any]:
    return case_view(uow, case_id)


@door.read(
    "/cases/<case_id>/history",
    name="getHistory",
    summary="What happened in a case, in order",
    query=HistoryQuery(),
    returns=EventPage(),
)
def get_history(uow: UnitOfWork, case_id: str, query: dict[str, Any]) -> dict[str, Any]:
    """`withheld` marks events some of whose details are another agency's."""
    limit = query["limit"]
    events = history(uow, case_id, after=_seq(query["after"]), limit=limit + 1)
    shown = events[:limit]
    return {"items": shown, "next": str(shown[-1].seq) if len(events) > limit else None}


@door.read("/cases/<case_id>/data", name="getCaseData", summary="The variables of a case", returns=DataOut())
def get_data(uow: UnitOfWork, case_id: str) -> dict[str, Any]:
    """For the owner agency and auditors."""
    return {"data": case_data(uow, case_id)}


@door.write(
    "/cases/<case_id>/data",
    name="changeCaseData",
    summary="Change variables of a running case from outside its tasks",
    body=DataBody(),
    returns=CaseWithWaits(),
)
def change(uow: UnitOfWork, case_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Conditions that the case waits for are looked at again. For the owner agency and operators."""
    change_data(uow, case_id, body["data"], body["reason"])
    return case_view(uow, case_id)


@door.write(
    "/cases/<case_id>/cancel",
    name="cancelCase",
    summary="Cancel a running case",
    body=Reason(),
    returns=CaseWithWaits(),
)
def cancel(uow: UnitOfWork, case_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """With its tasks, deadlines, calls and incidents. For the owner agency and operators."""
    cancel_case(uow, case_id, body["reason"])
    return case_view(uow, case_id)


def _seq(after: str | None) -> int | None:
    if after is None:
        return None
    if not after.isdecimal():
        raise Invalid("This is no place in this list; begin again without “after”.", code="cursor_invalid")
    return int(after)
