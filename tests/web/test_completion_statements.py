"""What one completion through HTTP sends to the database: the usual one, and the heaviest that a model can ask for."""

from engine.model import SYSTEM
from engine.states import IncidentKind, JobState
from tests.people import World
from tests.statements import Statements, counted
from tests.store.rows import add_incident
from tests.web.client import CallerOf
from web.wiring import House

MODEL = b"""<?xml version="1.0"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
  targetNamespace="t">
  <message id="m" name="more"/><message id="told_others" name="told"/>
  <process id="heavy" isExecutable="true">
    <laneSet><lane id="l1" name="dpmptsp"><flowNodeRef>s</flowNodeRef><flowNodeRef>a</flowNodeRef>
      <flowNodeRef>tell</flowNodeRef><flowNodeRef>fork</flowNodeRef><flowNodeRef>call</flowNodeRef><flowNodeRef>wait</flowNodeRef></lane>
      <lane id="l2" name="damkar"><flowNodeRef>b</flowNodeRef></lane></laneSet>
    <startEvent id="s"/><sequenceFlow id="f1" sourceRef="s" targetRef="a"/>
    <userTask id="a" name="A" camunda:candidateGroups="front_desk,verifier">
      <multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality><completionCondition>${nrOfCompletedInstances &gt;= 1}</completionCondition></multiInstanceLoopCharacteristics>
    </userTask>
    <boundaryEvent id="late" attachedToRef="a" cancelActivity="false"><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent>
    <boundaryEvent id="told" attachedToRef="a"><messageEventDefinition messageRef="m"/></boundaryEvent>
    <sequenceFlow id="f2" sourceRef="a" targetRef="tell"/>
    <intermediateThrowEvent id="tell"><messageEventDefinition messageRef="told_others"/></intermediateThrowEvent>
    <sequenceFlow id="f2b" sourceRef="tell" targetRef="fork"/>
    <parallelGateway id="fork"/>
    <sequenceFlow id="f3" sourceRef="fork" targetRef="b"/>
    <sequenceFlow id="f4" sourceRef="fork" targetRef="call"/>
    <sequenceFlow id="f5" sourceRef="fork" targetRef="wait"/>
    <userTask id="b" name="B" camunda:candidateUsers="bo" camunda:candidateGroups="inspector" camunda:dueDate="P3D">
      <extensionElements><camunda:properties><camunda:property name="sla" value="P2D"/></camunda:properties></extensionElements>
    </userTask>
    <boundaryEvent id="slow" attachedToRef="b" cancelActivity="false"><timerEventDefinition><timeDuration>${working_days(2)}</timeDuration></timerEventDefinition></boundaryEvent>
    <serviceTask id="call" camunda:type="external" camunda:topic="http">
      <extensionElements><camunda:properties><camunda:property name="system" value="population"/>
      <camunda:property name="path" value="/x"/></camunda:properties></extensionElements></serviceTask>
    <receiveTask id="wait" messageRef="m"/>
  </process>
</definitions>"""


USUAL = b"""<?xml version="1.0"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t">
  <process id="usual" isExecutable="true">
    <startEvent id="s"/><sequenceFlow id="f1" sourceRef="s" targetRef="a"/>
    <userTask id="a" name="A"/><sequenceFlow id="f2" sourceRef="a" targetRef="b"/>
    <userTask id="b" name="B"/>
    <boundaryEvent id="late" attachedToRef="b"><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent>
  </process>
</definitions>"""


def listed(seen: Statements) -> str:
    return "\n".join(f"{i} {sql[:110]!r}" for i, sql in enumerate(seen.sent, 1))


def test_the_usual_completion_takes_ten_statements_and_one_commit(
    house: House, caller: CallerOf, world: World
) -> None:
    ana = caller(world.ana)
    assert caller(world.citra).upload("/processes", USUAL, name="usual.bpmn").status_code == 201
    ana.post("/processes/usual/start", {})
    (task,) = ana.get("/tasks").json["items"]
    with counted(house.db) as seen:
        assert ana.post(f"/tasks/{task['id']}/complete", {"data": {"x": 1}}, key="once").status_code == 200
    # PostgreSQL locks the case in a statement of its own.
    assert len(seen) <= (9 if house.db.dialect == "sqlite" else 10), listed(seen)
    assert seen.commits == 1


def test_the_heaviest_completion_stays_within_fifteen_statements_and_one_commit(
    house: House, caller: CallerOf, world: World
) -> None:
    """The task is one of three: its siblings, timer, message and an incident end; it tells somebody; a task for named
    people at a new agency, its timer, a call and a message begin."""
    citra, ana, dewi = caller(world.citra), caller(world.ana), caller(world.dewi)
    answer = citra.upload("/processes", MODEL, name="heavy.bpmn")
    assert answer.status_code == 201, answer.text
    case = ana.post("/processes/heavy/start", {"business_key": "H-1"}).json["id"]
    with house.db.unit(SYSTEM) as uow:
        incident = add_incident(uow, case, kind=IncidentKind.STEP_FAILED.value, job_id=None)
    task, *siblings = ana.get("/tasks").json["items"]
    assert len(siblings) == 2
    with counted(house.db) as seen:
        done = ana.post(f"/tasks/{task['id']}/complete", {"data": {"x": 1}}, key="once")
    assert done.status_code == 200, done.text
    assert done.json["state"] == "completed"
    assert dewi.get(f"/tasks/{task['id']}").json == done.json
    assert [dewi.get(f"/tasks/{one['id']}").json["state"] for one in siblings] == ["withdrawn"] * 2
    assert dewi.get("/incidents?state=resolved").json["items"][0]["id"] == incident
    waits = dewi.get(f"/cases/{case}").json["waits"]
    assert [len(waits[kind]) for kind in ("tasks", "deadlines", "jobs", "messages")] == [1, 1, 2, 1]
    assert {job["state"] for job in waits["jobs"]} == {JobState.READY}
    assert len(seen) <= 15, listed(seen)
    assert seen.commits == 1
