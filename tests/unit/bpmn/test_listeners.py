"""Listeners: what a model does at the start and end of its elements, and as tasks are made, completed and withdrawn."""

from datetime import timedelta

import pytest

from engine.bpmn.normalise import normalise
from engine.errors import StepFailed
from engine.problems import Severity
from tests.unit.bpmn.conftest import Begin
from tests.unit.bpmn.harness import MONDAY, flow_if, flows, process


def on(event: str, *expressions: str, kind: str = "execution") -> str:
    """Listeners of an element, as its extension elements."""
    made = "".join(
        f'<camunda:{kind}Listener event="{event}" expression="{expression}"/>' for expression in expressions
    )
    return f"<extensionElements>{made}</extensionElements>"


def sets(name: str, value: str) -> str:
    return f"${{execution.setVariable('{name}', {value})}}"


def notes(digit: int) -> str:
    """Writes a digit behind the number ``log``: expressions add, and do not join texts."""
    return sets("log", f"log * 10 + {digit}")


def only(element: str, after: str = "") -> str:
    """start → the element ``t`` → task ``z`` → end."""
    return process(
        f'<startEvent id="s"/>{element}<userTask id="z"/><endEvent id="e"/>'
        + flows("s t", "t z", "z e")
        + after
    )


def refused(xml: str) -> list[tuple[str, str]]:
    found = normalise(xml.encode(), "test.bpmn").problems
    return [(p.code, p.element) for p in found if p.severity is Severity.ERROR]


def test_listeners_act_before_and_after_an_activity_in_the_order_of_the_file(begin: Begin) -> None:
    inside = (
        f'<extensionElements><camunda:executionListener event="end" expression="{notes(1)}"/>'
        f'<camunda:executionListener event="start" expression="{notes(2)}"/>'
        f'<camunda:executionListener event="start" expression="{notes(3)}"/>'
        f'<camunda:executionListener event="end" expression="{notes(4)}"/></extensionElements>'
    )
    case = begin(only(f'<userTask id="t">{inside}</userTask>'), data={"log": 0})
    assert case.data["log"] == 23
    case.complete("t", log=239)
    assert case.data["log"] == 23914


@pytest.mark.parametrize(
    "element",
    [
        "task",
        "scriptTask",
        "exclusiveGateway",
        "parallelGateway",
        "inclusiveGateway",
        "intermediateThrowEvent",
        "subProcess",
    ],
)
def test_every_kind_of_element_has_a_start_and_an_end(begin: Begin, element: str) -> None:
    inside = (
        f'<extensionElements><camunda:executionListener event="start" expression="{notes(1)}"/>'
        f'<camunda:executionListener event="end" expression="{notes(2)}"/></extensionElements>'
    )
    if element == "scriptTask":
        inside += "<script>x = 1</script>"
    if element == "subProcess":
        inside += '<startEvent id="is"/><endEvent id="ie"/>' + flows("is ie")
    case = begin(only(f'<{element} id="t">{inside}</{element}>'), data={"log": 0})
    assert case.data["log"] == 12


def test_a_flow_that_is_taken_has_its_listener_and_the_other_has_not(begin: Begin) -> None:
    flow = (
        '<sequenceFlow id="{0}_{1}" sourceRef="{0}" targetRef="{1}"><extensionElements>'
        '<camunda:executionListener event="take" expression="{2}"/></extensionElements>{3}</sequenceFlow>'
    )
    condition = "<conditionExpression>${seats > 50}</conditionExpression>"
    body = (
        '<startEvent id="s"/><exclusiveGateway id="g" default="g_a"/><userTask id="a"/><userTask id="b"/>'
        '<endEvent id="e"/>'
        + flows("s g", "a e", "b e")
        + flow.format("g", "a", sets("way", "'small'"), "")
        + flow.format("g", "b", sets("way", "'large'"), condition)
    )
    assert begin(process(body), data={"seats": 60}).data["way"] == "large"
    assert begin(process(body), data={"seats": 6}).data["way"] == "small"


def test_a_flow_that_leaves_an_activity_does_not_see_its_locals(begin: Begin) -> None:
    local = on("start", "${execution.setVariableLocal('a', 2)}")
    take = on("take", sets("seen", "a"))
    body = (
        f'<startEvent id="s"/><task id="t">{local}</task><userTask id="z"/><endEvent id="e"/>'
        f'<sequenceFlow id="f" sourceRef="t" targetRef="z">{take}</sequenceFlow>' + flows("s t", "z e")
    )
    assert begin(process(body), data={"a": 1}).data == {"a": 1, "seen": 1}


def test_a_process_has_listeners_of_its_own(begin: Begin) -> None:
    inside = (
        f'<extensionElements><camunda:executionListener event="start" expression="{notes(1)}"/>'
        f'<camunda:executionListener event="end" expression="{notes(2)}"/></extensionElements>'
    )
    body = inside + f'<startEvent id="s">{on("start", notes(3))}</startEvent>'
    case = begin(
        process(body + '<userTask id="z"/><endEvent id="e"/>' + flows("s z", "z e")), data={"log": 0}
    )
    assert case.data["log"] == 13
    case.complete("z")
    assert (case.done, case.data["log"]) == (True, 132)


def test_the_listeners_of_a_called_process_act_on_its_own_variables(begin: Begin) -> None:
    called = process(
        on("end", sets("result", "n + 1"))
        + '<startEvent id="s"/><userTask id="q"/><endEvent id="e"/>'
        + flows("s q", "q e"),
        key="Q",
    )
    call = (
        '<callActivity id="t" calledElement="Q"><extensionElements><camunda:in source="n" target="n"/>'
        '<camunda:out source="result" target="mine"/></extensionElements></callActivity>'
    )
    case = begin(only(call), called, data={"n": 1})
    case.complete("q")
    assert case.data == {"n": 1, "mine": 2}


def test_a_local_variable_goes_with_its_activity_and_feeds_its_outputs(begin: Begin) -> None:
    inside = (
        '<extensionElements><camunda:executionListener event="start" '
        "expression=\"${execution.setVariableLocal('draft', 'first')}\"/><camunda:inputOutput>"
        '<camunda:outputParameter name="kept">${draft}</camunda:outputParameter></camunda:inputOutput></extensionElements>'
    )
    case = begin(only(f'<userTask id="t" name="${{draft}}">{inside}</userTask>'))
    assert case.tasks == ["first"]
    case.complete("first")
    assert case.data == {"kept": "first"}


def test_a_removed_variable_is_gone_where_it_was_nearest(begin: Begin) -> None:
    inside = on("start", "${execution.removeVariable('secret')}", "${execution.removeVariable('absent')}")
    assert begin(only(f'<task id="t">{inside}</task>'), data={"secret": 1, "open": 2}).data == {"open": 2}


def test_what_is_interrupted_ends_too_the_innermost_first(begin: Begin) -> None:
    timer = (
        '<boundaryEvent id="b" attachedToRef="t">'
        + on("start", notes(1))
        + "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent>"
        + flows("b z")
    )
    sub = (
        f'<subProcess id="t">{on("end", notes(2))}<startEvent id="is"/><userTask id="u">'
        f'<extensionElements><camunda:executionListener event="end" expression="{notes(3)}"/>'
        f'<camunda:taskListener event="delete" expression="{notes(4)}"/>'
        f'<camunda:taskListener event="complete" expression="{notes(5)}"/></extensionElements></userTask>'
        '<endEvent id="ie"/>' + flows("is u", "u ie") + "</subProcess>"
    )
    case = begin(only(sub, timer), data={"log": 0})
    case.fire()
    assert case.data["log"] == 4321


def test_each_instance_has_its_listeners(begin: Begin) -> None:
    loop = '<multiInstanceLoopCharacteristics camunda:collection="who" camunda:elementVariable="one"/>'
    inside = (
        '<extensionElements><camunda:executionListener event="start" expression="${execution.setVariable(\'log\', log * 10 + one)}"/>'
        '<camunda:executionListener event="end" expression="${execution.setVariable(\'log\', log * 10 + one)}"/></extensionElements>'
    )
    case = begin(only(f'<userTask id="t">{inside}{loop}</userTask>'), data={"log": 0, "who": [1, 2]})
    assert case.data["log"] == 12
    case.complete_all("tt")
    assert case.data["log"] == 1212


def test_a_catch_event_behind_an_event_gateway_begins_when_it_is_chosen(begin: Begin) -> None:
    body = (
        f'<startEvent id="s"/><eventBasedGateway id="g">{on("end", notes(1))}</eventBasedGateway>'
        f'<intermediateCatchEvent id="m">{on("start", notes(2))}<messageEventDefinition messageRef="m1"/>'
        f'</intermediateCatchEvent><intermediateCatchEvent id="n">{on("start", notes(3))}'
        '<messageEventDefinition messageRef="m2"/></intermediateCatchEvent><endEvent id="e"/>'
        + flows("s g", "g m", "g n", "m e", "n e")
    )
    messages = '<message id="m1" name="paid"/><message id="m2" name="refused"/>'
    case = begin(process(body, around=messages), data={"log": 0})
    assert case.data["log"] == 0
    case.message("paid")
    assert case.data["log"] == 12


def test_the_listener_of_an_event_that_was_chosen_sees_the_message(begin: Begin) -> None:
    keeps = on("start", "${execution.setVariable('kept', amount)}")
    body = (
        '<startEvent id="s"/><eventBasedGateway id="g"/><intermediateCatchEvent id="m">'
        f'{keeps}<messageEventDefinition messageRef="m1"/></intermediateCatchEvent>'
        '<intermediateCatchEvent id="n"><messageEventDefinition messageRef="m2"/></intermediateCatchEvent><endEvent id="e"/>'
        + flows("s g", "g m", "g n", "m e", "n e")
    )
    messages = '<message id="m1" name="paid"/><message id="m2" name="refused"/>'
    case = begin(process(body, around=messages), data={"amount": 1})
    case.message("paid", amount=5)
    assert case.data["kept"] == 5


def test_a_join_begins_with_each_token_and_ends_once(begin: Begin) -> None:
    inside = (
        f'<extensionElements><camunda:executionListener event="start" expression="{notes(1)}"/>'
        f'<camunda:executionListener event="end" expression="{notes(2)}"/></extensionElements>'
    )
    body = (
        '<startEvent id="s"/><parallelGateway id="f"/><userTask id="a"/><userTask id="b"/>'
        f'<parallelGateway id="j">{inside}</parallelGateway><endEvent id="e"/>'
        + flows("s f", "f a", "f b", "a j", "b j", "j e")
    )
    case = begin(process(body), data={"log": 0})
    case.complete("a")
    assert case.data["log"] == 1
    case.complete("b")
    assert case.data["log"] == 112


def test_a_listener_may_be_a_script_in_the_sandboxs_language(begin: Begin) -> None:
    script = (
        '<extensionElements><camunda:executionListener event="start"><camunda:script scriptFormat="python">'
        "fee = seats * 2</camunda:script></camunda:executionListener></extensionElements>"
    )
    assert begin(only(f'<task id="t">{script}</task>'), data={"seats": 4}).data["fee"] == 8


def test_a_variable_that_is_not_set_can_be_asked_for(begin: Begin) -> None:
    asked = sets("seen", "execution.getVariable('absent') == null")
    assert begin(only(f'<task id="t">{on("start", asked)}</task>')).data == {"seen": True}


# User tasks.


def test_a_new_task_is_named_and_offered_as_its_listeners_say(begin: Begin) -> None:
    inside = on(
        "create",
        "${task.setVariable('title', subject)}",
        "${task.setName(title)}",
        "${task.addCandidateGroup('fire')}${task.addCandidateUser(inspector)}",
        "${task.setPriority(80)}",
        "${task.setDueDate('P2D')}",
        kind="task",
    )
    case = begin(
        only(f'<userTask id="t" camunda:candidateGroups="health">{inside}</userTask>'),
        data={"subject": "Check of 7", "inspector": "bo"},
    )
    [task] = case.step.waits
    assert (task.name, task.candidate_groups, task.candidate_users) == (
        "Check of 7",
        ("health", "fire"),
        ("bo",),
    )
    assert (task.priority, task.due_at) == (80, MONDAY + timedelta(days=2))


def test_a_listener_may_name_who_does_a_task(begin: Begin) -> None:
    inside = on("create", "${task.setAssignee(task.execution.getVariable('officer'))}", kind="task")
    case = begin(only(f'<userTask id="t">{inside}</userTask>'), data={"officer": "ana"})
    assert case.task("t").assignee == "ana"


def test_a_completed_task_tells_its_listener_after_the_answers_are_in(begin: Begin) -> None:
    inside = on("complete", "${task.setVariable('next', level + 1)}", kind="task")
    case = begin(only(f'<userTask id="t">{inside}</userTask>'))
    case.complete("t", level=1)
    assert case.data == {"level": 1, "next": 2}


def test_a_loop_back_to_a_task_makes_it_anew(begin: Begin) -> None:
    inside = on("create", "${task.setName(n)}", kind="task")
    body = (
        f'<startEvent id="s"/><exclusiveGateway id="m"/><userTask id="t">{inside}</userTask>'
        '<exclusiveGateway id="g" default="g_e"/><endEvent id="e"/>'
        + flows("s m", "m t", "t g", "g e")
        + flow_if("g", "m", "${n < 3}")
    )
    case = begin(process(body), data={"n": 1})
    case.complete("1", n=2)
    assert case.tasks == ["2"]


# What is refused.


@pytest.mark.parametrize(
    ("listener", "code"),
    [
        ('<camunda:executionListener event="start" class="org.example.Tell"/>', "vendor_code"),
        ('<camunda:executionListener event="start" delegateExpression="${bean}"/>', "vendor_code"),
        ('<camunda:executionListener event="start" expression="${bean.tell(execution)}"/>', "vendor_code"),
        ('<camunda:executionListener event="start" expression="${1 + 1}"/>', "vendor_code"),
        ('<camunda:executionListener event="start" expression="plain"/>', "vendor_code"),
        ('<camunda:executionListener event="start"/>', "vendor_code"),
        ('<camunda:executionListener event="begin" expression="${execution.setVariable(\'a\', 1)}"/>', "listener_event"),
        ('<camunda:executionListener event="start" expression="${task.setName(\'a\')}"/>', "listener_action"),
        ('<camunda:executionListener event="start" expression="${execution.setVariable(\'a\')}"/>', "listener_action"),
        ('<camunda:executionListener event="start" expression="${execution.setVariable(name, 1)}"/>', "listener_action"),
        ('<camunda:executionListener event="start" expression="${execution.setVariable(\'a b\', 1)}"/>', "variable_name"),
        ('<camunda:taskListener event="assignment" expression="${task.setVariable(\'a\', 1)}"/>', "listener_event"),
        ('<camunda:taskListener event="complete" expression="${task.setName(\'a\')}"/>', "listener_action"),
        ('<camunda:taskListener event="create" expression="${task.setOwner(\'a\')}"/>', "listener_action"),
        ('<camunda:taskListener event="create" expression="${task.setDescription(\'a\')}"/>', "listener_action"),
        (
            '<camunda:executionListener event="start"><camunda:script scriptFormat="groovy">x</camunda:script></camunda:executionListener>',
            "vendor_code",
        ),
        (
            '<camunda:executionListener event="start"><camunda:script resource="a.py"/></camunda:executionListener>',
            "vendor_code",
        ),
        (
            '<zeebe:executionListeners xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"><zeebe:executionListener '
            'eventType="start" type="tell"/></zeebe:executionListeners>',
            "vendor_code",
        ),
    ],
)  # fmt: skip
def test_what_a_listener_cannot_do_here_is_refused_at_its_element(listener: str, code: str) -> None:
    xml = only(f'<userTask id="t"><extensionElements>{listener}</extensionElements></userTask>')
    assert refused(xml) == [(code, "t")]


def test_a_local_variable_of_a_gateway_is_refused() -> None:
    inside = on("start", "${execution.setVariableLocal('a', 1)}")
    assert refused(only(f'<exclusiveGateway id="t">{inside}</exclusiveGateway>')) == [
        ("listener_action", "t")
    ]


def test_a_listener_that_fails_names_its_element(begin: Begin) -> None:
    with pytest.raises(StepFailed) as failure:
        begin(only(f'<task id="t">{on("start", sets("a", "absent"))}</task>'))
    assert (failure.value.problem_code, failure.value.detail["element"]) == ("expression_failed", "t")


def test_a_priority_that_is_no_number_fails_at_the_task(begin: Begin) -> None:
    inside = on("create", "${task.setPriority('soon')}", kind="task")
    with pytest.raises(StepFailed) as failure:
        begin(only(f'<userTask id="t">{inside}</userTask>'))
    assert failure.value.detail["element"] == "t"
