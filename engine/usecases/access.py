"""Who may: every permission question of the use-cases, answered in one place.

What does not exist for an actor is NotFound already when it is read (engine.store.visible); here it is about what an actor
may see but not do: NotPermitted.
"""

from collections.abc import Collection

from engine.errors import NotPermitted
from engine.model import SYSTEM, Actor
from engine.states import Power
from engine.store.rows import may_take
from engine.store.tasks import Taken


def require_power(actor: Actor, power: Power) -> None:
    """Raises NotPermitted when the actor lacks the power."""
    if not actor.may(power):
        raise NotPermitted(f"Only a person with the power “{power}” may do this.", power=power.value)


def require_administrator(actor: Actor) -> None:
    """Raises NotPermitted unless an administrator asks, or the house itself: who may run its commands is its master."""
    if actor.id != SYSTEM.id:
        require_power(actor, Power.ADMINISTRATOR)


def require_member(actor: Actor, agency: str) -> None:
    """Raises NotPermitted when the actor is no member of the agency."""
    if agency not in actor.agencies:
        raise NotPermitted(f"Only members of the agency {agency} may do this.", agency=agency)


def require_owner_or_operator(actor: Actor, agency: str) -> None:
    """The owner agency of a process, or an operator of the house, rules over its cases as a whole."""
    if not actor.may(Power.OPERATOR):
        require_member(actor, agency)


def require_starter(actor: Actor, agency: str, roles: Collection[str]) -> None:
    """Who may start a case: members of the owner agency, where roles are named only those in one of them; operators.

    Raises:
        NotPermitted: ``detail["roles"]`` names the roles that may.
    """
    require_owner_or_operator(actor, agency)
    if roles and not actor.may(Power.OPERATOR) and not any((agency, role) in actor.roles for role in roles):
        raise NotPermitted(
            f"Only these roles of {agency} start this process: {', '.join(roles)}.",
            agency=agency,
            roles=list(roles),
        )


def require_candidate(actor: Actor, hand: Taken) -> None:
    """Raises NotPermitted ``not_candidate`` when others are to take the task."""
    task = hand.task
    if not may_take(actor, task.agency_key, roles=hand.roles, users=hand.users):
        raise NotPermitted(
            f"The task “{task.name}” is for others in {task.agency_key}.",
            code="not_candidate",
            task_id=task.id,
            candidates=sorted((*hand.roles, *hand.users)),
        )
