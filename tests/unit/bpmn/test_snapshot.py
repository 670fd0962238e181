"""What goes into a snapshot comes out of it, whatever a person, a script or a partner put in."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from math import inf, isnan, nan
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn.spiff.encoding import decode, encode
from engine.errors import StepFailed

KEYS = st.one_of(st.sampled_from(["$t", "v", "typename", "", "a", "datetime"]), st.text(max_size=5))
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**80), 2**80),
    st.floats(allow_nan=False),
    st.text(max_size=20),
    st.sampled_from(['"$t":', '{"$t": 1}', "decimal"]),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
    st.datetimes(),
    st.decimals(allow_nan=False),
    st.timedeltas(),
    st.times(),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)


def alike(one: Any, other: Any) -> bool:
    """Equal, of the same types, and with dictionaries in the same order."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return bool(one == other)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_every_value_comes_back_as_it_was(data: dict[str, Any]) -> None:
    assert alike(decode(encode(data)), data)


@pytest.mark.parametrize(
    "value",
    [
        date(2026, 4, 6),
        datetime(2026, 4, 6, 9, tzinfo=UTC),
        time(9, 30),
        timedelta(days=5, microseconds=1),
        Decimal("0.10"),
        {1, 2},
        2**70,
        inf,
        {1: "a key that is no text"},
    ],
)
def test_what_json_does_not_know_is_kept(value: Any) -> None:
    assert decode(encode({"x": [value]})) == {"x": [value]}


def test_a_number_that_is_none_stays_so() -> None:
    assert isnan(decode(encode({"x": nan}))["x"])


def test_a_list_and_a_tuple_come_back_as_a_list() -> None:
    assert decode(encode({"x": (1, [2])})) == {"x": [1, [2]]}


def test_what_cannot_be_kept_is_named_by_its_variable() -> None:
    with pytest.raises(StepFailed, match="'photo' holds a bytes") as failure:
        encode({"case": {"photo": b"..."}})
    assert failure.value.problem_code == "mapping_failed"
