"""Tasks, sub-processes, calls and instances, and where their variables are."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from engine.bpmn.step import OpenTask
from engine.errors import StepFailed
from tests.unit.bpmn.conftest import Begin
from tests.unit.bpmn.harness import MONDAY, flow_if, flows, process


def one(task: str, *, after: str = "") -> str:
    """Start, one activity with the id ``t``, a task ``z``, end."""
    return process(
        f'<startEvent id="s"/>{task}<userTask id="z"/><endEvent id="e"/>' + after + flows("s t", "t z", "z e")
    )


# User tasks.


def test_what_a_user_task_offers_is_evaluated_once_when_it_is_reached(begin: Begin) -> None:
    xml = process(
        '<startEvent id="s"/><parallelGateway id="fk"/><userTask id="t" name="Check ${trade}" camunda:assignee="${who}" '
        'camunda:candidateGroups="fire, ${extra}" camunda:candidateUsers="ana,bo" camunda:dueDate="${due}" '
        'camunda:followUpDate="P1D" camunda:priority="${urgency}" camunda:formKey="check"/>'
        '<userTask id="other"/><endEvent id="e"/>' + flows("s fk", "fk t", "fk other", "t e", "other e")
    )
    data = {
        "trade": "Warung Ana",
        "who": "ana",
        "extra": "police",
        "due": "2026-12-01T10:00:00Z",
        "urgency": 80,
    }
    case = begin(xml, data=data)
    for _ in range(2):
        task = case.task("Check Warung Ana")
        assert task.assignee == "ana"
        assert task.candidate_groups == ("fire", "police")
        assert task.candidate_users == ("ana", "bo")
        assert task.due_at == datetime.fromisoformat("2026-12-01T10:00:00Z")
        assert task.follow_up_at == MONDAY + timedelta(days=1)
        assert (task.priority, task.form, task.process) == (80, "check", "")
        if "other" in case.tasks:
            case.complete("other", trade="changed", who="bo", due="P3D", urgency=1)


def test_groups_may_come_from_a_list(begin: Begin) -> None:
    case = begin(
        one('<userTask id="t" camunda:candidateGroups="${groups}"/>'), data={"groups": ["fire", "police"]}
    )
    assert case.of(OpenTask)[0].candidate_groups == ("fire", "police")


def test_a_service_level_counts_in_working_time(begin: Begin) -> None:
    task = '<userTask id="t"><extensionElements><lintas:property name="sla" value="P2D"/></extensionElements></userTask>'
    assert begin(one(task)).of(OpenTask)[0].due_at == MONDAY + timedelta(days=2)


def test_a_due_date_that_is_no_date_names_its_task(begin: Begin) -> None:
    with pytest.raises(StepFailed) as failure:
        begin(one('<userTask id="t" camunda:dueDate="${due}"/>'), data={"due": "soon"})
    assert (failure.value.problem_code, failure.value.detail["element"]) == ("timer_invalid", "t")


# Variables.

MAPPED = (
    '<extensionElements><camunda:inputOutput><camunda:inputParameter name="subject">${name}</camunda:inputParameter>'
    '<camunda:outputParameter name="result">${subject}</camunda:outputParameter></camunda:inputOutput>'
    "</extensionElements>"
)


def test_inputs_are_local_and_outputs_are_set_outside(begin: Begin) -> None:
    case = begin(one(f'<userTask id="t">{MAPPED}</userTask>'), data={"name": "Ana"})
    assert case.machine.task_variables(case.step.snapshot, case.task("t").token) == {
        "name": "Ana",
        "subject": "Ana",
    }
    case.complete("t", subject="Bo")
    assert case.data == {"name": "Ana", "result": "Bo"}


def test_a_mapping_that_fails_names_its_element(begin: Begin) -> None:
    with pytest.raises(StepFailed) as failure:
        begin(one(f'<userTask id="t">{MAPPED}</userTask>'))
    assert failure.value.detail["element"] == "t"


def test_a_script_writes_case_variables(begin: Begin) -> None:
    xml = process(
        '<startEvent id="s"/><userTask id="t"/><scriptTask id="sc" scriptFormat="python"><script>n = n + 1\n'
        'total = n * 2</script></scriptTask><userTask id="z"/><endEvent id="e"/>'
        + flows("s t", "t sc", "sc z", "z e")
    )
    case = begin(xml, data={"n": 1})
    case.complete("t")
    assert (case.data["n"], case.data["total"]) == (2, 4)


def test_a_script_that_fails_leaves_the_case_where_it_was(begin: Begin) -> None:
    xml = process(
        '<startEvent id="s"/><userTask id="t"/><scriptTask id="sc" scriptFormat="python"><script>n = missing + 1'
        '</script></scriptTask><endEvent id="e"/>' + flows("s t", "t sc", "sc e")
    )
    case = begin(xml)
    before = bytes(case.step.snapshot)
    with pytest.raises(StepFailed) as failure:
        case.complete("t", n=1)
    assert (failure.value.problem_code, failure.value.detail["element"]) == ("script_failed", "sc")
    assert case.step.snapshot == before


def test_values_that_json_does_not_know_come_back_as_they_were(begin: Begin) -> None:
    data = {
        "day": date(2026, 4, 6),
        "at": MONDAY,
        "fee": Decimal("125000.50"),
        "typename": "a user's own key",
        "$t": "another",
        "nested": {"typename": {"$t": "decimal", "v": "no number"}, "big": 2**80, "z": 1, "a": 2},
    }
    case = begin(one('<userTask id="t"/>'), data=data)
    case.complete("t")
    assert dict(case.data) == data
    assert list(case.data["nested"]) == ["typename", "big", "z", "a"]
    assert case.machine.variables(case.step.snapshot) == data


def test_a_value_that_cannot_be_kept_is_refused_by_its_name(begin: Begin) -> None:
    with pytest.raises(StepFailed, match="'thing'"):
        begin(one('<userTask id="t"/>'), data={"thing": object()})


# Service tasks.


def service(extension: str = "", attributes: str = "") -> str:
    return (
        f'<serviceTask id="t" camunda:type="external" camunda:topic="population" {attributes}>'
        f"<extensionElements>{extension}</extensionElements></serviceTask>"
    )


def test_a_service_task_wants_a_job_with_its_inputs_only(begin: Begin) -> None:
    io = (
        '<camunda:inputOutput><camunda:inputParameter name="nik">${person}</camunda:inputParameter>'
        '<camunda:outputParameter name="name">${reply.name}</camunda:outputParameter></camunda:inputOutput>'
        '<lintas:property name="path" value="/people/${person}"/>'
    )
    case = begin(one(service(io)), data={"person": "3201", "secret": 1})
    job = case.jobs[0]
    assert (job.connector, job.inputs, job.element) == ("population", {"nik": "3201"}, "t")
    assert job.settings["path"] == "/people/3201"
    case.answer({"name": "Ana", "address": "elsewhere"})
    assert case.data == {"person": "3201", "secret": 1, "name": "Ana"}
    assert case.tasks == ["z"]


def test_an_answer_that_nothing_asks_for_is_not_kept(begin: Begin) -> None:
    case = begin(one(service()))
    case.answer({"name": "Ana"})
    assert case.data == {}


# Sub-processes and calls.


def callee(*, key: str = "Q") -> str:
    return process(
        '<startEvent id="s"/><subProcess id="x"><startEvent id="is"/><userTask id="q" name="in Q"/><endEvent id="ie"/>'
        + flows("is q", "q ie")
        + '</subProcess><userTask id="c" name="c of Q"/><endEvent id="e"/>'
        + flows("s x", "x c", "c e"),
        key=key,
    )


def caller(mapping: str) -> str:
    return process(
        '<startEvent id="s"/><subProcess id="x"><startEvent id="is"/><userTask id="p" name="in P"/><endEvent id="ie"/>'
        + flows("is p", "p ie")
        + f'</subProcess><callActivity id="c" calledElement="Q"><extensionElements>{mapping}</extensionElements>'
        '</callActivity><userTask id="z"/><endEvent id="e"/>' + flows("s x", "x c", "c z", "z e")
    )


def test_the_same_ids_in_caller_and_called_process_stay_apart(begin: Begin) -> None:
    case = begin(caller(""), callee())
    assert case.tasks == ["in P"]
    case.complete("in P")
    assert case.tasks == ["in Q"]
    case.complete("in Q")
    assert case.task("c of Q").process == "Q"
    case.complete("c of Q")
    assert case.tasks == ["z"]
    assert case.task("z").process == ""


def test_a_called_process_sees_and_gives_only_what_is_mapped(begin: Begin) -> None:
    mapping = (
        '<camunda:in source="a" target="b"/><camunda:in source="absent" target="c"/>'
        '<camunda:out source="b" target="result"/>'
    )
    case = begin(caller(mapping), callee(), data={"a": 1, "b": "mine"})
    case.complete("in P")
    token = case.task("in Q").token
    assert case.machine.task_variables(case.step.snapshot, token) == {"b": 1, "c": None}
    case.complete("in Q", b=2, d=3)
    case.complete("c of Q")
    assert case.data == {"a": 1, "b": "mine", "result": 2}


def test_a_local_mapping_reads_and_sets_the_call_activity_alone(begin: Begin) -> None:
    mapping = (
        '<camunda:in variables="all" local="true"/><camunda:out source="b" target="raw" local="true"/>'
        '<camunda:inputOutput><camunda:inputParameter name="b">${a}</camunda:inputParameter>'
        '<camunda:outputParameter name="result">${raw}</camunda:outputParameter></camunda:inputOutput>'
    )
    case = begin(caller(mapping), callee(), data={"a": 1, "secret": 2})
    case.complete("in P")
    assert case.machine.task_variables(case.step.snapshot, case.task("in Q").token) == {"b": 1}
    case.complete("in Q", b=5)
    case.complete("c of Q")
    assert case.data == {"a": 1, "secret": 2, "result": 5}


def test_without_a_mapping_nothing_goes_in_or_out(begin: Begin) -> None:
    case = begin(caller(""), callee(), data={"a": 1})
    case.complete("in P")
    assert case.machine.task_variables(case.step.snapshot, case.task("in Q").token) == {}
    case.complete("in Q", a=2)
    case.complete("c of Q", y=3)
    assert case.data == {"a": 1}


def test_a_process_that_calls_itself_for_ever_is_stopped(begin: Begin) -> None:
    xml = process(
        '<startEvent id="s"/><callActivity id="c" calledElement="P"/><endEvent id="e"/>' + flows("s c", "c e")
    )
    with pytest.raises(StepFailed) as failure:
        begin(xml)
    assert failure.value.problem_code == "step_budget_spent"


def test_a_process_may_call_itself(begin: Begin) -> None:
    xml = process(
        '<startEvent id="s"/><exclusiveGateway id="g" default="g_u"/><userTask id="u" name="level ${n}"/>'
        '<callActivity id="c" calledElement="P"><extensionElements>'
        '<camunda:in sourceExpression="${n - 1}" target="n"/></extensionElements></callActivity><endEvent id="e"/>'
        + flows("s g", "g u", "u e", "c u")
        + flow_if("g", "c", "${n > 0}")
    )
    case = begin(xml, data={"n": 2})
    for level in ("level 0", "level 1", "level 2"):
        assert case.tasks == [level]
        case.complete(level)
    assert case.done


def test_a_process_that_is_not_there_cannot_be_called(begin: Begin) -> None:
    with pytest.raises(ValueError, match="'Q'"):
        begin(caller(""))


# Multi-instance.


def multi(attributes: str = "", inner: str = "") -> str:
    return f"<multiInstanceLoopCharacteristics {attributes}>{inner}</multiInstanceLoopCharacteristics>"


OVER_LIST = multi('camunda:collection="list" camunda:elementVariable="it"')


def test_the_item_stays_local_to_its_instance(begin: Begin) -> None:
    case = begin(one(f'<userTask id="t">{OVER_LIST}</userTask>'), data={"list": ["p", "q"]})
    first, second = case.of(OpenTask)
    assert (first.loop_index, second.loop_index) == (0, 1)
    assert case.machine.task_variables(case.step.snapshot, second.token)["it"] == "q"
    case.complete("t", it="changed", done1=1)
    assert case.machine.task_variables(case.step.snapshot, second.token)["it"] == "q"
    case.complete("t")
    assert case.tasks == ["z"]
    assert case.data == {"list": ["p", "q"], "done1": 1}


def test_instances_one_after_another_over_a_collection(begin: Begin) -> None:
    sub = (
        f'<subProcess id="t">{multi(_SEQUENTIAL)}<startEvent id="is"/><userTask id="u" name="do ${{x}}"/>'
        '<endEvent id="ie"/>' + flows("is u", "u ie") + "</subProcess>"
    )
    case = begin(one(sub), data={"xs": ["p", "q"]})
    for name in ("do p", "do q"):
        assert case.tasks == [name]
        case.complete(name)
    assert case.tasks == ["z"]


_SEQUENTIAL = 'isSequential="true" camunda:collection="xs" camunda:elementVariable="x"'


def test_a_completion_condition_withdraws_the_rest(begin: Begin) -> None:
    loop = multi(
        inner="<loopCardinality>5</loopCardinality>"
        "<completionCondition>${nrOfCompletedInstances/nrOfInstances >= 0.6}</completionCondition>"
    )
    case = begin(one(f'<userTask id="t">{loop}</userTask>'))
    assert case.tasks == ["t"] * 5
    case.complete_all("ttt")
    assert case.tasks == ["z"]
    assert case.cancelled() == ["t", "t"]


def test_the_counters_tell_how_far_the_instances_are(begin: Begin) -> None:
    case = begin(one(f'<userTask id="t">{multi(inner="<loopCardinality>3</loopCardinality>")}</userTask>'))
    case.complete("t")
    seen = case.machine.task_variables(case.step.snapshot, case.task("t").token)
    assert seen == {
        "loopCounter": 1,
        "nrOfInstances": 3,
        "nrOfCompletedInstances": 1,
        "nrOfActiveInstances": 2,
    }


def test_no_instances_at_all_pass_on(begin: Begin) -> None:
    assert begin(one(f'<userTask id="t">{OVER_LIST}</userTask>'), data={"list": []}).tasks == ["z"]


@pytest.mark.parametrize("given", [None, 5, "pq", {"a": 1}])
def test_a_collection_that_is_no_list_is_refused(begin: Begin, given: object) -> None:
    with pytest.raises(StepFailed) as failure:
        begin(one(f'<userTask id="t">{OVER_LIST}</userTask>'), data={"list": given})
    assert (failure.value.problem_code, failure.value.detail["element"]) == ("multi_instance_invalid", "t")


@pytest.mark.parametrize("given", [-1, 2.5, "many", True, 1_000_000])
def test_a_number_of_instances_that_is_none_is_refused(begin: Begin, given: object) -> None:
    loop = multi(inner="<loopCardinality>${n}</loopCardinality>")
    with pytest.raises(StepFailed) as failure:
        begin(one(f'<userTask id="t">{loop}</userTask>'), data={"n": given})
    assert failure.value.problem_code == "multi_instance_invalid"


def test_a_boundary_event_interrupts_all_instances(begin: Begin) -> None:
    timer = (
        '<boundaryEvent id="b" attachedToRef="t"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
        "</timerEventDefinition></boundaryEvent>" + flows("b z")
    )
    case = begin(one(f'<userTask id="t">{OVER_LIST}</userTask>', after=timer), data={"list": [1, 2]})
    assert len(case.deadlines) == 1
    case.fire()
    assert case.tasks == ["z"]


def test_a_standard_loop_repeats_while_its_condition_holds(begin: Begin) -> None:
    loop = '<standardLoopCharacteristics testBefore="false"><loopCondition>${again}</loopCondition></standardLoopCharacteristics>'
    case = begin(one(f'<userTask id="t">{loop}</userTask>'), data={"again": True})
    case.complete("t")
    assert case.tasks == ["t"]
    case.complete("t", again=False)
    assert case.tasks == ["z"]


def looped(attributes: str, condition: str = "<loopCondition>${again}</loopCondition>") -> str:
    return one(
        f'<userTask id="t"><standardLoopCharacteristics {attributes}>{condition}</standardLoopCharacteristics></userTask>'
    )


def test_a_loop_with_a_maximum_ends_when_its_condition_or_its_rounds_do(begin: Begin) -> None:
    case = begin(looped('loopMaximum="3"'), data={"again": True})
    for _ in range(3):
        assert case.tasks == ["t"]
        case.complete("t")
    assert case.tasks == ["z"]
    case = begin(looped('loopMaximum="3"'), data={"again": True})
    case.complete("t", again=False)
    assert case.tasks == ["z"]


def test_a_loop_that_is_tested_before_may_have_no_round_at_all(begin: Begin) -> None:
    for attributes in ('testBefore="true"', 'testBefore="true" loopMaximum="2"'):
        assert begin(looped(attributes), data={"again": False}).tasks == ["z"]
        case = begin(looped(attributes), data={"again": True})
        case.complete("t")
        assert case.tasks == ["t"]
        case.complete("t", again=False)
        assert case.tasks == ["z"]


def test_a_maximum_alone_is_a_number_of_rounds(begin: Begin) -> None:
    case = begin(looped('loopMaximum="2"', ""))
    case.complete_all(["t", "t"])
    assert case.tasks == ["z"]


def test_what_stands_in_an_instance_sees_its_counters(begin: Begin) -> None:
    sub = (
        f'<subProcess id="t">{OVER_LIST}<startEvent id="is"/><userTask id="u" name="${{loopCounter}}/${{nrOfInstances}}"/>'
        '<endEvent id="ie"/>' + flows("is u", "u ie") + "</subProcess>"
    )
    assert begin(one(sub), data={"list": ["a", "b"]}).tasks == ["0/2", "1/2"]


# What comes in beside an output mapping.

ZEEBE_OUTPUT = (
    '<extensionElements><zeebe:ioMapping xmlns:zeebe="http://camunda.org/schema/zeebe/1.0">'
    '<zeebe:output source="=answer" target="kept"/></zeebe:ioMapping></extensionElements>'
)


def test_in_camunda_8_only_the_outputs_of_a_task_are_kept(begin: Begin) -> None:
    case = begin(one(f'<userTask id="t">{ZEEBE_OUTPUT}</userTask>'), data={"answer": "before"})
    case.complete("t", answer="yes", other=1)
    assert case.data == {"answer": "before", "kept": "yes"}


def test_in_camunda_8_only_the_outputs_of_a_message_are_kept(begin: Begin) -> None:
    catch = f'<intermediateCatchEvent id="t">{ZEEBE_OUTPUT}<messageEventDefinition messageRef="m"/></intermediateCatchEvent>'
    xml = one(catch).replace("</process>", '</process><message id="m" name="paid"/>')
    case = begin(xml)
    case.message("paid", answer="yes", other=1)
    assert (case.data, case.tasks) == ({"kept": "yes"}, ["z"])


def test_in_camunda_7_the_answers_are_kept_beside_the_outputs(begin: Begin) -> None:
    case = begin(one(f'<userTask id="t">{MAPPED}</userTask>'), data={"name": "Ana"})
    case.complete("t", note="seen")
    assert case.data == {"name": "Ana", "note": "seen", "result": "Ana"}


def test_names_with_expressions_are_read_out_wherever_they_are_shown(begin: Begin) -> None:
    timer = (
        '<boundaryEvent id="b" attachedToRef="t" name="Late for ${who}"><timerEventDefinition><timeDuration>PT1H'
        "</timeDuration></timerEventDefinition></boundaryEvent>" + flows("b z")
    )
    case = begin(one(service(attributes='name="Look up ${who}"'), after=timer), data={"who": "Ana"})
    assert case.jobs[0].name == "Look up Ana"
    assert case.deadlines[0].name == "Late for Ana"
    case.fire()
    assert [(h.element, h.name) for h in case.step.happened[:2]] == [
        ("t", "Look up Ana"),
        ("b", "Late for Ana"),
    ]


# Instances, calls and scopes together.

OUTPUTS = (
    "<multiInstanceLoopCharacteristics><extensionElements><zeebe:loopCharacteristics "
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" inputCollection="=agencies" inputElement="agency" '
    'outputCollection="opinions" outputElement="=opinion"/></extensionElements></multiInstanceLoopCharacteristics>'
)


def test_what_the_instances_give_is_collected_in_the_order_of_the_instances(begin: Begin) -> None:
    case = begin(
        one(f'<userTask id="t" name="=agency">{OUTPUTS}</userTask>'), data={"agencies": ["fire", "health"]}
    )
    case.complete("health", opinion="no")
    assert "opinions" not in case.data
    case.complete("fire", opinion="yes")
    assert case.data["opinions"] == ["yes", "no"]


def test_a_collection_of_nothing_gives_nothing(begin: Begin) -> None:
    case = begin(one(f'<userTask id="t">{OUTPUTS}</userTask>'), data={"agencies": []})
    assert case.data == {"agencies": [], "opinions": []}


def test_instances_may_hold_instances(begin: Begin) -> None:
    inner = multi('camunda:collection="list" camunda:elementVariable="it"')
    outer = multi('isSequential="true" camunda:collection="list" camunda:elementVariable="group"')
    sub = (
        f'<subProcess id="t">{outer}<startEvent id="is"/><userTask id="u" name="${{group}}${{it}}">{inner}</userTask>'
        '<endEvent id="ie"/>' + flows("is u", "u ie") + "</subProcess>"
    )
    case = begin(one(sub), data={"list": [1, 2]})
    for names in (["11", "12"], ["21", "22"]):
        assert case.tasks == names
        case.complete_all(names)
    assert case.tasks == ["z"]


def test_each_instance_may_call_a_process(begin: Begin) -> None:
    call = (
        f'<callActivity id="t" calledElement="Q">{OVER_LIST}<extensionElements><camunda:in source="it" target="n"/>'
        "</extensionElements></callActivity>"
    )
    called = process(
        '<startEvent id="s"/><userTask id="q" name="do ${n}"/><endEvent id="e"/>' + flows("s q", "q e"),
        key="Q",
    )
    case = begin(one(call), called, data={"list": ["p", "q"]})
    assert case.tasks == ["do p", "do q"]
    case.complete_all(["do q", "do p"])
    assert case.tasks == ["z"]


def test_an_interrupted_call_activity_withdraws_the_called_process(begin: Begin) -> None:
    timer = (
        '<boundaryEvent id="b" attachedToRef="c"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
        "</timerEventDefinition></boundaryEvent>" + flows("b z")
    )
    case = begin(caller("").replace("</process>", timer + "</process>"), callee())
    case.complete("in P")
    assert case.tasks == ["in Q"]
    case.fire()
    assert case.tasks == ["z"]
    assert case.cancelled() == ["c", "x", "q"]


def test_an_error_in_a_called_process_reaches_the_caller(begin: Begin) -> None:
    fails = process(
        '<startEvent id="s"/><userTask id="q"/><endEvent id="e"><errorEventDefinition errorRef="er"/></endEvent>'
        + flows("s q", "q e"),
        key="Q",
        around='<error id="er" errorCode="E"/>',
    )
    catch = '<boundaryEvent id="b" attachedToRef="t"><errorEventDefinition/></boundaryEvent>' + flows(
        "b h", "h e"
    )
    case = begin(one('<callActivity id="t" calledElement="Q"/><userTask id="h"/>', after=catch), fails)
    case.complete("q")
    assert case.tasks == ["h"]


def test_what_a_sub_process_takes_in_is_seen_inside_it_only(begin: Begin) -> None:
    sub = (
        f'<subProcess id="t">{MAPPED}<startEvent id="is"/><userTask id="u" name="${{subject}}"/><endEvent id="ie"/>'
        + flows("is u", "u ie")
        + "</subProcess>"
    )
    case = begin(one(sub), data={"name": "Ana"})
    case.complete("Ana", subject="Bo")
    assert case.data == {"name": "Ana", "result": "Bo"}


def test_a_receive_task_without_a_message_waits_for_one_of_its_own_name(begin: Begin) -> None:
    case = begin(one('<receiveTask id="t"/>'))
    assert case.messages == ["t"]
    case.message("t", paid=True)
    assert (case.tasks, case.data) == (["z"], {"paid": True})


def test_instances_side_by_side_do_not_overwrite_what_another_gives(begin: Begin) -> None:
    sub = (
        f'<subProcess id="t">{OUTPUTS}<startEvent id="is"/><userTask id="ask" name="=&quot;ask &quot; + agency"/>'
        '<userTask id="check" name="=&quot;check &quot; + agency"/><endEvent id="ie"/>'
        + flows("is ask", "ask check", "check ie")
        + "</subProcess>"
    )
    case = begin(one(sub), data={"agencies": ["fire", "health"]})
    case.complete("ask fire", opinion="yes")
    case.complete("ask health", opinion="no")
    case.complete_all(["check fire", "check health"])
    assert case.data == {"agencies": ["fire", "health"], "opinions": ["yes", "no"]}


def test_a_condition_of_completion_inside_instances_ends_its_own_round_only(begin: Begin) -> None:
    inner = multi(
        'camunda:collection="list" camunda:elementVariable="it"',
        "<completionCondition>${nrOfCompletedInstances >= 1}</completionCondition>",
    )
    outer = multi('camunda:collection="list" camunda:elementVariable="group"')
    sub = (
        f'<subProcess id="t">{outer}<startEvent id="is"/><userTask id="u" name="${{group}}${{it}}">{inner}</userTask>'
        '<endEvent id="ie"/>' + flows("is u", "u ie") + "</subProcess>"
    )
    case = begin(one(sub), data={"list": [1, 2]})
    assert case.tasks == ["11", "12", "21", "22"]
    case.complete("12")
    assert case.tasks == ["21", "22"]
    case.complete("21")
    assert case.tasks == ["z"]


def test_what_a_catch_event_takes_in_decides_what_it_waits_for(begin: Begin) -> None:
    catch = (
        '<intermediateCatchEvent id="t"><extensionElements><camunda:inputOutput><camunda:inputParameter name="pause">${days}'
        "</camunda:inputParameter></camunda:inputOutput></extensionElements><timerEventDefinition><timeDuration>${pause}"
        "</timeDuration></timerEventDefinition></intermediateCatchEvent>"
    )
    case = begin(one(catch), data={"days": "PT3H"})
    assert [deadline.due_at - case.now for deadline in case.deadlines] == [timedelta(hours=3)]
    case.fire()
    assert (case.tasks, case.data) == (["z"], {"days": "PT3H"})


# Errors and escalations over a call.


def thrown_in_called(definition: str, around: str) -> str:
    return process(
        f'<startEvent id="s"/><userTask id="q"/><intermediateThrowEvent id="x">{definition}</intermediateThrowEvent>'
        '<userTask id="r"/><endEvent id="e"/>' + flows("s q", "q x", "x r", "r e"),
        key="Q",
        around=around,
    )


def test_an_error_over_a_call_fills_the_variables_of_the_caller(begin: Begin) -> None:
    fails = process(
        '<startEvent id="s"/>'
        + service().replace('id="t"', 'id="q"')
        + '<endEvent id="e"/>'
        + flows("s q", "q e"),
        key="Q",
    )
    catch = (
        '<boundaryEvent id="b" attachedToRef="t"><errorEventDefinition camunda:errorCodeVariable="code" '
        'camunda:errorMessageVariable="why"/></boundaryEvent>' + flows("b h", "h e")
    )
    case = begin(one('<callActivity id="t" calledElement="Q"/><userTask id="h"/>', after=catch), fails)
    case.fail("DECEASED", "The person is not alive")
    assert (case.tasks, case.data) == (["h"], {"code": "DECEASED", "why": "The person is not alive"})
    assert case.cancelled() == ["t", "q"]


def test_a_thrown_error_brings_its_own_message(begin: Begin) -> None:
    sub = (
        '<subProcess id="t"><startEvent id="is"/><endEvent id="ie"><errorEventDefinition errorRef="er"/></endEvent>'
        + flows("is ie")
        + '</subProcess><userTask id="h"/>'
    )
    catch = (
        '<boundaryEvent id="b" attachedToRef="t"><errorEventDefinition errorRef="er" camunda:errorMessageVariable="why"/>'
        "</boundaryEvent>" + flows("b h", "h e")
    )
    error = '<error id="er" errorCode="E" camunda:errorMessage="No permit for ${who}"/>'
    xml = one(sub, after=catch).replace("</process>", f"</process>{error}")
    case = begin(xml, data={"who": "Ana"})
    assert (case.tasks, case.data["why"]) == (["h"], "No permit for Ana")


def test_an_escalation_over_a_call_lets_the_called_process_go_on(begin: Begin) -> None:
    called = thrown_in_called(
        '<escalationEventDefinition escalationRef="es"/>', '<escalation id="es" escalationCode="LATE"/>'
    )
    catch = (
        '<boundaryEvent id="b" attachedToRef="t" cancelActivity="false"><escalationEventDefinition '
        'camunda:escalationCodeVariable="code"/></boundaryEvent>' + flows("b h", "h e")
    )
    case = begin(one('<callActivity id="t" calledElement="Q"/><userTask id="h"/>', after=catch), called)
    case.complete("q")
    assert (case.tasks, case.data) == (["h", "r"], {"code": "LATE"})
    case.complete_all(["r", "h"])
    assert case.tasks == ["z"]
