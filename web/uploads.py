"""Puts an Upload together: from a multipart request of API or page, or from files on disk."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TypeVar

import orjson
from flask import request

from engine.bpmn.admit import Limits, Upload
from engine.config import Settings
from engine.errors import Invalid, TooLarge
from engine.store.uow import UnitOfWork
from web.problems import WebProblem
from web.wiring import House

T = TypeVar("T")

BPMN_ENDINGS = (".bpmn", ".bpmn20.xml", ".bpmn2")
PART_ENDINGS = (".dmn", ".form", ".json", ".toml")
NAME_LIMIT = 255
_FILE, _FILES, _LANES, _ROLES, _VIEW = "file", "files", "lanes", "create_roles", "view_only"


@dataclass(frozen=True, slots=True)
class Sent:
    """What a designer sent.

    Attributes:
        upload: the files.
        lanes: lane name → "agency" or "agency/role", chosen at deployment.
        create_roles: make the roles that candidate groups name.
        view_only: keep the model for viewing.
    """

    upload: Upload
    lanes: Mapping[str, str] = field(default_factory=dict)
    create_roles: bool = False
    view_only: bool = False


def limits(settings: Settings) -> Limits:
    """What admission lets through."""
    return Limits(bytes=settings.upload_limit_bytes, elements=settings.upload_limit_elements)


def handed(verb: Callable[..., T], uow: UnitOfWork, sent: Sent, house: House) -> T:
    """What ``verb`` (check_process, deploy or keep_model) makes of what was sent, with what this house has and allows."""
    return verb(
        uow,
        sent.upload,
        lanes=sent.lanes,
        create_roles=sent.create_roles,
        connectors=house.connectors,
        systems=house.systems,
        limits=limits(house.settings),
    )


def sent(settings: Settings) -> Sent:
    """The upload in the multipart request at hand: ``file``, ``files``, ``lanes`` (a JSON object), ``create_roles``,
    ``view_only``.

    Raises:
        WebProblem: 415 when it is no multipart form, 422 naming the fields that are wrong.
        TooLarge: a file is over the limit.
    """
    if request.mimetype != "multipart/form-data":
        raise WebProblem(
            415,
            "wrong_content_type",
            f"Send multipart/form-data with the model as `file`, not {request.mimetype or 'an unnamed type'}.",
        )
    unknown = (request.files.keys() - {_FILE, _FILES}) | (
        request.form.keys() - {_LANES, _ROLES, _VIEW, "csrf_token"}
    )
    if unknown:
        raise _wrong(dict.fromkeys(unknown, "Unknown field."))
    models = request.files.getlist(_FILE)
    if len(models) != 1 or not models[0].filename:
        raise _wrong({_FILE: "Send exactly one BPMN file."})
    contents: dict[str, bytes] = {}
    for file in [*models, *(part for part in request.files.getlist(_FILES) if part.filename)]:
        name = _name(file.filename or "")
        if name in contents:
            raise _wrong({_FILES: f"Two files are called {name}."})
        contents[name] = file.stream.read()
        if len(contents[name]) > settings.upload_limit_bytes:
            raise TooLarge(
                f"{name} has {len(contents[name])} bytes; the limit is {settings.upload_limit_bytes}.",
                file=name,
            )
    main, *_ = contents
    upload = Upload(main, contents[main], {name: data for name, data in contents.items() if name != main})
    return Sent(upload, _lanes(request.form.get(_LANES)), _flag(_ROLES), _flag(_VIEW))


def from_disk(paths: Iterable[Path]) -> Upload:
    """One upload from files. A folder stands for the models, tables, forms and settings in it and in its ``forms/``.

    Raises:
        Invalid ``no_bpmn_file``: there is no model among them.
    """
    contents = {path.name: path.read_bytes() for path in on_disk(paths)}
    models = [name for name in sorted(contents) if _is_model(name, contents[name])]
    if not models:
        raise Invalid("None of the files is a BPMN model (.bpmn).", code="no_bpmn_file")
    main = next((name for name in models if name.startswith("process.")), models[0])
    return Upload(main, contents[main], {name: data for name, data in contents.items() if name != main})


def on_disk(paths: Iterable[Path]) -> list[Path]:
    """The files that ``from_disk`` takes."""
    return [path for given in paths for path in _files(given)]


def has_model(folder: Path) -> bool:
    """Whether a folder holds a BPMN model itself."""
    return any(_is_model(path.name, b"") for path in _files(folder))


def _name(sent_name: str) -> str:
    name = PurePosixPath(sent_name.replace("\\", "/")).name
    if not name.isprintable() or not 0 < len(name) <= NAME_LIMIT:
        raise _wrong({_FILES: "A file name is 1 to 255 printable characters."})
    return name


def _lanes(text: str | None) -> dict[str, str]:
    if text is None or not text.strip():
        return {}
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, dict) or not all(isinstance(target, str) for target in value.values()):
        raise _wrong({_LANES: 'Send a JSON object from lane to agency or role: {"Lane": "agency/role"}.'})
    return value


def _flag(field: str) -> bool:
    match request.form.get(field, "").strip().lower():
        case "" | "false" | "0":
            return False
        case "true" | "1" | "on":
            return True
        case _:
            raise _wrong({field: "Write true or false."})


def _wrong(fields: Mapping[str, str]) -> WebProblem:
    names = ", ".join(sorted(fields))
    return WebProblem(
        422,
        "invalid",
        f"What was sent is not right: {names}.",
        fields={name: [message] for name, message in fields.items()},
    )


def _files(given: Path) -> list[Path]:
    if not given.is_dir():
        return [given]
    found = [*given.iterdir(), *(given / "forms").glob("*")]
    return sorted(p for p in found if p.is_file() and p.name.lower().endswith((*BPMN_ENDINGS, *PART_ENDINGS)))


def _is_model(name: str, content: bytes) -> bool:
    lower = name.lower()
    return lower.endswith(BPMN_ENDINGS) or (lower.endswith(".xml") and b"/BPMN/" in content[:4000])
