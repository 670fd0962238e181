"""Agencies and people on the wire."""

from marshmallow import fields, validate

from engine.states import Power
from web.api.schemas.common import In, Names, Out, PageQuery, page_of


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


_NAME = validate.Length(1, 200)
_KEY = validate.Length(1, 64)


class NamesIn(In):
    """A name in both languages."""

    id = fields.String(required=True, validate=_NAME)
    en = fields.String(required=True, validate=_NAME)


class RoleIn(In):
    """A role to be there. Without a name, one that exists keeps its own, and a new one is called by its key."""

    key = fields.String(required=True, validate=_KEY, metadata={"examples": ["e_reviewer"]})
    name = fields.Nested(NamesIn, load_default=None)


_ROLES = validate.Length(max=200)


class AgencyChange(In):
    """What shall be different. Roles that are not named stay."""

    name = fields.Nested(NamesIn, load_default=None)
    roles = fields.List(fields.Nested(RoleIn), load_default=list, validate=_ROLES)


class AgencyIn(AgencyChange):
    """A new agency."""

    key = fields.String(required=True, validate=_KEY, metadata={"examples": ["dlh"]})
    name = fields.Nested(NamesIn, required=True)


class HeldRoleIn(In):
    """A role that somebody shall hold."""

    agency = fields.String(required=True, validate=_KEY, metadata={"examples": ["dlh"]})
    role = fields.String(required=True, validate=_KEY, metadata={"examples": ["e_reviewer"]})


class PersonChange(In):
    """What shall be different; each list that is given replaces the one before."""

    name = fields.String(validate=_NAME, metadata={"examples": ["Niken Prameswari"]})
    locale = fields.String(validate=validate.OneOf(["id", "en"]))
    agencies = fields.List(
        fields.String(validate=_KEY),
        validate=_ROLES,
        metadata={"description": "Where they work without a role; agencies of roles count by themselves."},
    )
    roles = fields.List(fields.Nested(HeldRoleIn), validate=_ROLES)
    powers = fields.List(fields.Enum(Power, by_value=True), validate=validate.Length(max=20))
    active = fields.Boolean(
        metadata={"description": "False ends sessions and tokens; what they hold goes back to its queue."}
    )


class PersonIn(PersonChange):
    """Somebody new. They sign in once they are given a password."""

    username = fields.String(required=True, validate=_KEY, metadata={"examples": ["niken"]})
    name = fields.String(required=True, validate=_NAME, metadata={"examples": ["Niken Prameswari"]})


class PasswordOut(Out):
    """A new password. It is shown this once; only its hash is kept."""

    username = fields.String(required=True)
    password = fields.String(required=True, metadata={"examples": ["kx7fm-q2r9t-w4hbn"]})


AgencyPage = page_of(AgencyOut)
PersonPage = page_of(PersonOut)
