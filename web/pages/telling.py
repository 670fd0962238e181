"""History events made ready for the page: a sentence, its tone, and the details that this reader may see."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from markupsafe import Markup

from engine.states import Audit
from engine.store.history import EventRow
from web.pages import words
from web.pages.models import Labels
from web.pages.sentences import QUIET, sentence, tone
from web.pages.texts import _, ngettext

_ANSWERS = ("answers", "inputs", "outputs")
_TOLD_APART = frozenset({"attempt", "again_at", "sender"})
"""Details that the sentence leaves out and a person may want to know."""

_OF_DECISIONS = frozenset({"inputs", "outputs", "required"})
"""Details of a decision that are told by ``decision_lines``."""

FOLDED = QUIET - {Audit.TASK_OPENED}
"""Several of these in a row take one line, which opens."""


@dataclass(frozen=True, slots=True)
class Told:
    """One event, or a row of events of the house that is folded into one line (``inside``, newest first)."""

    seq: int
    at: datetime
    tone: str
    sentence: Markup
    details: list[tuple[str, str]]
    inside: tuple["Told", ...] = ()


def told(events: Iterable[EventRow], labels: Labels, *, now_first: bool, whole: bool = False) -> list[Told]:
    """The events as the page shows them, in the order given.

    Args:
        now_first: the first event is the newest of a running case and is marked as where it stands.
        whole: every event by itself and with every detail, for auditors.
    """
    shown: list[Told] = []
    wanted = list(events) if whole else _untold(list(events))
    for quiet, together in groupby(wanted, key=lambda event: event.kind in FOLDED and not whole):
        lines = [_told(event, labels, whole) for event in together]
        shown += [_folded(lines)] if quiet and len(lines) > 1 else lines
    if now_first and shown:
        shown[0] = replace(shown[0], tone="is-now")
    return shown


def _untold(events: list[EventRow]) -> list[EventRow]:
    """Without the way that other events tell already: a completed task needs no second line that it was passed."""
    spoken = {event.element_id for event in events if event.kind is not Audit.ELEMENTS_PASSED}
    kept = []
    for event in events:
        if event.kind is Audit.ELEMENTS_PASSED:
            passed = [element for element in event.data.get("passed", ()) if element not in spoken]
            if not any(event.data.get("names", {}).get(element) for element in passed):
                continue
            kept.append(replace(event, data={**event.data, "passed": passed}))
        else:
            kept.append(event)
    return kept


def _told(event: EventRow, labels: Labels, whole: bool) -> Told:
    return Told(
        seq=event.seq,
        at=event.at,
        tone=tone(event.kind),
        sentence=sentence(
            event.kind,
            who=event.actor_name,
            agency=words.agency(event.agency),
            element=event.element_name or event.element_id or "",
            data=event.data,
        ),
        details=_details(event, labels, whole),
    )


def _folded(lines: list[Told]) -> Told:
    count = ngettext("Lintas took %(num)s step by itself", "Lintas took %(num)s steps by itself", len(lines))
    return Told(lines[0].seq, lines[0].at, "is-quiet", Markup.escape(count), [], tuple(lines))


def _details(event: EventRow, labels: Labels, whole: bool) -> list[tuple[str, str]]:
    lines = []
    if event.kind is Audit.DECISION_MADE:
        lines += decision_lines(event.data, labels.at(event.element_id))
    for name, value in event.data.items():
        if event.kind is Audit.DECISION_MADE and name in _OF_DECISIONS:
            continue
        if name in _ANSWERS and isinstance(value, Mapping):
            lines += labels.at(event.element_id).lines(value)
        elif (whole or name in _TOLD_APART) and value not in (None, "", [], {}):
            lines.append((_name(name), words.plainly(value)))
    if whole:
        lines += [(_("Element"), event.element_id or "–"), (_("Seal"), event.hash)]
    elif event.withheld:
        lines.append((_("Details"), _("for the agency that wrote them")))
    return lines


def decision_lines(data: Mapping[str, Any], labels: Labels) -> list[tuple[str, str]]:
    """What a decision compared and what came of it; then a line for each decision that it needed, in order."""
    lines = labels.lines(data.get("inputs") or {})
    rows = data.get("outputs") or []
    for row in rows:
        lines += [(_("Result: %(name)s", name=name), said) for name, said in labels.lines(row)]
    if not rows:
        lines.append((_("Result"), _("none")))
    for before in data.get("required") or []:
        given = "; ".join(f"{name}: {said}" for name, said in labels.lines(before.get("inputs") or {}))
        came = "; ".join(
            f"{name}: {said}" for row in before.get("outputs") or [] for name, said in labels.lines(row)
        )
        rules = ", ".join(str(place) for place in before.get("rules") or [])
        told = f"{given} → {came or _('none')}" if given else came or _("none")
        if rules:
            told += " (" + _("rule %(rules)s", rules=rules) + ")"
        lines.append(
            (_("Before it, %(decision)s", decision=before.get("table") or before.get("decision")), told)
        )
    return lines


def _name(key: str) -> str:
    known = {
        "due_at": _("Due"),
        "reason": _("Reason"),
        "business_key": _("Case number"),
        "system": _("System"),
        "attempt": _("Attempt"),
        "code": _("Code"),
        "message": _("Message"),
        "roles": _("Roles"),
        "assignee": _("Given to"),
        "again_at": _("Next attempt"),
        "sender": _("Sender"),
        "decision": _("Table"),
        "matched": _("Rules that applied"),
    }
    return known.get(key, words.humanise(key))
