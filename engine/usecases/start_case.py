"""Begins a case of the latest version of a process."""

from collections.abc import Mapping
from typing import Any

from engine.errors import Invalid
from engine.model import Case, Process, new_id
from engine.states import Audit, CaseState
from engine.store.forms import form_of
from engine.store.hot import take_part
from engine.store.uow import UnitOfWork
from engine.store.versions import version_of
from engine.usecases.access import require_starter
from engine.usecases.advance import advance
from engine.usecases.answers import read_answers
from engine.usecases.moving import world_of

_KEY_LIMIT = 255


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
        Invalid ``business_key_invalid``. AnswersInvalid: by field of the start form.
        StepFailed: the model cannot begin; nothing was written.
    """
    process = uow.get(Process, process_key)
    version = version_of(uow, process.key, process.latest_version)
    require_starter(uow.actor, process.owner_agency, version.settings.get("start_roles", ()))
    business_key = (business_key or "").strip() or None
    if business_key is not None and (len(business_key) > _KEY_LIMIT or not business_key.isprintable()):
        raise Invalid(
            f"A business key has at most {_KEY_LIMIT} printable characters.", code="business_key_invalid"
        )
    case = Case(
        case_id=new_id(),
        process_key=process.key,
        process_version=process.latest_version,
        owner_agency=process.owner_agency,
        business_key=business_key,
        state=CaseState.RUNNING,
        facts={},
        chain_seq=0,
        chain_hash="",
        started_by=uow.actor.id,
        started_at=uow.now(),
    )
    world = world_of(uow, case)
    given = read_answers(
        form_of(uow, process.key, process.latest_version, version.settings.get("start_form")),
        data or {},
        variables=dict,
        world=world,
    )
    step = uow.machine(case).start(world, given)
    uow.add(case)
    take_part(uow, case.case_id, [case.owner_agency])
    uow.record(
        Audit.CASE_STARTED,
        case,
        agency=case.owner_agency,
        process=process.key,
        process_version=process.latest_version,
        business_key=business_key,
        answers=given,
    )
    advance(uow, case, step)
    return case
