"""Tasks on the wire."""

from marshmallow import fields, validate

from engine.states import CaseState, TaskState
from web.api.schemas.common import CASE_ID, ELEMENT, In, Moment, NamedOut, Out, PageQuery, page_of, variables

TASK_ID = {"description": "Id of the task.", "examples": ["01936e2a-5b20-7a41-8c11-0d2f4b6a8c0e"]}


class TaskOut(Out):
    """Work that waits, or waited, for a person of one agency."""

    id = fields.String(required=True, metadata=TASK_ID)
    case_id = fields.String(required=True, metadata=CASE_ID)
    business_key = fields.String(required=True, allow_none=True)
    process = fields.Nested(NamedOut, required=True)
    element = fields.String(required=True, attribute="element_id", metadata=ELEMENT)
    name = fields.String(required=True, metadata={"examples": ["Periksa dokumen lingkungan"]})
    state = fields.Enum(TaskState, by_value=True, required=True)
    agency = fields.Nested(NamedOut, required=True)
    roles = fields.List(
        fields.String(),
        required=True,
        metadata={
            "description": "Roles in the agency that may take it; with no roles and no users, any member."
        },
    )
    users = fields.List(
        fields.String(), required=True, metadata={"description": "User names that may take it."}
    )
    assignee = fields.Function(
        lambda row: {"username": row.assignee_username, "name": row.assignee_name} if row.assignee else None,
        required=True,
        metadata={
            "type": ["object", "null"],
            "description": "Who holds it.",
            "properties": {"username": {"type": "string"}, "name": {"type": "string"}},
        },
    )
    form = fields.String(
        required=True, attribute="form_key", allow_none=True, metadata={"description": "Key of its form."}
    )
    priority = fields.Integer(required=True, metadata={"description": "Larger is more urgent; 50 is usual."})
    due_at = Moment(required=True, allow_none=True)
    follow_up_at = Moment(required=True, allow_none=True)
    created_at = Moment(required=True)
    claimed_at = Moment(required=True, allow_none=True)
    closed_at = Moment(required=True, allow_none=True)
    facts = variables(required=True, metadata={"description": "What people know the case by."})
    case_state = fields.Enum(CaseState, by_value=True, required=True)


class TaskQuery(PageQuery):
    """Which tasks, in which order."""

    agency = fields.String(load_default=None, metadata={"description": "Key of an agency of yours."})
    role = fields.String(load_default=None, metadata={"description": "Key of a role."})
    assignee = fields.String(load_default=None, metadata={"description": "`me`, `nobody` or a user name."})
    state = fields.String(
        load_default=TaskState.OPEN.value, validate=validate.OneOf([state.value for state in TaskState])
    )
    case = fields.String(load_default=None, metadata=CASE_ID)
    process = fields.String(load_default=None, metadata={"description": "Key of the case's process."})
    due_before = Moment(load_default=None)
    q = fields.String(
        load_default=None,
        validate=validate.Length(1, 200),
        metadata={"description": "Text in the task's name, the business key or the facts."},
    )
    sort = fields.String(load_default="due", validate=validate.OneOf(["due", "created", "priority"]))


class Answers(In):
    """What a person fills in."""

    data = variables(
        load_default=dict,
        metadata={
            "description": "By field key of the task's form; without a form, by variable name.",
            "examples": [{"decision": "setuju", "note": "Lengkap"}],
        },
    )


class Assignment(In):
    """Who shall hold a task."""

    user = fields.String(required=True, validate=validate.Length(1, 64), metadata={"examples": ["tomi"]})


TaskPage = page_of(TaskOut)
