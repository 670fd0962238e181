"""Small models that the tests of the door upload: a permit of two agencies, and one for each way to be wrong."""

import json

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' targetNamespace="urn:test" id="defs">\n'
)

PERMIT = (
    HEAD
    + """
  <message id="m_more" name="more_papers"/>
  <signal id="s_stop" name="storm"/>
  <process id="permit" name="Permit" isExecutable="true">
    <laneSet id="lanes">
      <lane id="l_licensing" name="Licensing">
        <flowNodeRef>start</flowNodeRef><flowNodeRef>check</flowNodeRef><flowNodeRef>way</flowNodeRef>
        <flowNodeRef>wait</flowNodeRef><flowNodeRef>granted</flowNodeRef><flowNodeRef>refused</flowNodeRef>
        <flowNodeRef>more</flowNodeRef>
      </lane>
      <lane id="l_fire" name="Fire service"><flowNodeRef>inspect</flowNodeRef><flowNodeRef>late</flowNodeRef>
        <flowNodeRef>told</flowNodeRef></lane>
    </laneSet>
    <startEvent id="start"/>
    <sequenceFlow id="f1" sourceRef="start" targetRef="check"/>
    <userTask id="check" name="Check the papers" camunda:formKey="check" camunda:candidateGroups="front_desk"/>
    <sequenceFlow id="f2" sourceRef="check" targetRef="way"/>
    <exclusiveGateway id="way" name="Complete?"/>
    <sequenceFlow id="f3" sourceRef="way" targetRef="inspect">
      <conditionExpression xsi:type="tFormalExpression">${decision == 'ok'}</conditionExpression></sequenceFlow>
    <sequenceFlow id="f4" sourceRef="way" targetRef="refused">
      <conditionExpression xsi:type="tFormalExpression">${decision == 'no'}</conditionExpression></sequenceFlow>
    <sequenceFlow id="f5" sourceRef="way" targetRef="more">
      <conditionExpression xsi:type="tFormalExpression">${decision == 'wait'}</conditionExpression></sequenceFlow>
    <intermediateCatchEvent id="more" name="Papers arrive"><messageEventDefinition messageRef="m_more"/>
    </intermediateCatchEvent>
    <sequenceFlow id="f6" sourceRef="more" targetRef="wait"/>
    <intermediateCatchEvent id="wait" name="Storm is over"><signalEventDefinition signalRef="s_stop"/>
    </intermediateCatchEvent>
    <sequenceFlow id="f7" sourceRef="wait" targetRef="inspect"/>
    <userTask id="inspect" name="Inspect the exits" camunda:candidateGroups="inspector"/>
    <boundaryEvent id="late" name="Two days over" attachedToRef="inspect" cancelActivity="false">
      <timerEventDefinition><timeDuration>P2D</timeDuration></timerEventDefinition></boundaryEvent>
    <sequenceFlow id="f8" sourceRef="late" targetRef="told"/>
    <endEvent id="told" name="Told"/>
    <sequenceFlow id="f9" sourceRef="inspect" targetRef="granted"/>
    <endEvent id="granted" name="Granted"/>
    <endEvent id="refused" name="Refused"/>
  </process>
</definitions>
"""
).encode()

CHECK_FORM = json.dumps(
    {
        "type": "default",
        "id": "check",
        "schemaVersion": 18,
        "components": [
            {"type": "textfield", "key": "trade_name", "label": "Nama", "validate": {"maxLength": 20}},
            {"type": "number", "key": "seats", "label": "Kursi", "validate": {"min": 1, "max": 500}},
            {
                "type": "select",
                "key": "decision",
                "label": "Keputusan",
                "values": [{"label": v, "value": v} for v in ("ok", "no", "wait", "odd")],
                "validate": {"required": True},
            },
        ],
    }
).encode()

SETTINGS = b"""
owner = "dpmptsp"
[title]
id = "Izin contoh"
en = "Sample permit"
[lanes]
"Licensing" = "dpmptsp"
"Fire service" = "damkar"
[facts]
title = "trade_name"
"""

PARTS = {"check.form": CHECK_FORM, "process.toml": SETTINGS}


def small(inside: str, *, key: str = "small") -> bytes:
    """A model of one process without lanes; ``inside`` is between its tags."""
    return f'{HEAD}<process id="{key}" name="{key}" isExecutable="true">{inside}</process></definitions>'.encode()


def after_a_task(step: str) -> bytes:
    """A user task ``first``, then ``step`` (one element with the id ``step``), then the end."""
    return small(
        f"""<startEvent id="start"/><sequenceFlow id="f1" sourceRef="start" targetRef="first"/>
        <userTask id="first" name="First"/><sequenceFlow id="f2" sourceRef="first" targetRef="step"/>
        {step}<sequenceFlow id="f3" sourceRef="step" targetRef="end"/><endEvent id="end"/>"""
    )


def script(text: str) -> bytes:
    """A model whose script runs after its first task."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    return after_a_task(
        f'<scriptTask id="step" name="Compute" scriptFormat="python"><script>{escaped}</script></scriptTask>'
    )


CALL = after_a_task(
    """<serviceTask id="step" name="Ask the register">
    <extensionElements><camunda:properties>
      <camunda:property name="connector" value="http"/><camunda:property name="system" value="population"/>
      <camunda:property name="method" value="POST"/><camunda:property name="path" value="/nik/verify"/>
    </camunda:properties><camunda:inputOutput>
      <camunda:inputParameter name="nik">9901025405880001</camunda:inputParameter>
      <camunda:inputParameter name="full_name">Wulan Sasmita Rorong</camunda:inputParameter>
      <camunda:inputParameter name="birth_date">1988-05-14</camunda:inputParameter>
      <camunda:outputParameter name="known">${reply.match.nik}</camunda:outputParameter>
    </camunda:inputOutput></extensionElements></serviceTask>"""
)
"""Asks the population register after its first task."""
