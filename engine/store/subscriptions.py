"""Who waits for a message or a signal."""

from dataclasses import dataclass

from sqlalchemy import or_, select

from engine.model import Case, Subscription
from engine.states import CaseState
from engine.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Awaiting:
    """A case that waits for the message or signal, and the interpreter's token for it."""

    case_id: str
    token: str
    correlation: str | None


_LONGEST_FIRST = (Subscription.created_at, Subscription.case_id, Subscription.token)


def awaiting(
    uow: UnitOfWork,
    *,
    kind: str,
    name: str,
    case_id: str | None = None,
    business_key: str | None = None,
    correlation: str | None = None,
    limit: int = 1000,
) -> list[Awaiting]:
    """The running cases that wait for a message or signal: exact correlations first, then those that wait longest.

    Whoever the actor is: a message reaches whom it is addressed to. The use-case decides who may send what.

    Args:
        kind: ``message`` or ``signal``.
        case_id, business_key: only this case; only cases with this key.
        correlation: a subscription with a correlation of its own must have this one; one without takes any.
    """
    query = (
        select(Subscription.case_id, Subscription.token, Subscription.correlation)
        .join(Case, Case.case_id == Subscription.case_id)
        .where(
            Subscription.kind == kind,
            Subscription.name == name,
            Case.state == CaseState.RUNNING.value,
        )
        .order_by(*_LONGEST_FIRST)
        .limit(limit)
    )
    if case_id is not None:
        query = query.where(Subscription.case_id == case_id)
    if business_key is not None:
        query = query.where(Case.business_key == business_key)
    if correlation is not None:
        query = query.where(or_(Subscription.correlation == correlation, Subscription.correlation.is_(None)))
        # The exact ones must not fall behind the limit.
        query = query.order_by(None).order_by(Subscription.correlation.is_(None), *_LONGEST_FIRST)
    return [Awaiting(*row) for row in uow.session.execute(query)]
