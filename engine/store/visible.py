"""Who sees what: the one place where an actor's view is turned into SQL conditions."""

from typing import Any

from sqlalchemy import ColumnElement, false, inspect, or_, select, true

from engine.model import SYSTEM, Actor, Case, CaseAgency, Incident, Job, Member, Person, Task
from engine.states import Power


def sees_all_cases(actor: Actor) -> bool:
    return actor.id == SYSTEM.id or actor.may(Power.AUDITOR) or actor.may(Power.OPERATOR)


def sees_all_tasks(actor: Actor) -> bool:
    return actor.id == SYSTEM.id or actor.may(Power.AUDITOR)


def case_visible(actor: Actor) -> ColumnElement[bool]:
    """Condition on Case: the owner agency, agencies that take part, auditors and operators."""
    if sees_all_cases(actor):
        return true()
    if not actor.agencies:
        return false()
    agencies = sorted(actor.agencies)
    takes_part = select(CaseAgency.case_id).where(
        CaseAgency.case_id == Case.case_id, CaseAgency.agency_key.in_(agencies)
    )
    return or_(Case.owner_agency.in_(agencies), takes_part.exists())


def task_visible(actor: Actor) -> ColumnElement[bool]:
    """Condition on Task: members of its agency, its assignee, auditors."""
    if sees_all_tasks(actor):
        return true()
    return or_(Task.agency_key.in_(sorted(actor.agencies)), Task.assignee == actor.id)


def operations_visible(actor: Actor) -> ColumnElement[bool]:
    """Condition for jobs and incidents: operators, auditors and the house itself."""
    return true() if sees_all_cases(actor) else false()


def person_visible(actor: Actor) -> ColumnElement[bool]:
    """Condition on Person: oneself and colleagues; everybody for administrators and operators."""
    if actor.id == SYSTEM.id or actor.may(Power.ADMINISTRATOR) or actor.may(Power.OPERATOR):
        return true()
    colleague = select(Member.person_id).where(
        Member.person_id == Person.id, Member.agency_key.in_(sorted(actor.agencies))
    )
    return or_(Person.id == actor.id, colleague.exists())


def visible(model: type[Any], actor: Actor) -> ColumnElement[bool]:
    """The condition under which a row of ``model`` exists for ``actor``; true for what is no secret."""
    if model is Case:
        return case_visible(actor)
    if model is Task:
        return task_visible(actor)
    if model is Job or model is Incident:
        return operations_visible(actor)
    if "case_id" in inspect(model).columns and not sees_all_cases(actor):
        # Whatever else belongs to a case exists with it.
        return select(Case.case_id).where(Case.case_id == model.case_id, case_visible(actor)).exists()
    return true()
