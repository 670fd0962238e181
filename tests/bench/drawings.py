"""Drawings of any size in several shapes, as modelling tools write them: lanes, forms, conditions, mappings, a diagram."""

from collections.abc import Callable, Iterator

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    ' xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
    ' xmlns:di="http://www.omg.org/spec/DD/20100524/DI" targetNamespace="bench">\n'
)


class Drawing:
    """Elements and flows under way; ``count`` counts both, as the limit of an upload does."""

    def __init__(self) -> None:
        self.nodes: list[str] = []
        self.flows: list[tuple[str, str, str, str]] = []
        self.made: list[str] = []

    @property
    def count(self) -> int:
        return len(self.made) + len(self.flows)

    def add(self, word: str, inside: str = "", more: str = "") -> str:
        name = f"e{len(self.made)}"
        self.made.append(name)
        self.nodes.append(f'<{word} id="{name}" name="Step {len(self.made)}"{more}>{inside}</{word}>')
        return name

    def task(self) -> str:
        number = len(self.made)
        return self.add(
            "userTask",
            '<extensionElements><camunda:properties><camunda:property name="sla" value="P2D"/></camunda:properties>'
            f'<camunda:inputOutput><camunda:inputParameter name="seen">${{amount + {number}}}</camunda:inputParameter>'
            "</camunda:inputOutput></extensionElements>",
            ' camunda:candidateGroups="clerk"',
        )

    def flow(self, source: str, target: str, condition: str = "") -> str:
        name = f"f{len(self.flows)}"
        self.flows.append((name, source, target, condition))
        return name

    def xml(self) -> bytes:
        lane = "".join(f"<flowNodeRef>{name}</flowNodeRef>" for name in self.made)
        parts = [
            HEAD,
            '<process id="bench" name="Bench" isExecutable="true">\n',
            f'<laneSet id="lanes"><lane id="lane" name="licensing">{lane}</lane></laneSet>\n',
            "\n".join(self.nodes),
            "\n",
        ]
        for name, source, target, condition in self.flows:
            inside = (
                f"<conditionExpression><![CDATA[{condition}]]></conditionExpression>" if condition else ""
            )
            parts.append(
                f'<sequenceFlow id="{name}" sourceRef="{source}" targetRef="{target}">{inside}</sequenceFlow>\n'
            )
        parts.append('</process>\n<bpmndi:BPMNDiagram id="d"><bpmndi:BPMNPlane id="p" bpmnElement="bench">\n')
        parts += [
            f'<bpmndi:BPMNShape id="{n}_di" bpmnElement="{n}"><dc:Bounds x="1" y="1" width="100" height="80"/></bpmndi:BPMNShape>\n'
            for n in self.made
        ]
        parts += [
            f'<bpmndi:BPMNEdge id="{n}_di" bpmnElement="{n}"><di:waypoint x="1" y="1"/><di:waypoint x="9" y="1"/></bpmndi:BPMNEdge>\n'
            for n, *_ in self.flows
        ]
        parts.append("</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></definitions>")
        return "".join(parts).encode()


def _row(drawing: Drawing, at: str) -> str:
    task = drawing.task()
    drawing.flow(at, task)
    return task


def _block(drawing: Drawing, at: str, gateway: str) -> str:
    split, join = drawing.add(gateway), drawing.add(gateway)
    drawing.flow(at, split)
    for number in range(3):
        task = drawing.task()
        drawing.flow(split, task, f"${{amount > {number}}}" if gateway != "parallelGateway" else "")
        drawing.flow(task, join)
    return join


def _exclusive(drawing: Drawing, at: str) -> str:
    return _block(drawing, at, "exclusiveGateway")


def _parallel(drawing: Drawing, at: str) -> str:
    return _block(drawing, at, "parallelGateway")


def _mixed(drawing: Drawing, at: str) -> str:
    return _block(drawing, _row(drawing, at), ("exclusiveGateway", "parallelGateway")[drawing.count % 2])


def _unsound(drawing: Drawing, at: str) -> str:
    """A choice that is joined by a parallel gateway, and a loop back."""
    split, join = drawing.add("exclusiveGateway"), drawing.add("parallelGateway")
    drawing.flow(at, split)
    for number in range(2):
        task = drawing.task()
        drawing.flow(split, task, f"${{amount > {number}}}")
        drawing.flow(task, join)
    return join


STEPS: dict[str, Callable[[Drawing, str], str]] = {
    "row": _row, "exclusive": _exclusive, "parallel": _parallel, "mixed": _mixed, "unsound": _unsound,
}  # fmt: skip


def of_size(shape: str, elements: int) -> bytes:
    """A process of ``elements`` elements and flows (never more, a few fewer)."""
    drawing = Drawing()
    at = drawing.add("startEvent")
    step = STEPS[shape]
    longest = 20
    while drawing.count + longest < elements:
        at = step(drawing, at)
    drawing.flow(at, drawing.add("endEvent"))
    return drawing.xml()


def nested(elements: int) -> bytes:
    """Parallel blocks inside each other's branches, which is the worst for what looks at a block as a whole."""
    drawing = Drawing()
    first = drawing.add("startEvent")
    at, joins = first, []
    while drawing.count + len(joins) + 8 < elements:
        split, join, task = drawing.add("parallelGateway"), drawing.add("parallelGateway"), drawing.task()
        drawing.flow(at, split)
        drawing.flow(split, task)
        drawing.flow(task, join)
        joins.append(join)
        at = split
    task = drawing.task()
    drawing.flow(at, task)
    at = task
    for join in reversed(joins):
        drawing.flow(at, join)
        at = join
    drawing.flow(at, drawing.add("endEvent"))
    return drawing.xml()


def drawings(elements: int) -> Iterator[tuple[str, bytes]]:
    """(shape, file) of each shape."""
    for shape in STEPS:
        yield shape, of_size(shape, elements)
    yield "nested", nested(elements)
