"""A designer keeps models for viewing: stored as uploaded and drawn with all that it lacks to run; nothing starts it."""

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath

from lxml import etree

from engine.bpmn.admit import BPMN_ENDINGS, Limits, Upload
from engine.bpmn.normalise import KEY, Reading, normalise
from engine.bpmn.xml import XmlRefused, children, parse_bpmn
from engine.connector import Connector
from engine.errors import NotFound, ProcessInvalid
from engine.model import Process, ProcessVersion, new_id
from engine.problems import Problem, Severity
from engine.states import Audit
from engine.store.uow import UnitOfWork
from engine.store.versions import newest_number
from engine.usecases.check_process import check_process
from engine.usecases.deploy import files_of

_TITLE_LIMIT = 200


@dataclass(frozen=True, slots=True)
class KeptModel:
    """What one upload became: a version of each BPMN file in it. ``problems``: the to-do list that would make them run."""

    id: str
    versions: tuple[ProcessVersion, ...]
    problems: tuple[Problem, ...]


def keep_model(
    uow: UnitOfWork,
    upload: Upload,
    *,
    lanes: Mapping[str, str] | None = None,
    create_roles: bool = False,
    connectors: Mapping[str, Connector],
    systems: Collection[str],
    limits: Limits | None = None,
) -> KeptModel:
    """Keep every BPMN file of the upload, each as one version, whatever it lacks. Arguments as in ``check_process``.

    A version of the same key that runs stays the one that runs.

    Raises:
        NotPermitted: not a designer.
        ProcessInvalid: a file is no BPMN, over the limits, nobody's, or its key is another agency's.
    """
    admission = check_process(
        uow,
        upload,
        lanes=lanes,
        create_roles=create_roles,
        connectors=connectors,
        systems=systems,
        limits=limits,
    )
    if admission.owner is None:
        raise _refused(upload.filename, [p for p in admission.problems if "agency" in p.code])
    further = {name: c for name, c in upload.files.items() if name.lower().endswith(BPMN_ENDINGS)}
    drawings = {upload.filename: upload.bpmn, **further}
    deployment_id = new_id()
    uow.add(*files_of(upload, deployment_id))
    versions = []
    for filename, content in drawings.items():
        told = [p for p in admission.problems if p.file == filename or p.file not in drawings]
        version = _version(uow, content, filename, admission.owner, told, limits)
        version.deployment_id = deployment_id
        uow.add(version)
        uow.flush()
        versions.append(version)
        uow.record_house(
            Audit.PROCESS_KEPT,
            version.process_key,
            version=version.version,
            filename=version.filename,
            sha256=version.sha256,
            owner_agency=admission.owner,
            errors=sum(problem.severity is Severity.ERROR for problem in told),
        )
    return KeptModel(deployment_id, tuple(versions), tuple(admission.problems))


def _version(
    uow: UnitOfWork, content: bytes, filename: str, owner: str, told: Sequence[Problem], limits: Limits | None
) -> ProcessVersion:
    """The next version of the process that the file would be."""
    root = _readable(content, filename, limits)
    reading = normalise(content, filename, limits=limits)
    key = _key(root, reading, filename)
    process = _process(uow, key, _title(root, reading, filename), owner, filename)
    number = newest_number(uow, key) + 1
    if process.view_only:
        process.latest_version = number
    uow.flush()
    return ProcessVersion(
        process_key=key,
        version=number,
        filename=filename[:255],
        bpmn=content,
        sha256=hashlib.sha256(content).hexdigest(),
        routing={},
        calls={},
        settings={},
        warnings=[asdict(problem) for problem in told],
        view_only=True,
        deployed_by=uow.actor.id,
        deployed_by_name=uow.actor.name,
        deployed_at=uow.now(),
    )


def _readable(content: bytes, filename: str, limits: Limits | None) -> etree._Element:
    """Even what is only looked at must be XML that is safe to read, and BPMN."""
    try:
        return parse_bpmn(content, limits=limits, file=filename)
    except XmlRefused as refused:
        raise _refused(filename, [refused.problem]) from refused


def _key(root: etree._Element, reading: Reading, filename: str) -> str:
    """That of the process to run, so that a version that runs can follow; else what names the drawing best."""
    drawn = [process.key for process in (*reading.executable, *reading.processes)]
    named = [
        e.get("id") or "" for e in (*children(root, "collaboration"), *children(root, "choreography"), root)
    ]
    stem = re.sub(r"[^\w.\-]+", "_", PurePosixPath(filename).stem)[:128]
    return next((key for key in (*drawn, *named, stem) if KEY.fullmatch(key)), "model")


def _title(root: etree._Element, reading: Reading, filename: str) -> str:
    """The name of the one process that is meant; of several, or none, that of the file."""
    meant = reading.executable or reading.processes
    name = meant[0].name if len(meant) == 1 and meant[0].name != meant[0].key else ""
    return (name or " ".join((root.get("name") or "").split()) or PurePosixPath(filename).stem)[:_TITLE_LIMIT]


def _process(uow: UnitOfWork, key: str, title: str, owner: str, filename: str) -> Process:
    """The process that the version joins, locked; a new one when the key is free."""
    try:
        process = uow.get(Process, key, lock=True)
    except NotFound:
        process = Process(
            key=key, title_id=title, title_en=title, owner_agency=owner, latest_version=1, view_only=True
        )
        uow.add(process)
        return process
    if process.owner_agency != owner:
        message = f"The process “{key}” belongs to {process.owner_agency} and cannot go to {owner}. Give yours another id."
        raise _refused(filename, [Problem(0, key, "process_of_another_agency", message, file=filename)])
    if process.view_only:
        process.title_id, process.title_en = title, title
    return process


def _refused(filename: str, problems: list[Problem]) -> ProcessInvalid:
    return ProcessInvalid(f"{filename} cannot be kept: {len(problems)} problems.", problems)
