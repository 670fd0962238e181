"""Machines of deployed versions: built once, kept ready for every case that runs on them."""

from dataclasses import dataclass

from engine.bpmn.interpreter import build
from engine.bpmn.step import Machine
from engine.errors import Broken
from engine.model import Case
from engine.store.kept import Kept
from engine.store.library import Shelf, newest_of, read_process
from engine.store.uow import UnitOfWork
from engine.store.versions import version_of


@dataclass(frozen=True, slots=True)
class _Built:
    """``newest``: key → number of the processes called in their newest version, when it was built."""

    machine: Machine
    newest: dict[str, int]


_kept: Kept[tuple[str, int], _Built] = Kept(64)


def machine_of(uow: UnitOfWork, case: Case) -> Machine:
    """The machine of the case's version, from memory after the first time.

    One that calls the newest version of a process is built anew when there is a newer one.

    Raises:
        Broken: the stored files cannot be read any more.
    """
    key = (case.process_key, case.process_version)
    built = _kept.get(uow.database, key, lambda: _build(uow, *key))
    if built.newest and newest_of(uow, built.newest) != built.newest:
        built = _build(uow, *key)
        _kept.put(uow.database, key, built)
    return built.machine


def _build(uow: UnitOfWork, key: str, number: int) -> _Built:
    process, decisions = read_process(uow, key, number)
    shelf = Shelf(uow, own=(key, number))
    calls = shelf.calls(process, version_of(uow, key, number).calls)
    try:
        machine = build(process, called=shelf.fill(), decisions=decisions, calls=calls)
    except (
        ValueError
    ) as fault:  # the newest version of a called process may have become one that nobody can call
        raise Broken(
            f"Version {number} of {key} cannot be made ready to run: {fault}.", process=key
        ) from fault
    return _Built(machine, shelf.newest)
