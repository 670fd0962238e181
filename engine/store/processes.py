"""Processes, their versions and what was uploaded. Which procedures exist is no secret among those who sign in."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, or_, select
from sqlalchemy.orm import defer

from engine.errors import NotFound
from engine.model import Agency, Process, ProcessFile, ProcessVersion
from engine.store.page import Named, Page, checked_limit, cursor, paged, place
from engine.store.starts import PLAIN_START, StartRow, start_rows
from engine.store.tasks import agency_named
from engine.store.uow import UnitOfWork

_CURSOR = "processes"


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """A process with its latest deployment. ``start_roles`` of the owner may start a case; none = all its members.

    ``view_only``: none of its versions runs; ``latest_version`` is the newest one that was kept for viewing.
    ``starts``: the events that start a case: messages, signals and times. ``starts_by_hand``: it has a plain start event.
    """

    key: str
    title_id: str
    title_en: str
    owner: Named
    latest_version: int
    start_roles: tuple[str, ...]
    deployed_by_name: str
    deployed_at: datetime
    view_only: bool = False
    starts: tuple[StartRow, ...] = ()
    starts_by_hand: bool = True

    def title(self, locale: str) -> str:
        return self.title_id if locale == "id" else self.title_en


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file deployed with a version. kind: ``dmn``, ``form`` or ``toml``; ``key`` is what the model calls it."""

    name: str
    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One deployment. ``warnings`` are problems as JSON; ``routing``, ``calls``, ``settings``, ``view_only`` as in ProcessVersion."""

    process: Named
    version: int
    deployment_id: str
    filename: str
    sha256: str
    routing: Mapping[str, Any]
    calls: Mapping[str, int]
    settings: Mapping[str, Any]
    warnings: tuple[Mapping[str, Any], ...]
    files: tuple[FileRow, ...]
    deployed_by: str
    deployed_by_name: str
    deployed_at: datetime
    view_only: bool = False


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file byte for byte as it was uploaded."""

    name: str
    kind: str
    content: bytes


def processes(
    uow: UnitOfWork, *, q: str | None = None, after: str | None = None, limit: int = 50
) -> Page[ProcessRow]:
    """All processes by key.

    Args:
        q: text in the key or a title.
    """
    query = _rows()
    if q:
        words = q.strip()
        query = query.where(
            or_(
                *(
                    c.icontains(words, autoescape=True)
                    for c in (Process.key, Process.title_id, Process.title_en)
                )
            )
        )
    if after is not None:
        query = query.where(Process.key > place(_CURSOR, after, [str])[0])
    rows = uow.session.execute(query.order_by(Process.key).limit(checked_limit(limit) + 1)).all()
    starts = start_rows(uow, [row.Process.key for row in rows])
    return paged(
        rows,
        limit,
        lambda row: replace(_row(row), starts=starts[row.Process.key]),
        lambda row: cursor(_CURSOR, row.Process.key),
    )


def process(uow: UnitOfWork, key: str) -> ProcessRow:
    """One process.

    Raises:
        NotFound: none has this key.
    """
    row = uow.session.execute(_rows().where(Process.key == key)).one_or_none()
    if row is None:
        raise NotFound(f"There is no process {key}.", process=key)
    return replace(_row(row), starts=start_rows(uow, [key])[key])


def versions(uow: UnitOfWork, key: str) -> list[VersionRow]:
    """All versions of a process, newest first.

    Raises:
        NotFound: no process has this key.
    """
    title = process_title(uow, key)
    query = (
        select(ProcessVersion)
        .where(ProcessVersion.process_key == key)
        .options(defer(ProcessVersion.bpmn))
        .order_by(ProcessVersion.version.desc())
    )
    return [_version_row(uow, found, title) for found in uow.session.scalars(query)]


def version(uow: UnitOfWork, key: str, number: int) -> VersionRow:
    """One version.

    Raises:
        NotFound: no such process or version.
    """
    return _version_row(uow, _version(uow, key, number), process_title(uow, key))


def diagram(uow: UnitOfWork, key: str, number: int) -> Uploaded:
    """The BPMN file of a version.

    Raises:
        NotFound: no such process or version.
    """
    found = _version(uow, key, number)
    return Uploaded(found.filename, "bpmn", found.bpmn)


def file(uow: UnitOfWork, key: str, number: int, name: str) -> Uploaded:
    """A DMN table, form or process.toml of a version, by file name.

    Raises:
        NotFound: no such process, version or file.
    """
    deployment = _version(uow, key, number).deployment_id
    query = select(ProcessFile).where(ProcessFile.deployment_id == deployment, ProcessFile.name == name)
    found = uow.session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(
            f"Version {number} of {key} has no file {name}.", process=key, version=number, file=name
        )
    return Uploaded(found.name, found.kind, found.content)


def process_title(uow: UnitOfWork, key: str) -> Named:
    """The process's key with its titles.

    Raises:
        NotFound: no process has this key.
    """
    found = uow.get(Process, key)
    return Named(found.key, found.title_id, found.title_en)


def _version(uow: UnitOfWork, key: str, number: int) -> ProcessVersion:
    query = select(ProcessVersion).where(ProcessVersion.process_key == key, ProcessVersion.version == number)
    found = uow.session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(f"There is no version {number} of {key}.", process=key, version=number)
    return found


def _version_row(uow: UnitOfWork, found: ProcessVersion, title: Named) -> VersionRow:
    files = (
        select(ProcessFile.name, ProcessFile.kind, ProcessFile.key)
        .where(ProcessFile.deployment_id == found.deployment_id)
        .order_by(ProcessFile.name)
    )
    return VersionRow(
        process=title,
        version=found.version,
        deployment_id=found.deployment_id,
        filename=found.filename,
        sha256=found.sha256,
        routing=found.routing,
        calls=found.calls,
        settings=found.settings,
        warnings=tuple(found.warnings),
        files=tuple(FileRow(*row) for row in uow.session.execute(files)),
        deployed_by=found.deployed_by,
        deployed_by_name=found.deployed_by_name,
        deployed_at=found.deployed_at,
        view_only=found.view_only,
    )


_ProcessColumns = Row[Process, Agency, dict[str, Any], str, datetime]


def _rows() -> Select[Process, Agency, dict[str, Any], str, datetime]:
    return (
        select(
            Process,
            Agency,
            ProcessVersion.settings,
            ProcessVersion.deployed_by_name,
            ProcessVersion.deployed_at,
        )
        .join(Agency, Agency.key == Process.owner_agency)
        .join(
            ProcessVersion,
            and_(
                ProcessVersion.process_key == Process.key,
                ProcessVersion.version == Process.latest_version,
            ),
        )
    )


def _row(row: _ProcessColumns) -> ProcessRow:
    process: Process = row.Process
    return ProcessRow(
        key=process.key,
        title_id=process.title_id,
        title_en=process.title_en,
        owner=agency_named(row.Agency),
        latest_version=process.latest_version,
        start_roles=tuple(row.settings.get("start_roles", ())),
        deployed_by_name=row.deployed_by_name,
        deployed_at=row.deployed_at,
        view_only=process.view_only,
        starts_by_hand=bool(row.settings.get(PLAIN_START, True)),
    )
