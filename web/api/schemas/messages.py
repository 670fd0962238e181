"""Messages and signals on the wire."""

from marshmallow import fields, validate

from web.api.schemas.cases import CaseWithWaits
from web.api.schemas.common import CASE_ID, In, Out, variables

NAME = validate.Length(1, 255)


class MessageBody(In):
    """A message. With none of ``case_id``, ``business_key`` and ``correlation``, the only case that waits takes it.

    When none waits, it starts a case of the process that begins by it, known by ``business_key`` or ``correlation``.
    """

    name = fields.String(
        required=True,
        validate=NAME,
        metadata={"description": "As the model names it.", "examples": ["clarification_answered"]},
    )
    case_id = fields.String(load_default=None, allow_none=True, metadata=CASE_ID)
    business_key = fields.String(load_default=None, allow_none=True, validate=NAME)
    correlation = fields.String(
        load_default=None,
        allow_none=True,
        validate=NAME,
        metadata={"description": "The value the case waits with."},
    )
    data = variables(load_default=dict, metadata={"description": "By variable name."})


class MessageOut(CaseWithWaits):
    """The case that took the message, and everything it waits for now."""

    started = fields.Boolean(required=True, metadata={"description": "The message began this case."})


class SignalBody(In):
    """A signal."""

    name = fields.String(required=True, validate=NAME, metadata={"description": "As the model names it."})
    data = variables(load_default=dict, metadata={"description": "By variable name."})


class SignalOut(Out):
    """Where a signal went."""

    cases = fields.Integer(required=True, metadata={"description": "How many cases it is on its way to."})
    started = fields.Integer(required=True, metadata={"description": "How many cases begin by it."})
