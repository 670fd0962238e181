"""What stands beside the processes of a file and would change how they run, if it were read."""

from engine.bpmn.reading.source import Source
from engine.bpmn.support import REFUSED
from engine.bpmn.xml import children


def tell_unread(source: Source) -> None:
    """Report extensions that must be understood."""
    for extension in children(source.root, "extension"):
        if (extension.get("mustUnderstand") or "").strip() in {"true", "1"}:
            source.error("not_supported", REFUSED["mustUnderstand"], extension)
