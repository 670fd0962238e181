"""Begins a case of the latest version of a process."""

from collections.abc import Mapping
from typing import Any

from engine.errors import NotExecutable
from engine.model import Case, Process
from engine.store.forms import form_of
from engine.store.uow import UnitOfWork
from engine.store.versions import version_of
from engine.usecases.access import require_starter
from engine.usecases.answers import read_answers, without_starter
from engine.usecases.moving import world_of
from engine.usecases.new_case import begin_case, new_case


def start_case(
    uow: UnitOfWork,
    process_key: str,
    *,
    business_key: str | None = None,
    data: Mapping[str, Any] | None = None,
) -> Case:
    """A new case, moved to its first waits.

    Args:
        data: the start form's raw values; without a start form, JSON values by variable name.

    Raises:
        NotFound: no such process. NotPermitted: the actor is no operator, and not of the owner agency (in a role that starts it).
        NotExecutable: it is kept for viewing. Invalid ``business_key_invalid``; ``no_plain_start``: only an event starts it. AnswersInvalid: by field of the start form.
        StepFailed: the model cannot begin; nothing was written.
    """
    process = uow.get(Process, process_key)
    version = version_of(uow, process.key, process.latest_version)
    require_starter(uow.actor, process.owner_agency, version.settings.get("start_roles", ()))
    if process.view_only:
        raise NotExecutable(
            f"{process.key} is kept for viewing and does not run. Its to-do list says what is missing.",
            process=process.key,
        )
    case = new_case(
        uow, process.key, process.latest_version, owner=process.owner_agency, business_key=business_key
    )
    form = form_of(uow, process.key, process.latest_version, version.settings.get("start_form"))
    given = read_answers(
        form,
        without_starter(
            form, data or {}, variable=version.settings.get("initiator"), starter=uow.actor.username
        ),
        variables=dict,
        world=world_of(uow, case),
    )
    return begin_case(uow, case, given)
