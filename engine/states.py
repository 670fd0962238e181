"""The closed vocabularies of the house: every state and kind that a row, an event or an answer can carry."""

from enum import StrEnum


class CaseState(StrEnum):
    RUNNING = "running"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class TaskState(StrEnum):
    OPEN = "open"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"


class JobKind(StrEnum):
    TIMER = "timer"
    CONNECTOR = "connector"
    MESSAGE = "message"  # a message or signal thrown by a case, on its way to whoever waits for it
    START = "start"  # a case that an event started, on its way to its first waits


class JobState(StrEnum):
    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"
    UNKNOWN = "unknown"  # the partner may or may not have done it: no blind retry
    WITHDRAWN = "withdrawn"  # its case no longer waits for it


class WaitKind(StrEnum):
    """What a token can wait for; the rows that stand for it are tasks, jobs and subscriptions."""

    TASK = "task"
    JOB = "job"
    DEADLINE = "deadline"
    MESSAGE = "message"
    SIGNAL = "signal"


class IncidentKind(StrEnum):
    JOB_DEAD = "job_dead"  # a connector was refused or its attempts are spent
    OUTCOME_UNKNOWN = "outcome_unknown"
    STEP_FAILED = "step_failed"  # the model's next step could not be taken
    NOBODY_LEFT = "nobody_left"  # everybody who could do a task has done another part of the case


class IncidentState(StrEnum):
    OPEN = "open"
    RESOLVED = "resolved"


class Audit(StrEnum):
    """Kinds of history events. Each has one sentence in each language (web/pages/sentences.py)."""

    CASE_STARTED = "case_started"
    CASE_COMPLETED = "case_completed"
    CASE_CANCELLED = "case_cancelled"
    DATA_CHANGED = "data_changed"  # by a person or program from outside the case's tasks
    TASK_OPENED = "task_opened"
    TASK_CLAIMED = "task_claimed"
    TASK_RELEASED = "task_released"
    TASK_ASSIGNED = "task_assigned"
    TASK_COMPLETED = "task_completed"
    TASK_WITHDRAWN = "task_withdrawn"
    DEADLINE_SET = "deadline_set"
    DEADLINE_PASSED = "deadline_passed"
    DEADLINE_WITHDRAWN = "deadline_withdrawn"
    JOB_STARTED = "job_started"
    JOB_FINISHED = "job_finished"
    JOB_FAILED = "job_failed"
    JOB_WITHDRAWN = "job_withdrawn"
    MESSAGE_AWAITED = "message_awaited"
    MESSAGE_RECEIVED = "message_received"
    MESSAGE_SENT = "message_sent"
    SIGNAL_RECEIVED = "signal_received"
    SIGNAL_SENT = "signal_sent"
    DECISION_MADE = "decision_made"
    ERROR_CAUGHT = "error_caught"
    ELEMENTS_PASSED = "elements_passed"
    INCIDENT_OPENED = "incident_opened"
    INCIDENT_RETRIED = "incident_retried"
    INCIDENT_SKIPPED = "incident_skipped"
    INCIDENT_RESOLVED = "incident_resolved"
    PROCESS_DEPLOYED = "process_deployed"
    AGENCY_CREATED = "agency_created"
    AGENCY_CHANGED = "agency_changed"
    PERSON_CREATED = "person_created"
    PERSON_CHANGED = "person_changed"
    PERSON_ACTIVATED = "person_activated"
    PERSON_DEACTIVATED = "person_deactivated"
    PASSWORD_SET = "password_set"  # noqa: S105  # the name of an event
    TOKEN_CREATED = "token_created"  # noqa: S105  # the name of an event
    PROCESS_KEPT = "process_kept"  # for viewing


class Power(StrEnum):
    """What a person may do beyond the roles in an agency."""

    DESIGNER = "designer"  # checks and deploys processes
    AUDITOR = "auditor"  # reads every case and its whole history, changes nothing
    OPERATOR = "operator"  # sees incidents and jobs, retries, skips, cancels
    ADMINISTRATOR = "administrator"  # manages agencies and people; reads no case
