"""``python -m tests.conformance``: run every test that the report links to, then write docs/conformance.md."""

import sys

import pytest

from tests.conformance.decisions import DECISIONS
from tests.conformance.lines import CASES
from tests.conformance.report import PAGE, ROOT, page


class Seen:
    """How each test ended."""

    def __init__(self) -> None:
        self.passed: set[str] = set()
        self.others: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            self.passed.add(report.nodeid.partition("[")[0])
        elif not report.passed:
            self.others[report.nodeid] = report.outcome


def main() -> int:
    links = {link for line in (*CASES, *DECISIONS) for link in line.also}
    seen = Seen()
    outcome = pytest.main(
        ["-q", "-x", "--rootdir", str(ROOT), "tests/conformance", *sorted(links)], plugins=[seen]
    )
    shown = {link for link in links if link.partition("[")[0] in seen.passed}
    if outcome not in (pytest.ExitCode.OK, 0) or seen.others or shown != links:
        sys.stderr.write(f"not written: {seen.others or sorted(links - shown)}\n")
        return 1
    models = next(
        (
            p / "shared" / "models"
            for p in (ROOT.parent, ROOT.parent.parent)
            if (p / "shared" / "models").is_dir()
        ),
        None,
    )
    PAGE.write_text(page(models), encoding="utf-8")
    sys.stdout.write(f"{PAGE.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
