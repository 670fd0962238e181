"""Tokens, scopes and the case that holds them during one call.

A token is a Spiff ``Task``, a scope a Spiff ``Workflow``. A token leaves the tree when it completes or is killed, so a
scope holds live tokens only: the state of a case does not grow with its age, and nothing looks at ancestry.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState
from SpiffWorkflow.workflow import Workflow

from engine.bpmn.model import EventKind, Flow
from engine.bpmn.spiff.encoding import encode
from engine.bpmn.step import Happened, Happening, Throw, World
from engine.errors import StepFailed

if TYPE_CHECKING:
    from engine.bpmn.spiff.specs import NodeSpec, ScopeSpec

FUTURE: int = TaskState.FUTURE
WAITING: int = TaskState.WAITING  # an event that is armed, or a token at a join
READY: int = TaskState.READY  # in the queue, to be run in this step
STARTED: int = TaskState.STARTED  # an activity under way
COMPLETED: int = TaskState.COMPLETED
CANCELLED: int = TaskState.CANCELLED
STEP_BUDGET = 20_000
"""How many tokens one step may make."""

LIVE: int = FUTURE | WAITING | READY | STARTED


class Token(Task):  # type: ignore[misc]  # SpiffWorkflow ships no types
    """One token at one node.

    Boundary events, instances of a multi-instance activity and the catches of an event-based gateway are children of
    the token they belong to; every other token is a child of its scope's root.

    Attributes:
        id: text, unique in the case and never used again.
        internal_data: what the snapshot keeps: ``locals``, ``via`` (flow it came by), ``name`` (a template's
            value), ``await`` (what it waits for) and the like.
        scopes: the scopes this token opened.
        chosen: the flows a gateway selected; None = all outgoing ones.
        told: history already has it as passed.
    """

    task_spec: "NodeSpec"
    workflow: "Scope"
    internal_data: dict[str, Any]
    _state: int
    _parent: str | None
    _children: list[str]

    def __init__(
        self,
        scope: "Scope",
        spec: "NodeSpec",
        parent: "Token | None" = None,
        state: int = FUTURE,
        id: str | None = None,
    ) -> None:
        self.scopes: list[Scope] = []
        self.chosen: tuple[Flow, ...] | None = None
        self.told = False
        super().__init__(scope, spec, parent, state=state, id=id or scope.case.new_id())

    @property
    def case(self) -> "Case":
        return self.workflow.case

    @property
    def is_live(self) -> bool:
        return bool(self._state & LIVE)

    @property
    def is_waiting(self) -> bool:
        return bool(self._state == WAITING)

    @property
    def is_started(self) -> bool:
        return bool(self._state == STARTED)

    @property
    def holder(self) -> "Token | None":
        """The live token this one belongs to: the host of a boundary event, the whole of a multi-instance activity."""
        parent: Token | None = self.parent
        return parent if parent is not None and parent.is_live else None

    @property
    def name(self) -> str:
        """The node's name: as evaluated for this token, else as it stands in the file."""
        name: str = self.internal_data.get("name") or self.task_spec.title
        return name

    @property
    def order(self) -> int:
        return int(self.id)

    @property
    def process(self) -> str:
        """The called process that the node belongs to, with its version; "" for the case's own."""
        scope = self.workflow
        while scope.variables is None and scope.owner is not None:
            scope = scope.owner.workflow
        return "" if scope.owner is None else scope.spec.deployed.name

    def parts(self) -> list["Token"]:
        """The live tokens that belong to this one."""
        return [child for child in self.children if child.is_live]

    def add(self, spec: "NodeSpec", **keep: Any) -> "Token":
        """A new token below this one; ``keep`` goes to its ``internal_data``. It begins with ``enter``.

        Raises:
            StepFailed: ``step_budget_spent``.
        """
        self.case.spend(spec)
        token = Token(self.workflow, spec, self)
        token.internal_data.update(keep)
        return token

    def enter(self) -> None:
        self.task_spec._update(self)

    def lift(self) -> None:
        """Make it a token of its scope, free of the token it belonged to."""
        root = self.workflow.task_tree
        parent = self.parent
        if parent is not None and parent is not root:
            parent._children.remove(self.id)
            self._parent = root.id
            root._children.append(self.id)

    def drop(self) -> None:
        """Take it out of the tree; what it leaves below becomes the scope's."""
        root = self.workflow.task_tree
        for child in self._children:
            self.workflow.tasks[child]._parent = root.id
        root._children.extend(self._children)
        self._children = []
        self.parent._children.remove(self.id)
        del self.workflow.tasks[self.id]

    def _add_child(self, task_spec: "NodeSpec", state: int = FUTURE) -> "Token":
        return Token(self.workflow, task_spec, self, state=state)

    def _set_state(self, value: int) -> None:
        # What was killed or completed while it ran stays so; and no log record is built.
        if self._state & LIVE:
            self._state = value

    def complete(self) -> None:
        if self._state & LIVE:
            super().complete()


class Scope(Workflow):  # type: ignore[misc]  # SpiffWorkflow ships no types
    """A process, sub-process or event sub-process under way.

    Attributes:
        id: text, unique in the case.
        owner: the token whose activity this is; None for the case itself.
        variables: set where variables live: the case and each called process; None elsewhere.
        undo: completed activities that have a compensation handler, oldest first.
        frame: the locals its activity had, when the scope is reopened without it.
        reopened: it is over and only open for its compensation handlers.
    """

    spec: "ScopeSpec"

    def __init__(
        self,
        case: "Case",
        spec: "ScopeSpec",
        owner: Token | None,
        *,
        id: str,
        variables: dict[str, Any] | None,
    ) -> None:
        super().__init__(spec, deserializing=True)
        self.case = case
        self.id = id
        self.owner = owner
        self.variables = variables
        self.undo: list[dict[str, Any]] = []
        self.frame: dict[str, Any] | None = None
        self.reopened = False
        self._queues: dict[str, dict[str, deque[Token]]] = {}
        self.task_tree = Token(self, spec.start, state=COMPLETED, id=id)
        case.scopes[id] = self
        if owner is None:
            case.main = self
        else:
            owner.scopes.append(self)

    def tokens(self) -> list[Token]:
        """The live tokens of this scope, oldest first; not those of scopes inside it."""
        return [token for token in self.tasks.values() if token.is_live]

    def queues_at(self, join: "NodeSpec") -> dict[str, deque[Token]]:
        """The tokens that came to a join, by incoming flow, oldest first; some may have gone since.

        Found by a look at every token once a step, then kept: a join at which thousands pile up must not look at each of
        them for every further one.
        """
        queues = self._queues.get(join.name)
        if queues is None:
            queues = self._queues[join.name] = {}
            for token in self.tokens():
                if token.task_spec is join and token.is_waiting:
                    queues.setdefault(token.internal_data["via"], deque()).append(token)
        return queues

    def begin(self, spec: "NodeSpec", **keep: Any) -> Token:
        root: Token = self.task_tree
        return root.add(spec, **keep)

    def close(self) -> None:
        """Forget it. Its tokens are gone or about to be."""
        self.completed = True
        self.case.scopes.pop(self.id, None)
        if self.owner is not None and self in self.owner.scopes:
            self.owner.scopes.remove(self)

    def depth(self) -> int:
        depth, scope = 0, self
        while scope.owner is not None:
            depth, scope = depth + 1, scope.owner.workflow
        return depth

    def _task_completed_notify(self, task: Token) -> None:
        self.last_task = None
        task.drop()


class Case:
    """A case during one call: loaded, moved, written, thrown away.

    Attributes:
        specs: the scopes of the process and of those it calls, by ``ScopeSpec.key``.
        main: the scope of the case itself, there as soon as it is started or loaded.
        outcome: element id of the end event reached last at process level.
        pasts: variables as they were when activities ended that can be compensated, by id; never changed.
    """

    main: Scope

    def __init__(self, specs: Mapping[str, "ScopeSpec"], world: World | None) -> None:
        self.specs = specs
        self.world = world
        self.scopes: dict[str, Scope] = {}
        self.ready: deque[Token] = deque()
        self._listening: dict[str, dict[str, Token]] | None = None
        self.happened: list[Happening] = []
        self.thrown: list[Throw] = []
        self.last_id = 0
        self.pasts: dict[str, dict[str, Any]] = {}
        self._past_keys: dict[bytes, str] | None = None
        self.left = STEP_BUDGET
        self.outcome: str | None = None
        self.done = False

    @property
    def here(self) -> World:
        """The world of this step; reading a snapshot needs none."""
        if self.world is None:
            raise RuntimeError("a case that is only read takes no step")
        return self.world

    def spend(self, spec: "NodeSpec") -> None:
        """Pay for a token at ``spec``: what never comes to a wait, or multiplies, is stopped here."""
        self.left -= 1
        if self.left < 0:
            raise StepFailed(
                f"{spec.title or spec.node.element}: the case took {STEP_BUDGET} steps without coming to a wait."
                " Is this a loop?",
                code="step_budget_spent",
                element=spec.node.element,
            )

    def keep(self, variables: Mapping[str, Any]) -> str:
        """Keep variables as they are now, for compensation; alike ones once. Returns the id in ``pasts``."""
        if self._past_keys is None:
            self._past_keys = {encode(values): past for past, values in self.pasts.items()}
        values = dict(variables)
        key = encode(values)
        past = self._past_keys.get(key)
        if past is None:
            past = self._past_keys[key] = self.new_id()
            self.pasts[past] = values
        return past

    def new_id(self) -> str:
        self.last_id += 1
        return str(self.last_id)

    def tokens(self) -> Iterator[Token]:
        """Every live token, oldest first."""
        found = [token for scope in self.scopes.values() for token in scope.tokens()]
        return iter(sorted(found, key=lambda token: token.order))

    def listen(self, signal: str, token: Token) -> None:
        """Told of every token that begins to wait for a signal."""
        if self._listening is not None:
            self._listening.setdefault(signal, {})[token.id] = token

    def listening(self, signal: str) -> list[Token]:
        """The tokens that wait for a signal, oldest first. Found by a look at every token once a step, then kept."""
        if self._listening is None:
            self._listening = {}
            for token in self.tokens():
                if (name := _signal_of(token)) is not None:
                    self.listen(name, token)
        known = self._listening.get(signal, {})
        waiting = {key: token for key, token in known.items() if _signal_of(token) == signal}
        self._listening[signal] = waiting
        return sorted(waiting.values(), key=lambda token: token.order)

    def find(self, token_id: str) -> Token | None:
        for scope in self.scopes.values():
            token: Token | None = scope.tasks.get(token_id)
            if token is not None and token.is_live:
                return token
        return None

    def tell(self, kind: Happened, token: Token, **detail: Any) -> None:
        self.happened.append(Happening(kind, token.task_spec.node.element, token.name, detail))

    def passed(self, token: Token) -> None:
        """History: the token left its node. Told once."""
        spec = token.task_spec
        if not token.told and not spec.node.synthetic:
            self.tell(Happened.PASSED, token, **instance_of(token))
        token.told = True

    def took(self, flow: Flow) -> None:
        if flow.element:
            self.happened.append(Happening(Happened.FLOW, flow.element))


def _signal_of(token: Token) -> str | None:
    """The signal that a live token waits for; None when it waits for none."""
    record = token.internal_data.get("await")
    if record is None or record["kind"] != EventKind.SIGNAL.value or not token.is_live:
        return None
    name: str | None = record["name"]
    return name


def instance_of(token: Token) -> dict[str, Any]:
    """``loop_index`` when the token is one instance of a multi-instance activity."""
    index = token.internal_data.get("index")
    return {} if index is None else {"loop_index": index}
