"""Business rule tasks: asks a decision table and keeps of its rows what the model says."""

from typing import Any

from engine.bpmn.dmn import Decided, decide
from engine.bpmn.expressions import SandboxError
from engine.bpmn.model import Decision
from engine.bpmn.spiff.activities import ActivitySpec
from engine.bpmn.spiff.data import assign_outside, failed, locals_of, seen
from engine.bpmn.spiff.tokens import Token
from engine.bpmn.step import Happened


class DecisionTaskSpec(ActivitySpec):
    """Asks a decision table and keeps its result."""

    def begin(self, token: Token) -> bool | None:
        decision = self.node.decision
        if decision is None:
            return True
        case = token.case
        try:
            decided = decide(self.scope.deployed.decisions, decision.key, seen(token), case.here)
        except SandboxError as error:
            raise failed(token, "decision_failed", error.message) from error
        case.tell(Happened.DECIDED, token, **told(decided))
        if self.node.outputs and not self.node.only_outputs:
            # Camunda 7 hands every row to the output mapping under this name
            locals_of(token)["decisionResult"] = decided.result
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


def told(decided: Decided) -> dict[str, Any]:
    """What history keeps: what was compared, which rules applied, what came out; the same of each decision before it."""
    detail: dict[str, Any] = {
        "decision": decided.key,
        "table": decided.name,
        "policy": decided.hit_policy,
        "inputs": decided.inputs,
        "outputs": decided.result,
        "matched": list(decided.matched),
        "rules": list(decided.rules),
    }
    if decided.required:
        detail["required"] = [told(one) for one in decided.required]
    return detail
