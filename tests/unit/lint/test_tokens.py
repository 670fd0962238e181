"""What the rules of tokens decide and what they leave alone; on sound drawings they are silent."""

import random

import pytest

from engine.bpmn.admit import Upload
from engine.usecases.check_files import check_files
from tests.unit.reading.files import flow, process
from tests.unit.reading.house import house

TOKENS = {"join_waits_forever", "runs_twice", "loop_without_wait", "no_way_to_end"}
TIMER = "<timerEventDefinition><timeDuration>P3D</timeDuration></timerEventDefinition>"
LATE = f'<boundaryEvent id="late" attachedToRef="a">{TIMER}</boundaryEvent>'
REMIND = f'<boundaryEvent id="late" attachedToRef="a" cancelActivity="false">{TIMER}</boundaryEvent>'


def drawn(
    *flows: str, nodes: str = "", joined: str = "parallelGateway", split: str = "parallelGateway"
) -> bytes:
    """start → split → a, b → join → after → end; ``flows`` and ``nodes`` besides."""
    return process(
        f'<startEvent id="start"/><{split} id="split"/><userTask id="a"/><userTask id="b"/><{joined} id="join"/>'
        f'<userTask id="after"/><endEvent id="end"/>{nodes}{flow("start", "split")}{flow("split", "a")}{flow("split", "b")}'
        f"{flow('b', 'join')}{flow('join', 'after')}{''.join(flows)}"
    )


def told(content: bytes) -> list[tuple[str, str]]:
    found = check_files(Upload("licence.bpmn", content), house())
    assert found.errors == []
    return [(p.code, p.element) for p in found.warnings if p.code in TOKENS]


def test_branches_that_meet_as_they_parted_are_sound() -> None:
    assert told(drawn(flow("a", "join"), flow("after", "end"))) == []


def test_a_choice_inside_one_branch_that_leaves_it_is_told_at_the_join() -> None:
    content = drawn(
        flow("a", "ok"), flow("ok", "join"), flow("ok", "no", "${refused}"), flow("after", "end"),
        nodes='<exclusiveGateway id="ok" default="ok_join"/><endEvent id="no"/>',
    )  # fmt: skip
    assert told(content) == [("join_waits_forever", "join")]


def test_a_choice_that_ends_the_whole_case_leaves_nobody_waiting() -> None:
    content = drawn(
        flow("a", "ok"), flow("ok", "join"), flow("ok", "no", "${refused}"), flow("after", "end"),
        nodes='<exclusiveGateway id="ok" default="ok_join"/><endEvent id="no"><terminateEventDefinition/></endEvent>',
    )  # fmt: skip
    assert told(content) == []


def test_a_choice_that_comes_back_to_its_branch_is_sound() -> None:
    content = drawn(
        flow("a", "ok"), flow("ok", "join"), flow("ok", "back", "${again}"), flow("back", "a"), flow("after", "end"),
        nodes='<exclusiveGateway id="ok" default="ok_join"/><userTask id="back"/>',
    )  # fmt: skip
    assert told(content) == []


def test_a_deadline_that_leaves_the_branch_is_told_at_the_join() -> None:
    content = drawn(
        flow("a", "join"), flow("late", "gone"), flow("after", "end"), nodes=f'{LATE}<endEvent id="gone"/>'
    )
    assert told(content) == [("join_waits_forever", "join")]


def test_a_deadline_that_comes_back_before_the_join_is_sound() -> None:
    content = drawn(
        flow("a", "meet"), flow("late", "meet"), flow("meet", "join"), flow("after", "end"),
        nodes=f'{LATE}<exclusiveGateway id="meet"/>',
    )  # fmt: skip
    assert told(content) == []


def test_a_nested_choice_is_seen_in_its_own_branch_only() -> None:
    content = process(
        '<startEvent id="start"/><exclusiveGateway id="kind" default="kind_small"/><userTask id="small"/>'
        '<parallelGateway id="split"/><exclusiveGateway id="ask" default="ask_skip"/><userTask id="skip"/><userTask id="a"/>'
        '<exclusiveGateway id="meet"/><userTask id="b"/><parallelGateway id="join"/><exclusiveGateway id="all"/><endEvent id="end"/>'
        + flow("start", "kind") + flow("kind", "small") + flow("kind", "split", "${big}") + flow("split", "ask")
        + flow("ask", "skip") + flow("ask", "a", "${deep}") + flow("skip", "meet") + flow("a", "meet") + flow("meet", "join")
        + flow("split", "b") + flow("b", "join") + flow("join", "all") + flow("small", "all") + flow("all", "end")
    )  # fmt: skip
    assert told(content) == []


def test_the_same_question_asked_in_both_branches_is_left_alone_where_both_ways_join() -> None:
    content = drawn(
        flow("a", "one"), flow("one", "meet", "${big}"), flow("one", "meet", name="plain"), flow("meet", "join"),
        flow("after", "end"), nodes='<exclusiveGateway id="one" default="plain"/><exclusiveGateway id="meet"/>',
    )  # fmt: skip
    assert told(content) == []


def test_a_join_that_waits_for_its_own_loop_is_told() -> None:
    content = process(
        '<startEvent id="start"/><parallelGateway id="join"/><userTask id="a"/><exclusiveGateway id="ok" default="ok_end"/>'
        '<endEvent id="end"/>'
        + flow("start", "join") + flow("join", "a") + flow("a", "ok") + flow("ok", "end") + flow("ok", "join", "${again}")
    )  # fmt: skip
    assert told(content) == [("join_waits_forever", "join")]


def test_an_inclusive_split_joined_by_a_parallel_gateway_is_told() -> None:
    content = process(
        '<startEvent id="start"/><inclusiveGateway id="split"/><userTask id="a"/><userTask id="b"/><parallelGateway id="join"/>'
        '<endEvent id="end"/>'
        + flow("start", "split") + flow("split", "a", "${x}") + flow("split", "b", "${y}") + flow("a", "join")
        + flow("b", "join") + flow("join", "end")
    )  # fmt: skip
    assert told(content) == [("join_waits_forever", "join")]


@pytest.mark.parametrize("joined", ["exclusiveGateway", "task"])
def test_parallel_branches_that_meet_without_a_join_run_what_follows_twice(joined: str) -> None:
    assert told(drawn(flow("a", "join"), flow("after", "end"), joined=joined)) == [("runs_twice", "join")]


def test_parallel_branches_may_share_an_end_event() -> None:
    content = process(
        '<startEvent id="start"/><parallelGateway id="split"/><userTask id="a"/><userTask id="b"/><endEvent id="end"/>'
        + flow("start", "split") + flow("split", "a") + flow("split", "b") + flow("a", "end") + flow("b", "end")
    )  # fmt: skip
    assert told(content) == []


def test_a_reminder_that_leads_into_the_way_that_goes_on_is_told() -> None:
    content = process(
        f'<startEvent id="start"/><userTask id="a"/>{REMIND}<userTask id="next"/><endEvent id="end"/>'
        + flow("start", "a") + flow("a", "next") + flow("late", "next") + flow("next", "end")
    )  # fmt: skip
    assert told(content) == [("runs_twice", "next")]


def test_a_loop_that_counts_is_no_loop_for_ever() -> None:
    content = process(
        '<startEvent id="start"/><scriptTask id="count" scriptFormat="python"><script>n = n + 1</script></scriptTask>'
        '<exclusiveGateway id="ok" default="ok_end"/><endEvent id="end"/>'
        + flow("start", "count") + flow("count", "ok") + flow("ok", "end") + flow("ok", "count", "${n != 3}")
    )  # fmt: skip
    assert told(content) == []


class Blocks:
    """Draws blocks that end as they began, inside each other: such a drawing is sound, whatever its conditions say."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.parts: list[str] = []
        self.made = 0

    def node(self, word: str, more: str = "", inside: str = "") -> str:
        self.made += 1
        self.parts.append(f'<{word} id="n{self.made}"{more}>{inside}</{word}>')
        return f"n{self.made}"

    def block(self, depth: int) -> tuple[str, str]:
        """First and last node of a new block."""
        kind = self.rng.choice(["task", "sequence", "exclusive", "parallel", "inclusive", "loop", "sub"])
        if depth == 0 or kind == "task":
            task = self.node("userTask")
            return task, task
        if kind == "sequence":
            (first, middle), (after, last) = self.block(depth - 1), self.block(depth - 1)
            self.parts.append(flow(middle, after))
            return first, last
        if kind == "sub":
            outside, self.parts = self.parts, []
            first, last = self.block(depth - 1)
            start = self.node("startEvent")
            inside = "".join(self.parts) + flow(start, first)
            self.parts = outside
            sub = self.node("subProcess", inside=inside)
            return sub, sub
        if kind == "loop":
            return self._loop(depth)
        gateway = f"{kind}Gateway"
        plain = "" if kind == "parallel" else f"d{self.made}"
        split, join = self.node(gateway, f' default="{plain}"' if plain else ""), self.node(gateway)
        for number in range(self.rng.randrange(2, 4)):
            first, last = self.block(depth - 1)
            asked = f"${{v == {number}}}" if plain and number else None
            self.parts += [flow(split, first, asked, name="" if number else plain), flow(last, join)]
        return split, join

    def _loop(self, depth: int) -> tuple[str, str]:
        leave = f"d{self.made}"
        back, again = self.node("exclusiveGateway"), self.node("exclusiveGateway", f' default="{leave}"')
        (first, last), after = self.block(depth - 1), self.node("userTask")
        self.parts += [flow(back, first), flow(last, again), flow(again, back, "${v == 9}")]
        self.parts.append(flow(again, after, name=leave))
        return back, after

    def drawing(self) -> bytes:
        first, last = self.block(4)
        return process(
            f'<startEvent id="s"/><endEvent id="e"/>{"".join(self.parts)}{flow("s", first)}{flow(last, "e")}'
        )


@pytest.mark.parametrize("seed", range(150))
def test_a_structured_drawing_gives_no_alarm(seed: int) -> None:
    """Any finding here would be a false alarm."""
    assert told(Blocks(seed).drawing()) == []
