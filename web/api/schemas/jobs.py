"""Jobs and incidents on the wire."""

from marshmallow import fields, validate

from engine.states import IncidentKind, IncidentState, JobKind, JobState
from web.api.schemas.common import CASE_ID, ELEMENT, In, Moment, NamedOut, Out, PageQuery, page_of

JOB_ID = {"description": "Id of the job.", "examples": ["01936e2a-5b44-7f0a-9d21-7b1c3d5e7f90"]}
INCIDENT_ID = {"description": "Id of the incident.", "examples": ["01936e2a-6c02-7b11-8a33-1f3d5b7d9f21"]}


class JobOut(Out):
    """A timer, a call to a partner or a message under way: what the house must do by itself."""

    id = fields.String(required=True, metadata=JOB_ID)
    case_id = fields.String(required=True, metadata=CASE_ID)
    business_key = fields.String(required=True, allow_none=True)
    process = fields.Nested(NamedOut, required=True)
    kind = fields.Enum(JobKind, by_value=True, required=True)
    state = fields.Enum(JobState, by_value=True, required=True)
    element = fields.String(required=True, attribute="element_id", metadata=ELEMENT)
    name = fields.String(required=True)
    target = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The partner's system, or the connector; null for timers and messages."},
    )
    run_at = Moment(required=True, metadata={"description": "Not before; of a timer, when it is due."})
    attempts = fields.Integer(required=True)
    max_attempts = fields.Integer(required=True)
    last_error = fields.String(required=True, allow_none=True)
    created_at = Moment(required=True)
    closed_at = Moment(required=True, allow_none=True)


class JobQuery(PageQuery):
    """Which jobs."""

    case = fields.String(load_default=None, metadata=CASE_ID)
    state = fields.String(load_default=None, validate=validate.OneOf([state.value for state in JobState]))
    kind = fields.String(load_default=None, validate=validate.OneOf([kind.value for kind in JobKind]))


class IncidentOut(Out):
    """Something a person must look at before a case can go on."""

    id = fields.String(required=True, metadata=INCIDENT_ID)
    case_id = fields.String(required=True, metadata=CASE_ID)
    business_key = fields.String(required=True, allow_none=True)
    process = fields.Nested(NamedOut, required=True)
    kind = fields.Enum(IncidentKind, by_value=True, required=True)
    state = fields.Enum(IncidentState, by_value=True, required=True)
    element = fields.String(required=True, attribute="element_id", metadata=ELEMENT)
    target = fields.String(
        required=True, allow_none=True, metadata={"description": "The partner's system or the connector."}
    )
    code = fields.String(required=True)
    message = fields.String(required=True)
    job_id = fields.String(required=True, allow_none=True, metadata=JOB_ID)
    task_id = fields.String(required=True, allow_none=True)
    created_at = Moment(required=True)
    resolved_at = Moment(required=True, allow_none=True)
    resolved_by = fields.String(required=True, allow_none=True)
    resolution = fields.String(required=True, allow_none=True)


class IncidentQuery(PageQuery):
    """Which incidents."""

    case = fields.String(load_default=None, metadata=CASE_ID)
    kind = fields.String(load_default=None, validate=validate.OneOf([kind.value for kind in IncidentKind]))
    state = fields.String(
        load_default=IncidentState.OPEN.value,
        validate=validate.OneOf([state.value for state in IncidentState]),
    )


class SkipBody(In):
    """What to go on with instead of the partner's answer."""

    data = fields.Raw(
        load_default=None,
        allow_none=True,
        metadata={"description": "Any JSON value, taken as the reply.", "examples": [{"match": True}]},
    )


JobPage = page_of(JobOut)
IncidentPage = page_of(IncidentOut)
