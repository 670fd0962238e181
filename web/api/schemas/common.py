"""What schemas share: moments, localised names, pages, and inputs that refuse unknown fields."""

from datetime import UTC, datetime
from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validate
from marshmallow.utils import get_value

CASE_ID = {"description": "Id of the case.", "examples": ["01936e2a-5b1c-7d3e-9f00-3c5a7b9d1e2f"]}
ELEMENT = {"description": "Id of the BPMN element as it stands in the file.", "examples": ["Activity_0k1x"]}

LIMIT_DEFAULT, LIMIT_MOST = 50, 200
TEXT_LIMIT = 2_000


class Moment(fields.DateTime):
    """An aware moment: any offset is accepted, UTC with a Z is given."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", **kwargs)

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        if value is None:
            return None
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        moment = super()._deserialize(value, attr, data, **kwargs)
        if not isinstance(moment, datetime) or moment.tzinfo is None:
            raise ValidationError("Give the offset from UTC, for example 2026-11-24T10:00:00Z.")
        return moment.astimezone(UTC)


class In(Schema):
    """Something a client sends; a field that is not named here is refused."""

    class Meta:
        unknown = RAISE


class Out(Schema):
    """Something a client gets; later versions may add fields."""

    class Meta:
        unknown = EXCLUDE


class Names(fields.Field[dict[str, str]]):
    """A name in both languages, from the row's columns ``{prefix}_id`` and ``{prefix}_en``."""

    def __init__(self, prefix: str, *, example: tuple[str, str]) -> None:
        text = {"type": "string"}
        super().__init__(
            dump_only=True,
            metadata={
                "type": "object",
                "description": "In Indonesian and in English.",
                "properties": {"id": text, "en": text},
                "required": ["id", "en"],
                "examples": [{"id": example[0], "en": example[1]}],
            },
        )
        self._prefix = prefix

    def serialize(self, attr: str, obj: Any, accessor: Any = None, **kwargs: Any) -> dict[str, str]:
        return {language: get_value(obj, f"{self._prefix}_{language}") for language in ("id", "en")}


class NamedOut(Out):
    """A key with its names."""

    key = fields.String(required=True)
    name = Names("name", example=("Dinas Lingkungan Hidup", "Environment Agency"))


class PageQuery(In):
    """Where a page begins and how long it is."""

    after = fields.String(
        load_default=None, metadata={"description": "`next` of the page before; omit it for the first."}
    )
    limit = fields.Integer(
        load_default=LIMIT_DEFAULT,
        validate=validate.Range(1, LIMIT_MOST),
        metadata={"description": f"Most items of a page, up to {LIMIT_MOST}."},
    )


class Reason(In):
    """Why something is done; it stays in the case's history."""

    reason = fields.String(
        required=True,
        validate=[validate.Length(1, TEXT_LIMIT), validate.Regexp(r".*\S", error="Write a reason.")],
        metadata={
            "description": "For people who read the history.",
            "examples": ["Withdrawn by the applicant"],
        },
    )


def page_of(item: type[Schema]) -> type[Schema]:
    """The schema of a page of ``item``: ``items`` and ``next``."""
    return type(
        f"{item.__name__}Page",
        (Out,),
        {
            "__doc__": "One page. `next` is null on the last.",
            "items": fields.List(fields.Nested(item), required=True),
            "next": fields.String(required=True, allow_none=True),
        },
    )


def variables(**kwargs: Any) -> fields.Dict:
    """A field of variables: names and any JSON values."""
    return fields.Dict(keys=fields.String(validate=validate.Length(1, 255)), **kwargs)
