"""The error families. Each error carries a stable code, a sentence that says what to do, and the keys of what it is about."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class EngineError(Exception):
    """Base of all errors the engine raises on purpose.

    Attributes:
        code: stable, machine-readable; part of the public contract.
        message: one sentence for a person: what, where, what to do.
        detail: keys of the thing it is about (``case_id``, ``task_id``, ``element`` …), safe to show the caller.
    """

    code: ClassVar[str] = "engine_error"

    def __init__(self, message: str, *, code: str | None = None, **detail: Any) -> None:
        super().__init__(message)
        self.message = message
        self.problem_code = code or self.code
        self.detail: Mapping[str, Any] = detail


class NotFound(EngineError):
    """It does not exist, or it does not exist for this actor (404 either way)."""

    code = "not_found"


class NotPermitted(EngineError):
    """The actor may see it but not do this (403)."""

    code = "not_permitted"


class Conflict(EngineError):
    """It is not in a state that allows this (409)."""

    code = "conflict"


class TaskNotOpen(Conflict):
    code = "task_not_open"


class TaskClaimed(Conflict):
    """Somebody else holds the task; ``detail["assignee"]`` says who."""

    code = "task_claimed"


class CaseClosed(Conflict):
    code = "case_closed"


class StaleVersion(Conflict):
    """The row moved on since the caller read it, or another run owns the job."""

    code = "stale_version"


class NotExecutable(Conflict):
    """A model that is kept for viewing; it has no version that runs."""

    code = "not_executable"


class NobodyWaits(Conflict):
    """A message or signal that no case waits for; nothing was changed."""

    code = "nobody_waits"


class Invalid(EngineError):
    """What was sent cannot be accepted as it is (422)."""

    code = "invalid"


class ProcessInvalid(Invalid):
    """A file that would not run as it says. ``problems`` lists every one of them (engine.bpmn.problems.Problem)."""

    code = "process_invalid"

    def __init__(self, message: str, problems: Sequence[Any], **detail: Any) -> None:
        super().__init__(message, **detail)
        self.problems = tuple(problems)


class AnswersInvalid(Invalid):
    """Form answers that break the form. ``fields`` maps a field key to a list of message codes with parameters."""

    code = "answers_invalid"

    def __init__(self, message: str, fields: Mapping[str, Sequence[Any]], **detail: Any) -> None:
        super().__init__(message, **detail)
        self.fields = dict(fields)


class FormStuck(Invalid):
    """An expression of the form asks for more than the sandbox gives; no answer would help."""

    code = "form_stuck"


class TooLarge(Invalid):
    """Over a stated limit (413); the message names the limit."""

    code = "too_large"


class StepFailed(Invalid):
    """The model could not take its next step; the case stays where it was.

    ``problem_code`` is one of ``no_outgoing_flow``, ``expression_failed``, ``script_failed``, ``sandbox_limit``,
    ``timer_invalid``, ``multi_instance_invalid``, ``decision_failed``, ``unhandled_error``, ``step_budget_spent``,
    ``mapping_failed``; ``detail["element"]`` names the element.
    """

    code = "step_failed"


class Broken(EngineError):
    """A fault of ours or of the data below us (500); an incident keeps it."""

    code = "broken"


class Busy(EngineError):
    """The database could not do it now (503); nothing was changed, the same request may be sent again.

    ``problem_code`` is one of ``busy`` (a lock, a deadlock), ``database_away``, ``storage_full`` and
    ``outcome_unknown`` (the answer to a commit was lost: ask again before repeating).
    """

    code = "busy"


class Collision(Conflict):
    """Two requests wrote the same thing at the same moment and this one came second; nothing was changed."""

    code = "collision"
