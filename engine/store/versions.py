"""What a deployed version says besides its model: routing, bound calls, settings. It never changes, so it is read once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from engine.errors import NotFound
from engine.model import Process, ProcessVersion
from engine.store.kept import Kept
from engine.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Version:
    """Attributes:
    routing: node id → {"agency", "roles": [..]}. calls: called process key → bound version.
    settings: what process.toml said (engine.bpmn.settings.ProcessSettings as JSON).
    """

    process_key: str
    number: int
    deployment_id: str
    routing: Mapping[str, Mapping[str, Any]]
    calls: Mapping[str, int]
    settings: Mapping[str, Any]


_kept: Kept[tuple[str, int], Version] = Kept(256)


def version_of(uow: UnitOfWork, process_key: str, number: int) -> Version:
    """The version, from memory after the first time. Raises NotFound."""
    key = (process_key, number)
    return _kept.get(uow.database, key, lambda: _read(uow, key))


def _read(uow: UnitOfWork, key: tuple[str, int]) -> Version:
    columns = (
        ProcessVersion.deployment_id,
        ProcessVersion.routing,
        ProcessVersion.calls,
        ProcessVersion.settings,
    )
    query = select(*columns).where(ProcessVersion.process_key == key[0], ProcessVersion.version == key[1])
    row = uow.session.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"There is no version {key[1]} of {key[0]}.", process=key[0], version=key[1])
    return Version(*key, row.deployment_id, row.routing, row.calls, row.settings)


def deployed(uow: UnitOfWork) -> dict[str, Process]:
    """Every process that runs, by key; what is kept for viewing is not among them."""
    query = select(Process).where(Process.view_only.is_(False))
    return {process.key: process for process in uow.session.scalars(query)}


def newest_number(uow: UnitOfWork, key: str) -> int:
    """Number of the process's newest version, whether it runs or not; 0 when there is none."""
    query = select(func.max(ProcessVersion.version)).where(ProcessVersion.process_key == key)
    return uow.session.scalar(query) or 0
