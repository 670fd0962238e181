"""The rules of tokens against every run there is: small drawings at random, sound or not, played out to the last state.

Here tokens are played as BPMN says, with no thought for structure. What a rule tells must happen in some run; and of the
joins that can wait for ever the rule must find nearly all that are drawn without loops.
"""

import random
from collections.abc import Iterator

import pytest

from engine.bpmn.admit import Upload
from engine.bpmn.model import NodeKind, Scope
from engine.usecases.check_files import check_files
from tests.unit.reading.files import flow, process
from tests.unit.reading.house import house

State = frozenset[tuple[str, int]]
"""Tokens on each flow, and on activities that a boundary event may interrupt."""

MOST_STATES = 4_000
MOST_TOKENS = 3
TIMER = "<timerEventDefinition><timeDuration>P3D</timeDuration></timerEventDefinition>"


class TooLarge(Exception):
    pass


def drawn(rng: random.Random, *, loops: bool) -> bytes:
    """Up to eight tasks and gateways with flows between them at random; without ``loops`` they only lead on."""
    count = rng.randrange(4, 9)
    kinds = ["exclusiveGateway", "parallelGateway", "userTask", "exclusiveGateway", "parallelGateway"]
    nodes = [rng.choice(kinds) for _ in range(count)]
    flows: set[tuple[int, int]] = set()
    for at in range(1, count):
        flows.add((rng.randrange(at), at))
    for _ in range(rng.randrange(1, count)):
        one, other = rng.sample(range(count), 2)
        flows.add((one, other) if loops else (min(one, other), max(one, other)))
    parts = ['<startEvent id="s"/>', flow("s", "n0")]
    for at, kind in enumerate(nodes):
        out = sorted(b for a, b in flows if a == at)
        if kind == "userTask" and len(out) > 1:
            kind = "exclusiveGateway"
        default = f' default="n{at}_n{out[0]}"' if kind == "exclusiveGateway" and len(out) > 1 else ""
        parts.append(f'<{kind} id="n{at}"{default}/>')
        for number, to in enumerate(out):
            asked = kind == "exclusiveGateway" and len(out) > 1 and number
            parts.append(flow(f"n{at}", f"n{to}", f"${{way == {number}}}" if asked else None))
        if not out:
            parts.append(f'<endEvent id="e{at}"/>{flow(f"n{at}", f"e{at}")}')
        if kind == "userTask" and rng.random() < 0.3:
            target = rng.randrange(at + 1, count) if at + 1 < count and rng.random() < 0.5 else None
            parts.append(f'<boundaryEvent id="b{at}" attachedToRef="n{at}">{TIMER}</boundaryEvent>')
            if target is not None:
                parts.append(flow(f"b{at}", f"n{target}"))
    return process("".join(parts))


class Game:
    """Every state that tokens can come to."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        [start] = scope.starts()
        self.first: State = frozenset({(start.outgoing[0], 1)})
        self.moves: dict[State, list[tuple[str, State]]] = {}
        waiting = [self.first]
        while waiting:
            state = waiting.pop()
            if state in self.moves:
                continue
            if len(self.moves) > MOST_STATES:
                raise TooLarge
            self.moves[state] = list(self._moves(state))
            waiting.extend(after for _, after in self.moves[state])

    def _moves(self, state: State) -> Iterator[tuple[str, State]]:
        tokens = dict(state)
        for node in self.scope.nodes.values():
            here = [f for f in node.incoming if tokens.get(f)]
            if node.kind is NodeKind.PARALLEL:
                if node.incoming and len(here) == len(node.incoming):
                    yield node.id, self._put(tokens, node.incoming, node.outgoing)
                continue
            for flow_id in here:
                if node.kind is NodeKind.EXCLUSIVE:
                    for way in node.outgoing:
                        yield node.id, self._put(tokens, [flow_id], [way])
                else:
                    yield node.id, self._put(tokens, [flow_id], node.outgoing)
                    for boundary in self.scope.boundaries(node.id):
                        yield node.id, self._put(tokens, [flow_id], boundary.outgoing)

    def _put(self, tokens: dict[str, int], taken: list[str], given: list[str]) -> State:
        after = dict(tokens)
        for flow_id in taken:
            after[flow_id] -= 1
        for flow_id in given:
            after[flow_id] = after.get(flow_id, 0) + 1
            if after[flow_id] > MOST_TOKENS:
                raise TooLarge
        return frozenset((f, n) for f, n in after.items() if n)

    def can_wait_forever(self, join: str) -> bool:
        """Whether a token can come to ``join`` where it will never be joined."""
        before: dict[State, set[State]] = {}
        alive: set[State] = set()
        for state, moves in self.moves.items():
            for node, after in moves:
                before.setdefault(after, set()).add(state)
                if node == join:
                    alive.add(state)
        waiting = list(alive)
        while waiting:
            for earlier in before.get(waiting.pop(), ()):
                if earlier not in alive:
                    alive.add(earlier)
                    waiting.append(earlier)
        incoming = set(self.scope.nodes[join].incoming)
        return any(not incoming.isdisjoint(dict(state)) for state in self.moves if state not in alive)

    def comes_to(self, node: str) -> bool:
        """Whether a token ever comes to ``node``."""
        incoming = set(self.scope.nodes[node].incoming)
        return any(not incoming.isdisjoint(dict(state)) for state in self.moves)

    def can_run_twice(self, merge: str) -> bool:
        """Whether ``merge`` can run twice in a drawing without loops."""
        seen = {(self.first, 0)}
        waiting = [(self.first, 0)]
        while waiting:
            state, times = waiting.pop()
            for node, after in self.moves[state]:
                goes = (after, times + (node == merge))
                if goes[1] > 1:
                    return True
                if goes not in seen:
                    seen.add(goes)
                    waiting.append(goes)
        return False


def told(content: bytes, code: str) -> tuple[Scope, set[str]]:
    found = check_files(Upload("random.bpmn", content), house())
    assert found.errors == []
    [admitted] = found.processes
    return admitted.process.scope, {p.element for p in found.warnings if p.code == code}


def games(seeds: range, *, loops: bool, code: str) -> Iterator[tuple[int, Game, set[str]]]:
    for seed in seeds:
        scope, elements = told(drawn(random.Random(seed), loops=loops), code)
        try:
            yield seed, Game(scope), elements
        except TooLarge:
            continue


@pytest.mark.parametrize("loops", [False, True], ids=["leads on", "with loops"])
def test_a_join_that_is_told_does_wait_for_ever_in_some_run(loops: bool) -> None:
    confirmed = 0
    for seed, game, elements in games(range(400), loops=loops, code="join_waits_forever"):
        for join in elements:
            # behind a join that never runs at all no token comes, and what is told there waits for the first to be mended
            assert game.can_wait_forever(join) or not game.comes_to(join), f"seed {seed}: {join}"
            confirmed += game.can_wait_forever(join)
    assert confirmed > 100


def test_nearly_every_join_that_can_wait_for_ever_is_found_where_nothing_loops() -> None:
    found = missed = 0
    for _, game, elements in games(range(400, 800), loops=False, code="join_waits_forever"):
        joins = [n for n in game.scope.nodes.values() if n.kind is NodeKind.PARALLEL and len(n.incoming) > 1]
        for join in joins:
            if game.can_wait_forever(join.id):
                found, missed = found + (join.id in elements), missed + (join.id not in elements)
    assert found > 8 * missed, (found, missed)


def test_a_merge_that_is_told_does_run_twice_in_some_run() -> None:
    confirmed = 0
    for seed, game, elements in games(range(400), loops=False, code="runs_twice"):
        for merge in elements:
            assert game.can_run_twice(merge) or not game.comes_to(merge), f"seed {seed}: {merge} runs once"
            confirmed += game.can_run_twice(merge)
    assert confirmed > 15
