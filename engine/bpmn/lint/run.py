"""Runs every rule over a process. Importing the modules of rules fills the book."""

from collections.abc import Collection

from engine.bpmn.lint import choices, data, drawing, events, tokens, work
from engine.bpmn.lint.look import Look
from engine.bpmn.lint.rule import RULES
from engine.problems import Problem, Severity

__all__ = ["MODULES", "RULES", "lint"]

MODULES = (drawing, choices, tokens, events, work, data)
MOST = 200
"""Findings of one rule that are listed; a designer has seen enough then."""


def lint(look: Look, *, broken: Collection[str] = ()) -> list[Problem]:
    """Everything that the rules find, as warnings.

    Args:
        broken: elements with an error. Nothing is said about them, and rules that judge the whole say nothing at all.
    """
    found: list[Problem] = []
    for rule in RULES.values():
        if rule.whole and broken:
            continue
        count = 0
        for finding in rule.check(look):
            if finding.element in broken:
                continue
            count += 1
            if count > MOST:
                message = f"There are more than {MOST} findings of {rule.code}; the rest is not listed. Mend these first."
                found.append(
                    Problem(0, "", "too_many_problems", message, Severity.WARNING, look.process.file)
                )
                break
            found.append(
                Problem(
                    finding.line,
                    finding.element,
                    rule.code,
                    finding.message,
                    Severity.WARNING,
                    look.process.file,
                )
            )
    return found
