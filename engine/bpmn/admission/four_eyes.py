"""Four eyes at admission: which tasks of a process one person may not do together."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from engine.bpmn.admission.lanes import few
from engine.bpmn.admission.parts import Tell, constants
from engine.bpmn.model import Node, NodeKind, Process


def kept_apart(
    process: Process, written: Mapping[str, Sequence[str]], tell: Tell
) -> dict[str, tuple[str, ...]]:
    """Element of each task that is kept apart from others → their elements, both ways.

    Args:
        written: process.toml's ``[four_eyes]``: element → elements. The drawing's own are added.
    """
    tasks = {node.element: node for node in process.nodes() if node.kind is NodeKind.USER_TASK}
    apart: dict[str, set[str]] = defaultdict(set)
    for element, node in tasks.items():
        drawn = node.work.apart_from if node.work is not None else ()
        for other in dict.fromkeys((*drawn, *written.get(element, ()))):
            if other not in tasks:
                tell(
                    "four_eyes_unknown",
                    f'"{other}" is no user task of this process, so nobody can be kept apart from who did it. '
                    f"Its user tasks are {few(tasks)}.",
                    node,
                )
                continue
            _same_person(node, tasks[other], tell)
            apart[element].add(other)
            apart[other].add(element)
    return {element: tuple(sorted(others)) for element, others in apart.items()}


def _same_person(node: Node, other: Node, tell: Tell) -> None:
    if node is other or node.work is None or other.work is None:
        return
    first, second = node.work.assignee, other.work.assignee
    if first is None or second is None:
        return
    both = set(constants(first)) & set(constants(second))
    if both:
        tell(
            "four_eyes_same_person",
            f'This task and "{other.element}" are both given to {few(both)}, but two people must do them. '
            "Name somebody else, or groups.",
            node,
        )
