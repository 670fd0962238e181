"""Random BPMN files: every construct the oracle knows, nested and combined, always well-formed, not always sensible."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.sax.saxutils import quoteattr

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="random">'
)
ALWAYS = ("sequence", "sequence", "exclusive", "parallel", "inclusive")
MORE = (
    "loop",
    "sub_process",
    "many_subs",
    "many_tasks",
    "boundary",
    "boundary",
    "event_gateway",
    "implicit_split",
    "staggered",
    "escalation",
    "error",
    "condition",
    "service",
    "script",
)


@dataclass(frozen=True)
class Block:
    """A piece of a process with one way in and one way out."""

    first: str
    last: str
    xml: str


@dataclass
class Generator:
    """One random process. The same seed gives the same file."""

    rng: random.Random
    kinds: tuple[str, ...] = ALWAYS + MORE
    depth: int = 3
    used: set[str] = field(default_factory=set)
    _count: int = 0
    _tail: str = ""
    _in_loop: bool = False

    def model(self) -> bytes:
        body = self._scope(self.depth)
        codes = "".join(
            f'<escalation id="esc{i}" name="esc{i}" escalationCode="esc{i}"/><error id="err{i}" errorCode="err{i}"/>'
            for i in range(2)
        )
        return f'{HEAD}<process id="P" isExecutable="true">{body}</process>{self._tail}{codes}</definitions>'.encode()

    # Small pieces -----------------------------------------------------------------------------------------

    def _id(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count}"

    def _name(self, element: str) -> str:
        """Instances of a multi-instance body carry their counter, so that both sides can tell them apart."""
        return f"name={quoteattr(element + '-${loopCounter}' if self._in_loop else element)}"

    def _flow(
        self, source: str, target: str, condition: str | None = None, flow_id: str | None = None
    ) -> str:
        inner = f"<conditionExpression>${{{condition}}}</conditionExpression>" if condition else ""
        named = f'id="{flow_id}" ' if flow_id else ""
        return f'<sequenceFlow {named}sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'

    def _test(self) -> str:
        return f"v{self.rng.randrange(3)} {self.rng.choice(['&lt;', '&gt;='])} {self.rng.randrange(1, 4)}"

    def _event(self) -> str:
        if self.rng.random() < 0.5:
            hours = self.rng.randrange(1, 900)
            return f"<timerEventDefinition><timeDuration>PT{hours}H</timeDuration></timerEventDefinition>"
        return self._message()

    def _message(self) -> str:
        message = self._id("msg")
        self._tail += f'<message id="{message}" {self._name(message)}/>'
        return f'<messageEventDefinition messageRef="{message}"/>'

    def _task(self) -> Block:
        task = self._id("T")
        return Block(task, task, f'<userTask id="{task}" {self._name(task)}/>')

    def _merge(self) -> tuple[str, str]:
        merge = self._id("M")
        return merge, f'<exclusiveGateway id="{merge}"/>'

    def _activity(self, depth: int) -> Block:
        return self.rng.choice([self._task, lambda: self._sub_process(depth)])()

    # Blocks -----------------------------------------------------------------------------------------------

    def _block(self, depth: int) -> Block:
        tasks = ("task", "task") if depth < self.depth else ()  # a model is more than one task
        kind = self.rng.choice([*tasks, *(self.kinds if depth > 0 else ("task",))])
        if self._in_loop and kind in ("many_subs", "many_tasks"):
            kind = "task"
        self.used.add(kind)
        if kind == "task":
            return self._task()
        build: Callable[[int], Block] = getattr(self, f"_{kind}")
        return build(depth)

    def _sequence(self, depth: int) -> Block:
        a, b = self._block(depth - 1), self._block(depth - 1)
        return Block(a.first, b.last, a.xml + b.xml + self._flow(a.last, b.first))

    def _exclusive(self, depth: int) -> Block:
        return self._split("exclusiveGateway", depth, conditions=True)

    def _inclusive(self, depth: int) -> Block:
        return self._split("inclusiveGateway", depth, conditions=True)

    def _parallel(self, depth: int) -> Block:
        return self._split("parallelGateway", depth, conditions=False)

    def _split(self, gateway: str, depth: int, *, conditions: bool) -> Block:
        split, join, default, xml = self._id("S"), self._id("J"), "", ""
        branches = self.rng.randrange(2, 4)
        for i in range(branches):
            branch = self._block(depth - 1)
            flow_id = self._id("F")
            if conditions and i == branches - 1:
                default = f' default="{flow_id}"'
                xml += self._flow(split, branch.first, flow_id=flow_id)
            else:
                xml += self._flow(split, branch.first, self._test() if conditions else None)
            xml += branch.xml + self._flow(branch.last, join)
        return Block(split, join, f'<{gateway} id="{split}"{default}/><{gateway} id="{join}"/>{xml}')

    def _loop(self, depth: int) -> Block:
        body = self._block(depth - 1)
        (back, back_xml), (out, out_xml) = self._merge(), self._merge()
        split, leave = self._id("S"), self._id("F")
        xml = back_xml + out_xml + f'<exclusiveGateway id="{split}" default="{leave}"/>' + body.xml
        xml += self._flow(back, body.first) + self._flow(body.last, split)
        xml += self._flow(split, back, f"v{self.rng.randrange(3)} &lt; 2") + self._flow(
            split, out, flow_id=leave
        )
        return Block(back, out, xml)

    def _sub_process(self, depth: int) -> Block:
        sub = self._id("SP")
        return Block(sub, sub, f'<subProcess id="{sub}">{self._scope(depth - 1)}</subProcess>')

    def _many(self, cardinality: int, completion: str = "") -> str:
        sequential = self.rng.choice(["true", "false"])
        return (
            f'<multiInstanceLoopCharacteristics isSequential="{sequential}"><loopCardinality>{cardinality}'
            f"</loopCardinality>{completion}</multiInstanceLoopCharacteristics>"
        )

    def _many_subs(self, depth: int) -> Block:
        sub, many = self._id("SP"), self._many(2)
        self._in_loop = True
        body = self._scope(depth - 1)
        self._in_loop = False
        return Block(sub, sub, f'<subProcess id="{sub}">{many}{body}</subProcess>')

    def _many_tasks(self, _depth: int) -> Block:
        task = self._id("T")
        enough = "<completionCondition>${nrOfCompletedInstances &gt;= 2}</completionCondition>"
        many = self._many(self.rng.randrange(0, 4), enough if self.rng.random() < 0.4 else "")
        return Block(task, task, f'<userTask id="{task}" name="{task}-${{loopCounter}}">{many}</userTask>')

    def _boundary(self, depth: int) -> Block:
        host = self._activity(depth)
        merge, xml = self._merge()
        xml += host.xml + self._flow(host.last, merge)
        for _ in range(self.rng.randrange(1, 3)):
            event, after = self._id("B"), self._block(depth - 1)
            interrupting = self.rng.choice(["true", "false"])
            xml += (
                f'<boundaryEvent id="{event}" {self._name(event)} attachedToRef="{host.first}" '
                f'cancelActivity="{interrupting}">{self._event()}</boundaryEvent>'
            )
            xml += after.xml + self._flow(event, after.first)
            if interrupting == "true" and self.rng.random() < 0.6:
                xml += self._flow(after.last, merge)
        return Block(host.first, merge, xml)

    def _event_gateway(self, depth: int) -> Block:
        gateway = self._id("G")
        merge, xml = self._merge()
        xml += f'<eventBasedGateway id="{gateway}"/>'
        for _ in range(2):
            catch, after = self._id("C"), self._block(depth - 1)
            xml += f'<intermediateCatchEvent id="{catch}" {self._name(catch)}>{self._event()}</intermediateCatchEvent>'
            xml += self._flow(gateway, catch) + after.xml + self._flow(catch, after.first)
            xml += self._flow(after.last, merge)
        return Block(gateway, merge, xml)

    def _implicit_split(self, depth: int) -> Block:
        task, a, b = self._task(), self._block(depth - 1), self._block(depth - 1)
        return Block(
            task.first,
            b.last,
            task.xml + a.xml + b.xml + self._flow(task.last, a.first) + self._flow(task.last, b.first),
        )

    def _staggered(self, depth: int) -> Block:
        """Unbalanced: three branches meet in two joins, one after the other."""
        split, j1, j2 = self._id("S"), self._id("J"), self._id("J")
        a, b, c, middle = (self._block(depth - 1) for _ in range(4))
        join = self.rng.choice(["parallelGateway", "inclusiveGateway"])
        xml = f'<parallelGateway id="{split}"/><{join} id="{j1}"/><{join} id="{j2}"/>'
        xml += a.xml + b.xml + c.xml + middle.xml
        for source, target in (
            (split, a.first),
            (split, b.first),
            (split, c.first),
            (a.last, j1),
            (b.last, j1),
            (j1, middle.first),
            (middle.last, j2),
            (c.last, j2),
        ):
            xml += self._flow(source, target)
        return Block(split, j2, xml)

    def _escalation(self, _depth: int) -> Block:
        throw = self._id("X")
        code = self.rng.randrange(2)
        return Block(
            throw,
            throw,
            f'<intermediateThrowEvent id="{throw}"><escalationEventDefinition escalationRef="esc{code}"/>'
            "</intermediateThrowEvent>",
        )

    def _error(self, depth: int) -> Block:
        sub, event, handler = self._id("SP"), self._id("B"), self._block(depth - 1)
        start, body, end = self._id("ST"), self._block(depth - 1), self._id("E")
        merge, xml = self._merge()
        caught = self.rng.choice(["", ' errorRef="err0"', ' errorRef="err1"'])
        xml += f'<subProcess id="{sub}"><startEvent id="{start}"/>{body.xml}{self._flow(start, body.first)}'
        xml += (
            f'<endEvent id="{end}"><errorEventDefinition errorRef="err{self.rng.randrange(2)}"/></endEvent>'
        )
        xml += f"{self._flow(body.last, end)}</subProcess>"
        xml += f'<boundaryEvent id="{event}" attachedToRef="{sub}"><errorEventDefinition{caught}/></boundaryEvent>'
        xml += handler.xml + self._flow(event, handler.first)
        xml += self._flow(handler.last, merge) + self._flow(sub, merge)
        return Block(sub, merge, xml)

    def _condition(self, depth: int) -> Block:
        task, event, handler = self._task(), self._id("B"), self._block(depth - 1)
        interrupting = self.rng.choice(["true", "false"])
        xml = (
            f'{task.xml}<boundaryEvent id="{event}" attachedToRef="{task.first}" cancelActivity="{interrupting}">'
            f"<conditionalEventDefinition><condition>${{v{self.rng.randrange(3)} &gt;= 3}}</condition>"
            "</conditionalEventDefinition></boundaryEvent>"
        )
        return Block(task.first, task.last, xml + handler.xml + self._flow(event, handler.first))

    def _service(self, depth: int) -> Block:
        service = self._id("SV")
        xml = f'<serviceTask id="{service}" {self._name(service)} camunda:type="external" camunda:topic="test"/>'
        if self.rng.random() < 0.5:
            return Block(service, service, xml)
        event, handler = self._id("B"), self._block(depth - 1)
        merge, merge_xml = self._merge()
        xml += (
            f'<boundaryEvent id="{event}" attachedToRef="{service}"><errorEventDefinition errorRef="err0"/>'
        )
        xml += f"</boundaryEvent>{merge_xml}{handler.xml}" + self._flow(event, handler.first)
        xml += self._flow(handler.last, merge) + self._flow(service, merge)
        return Block(service, merge, xml)

    def _script(self, _depth: int) -> Block:
        script, name = self._id("SC"), f"v{self.rng.randrange(3)}"
        return Block(
            script,
            script,
            f'<scriptTask id="{script}" scriptFormat="python"><script>{name} = {name} + 1</script></scriptTask>',
        )

    def _scope(self, depth: int) -> str:
        start, body = self._id("ST"), self._block(depth)
        xml = f'<startEvent id="{start}"/>{body.xml}{self._flow(start, body.first)}'
        if self.rng.random() < 0.7:
            end = self._id("E")
            terminate = "<terminateEventDefinition/>" if self.rng.random() < 0.15 else ""
            xml += f'<endEvent id="{end}">{terminate}</endEvent>{self._flow(body.last, end)}'
        if depth > 0 and self.rng.random() < 0.35:
            xml += self._event_sub_process(depth)
        return xml

    def _event_sub_process(self, depth: int) -> str:
        self.used.add("event_sub_process")
        sub, handler, start = self._id("ES"), self._block(depth - 1), self._id("ST")
        event = self.rng.choice(
            [
                self._event(),
                f'<escalationEventDefinition escalationRef="esc{self.rng.randrange(2)}"/>',
                '<errorEventDefinition errorRef="err0"/>',
            ]
        )
        interrupting = "true" if "error" in event else self.rng.choice(["true", "false"])
        return (
            f'<subProcess id="{sub}" triggeredByEvent="true"><startEvent id="{start}" {self._name(start)} '
            f'isInterrupting="{interrupting}">{event}</startEvent>{handler.xml}{self._flow(start, handler.first)}'
            "</subProcess>"
        )


def random_model(seed: int, *, depth: int = 3) -> tuple[bytes, set[str]]:
    """The file of a seed, and the kinds of blocks in it."""
    generator = Generator(random.Random(seed), depth=depth)
    return generator.model(), generator.used
