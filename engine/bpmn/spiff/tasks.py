"""Tasks that nobody sits at: service, receive, send and script tasks."""

from typing import Any

from engine.bpmn import expressions
from engine.bpmn.expressions import SandboxError
from engine.bpmn.model import EventKind
from engine.bpmn.spiff.activities import ActivitySpec
from engine.bpmn.spiff.data import assign, assign_outside, evaluate, failed, give_name, locals_of, seen, text
from engine.bpmn.spiff.events import arm, awaited, stands_behind_gateway
from engine.bpmn.spiff.routing import throw_message
from engine.bpmn.spiff.tokens import Token
from engine.bpmn.step import Wait, WantJob


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
        inputs = {m.target: locals_of(token)[m.target] for m in self.node.inputs if not m.all_variables}
        inputs |= {m.target: evaluate(token, m.value) for m in service.inputs if m.value is not None}
        token.internal_data["job"] = {"settings": settings, "inputs": inputs}
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
            process=token.process,
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
