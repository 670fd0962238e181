"""The oracle's tokens and variables: plain dataclasses, apart from the engine's.

It shares with the engine only the model it reads and the door to expressions and times.
"""

import random
from collections import ChainMap, Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.bpmn import expressions, times
from engine.bpmn.model import Assignment, EventDef, Expr, Flow, Node, Process, Scope
from engine.bpmn.step import World

Vars = dict[str, Any]


class Stuck(Exception):
    """The model cannot go on: no outgoing flow, an expression without a value, a loop that never waits."""


@dataclass(eq=False)
class Token:
    """One token. ``what``: activity | task | job | event | group (of many instances) | undoing."""

    scope: "Run"
    node: Node
    what: str
    host: "Token | None" = None  # the activity this boundary event watches
    group: "Token | None" = None  # the multi-instance this is an instance of
    gate: "Gate | None" = None  # the event-based gateway it stands behind
    local: Vars | None = None
    inner: "Run | None" = None
    event: EventDef | None = None
    name: str | None = None
    timer: times.Due | None = None
    was_true: bool = False
    index: int | None = None
    total: int = 0
    started: int = 0
    done: int = 0
    items: list[Any] | None = None
    results: list[Any] = field(default_factory=list)
    undoes: "Token | None" = None  # the throwing event for which this handler works
    gone_on: bool = False  # it went on without waiting for the handlers it leads
    past: "Past | None" = None  # what was when the activity ended that this handler undoes
    born: int = 0
    pending: "list[Step]" = field(default_factory=list)
    running: "list[tuple[Step, Token]]" = field(default_factory=list)
    reopened: "list[Run]" = field(default_factory=list)
    via: Flow | None = None
    told: bool = False  # history has it as passed
    alive: bool = True


@dataclass(eq=False)
class Gate:
    """An event-based gateway that has not decided, or has."""

    node: Node
    decided: bool = False


class Past(Vars):
    """Variables as they were. Read like a scope; a value that is set goes where it lives and hides the old one here."""


@dataclass
class Undo:
    """A completed activity that can be undone: by its handler, or by what undoes the activities inside it.

    Attributes:
        born, ended: when, on the case's own count: what ended before another began is undone after that one.
        past: what it saw around its own variables when it ended.
        inside, variables: of a sub-process without a handler; ``variables`` of a called process.
        by: the compensation event sub-process inside it, which then is its handler.
    """

    activity: str
    local: Vars | None
    past: Vars
    born: int
    ended: int
    handler: Node | None = None
    scope: Scope | None = None
    inside: "list[Undo]" = field(default_factory=list)
    variables: Vars | None = None
    by: Node | None = None


@dataclass(eq=False)
class Step:
    """A handler that is to run: where, with what."""

    record: Undo
    run: "Run"
    node: Node
    local: Vars | None
    past: Vars


@dataclass(eq=False)
class Run:
    """A scope under way. ``frame``: the locals its activity had, while it is only open for its handlers."""

    scope: Scope
    owner: Token | None
    variables: Vars = field(default_factory=dict)
    isolated: bool = False
    tokens: list[Token] = field(default_factory=list)
    arrived: dict[str, dict[str, int]] = field(default_factory=dict)  # join id → flow id → tokens waiting
    undo: list[Undo] = field(default_factory=list)
    frame: Vars | None = None
    for_undo: bool = False
    open: bool = True


class State:
    """What a case is made of, and its variables: seen from the inside out, set where the name is, else outermost.

    Attributes:
        order: in which of the orders that BPMN leaves open things happen; None: first come, first served.
        taken, left: flows taken and nodes passed in this move, by element.
        thrown: messages and signals that left the case in this move.
    """

    root: Run

    def __init__(
        self,
        process: Process,
        world: World,
        called: Mapping[str, Process],
        order: random.Random | None,
    ) -> None:
        self.process = process
        self.called = {process.key: process, **called}
        self.world = world
        self.order = order
        self.queue: list[tuple[Callable[..., None], tuple[Any, ...]]] = []
        self.ended = False
        self.taken: Counter[str] = Counter()
        self.left: Counter[str] = Counter()
        self.clock = 0
        self.thrown: list[tuple[str, str, Vars]] = []

    def passed(self, token: Token) -> None:
        """For history: a token has left its node, or thrown its event. Told once."""
        if not token.told and not token.node.synthetic:
            self.left[token.node.element] += 1
        token.told = True

    def any_order(self, items: list[Any]) -> list[Any]:
        if self.order is not None:
            self.order.shuffle(items)
        return items

    def runs(self) -> list[Run]:
        """Every open scope, outer ones first."""
        found = [self.root]
        for run in found:
            for token in run.tokens:
                if token.inner is not None:
                    found.append(token.inner)
                found += token.reopened
        return found

    def live(self) -> Iterator[Token]:
        for run in self.runs() if not self.ended else []:
            yield from list(run.tokens)

    # Variables --------------------------------------------------------------------------------------------

    def _chain(self, token: Token | None) -> Iterator[Vars]:
        while token is not None:
            if token.local is not None:
                yield token.local
            if token.past is not None:
                yield token.past
            if token.host is not None:  # a boundary event sees what its activity sees
                token = token.host
                continue
            group = token if token.what == "group" else token.group
            if group is not None:
                yield {
                    "nrOfInstances": group.total,
                    "nrOfCompletedInstances": group.done,
                    "nrOfActiveInstances": group.started - group.done,
                }
            run = token.scope
            if run.frame is not None:
                yield run.frame
            if run.owner is None or run.isolated:
                yield run.variables
                return
            token = run.owner

    def see(self, token: Token) -> Mapping[str, Any]:
        return ChainMap(*self._chain(token))

    def value(self, expr: Expr, token: Token, seen: Mapping[str, Any] | None = None) -> Any:
        try:
            return expressions.evaluate(expr, self.see(token) if seen is None else seen, world=self.world)
        except expressions.SandboxError as error:
            raise Stuck(f"{token.node.element}: {error.message}") from error

    def holds(self, expr: Expr, token: Token) -> bool:
        value = self.value(expr, token)
        if not isinstance(value, bool):
            raise Stuck(f"{token.node.element}: {value!r} is no condition")
        return value

    def text(self, expr: Expr | None, token: Token) -> str | None:
        return None if expr is None else str(self.value(expr, token))

    def set(self, token: Token, values: Mapping[str, Any]) -> None:
        self._write(list(self._chain(token)), values)

    def set_outside(self, token: Token, values: Mapping[str, Any]) -> None:
        """Past the token's own locals (an output mapping writes where the activity lives)."""
        chain = list(self._chain(token))
        self._write(chain[1 if token.local is not None else 0 :], values)

    @staticmethod
    def _write(chain: list[Vars], values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            for place in chain:
                if isinstance(place, Past):
                    place[name] = value
                elif name in place or place is chain[-1]:
                    place[name] = value
                    break

    def assigned(self, rules: tuple[Assignment, ...], token: Token, source: Mapping[str, Any]) -> Vars:
        """What mappings hand over to another scope. A plain variable that is not there is handed over as None."""
        found: Vars = {}
        for rule in rules:
            if rule.all_variables:
                found.update(source)
            elif rule.value is None or (
                rule.value.code in rule.value.names and rule.value.code not in source
            ):
                found[rule.target] = None
            else:
                found[rule.target] = self.value(rule.value, token, source)
        return found
