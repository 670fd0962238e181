"""Each dialect's words for people, connectors, data and calls come to the same model."""

import pytest

from engine.bpmn.admit import Upload, admit
from engine.bpmn.model import Binding, EventKind, NodeKind, TimerKind
from tests.unit.reading.files import around, errors, extended, model, node, one, process, read
from tests.unit.reading.house import house


def task(inside: str, attributes: str = "", *, tag: str = "userTask", more: str = "") -> bytes:
    return process(around(f'<{tag} id="work" {attributes}>{inside}</{tag}>'), more=more)


def test_camunda_says_who_does_a_task_and_until_when() -> None:
    work = node(
        one(
            task(
                extended(
                    '<camunda:properties><camunda:property name="sla" value="P5D"/></camunda:properties>'
                ),
                'camunda:assignee="${officer}" camunda:candidateUsers="meilani, hendra" camunda:candidateGroups="p_front,${desk}"'
                ' camunda:dueDate="P3D" camunda:followUpDate="${later}" camunda:priority="70"'
                ' camunda:formKey="camunda-forms:deployment:check.form"',
            )
        ),
        "work",
    ).work
    assert work is not None
    assert work.assignee is not None
    assert work.assignee.names == {"officer"}
    assert [e.source for e in work.candidate_users] == ["meilani", "hendra"]
    assert [(e.source, e.constant) for e in work.candidate_groups] == [("p_front", True), ("${desk}", False)]
    assert work.form == "check"
    assert work.sla == "P5D"
    assert work.due is not None
    assert work.due.constant
    assert work.priority is not None
    assert work.priority.source == "70"


def test_zeebe_says_the_same_in_extension_elements() -> None:
    work = node(
        one(
            task(
                extended(
                    '<zeebe:userTask/><zeebe:assignmentDefinition assignee="= officer" candidateGroups="p_front, p_head"/>'
                    '<zeebe:formDefinition formId="check"/><zeebe:taskSchedule dueDate="= due"/>'
                    '<zeebe:priorityDefinition priority="70"/><zeebe:properties>'
                    '<zeebe:property name="slaCalendar" value="elapsed"/></zeebe:properties>'
                )
            )
        ),
        "work",
    ).work
    assert work is not None
    assert work.assignee is not None
    assert work.assignee.names == {"officer"}
    assert [e.source for e in work.candidate_groups] == ["p_front", "p_head"]
    assert work.form == "check"
    assert work.due is not None
    assert work.sla_calendar == "elapsed"


@pytest.mark.parametrize(
    ("written", "users", "groups"),
    [
        ("user(meilani), group(p_front)", ["meilani"], ["p_front"]),
        ("p_front", [], ["p_front"]),
        ("p_front, p_head", [], ["p_front", "p_head"]),
        ("group(${desk})", [], ["${desk}"]),
    ],
)
def test_potential_owners_are_groups_unless_they_say_user(
    written: str, users: list[str], groups: list[str]
) -> None:
    owner = (
        "<potentialOwner><resourceAssignmentExpression><formalExpression>"
        f"{written}</formalExpression></resourceAssignmentExpression></potentialOwner>"
    )
    work = node(one(task(owner)), "work").work
    assert work is not None
    assert [e.source for e in work.candidate_users] == users
    assert [e.source for e in work.candidate_groups] == groups


def test_jbpm_says_with_data_associations_who_does_a_task() -> None:
    content, name = model("19")
    assert name == "approval.bpmn"
    [found] = read(content).processes
    works = [n.work for n in found.nodes() if n.work]
    assert [[e.source for e in w.candidate_groups] for w in works] == [["managers"], ["managers"]]
    assert [[e.source for e in w.candidate_users] for w in works] == [["manager"], []]


def test_a_service_level_is_inherited_from_lane_and_process() -> None:
    content = process(
        extended('<lintas:property name="sla" value="P9D"/>')
        + "<laneSet><lane id='l' name='dlh'>"
        + extended('<lintas:property name="sla" value="P2D"/>')
        + "<flowNodeRef>work</flowNodeRef></lane><lane id='m' name='damkar'><flowNodeRef>other</flowNodeRef></lane></laneSet>"
        + around(
            '<userTask id="work"/><userTask id="other"/><sequenceFlow sourceRef="work" targetRef="other"/>'
        )
    )
    found = one(content)
    levels = [n.work.sla for n in found.nodes() if n.work]
    assert levels == ["P2D", "P9D"]


def test_a_connector_comes_from_property_topic_or_task_definition() -> None:
    by_property = extended(
        '<lintas:property name="connector" value="http"/><lintas:property name="path" value="/nik/${nik}"/>'
    )
    service = node(one(task(by_property, tag="serviceTask")), "work").service
    assert service is not None
    assert (service.connector, service.settings) == ("http", {"path": "/nik/${nik}"})
    assert service.expressions["path"].names == {"nik"}
    topic = node(one(task("", 'camunda:type="external" camunda:topic="tax"', tag="sendTask")), "work")
    assert topic.kind is NodeKind.SERVICE_TASK
    assert topic.service is not None
    assert topic.service.connector == "tax"
    zeebe = extended(
        '<zeebe:taskDefinition type="fire" retries="2"/><zeebe:taskHeaders><zeebe:header key="path" value="/"/></zeebe:taskHeaders>'
    )
    service = node(one(task(zeebe, tag="serviceTask")), "work").service
    assert service is not None
    assert (service.connector, service.retries, service.settings) == ("fire", 2, {"path": "/"})


def test_an_expression_that_only_computes_is_a_mapping() -> None:
    found = node(
        one(task("", 'camunda:expression="${fee * 2}" camunda:resultVariable="total"', tag="serviceTask")),
        "work",
    )
    assert found.kind is NodeKind.PASS
    assert [m.target for m in found.outputs] == ["total"]
    script = extended('<zeebe:script expression="= fee * 2" resultVariable="total"/>')
    assert [m.target for m in node(one(task(script, tag="scriptTask")), "work").outputs] == ["total"]


def test_a_connector_stands_in_for_code_of_another_engine() -> None:
    inside = extended('<lintas:property name="connector" value="http"/>')
    assert errors(read(task(inside, 'camunda:class="org.example.Archive"', tag="serviceTask"))) == []


def test_inputs_and_outputs_may_be_texts_lists_and_maps() -> None:
    inside = extended(
        '<camunda:inputOutput><camunda:inputParameter name="a">x ${y}</camunda:inputParameter>'
        '<camunda:inputParameter name="b"><camunda:list><camunda:value>1</camunda:value><camunda:value>${y}</camunda:value>'
        '</camunda:list></camunda:inputParameter><camunda:inputParameter name="c"><camunda:map>'
        '<camunda:entry key="k">${y}</camunda:entry></camunda:map></camunda:inputParameter>'
        '<camunda:outputParameter name="d">${z}</camunda:outputParameter></camunda:inputOutput>'
    )
    found = node(one(task(inside)), "work")
    assert [m.target for m in found.inputs] == ["a", "b", "c"]
    assert [m.value.code for m in found.inputs if m.value][1:] == ["['1', y]", "{'k': y}"]
    assert [m.target for m in found.outputs] == ["d"]


def test_a_call_passes_what_it_says() -> None:
    inside = extended(
        '<camunda:in source="nik" target="id"/><camunda:in sourceExpression="${fee * 2}" target="sum"/>'
        '<camunda:in businessKey="#{execution.processBusinessKey}"/><camunda:out variables="all" local="true"/>'
    )
    called = node(one(task(inside, 'calledElement="inspection"', tag="callActivity")), "work").called
    assert called is not None
    assert called.process == "inspection"
    assert [m.target for m in called.inputs] == ["id", "sum"]
    assert [(m.all_variables, m.local) for m in called.outputs] == [(True, True)]


@pytest.mark.parametrize(
    ("attributes", "binding", "version"),
    [
        ("", Binding.DEPLOYMENT, None),
        ('camunda:calledElementBinding="deployment"', Binding.DEPLOYMENT, None),
        ('camunda:calledElementBinding="latest"', Binding.LATEST, None),
        ('camunda:calledElementBinding="version" camunda:calledElementVersion="3"', Binding.VERSION, 3),
        ('camunda:calledElementVersion="3"', Binding.VERSION, 3),
    ],
)
def test_a_call_says_which_version_it_means(attributes: str, binding: Binding, version: int | None) -> None:
    called = node(
        one(task("", f'calledElement="inspection" {attributes}', tag="callActivity")), "work"
    ).called
    assert called is not None
    assert (called.binding, called.version) == (binding, version)


def test_zeebe_says_it_by_its_binding_type() -> None:
    inside = extended('<zeebe:calledElement processId="inspection" bindingType="latest"/>')
    called = node(one(task(inside, tag="callActivity")), "work").called
    assert called is not None
    assert called.binding is Binding.LATEST


def test_zeebe_calls_pass_everything_unless_told_otherwise() -> None:
    inside = extended('<zeebe:calledElement processId="inspection" propagateAllChildVariables="false"/>')
    called = node(one(task(inside, tag="callActivity")), "work").called
    assert called is not None
    assert [m.all_variables for m in called.inputs] == [True]
    assert called.outputs == ()


@pytest.mark.parametrize(
    "marker",
    [
        '<multiInstanceLoopCharacteristics isSequential="true" camunda:collection="papers" camunda:elementVariable="paper"/>',
        '<multiInstanceLoopCharacteristics isSequential="true"><loopDataInputRef>papers</loopDataInputRef>'
        '<inputDataItem name="paper"/></multiInstanceLoopCharacteristics>',
        '<multiInstanceLoopCharacteristics isSequential="true"><extensionElements><zeebe:loopCharacteristics'
        ' inputCollection="= papers" inputElement="paper"/></extensionElements></multiInstanceLoopCharacteristics>',
    ],
)
def test_a_collection_is_named_in_three_ways(marker: str) -> None:
    loop = node(one(task(marker)), "work").loop
    assert loop is not None
    assert loop.sequential
    assert loop.item == "paper"
    assert loop.collection is not None
    assert loop.collection.names == {"papers"}


def test_a_decision_says_what_is_stored() -> None:
    attributes = (
        'camunda:decisionRef="risk" camunda:resultVariable="risk" camunda:mapDecisionResult="collectEntries"'
    )
    decision = node(one(task("", attributes, tag="businessRuleTask")), "work").decision
    assert decision is not None
    assert (decision.key, decision.result_variable, decision.map_result) == (
        "risk",
        "risk",
        "collect_entries",
    )


def test_events_find_messages_and_errors_by_id_code_or_name() -> None:
    more = '<message id="m1" name="answer"/><error id="e1" errorCode="LATE" name="Too late"/>'
    by_name = task("", 'messageRef="answer"', tag="receiveTask", more=more)
    event = node(one(by_name), "work").event
    assert event is not None
    assert event.name is not None
    assert event.name.source == "answer"
    for reference in ("e1", "LATE", "Too late"):
        found = one(
            process(
                f'<startEvent id="s"/><endEvent id="e"><errorEventDefinition errorRef="{reference}"/></endEvent>'
                '<sequenceFlow sourceRef="s" targetRef="e"/>',
                more=more,
            )
        )
        event = node(found, "e").event
        assert event is not None
        assert event.name is not None
        assert event.name.source == "LATE"


def test_a_receive_task_without_a_message_waits_for_one_of_its_own_name() -> None:
    event = node(one(task("", tag="receiveTask")), "work").event
    assert event is not None
    assert event.kind is EventKind.MESSAGE
    assert event.name is not None
    assert event.name.source == "work"


def test_zeebe_messages_carry_their_correlation_key() -> None:
    more = (
        '<message id="m" name="answer">'
        + extended('<zeebe:subscription correlationKey="= nib"/>')
        + "</message>"
    )
    event = node(one(task("", 'messageRef="m"', tag="receiveTask", more=more)), "work").event
    assert event is not None
    assert event.correlation is not None
    assert event.correlation.names == {"nib"}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("<timeDuration>PT2H</timeDuration>", TimerKind.DURATION),
        ("<timeDuration>${working_days(5)}</timeDuration>", TimerKind.DURATION),
        ("<timeDate>2026-12-01T08:00:00+08:00</timeDate>", TimerKind.DATE),
        ("<timeCycle>R3/PT1H</timeCycle>", TimerKind.CYCLE),
        ("<timeDuration>= wait</timeDuration>", TimerKind.DURATION),
    ],
)
def test_timers_are_iso_texts_or_expressions(text: str, kind: TimerKind) -> None:
    event = node(
        one(task(f"<timerEventDefinition>{text}</timerEventDefinition>", tag="intermediateCatchEvent")),
        "work",
    ).event
    assert event is not None
    assert event.timer_kind is kind


def test_a_file_that_only_declares_a_namespace_does_not_speak_its_dialect() -> None:
    reading = read(task(""))
    assert not reading.zeebe
    assert read(task(extended("<zeebe:userTask/>"))).zeebe


def test_a_flowable_file_without_the_mark_is_executable() -> None:
    content, _ = model("20")
    assert [p.executable for p in read(content).processes] == [True]


def test_the_pool_that_is_not_executable_is_left_to_the_reader() -> None:
    content, _ = model("24")
    reading = read(content)
    assert [p.executable for p in reading.processes] == [False, True]
    assert reading.executable[0].lanes[0].path[0]


@pytest.mark.parametrize("drawn", ["intermediateThrowEvent", "sendTask"])
def test_zeebe_senders_say_whom_their_message_is_for(drawn: str) -> None:
    publish = extended('<zeebe:publishMessage correlationKey="= parent" timeToLive="PT1H"/>')
    inside = (
        f'<sendTask id="tell" messageRef="m">{publish}</sendTask>'
        if drawn == "sendTask"
        else f'<intermediateThrowEvent id="tell">{publish}<messageEventDefinition messageRef="m"/></intermediateThrowEvent>'
    )
    message = (
        '<message id="m" name="paid">'
        + extended('<zeebe:subscription correlationKey="= nib"/>')
        + "</message>"
    )
    reading = read(process(around(inside, "tell"), more=message))
    event = node(reading.processes[0], "tell").event
    assert event is not None
    assert event.correlation is not None
    assert event.correlation.names == {"parent"}
    assert [p.code for p in reading.problems if p.element == "tell"] == ["vendor_ignored"]


DROOLS_TASK = '<task id="work" name="Log" drools:taskName="Log"/>'


def test_work_for_a_handler_of_jbpm_is_refused_until_process_toml_says_what_runs() -> None:
    bare = read(process(around(DROOLS_TASK)))
    assert errors(bare) == [("service_without_connector", "work")]
    assert 'work = { connector = "http"' in "".join(p.message for p in bare.problems)
    upload = Upload(
        "licence.bpmn",
        process(around(DROOLS_TASK)),
        {"process.toml": b'[services]\nLog = { skip = "history is the log" }\n'},
    )
    assert admit(upload, house()).errors == []


def test_jbpm_ranks_the_ways_out_of_a_gateway() -> None:
    ways = "".join(
        f'<sequenceFlow id="f{rank}" sourceRef="g" targetRef="e{rank}" drools:priority="{rank}">'
        f'<conditionExpression language="http://www.java.com/java">return amount &gt; {rank};</conditionExpression></sequenceFlow>'
        f'<endEvent id="e{rank}"/>'
        for rank in (3, 1, 2)
    )
    made = one(
        process(
            '<startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="g"/><exclusiveGateway id="g"/>'
            + ways
        )
    )
    assert node(made, "g").outgoing == ["f1", "f2", "f3"]


def test_jbpm_gives_a_task_a_service_level_in_elapsed_time() -> None:
    sla = '<drools:metaData name="customSLADueDate"><drools:metaValue><![CDATA[PT8H]]></drools:metaValue></drools:metaData>'
    work = node(one(task(extended(sla))), "work").work
    assert work is not None
    assert (work.sla, work.sla_calendar) == ("PT8H", "elapsed")


def test_flowable_keeps_who_completed_a_task_in_a_variable() -> None:
    for content in (
        task("", 'camunda:taskCompleterVariableName="clerk"'),
        task(extended("<camunda:taskCompleterVariableName>clerk</camunda:taskCompleterVariableName>")),
    ):
        work = node(one(content), "work").work
        assert work is not None
        assert work.done_by == "clerk"


def test_jbpm_keeps_people_out_and_stores_who_did_it() -> None:
    io = (
        '<ioSpecification><dataInput id="in" name="ExcludedOwnerId" drools:dtype="String"/>'
        '<dataInput id="late" name="NotStartedReassign" drools:dtype="String"/>'
        '<dataOutput id="out" name="ActorId"/></ioSpecification>'
        "<dataInputAssociation><sourceRef>approver</sourceRef><targetRef>in</targetRef></dataInputAssociation>"
        "<dataInputAssociation><sourceRef>rule</sourceRef><targetRef>late</targetRef></dataInputAssociation>"
        "<dataOutputAssociation><sourceRef>out</sourceRef><targetRef>second</targetRef></dataOutputAssociation>"
    )
    reading = read(task(io))
    [work] = [n.work for n in reading.processes[0].nodes() if n.work]
    assert [e.names for e in work.excluded] == [{"approver"}]
    assert work.done_by == "second"
    assert any("NotStartedReassign" in p.message for p in reading.problems if p.code == "vendor_ignored")
