"""Pools, lanes, messages between them, conversations and choreographies."""

from collections.abc import Callable, Iterator

from engine.bpmn.step import AwaitMessage
from tests.conformance.activities import does, one
from tests.conformance.case import Case, State
from tests.unit.bpmn.harness import Play, process

GROUP = "Pools, lanes and collaborations"
PLAIN = one('<userTask id="t"/>')


def _with(collaboration: str) -> str:
    return f'<collaboration id="co">{collaboration}</collaboration>'


US = '<participant id="us" name="Licensing" processRef="P"/>'


def cases() -> Iterator[Case]:
    def at(*path: str) -> Callable[[Play], None]:
        def play(case: Play) -> None:
            assert next(n.lane for n in case.process.nodes() if n.id == "t") == path
            does("t")(case)

        return play

    lane = '<lane id="l1" name="Front"><flowNodeRef>t</flowNodeRef><flowNodeRef>h</flowNodeRef></lane>'
    nested = f'<lane id="l0" name="Office"><childLaneSet id="cl">{lane}</childLaneSet></lane>'
    yield Case(
        "lane",
        GROUP,
        "lane",
        ("laneSet", "lane", "flowNodeRef"),
        State.RUNS,
        f'<laneSet id="ls">{lane}</laneSet>{PLAIN}',
        at("Front"),
    )
    yield Case(
        "lane-nested",
        GROUP,
        "lane in a lane",
        ("childLaneSet",),
        State.RUNS,
        f'<laneSet id="ls">{nested}</laneSet>{PLAIN}',
        at("Office", "Front"),
    )
    yield Case(
        "pool",
        GROUP,
        "pool with a process",
        ("collaboration", "participant"),
        State.RUNS,
        PLAIN,
        at("Licensing"),
        around=_with(US),
    )
    yield Case(
        "pool-black_box", GROUP, "pool without a process (black box)", ("participant",), State.DRAWN, PLAIN, does("t"),
        around=_with(US + '<participant id="they" name="Applicant"/>'),
        also=("tests/web/test_kept_models.py::test_any_bpmn_file_can_be_kept_whatever_is_in_it",),
    )  # fmt: skip
    yield Case(
        "pool-multiple", GROUP, "pool that stands for several partners", ("participantMultiplicity",), State.IGNORED, PLAIN, does("t"),
        around=_with(US + '<participant id="they" name="Bidders"><participantMultiplicity maximum="5"/></participant>'),
        code="pool_multiplicity", at="they",
    )  # fmt: skip
    yield Case(
        "message_flow", GROUP, "message flow", ("messageFlow",), State.DRAWN, PLAIN, does("t"),
        around=_with(US + '<participant id="they" name="Applicant"/><messageFlow id="mf" sourceRef="they" targetRef="t"/>'),
    )  # fmt: skip
    yield Case(
        "not_executable", GROUP, "process with isExecutable=false", ("isExecutable",), State.REFUSED,
        process(PLAIN).replace('isExecutable="true"', 'isExecutable="false"'), code="not_executable", at="P",
        also=("tests/web/test_kept_models.py::test_a_drawing_is_kept_with_its_to_do_list_and_comes_back_byte_for_byte",),
    )  # fmt: skip
    both = process(PLAIN, around='<process id="Q" isExecutable="true"><startEvent id="qs"/></process>')
    yield Case(
        "several_processes", GROUP, "several executable processes in one file", ("process",), State.RUNS, both, does("t"),
    )  # fmt: skip
    number = (
        '<message id="m" name="answer"/><correlationProperty id="cp" name="number"><correlationPropertyRetrievalExpression '
        'messageRef="m"><messagePath>number</messagePath></correlationPropertyRetrievalExpression></correlationProperty>'
    )
    key = '<correlationKey id="k"><correlationPropertyRef>cp</correlationPropertyRef></correlationKey>'

    def sends(case: Play) -> None:
        assert [(one.name, one.correlation) for one in case.thrown] == [("answer", "A-7")]

    carries = '<camunda:inputOutput><camunda:inputParameter name="number">${file}</camunda:inputParameter></camunda:inputOutput>'
    yield Case(
        "correlation_key", GROUP, "correlation by a part of a message",
        ("correlationKey", "correlationProperty", "correlationPropertyRetrievalExpression"), State.RUNS,
        one(f'<sendTask id="t" messageRef="m"><extensionElements>{carries}</extensionElements></sendTask>'), sends,
        around=_with(US + key) + number, data={"file": "A-7"},
        also=("tests/usecases/test_pools.py::test_two_pools_of_a_file_talk_by_a_part_of_their_messages",),
    )  # fmt: skip

    def waits_for(case: Play) -> None:
        assert [(wait.message, wait.correlation) for wait in case.of(AwaitMessage)] == [("answer", "A-7")]

    subscribed = (
        '<correlationSubscription id="cs" correlationKeyRef="k"><correlationPropertyBinding correlationPropertyRef="cp">'
        "<dataPath>file</dataPath></correlationPropertyBinding></correlationSubscription>"
    )
    yield Case(
        "correlation_subscription", GROUP, "correlation subscription of a process", ("correlationSubscription", "correlationPropertyBinding"),
        State.RUNS, subscribed + one('<receiveTask id="t" messageRef="m"/>'), waits_for,
        around=_with(US + key) + number, data={"file": "A-7"},
    )  # fmt: skip
    yield Case(
        "correlation_composite", GROUP, "correlation by several parts of a message", ("correlationKey",),
        State.REFUSED, subscribed + one('<receiveTask id="t" messageRef="m"/>'), code="correlation_composite", at="t",
        around=_with(US + key) + number + number.replace('<message id="m" name="answer"/>', "").replace('"cp"', '"year"'),
    )  # fmt: skip
    for name in ("choreography", "globalChoreographyTask", "globalConversation"):
        alone = f'<{name} id="g" name="Papers"><participant id="p" name="Applicant"/></{name}>'
        yield Case(
            name, "Choreographies and conversations", f"file of nothing but a {name}", (name,), State.REFUSED,
            process("").replace('<process id="P" isExecutable="true"></process>', alone).replace("targetNamespace", 'id="d" targetNamespace', 1),
            code="no_process", also=("tests/web/test_kept_models.py::test_any_bpmn_file_can_be_kept_whatever_is_in_it",),
        )  # fmt: skip
    for name in ("choreographyTask", "subChoreography", "callChoreography", "subConversation"):
        yield Case(
            name, "Choreographies and conversations", f"{name} in a process", (name,), State.REFUSED, PLAIN + f'<{name} id="c"/>',
            code="not_supported", at="c",
        )  # fmt: skip
    for name in ("conversation", "callConversation", "subConversation"):
        yield Case(
            f"{name}-beside", "Choreographies and conversations", f"{name} in a collaboration", (name,), State.DRAWN, PLAIN, does("t"),
            around=_with(US + f'<{name} id="c" name="Papers"/>'),
        )  # fmt: skip
