"""History in plain sentences: one for every kind of event, in each language."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from markupsafe import Markup

from engine.states import Audit
from web.pages import words
from web.pages.texts import _

QUIET = frozenset(
    {
        Audit.ELEMENTS_PASSED,
        Audit.DEADLINE_SET,
        Audit.DEADLINE_WITHDRAWN,
        Audit.JOB_STARTED,
        Audit.JOB_WITHDRAWN,
        Audit.MESSAGE_AWAITED,
        Audit.TASK_WITHDRAWN,
        Audit.TASK_OPENED,
    }
)
"""What the house does by itself; shown smaller than what people decide."""

_TONES = {
    Audit.CASE_CANCELLED: "is-stop",
    Audit.DEADLINE_PASSED: "is-late",
    Audit.JOB_FAILED: "is-late",
    Audit.INCIDENT_OPENED: "is-late",
    Audit.ERROR_CAUGHT: "is-late",
}


def tone(kind: Audit) -> str:
    """The class of the dot beside the sentence."""
    return _TONES.get(kind, "is-quiet" if kind in QUIET else "")


def sentence(kind: Audit, *, who: str, agency: str, element: str, data: Mapping[str, Any]) -> Markup:
    """What happened, as a sentence with the deed in bold.

    Args:
        who: the actor's name; the house itself is called Lintas.
        agency: name of the agency whose work it was, or "".
        element: name of the element it is about, or "".
        data: the event's details; may be empty for a reader who does not see them.
    """
    person = f"{who} ({agency})" if agency and who != "Lintas" else who
    step = _("“%(name)s”", name=element) if element else _("the next step")
    say = _Say({"who": person, "step": step, "agency": agency or _("the agency")})
    return _told(kind, say, data)


class _Say:
    """Fills a translated sentence: names are escaped, <b> in the sentence stays."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def __call__(self, text: str, **more: object) -> Markup:
        # the text is a translation, which is ours; what is filled in is anybody's and gets escaped
        return Markup(text).format(**self.names, **more)  # noqa: S704


def _told(kind: Audit, say: _Say, data: Mapping[str, Any]) -> Markup:
    match kind:
        case Audit.CASE_STARTED:
            return _begun(say, data)
        case Audit.CASE_COMPLETED:
            return say(_("The case <b>reached its end</b>: {step}."))
        case Audit.CASE_CANCELLED:
            if reason := _text(data, "reason"):
                return say(_("{who} <b>cancelled the case</b>. <q>{reason}</q>"), reason=reason)
            return say(_("{who} <b>cancelled the case</b>."))
        case Audit.DATA_CHANGED:
            if reason := _text(data, "reason"):
                return say(_("{who} <b>changed the data of the case</b>. <q>{reason}</q>"), reason=reason)
            return say(_("{who} <b>changed the data of the case</b>."))
        case Audit.TASK_OPENED:
            if assignee := _text(data, "assignee"):
                return say(_("{step} <b>went to {assignee}</b> at {agency}."), assignee=assignee)
            return say(_("{step} <b>went to {agency}</b>."))
        case Audit.TASK_CLAIMED:
            return say(_("{who} <b>claimed</b> {step}."))
        case Audit.TASK_RELEASED:
            return say(_("{who} <b>returned</b> {step} to the queue."))
        case Audit.TASK_ASSIGNED:
            if assignee := _text(data, "assignee"):
                return say(_("{who} <b>gave</b> {step} to {assignee}."), assignee=assignee)
            return say(_("{who} <b>gave</b> {step} to a colleague."))
        case Audit.TASK_COMPLETED:
            return say(_("{who} <b>completed</b> {step}."))
        case Audit.TASK_WITHDRAWN:
            return say(_("{step} <b>was withdrawn</b>: nobody needs to do it any more."))
        case Audit.DEADLINE_SET:
            if due_at := _at(data, "due_at"):
                return say(
                    _("A time limit <b>began to run</b> for {step}, until {when}."), when=words.moment(due_at)
                )
            return say(_("A time limit <b>began to run</b> for {step}."))
        case Audit.DEADLINE_PASSED:
            return say(_("<b>Time was up</b> at {step}."))
        case Audit.DEADLINE_WITHDRAWN:
            return say(_("The time limit of {step} <b>no longer counts</b>."))
        case _:
            return _told_by_the_house(kind, say, data)


def _begun(say: _Say, data: Mapping[str, Any]) -> Markup:
    match data.get("by"):
        case "message":
            name = _text(data, "name")
            return say(_("The message “{name}” <b>started the case</b>."), name=name)
        case "signal":
            name = _text(data, "name")
            return say(_("The signal “{name}” <b>started the case</b>."), name=name)
        case "timer":
            return say(_("The schedule of the process <b>started the case</b>."))
        case _:
            return say(_("{who} <b>started the case</b>."))


def _told_by_the_house(kind: Audit, say: _Say, data: Mapping[str, Any]) -> Markup:
    match kind:
        case Audit.JOB_STARTED:
            if system := _text(data, "system"):
                return say(_("Lintas <b>asks the system {system}</b> for {step}."), system=system)
            return say(_("Lintas <b>began</b> {step}."))
        case Audit.JOB_FINISHED:
            if system := _text(data, "system"):
                return say(_("The system {system} <b>answered</b> {step}."), system=system)
            return say(_("Lintas <b>finished</b> {step}."))
        case Audit.JOB_FAILED:
            if reason := _text(data, "reason"):
                return say(_("An attempt at {step} <b>failed</b>. <q>{reason}</q>"), reason=reason)
            return say(_("An attempt at {step} <b>failed</b>."))
        case Audit.JOB_WITHDRAWN:
            return say(_("{step} <b>was withdrawn</b> before it was done."))
        case Audit.MESSAGE_AWAITED:
            if name := _text(data, "name"):
                return say(_("The case <b>waits for</b> the message “{name}”."), name=name)
            return say(_("The case <b>waits for a message</b>."))
        case Audit.MESSAGE_RECEIVED:
            if name := _text(data, "name"):
                return say(_("The message “{name}” <b>arrived</b>."), name=name)
            return say(_("A message <b>arrived</b>."))
        case Audit.MESSAGE_SENT:
            if name := _text(data, "name"):
                return say(_("The case <b>sent</b> the message “{name}”."), name=name)
            return say(_("The case <b>sent a message</b>."))
        case Audit.SIGNAL_RECEIVED:
            if name := _text(data, "name"):
                return say(_("The signal “{name}” <b>reached the case</b>."), name=name)
            return say(_("A signal <b>reached the case</b>."))
        case Audit.SIGNAL_SENT:
            if name := _text(data, "name"):
                return say(_("The case <b>sent</b> the signal “{name}”."), name=name)
            return say(_("The case <b>sent a signal</b>."))
        case Audit.DECISION_MADE:
            return _told_of_a_decision(say, data)
        case Audit.ERROR_CAUGHT:
            if code := _text(data, "code"):
                return say(_("The process <b>took another way</b> at {step}, because of {code}."), code=code)
            return say(_("The process <b>took another way</b> at {step}."))
        case Audit.ELEMENTS_PASSED:
            if names := _passed(data):
                return say(_("The case <b>moved on</b> by way of {names}."), names=names)
            return say(_("The case <b>moved on</b>."))
        case _:
            return _told_of_repairs(kind, say, data)


def _told_of_a_decision(say: _Say, data: Mapping[str, Any]) -> Markup:
    """By which rules; older events know only the ids of the rules, expressions have none."""
    if not data.get("policy") or not isinstance(data.get("rules"), list):
        return say(_("The decision {step} <b>was made</b>."))
    places = [str(place) for place in data["rules"]]
    if not places:
        return say(_("The table {step} <b>has no rule that applies</b>."))
    if len(places) == 1:
        return say(_("The table {step} <b>decided by rule {rule}</b>."), rule=places[0])
    listed = _("%(rules)s and %(last)s", rules=", ".join(places[:-1]), last=places[-1])
    return say(_("The table {step} <b>decided by the rules {rules}</b>."), rules=listed)


def _told_of_repairs(kind: Audit, say: _Say, data: Mapping[str, Any]) -> Markup:
    match kind:
        case Audit.INCIDENT_OPENED:
            if message := _text(data, "message") or _text(data, "reason"):
                return say(_("The case <b>is held up</b> at {step}. <q>{message}</q>"), message=message)
            return say(_("The case <b>is held up</b> at {step}."))
        case Audit.INCIDENT_RETRIED:
            return say(_("{who} <b>had {step} tried again</b>."))
        case Audit.INCIDENT_SKIPPED:
            return say(_("{who} <b>skipped</b> {step} and gave the answer by hand."))
        case Audit.INCIDENT_RESOLVED:
            return say(_("What held the case up at {step} <b>is settled</b>."))
        case Audit.PROCESS_DEPLOYED:
            return say(_("{who} <b>made a version of the process live</b>."))
        case Audit.PROCESS_KEPT:
            return say(_("{who} <b>kept a model for viewing</b>."))
        case _:
            return _told_of_people(kind, say, data)


def _told_of_people(kind: Audit, say: _Say, data: Mapping[str, Any]) -> Markup:
    say = _Say({**say.names, "name": _text(data, "name") or _("somebody")})
    match kind:
        case Audit.AGENCY_CREATED:
            return say(_("{who} <b>added the agency</b> {name}."))
        case Audit.AGENCY_CHANGED:
            return say(_("{who} <b>changed the agency</b> {name}."))
        case Audit.PERSON_CREATED:
            return say(_("{who} <b>added</b> {name}."))
        case Audit.PERSON_CHANGED:
            return say(_("{who} <b>changed the account</b> of {name}."))
        case Audit.PERSON_ACTIVATED:
            return say(_("{who} <b>took back</b> {name}."))
        case Audit.PERSON_DEACTIVATED:
            return say(_("{who} <b>ended the account</b> of {name}."))
        case Audit.PASSWORD_SET:
            return say(_("{who} <b>gave a new password</b> to {name}."))
        case Audit.TOKEN_CREATED:
            return say(_("{who} <b>made an API token</b> for {name}."))
        case _:
            raise ValueError(f"no sentence tells of {kind}")


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    return str(value) if value not in (None, "", []) else ""


def _at(data: Mapping[str, Any], key: str) -> datetime | None:
    value = data.get(key)
    if isinstance(value, datetime):
        return value
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return at if at.tzinfo else None


def _passed(data: Mapping[str, Any], most: int = 4) -> str:
    """The named elements that were passed; without names it is of no interest to a person."""
    names = data.get("names")
    if not isinstance(names, Mapping):
        return ""
    told = [str(names[element]) for element in data.get("passed", ()) if names.get(element)]
    told = list(dict.fromkeys(told))
    return ", ".join(f"“{name}”" for name in told[:most]) + (" …" if len(told) > most else "")
