"""The small pieces of random BPMN: ids, names, flows, conditions and event definitions."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.oracle.shrink import Tape

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="random">'
)
CODES = "".join(
    f'<escalation id="esc{i}" name="esc{i}" escalationCode="esc{i}"/><error id="err{i}" errorCode="err{i}"/>'
    f'<signal id="sig{i}" name="sig{i}"/>'
    for i in range(2)
)
COLLECTIONS = {"none": [], "two": [1, 2], "three": [1, 2, 3]}


@dataclass(frozen=True)
class Block:
    """A piece of a process with one way in and one way out."""

    first: str
    last: str
    xml: str


@dataclass
class Drawing:
    """What every block is made with. The same tape gives the same file.

    Attributes:
        counters: variables that tell the instances apart in which a block stands, outermost first.
        called: processes that call activities call, drawn at the end of the file.
        undone: ids of the activities with a compensation handler in the scope under way.
    """

    tape: Tape
    depth: int = 3
    used: set[str] = field(default_factory=set)
    counters: tuple[str, ...] = ()
    called: list[str] = field(default_factory=list)
    undone: list[str] = field(default_factory=list)
    in_transaction: bool = False
    _count: int = 0
    _tail: str = ""

    def block(self, depth: int) -> Block:
        raise NotImplementedError

    def id(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count}"

    def tell_apart(self, text: str) -> str:
        return "-".join([text, *(f"${{{counter}}}" for counter in self.counters)])

    def name(self, element: str) -> str:
        return f'name="{self.tell_apart(element)}"'

    def flow(self, source: str, target: str, condition: str | None = None, flow_id: str | None = None) -> str:
        inner = f"<conditionExpression>${{{condition}}}</conditionExpression>" if condition else ""
        flow_id = flow_id or self.id("F")
        return (
            f'<sequenceFlow id="{flow_id}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'
        )

    def variable(self) -> str:
        return f"v{self.tape.draw(3)}"

    def test(self) -> str:
        return f"{self.variable()} {self.tape.choice(['&lt;', '&gt;='])} {self.tape.randrange(1, 4)}"

    def merge(self, kind: str = "exclusiveGateway") -> tuple[str, str]:
        merge = self.id("M")
        return merge, f'<{kind} id="{merge}"/>'

    def apart(self, build: Callable[[], str], *, counters: tuple[str, ...] | None = None) -> str:
        """Draw a scope: what can be compensated in it stays its own."""
        kept, self.undone = self.undone, []
        counters_kept = self.counters
        self.counters = self.counters if counters is None else counters
        xml = build()
        self.undone, self.counters = kept, counters_kept
        return xml

    # Event definitions ------------------------------------------------------------------------------------

    def message(self) -> str:
        message = self.id("msg")
        self._tail += f'<message id="{message}" {self.name(message)}/>'
        return f'<messageEventDefinition messageRef="{message}"/>'

    def timer(self, *, cycle: bool = False) -> str:
        hours, minutes = self.tape.randrange(1, 900), "".join(f"${{{c}}}" for c in self.counters)
        length = f"PT{hours}H" + (f"1{minutes}M" if minutes else "")
        if cycle and self.tape.chance(40):
            rounds = self.tape.choice(["1", "3", ""])
            return f"<timerEventDefinition><timeCycle>R{rounds}/{length}</timeCycle></timerEventDefinition>"
        if self.tape.chance(15):
            day = self.tape.randrange(1, 28)
            return f"<timerEventDefinition><timeDate>2027-01-{day:02}T0{hours % 10}:00:00Z</timeDate></timerEventDefinition>"
        return f"<timerEventDefinition><timeDuration>{length}</timeDuration></timerEventDefinition>"

    def signal(self) -> str:
        return f'<signalEventDefinition signalRef="sig{self.tape.draw(2)}"/>'

    def condition(self) -> str:
        return (
            f"<conditionalEventDefinition><condition>${{{self.variable()} &gt;= 3}}</condition>"
            "</conditionalEventDefinition>"
        )

    def escalation(self, *, catch: bool = False) -> str:
        if not catch:
            return f'<escalationEventDefinition escalationRef="esc{self.tape.draw(2)}"/>'
        wanted = self.tape.choice(["", ' escalationRef="esc0"', ' escalationRef="esc1"'])
        kept = ' camunda:escalationCodeVariable="told"' if self.tape.chance(30) else ""
        return f"<escalationEventDefinition{wanted}{kept}/>"

    def error(self, *, catch: bool = False) -> str:
        if not catch:
            return f'<errorEventDefinition errorRef="err{self.tape.draw(2)}"/>'
        wanted = self.tape.choice(["", ' errorRef="err0"', ' errorRef="err1"'])
        kept = ' camunda:errorCodeVariable="code" camunda:errorMessageVariable="why"'
        return f"<errorEventDefinition{wanted}{kept if self.tape.chance(30) else ''}/>"

    def waited_for(self) -> str:
        """What an event on its own may wait for."""
        kinds = [self.message, self.timer, self.message, self.timer, self.signal, self.condition]
        return self.tape.choice(kinds)()

    def caught(self, interrupting: bool) -> str:
        """What a boundary event or an event sub-process may catch."""
        kinds: list[Callable[[], str]] = [
            self.message,
            lambda: self.timer(cycle=not interrupting),
            self.signal,
            self.condition,
            lambda: self.escalation(catch=True),
            lambda: self.error(catch=True),
        ]
        return self.tape.choice(kinds if interrupting else kinds[:-1])()

    def payload(self) -> str:
        """Variables that a thrown message or signal carries."""
        if not self.tape.chance(40):
            return ""
        return (
            "<extensionElements><camunda:inputOutput><camunda:inputParameter "
            f'name="{self.variable()}">${{{self.variable()} + 1}}</camunda:inputParameter></camunda:inputOutput>'
            "</extensionElements>"
        )

    def message_kept(self, throwing: str) -> str:
        message = self.id("out")
        self._tail += f'<message id="{message}" {self.name(message)}/>'
        return throwing.format(f'<messageEventDefinition messageRef="{message}"/>')
