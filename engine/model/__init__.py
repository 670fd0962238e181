"""The tables, one noun a file."""

from engine.model.agency import Agency, Role
from engine.model.audit import AuditEvent, HouseEvent
from engine.model.base import Base, new_id
from engine.model.case import Case, CaseAgency
from engine.model.incident import Incident
from engine.model.job import Job
from engine.model.people import SYSTEM, Actor, ApiToken, Member, Person, PersonPower, PersonRole
from engine.model.process import Process, ProcessFile, ProcessVersion
from engine.model.start import ProcessStart
from engine.model.stored_answer import StoredAnswer
from engine.model.subscription import Subscription
from engine.model.task import Task, TaskCandidate

__all__ = [
    "SYSTEM",
    "Actor",
    "Agency",
    "ApiToken",
    "AuditEvent",
    "Base",
    "Case",
    "CaseAgency",
    "HouseEvent",
    "Incident",
    "Job",
    "Member",
    "Person",
    "PersonPower",
    "PersonRole",
    "Process",
    "ProcessFile",
    "ProcessStart",
    "ProcessVersion",
    "Role",
    "StoredAnswer",
    "Subscription",
    "Task",
    "TaskCandidate",
    "new_id",
]
