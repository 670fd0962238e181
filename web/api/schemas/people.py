"""Agencies and people on the wire."""

from marshmallow import fields, validate

from engine.states import Power
from web.api.schemas.common import Names, Out, PageQuery, page_of


class RoleOut(Out):
    """A role in an agency."""

    key = fields.String(required=True, metadata={"examples": ["e_reviewer"]})
    name = Names("name", example=("Pemeriksa dokumen lingkungan", "Environmental reviewer"))


class AgencyOut(Out):
    """An agency and the roles in it."""

    key = fields.String(required=True, metadata={"examples": ["dlh"]})
    name = Names("name", example=("Dinas Lingkungan Hidup", "Environment Agency"))
    roles = fields.List(fields.Nested(RoleOut), required=True)


class HeldRole(Out):
    """A role that somebody holds."""

    agency = fields.Function(lambda pair: pair[0], metadata={"type": "string", "examples": ["dlh"]})
    role = fields.Function(lambda pair: pair[1], metadata={"type": "string", "examples": ["e_reviewer"]})


class PersonOut(Out):
    """Somebody with an account."""

    username = fields.String(required=True, metadata={"examples": ["niken"]})
    name = fields.String(required=True, metadata={"examples": ["Niken Prameswari"]})
    active = fields.Boolean(required=True)
    locale = fields.String(required=True, validate=validate.OneOf(["id", "en"]))
    agencies = fields.List(fields.String(), required=True)
    roles = fields.List(fields.Nested(HeldRole), required=True)
    powers = fields.List(fields.Enum(Power, by_value=True), required=True)


class PersonQuery(PageQuery):
    """Which people, by user name."""

    agency = fields.String(load_default=None, metadata={"description": "Key of an agency."})
    q = fields.String(
        load_default=None,
        validate=validate.Length(1, 200),
        metadata={"description": "Text in the name or the user name."},
    )


AgencyPage = page_of(AgencyOut)
PersonPage = page_of(PersonOut)
