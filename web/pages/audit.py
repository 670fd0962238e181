"""The auditor's desk: find any case, read its whole history, see whether its chain holds."""

from flask import Blueprint, render_template

from engine.errors import NotPermitted
from engine.states import Power
from engine.store import cases
from engine.usecases.case_data import case_data
from web.context import actor, house
from web.pages.cases import Found, case_page, search
from web.pages.models import labels_of
from web.pages.shell import place_of

pages = Blueprint("audit", __name__)


@pages.before_request
def only_auditors() -> None:
    if not actor().may(Power.AUDITOR):
        raise NotPermitted("only auditors may open the audit", power=Power.AUDITOR.value)


@pages.get("/audit")
def index() -> str:
    with house().db.read(actor()) as uow:
        return render_template(
            "audit.html",
            found=search(uow, "pages.audit.index", "pages.audit.show"),
            case=None,
            place=place_of(uow, uow.actor),
        )


@pages.get("/audit/<case_id>")
def show(case_id: str) -> str:
    with house().db.read(actor()) as uow:
        page = case_page(uow, case_id, older="pages.audit.show", whole=True)
        found: Found = search(uow, "pages.audit.index", "pages.audit.show")
        row = cases.case(uow, case_id)
        known = labels_of(uow, row.process.key, row.process_version).lines(case_data(uow, case_id))
        return render_template(
            "audit.html", found=found, case=page, data=known, place=place_of(uow, uow.actor)
        )
