"""A case that ends lets in what its business key has barred: one running case of a process has a key when messages start it."""

from engine.model import Case
from engine.store.jobs import wake_starts
from engine.store.starts import MESSAGE_START
from engine.store.uow import UnitOfWork
from engine.store.versions import version_of


def make_room(uow: UnitOfWork, case: Case) -> None:
    """Wake the messages that are kept until this case has ended."""
    if case.business_key is None:
        return
    if version_of(uow, case.process_key, case.process_version).settings.get(MESSAGE_START):
        wake_starts(uow, case.process_key)
