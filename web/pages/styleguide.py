"""Every component in every state, for those who write pages and for the browser tests."""

from flask import Blueprint, render_template

from web.pages.formfields import Field, FieldError, FormView, Option, Part
from web.pages.shell import now
from web.pages.texts import _
from web.pages.time_left import DayCell, TimeLeft

pages = Blueprint("styleguide", __name__)


@pages.get("/styleguide")
def show() -> str:
    at = now()
    clocks = (
        (TimeLeft("calm", _("3 working days left"), "later", at), _cells("used", "used", "now", "", "")),
        (TimeLeft("soon", _("Today, 15:30"), "today", at), _cells("used", "used", "used", "used", "now")),
        (
            TimeLeft("late", _("2 working days over"), "late", at),
            _cells("used", "used", "used", "over", "over"),
        ),
    )
    times = (
        TimeLeft("calm", _("3 working days left"), "later", at),
        TimeLeft("soon", _("Today, 15:30"), "today", at),
        TimeLeft("late", _("2 working days over"), "late", at),
        TimeLeft("stop", _("Waiting for the applicant, clock stopped"), "none"),
        TimeLeft("ok", _("Done"), "none"),
        TimeLeft("none", _("No time limit"), "none"),
    )
    return render_template("styleguide.html", clocks=clocks, times=times, form=_form("s"), closed=_form("c"))


def _cells(*states: str) -> list[DayCell]:
    return [
        DayCell(label, state)
        for label, state in zip((_("Thu"), _("Fri"), _("Mon"), _("Tue"), _("Wed")), states, strict=True)
    ]


def _form(prefix: str) -> FormView:
    """One field of each kind, some with a message."""
    missing, wrong = (
        _("Enter the year the water sample was taken"),
        _("Total coliform must be a number, for example 0"),
    )
    fields = (
        Field(
            "text",
            f"{prefix}_report",
            f"{prefix}-report",
            _("Laboratory report number"),
            hint=_("Top right on the report"),
            value="LAB/2026/1187",
            required=True,
        ),
        Field(
            "date",
            f"{prefix}_taken",
            f"{prefix}-taken",
            _("Date the sample was taken"),
            required=True,
            errors=(missing,),
            parts=(
                Part("d", f"{prefix}-taken", _("Day"), "18"),
                Part("m", f"{prefix}-taken-m", _("Month"), "11"),
                Part("y", f"{prefix}-taken-y", _("Year"), "", wide=True),
            ),
        ),
        Field(
            "number",
            f"{prefix}_coliform",
            f"{prefix}-coliform",
            _("Total coliform"),
            value="nihil",
            suffix="CFU/100 ml",
            errors=(wrong,),
            required=True,
        ),
        Field(
            "radio",
            f"{prefix}_point",
            f"{prefix}-point",
            _("Does the sampling point match the plan?"),
            required=True,
            options=(Option("yes", _("Yes"), chosen=True), Option("no", _("No"))),
        ),
        Field(
            "select",
            f"{prefix}_kind",
            f"{prefix}-kind",
            _("Kind of business"),
            options=(Option("a", "Depot"), Option("b", "Restoran", chosen=True)),
        ),
        Field("check", f"{prefix}_seen", f"{prefix}-seen", _("I have seen the original")),
        Field(
            "area",
            f"{prefix}_note",
            f"{prefix}-note",
            _("Note for the next desk"),
            value=_("The result meets the rules."),
            limit=500,
        ),
    )
    return FormView(
        _("Laboratory result"),
        fields,
        (FieldError(f"{prefix}-taken", missing), FieldError(f"{prefix}-coliform", wrong)),
    )
