"""Execution and task listeners of Camunda 7 and its relatives: read where they are expressions or scripts of ours."""

from lxml import etree

from engine.bpmn import expressions
from engine.bpmn.bindings import Compute, Skip
from engine.bpmn.expressions import Effect, ExpressionInvalid
from engine.bpmn.model import ACTIVITIES, Action, ActionKind, Expr, Listener, ListenerEvent, NodeKind
from engine.bpmn.reading.bound import listener_line, listener_of
from engine.bpmn.reading.source import Source
from engine.bpmn.xml import local

EXECUTION = "executionListener"
TASK = "taskListener"
TASK_EVENTS = frozenset({ListenerEvent.CREATE, ListenerEvent.COMPLETE, ListenerEvent.DELETE})
NOT_TOLD = {
    "assignment": "who holds a task is not told to the process; use create or complete",
    "update": "changes of a task are not told to the process; use create or complete",
    "timeout": "draw a timer on the border of the task",
    "all": "name the events, one listener for each",
}
VARIABLES = {
    "setVariable": ActionKind.SET,
    "setVariableLocal": ActionKind.SET_LOCAL,
    "removeVariable": ActionKind.REMOVE,
    "removeVariableLocal": ActionKind.REMOVE_LOCAL,
}
OFFERS = {
    "setName": ActionKind.TASK_NAME,
    "setAssignee": ActionKind.TASK_ASSIGNEE,
    "addCandidateUser": ActionKind.TASK_USERS,
    "addCandidateUsers": ActionKind.TASK_USERS,
    "addCandidateGroup": ActionKind.TASK_GROUPS,
    "addCandidateGroups": ActionKind.TASK_GROUPS,
    "setPriority": ActionKind.TASK_PRIORITY,
    "setDueDate": ActionKind.TASK_DUE,
    "setFollowUpDate": ActionKind.TASK_FOLLOW_UP,
}
LOCAL_KINDS = ACTIVITIES | {NodeKind.PASS, NodeKind.EVENT_SUB_PROCESS}


def read_listeners(
    source: Source, element: etree._Element, kind: NodeKind | None = None
) -> tuple[Listener, ...]:
    """The listeners of a node, a process or a flow, in the order of the file; what is not run is reported.

    Args:
        kind: of the node; None for a process and for a flow.
    """
    found: list[Listener] = []
    for word in (EXECUTION, TASK):
        for written in source.extensions(element, word):
            if word == TASK and kind is not NodeKind.USER_TASK:
                source.error(
                    "listener_event", "Only a user task has task listeners. Remove this one.", element
                )
                continue
            before = len(source.problems)
            event = _event(source, written, element)
            made = _Reader(source, element, kind, event).read(written) if event is not None else None
            if made is None:
                made = _instead(source, written, element, event, before)
                if made in found and source.book.names_listeners_of(element.get("id")):
                    made = None  # one entry for all the listeners of the element acts once
            if made is not None:
                found.append(made)
    return tuple(found)


def _instead(
    source: Source, written: etree._Element, at: etree._Element, event: ListenerEvent | None, before: int
) -> Listener | None:
    """What process.toml puts in the place of a listener that is not run; its problems since ``before`` are then settled."""
    match listener_of(source, written, at):
        case Skip(reason):
            del source.problems[before:]
            source.warn("listener_skipped", f'A listener is not run, by process.toml: "{reason}".', at)
        case Compute(values) if event is not None:
            del source.problems[before:]
            return Listener(event, tuple(Action(ActionKind.SET, v.target, v.value) for v in values))
    return None


def _event(source: Source, written: etree._Element, at: etree._Element) -> ListenerEvent | None:
    """When it acts; None when nobody would tell it (reported)."""
    if local(at) == "sequenceFlow":
        return ListenerEvent.TAKE
    text = (written.get("event") or "").strip()
    if (written.get("onTransaction") or "").strip():
        text = f"{text} with onTransaction"
    of_task = local(written) == TASK
    for event in TASK_EVENTS if of_task else (ListenerEvent.START, ListenerEvent.END):
        if text == event.value:
            return event
    why = NOT_TOLD.get(text, f"known are {'create, complete and delete' if of_task else 'start and end'}")
    source.error(
        "listener_event",
        f'A {local(written)} for the event "{text}" is not run: {why}. {listener_line(at, sets=False)}',
        at,
    )
    return None


class _Reader:
    """Reads one listener of ``at``."""

    def __init__(
        self, source: Source, at: etree._Element, kind: NodeKind | None, event: ListenerEvent
    ) -> None:
        self.source = source
        self.at = at
        self.kind = kind
        self.event = event

    def read(self, written: etree._Element) -> Listener | None:
        for word in ("class", "delegateExpression"):
            if value := (written.get(word) or "").strip():
                return self._code(written, f'{word}="{value}" names Java code, which does not run here')
        if text := (written.get("expression") or "").strip():
            return self._actions(written, text)
        script = next((e for e in written if local(e) == "script"), None)
        return self._script(written, script) if script is not None else self._code(written, "it does nothing")

    def _code(self, written: etree._Element, why: str) -> Listener | None:
        self.source.error(
            "vendor_code",
            f"<{local(written)}> at {self.event.value}: {why}. Write what it sets as "
            f"${{execution.setVariable('name', value)}}. {listener_line(self.at)}",
            self.at,
        )
        return None

    def _script(self, written: etree._Element, script: etree._Element) -> Listener | None:
        language = (script.get("scriptFormat") or script.get("language") or "").strip()
        text = script.text or ""
        if (script.get("resource") or "").strip() or not text.strip():
            return self._code(written, "its script is not in this file")
        if language.lower() == "juel":
            return self._actions(written, text.strip())
        try:
            return Listener(self.event, script=self.source.read_script(text, language or None))
        except ExpressionInvalid as error:
            return self._code(written, error.message.rstrip("."))

    def _actions(self, written: etree._Element, text: str) -> Listener | None:
        try:
            effects = expressions.read_effects(text)
        except ExpressionInvalid as error:
            return self._code(written, f'"{text[:200]}" is not understood: {error.message.rstrip(".")}')
        actions = [self._action(effect) for effect in effects]
        if None in actions:
            return None
        return Listener(self.event, actions=tuple(action for action in actions if action is not None))

    def _action(self, effect: Effect) -> Action | None:
        of_task = effect.of == "task"
        if of_task and self.event not in TASK_EVENTS:
            return self._refuse(effect, "there is no task at this event; use a task listener")
        if effect.method in VARIABLES:
            return self._variable(effect, VARIABLES[effect.method])
        if of_task and effect.method in OFFERS:
            if self.event is not ListenerEvent.CREATE:
                return self._refuse(
                    effect, "what a task offers is settled when it is made; use the event create"
                )
            if len(effect.args) != 1:
                return self._refuse(effect, "it takes one value")
            return Action(OFFERS[effect.method], value=effect.args[0])
        if effect.method == "setDescription":
            return self._refuse(effect, "a task shows the documentation drawn with it")
        known = [*VARIABLES, *(OFFERS if of_task else ())]
        return self._refuse(effect, f"known are {', '.join(known)}")

    def _variable(self, effect: Effect, kind: ActionKind) -> Action | None:
        sets = kind in {ActionKind.SET, ActionKind.SET_LOCAL}
        if len(effect.args) != (2 if sets else 1):
            return self._refuse(effect, "it takes a name and a value" if sets else "it takes a name")
        if kind in {ActionKind.SET_LOCAL, ActionKind.REMOVE_LOCAL} and not self._has_locals():
            return self._refuse(effect, f"a {local(self.at)} has no variables of its own; use setVariable")
        name = _constant(effect.args[0])
        if name is None:
            return self._refuse(effect, "the name of the variable must be a plain text")
        target = self.source.variable(name, self.at)
        return Action(kind, target, effect.args[1] if sets else None) if target is not None else None

    def _has_locals(self) -> bool:
        word = local(self.at)
        return word == "process" or (self.kind in LOCAL_KINDS and not word.endswith("Event"))

    def _refuse(self, effect: Effect, why: str) -> Action | None:
        self.source.error(
            "listener_action",
            f"The listener calls {effect.of}.{effect.method}(…), which is not run: {why}. "
            f"{listener_line(self.at)}",
            self.at,
        )
        return None


def _constant(expr: Expr) -> str | None:
    """The text that an expression always gives; None for anything else."""
    found = expressions.constant(expr)
    return found if isinstance(found, str) else None
