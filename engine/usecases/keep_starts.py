"""A deployment replaces what starts a process by itself, in the same transaction."""

from collections.abc import Iterator

from engine.bpmn.admit import Admitted
from engine.bpmn.model import EventKind, TimerKind
from engine.bpmn.starts import Trigger, trigger_of
from engine.bpmn.step import World
from engine.calendar.settings import CalendarInvalid
from engine.errors import ProcessInvalid
from engine.model import Process, ProcessStart
from engine.problems import Problem
from engine.store.calendars import calendar_from
from engine.store.jobs import wake_messages
from engine.store.starts import starts_of
from engine.store.uow import UnitOfWork


def keep_starts(uow: UnitOfWork, admitted: Admitted, process: Process) -> None:
    """Write the event starts of the process's new version over those of the one before. The process is locked or new.

    A date, cycle or cron whose text is unchanged keeps its place: the next time and the count that is left stay, and one
    that is used up stays so. What is changed, and each duration, is counted from this deployment.

    Raises:
        ProcessInvalid: a name or time cannot be evaluated.
    """
    triggers, problems = triggers_of(uow, admitted)
    if problems:
        raise ProcessInvalid(f"{process.key} has starts that cannot be evaluated.", problems)
    before = {row.node_id: row for row in starts_of(uow, process.key)}
    for trigger in triggers:
        row = before.pop(trigger.node, None)
        if row is None:
            row = ProcessStart(process_key=process.key, node_id=trigger.node)
            uow.add(row)
            unchanged = False
        else:
            unchanged = _same_schedule(row, trigger)
        _fill(row, trigger, process.latest_version)
        if not unchanged:
            due = trigger.due
            row.due_at = None if due is None else due.at
            row.every = None if due is None else due.every
            row.repeat_left = None if due is None else due.repeat_left
    uow.remove(*before.values())
    if names := {trigger.name for trigger in triggers if trigger.kind is EventKind.MESSAGE}:
        wake_messages(uow, names)


def triggers_of(uow: UnitOfWork, admitted: Admitted) -> tuple[list[Trigger], list[Problem]]:
    """The event starts of a process that may be deployed, counted from now; and what cannot be."""
    triggers: list[Trigger] = []
    problems: list[Problem] = []
    starts = admitted.process.scope.event_starts()
    if not starts:
        return triggers, problems
    try:
        calendar = calendar_from(uow, admitted.settings.calendar, admitted.owner_agency)
    except CalendarInvalid:
        return triggers, problems  # told as calendar_invalid
    world = World(uow.now(), calendar)
    for node in starts:
        try:
            triggers.append(trigger_of(node, world))
        except ValueError as fault:
            message = f"The start event cannot be set up: {fault}"
            problems.append(
                Problem(node.line, node.element, "start_invalid", message, file=admitted.process.file)
            )
    return triggers, problems


def start_problems(uow: UnitOfWork, admitted: Admitted) -> Iterator[Problem]:
    """What of the process's event starts cannot be evaluated."""
    yield from triggers_of(uow, admitted)[1]


def _same_schedule(row: ProcessStart, trigger: Trigger) -> bool:
    kind = trigger.timer_kind
    return (
        kind is not None
        and kind is not TimerKind.DURATION
        and (row.timer_kind, row.timer) == (kind.value, trigger.timer)
    )


def _fill(row: ProcessStart, trigger: Trigger, version: int) -> None:
    row.version = version
    row.element_id, row.kind, row.name, row.label = (
        trigger.element,
        trigger.kind.value,
        trigger.name,
        trigger.label,
    )
    row.timer_kind = None if trigger.timer_kind is None else trigger.timer_kind.value
    row.timer = trigger.timer
