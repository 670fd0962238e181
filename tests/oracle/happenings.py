"""Random events: caught, thrown, listened for by event sub-processes; errors, compensation and transactions."""

from tests.oracle.activities import Activities
from tests.oracle.drawing import Block


class Happenings(Activities):
    """Draws what happens to a process."""

    def _catch(self, _depth: int) -> Block:
        catch = self.id("C")
        return Block(
            catch,
            catch,
            f'<intermediateCatchEvent id="{catch}" {self.name(catch)}>{self.waited_for()}</intermediateCatchEvent>',
        )

    def _event_gateway(self, depth: int) -> Block:
        gateway = self.id("G")
        merge, xml = self.merge()
        xml += f'<eventBasedGateway id="{gateway}"/>'
        for _ in range(self.tape.randrange(2, 4)):
            catch, after = self.id("C"), self.block(depth - 1)
            if self.tape.chance(20):
                message = self.id("msg")
                self._tail += f'<message id="{message}" {self.name(message)}/>'
                xml += f'<receiveTask id="{catch}" messageRef="{message}"/>'
            else:
                xml += f'<intermediateCatchEvent id="{catch}" {self.name(catch)}>{self.waited_for()}</intermediateCatchEvent>'
            xml += self.flow(gateway, catch) + after.xml + self.flow(catch, after.first)
            xml += self.flow(after.last, merge)
        return Block(gateway, merge, xml)

    def _escalation(self, _depth: int) -> Block:
        return self._throw(self.escalation())

    def _signal(self, _depth: int) -> Block:
        return self._throw(self.payload() + self.signal())

    def _message(self, _depth: int) -> Block:
        return self._throw(self.payload() + self.message_kept("{}"))

    def _throw(self, definition: str) -> Block:
        throw = self.id("X")
        return Block(
            throw, throw, f'<intermediateThrowEvent id="{throw}">{definition}</intermediateThrowEvent>'
        )

    def _link(self, depth: int) -> Block:
        """Two throws and one catch: a jump over what stands between."""
        name, split = self.id("L"), self.id("S")
        catch, leave = self.id("C"), self.id("F")
        a, b = self.block(depth - 1), self.block(depth - 1)
        xml = f'<exclusiveGateway id="{split}" default="{leave}"/>{a.xml}{b.xml}'
        xml += self.flow(split, a.first, self.test()) + self.flow(split, b.first, flow_id=leave)
        for block in (a, b):
            throw = self.id("X")
            xml += (
                f'<intermediateThrowEvent id="{throw}"><linkEventDefinition name="{name}"/></intermediateThrowEvent>'
                + self.flow(block.last, throw)
            )
        xml += f'<intermediateCatchEvent id="{catch}"><linkEventDefinition name="{name}"/></intermediateCatchEvent>'
        return Block(split, catch, xml)

    def _way_out(self, depth: int) -> Block:
        """A branch that ends before the rest: plainly, by an error, a signal, for the whole scope …"""
        split, stay, end = self.id("S"), self.id("F"), self.id("E")
        after = self.block(depth - 1)
        xml = f'<exclusiveGateway id="{split}" default="{stay}"/>{after.xml}'
        xml += self.flow(split, end, self.test()) + self.flow(split, after.first, flow_id=stay)
        return Block(split, after.last, xml + self.end(end))

    def end(self, end: str) -> str:
        """An end event with something thrown, or nothing."""
        kinds = {
            "": lambda: "",
            "terminate": lambda: "<terminateEventDefinition/>",
            "error": self.error,
            "escalation": self.escalation,
            "signal": lambda: self.payload() + self.signal(),
            "message": lambda: self.payload() + self.message_kept("{}"),
        }
        names = list(kinds)
        if self.undone:
            kinds["compensation"] = self.undoing
            names.append("compensation")
        if self.in_transaction:
            kinds["cancel"] = lambda: "<cancelEventDefinition/>"
            names += ["cancel", "cancel"]
        name = self.tape.choice(names)
        if name:
            self.used.add(f"end_{name}")
        return f'<endEvent id="{end}">{kinds[name]()}</endEvent>'

    def _error(self, depth: int) -> Block:
        """A sub-process, or a called one, that ends by an error, and who catches it."""

        def body() -> str:
            start, inside, end = self.id("ST"), self.block(depth - 1), self.id("E")
            xml = f'<startEvent id="{start}"/>{inside.xml}{self.flow(start, inside.first)}'
            return xml + f'<endEvent id="{end}">{self.error()}</endEvent>{self.flow(inside.last, end)}'

        sub = self.id("SP")
        kept, self.in_transaction = self.in_transaction, False
        xml = f'<subProcess id="{sub}">{self.apart(body)}</subProcess>'
        self.in_transaction = kept
        return self.with_boundary(Block(sub, sub, xml), depth, ["error"])

    def event_sub_process(self, depth: int) -> str:
        self.used.add("event_sub_process")
        sub, start = self.id("ES"), self.id("ST")
        interrupting = self.tape.chance(50)
        event = self.caught(interrupting)
        undone, self.in_transaction = list(self.undone), False

        def body() -> str:
            handler = self.block(depth - 1)
            xml = handler.xml + self.flow(start, handler.first)
            if undone and self.tape.chance(50):  # it may undo what the scope it guards has done
                self.used.add("compensation_by_event_sub_process")
                throw, after = self.id("X"), self.task()
                xml += f'<intermediateThrowEvent id="{throw}"><compensateEventDefinition/></intermediateThrowEvent>'
                xml += self.flow(handler.last, throw) + after.xml + self.flow(throw, after.first)
            return xml

        return (
            f'<subProcess id="{sub}" triggeredByEvent="true"><startEvent id="{start}" {self.name(start)} '
            f'isInterrupting="{"true" if interrupting else "false"}">{event}</startEvent>{self.apart(body)}</subProcess>'
        )

    # Compensation -------------------------------------------------------------------------------------------

    def _compensation(self, depth: int) -> Block:
        """Something is done that can be undone, something follows, and perhaps it is undone."""
        done = self._maybe_many(lambda **kw: self.task(**kw)) if self.tape.chance(70) else self.inner(depth)
        event, handler, link = self.id("B"), self.id("H"), self.id("A")
        self.undone.append(done.first)
        xml = done.xml + (
            f'<boundaryEvent id="{event}" attachedToRef="{done.first}"><compensateEventDefinition/></boundaryEvent>'
            f'<userTask id="{handler}" {self.name(handler)} isForCompensation="true"/>'
            f'<association id="{link}" sourceRef="{event}" targetRef="{handler}"/>'
        )
        after = self.block(depth - 1)
        xml += after.xml + self.flow(done.last, after.first)
        if not self.tape.chance(70):
            return Block(done.first, after.last, xml)
        throw = self.id("X")
        xml += f'<intermediateThrowEvent id="{throw}">{self.undoing()}</intermediateThrowEvent>' + self.flow(
            after.last, throw
        )
        return Block(done.first, throw, xml)

    def undoing(self) -> str:
        """What throws compensation: of everything, or of one activity; and waits for it, or not."""
        named = f' activityRef="{self.tape.choice(self.undone)}"' if self.tape.chance(40) else ""
        hurried = ' waitForCompletion="false"' if self.tape.chance(15) else ""
        return f"<compensateEventDefinition{named}{hurried}/>"

    def undoer(self, depth: int) -> str:
        """A compensation event sub-process: it undoes the sub-process it stands in when that is over."""
        self.used.add("compensation_event_sub_process")
        sub, start = self.id("ES"), self.id("ST")
        undone, self.in_transaction = list(self.undone), False

        def body() -> str:
            handler, throw = self.block(depth - 1), self.id("X")
            xml = handler.xml + self.flow(start, handler.first)
            if undone and self.tape.chance(60):
                xml += f'<intermediateThrowEvent id="{throw}"><compensateEventDefinition/></intermediateThrowEvent>'
                xml += self.flow(handler.last, throw)
            return xml

        return (
            f'<subProcess id="{sub}" triggeredByEvent="true"><startEvent id="{start}">'
            f"<compensateEventDefinition/></startEvent>{self.apart(body)}</subProcess>"
        )

    def _transaction(self, depth: int) -> Block:
        kept, self.in_transaction = self.in_transaction, True
        block = self.inner(depth, kind="transaction")
        self.in_transaction = kept
        return self.with_boundary(block, depth, ["cancel"])
