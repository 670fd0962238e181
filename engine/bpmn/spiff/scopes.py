"""Scopes: how they open and end, and the activities that hold one: sub-process, call activity, event sub-process."""

from typing import Any

from engine.bpmn.model import ListenerEvent, Node
from engine.bpmn.spiff.activities import ActivitySpec
from engine.bpmn.spiff.compensation import handler_done, remember_scope
from engine.bpmn.spiff.data import assign, failed, locals_of, map_inputs, mapped, seen
from engine.bpmn.spiff.events import ListenerSpec
from engine.bpmn.spiff.interrupt import kill
from engine.bpmn.spiff.listeners import notify, notify_process
from engine.bpmn.spiff.specs import NodeSpec, ScopeSpec
from engine.bpmn.spiff.tokens import STARTED, Case, Scope, Token

DEEPEST = 100
"""How deep scopes may nest: ends a process that calls itself for ever."""


def open_scope(
    case: Case,
    spec: ScopeSpec,
    owner: Token | None,
    *,
    variables: dict[str, Any] | None = None,
    start: NodeSpec | None = None,
) -> Scope:
    """Begin a scope: its event sub-processes listen, then its start event gets a token.

    Args:
        owner: the token of the activity; None for the case.
        variables: given for the case and for a called process: their own.
        start: the start event; None: the scope's only one (of a sub-process, or of an event sub-process).
    """
    if owner is not None and owner.workflow.depth() >= DEEPEST:
        raise failed(owner, "step_budget_spent", f"processes are nested more than {DEEPEST} deep here")
    scope = Scope(case, spec, owner, id=case.new_id(), variables=variables)
    notify_process(scope, ListenerEvent.START)
    for listener in spec.listeners:
        token = scope.begin(listener)
        token.enter()
        if isinstance(listener, ListenerSpec) and listener.interrupting and not token.is_waiting:
            return scope  # a condition that already holds takes the place of the normal course
    for spec_ in spec.starts if start is None else [start]:
        scope.begin(spec_).enter()
    return scope


def end_scopes(case: Case) -> bool:
    """End every scope that has nothing left but listeners, innermost first. True when one ended."""
    ended = False
    for scope in reversed(list(case.scopes.values())):
        if scope.id not in case.scopes or scope.reopened:
            continue  # ended with another: a completion condition held
        if all(is_listening(token) for token in scope.tokens()):
            _end(case, scope)
            ended = True
    return ended


def is_listening(token: Token) -> bool:
    """It waits for an event sub-process to be called for; its scope does not wait for it."""
    return isinstance(token.task_spec, ListenerSpec) and token.is_waiting


def _end(case: Case, scope: Scope) -> None:
    notify_process(scope, ListenerEvent.END)
    kill(*scope.tokens())
    scope.close()
    owner = scope.owner
    if owner is None:
        case.done = True
        return
    spec = owner.task_spec
    if isinstance(spec, SubProcessSpec | CallSpec):
        spec.scope_ended(owner, scope)
    owner.complete()


class SubProcessSpec(ActivitySpec):
    """An embedded sub-process. Its scope has no variables of its own."""

    inner: str

    def begin(self, token: Token) -> bool | None:
        token._set_state(STARTED)
        open_scope(token.case, token.case.specs[self.inner], token)
        return None

    def scope_ended(self, token: Token, scope: Scope) -> None:
        """What was done in it can be compensated from outside as long as it has no handler of its own."""
        if self.node.compensation is None:
            remember_scope(token, scope)


class CallSpec(ActivitySpec):
    """A call activity: the called process has variables of its own; only what is mapped goes in and out."""

    inner: str

    def begin(self, token: Token) -> bool | None:
        token._set_state(STARTED)
        called = self.node.called
        inputs = (
            {}
            if called is None
            else mapped(token, called.inputs, seen(token), token.internal_data.get("locals", {}))
        )
        spec = token.case.specs[self.inner]
        open_scope(token.case, spec, token, variables=inputs, start=spec.plain_start())
        return None

    def scope_ended(self, token: Token, scope: Scope) -> None:
        called = self.node.called
        if called is not None and scope.variables is not None:
            locals_of(token).update(mapped(token, (m for m in called.outputs if m.local), scope.variables))
            assign(token, mapped(token, (m for m in called.outputs if not m.local), scope.variables))
        if self.node.compensation is None:
            remember_scope(token, scope)


class EventSubProcessSpec(ListenerSpec):
    """An event sub-process whose event has happened runs as a scope of its own, and ends without going on."""

    def __init__(self, scope: ScopeSpec, node: Node) -> None:
        starts = node.scope.starts() if node.scope is not None else []
        if len(starts) != 1:
            raise ValueError(f"the event sub-process {node.id} needs exactly one start event")
        super().__init__(scope, node, event_node=starts[0])

    def _run_hook(self, my_task: Token) -> bool | None:
        my_task._set_state(STARTED)
        map_inputs(my_task, self.node.inputs)
        notify(my_task, ListenerEvent.START)
        open_scope(my_task.case, my_task.case.specs[self.inner], my_task)
        return None


class CompensationSpec(NodeSpec):
    """A compensation event sub-process: undoes the sub-process or called process it stands in, when that is over."""

    inner: str

    def _run_hook(self, my_task: Token) -> bool | None:
        my_task._set_state(STARTED)
        map_inputs(my_task, self.node.inputs)
        notify(my_task, ListenerEvent.START)
        open_scope(my_task.case, my_task.case.specs[self.inner], my_task)
        return None

    def leave(self, token: Token) -> None:
        super().leave(token)
        handler_done(token)
