"""Cases, their waits and their history on the wire."""

from marshmallow import fields, validate

from engine.states import Audit, CaseState, JobKind, JobState
from web.api.schemas.common import (
    CASE_ID,
    ELEMENT,
    In,
    Moment,
    NamedOut,
    Out,
    PageQuery,
    Reason,
    page_of,
    variables,
)
from web.api.schemas.tasks import TaskOut


class DeadlineOut(Out):
    """A timer that a case waits for."""

    job_id = fields.String(required=True, attribute="id")
    element = fields.String(required=True, attribute="element_id", metadata=ELEMENT)
    name = fields.String(required=True)
    due_at = Moment(required=True, attribute="run_at")


class CallOut(Out):
    """A call to a partner, or a message on its way, that a case waits for."""

    job_id = fields.String(required=True, attribute="id")
    kind = fields.Enum(JobKind, by_value=True, required=True)
    state = fields.Enum(JobState, by_value=True, required=True)
    element = fields.String(required=True, attribute="element_id", metadata=ELEMENT)
    name = fields.String(required=True)
    target = fields.String(required=True, allow_none=True)
    attempts = fields.Integer(required=True)
    run_at = Moment(required=True)
    last_error = fields.String(required=True, allow_none=True)


class MessageWait(Out):
    """A message or signal that a case waits for."""

    kind = fields.String(required=True, validate=validate.OneOf(["message", "signal"]))
    name = fields.String(required=True)
    element = fields.String(required=True, attribute="element_id", metadata=ELEMENT)
    correlation = fields.String(required=True, allow_none=True)
    since = Moment(required=True, attribute="created_at")


class WaitsOut(Out):
    """Everything a case waits for now."""

    tasks = fields.List(fields.Nested(TaskOut), required=True)
    deadlines = fields.List(fields.Nested(DeadlineOut), required=True)
    jobs = fields.List(fields.Nested(CallOut), required=True)
    messages = fields.List(fields.Nested(MessageWait), required=True, attribute="subscriptions")


class CaseOut(Out):
    """One run of a process."""

    id = fields.String(required=True, attribute="case_id", metadata=CASE_ID)
    business_key = fields.String(
        required=True, allow_none=True, metadata={"examples": ["MPP-RST-2026-000123"]}
    )
    process = fields.Nested(NamedOut, required=True)
    process_version = fields.Integer(required=True)
    owner = fields.Nested(NamedOut, required=True)
    held_by = fields.List(
        fields.Nested(NamedOut), required=True, metadata={"description": "Agencies with an open task in it."}
    )
    state = fields.Enum(CaseState, by_value=True, required=True)
    outcome = fields.String(
        required=True, allow_none=True, metadata={"description": "Id of the end event that was reached."}
    )
    facts = variables(required=True, metadata={"description": "What people know the case by."})
    version = fields.Integer(required=True, metadata={"description": "Raised by every change."})
    started_at = Moment(required=True)
    ended_at = Moment(required=True, allow_none=True)


class CaseWithWaits(CaseOut):
    """A case, and everything it waits for now."""

    waits = fields.Nested(WaitsOut, required=True)


class CaseQuery(PageQuery):
    """Which cases; newest first."""

    process = fields.String(load_default=None)
    state = fields.String(load_default=None, validate=validate.OneOf([state.value for state in CaseState]))
    q = fields.String(
        load_default=None,
        validate=validate.Length(1, 200),
        metadata={"description": "Text in the business key or the facts."},
    )


class StartBody(In):
    """What a case begins with."""

    business_key = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 255),
        metadata={"description": "The authority's own number.", "examples": ["MPP-RST-2026-000123"]},
    )
    data = variables(
        load_default=dict,
        metadata={"description": "By field key of the start form; without a form, by variable name."},
    )


class EventOut(Out):
    """One thing that happened in a case. Events are hash-chained: each seals the ones before it."""

    seq = fields.Integer(required=True, metadata={"description": "Counts from 1 without a gap."})
    at = Moment(required=True)
    kind = fields.Enum(Audit, by_value=True, required=True)
    actor = fields.String(required=True, attribute="actor_name")
    agency = fields.Nested(
        NamedOut, required=True, allow_none=True, metadata={"description": "Whose work it was."}
    )
    element = fields.String(required=True, attribute="element_id", allow_none=True)
    name = fields.String(required=True, attribute="element_name", allow_none=True)
    data = variables(required=True, metadata={"description": "Details, as far as they are for you."})
    withheld = fields.Boolean(
        required=True, metadata={"description": "Whether there are details for others."}
    )
    hash = fields.String(required=True)


class HistoryQuery(PageQuery):
    """Where the history begins."""


class DataBody(Reason):
    """Variables to set in a running case; what is not named stays."""

    data = variables(
        required=True,
        validate=validate.Length(1),
        metadata={"description": "By variable name.", "examples": [{"updateAvailable": True}]},
    )


class DataOut(Out):
    """The variables of a case."""

    data = variables(required=True)


CasePage = page_of(CaseOut)
EventPage = page_of(EventOut)
