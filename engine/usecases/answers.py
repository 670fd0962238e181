"""What a person fills in, as typed answers."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.bpmn.step import World
from engine.errors import AnswersInvalid
from engine.forms.answers import check_answers
from engine.forms.form import Field, FieldProblem, Form


def read_answers(
    form: Form | None,
    raw: Mapping[str, Any],
    *,
    variables: Callable[[], Mapping[str, Any]],
    world: World,
) -> dict[str, Any]:
    """Answers in their types: the form's own keys, or without a form JSON values under any variable name.

    Args:
        variables: gives what the person sees; only asked when there is a form.

    Raises:
        AnswersInvalid: by field; without a form, by name that is no variable's.
    """
    if form is not None:
        return check_answers(form, raw, variables=variables(), world=world)
    strange = [name for name in raw if not name.isidentifier() or name.startswith("_")]
    if strange:
        raise AnswersInvalid(
            f"These are no names of variables: {', '.join(sorted(strange))}.",
            {name: [FieldProblem("not_a_variable")] for name in strange},
        )
    return dict(raw)


def without_starter(
    form: Form | None, raw: Mapping[str, Any], *, variable: str | None, starter: str
) -> Mapping[str, Any]:
    """A start's raw values without the variable that the engine itself fills with the starter's user name.

    Nobody starts in the name of another, unless the form asks whose case it is: then its answer counts.

    Raises:
        AnswersInvalid: the variable is sent with another name.
    """
    asked = form is not None and any(isinstance(c, Field) and c.key == variable for c in form.flat())
    if variable is None or variable not in raw or asked:
        return raw
    if raw[variable] != starter:
        raise AnswersInvalid(
            f"“{variable}” is the user name of whoever starts the case: {starter}. Leave it out.",
            {variable: [FieldProblem("unknown_field")]},
        )
    return {name: value for name, value in raw.items() if name != variable}
