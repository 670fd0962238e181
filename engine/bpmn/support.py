"""What is refused by name, because it would not run as it is drawn. Readers and the interpreter keep this one list."""

from collections.abc import Iterator

from engine.bpmn.model import Node, NodeKind

REFUSED: dict[str, str] = {
    "adHocSubProcess": "An ad-hoc sub-process is not run. Draw the order of its tasks, or one user task for all of them.",
    "choreographyTask": "A choreography is not run. Draw a process with messages.",
    "subChoreography": "A choreography is not run. Draw a process with messages.",
    "callChoreography": "A choreography is not run. Draw a process with messages.",
    "subConversation": "A conversation is not run. Draw a process with messages.",
    "instantiate": "A case is started by a receive task or by an event-based gateway with messages, signals and timers, at the top level and without incoming flows, boundary events, loops or input mappings. Start it with a start event, and receive the message after it.",
    "parallelMultiple": "An event that needs all of several triggers is not run. Draw a parallel gateway before single events.",
    "mustUnderstand": "The file has an extension that must be understood to run it, and that is not known here. Remove it with what uses it.",
    "startQuantity": "An activity that waits for several tokens is not run. Draw a parallel gateway before it.",
    "completionQuantity": "An activity that sends out several tokens is not run. Draw a parallel gateway after it.",
    "process:start:condition": "A case does not start by a condition: before it begins it has no data to look at. Start it by a message or a timer, and wait for the condition after it.",
    "process:start:error": "Only an event sub-process starts by an error. Use a plain start event.",
    "process:start:escalation": "Only an event sub-process starts by an escalation. Use a plain start event.",
    "process:start:compensation": "Only an event sub-process starts by compensation. Use a plain start event.",
}
"""Name of a construct → sentence. Names: BPMN's own words for what has no node, and what ``constructs`` yields."""


def constructs(node: Node) -> Iterator[str]:
    """The names under which a node could stand in ``REFUSED``, e.g. ``end:cancel`` or ``multi_instance:call_activity``."""
    yield node.kind.value
    if node.event is not None:
        yield f"{node.kind.value}:{node.event.kind.value}"
        if node.kind is NodeKind.BOUNDARY:
            yield f"boundary:{node.event.kind.value}:{'interrupting' if node.interrupting else 'non_interrupting'}"
        if node.event.timer_kind is not None:
            yield f"{node.kind.value}:timer:{node.event.timer_kind.value}"
    if node.loop is not None:
        yield f"multi_instance:{node.kind.value}"
        yield f"multi_instance:{'sequential' if node.loop.sequential else 'parallel'}:{node.kind.value}"
    if node.compensation is not None:
        yield f"compensated:{node.kind.value}"
    if node.kind is NodeKind.EVENT_SUB_PROCESS and node.scope is not None:
        for start in node.scope.starts():
            if start.event is not None:
                yield f"event_sub_process:{start.event.kind.value}"
