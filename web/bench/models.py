"""The processes that are measured, each as small as the thing it is about."""

from itertools import pairwise

from engine.bpmn.admit import Upload

OFFICE = "bench"
"""The one agency; a lane of its name holds everything."""

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="urn:lintas:bench">
  <message id="m" name="bench_news"/>"""


def upload(key: str) -> Upload:
    """One of ``MODELS`` as a designer uploads it."""
    text = f'{_HEAD}<process id="{key}" isExecutable="true">{MODELS[key]}</process></definitions>'
    return Upload(f"{key}.bpmn", text.encode(), {})


def _flow(*nodes: str) -> str:
    pairs = pairwise(nodes)
    return "".join(f'<sequenceFlow id="f_{a}_{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in pairs)


def _task(name: str) -> str:
    """A user task with a deadline, as offices have them."""
    return (
        f'<userTask id="{name}" name="{name}"/><boundaryEvent id="late_{name}" attachedToRef="{name}">'
        "<timerEventDefinition><timeDuration>P5D</timeDuration></timerEventDefinition></boundaryEvent>"
    )


_ENDS = '<startEvent id="s"/><endEvent id="e"/>'
MODELS = {
    "bench_tasks": _ENDS + _task("t1") + _task("t2") + _task("t3") + _flow("s", "t1", "t2", "t3", "e"),
    "bench_timer": _ENDS
    + '<intermediateCatchEvent id="wait"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
    + "</timerEventDefinition></intermediateCatchEvent>"
    + _flow("s", "wait", "e"),
    "bench_call": _ENDS
    + '<serviceTask id="ask" camunda:type="external" camunda:topic="bench"/>'
    + _flow("s", "ask", "e"),
    "bench_message": _ENDS + '<receiveTask id="hear" messageRef="m"/>' + _flow("s", "hear", "e"),
    "bench_loop": _ENDS
    + '<exclusiveGateway id="in"/><exclusiveGateway id="out" default="f_out_in"/>'
    + _task("t")
    + _flow("s", "in", "t", "out", "in")
    + '<sequenceFlow id="f_stop" sourceRef="out" targetRef="e"><conditionExpression xsi:type="tFormalExpression">'
    + "${stop == true}</conditionExpression></sequenceFlow>",
}
