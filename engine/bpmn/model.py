"""The one model: what every dialect of BPMN is read into, and what the interpreter and the oracle run.

The normaliser has already made explicit what BPMN leaves implicit (ids, splits, starts, ends, links, loops), so a
reader of this model meets no special case. ``id`` is unique in its process; ``element`` is the id in the uploaded file,
which history and the diagram use: a node that the normaliser inserted carries the element it was made for and
``synthetic=True``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class NodeKind(StrEnum):
    START = "start"
    END = "end"
    CATCH = "catch"  # intermediate catch event
    THROW = "throw"  # intermediate throw event
    BOUNDARY = "boundary"
    USER_TASK = "user_task"
    RECEIVE_TASK = "receive_task"
    SEND_TASK = "send_task"  # with a message and no connector; with a connector it is read as SERVICE_TASK
    SERVICE_TASK = "service_task"  # becomes a job for a connector
    SCRIPT_TASK = "script_task"
    DECISION_TASK = "decision_task"  # business rule task with a DMN decision
    PASS = "pass"  # noqa: S105 - a task, manual task or none event that only passes the token on
    SUB_PROCESS = "sub_process"
    TRANSACTION = "transaction"
    EVENT_SUB_PROCESS = "event_sub_process"  # its scope has exactly one START, which carries the event
    CALL_ACTIVITY = "call_activity"
    EXCLUSIVE = "exclusive"
    PARALLEL = "parallel"
    INCLUSIVE = "inclusive"
    EVENT_GATEWAY = "event_gateway"
    COMPLEX = "complex"


ACTIVITIES = frozenset(
    {
        NodeKind.USER_TASK,
        NodeKind.RECEIVE_TASK,
        NodeKind.SEND_TASK,
        NodeKind.SERVICE_TASK,
        NodeKind.SCRIPT_TASK,
        NodeKind.DECISION_TASK,
        NodeKind.SUB_PROCESS,
        NodeKind.TRANSACTION,
        NodeKind.CALL_ACTIVITY,
    }
)  # PASS nodes made from <task>/<manualTask> may carry loops and boundary events too


class EventKind(StrEnum):
    MESSAGE = "message"
    SIGNAL = "signal"
    TIMER = "timer"
    CONDITION = "condition"
    ERROR = "error"
    ESCALATION = "escalation"
    TERMINATE = "terminate"
    COMPENSATION = "compensation"
    CANCEL = "cancel"


class TimerKind(StrEnum):
    DATE = "date"
    DURATION = "duration"
    CYCLE = "cycle"


@dataclass(frozen=True, slots=True)
class Expr:
    """An expression in the sandbox's language (a small subset of Python), translated from the file's dialect.

    Attributes:
        source: as it stands in the file, for messages.
        code: what is evaluated; one expression.
        names: the variables it reads.
        constant: True when ``code`` is a literal (plain text in the file): needs no sandbox.
    """

    source: str
    code: str
    names: frozenset[str] = frozenset()
    constant: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """A script in the sandbox's language. ``assigns`` are the variables it may set."""

    source: str
    code: str
    names: frozenset[str] = frozenset()
    assigns: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class EventDef:
    """What an event waits for or throws.

    Attributes:
        name: message or signal name (may be a template), error or escalation code; None = catch all.
        timer: the timer's text for TIMER (evaluates to ISO text, a date or a datetime).
        condition: for CONDITION.
        payload: message thrown with these variables (empty: none).
        activity: node id for COMPENSATION with an activityRef.
        waits: the COMPENSATION thrown is over before the token goes on.
        message: of a thrown ERROR.
        code_variable, message_variable: error/escalation variables (camunda:errorCodeVariable …).
    """

    kind: EventKind
    name: Expr | None = None
    timer_kind: TimerKind | None = None
    timer: Expr | None = None
    condition: Expr | None = None
    correlation: Expr | None = None
    payload: tuple["Assignment", ...] = ()
    activity: str | None = None
    waits: bool = True
    message: Expr | None = None
    code_variable: str | None = None
    message_variable: str | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """One variable mapping: ``target`` gets the value of ``value``. ``all_variables`` copies everything.

    ``local``: of a call activity's inputs: only its own variables are read; of its outputs: they are set on it alone, for
    its output mapping.
    """

    target: str
    value: Expr | None
    all_variables: bool = False
    local: bool = False


class ListenerEvent(StrEnum):
    """When a listener acts. START and END: of any node, and of a process; END also when the node is interrupted."""

    START = "start"  # before it begins: inputs are set; of a joining gateway: as each token arrives
    END = "end"  # when it is over, before its outputs are read
    TAKE = "take"  # of a flow
    CREATE = "create"  # of a user task: it was made, nobody has seen it yet
    COMPLETE = "complete"  # of a user task: the answers are in
    DELETE = "delete"  # of a user task: it was withdrawn


class ActionKind(StrEnum):
    """What a listener may do. The ``TASK_`` kinds change what a user task offers, at CREATE only."""

    SET = "set"  # a variable, where it is seen, else at the root
    SET_LOCAL = "set_local"  # a variable of the activity (or process) itself
    REMOVE = "remove"  # the nearest variable of that name, if there is one
    REMOVE_LOCAL = "remove_local"
    TASK_NAME = "task_name"
    TASK_ASSIGNEE = "task_assignee"
    TASK_USERS = "task_users"  # adds candidates: one, several by commas, or a list
    TASK_GROUPS = "task_groups"
    TASK_PRIORITY = "task_priority"
    TASK_DUE = "task_due"
    TASK_FOLLOW_UP = "task_follow_up"


@dataclass(frozen=True, slots=True)
class Action:
    """``target``: name of the variable (not for ``TASK_``). ``value``: not for ``REMOVE``."""

    kind: ActionKind
    target: str = ""
    value: Expr | None = None


@dataclass(frozen=True, slots=True)
class Listener:
    """What is done beside the drawing at one moment of an element: its actions in order, or its script.

    Listeners of one event act in the order of the file; each sees what those before it did. On a multi-instance
    activity they act for each instance.
    """

    on: ListenerEvent
    actions: tuple[Action, ...] = ()
    script: Script | None = None


@dataclass(frozen=True, slots=True)
class MultiInstance:
    """Exactly one of ``cardinality`` and ``collection`` is set.

    Attributes:
        again: of a standard loop with a maximum: asked after each instance, it must hold for the next one.
        item: name of the element variable, local to its instance.
        output_collection, output_item: after each instance, ``output_item`` is stored at the instance's index in the
            list ``output_collection`` (set in the activity's scope when the last instance ends).
        result: a variable of each instance's own, null at first, from which ``output_item`` is read (Camunda 8): side by
            side, no instance overwrites what another gives.
    """

    sequential: bool
    cardinality: Expr | None = None
    collection: Expr | None = None
    item: str | None = None
    completion: Expr | None = None
    again: Expr | None = None
    output_collection: str | None = None
    output_item: Expr | None = None
    result: str | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """How a user task reaches people. Groups and users narrow inside the agency of the lane.

    Attributes:
        form: key of the form, or None.
        form_elsewhere: the file only implies the form's key; it is shown where one was uploaded.
        done_by: variable that gets the user name of whoever completes the task.
        excluded: user names (a text, one by commas, or a list) of people who may not do it.
        apart_from: ids of elements; whoever did one of them in the case may not do this task, nor the other way round.
        sla: service level as ISO 8601 duration text, counted in working time unless ``sla_calendar`` is "elapsed".
        due, follow_up: dates or durations from the dialect's attributes.
        priority: larger is more urgent; default 50.
    """

    form: str | None = None
    form_elsewhere: bool = False
    assignee: Expr | None = None
    candidate_users: tuple[Expr, ...] = ()
    candidate_groups: tuple[Expr, ...] = ()
    due: Expr | None = None
    follow_up: Expr | None = None
    priority: Expr | None = None
    done_by: str | None = None
    excluded: tuple[Expr, ...] = ()
    apart_from: tuple[str, ...] = ()
    sla: str | None = None
    sla_calendar: str = "working"


@dataclass(frozen=True, slots=True)
class Service:
    """What a service task asks of a connector.

    Attributes:
        settings: plain texts, except templates in ``expressions``.
        inputs: sent beside the node's own inputs; read after its start listeners, and kept nowhere.
    """

    connector: str
    settings: Mapping[str, str] = field(default_factory=dict)
    expressions: Mapping[str, Expr] = field(default_factory=dict)
    result_variable: str | None = None
    retries: int | None = None
    inputs: tuple[Assignment, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """A DMN decision by key. ``map_result``: single_entry | single_result | collect_entries | result_list.

    ``by_table``, until admission settles it: one output gives its value, several give a context, many rows a list.
    """

    key: str
    result_variable: str | None = None
    map_result: str = "single_result"


class Binding(StrEnum):
    """Which version of a process a call activity means."""

    DEPLOYMENT = "deployment"  # the newest when the caller was deployed
    LATEST = "latest"  # the newest when it is called
    VERSION = "version"


@dataclass(frozen=True, slots=True)
class Called:
    """A call activity: ``process`` by key, with isolated variables, except what is mapped. ``version``: for VERSION.

    The called process runs in the caller's case and has its business key.
    """

    process: str
    inputs: tuple[Assignment, ...] = ()
    outputs: tuple[Assignment, ...] = ()
    binding: Binding = Binding.DEPLOYMENT
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    id: str
    source: str
    target: str
    element: str = ""
    condition: Expr | None = None
    listeners: tuple[Listener, ...] = ()  # TAKE only; they act outside the activity that the flow leaves


@dataclass(slots=True)
class Node:
    """One flow node. Only the fields of its kind are set."""

    id: str
    kind: NodeKind
    element: str
    line: int = 0
    name: Expr | None = None
    lane: tuple[str, ...] = ()  # names from pool to innermost lane; () = none
    documentation: str = ""
    synthetic: bool = False
    incoming: list[str] = field(default_factory=list)  # flow ids
    outgoing: list[str] = field(default_factory=list)
    default: str | None = None  # flow id
    event: EventDef | None = None
    activation: Expr | None = (
        None  # COMPLEX with several incoming flows: when it goes on; sees activationCount
    )
    attached_to: str | None = None  # node id, for BOUNDARY
    interrupting: bool = True  # BOUNDARY, and START of an event sub-process
    loop: MultiInstance | None = None
    scope: "Scope | None" = None
    work: Work | None = None
    service: Service | None = None
    script: Script | None = None
    decision: Decision | None = None
    called: Called | None = None
    inputs: tuple[Assignment, ...] = ()  # set as the activity's locals before it begins
    outputs: tuple[Assignment, ...] = ()  # read when it ends, set outside; then the locals go
    only_outputs: bool = False  # answers and payloads stay local: only outputs go out (Camunda 8)
    compensation: str | None = None  # node id of the handler
    is_compensation_handler: bool = False
    listeners: tuple[Listener, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    initiator: str | None = (
        None  # START: variable that gets the user name of whoever starts it, unless it has a value
    )


@dataclass(slots=True)
class Scope:
    """A process, sub-process or event sub-process: nodes and flows of its own level only.

    Invariants: every flow joins two nodes of this scope; each node but ENDs, EVENT_SUB_PROCESSes, compensation handlers
    and THROWs that end has an outgoing flow; only gateways have several outgoing flows or conditions.
    """

    id: str
    nodes: dict[str, Node] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    listeners: tuple[Listener, ...] = ()  # of a process; those of a sub-process are its node's

    def starts(self) -> list[Node]:
        return [n for n in self.nodes.values() if n.kind is NodeKind.START]

    def plain_starts(self) -> list[Node]:
        """Starts without an event: where people, and call activities, begin. At most one in each scope."""
        return [n for n in self.starts() if n.event is None]

    def event_starts(self) -> list[Node]:
        """Starts by a message, signal or timer (at process level), or the one start of an event sub-process."""
        return [n for n in self.starts() if n.event is not None]

    def event_sub_processes(self) -> list[Node]:
        return [n for n in self.nodes.values() if n.kind is NodeKind.EVENT_SUB_PROCESS]

    def boundaries(self, node_id: str) -> list[Node]:
        return [n for n in self.nodes.values() if n.attached_to == node_id]

    def walk(self) -> Iterator[tuple["Scope", Node]]:
        """Every node of this scope and of the scopes inside it, outer first."""
        for node in self.nodes.values():
            yield self, node
            if node.scope is not None:
                yield from node.scope.walk()


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane or pool to be mapped to an agency. ``path`` = names from pool to lane, as in ``Node.lane``."""

    path: tuple[str, ...]
    element: str
    line: int


@dataclass(slots=True)
class Process:
    """One process of a file, ready to run. ``key`` is the BPMN process id.

    Attributes:
        start_form: key of the start event's form.
        forms: form-js schemas that stand in the file or are made of fields drawn there, by key.
    """

    key: str
    name: str
    scope: Scope
    executable: bool = True
    line: int = 0
    lanes: list[Lane] = field(default_factory=list)
    start_form: str | None = None
    forms: dict[str, bytes] = field(default_factory=dict)
    documentation: str = ""
    file: str = ""

    def nodes(self) -> Iterator[Node]:
        for _, node in self.scope.walk():
            yield node
