"""Which agency and roles the work of a node goes to: what was decided when the version was deployed."""

from dataclasses import dataclass

from engine.bpmn.library import version_in
from engine.errors import Broken
from engine.model import Case
from engine.store.uow import UnitOfWork
from engine.store.versions import version_of


@dataclass(frozen=True, slots=True)
class Way:
    """``process_key`` and ``process_version`` say whose routing it is. ``apart``: elements of that process whose doers may
    not do this task."""

    agency: str
    roles: tuple[str, ...]
    process_key: str
    process_version: int
    apart: tuple[str, ...] = ()


class Routes:
    """The routing of a case's version, and of the versions of the processes it calls."""

    def __init__(self, uow: UnitOfWork, case: Case) -> None:
        self._uow = uow
        self._own = (case.process_key, case.process_version)

    def way(self, node: str, process: str) -> Way:
        """Where a user task goes. ``process``: as a wait gives it; "" for the case's own.

        Raises:
            Broken: the version has no route for it; admission gives every user task one.
        """
        key, number = self._version_of(process)
        route = version_of(self._uow, key, number).routing.get(node)
        if route is None:
            raise Broken(f"Version {number} of {key} says no agency for {node}.", element=node, process=key)
        return Way(route["agency"], tuple(route["roles"]), key, number, tuple(route.get("apart", ())))

    def agency_of(self, node: str, process: str) -> str | None:
        """The agency of a service task's lane, where the version knows one."""
        route = version_of(self._uow, *self._version_of(process)).routing.get(node)
        return None if route is None else str(route["agency"])

    def _version_of(self, process: str) -> tuple[str, int]:
        return version_in(process) if process else self._own
