"""Events that wait: catch events, boundary events and the listeners of event sub-processes.

An armed event is a waiting token with an ``await`` record: what it waits for, evaluated once. ``fire`` is the one way an
event reaches it.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from engine.bpmn.model import EventDef, EventKind, ListenerEvent, Node, NodeKind
from engine.bpmn.spiff.data import bring, evaluate, evaluate_text, failed, give_name, holds, map_inputs, seen
from engine.bpmn.spiff.interrupt import kill, kill_all
from engine.bpmn.spiff.listeners import notify, take
from engine.bpmn.spiff.specs import NodeSpec, ScopeSpec, title_of
from engine.bpmn.spiff.tokens import WAITING, Token
from engine.bpmn.step import AwaitMessage, AwaitSignal, SetDeadline, Wait, World
from engine.bpmn.times import Due, due, following


class EventSpec(NodeSpec, ABC):
    """A node whose token waits for an event.

    Attributes:
        event_node: the node that carries the event.
        event: what it waits for.
    """

    def __init__(self, scope: ScopeSpec, node: Node, *, event_node: Node | None = None) -> None:
        super().__init__(scope, node)
        self.event_node = event_node or node
        if self.event_node.event is None:
            raise ValueError(f"the event {self.event_node.id} waits for nothing")
        self.event: EventDef = self.event_node.event

    def _update_hook(self, my_task: Token) -> bool:
        my_task._set_state(WAITING)
        give_name(my_task, self.event_node)
        arm(my_task, self.event_node)
        if self.event.kind is EventKind.CONDITION:
            check_condition(my_task)
        return False

    @abstractmethod
    def release(self, token: Token) -> None:
        """What the event does to its surroundings when it fires: interrupt them, or make room for the next one."""

    def wait(self, token: Token) -> Wait | None:
        return awaited(token, self.event_node) if token.is_waiting else None

    def arm_again(self, token: Token, parent: Token) -> None:
        """After a non-interrupting event: wait for the next one, unless it was a timer that is used up."""
        record = token.internal_data["await"]
        keep: dict[str, Any] = {}
        if self.event.kind is EventKind.TIMER:
            if record.get("every") is None or record.get("left") == 0:
                return
            keep["cycle"] = {key: record[key] for key in ("due", "every", "left")}
        elif self.event.kind is EventKind.CONDITION:
            keep["last"] = True
        parent.add(self, **keep).enter()


class CatchSpec(EventSpec):
    """An intermediate catch event, on its own or behind an event-based gateway: there it begins when it is chosen."""

    def _update_hook(self, my_task: Token) -> bool:
        map_inputs(my_task, self.node.inputs)  # what it waits for may be told by them
        if not stands_behind_gateway(my_task):
            notify(my_task, ListenerEvent.START)
        return super()._update_hook(my_task)

    def _run_hook(self, my_task: Token) -> bool | None:
        return True

    def is_under_way(self, token: Token) -> bool:
        return token.is_waiting and not stands_behind_gateway(token)

    def release(self, token: Token) -> None:
        chosen_by_event(token)


class BoundarySpec(EventSpec):
    """An event at the edge of an activity; its token waits as a part of the activity's token."""

    def release(self, token: Token) -> None:
        host = token.holder
        token.lift()
        if host is None:
            return
        if self.interrupting:
            kill(host)
        else:
            self.arm_again(token, host)

    @property
    def interrupting(self) -> bool:
        return self.node.interrupting or self.event.kind in (EventKind.ERROR, EventKind.CANCEL)

    def wait(self, token: Token) -> Wait | None:
        found = super().wait(token)
        if isinstance(found, SetDeadline) and self.node.attached_to is not None:
            host = self.scope.spec(self.node.attached_to).node
            return replace(found, interrupting=self.interrupting, attached_to=host.element)
        return found


class ListenerSpec(EventSpec):
    """An event sub-process: its token waits in the scope it guards, then becomes the sub-process's own.

    The scope ends without it when nothing else is left.
    """

    inner: str  # key of the sub-process's own scope

    @property
    def interrupting(self) -> bool:
        return self.event_node.interrupting or self.event.kind is EventKind.ERROR

    def release(self, token: Token) -> None:
        if self.interrupting:
            kill_all(token.workflow, keep=token)
        else:
            self.arm_again(token, token.workflow.task_tree)

    def wait(self, token: Token) -> Wait | None:
        found = super().wait(token)
        return replace(found, interrupting=self.interrupting) if isinstance(found, SetDeadline) else found


def arm(token: Token, node: Node) -> None:
    """Evaluate once what the event waits for, and keep it."""
    event = node.event
    if event is None:
        return
    record: dict[str, Any] = {"kind": event.kind.value}
    match event.kind:
        case EventKind.TIMER:
            record.update(_deadline(token, event))
        case EventKind.CONDITION:
            record["last"] = token.internal_data.pop("last", False)
        case EventKind.MESSAGE:
            record["name"] = evaluate_text(token, event.name) or node.element
            record["correlation"] = evaluate_text(token, event.correlation)
        case _:
            record["name"] = evaluate_text(token, event.name)
    token.internal_data["await"] = record
    if event.kind is EventKind.SIGNAL and record["name"] is not None:
        token.case.listen(record["name"], token)


def _deadline(token: Token, event: EventDef) -> dict[str, Any]:
    world = token.case.here
    passed = token.internal_data.pop("cycle", None)
    try:
        if passed is None:
            if event.timer is None or event.timer_kind is None:
                raise ValueError("The timer has no time.")
            first: Due | None = due(event.timer_kind, evaluate(token, event.timer), world)
        else:
            first = _next(Due(passed["due"], passed["left"], passed["every"]), world)
    except ValueError as error:
        raise failed(token, "timer_invalid", str(error)) from error
    if first is None:
        raise failed(token, "timer_invalid", "The cycle is over.")
    return {"due": first.at, "every": first.every, "left": first.repeat_left}


def _next(passed: Due, world: World) -> Due | None:
    """Counted from the last due time, so that a late worker does not make every later reminder late.

    What was missed altogether, because the house was closed, is not made up for by a burst of reminders.
    """
    after = following(passed, world)
    if after is not None and after.at <= world.now:
        return following(replace(passed, at=world.now), world)
    return after


def check_condition(token: Token) -> bool:
    """Fire a condition that has become true. A condition on variables that are not there yet is not true."""
    event = _event_of(token)
    record = token.internal_data["await"]
    if event is None or event.condition is None:
        return False
    variables = seen(token)
    true = all(name in variables for name in event.condition.names) and holds(token, event.condition)
    was, record["last"] = record["last"], true
    if true and not was:
        fire(token)
        return True
    return False


def _event_of(token: Token) -> EventDef | None:
    spec = token.task_spec
    return spec.event if isinstance(spec, EventSpec) else spec.node.event


def fire(token: Token, payload: Mapping[str, Any] | None = None) -> None:
    """The event a token waits for has happened: interrupt or re-arm, hand over the payload, send the token on."""
    spec = token.task_spec
    chosen = stands_behind_gateway(token)
    if isinstance(spec, EventSpec):
        spec.release(token)
    else:
        chosen_by_event(token)
    bring(token, spec.event_node if isinstance(spec, EventSpec) else spec.node, payload or {})
    if chosen:
        notify(token, ListenerEvent.START)  # only now is the event entered; its listeners see the payload
    token.internal_data.pop("await", None)
    if token.is_waiting:
        token._ready()
    else:
        token.complete()


def chosen_by_event(token: Token) -> None:
    """If the token stands behind an event-based gateway, its event decides: the other events wait no longer."""
    gateway = token.holder
    if gateway is None or not stands_behind_gateway(token):
        return
    token.lift()
    kill(*gateway.parts())
    via = token.internal_data.get("via")
    exits = gateway.task_spec.exits
    gateway.chosen = ()
    gateway.complete()
    for flow in exits:
        if flow.id == via:
            take(token, flow)


def stands_behind_gateway(token: Token) -> bool:
    """Whether it is one of the events of an event-based gateway that has not decided yet."""
    holder = token.holder
    return holder is not None and holder.task_spec.node.kind is NodeKind.EVENT_GATEWAY


def awaited(token: Token, node: Node) -> Wait | None:
    """An armed event as the use-cases see it; None for events that only come from inside."""
    record = token.internal_data.get("await")
    if record is None:
        return None
    name = token.internal_data.get("name") or title_of(node)
    match EventKind(record["kind"]):
        case EventKind.TIMER:
            at: datetime = record["due"]
            return SetDeadline(token.id, node.id, node.element, name, at)
        case EventKind.MESSAGE:
            return AwaitMessage(token.id, node.id, node.element, name, record["name"], record["correlation"])
        case EventKind.SIGNAL:
            return AwaitSignal(token.id, node.id, node.element, name, record["name"] or "")
        case _:
            return None
