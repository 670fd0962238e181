"""What leaves a case is plain JSON with numbers that are still the same numbers."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import orjson
import pytest

from engine.usecases.plain import plain


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("120.25"), 120.25),
        (Decimal("3"), 3),
        (Decimal("3.00"), 3),
        (Decimal("1E+3"), 1000),
        (Decimal("0.1234567890123456789"), "0.1234567890123456789"),
        (Decimal("90071992547409930"), "90071992547409930"),
        (Decimal("NaN"), "NaN"),
        (date(2026, 12, 1), "2026-12-01"),
        (datetime(2026, 12, 1, 8, tzinfo=UTC), "2026-12-01T08:00:00+00:00"),
        (time(8, 30), "08:30:00"),
        ({"a": [Decimal("1.5"), (None, True, "x")]}, {"a": [1.5, [None, True, "x"]]}),
    ],
)
def test_values_become_plain(value: Any, expected: Any) -> None:
    found = plain(value)
    assert found == expected
    assert type(found) is type(expected)
    assert orjson.loads(orjson.dumps(found)) == expected
