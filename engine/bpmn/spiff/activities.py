"""Activities: their mappings, boundary events and compensation, and the tasks among them."""

from datetime import datetime
from typing import Any

from engine.bpmn import expressions
from engine.bpmn.dmn import decide
from engine.bpmn.expressions import SandboxError
from engine.bpmn.model import Decision, EventKind, Expr, Node, Work
from engine.bpmn.spiff.compensation import handler_done
from engine.bpmn.spiff.data import (
    assign,
    assign_outside,
    evaluate,
    evaluate_text,
    failed,
    give_name,
    locals_of,
    map_inputs,
    map_outputs,
    mapped,
    seen,
    text,
)
from engine.bpmn.spiff.events import arm, awaited, stands_behind_gateway
from engine.bpmn.spiff.specs import NodeSpec, ScopeSpec
from engine.bpmn.spiff.tokens import Token, kill
from engine.bpmn.step import Happened, OpenTask, Throw, Wait, WantJob
from engine.bpmn.times import due_at

DEFAULT_PRIORITY = 50


class ActivitySpec(NodeSpec):
    """An activity: inputs are set, boundary events armed, it runs, outputs are read, boundary events are withdrawn.

    One spec of a multi-instance activity stands for the whole (``multi.py``), another for each instance.

    Attributes:
        boundaries: the boundary events on it, by spec name.
        each: it is an instance; it then has no boundary events and no way out of its own.
    """

    def __init__(self, scope: ScopeSpec, node: Node, *, name: str | None = None, each: bool = False) -> None:
        super().__init__(scope, node, name=name)
        self.each = each
        self.boundaries: list[str] = []

    def begin(self, token: Token) -> bool | None:
        """Do the work. True: done at once; None: it waits."""
        return True

    def instance_done(self, token: Token, instance: Token) -> None:
        """Told to the whole of a multi-instance activity when an instance has ended."""

    def _run_hook(self, my_task: Token) -> bool | None:
        map_inputs(my_task, self.node.inputs)
        for name in self.boundaries:
            my_task.add(self.scope.spec(name)).enter()
            if not my_task.is_live:
                return None  # a condition that already holds interrupts it before it begins
        return self.begin(my_task)

    def _on_complete_hook(self, my_task: Token) -> None:
        map_outputs(my_task, self.node.outputs)
        kill(*(part for part in list(my_task.children) if part.is_waiting))
        self.remember(my_task)
        whole = my_task.parent if self.each else None
        if whole is not None and isinstance(whole.task_spec, ActivitySpec):
            my_task.case.passed(my_task)
            whole.task_spec.instance_done(whole, my_task)
        else:
            self.leave(my_task)

    def leave(self, token: Token) -> None:
        super().leave(token)
        handler_done(token)

    def remember(self, token: Token) -> None:
        """Keep what compensation of this activity will need."""
        if self.node.compensation is not None:
            record: dict[str, Any] = {"activity": self.node.id, "handler": self.node.compensation}
            if "locals" in token.internal_data:
                record["locals"] = dict(token.internal_data["locals"])
            token.workflow.undo.append(record)


class UserTaskSpec(ActivitySpec):
    """A task for a person. What it offers is evaluated once, when the token arrives."""

    def begin(self, token: Token) -> bool | None:
        node, work = self.node, self.node.work or Work()
        give_name(token, node)
        offer: dict[str, Any] = {
            "assignee": evaluate_text(token, work.assignee),
            "users": texts(token, work.candidate_users),
            "groups": texts(token, work.candidate_groups),
            "due": self._due(token, work),
            "follow_up": moment(token, work.follow_up),
            "priority": self._priority(token, work),
        }
        token.internal_data["offer"] = offer
        return None

    def _due(self, token: Token, work: Work) -> datetime | None:
        at = moment(token, work.due)
        if at is not None or work.sla is None:
            return at
        world = token.case.here
        try:
            if work.sla_calendar == "elapsed":
                return due_at(work.sla, world)
            return world.calendar.due_after(world.now, work.sla)
        except ValueError as error:
            raise failed(token, "timer_invalid", f"service level {work.sla}: {error}") from error

    def _priority(self, token: Token, work: Work) -> int:
        value = None if work.priority is None else evaluate(token, work.priority)
        if value is None or value == "":
            return DEFAULT_PRIORITY
        try:
            return int(value)
        except (TypeError, ValueError) as error:
            raise failed(
                token, "expression_failed", f"the priority {value!r} is not a whole number"
            ) from error

    def wait(self, token: Token) -> Wait | None:
        offer = token.internal_data.get("offer")
        if offer is None:
            return None
        return OpenTask(
            token=token.id,
            node=self.node.id,
            element=self.node.element,
            name=token.name or self.node.element,
            lane=self.node.lane,
            form=self.node.work.form if self.node.work else None,
            assignee=offer["assignee"],
            candidate_users=tuple(offer["users"]),
            candidate_groups=tuple(offer["groups"]),
            due_at=offer["due"],
            follow_up_at=offer["follow_up"],
            priority=offer["priority"],
            loop_index=token.internal_data.get("index"),
            process=process_of(token),
        )


class ServiceTaskSpec(ActivitySpec):
    """Work for a connector: asks for a job and waits for its answer."""

    def begin(self, token: Token) -> bool | None:
        service = self.node.service
        if service is None:
            return True
        give_name(token, self.node)
        settings = dict(service.settings)
        for key, expr in service.expressions.items():
            settings[key] = text(evaluate(token, expr))
        token.internal_data["job"] = {
            "settings": settings,
            "inputs": {m.target: locals_of(token)[m.target] for m in self.node.inputs if not m.all_variables},
        }
        return None

    def answer(self, token: Token, reply: Any) -> None:
        """The connector's answer: seen by the output mapping as ``reply``, kept where the model says."""
        locals_of(token)["reply"] = reply
        if self.node.service is not None and self.node.service.result_variable:
            assign_outside(token, {self.node.service.result_variable: reply})

    def wait(self, token: Token) -> Wait | None:
        job = token.internal_data.get("job")
        if job is None or self.node.service is None:
            return None
        return WantJob(
            token=token.id,
            node=self.node.id,
            element=self.node.element,
            name=token.name or self.node.element,
            connector=self.node.service.connector,
            lane=self.node.lane,
            settings=job["settings"],
            inputs=job["inputs"],
            retries=self.node.service.retries,
            process=process_of(token),
        )


class ReceiveTaskSpec(ActivitySpec):
    """Waits for a message; without a message of its own, for one named by its element id."""

    def is_under_way(self, token: Token) -> bool:
        return token.is_started and not stands_behind_gateway(token)

    def begin(self, token: Token) -> bool | None:
        give_name(token, self.node)
        if self.node.event is None:
            token.internal_data["await"] = {
                "kind": EventKind.MESSAGE.value,
                "name": self.node.element,
                "correlation": None,
            }
        else:
            arm(token, self.node)
        return None

    def wait(self, token: Token) -> Wait | None:
        return awaited(token, self.node) if token.is_started else None


class SendTaskSpec(ActivitySpec):
    """Sends a message and goes on."""

    def begin(self, token: Token) -> bool | None:
        throw_message(token)
        return True


class ScriptTaskSpec(ActivitySpec):
    def begin(self, token: Token) -> bool | None:
        script = self.node.script
        if script is None:
            return True
        try:
            assigned = expressions.execute(script, seen(token), world=token.case.world)
        except SandboxError as error:
            raise failed(token, error.code, error.message) from error
        assign(token, assigned)
        return True


class DecisionTaskSpec(ActivitySpec):
    """Asks a decision table and keeps its result."""

    def begin(self, token: Token) -> bool | None:
        decision = self.node.decision
        if decision is None:
            return True
        case = token.case
        try:
            decided = decide(case.decisions, decision.key, seen(token), case.here)
        except SandboxError as error:
            raise failed(token, "decision_failed", error.message) from error
        case.tell(
            Happened.DECIDED,
            token,
            decision=decision.key,
            inputs=decided.inputs,
            outputs=decided.result,
            matched=list(decided.matched),
        )
        result = self._result(token, decision, decided.result)
        if decision.result_variable and self.node.only_outputs:
            locals_of(token)[decision.result_variable] = result
        elif decision.result_variable:
            assign_outside(token, {decision.result_variable: result})
        return True

    def _result(self, token: Token, decision: Decision, rows: list[dict[str, Any]]) -> Any:
        match decision.map_result:
            case "result_list":
                return rows
            case "collect_entries":
                return [self._single(token, decision, row) for row in rows]
            case "single_entry" | "single_result" if len(rows) > 1:
                cause = f"decision {decision.key} gave {len(rows)} results where one is expected"
                raise failed(token, "decision_failed", cause)
            case "single_entry":
                return self._single(token, decision, rows[0]) if rows else None
            case _:
                return rows[0] if rows else None

    def _single(self, token: Token, decision: Decision, row: dict[str, Any]) -> Any:
        if len(row) > 1:
            cause = f"decision {decision.key} gave the outputs {', '.join(row)} where one value is expected"
            raise failed(token, "decision_failed", cause)
        return next(iter(row.values()), None)


def process_of(token: Token) -> str:
    """Key of the called process the node belongs to; "" for the case's own."""
    scope = token.workflow
    while scope.variables is None and scope.owner is not None:
        scope = scope.owner.workflow
    return "" if scope.owner is None else scope.spec.process


def texts(token: Token, exprs: tuple[Expr, ...]) -> list[str]:
    """Users or groups: each expression gives one, several in a text with commas, or a list; none twice."""
    found: dict[str, None] = {}
    for expr in exprs:
        value = evaluate(token, expr)
        items = value if isinstance(value, list | tuple | set | frozenset) else text(value).split(",")
        for item in items:
            name = text(item).strip()
            if name:
                found[name] = None
    return list(found)


def moment(token: Token, expr: Expr | None) -> datetime | None:
    """A due or follow-up date: a date, a time, or a duration from now, as value or ISO 8601 text."""
    value = None if expr is None else evaluate(token, expr)
    if value is None or value == "":
        return None
    try:
        return due_at(value, token.case.here)
    except ValueError as error:
        raise failed(token, "timer_invalid", str(error)) from error


def throw_message(token: Token) -> None:
    """Put the message of the token's node among what leaves the case."""
    node = token.task_spec.node
    if node.event is None:
        return
    token.case.thrown.append(
        Throw(
            kind=EventKind.MESSAGE.value,
            name=evaluate_text(token, node.event.name) or node.element,
            data=mapped(token, node.event.payload, seen(token)),
            correlation=evaluate_text(token, node.event.correlation),
            element=node.element,
        )
    )
