"""A designer deploys an upload: a new version of each process in it, or nothing and every problem."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath

from engine.bpmn.admission.parts import FORM_ENDINGS, basename, form_files
from engine.bpmn.admit import BPMN_ENDINGS, Admission, Admitted, Limits, Upload
from engine.bpmn.model import EventKind
from engine.bpmn.settings import NAME as SETTINGS_NAME
from engine.connector import Connector
from engine.errors import NotFound, ProcessInvalid
from engine.model import Process, ProcessFile, ProcessVersion, Role, new_id
from engine.problems import Problem
from engine.states import Audit
from engine.store.starts import MESSAGE_START, PLAIN_START
from engine.store.uow import UnitOfWork
from engine.store.versions import newest_number
from engine.usecases.check_process import check_process
from engine.usecases.keep_starts import keep_starts

_TITLE_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Deployment:
    """What one upload became. ``warnings``: it runs; a designer should look at them."""

    id: str
    versions: tuple[ProcessVersion, ...]
    warnings: tuple[Problem, ...]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that was told; of a deployment, that is warnings."""
        return self.warnings


def deploy(
    uow: UnitOfWork,
    upload: Upload,
    *,
    lanes: Mapping[str, str] | None = None,
    create_roles: bool = False,
    connectors: Mapping[str, Connector],
    systems: Collection[str],
    limits: Limits | None = None,
) -> Deployment:
    """Deploy every executable process of the upload. Arguments as in ``check_process``.

    Cases that run stay on the version they began with; messages, signals and times start the new version from now on; a call is bound to the newest version of what it calls.

    Raises:
        NotPermitted: not a designer. ProcessInvalid: ``problems`` lists everything; nothing was written.
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
    if admission.errors or not admission.processes:
        raise ProcessInvalid(
            f"{upload.filename} cannot be deployed: {len(admission.errors)} problems.", admission.problems
        )
    deployment_id = new_id()
    _make_roles(uow, admission)
    processes = {a.process.key: _process(uow, a) for a in admission.processes}
    uow.flush()
    uow.add(*files_of(upload, deployment_id), *_made_forms(upload, admission, deployment_id))
    versions = tuple(
        _version(uow, admitted, upload, deployment_id, processes, admission.warnings)
        for admitted in admission.processes
    )
    uow.add(*versions)
    for admitted in admission.processes:
        keep_starts(uow, admitted, processes[admitted.process.key])
    for version in versions:
        uow.record_house(
            Audit.PROCESS_DEPLOYED,
            version.process_key,
            version=version.version,
            filename=version.filename,
            sha256=version.sha256,
            owner_agency=processes[version.process_key].owner_agency,
            warnings=len(admission.warnings),
        )
    return Deployment(deployment_id, versions, tuple(admission.warnings))


def _make_roles(uow: UnitOfWork, admission: Admission) -> None:
    wanted = {pair for admitted in admission.processes for pair in admitted.new_roles}
    uow.add(
        *(Role(agency_key=agency, key=role, name_id=role, name_en=role) for agency, role in sorted(wanted))
    )


def _process(uow: UnitOfWork, admitted: Admitted) -> Process:
    """The process with the number of its new version; locked, so that two deployments cannot take the same."""
    name = (admitted.process.name or admitted.process.key)[:_TITLE_LIMIT]
    title_id = (admitted.settings.title_id or name)[:_TITLE_LIMIT]
    title_en = (admitted.settings.title_en or name)[:_TITLE_LIMIT]
    try:
        process = uow.get(Process, admitted.process.key, lock=True)
    except NotFound:
        process = Process(
            key=admitted.process.key,
            title_id=title_id,
            title_en=title_en,
            owner_agency=admitted.owner_agency,
            latest_version=1,
        )
        uow.add(process)
        return process
    process.title_id, process.title_en = title_id, title_en
    if process.view_only:  # what was only looked at until now becomes the deployer's procedure
        process.view_only, process.owner_agency = False, admitted.owner_agency
    process.latest_version = newest_number(uow, process.key) + 1
    return process


def _version(
    uow: UnitOfWork,
    admitted: Admitted,
    upload: Upload,
    deployment_id: str,
    processes: Mapping[str, Process],
    warnings: Collection[Problem],
) -> ProcessVersion:
    file = admitted.process.file or upload.filename
    content = upload.bpmn if file == upload.filename else upload.files[file]
    calls = {
        key: (processes[key] if key in processes else uow.get(Process, key)).latest_version
        for key in admitted.calls
    }
    return ProcessVersion(
        process_key=admitted.process.key,
        version=processes[admitted.process.key].latest_version,
        deployment_id=deployment_id,
        filename=file[:255],
        bpmn=content,
        sha256=hashlib.sha256(content).hexdigest(),
        routing={
            node: {"agency": route.agency, "roles": list(route.roles)}
            | ({"apart": list(route.apart)} if route.apart else {})
            for node, route in admitted.routing.items()
        },
        calls=calls,
        settings={
            **admitted.settings.as_json(),
            PLAIN_START: bool(admitted.process.scope.plain_starts()),
            MESSAGE_START: any(
                node.event is not None and node.event.kind is EventKind.MESSAGE
                for node in admitted.process.scope.event_starts()
            ),
        },
        warnings=[asdict(problem) for problem in warnings],
        deployed_by=uow.actor.id,
        deployed_by_name=uow.actor.name,
        deployed_at=uow.now(),
    )


def files_of(upload: Upload, deployment_id: str) -> list[ProcessFile]:
    """Everything of the upload that is not BPMN, as uploaded."""
    contents = {basename(name): content for name, content in upload.files.items()}
    return [
        ProcessFile(
            id=new_id(),
            deployment_id=deployment_id,
            name=name[:255],
            kind=kind,
            key=_stem(name),
            content=content,
        )
        for name, content in sorted(contents.items())
        if (kind := _kind(name))
    ]


def _made_forms(upload: Upload, admission: Admission, deployment_id: str) -> list[ProcessFile]:
    """Forms that stand in a BPMN file or are made of fields drawn there, kept with the version as it showed them."""
    uploaded = form_files(upload.files)
    made = {
        key: content
        for admitted in admission.processes
        for key, content in admitted.forms.items()
        if key not in uploaded
    }
    return [
        ProcessFile(
            id=new_id(),
            deployment_id=deployment_id,
            name=f"{key[:250]}.form",
            kind="form",
            key=key[:128],
            content=content,
        )
        for key, content in sorted(made.items())
    ]


def _kind(name: str) -> str | None:
    small = name.lower()
    if name == SETTINGS_NAME:
        return "toml"
    if small.endswith(".dmn"):
        return "dmn"
    if small.endswith(BPMN_ENDINGS):
        return None
    return "form" if small.endswith(FORM_ENDINGS) else None


def _stem(name: str) -> str:
    return PurePosixPath(name).stem[:128]
