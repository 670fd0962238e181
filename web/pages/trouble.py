"""Errors as a person reads them: what happened, what to do, whether anything was saved."""

from collections.abc import Callable
from dataclasses import dataclass

from web.pages import words
from web.pages.texts import _
from web.problems import Problem


@dataclass(frozen=True, slots=True)
class Trouble:
    """Attributes:
    title: what happened.
    text: what to do.
    detail: the engine's own sentence, where it tells more than the text.
    saved: whether anything was changed.
    again: loading the page again may help.
    """

    title: str
    text: str
    detail: str = ""
    saved: str = ""
    again: bool = False


def trouble(problem: Problem) -> Trouble:
    """What the error page says; by the code where we know it, else by the status."""
    said = _BY_CODE.get(problem.code) or _BY_STATUS.get(problem.status) or _by_family(problem.status)
    found = said(problem)
    nothing = _("Nothing was changed.")
    detail = found.detail or (
        problem.message if problem.status in _DETAILED and words.locale() == "en" else ""
    )
    return Trouble(found.title, found.text, detail, found.saved or nothing, found.again)


def _not_found(problem: Problem) -> Trouble:
    return Trouble(
        _("This page is not here"),
        _(
            "The address is wrong, or what it shows belongs to agencies that you are no member of. Search for the case by its number."
        ),
    )


def _not_permitted(problem: Problem) -> Trouble:
    return Trouble(
        _("You may not do this"),
        _("It is for other roles. Ask a colleague who has the role, or an administrator."),
    )


def _four_eyes(problem: Problem) -> Trouble:
    return Trouble(
        _("Another person must do this"),
        _(
            "You have done another part of this case, and two people must do the two. A colleague finds it in the inbox."
        ),
    )


def _conflict(problem: Problem) -> Trouble:
    return Trouble(
        _("Somebody was quicker"),
        _("The task or case has moved on since you opened the page. Load it again to see where it is now."),
        again=True,
    )


def _nobody_waits(problem: Problem) -> Trouble:
    return Trouble(
        _("No case waits for this message"), _("Check the name of the message and the case number.")
    )


def _no_plain_start(problem: Problem) -> Trouble:
    return Trouble(
        _("Nobody starts this process by hand"),
        _("A message, a signal or a schedule starts it. The page of the process shows which, and when next."),
    )


def _not_executable(problem: Problem) -> Trouble:
    return Trouble(
        _("This model is kept for viewing"),
        _("It does not run, so no case can be started. Its page lists what a designer has to do first."),
    )


def _too_large(problem: Problem) -> Trouble:
    return Trouble(
        _("This is too large"),
        _("What you sent is over the limit. Send a smaller file."),
        detail=problem.message,
    )


def _invalid(problem: Problem) -> Trouble:
    return Trouble(_("This cannot be accepted as it is"), _("Go back, correct it and send it again."))


def _step_failed(problem: Problem) -> Trouble:
    element = problem.extra.get("element_name") or problem.extra.get("element") or "–"
    return Trouble(
        _("The process cannot take its next step"),
        _(
            "Your answers were not saved, because the model stops at “%(element)s”. The operators have been told. "
            "Try again when they have repaired it.",
            element=element,
        ),
        detail=problem.message,
        saved=_("The case stays where it was."),
    )


def _broken(problem: Problem) -> Trouble:
    return Trouble(
        _("Something failed on our side"),
        _("Load the page again. If it fails once more, tell an operator the number below."),
        again=True,
    )


def _expired(problem: Problem) -> Trouble:
    return Trouble(
        _("The form has expired"),
        _(
            "You signed out or in meanwhile, or the form came from elsewhere. Load the page again and send it once more."
        ),
        again=True,
    )


def _by_family(status: int) -> Callable[[Problem], Trouble]:
    return _broken if status >= 500 else _invalid


_DETAILED = (400, 403, 405, 409, 422)
_BY_STATUS: dict[int, Callable[[Problem], Trouble]] = {
    403: _not_permitted,
    404: _not_found,
    405: _not_found,
    409: _conflict,
    413: _too_large,
    422: _invalid,
}
_STEP_CODES = (
    "step_failed",
    "no_outgoing_flow",
    "expression_failed",
    "script_failed",
    "sandbox_limit",
    "timer_invalid",
    "multi_instance_invalid",
    "decision_failed",
    "unhandled_error",
    "step_budget_spent",
    "mapping_failed",
    "role_unknown",
    "person_unknown",
)
_BY_CODE: dict[str, Callable[[Problem], Trouble]] = {
    "csrf_failed": _expired,
    "four_eyes": _four_eyes,
    "nobody_waits": _nobody_waits,
    "no_plain_start": _no_plain_start,
    "not_executable": _not_executable,
    **dict.fromkeys(_STEP_CODES, _step_failed),
}
