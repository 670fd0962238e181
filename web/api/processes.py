"""/processes: uploading, checking, reading and starting them."""

from dataclasses import fields
from typing import Any

from engine.store import processes
from engine.store.page import Page
from engine.store.uow import UnitOfWork
from engine.usecases.check_process import check_process
from engine.usecases.deploy import deploy as deploy_process
from engine.usecases.keep_model import keep_model
from engine.usecases.start_case import start_case
from web import uploads
from web.api.case_view import case_view
from web.api.door import Door
from web.api.schemas.cases import CaseWithWaits, StartBody
from web.api.schemas.processes import (
    UPLOAD,
    CheckedOut,
    DeployedOut,
    ProcessOut,
    ProcessPage,
    ProcessQuery,
    VersionOut,
)
from web.context import house

door = Door("processes", description="The procedures, version by version")


@door.write(
    "/processes",
    name="deployProcess",
    summary="Deploy a process as its next version",
    multipart=UPLOAD,
    returns=DeployedOut(),
    status=201,
)
def deploy(uow: UnitOfWork) -> dict[str, Any]:
    """For designers. A file that would not run as it says is refused with every problem, not the first."""
    sent = uploads.sent(house().settings)
    if sent.view_only:
        return _keep(uow, sent)
    deployment = uploads.handed(deploy_process, uow, sent, house())
    uow.flush()
    rows = [processes.process(uow, version.process_key) for version in deployment.versions]
    return {
        **{field.name: getattr(rows[0], field.name) for field in fields(rows[0])},
        "deployment_id": deployment.id,
        "processes": rows,
        "warnings": deployment.warnings,
    }


def _keep(uow: UnitOfWork, sent: uploads.Sent) -> dict[str, Any]:
    kept = uploads.handed(keep_model, uow, sent, house())
    uow.flush()
    first = kept.versions[0]
    rows = [processes.process(uow, key) for key in dict.fromkeys(v.process_key for v in kept.versions)]
    return {
        **{field.name: getattr(rows[0], field.name) for field in fields(rows[0])},
        "deployment_id": kept.id,
        "processes": rows,
        "warnings": kept.problems,
        "kept_version": first.version,
    }


@door.write(
    "/processes/check",
    name="checkProcess",
    summary="Find everything that is wrong with a file",
    multipart=UPLOAD,
    returns=CheckedOut(),
    changes=False,
)
def check(uow: UnitOfWork) -> dict[str, Any]:
    """As deploying, without deploying."""
    sent = uploads.sent(house().settings)
    admission = uploads.handed(check_process, uow, sent, house())
    return {
        "deployable": bool(admission.processes) and not admission.errors,
        "processes": [
            {
                "key": admitted.process.key,
                "name": admitted.process.name,
                "owner": admitted.owner_agency,
                "calls": list(admitted.calls),
            }
            for admitted in admission.processes
        ],
        "problems": admission.problems,
        "silenced": admission.silenced,
    }


@door.read(
    "/processes", name="listProcesses", summary="The processes", query=ProcessQuery(), returns=ProcessPage()
)
def list_processes(uow: UnitOfWork, query: dict[str, Any]) -> Page[processes.ProcessRow]:
    return processes.processes(uow, **query)


@door.read("/processes/<key>", name="getProcess", summary="One process", returns=ProcessOut())
def get_process(uow: UnitOfWork, key: str) -> processes.ProcessRow:
    return processes.process(uow, key)


@door.read(
    "/processes/<key>/versions/<int:number>",
    name="getVersion",
    summary="One version of a process",
    returns=VersionOut(),
)
def get_version(uow: UnitOfWork, key: str, number: int) -> processes.VersionRow:
    return processes.version(uow, key, number)


@door.bytes(
    "/processes/<key>/versions/<int:number>/diagram",
    name="getDiagram",
    summary="The BPMN file of a version, byte for byte",
    media_type="application/xml",
)
def get_diagram(uow: UnitOfWork, key: str, number: int) -> tuple[bytes, str]:
    found = processes.diagram(uow, key, number)
    return found.content, found.name


@door.bytes(
    "/processes/<key>/versions/<int:number>/files/<name>",
    name="getVersionFile",
    summary="A file that belongs to a version, byte for byte",
    media_type="application/octet-stream",
)
def get_file(uow: UnitOfWork, key: str, number: int, name: str) -> tuple[bytes, str]:
    """A DMN table, a form or process.toml, by the name under ``files``."""
    found = processes.file(uow, key, number, name)
    return found.content, found.name


@door.write(
    "/processes/<key>/start",
    name="startCase",
    summary="Start a case of the newest version",
    body=StartBody(),
    returns=CaseWithWaits(),
    status=201,
)
def start(uow: UnitOfWork, key: str, body: dict[str, Any]) -> dict[str, Any]:
    """For members of the agency that owns the process, and operators."""
    case = start_case(uow, key, business_key=body["business_key"], data=body["data"])
    return case_view(uow, case.case_id)
