"""What pages and schemas show of cases and tasks: frozen rows with names already in them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.model import Actor
from engine.states import CaseState, JobKind, JobState, TaskState
from engine.store.page import Named


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task with what people know it by.

    Attributes:
        process: the case's process with its titles. model_key, model_version: the version whose model opened the task
            (a called process has its own); its form is that version's ``form_key``.
        assignee: person id of who holds it.
        roles, users: who in the agency may take it; both empty = any member. barred: ids of people who may not.
    """

    id: str
    case_id: str
    element_id: str
    node_id: str
    name: str
    state: TaskState
    agency: Named
    roles: tuple[str, ...]
    users: tuple[str, ...]
    barred: tuple[str, ...]
    assignee: str | None
    assignee_name: str | None
    assignee_username: str | None
    form_key: str | None
    model_key: str
    model_version: int
    priority: int
    due_at: datetime | None
    follow_up_at: datetime | None
    created_at: datetime
    claimed_at: datetime | None
    closed_at: datetime | None
    process: Named
    business_key: str | None
    facts: dict[str, Any]
    case_state: CaseState
    case_version: int

    def for_actor(self, actor: Actor) -> bool:
        """Whether the actor is one of those who may take it."""
        return may_take(actor, self.agency.key, roles=self.roles, users=self.users, barred=self.barred)


def may_take(
    actor: Actor,
    agency: str,
    *,
    roles: Collection[str],
    users: Collection[str],
    barred: Collection[str] = (),
) -> bool:
    """Whether the actor is a member of the agency whom roles or user names (none = any member) name and nothing bars."""
    if agency not in actor.agencies or actor.id in barred:
        return False
    if not roles and not users:
        return True
    return actor.username in users or any((agency, role) in actor.roles for role in roles)


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case with what people know it by.

    Attributes:
        held_by: the agencies that have an open task in it now.
        outcome: element id of the end event reached.
    """

    case_id: str
    business_key: str | None
    process: Named
    process_version: int
    owner: Named
    held_by: tuple[Named, ...]
    state: CaseState
    facts: dict[str, Any]
    version: int
    outcome: str | None
    started_by: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job of a case, without what it sends.

    Attributes:
        target: the partner's system, or the connector where no system is named; None for timers and deliveries.
        run_at: not before; of a timer, when it is due.
    """

    id: str
    case_id: str
    kind: JobKind
    state: JobState
    element_id: str
    name: str
    target: str | None
    agency_key: str | None
    run_at: datetime
    attempts: int
    max_attempts: int
    lease_until: datetime | None
    worker: str | None
    last_error: str | None
    created_at: datetime
    closed_at: datetime | None
    process: Named
    business_key: str | None


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """A message or signal that a case waits for."""

    kind: str
    name: str
    element_id: str
    label: str
    correlation: str | None
    created_at: datetime
