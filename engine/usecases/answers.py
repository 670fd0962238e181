"""What a person fills in, as typed answers."""

from collections.abc import Mapping
from typing import Any

from engine.errors import AnswersInvalid


def plain_answers(raw: Mapping[str, Any]) -> dict[str, Any]:
    """What a task or start without a form takes: JSON values under any variable name.

    Raises:
        AnswersInvalid: by name that is no variable's.
    """
    strange = [name for name in raw if not name.isidentifier() or name.startswith("_")]
    if strange:
        raise AnswersInvalid(
            f"These are no names of variables: {', '.join(sorted(strange))}.",
            {name: [{"code": "not_a_variable"}] for name in strange},
        )
    return dict(raw)
