"""Random activities: tasks, services, scripts, sub-processes, call activities, many instances, boundary events."""

from collections.abc import Callable

from tests.oracle.drawing import Block, Drawing


class Activities(Drawing):
    """Draws what does work."""

    def scope(self, depth: int, *, start: str | None = None) -> str:
        raise NotImplementedError

    def undoer(self, depth: int) -> str:
        raise NotImplementedError

    # Hosts: what can carry boundary events and many instances -----------------------------------------------

    def host(self, depth: int) -> Block:
        kinds: list[Callable[..., Block]] = [self.task, self.task, self._worker, self._receive]
        if depth > 0:
            kinds += [lambda **kw: self.inner(depth, **kw), lambda **kw: self.inner(depth, **kw)]
            kinds.append(lambda **kw: self._call(depth, **kw))
        return self._maybe_many(self.tape.choice(kinds))

    def task(self, extension: str = "", many: str = "") -> Block:
        task = self.id("T")
        mapped = self._mapped() if not extension and self.tape.chance(15) else extension
        return Block(task, task, f'<userTask id="{task}" {self.name(task)}>{_own(mapped)}{many}</userTask>')

    def _worker(self, extension: str = "", many: str = "") -> Block:
        service = self.id("SV")
        result = ' camunda:resultVariable="reply_kept"' if self.tape.chance(30) else ""
        return Block(
            service,
            service,
            f'<serviceTask id="{service}" {self.name(service)} camunda:type="external" camunda:topic="test"{result}>'
            f"{_own(extension)}{many}</serviceTask>",
        )

    def _receive(self, extension: str = "", many: str = "") -> Block:
        task, message = self.id("R"), self.id("msg")
        self._tail += f'<message id="{message}" {self.name(message)}/>'
        return Block(
            task,
            task,
            f'<receiveTask id="{task}" messageRef="{message}">{_own(extension)}{many}</receiveTask>',
        )

    def inner(self, depth: int, extension: str = "", many: str = "", *, kind: str = "subProcess") -> Block:
        sub = self.id("SP")
        undoer = kind == "subProcess" and depth > 1 and self.tape.chance(12)

        def inside() -> str:
            xml = self.scope(depth - 1)
            return xml + self.undoer(depth - 1) if undoer else xml

        body = self.apart(inside)
        return Block(sub, sub, f'<{kind} id="{sub}">{_own(extension)}{many}{body}</{kind}>')

    def _call(self, depth: int, extension: str = "", many: str = "") -> Block:
        """A call activity; the called process is drawn for it and sees what is handed over only."""
        call, key = self.id("CA"), self.id("Q")
        kept, self.in_transaction = self.in_transaction, False
        body = self.apart(lambda: self.scope(depth - 1))
        self.in_transaction = kept
        self.called.append(f'<process id="{key}" isExecutable="true">{body}</process>')
        needed = ["v0", "v1", "v2", "none", "two", "three", *self.counters]
        given = (
            '<camunda:in variables="all"/>'
            if self.tape.chance(30)
            else "".join(f'<camunda:in source="{name}" target="{name}"/>' for name in needed)
        )
        back = self.tape.choice(
            [
                "",
                '<camunda:out source="v0" target="v1"/>',
                f'<camunda:out sourceExpression="${{v0 + v1}}" target="from_{call}"/>',
                '<camunda:out variables="all"/>' if not self.counters else "",
            ]
        )
        return Block(
            call,
            call,
            f'<callActivity id="{call}" calledElement="{key}">{_own(extension + given + back)}{many}</callActivity>',
        )

    def _mapped(self) -> str:
        """Input and output mapping: locals that shadow, and what goes out again."""
        hidden, out = self.variable(), self.variable()
        rules = f'<camunda:inputParameter name="{hidden}">${{{self.variable()} + 1}}</camunda:inputParameter>'
        if self.tape.chance(60):
            rules += f'<camunda:outputParameter name="{out}">${{{hidden}}}</camunda:outputParameter>'
        return f"<camunda:inputOutput>{rules}</camunda:inputOutput>"

    # Many instances -----------------------------------------------------------------------------------------

    def _maybe_many(self, build: Callable[..., Block]) -> Block:
        if len(self.counters) < 2 and self.tape.chance(20):
            return self.many_of(build)
        return build()

    def many_of(self, build: Callable[..., Block]) -> Block:
        """An activity with many instances, told apart in every name by a counter of their own."""
        self.used.add("many")
        counter = self.id("i")
        extension, marker = self._marker(counter)
        kept, self.counters = self.counters, (*self.counters, counter)
        block: Block = build(extension=extension, many=marker)
        self.counters = kept
        return block

    def _marker(self, counter: str) -> tuple[str, str]:
        extension, attributes, inner = "", "", ""
        if self.tape.chance(50):
            items = self.tape.choice(["two", "three", "none"])
            attributes = f' camunda:collection="{items}" camunda:elementVariable="{counter}"'
            self.used.add("collection")
        else:
            count = self.tape.randrange(0, 4)
            inner = f"<loopCardinality>{count}</loopCardinality>"
            extension = (
                f'<camunda:inputOutput><camunda:inputParameter name="{counter}">${{loopCounter}}</camunda:inputParameter>'
                "</camunda:inputOutput>"
            )
        if self.tape.chance(30):
            self.used.add("output_collection")
            inner += f"<loopDataOutputRef>all_{counter}</loopDataOutputRef>"
            inner += f'<outputDataItem name="{self.tape.choice([counter, "v0", "v1"])}"/>'
        if self.tape.chance(40):
            self.used.add("completion")
            enough = self.tape.choice(
                [
                    "nrOfCompletedInstances &gt;= 2",
                    f"{self.variable()} &gt;= 2",
                    "nrOfActiveInstances == 1",
                    "loopCounter == 0",
                ]
            )
            inner += f"<completionCondition>${{{enough}}}</completionCondition>"
        sequential = self.tape.choice(["false", "true"])
        marker = (
            f'<multiInstanceLoopCharacteristics isSequential="{sequential}"{attributes}>{inner}'
            "</multiInstanceLoopCharacteristics>"
        )
        return extension, marker

    # Blocks -------------------------------------------------------------------------------------------------

    def _many(self, depth: int) -> Block:
        if len(self.counters) >= 2:
            return self.task()
        kinds: list[Callable[..., Block]] = [self.task, self._worker, self._receive]
        kinds.append(lambda **kw: self.inner(depth, **kw))
        kinds.append(lambda **kw: self._call(depth, **kw))
        return self.many_of(self.tape.choice(kinds))

    def _sub_process(self, depth: int) -> Block:
        return self.inner(depth)

    def _call_activity(self, depth: int) -> Block:
        return self._call(depth)

    def _service(self, depth: int) -> Block:
        block = self._worker()
        return self.with_boundary(block, depth, ["error"]) if self.tape.chance(50) else block

    def _script(self, _depth: int) -> Block:
        script, name = self.id("SC"), self.variable()
        body = self.tape.choice([f"{name} = {name} + 1", f"{name} = 0", f"noted = {name}"])
        return Block(
            script,
            script,
            f'<scriptTask id="{script}" scriptFormat="python"><script>{body}</script></scriptTask>',
        )

    def _send(self, _depth: int) -> Block:
        task, message = self.id("SN"), self.id("out")
        self._tail += f'<message id="{message}" {self.name(message)}/>'
        return Block(task, task, f'<sendTask id="{task}" messageRef="{message}">{self.payload()}</sendTask>')

    def _again(self, _depth: int) -> Block:
        """A standard loop."""
        task = self.id("T")
        before = ' testBefore="true"' if self.tape.chance(40) else ""
        loop = f"<standardLoopCharacteristics{before}><loopCondition>${{{self.test()}}}</loopCondition></standardLoopCharacteristics>"
        return Block(task, task, f'<userTask id="{task}" {self.name(task)}>{loop}</userTask>')

    def _boundary(self, depth: int) -> Block:
        return self.with_boundary(self.host(depth), depth, ["any"] * self.tape.randrange(1, 3))

    def with_boundary(self, host: Block, depth: int, kinds: list[str]) -> Block:
        merge, xml = self.merge()
        xml += host.xml + self.flow(host.last, merge)
        for kind in kinds:
            event, after = self.id("B"), self.block(depth - 1)
            interrupting = kind in ("error", "cancel") or self.tape.chance(50)
            definition = {
                "error": lambda: self.error(catch=True),
                "cancel": lambda: "<cancelEventDefinition/>",
                "any": lambda interrupting=interrupting: self.caught(interrupting),
            }[kind]()
            xml += (
                f'<boundaryEvent id="{event}" {self.name(event)} attachedToRef="{host.first}" '
                f'cancelActivity="{"true" if interrupting else "false"}">{definition}</boundaryEvent>'
            )
            xml += after.xml + self.flow(event, after.first)
            if interrupting and self.tape.chance(60):
                xml += self.flow(after.last, merge)
        return Block(host.first, merge, xml)


def _own(extension: str) -> str:
    return f"<extensionElements>{extension}</extensionElements>" if extension else ""
