"""Machines of deployed versions: read from the uploaded bytes once, kept ready for every case that runs on them."""

from collections.abc import Mapping

from sqlalchemy import select

from engine.bpmn.admission.parts import check_decision
from engine.bpmn.bindings import BindingBook
from engine.bpmn.dmn import Table, read_decisions
from engine.bpmn.interpreter import build
from engine.bpmn.model import Process
from engine.bpmn.normalise import normalise
from engine.bpmn.settings import read_process_settings
from engine.bpmn.step import Machine
from engine.errors import Broken
from engine.model import Case, ProcessFile, ProcessVersion
from engine.store.kept import Kept
from engine.store.uow import UnitOfWork
from engine.store.versions import version_of

_kept: Kept[tuple[str, int], Machine] = Kept(64)


def machine_of(uow: UnitOfWork, case: Case) -> Machine:
    """The machine of the case's version, from memory after the first time.

    Raises:
        Broken: the stored files cannot be read any more.
    """
    key = (case.process_key, case.process_version)
    return _kept.get(uow.database, key, lambda: _build(uow, *key))


def _build(uow: UnitOfWork, key: str, number: int) -> Machine:
    process, decisions = read_process(uow, key, number)
    called, tables = called_by(uow, version_of(uow, key, number).calls, but=key)
    return build(process, called=called, decisions=tables | decisions)


def called_by(
    uow: UnitOfWork, calls: Mapping[str, int], *, but: str
) -> tuple[dict[str, Process], dict[str, Table]]:
    """The deployed processes that ``calls`` (key → version) names, and those they call; with all their decisions."""
    called: dict[str, Process] = {}
    tables: dict[str, Table] = {}
    nearest = calls
    while nearest:
        further: dict[str, int] = {}
        for key, number in nearest.items():
            if key != but and key not in called:
                called[key], decisions = read_process(uow, key, number)
                tables = decisions | tables
                further |= version_of(uow, key, number).calls
        nearest = further
    return called, tables


def read_process(uow: UnitOfWork, key: str, number: int) -> tuple[Process, dict[str, Table]]:
    """A deployed version's model as it runs, and the decisions deployed with it.

    Raises:
        Broken: the stored file cannot be read any more.
    """
    columns = (ProcessVersion.bpmn, ProcessVersion.filename, ProcessVersion.deployment_id)
    query = select(*columns).where(ProcessVersion.process_key == key, ProcessVersion.version == number)
    row = uow.session.execute(query).one()
    tables = _tables(uow, row.deployment_id)
    reading = normalise(row.bpmn, row.filename, book=_book(uow, row.deployment_id))
    process = next((p for p in reading.processes if p.key == key), None)
    if process is None:
        raise Broken(f"Version {number} of {key} cannot be read any more.", process=key, version=number)
    for node in process.nodes():
        # Camunda 8 leaves it to the table how a result is stored; admission settled it in the same way.
        check_decision(node, tables, lambda *_: None, zeebe=reading.zeebe)
    return process, tables


def _book(uow: UnitOfWork, deployment_id: str) -> BindingBook:
    """What the process.toml of the deployment puts in the place of code."""
    query = select(ProcessFile.content).where(
        ProcessFile.deployment_id == deployment_id, ProcessFile.kind == "toml"
    )
    content = uow.session.execute(query).scalar()
    return BindingBook(read_process_settings(content)[0].bindings if content else None)


def _tables(uow: UnitOfWork, deployment_id: str) -> dict[str, Table]:
    query = select(ProcessFile.name, ProcessFile.content).where(
        ProcessFile.deployment_id == deployment_id, ProcessFile.kind == "dmn"
    )
    tables: dict[str, Table] = {}
    for row in uow.session.execute(query):
        tables |= read_decisions(row.content, row.name)[0]
    return tables
