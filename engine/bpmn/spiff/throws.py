"""End events and intermediate throw events."""

from collections.abc import Mapping
from typing import Any

from engine.bpmn.model import EventDef, EventKind, ListenerEvent
from engine.bpmn.spiff.compensation import compensate
from engine.bpmn.spiff.data import evaluate_text, map_inputs, mapped, seen
from engine.bpmn.spiff.events import ListenerSpec, fire
from engine.bpmn.spiff.interrupt import kill_all
from engine.bpmn.spiff.listeners import notify
from engine.bpmn.spiff.routing import (
    catcher,
    end_by_error,
    throw_error,
    throw_escalation,
    throw_message,
    throw_signal,
)
from engine.bpmn.spiff.specs import NodeSpec
from engine.bpmn.spiff.tokens import Token
from engine.bpmn.step import Throw


class ThrowSpec(NodeSpec):
    """Throws its event and goes on, unless what it threw interrupts it."""

    def _run_hook(self, my_task: Token) -> bool | None:
        map_inputs(my_task, self.node.inputs)
        notify(my_task, ListenerEvent.START)
        event = self.node.event
        if event is None:
            return True
        if event.kind not in (EventKind.COMPENSATION, EventKind.CANCEL):
            my_task.case.passed(my_task)  # before what it causes; those two may still be interrupted
        match event.kind:
            case EventKind.MESSAGE:
                throw_message(my_task)
            case EventKind.SIGNAL:
                self._signal(my_task, mapped(my_task, event.payload, seen(my_task)))
            case EventKind.ESCALATION:
                throw_escalation(my_task, evaluate_text(my_task, event.name))
            case EventKind.ERROR:
                code, why = evaluate_text(my_task, event.name), evaluate_text(my_task, event.message)
                if not throw_error(my_task, code, why or ""):
                    end_by_error(my_task)
            case EventKind.TERMINATE:
                kill_all(my_task.workflow, keep=my_task)
            case EventKind.COMPENSATION:
                return self._compensate(my_task, event)
            case EventKind.CANCEL:
                kill_all(my_task.workflow, keep=my_task)
                return compensate(my_task, None)
            case EventKind.TIMER | EventKind.CONDITION:
                raise ValueError(f"{self.node.id}: nobody can throw a {event.kind.value}")
        return True if my_task.is_live else None

    def _compensate(self, token: Token, event: EventDef) -> bool | None:
        done = compensate(token, event.activity)
        if done is None and not event.waits:
            token.internal_data["gone_on"] = True  # the token stays to lead the handlers
            super()._on_complete_hook(token)
            for following in list(token.children):
                following.lift()
                following.enter()
        return done

    def is_under_way(self, token: Token) -> bool:
        return token.is_started and not self.is_spent(token)

    def is_spent(self, token: Token) -> bool:
        return "gone_on" in token.internal_data

    def _signal(self, token: Token, payload: Mapping[str, Any]) -> None:
        event = self.node.event
        name = (evaluate_text(token, event.name) if event is not None else None) or ""
        token.case.thrown.append(Throw(EventKind.SIGNAL.value, name, payload, element=self.node.element))
        throw_signal(token.case, name, payload)

    def _on_complete_hook(self, my_task: Token) -> None:
        event = self.node.event
        if "gone_on" in my_task.internal_data:
            return
        if event is not None and event.kind is EventKind.CANCEL:
            found = catcher(my_task, EventKind.CANCEL, None)
            if found is not None:
                notify(my_task, ListenerEvent.END)
                my_task.case.passed(my_task)
                fire(found)
                return
        super()._on_complete_hook(my_task)


class EndSpec(ThrowSpec):
    """An end event: the token's course ends here."""

    def leave(self, token: Token) -> None:
        if _is_outcome(token):
            token.case.outcome = self.node.element
        super().leave(token)


def _is_outcome(token: Token) -> bool:
    """At process level, or in an event sub-process that took over the process."""
    scope = token.workflow
    while scope.owner is not None:
        spec = scope.owner.task_spec
        if not isinstance(spec, ListenerSpec) or not spec.interrupting:
            return False
        scope = scope.owner.workflow
    return True
