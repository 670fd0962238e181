"""What stands beside the processes of a file and would change how they run, if it were read."""

from engine.bpmn.reading.source import Source
from engine.bpmn.support import REFUSED
from engine.bpmn.xml import child, children


def tell_unread(source: Source) -> None:
    """Report extensions that must be understood and correlations by parts of messages."""
    for extension in children(source.root, "extension"):
        if (extension.get("mustUnderstand") or "").strip() in {"true", "1"}:
            source.error("not_supported", REFUSED["mustUnderstand"], extension)
    for holder in source.root:
        correlates = child(holder, "correlationKey")
        if correlates is None:
            correlates = child(holder, "correlationSubscription")
        if correlates is not None:
            source.warn(
                "correlation_ignored",
                "Correlation by parts of a message is not read. A message finds its case by the case number, or by the "
                "property correlation of the event.",
                holder,
            )
