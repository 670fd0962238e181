"""Deployed processes as they run: read from the uploaded bytes, each with its decisions and the versions it calls."""

from collections import deque
from collections.abc import Iterable, Mapping

from sqlalchemy import select

from engine.bpmn.admission.parts import check_decision
from engine.bpmn.bindings import BindingBook
from engine.bpmn.dmn import Table, read_decisions
from engine.bpmn.library import Deployed, name_of
from engine.bpmn.model import Binding, Called, Process
from engine.bpmn.normalise import normalise
from engine.bpmn.settings import read_process_settings
from engine.errors import Broken
from engine.model import Process as ProcessRow
from engine.model import ProcessFile, ProcessVersion
from engine.store.uow import UnitOfWork
from engine.store.versions import version_of

Version = tuple[str, int]
"""Key and number."""


class Shelf:
    """Gathers a library: every version that is asked for, and those it calls in turn.

    Attributes:
        newest: process key → number, of those that are called in whatever version is the newest.
    """

    def __init__(self, uow: UnitOfWork, *, taken: Iterable[str] = (), own: Version | None = None) -> None:
        """``taken``: names that stand for processes which are not deployed yet. ``own``: needs no place in it."""
        self._uow = uow
        self._names: dict[Version, str] = {} if own is None else {own: own[0]}
        self._taken = {*taken, *self._names.values()}
        self._todo: deque[Version] = deque()
        self.newest: dict[str, int] = {}

    def name(self, version: Version) -> str:
        """The name of a version in the library; the first of a process has the plain key, which snapshots remember."""
        if version not in self._names:
            key, number = version
            self._names[version] = name_of(key, number) if key in self._taken else key
            self._taken.add(key)
            self._todo.append(version)
        return self._names[version]

    def calls(self, process: Process, bound: Mapping[str, int]) -> dict[str, str]:
        """Which version each call activity means, by node id. ``bound``: key → number, as bound at deployment."""
        names: dict[str, str] = {}
        for node in process.nodes():
            if node.called is not None and (version := self._meant(node.called, bound)) is not None:
                names[node.id] = self.name(version)
        return names

    def _meant(self, called: Called, bound: Mapping[str, int]) -> Version | None:
        key = called.process
        if called.binding is Binding.VERSION and called.version is not None:
            return key, called.version
        if key not in bound:
            return None
        if called.binding is Binding.LATEST:
            first, newest = bound[key], self._newest(key, bound[key])
            for number in range(first, newest + 1):
                if number == newest or runs(self._uow, key, number):
                    self.name((key, number))  # a case may still be inside an earlier one
            return key, newest
        return key, bound[key]

    def _newest(self, key: str, at_least: int) -> int:
        if key not in self.newest:
            self.newest[key] = newest_of(self._uow, [key]).get(key, at_least)
        return self.newest[key]

    def fill(self) -> dict[str, Deployed]:
        """The library.

        Raises:
            Broken: a stored file cannot be read any more. NotFound: there is no such version.
        """
        library: dict[str, Deployed] = {}
        while self._todo:
            version = self._todo.popleft()
            process, decisions = read_process(self._uow, *version)
            calls = self.calls(process, version_of(self._uow, *version).calls)
            library[self._names[version]] = Deployed(process, version[1], decisions, calls)
        return library


def newest_of(uow: UnitOfWork, keys: Iterable[str]) -> dict[str, int]:
    """The newest version of each process that runs."""
    query = select(ProcessRow.key, ProcessRow.latest_version).where(
        ProcessRow.key.in_(sorted(keys)), ProcessRow.view_only.is_(False)
    )
    return {row.key: row.latest_version for row in uow.session.execute(query)}


def runs(uow: UnitOfWork, key: str, number: int) -> bool:
    """Whether there is such a version, and cases may run on it."""
    query = select(ProcessVersion.view_only).where(
        ProcessVersion.process_key == key, ProcessVersion.version == number
    )
    return uow.session.execute(query).scalar_one_or_none() is False


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
