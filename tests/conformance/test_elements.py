"""Every line of the conformance report, done: what it says runs is run, what it says is refused is refused there."""

import pytest

from tests.conformance.case import Case
from tests.conformance.lines import CASES


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_lintas_does_with_the_drawing_what_the_report_says(case: Case) -> None:
    case.check()
