"""Processes, their versions and their problems on the wire."""

from typing import Any

from marshmallow import fields, validate

from engine.problems import Severity
from web.api.schemas.common import Moment, NamedOut, Names, Out, PageQuery, page_of

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
    severity = fields.String(required=True, validate=validate.OneOf([level.value for level in Severity]))


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
        "view_only": {
            "type": "boolean",
            "default": False,
            "description": "Keep the BPMN file for viewing instead, with all that it lacks to run as its to-do list.",
        },
    },
}


class StartOut(Out):
    """An event that starts cases of a process."""

    element = fields.String(required=True, attribute="element_id", metadata={"examples": ["StartEvent_1"]})
    kind = fields.String(required=True, validate=validate.OneOf(["message", "signal", "timer"]))
    name = fields.String(
        required=True, metadata={"description": "Of the message or signal; empty for a timer."}
    )
    label = fields.String(required=True, metadata={"description": "The event's own name in the drawing."})
    timer = fields.String(
        required=True, allow_none=True, metadata={"description": "As the file has it.", "examples": ["R/P1D"]}
    )
    next_at = Moment(
        required=True, allow_none=True, metadata={"description": "When the timer starts the next case."}
    )


class ProcessOut(Out):
    """A process, as its newest version says it."""

    key = fields.String(required=True, metadata=KEY)
    version = fields.Integer(required=True, attribute="latest_version")
    title = Names("title", example=("Izin restoran", "Restaurant licence"))
    owner = fields.Nested(NamedOut, required=True)
    start_roles = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Roles of the owner that may start a case; none: all its members."},
    )
    view_only = fields.Boolean(
        required=True, metadata={"description": "Kept for viewing: no version of it runs or is started."}
    )
    starts = fields.List(
        fields.Nested(StartOut),
        required=True,
        metadata={"description": "The events that start a case by themselves."},
    )
    starts_by_hand = fields.Boolean(
        required=True, metadata={"description": "It has a plain start event, where people begin."}
    )
    deployed_by = fields.String(required=True, attribute="deployed_by_name")
    deployed_at = Moment(required=True)


class ProcessQuery(PageQuery):
    """Which processes, by key."""

    q = fields.String(
        load_default=None,
        validate=validate.Length(1, 200),
        metadata={"description": "Text in the key or a title."},
    )


class FileOut(Out):
    """A file that belongs to a version."""

    name = fields.String(required=True, metadata={"examples": ["restaurant_risk.dmn"]})
    kind = fields.String(required=True, validate=validate.OneOf(["dmn", "form", "toml"]))
    key = fields.String(required=True, metadata={"description": "What the model calls it."})


class VersionOut(Out):
    """One deployment of a process. It never changes."""

    process = fields.Nested(NamedOut, required=True)
    version = fields.Integer(required=True)
    deployment_id = fields.String(required=True)
    filename = fields.String(required=True)
    sha256 = fields.String(required=True, metadata={"description": "Of the uploaded BPMN file, hexadecimal."})
    routing = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={
            "description": "Element → the agency and roles its tasks go to.",
            "examples": [{"Activity_0k1x": {"agency": "dlh", "roles": ["e_reviewer"]}}],
        },
    )
    calls = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "Called process → the version it is bound to."},
    )
    files = fields.List(fields.Nested(FileOut), required=True)
    warnings = fields.List(
        fields.Nested(ProblemOut),
        required=True,
        metadata={
            "description": "Of a version kept for viewing: everything that it lacks to run, errors too."
        },
    )
    view_only = fields.Boolean(required=True)
    deployed_by = fields.String(required=True, attribute="deployed_by_name")
    deployed_at = Moment(required=True)


class DeployedOut(ProcessOut):
    """What one upload became: the first process in the file, and all of them in ``processes``."""

    deployment_id = fields.String(required=True)
    processes = fields.List(fields.Nested(ProcessOut), required=True)
    warnings = fields.List(fields.Nested(ProblemOut), required=True)
    kept_version = fields.Integer(
        load_default=None,
        metadata={
            "description": "With view_only: the version that was kept. `version` stays the one that runs, if any does."
        },
    )


class CheckedProcess(Out):
    """A process that was found in an upload."""

    key = fields.String(required=True, metadata=KEY)
    name = fields.String(required=True)
    owner = fields.String(required=True, metadata={"description": "Key of the agency it would belong to."})
    calls = fields.List(fields.String(), required=True)


class SilencedOut(Out):
    """A warning that the designer has seen: silenced by name at its element, with a reason."""

    problem = fields.Nested(ProblemOut, required=True)
    reason = fields.String(required=True)


class CheckedOut(Out):
    """What is wrong with an upload, and what could be deployed."""

    deployable = fields.Boolean(required=True, metadata={"description": "No problem is an error."})
    processes = fields.List(fields.Nested(CheckedProcess), required=True)
    problems = fields.List(fields.Nested(ProblemOut), required=True)
    silenced = fields.List(fields.Nested(SilencedOut), required=True)


ProcessPage = page_of(ProcessOut)
