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

EVERYTHING = bpmn(
    "everything",
    """
    <startEvent id="start"/>
    <sequenceFlow id="f1" sourceRef="start" targetRef="split"/>
    <parallelGateway id="split"/>
    <sequenceFlow id="f2" sourceRef="split" targetRef="opinions"/>
    <sequenceFlow id="f3" sourceRef="split" targetRef="race"/>
    <sequenceFlow id="f4" sourceRef="split" targetRef="look_up"/>
    <sequenceFlow id="f5" sourceRef="split" targetRef="phase"/>

    <userTask id="opinions" name="Opinion">
      <multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics>
    </userTask>
    <boundaryEvent id="remark" attachedToRef="opinions" cancelActivity="false">
      <messageEventDefinition messageRef="m_answer"/>
    </boundaryEvent>
    <sequenceFlow id="f6" sourceRef="remark" targetRef="read"/>
    <userTask id="read" name="Read the remark"/>
    <sequenceFlow id="f7" sourceRef="read" targetRef="read_end"/>
    <endEvent id="read_end"/>
    <boundaryEvent id="ladder" attachedToRef="opinions" cancelActivity="false">
      <timerEventDefinition><timeCycle>R3/PT1H</timeCycle></timerEventDefinition>
    </boundaryEvent>
    <sequenceFlow id="f8" sourceRef="ladder" targetRef="ladder_end"/>
    <endEvent id="ladder_end"/>
    <sequenceFlow id="f9" sourceRef="opinions" targetRef="join"/>

    <eventBasedGateway id="race"/>
    <sequenceFlow id="f10" sourceRef="race" targetRef="by_message"/>
    <sequenceFlow id="f11" sourceRef="race" targetRef="by_timer"/>
    <sequenceFlow id="f12" sourceRef="race" targetRef="by_signal"/>
    <intermediateCatchEvent id="by_message"><messageEventDefinition messageRef="m_news"/></intermediateCatchEvent>
    <intermediateCatchEvent id="by_timer">
      <timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition>
    </intermediateCatchEvent>
    <intermediateCatchEvent id="by_signal"><signalEventDefinition signalRef="s_alarm"/></intermediateCatchEvent>
    <sequenceFlow id="f13" sourceRef="by_message" targetRef="tell"/>
    <sequenceFlow id="f14" sourceRef="by_timer" targetRef="warn"/>
    <sequenceFlow id="f15" sourceRef="by_signal" targetRef="merge"/>
    <intermediateThrowEvent id="tell"><messageEventDefinition messageRef="m_answer"/></intermediateThrowEvent>
    <intermediateThrowEvent id="warn"><signalEventDefinition signalRef="s_alarm"/></intermediateThrowEvent>
    <sequenceFlow id="f16" sourceRef="tell" targetRef="merge"/>
    <sequenceFlow id="f17" sourceRef="warn" targetRef="merge"/>
    <exclusiveGateway id="merge"/>
    <sequenceFlow id="f18" sourceRef="merge" targetRef="join"/>

    <serviceTask id="look_up" name="Look up" camunda:type="external" camunda:topic="partner"/>
    <boundaryEvent id="dead" attachedToRef="look_up"><errorEventDefinition errorRef="e_dead"/></boundaryEvent>
    <sequenceFlow id="f19" sourceRef="dead" targetRef="by_hand"/>
    <userTask id="by_hand" name="Look up by hand"/>
    <sequenceFlow id="f20" sourceRef="by_hand" targetRef="found"/>
    <sequenceFlow id="f21" sourceRef="look_up" targetRef="found"/>
    <exclusiveGateway id="found" default="f22"/>
    <sequenceFlow id="f22" sourceRef="found" targetRef="join"/>
    <sequenceFlow id="f23" sourceRef="found" targetRef="look_up">
      <conditionExpression xsi:type="tFormalExpression">${again == true}</conditionExpression>
    </sequenceFlow>

    <subProcess id="phase">
      <startEvent id="p_start"/>
      <sequenceFlow id="p1" sourceRef="p_start" targetRef="p_work"/>
      <userTask id="p_work" name="Work in the phase"/>
      <sequenceFlow id="p2" sourceRef="p_work" targetRef="p_end"/>
      <endEvent id="p_end"/>
      <subProcess id="p_alarm" triggeredByEvent="true">
        <startEvent id="a_start"><signalEventDefinition signalRef="s_alarm"/></startEvent>
        <sequenceFlow id="a1" sourceRef="a_start" targetRef="a_work"/>
        <userTask id="a_work" name="Evacuate"/>
        <sequenceFlow id="a2" sourceRef="a_work" targetRef="a_end"/>
        <endEvent id="a_end"/>
      </subProcess>
    </subProcess>
    <boundaryEvent id="p_late" attachedToRef="phase">
      <timerEventDefinition><timeDuration>P2D</timeDuration></timerEventDefinition>
    </boundaryEvent>
    <sequenceFlow id="f24" sourceRef="p_late" targetRef="p_merge"/>
    <sequenceFlow id="f25" sourceRef="phase" targetRef="p_merge"/>
    <exclusiveGateway id="p_merge"/>
    <sequenceFlow id="f26" sourceRef="p_merge" targetRef="join"/>

    <parallelGateway id="join"/>
    <sequenceFlow id="f27" sourceRef="join" targetRef="clearance"/>
    <callActivity id="clearance" calledElement="clear"/>
    <sequenceFlow id="f28" sourceRef="clearance" targetRef="end"/>
    <endEvent id="end"/>
    """,
).replace(
    b'<error id="e_dead"',
    b'<message id="m_news" name="news"/><signal id="s_alarm" name="alarm"/><error id="e_dead"',
)
"""Waits of every kind beside each other, with loops, and events that leave their host waiting."""

FEE_DMN = b"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="Fees" namespace="urn:test">
  <decision id="fee" name="Fee">
    <decisionTable id="t" hitPolicy="UNIQUE">
      <input id="i" label="Storeys"><inputExpression id="ie" typeRef="number"><text>floors</text></inputExpression></input>
      <output id="o" name="amount" typeRef="number"/>
      <output id="p" name="instrument" typeRef="string"/>
      <rule id="low"><inputEntry id="e1"><text>&lt;= 2</text></inputEntry>
        <outputEntry id="o1"><text>12.5</text></outputEntry><outputEntry id="p1"><text>"registration"</text></outputEntry></rule>
      <rule id="high"><inputEntry id="e2"><text>&gt; 2</text></inputEntry>
        <outputEntry id="o2"><text>99.9</text></outputEntry><outputEntry id="p2"><text>"licence"</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>"""

DECIDE = """<businessRuleTask id="next" name="Fee table" camunda:decisionRef="fee" camunda:resultVariable="fee"
    camunda:mapDecisionResult="singleResult"/>"""

DATED_FORM = b"""{
  "type": "default",
  "id": "work_form",
  "components": [
    {"type": "number", "key": "floors", "label": "Storeys", "validate": {"required": true}},
    {"type": "number", "key": "area", "label": "Area", "decimalDigits": 2},
    {"type": "datetime", "subtype": "date", "key": "visit", "dateLabel": "Visit"}
  ]
}"""
