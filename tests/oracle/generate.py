"""Random BPMN files: every construct the oracle knows, nested and combined, always well-formed, not always sensible."""

from tests.oracle.drawing import CODES, HEAD, Block
from tests.oracle.happenings import Happenings
from tests.oracle.shrink import Tape

LEAVES = (
    *("task", "task", "task", "service", "script", "script", "send", "catch", "again"),
    *("escalation", "signal", "message"),
)
BRANCHES = (
    *(
        "sequence",
        "sequence",
        "exclusive",
        "parallel",
        "parallel",
        "inclusive",
        "loop",
        "loop",
        "sub_process",
    ),
    *(
        "many",
        "many",
        "boundary",
        "boundary",
        "boundary",
        "event_gateway",
        "implicit_split",
        "staggered",
        "mixed",
    ),
    *("error", "call_activity", "link", "way_out", "compensation", "compensation", "transaction"),
)
MOST_BLOCKS = 80
"""After so many blocks of a model only tasks are drawn."""


class Generator(Happenings):
    """One random process, with the processes it calls."""

    _blocks: int = 0

    def model(self) -> bytes:
        body = self.scope(self.depth)
        called = "".join(self.called)
        return f'{HEAD}<process id="P" isExecutable="true">{body}</process>{called}{self._tail}{CODES}</definitions>'.encode()

    def block(self, depth: int) -> Block:
        self._blocks += 1
        if depth <= 0 or self._blocks > MOST_BLOCKS:
            kind = "task"
        elif depth == self.depth or self.tape.chance(60):
            kind = self.tape.choice(("sequence", *BRANCHES))
        else:
            kind = self.tape.choice(LEAVES)
        self.used.add(kind)
        if kind == "task":
            return self.task()
        found: Block = getattr(self, f"_{kind}")(depth)
        return found

    def scope(self, depth: int, *, start: str | None = None) -> str:
        start, body = self.id("ST"), self.block(depth)
        xml = f'<startEvent id="{start}"/>{body.xml}{self.flow(start, body.first)}'
        if self.tape.chance(70):
            end = self.id("E")
            closing = self.end(end) if self.tape.chance(30) else f'<endEvent id="{end}"/>'
            xml += closing + self.flow(body.last, end)
        if depth > 0 and self.tape.chance(35):
            kept = self.in_transaction
            xml += self.event_sub_process(depth)
            self.in_transaction = kept
        return xml

    def inner(self, depth: int, extension: str = "", many: str = "", *, kind: str = "subProcess") -> Block:
        kept = self.in_transaction
        self.in_transaction = kind == "transaction"
        block = super().inner(depth, extension, many, kind=kind)
        self.in_transaction = kept
        return block

    # Gateways and flows -------------------------------------------------------------------------------------

    def _sequence(self, depth: int) -> Block:
        a, b = self.block(depth - 1), self.block(depth - 1)
        return Block(a.first, b.last, a.xml + b.xml + self.flow(a.last, b.first))

    def _exclusive(self, depth: int) -> Block:
        return self._split("exclusiveGateway", depth, conditions=True)

    def _inclusive(self, depth: int) -> Block:
        return self._split("inclusiveGateway", depth, conditions=True)

    def _parallel(self, depth: int) -> Block:
        return self._split("parallelGateway", depth, conditions=False)

    def _split(self, gateway: str, depth: int, *, conditions: bool) -> Block:
        split, join, default, xml = self.id("S"), self.id("J"), "", ""
        branches = self.tape.randrange(2, 4)
        always_one = not self.tape.chance(8)  # else a case may come for which no condition holds
        for i in range(branches):
            branch = self.block(depth - 1)
            flow_id = self.id("F")
            if conditions and i == branches - 1 and always_one:
                default = f' default="{flow_id}"'
                xml += self.flow(split, branch.first, flow_id=flow_id)
            else:
                xml += self.flow(split, branch.first, self.test() if conditions else None)
            xml += branch.xml + self.flow(branch.last, join)
        return Block(split, join, f'<{gateway} id="{split}"{default}/><{gateway} id="{join}"/>{xml}')

    def _loop(self, depth: int) -> Block:
        """Back to a gateway that merges: an exclusive one, or an inclusive one that must not wait for its own loop."""
        body, waits = self.block(depth - 1), self.task()
        kind = self.tape.choice(["exclusiveGateway", "exclusiveGateway", "inclusiveGateway"])
        (back, back_xml), (out, out_xml) = self.merge(kind), self.merge()
        split, leave = self.id("S"), self.id("F")
        xml = (
            back_xml + out_xml + f'<exclusiveGateway id="{split}" default="{leave}"/>' + body.xml + waits.xml
        )
        xml += self.flow(back, waits.first) + self.flow(waits.last, body.first) + self.flow(body.last, split)
        xml += self.flow(split, back, f"{self.variable()} &lt; 2") + self.flow(split, out, flow_id=leave)
        return Block(back, out, xml)

    def _implicit_split(self, depth: int) -> Block:
        task, a, b = self.task(), self.block(depth - 1), self.block(depth - 1)
        test = self.test() if self.tape.chance(30) else None
        return Block(
            task.first,
            b.last,
            task.xml + a.xml + b.xml + self.flow(task.last, a.first, test) + self.flow(task.last, b.first),
        )

    def _staggered(self, depth: int) -> Block:
        """Unbalanced: three branches meet in two joins, one after the other."""
        split, j1, j2 = self.id("S"), self.id("J"), self.id("J")
        a, b, c, middle = (self.block(depth - 1) for _ in range(4))
        join = self.tape.choice(["parallelGateway", "inclusiveGateway"])
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
            xml += self.flow(source, target)
        return Block(split, j2, xml)

    def _mixed(self, depth: int) -> Block:
        """A gateway that joins and splits at once, between two others."""
        gateway = self.tape.choice(["parallelGateway", "inclusiveGateway"])
        split, both, join = self.id("S"), self.id("J"), self.id("J")
        xml = "".join(f'<{gateway} id="{each}"/>' for each in (split, both, join))
        for source, target in ((split, both), (split, both), (both, join), (both, join)):
            branch = self.block(depth - 2)
            test = self.test() if gateway == "inclusiveGateway" and self.tape.chance(30) else None
            xml += branch.xml + self.flow(source, branch.first, test) + self.flow(branch.last, target)
        return Block(split, join, xml)


def model_of(tape: Tape, *, depth: int = 3) -> tuple[bytes, set[str]]:
    """The file that a tape draws, and the kinds of blocks in it."""
    generator = Generator(tape, depth=depth)
    return generator.model(), generator.used


def random_model(seed: int, *, depth: int = 3) -> tuple[bytes, set[str]]:
    """The file of a seed, and the kinds of blocks in it."""
    return model_of(Tape(seed), depth=depth)
