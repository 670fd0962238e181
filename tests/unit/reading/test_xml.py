"""Bytes that could harm the reader are refused before any of it is looked at."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.bpmn.admit import Upload, admit
from engine.bpmn.xml import Limits, XmlRefused, parse_xml
from tests.unit.reading.files import HEAD, errors, flow, model, process, read
from tests.unit.reading.house import house

LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY lol "lol">'
    + "".join(f'<!ENTITY lol{n} "{f"&lol{n - 1};" * 10}">' for n in range(1, 10)).replace("&lol0;", "&lol;")
    + "]>"
)


def code_of(content: bytes) -> str:
    with pytest.raises(XmlRefused) as refused:
        parse_xml(content)
    return refused.value.problem.code


@pytest.mark.parametrize(
    "content",
    [
        b"<!DOCTYPE a><a/>",
        b"<?xml version='1.0'?>\n<!-- a comment --> <?pi x?>\n<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
        (LAUGHS + "<a>&lol9;</a>").encode(),
        (LAUGHS + '<a b="&lol9;"/>').encode(),
        "<!DOCTYPE a><a/>".encode("utf-16"),
        b"<!DOCTYPE a [<!ENTITY x SYSTEM 'http://127.0.0.1:9/'>]><a>&x;</a>",
        b"\xef\xbb\xbf<!DOCTYPE a><a/>",
    ],
)
def test_a_doctype_is_refused(content: bytes) -> None:
    assert code_of(content) == "xml_doctype"


def test_an_entity_bomb_costs_no_time() -> None:
    begun = time.perf_counter()
    assert errors(read((LAUGHS + HEAD.partition("?>")[2] + "&lol9;</definitions>").encode())) == [
        ("xml_doctype", "")
    ]
    assert time.perf_counter() - begun < 1


def test_a_text_may_speak_of_a_doctype() -> None:
    root = parse_xml(b"<a><![CDATA[<!DOCTYPE html>]]></a>")
    assert root.text == "<!DOCTYPE html>"


@pytest.mark.parametrize(
    "content", [b"", b"   ", b"<a>", b"<a></b>", b"\x00\x01", b"no xml", b"<a>&unknown;</a>", b"\xff\xfe"]
)
def test_what_is_no_xml_is_refused(content: bytes) -> None:
    assert code_of(content) == "xml_malformed"


def test_a_broken_file_says_its_line() -> None:
    [problem] = read(b"<definitions>\n<process>\n</definitions>").problems
    assert problem.line == 3
    assert problem.code == "xml_malformed"


def test_a_tight_limit_counts_what_is_drawn() -> None:
    content = process('<startEvent id="s"/><task id="a"/>' + flow("s", "a"))
    parse_xml(content, limits=Limits(elements=4))
    with pytest.raises(XmlRefused):
        parse_xml(content, limits=Limits(elements=3))


@pytest.mark.parametrize("length", [600, 2_000])
def test_a_long_row_of_elements_is_read_in_time(length: int) -> None:
    content = process(
        '<startEvent id="t0"/>'
        + "".join(f'<userTask id="t{n}" name="Step {n}"/>' for n in range(1, length))
        + "".join(flow(f"t{n}", f"t{n + 1}") for n in range(length - 1))
    )
    begun = time.perf_counter()
    found = admit(Upload("licence.bpmn", content), house())
    assert time.perf_counter() - begun < 5
    assert found.errors == []
    assert sum(1 for _ in found.processes[0].process.nodes()) == length + 1


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_garbage_never_raises(content: bytes) -> None:
    found = admit(
        Upload("x.bpmn", content, {"a.dmn": content, "process.toml": content, "f.form": content}), house()
    )
    assert found.errors


TAGS = [
    "startEvent",
    "endEvent",
    "task",
    "userTask",
    "serviceTask",
    "scriptTask",
    "sendTask",
    "receiveTask",
    "businessRuleTask",
    "callActivity",
    "subProcess",
    "transaction",
    "exclusiveGateway",
    "parallelGateway",
    "inclusiveGateway",
    "eventBasedGateway",
    "boundaryEvent",
    "intermediateCatchEvent",
    "intermediateThrowEvent",
    "sequenceFlow",
    "laneSet",
    "lane",
    "flowNodeRef",
    "association",
    "timerEventDefinition",
    "messageEventDefinition",
    "compensateEventDefinition",
    "linkEventDefinition",
    "errorEventDefinition",
    "extensionElements",
    "multiInstanceLoopCharacteristics",
    "standardLoopCharacteristics",
    "loopCondition",
    "conditionExpression",
    "timeDuration",
    "camunda:inputOutput",
    "camunda:inputParameter",
    "camunda:map",
    "camunda:in",
    "zeebe:calledElement",
    "zeebe:loopCharacteristics",
    "documentation",
    "ioSpecification",
    "potentialOwner",
    "resourceAssignmentExpression",
    "formalExpression",
    "process",
    "message",
]
ATTRIBUTES = [
    "id",
    "name",
    "sourceRef",
    "targetRef",
    "attachedToRef",
    "default",
    "triggeredByEvent",
    "isForCompensation",
    "messageRef",
    "errorRef",
    "calledElement",
    "camunda:assignee",
    "camunda:expression",
    "camunda:type",
    "camunda:topic",
    "camunda:collection",
    "camunda:decisionRef",
    "isExecutable",
    "source",
    "target",
    "key",
    "variables",
    "processId",
    "inputCollection",
    "scriptFormat",
    "activityRef",
    "cancelActivity",
]
VALUES = ["a", "b", "c", "d", "true", "${a}", "= a", "", "external", "all", "python", "x y", "R3/PT1H"]


def written(tag: str, attributes: dict[str, str], inside: str) -> str:
    words = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    return f"<{tag} {words}>{inside}</{tag}>"


attribute_sets = st.dictionaries(st.sampled_from(ATTRIBUTES), st.sampled_from(VALUES), max_size=4)
elements = st.recursive(
    st.builds(
        written,
        st.sampled_from(TAGS),
        attribute_sets,
        st.sampled_from(["", "a", "${a}", "PT1H", "${", "= b"]),
    ),
    lambda inner: st.builds(
        written, st.sampled_from(TAGS), attribute_sets, st.lists(inner, max_size=6).map("".join)
    ),
    max_leaves=25,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(elements, max_size=12))
def test_any_arrangement_of_elements_is_read_without_raising(parts: list[str]) -> None:
    found = admit(Upload("licence.bpmn", process("".join(parts))), house())
    assert all(p.message and p.code for p in found.problems)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_real_model_with_a_piece_cut_out_is_read_without_raising(data: st.DataObject) -> None:
    content, name = model(data.draw(st.sampled_from(["06", "11", "12", "13", "16", "19", "26", "28"])))
    begin = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(begin, min(len(content), begin + 400)))
    admit(Upload(name, content[:begin] + content[end:]), house())
