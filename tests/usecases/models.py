"""Small BPMN files for tests, written by hand."""

CAMUNDA = "http://camunda.org/schema/1.0/bpmn"


def bpmn(process: str, body: str, *, name: str = "") -> bytes:
    """A file with one executable process."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="{CAMUNDA}"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="urn:test">
  <message id="m_answer" name="answer"/>
  <error id="e_dead" errorCode="DECEASED"/>
  <process id="{process}" name="{name or process}" isExecutable="true">
    {body}
  </process>
</definitions>""".encode()


PERMIT = bpmn(
    "permit",
    """
    <laneSet id="lanes">
      <lane id="l_desk" name="Licensing"><flowNodeRef>check</flowNodeRef><flowNodeRef>sign</flowNodeRef></lane>
      <lane id="l_fire" name="Fire service"><flowNodeRef>inspect</flowNodeRef></lane>
    </laneSet>
    <startEvent id="start"/>
    <sequenceFlow id="f1" sourceRef="start" targetRef="check"/>
    <userTask id="check" name="Check the file"/>
    <sequenceFlow id="f2" sourceRef="check" targetRef="look_up"/>
    <serviceTask id="look_up" name="Look up the applicant" camunda:type="external" camunda:topic="partner">
      <extensionElements>
        <camunda:properties><camunda:property name="system" value="population"/></camunda:properties>
        <camunda:inputOutput>
          <camunda:inputParameter name="nik">${nik}</camunda:inputParameter>
          <camunda:outputParameter name="applicant">${reply.name}</camunda:outputParameter>
        </camunda:inputOutput>
      </extensionElements>
    </serviceTask>
    <boundaryEvent id="dead" attachedToRef="look_up"><errorEventDefinition errorRef="e_dead"/></boundaryEvent>
    <sequenceFlow id="f8" sourceRef="dead" targetRef="refused"/>
    <endEvent id="refused" name="Refused"/>
    <sequenceFlow id="f3" sourceRef="look_up" targetRef="inspect"/>
    <userTask id="inspect" name="Inspect" camunda:candidateGroups="inspector"/>
    <boundaryEvent id="late" name="Late" attachedToRef="inspect">
      <timerEventDefinition><timeDuration>P5D</timeDuration></timerEventDefinition>
    </boundaryEvent>
    <sequenceFlow id="f4" sourceRef="inspect" targetRef="safe"/>
    <sequenceFlow id="f5" sourceRef="late" targetRef="sign"/>
    <exclusiveGateway id="safe" default="f7"/>
    <sequenceFlow id="f6" sourceRef="safe" targetRef="sign">
      <conditionExpression xsi:type="tFormalExpression">${safe == true}</conditionExpression>
    </sequenceFlow>
    <sequenceFlow id="f7" sourceRef="safe" targetRef="refused"/>
    <userTask id="sign" name="Sign"/>
    <sequenceFlow id="f9" sourceRef="sign" targetRef="issued"/>
    <endEvent id="issued" name="Issued"/>
    """,
    name="Building permit",
)

SETTINGS = b"""
owner = "dpmptsp"
start_roles = ["front_desk"]

[title]
id = "Izin bangunan"
en = "Building permit"

[lanes]
"Licensing" = "dpmptsp"
"Fire service" = "damkar"

[facts]
applicant = "applicant"
"""

CALLER = bpmn(
    "caller",
    """
    <startEvent id="start"/>
    <sequenceFlow id="f1" sourceRef="start" targetRef="clearance"/>
    <callActivity id="clearance" calledElement="clear"/>
    <sequenceFlow id="f2" sourceRef="clearance" targetRef="end"/>
    <endEvent id="end"/>
    """,
)


def one_task(process: str, *, attributes: str = "", then: str = "") -> bytes:
    """Start, a user task ``work``, then what ``then`` says (an element with the id ``next``), end."""
    after = "next" if then else "end"
    return bpmn(
        process,
        f"""
        <startEvent id="start"/>
        <sequenceFlow id="f1" sourceRef="start" targetRef="work"/>
        <userTask id="work" name="Work" {attributes}/>
        <sequenceFlow id="f2" sourceRef="work" targetRef="{after}"/>
        {then}
        {'<sequenceFlow id="f3" sourceRef="next" targetRef="end"/>' if then else ""}
        <endEvent id="end"/>
        """,
    )


FORM = b"""{
  "type": "default",
  "id": "work_form",
  "components": [
    {"type": "number", "key": "floors", "label": "Storeys", "validate": {"required": true, "min": 1, "max": 60}},
    {"type": "textfield", "key": "remark", "label": "Remark", "validate": {"maxLength": 20}},
    {"type": "checkbox", "key": "complete", "label": "Complete"}
  ]
}"""
