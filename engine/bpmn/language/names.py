"""The variable behind a name that people write with spaces: a data object's, a form field's, a FEEL name's."""

import keyword
import re


def is_variable(name: str) -> bool:
    """Whether expressions and scripts can speak of it as it stands."""
    return name.isidentifier() and not keyword.iskeyword(name)


def variable_of(name: str) -> str:
    """``Current_Status`` of ``Current Status``: each run of other signs is one ``_``; "" when nothing is left.

    A digit in front gets a ``v_``, a word that Python keeps for itself a ``_`` behind it. A variable's name stays as it is.
    """
    if is_variable(name):
        return name
    made = re.sub(r"\W+", "_", name).strip("_")
    if made[:1].isdigit():
        made = f"v_{made}"
    return f"{made}_" if keyword.iskeyword(made) else made
