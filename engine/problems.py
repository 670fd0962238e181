"""What admission finds in a file: one Problem an element and reason, all of them in one pass."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    ERROR = "error"  # it would not run as it says: deployment is refused
    WARNING = "warning"  # it runs; a designer should look at it


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong with a file.

    Attributes:
        line: line in the uploaded file, 1-based; 0 where the file has no such place.
        element: id of the BPMN element as it stands in the file, or "" for the whole file.
        code: stable name of the kind, e.g. ``lane_without_agency``; documented in docs/problems.md.
        message: a sentence that says what is wrong and what to do.
        severity: error or warning.
        file: name of the uploaded file the line is in.
    """

    line: int
    element: str
    code: str
    message: str
    severity: Severity = Severity.ERROR
    file: str = ""
