"""Processes, their versions and their problems on the wire."""

from typing import Any

from marshmallow import fields

from engine.problems import Severity
from web.api.schemas.common import Out

KEY = {"description": "Key of the process: the id of its BPMN process.", "examples": ["restaurant_licence"]}


class ProblemOut(Out):
    """One thing that is wrong with a file, or that a designer should look at."""

    file = fields.String(required=True)
    line = fields.Integer(
        required=True, metadata={"description": "1-based; 0 where the file has no such place."}
    )
    element = fields.String(
        required=True, metadata={"description": "Id of the BPMN element, empty for the whole file."}
    )
    code = fields.String(required=True, metadata={"examples": ["lane_without_agency"]})
    message = fields.String(required=True)
    severity = fields.Enum(Severity, by_value=True, required=True)


UPLOAD: dict[str, Any] = {
    "type": "object",
    "required": ["file"],
    "additionalProperties": False,
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "The BPMN file."},
        "files": {
            "type": "array",
            "items": {"type": "string", "format": "binary"},
            "description": "Further models, DMN tables, forms and process.toml that belong to it.",
        },
        "lanes": {
            "type": "string",
            "description": "A JSON object: lane → agency or agency/role. It wins over process.toml.",
            "examples": ['{"Fire service": "damkar/f_inspector"}'],
        },
        "create_roles": {
            "type": "boolean",
            "default": False,
            "description": "Make the roles that candidate groups name.",
        },
    },
}
