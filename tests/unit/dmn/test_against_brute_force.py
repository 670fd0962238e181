"""Random tables against a brute-force reading of DMN 1.3, chapter 8.2.10, that shares nothing with the engine."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn.dmn import DecisionFailed, decide, read_decisions
from tests.unit.dmn.test_decisions import file, table

Test = tuple[str, int, int]
Row = tuple[tuple[Test, Test], int]

PRIORITIES = (3, 1, 0, 2)
"""The outputs' values, from the most to the least important."""

tests = st.tuples(
    st.sampled_from(["-", "=", "<", "<=", ">", ">=", "[]", "(]", "[)", "or", "not"]),
    st.integers(-2, 6),
    st.integers(-2, 6),
)
rows = st.lists(st.tuples(st.tuples(tests, tests), st.sampled_from(PRIORITIES)), min_size=0, max_size=6)
POLICIES = (
    "UNIQUE", "FIRST", "ANY", "PRIORITY", "RULE ORDER", "OUTPUT ORDER", "COLLECT",
    "COLLECT SUM", "COLLECT MIN", "COLLECT MAX", "COLLECT COUNT",
)  # fmt: skip


def written(test: Test) -> str:
    how, a, b = test
    match how:
        case "-":
            return "-"
        case "=":
            return str(a)
        case "[]" | "(]" | "[)":
            return f"{how[0]}{a}..{b}{how[1]}"
        case "or":
            return f"{a}, {b}"
        case "not":
            return f"not({a}, {b})"
        case _:
            return f"{how} {a}"


def holds(test: Test, value: int) -> bool:
    how, a, b = test
    return {
        "-": True,
        "=": value == a,
        "<": value < a,
        "<=": value <= a,
        ">": value > a,
        ">=": value >= a,
        "[]": a <= value <= b,
        "(]": a < value <= b,
        "[)": a <= value < b,
        "or": value in (a, b),
        "not": value not in (a, b),
    }[how]


def expected(policy: str, rules: list[Row], x: int, y: int) -> list[int] | str:
    """The outputs, or "error"."""
    hits = [out for (first, second), out in rules if holds(first, x) and holds(second, y)]
    by_priority = sorted(hits, key=PRIORITIES.index)
    match policy:
        case "UNIQUE":
            return "error" if len(hits) > 1 else hits
        case "ANY":
            return "error" if len(set(hits)) > 1 else hits[:1]
        case "FIRST":
            return hits[:1]
        case "PRIORITY":
            return by_priority[:1]
        case "OUTPUT ORDER":
            return by_priority
        case "COLLECT SUM":
            return [sum(hits)] if hits else []
        case "COLLECT MIN":
            return [min(hits)] if hits else []
        case "COLLECT MAX":
            return [max(hits)] if hits else []
        case "COLLECT COUNT":
            return [len(hits)]
        case _:
            return hits


@pytest.mark.parametrize("policy", POLICIES)
@settings(max_examples=60, deadline=None)
@given(rules=rows, x=st.integers(-3, 7), y=st.integers(-3, 7))
def test_a_table_decides_as_its_hit_policy_is_written(policy: str, rules: list[Row], x: int, y: int) -> None:
    name, _, aggregation = policy.partition(" ") if policy.startswith("COLLECT") else (policy, "", "")
    content = file(
        table(
            [([written(test) for test in both], [str(out)]) for both, out in rules],
            policy=f'hitPolicy="{name}"' + (f' aggregation="{aggregation}"' if aggregation else ""),
            inputs=("x", "y"),
            outputs=("o",),
            values=", ".join(map(str, PRIORITIES)),
        )
    )
    read, problems = read_decisions(content, "random.dmn")
    assert problems == []
    found: Any
    try:
        decided = decide(read, "required_clearances", {"x": x, "y": y})
        found = [row["o"] for row in decided.result]
        matching = {n for n, (both, _) in enumerate(rules, 1) if holds(both[0], x) and holds(both[1], y)}
        assert set(decided.rules) <= matching
        if name not in ("UNIQUE", "FIRST", "PRIORITY"):
            assert set(decided.rules) == matching
    except DecisionFailed:
        found = "error"
    assert found == expected(policy, rules, x, y)
