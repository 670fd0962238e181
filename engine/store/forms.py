"""Forms of deployed versions, read once."""

from collections.abc import Mapping

from sqlalchemy import select

from engine.bpmn.admission.parts import form_files
from engine.forms.form import Form
from engine.forms.schema import read_form
from engine.model import ProcessFile
from engine.store.kept import Kept
from engine.store.uow import UnitOfWork
from engine.store.versions import version_of

_kept: Kept[tuple[str, int], Mapping[str, Form]] = Kept(64)


def form_of(uow: UnitOfWork, process_key: str, number: int, form_key: str | None) -> Form | None:
    """The form that a task or start of this version names.

    None when it names none, or one that is not ours to show (HTML of another engine): then any variable may be answered.

    Raises:
        NotFound: no such version.
    """
    if form_key is None:
        return None
    key = (process_key, number)
    return _kept.get(uow.database, key, lambda: _read(uow, key)).get(form_key)


def _read(uow: UnitOfWork, key: tuple[str, int]) -> dict[str, Form]:
    query = select(ProcessFile.name, ProcessFile.content).where(
        ProcessFile.deployment_id == version_of(uow, *key).deployment_id, ProcessFile.kind == "form"
    )
    files = {row.name: row.content for row in uow.session.execute(query)}
    return {
        name: form for name, content in form_files(files).items() if (form := read_form(content, name)[0])
    }
