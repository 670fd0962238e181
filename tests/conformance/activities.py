"""Activities: tasks, sub-processes, calls, repetition, compensation, and who does them."""

from collections.abc import Callable, Iterator

from engine.bpmn.dmn import read_decisions
from engine.bpmn.step import OpenTask
from tests.conformance.case import Case, State
from tests.conformance.events import AROUND
from tests.unit.bpmn.harness import Play, flows, process

ACTIVITIES = "tests/unit/bpmn/test_activities.py::"
COMPENSATION = "tests/unit/bpmn/test_compensation.py::"


def one(activity: str, *, name: str = "t") -> str:
    """Start, the activity, a user task ``h``, end."""
    return f'<startEvent id="s"/>{activity}<userTask id="h"/><endEvent id="e"/>' + flows(
        f"s {name}", f"{name} h", "h e"
    )


def _runs(
    id_: str, name: str, about: tuple[str, ...], body: str, play: Callable[[Play], None], **more: object
) -> Case:
    group = str(more.pop("group", "Tasks"))
    return Case(id_, group, name, about, State.RUNS, body, play, **more)  # type: ignore[arg-type]  # fields by name


def _refused(
    id_: str, name: str, about: tuple[str, ...], body: str, code: str, at: str, **more: object
) -> Case:
    group = str(more.pop("group", "Tasks"))
    return Case(id_, group, name, about, State.REFUSED, body, code=code, at=at, **more)  # type: ignore[arg-type]


def passes_on(case: Play) -> None:
    assert case.tasks == ["h"]
    case.complete("h")
    assert case.done


def does(name: str, **answers: object) -> Callable[[Play], None]:
    """A person does the task of this name, then the case is at ``h``."""

    def play(case: Play) -> None:
        assert case.tasks == [name]
        case.complete(name, **answers)
        passes_on(case)

    return play


RISK = (
    b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"><decision id="risk"><decisionTable><input>'
    b'<inputExpression typeRef="number"><text>seats</text></inputExpression></input><output name="risk"/><rule id="r1">'
    b'<inputEntry><text>&gt; 50</text></inputEntry><outputEntry><text>"high"</text></outputEntry></rule>'
    b"</decisionTable></decision></definitions>"
)
EXTERNAL = 'camunda:type="external" camunda:topic="register"'


def cases() -> Iterator[Case]:
    yield from _tasks()
    yield from _scopes()
    yield from _repeated()
    yield from _people()


def _tasks() -> Iterator[Case]:
    yield _runs("task", "abstract task", ("task",), one('<task id="t"/>'), passes_on)
    yield _runs("manual_task", "manual task", ("manualTask",), one('<manualTask id="t"/>'), passes_on)
    yield _runs(
        "user_task", "user task", ("userTask",), one('<userTask id="t"/>'), does("t"),
        also=(ACTIVITIES + "test_what_a_user_task_offers_is_evaluated_once_when_it_is_reached",),
    )  # fmt: skip

    def served(case: Play) -> None:
        (job,) = case.jobs
        assert job.connector == "register"
        case.answer({"found": True})
        passes_on(case)

    yield _runs(
        "service_task",
        "service task, by a connector",
        ("serviceTask",),
        one(f'<serviceTask id="t" {EXTERNAL}/>'),
        served,
    )
    yield _refused(
        "service_task-bare", "service task that says nothing of what it does", ("serviceTask",),
        one('<serviceTask id="t"/>'), "service_without_connector", "t",
    )  # fmt: skip
    yield _runs(
        "send_task-connector",
        "send task, by a connector",
        ("sendTask",),
        one(f'<sendTask id="t" {EXTERNAL}/>'),
        served,
    )

    def sent(case: Play) -> None:
        assert [thrown.name for thrown in case.thrown] == ["M"]
        passes_on(case)

    yield _runs(
        "send_task-message",
        "send task with a message",
        ("sendTask", "message"),
        one('<sendTask id="t" messageRef="m"/>'),
        sent,
        around=AROUND,
    )

    def received(case: Play) -> None:
        assert case.messages == ["M"]
        case.message("M")
        passes_on(case)

    yield _runs(
        "receive_task",
        "receive task",
        ("receiveTask", "message"),
        one('<receiveTask id="t" messageRef="m"/>'),
        received,
        around=AROUND,
    )
    yield _runs(
        "receive_task-instantiate", "receive task that starts the case (instantiate)", ("receiveTask", "instantiate"),
        '<receiveTask id="t" instantiate="true" messageRef="m"/><userTask id="h"/><endEvent id="e"/>' + flows("t h", "h e"),
        passes_on, around=AROUND, start="t",
        also=("tests/usecases/test_starts.py::test_a_receive_task_that_instantiates_starts_a_case",),
    )  # fmt: skip
    yield _refused(
        "receive_task-instantiate-loop", "receive task that would start the case several times (instantiate)", ("instantiate",),
        '<receiveTask id="t" instantiate="true" messageRef="m"><multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality>'
        '</multiInstanceLoopCharacteristics></receiveTask><endEvent id="e"/>' + flows("t e"),
        "not_supported", "t", around=AROUND,
    )  # fmt: skip

    def scripted(case: Play) -> None:
        assert case.data["fee"] == 20
        passes_on(case)

    yield _runs(
        "script_task", "script task, in the sandbox's language", ("scriptTask", "script"),
        one('<scriptTask id="t" scriptFormat="python"><script>fee = seats * 2</script></scriptTask>'), scripted,
        data={"seats": 10},
    )  # fmt: skip
    yield _refused(
        "script_task-language", "script task in JavaScript, Groovy or another language", ("scriptTask", "scriptFormat"),
        one('<scriptTask id="t" scriptFormat="javascript"><script>x = 1</script></scriptTask>'), "script_invalid", "t",
    )  # fmt: skip

    def decided(case: Play) -> None:
        assert case.data["risk"] == "high"
        passes_on(case)

    yield _runs(
        "business_rule_task", "business rule task with a DMN decision", ("businessRuleTask",),
        one('<businessRuleTask id="t" camunda:decisionRef="risk" camunda:resultVariable="risk" camunda:mapDecisionResult="singleEntry"/>'),
        decided, data={"seats": 60}, decisions=read_decisions(RISK, "risk.dmn")[0],
    )  # fmt: skip
    for kind in (
        "globalTask",
        "globalUserTask",
        "globalManualTask",
        "globalScriptTask",
        "globalBusinessRuleTask",
    ):
        yield _refused(
            kind, f"call of a global task ({kind})", (kind,), one('<callActivity id="t" calledElement="g"/>'),
            "called_process_unknown", "t", around=f'<{kind} id="g" name="Check"/>',
        )  # fmt: skip
    for attribute in ("startQuantity", "completionQuantity"):
        yield _refused(
            attribute, f"activity with {attribute} over 1", (attribute,), one(f'<userTask id="t" {attribute}="2"/>'),
            "not_supported", "t",
        )  # fmt: skip


def _scopes() -> Iterator[Case]:
    inner = '<startEvent id="is"/><userTask id="w"/><endEvent id="ie"/>' + flows("is w", "w ie")
    group = "Sub-processes and calls"
    yield _runs(
        "sub_process",
        "embedded sub-process",
        ("subProcess",),
        one(f'<subProcess id="t">{inner}</subProcess>'),
        does("w"),
        group=group,
    )
    yield _runs(
        "sub_process-without_events", "sub-process without start and end events", ("subProcess",),
        one('<subProcess id="t"><userTask id="w"/></subProcess>'), does("w"), group=group,
    )  # fmt: skip
    yield _runs(
        "transaction",
        "transaction that is not cancelled",
        ("transaction",),
        one(f'<transaction id="t">{inner}</transaction>'),
        does("w"),
        group=group,
    )

    def twice(case: Play) -> None:
        assert case.tasks == ["w"]
        case.message("M")
        assert case.tasks == ["n", "w"]
        case.complete("n")
        case.message("M")
        case.complete_all(["n", "w"])
        passes_on(case)

    aside = (
        '<subProcess id="x" triggeredByEvent="true"><startEvent id="xs" isInterrupting="false"><messageEventDefinition '
        'messageRef="m"/></startEvent><userTask id="n"/><endEvent id="xe"/>'
        + flows("xs n", "n xe")
        + "</subProcess>"
    )
    yield _runs(
        "event_sub_process", "event sub-process, several times beside its scope", ("subProcess", "triggeredByEvent"),
        one(f'<subProcess id="t">{inner}{aside}</subProcess>'), twice, around=AROUND, group=group,
    )  # fmt: skip
    yield _refused(
        "ad_hoc", "ad-hoc sub-process", ("adHocSubProcess",),
        one('<adHocSubProcess id="t"><userTask id="w"/><completionCondition>${true}</completionCondition></adHocSubProcess>'),
        "not_supported", "t", group=group,
    )  # fmt: skip
    yield _runs(
        "call_activity", "call activity of another process", ("callActivity", "process"), one('<callActivity id="t" calledElement="C"/>'),
        does("w"), called=(process(inner, key="C"),), group=group,
        also=(
            ACTIVITIES + "test_a_called_process_sees_and_gives_only_what_is_mapped",
            ACTIVITIES + "test_an_error_in_a_called_process_reaches_the_caller",
            ACTIVITIES + "test_an_interrupted_call_activity_withdraws_the_called_process",
        ),
    )  # fmt: skip

    def undone(case: Play) -> None:
        case.complete_all(["t", "h"])
        assert case.tasks == ["undo"]
        case.complete("undo")
        assert case.done

    yield _runs(
        "compensation_handler", "compensation handler", ("isForCompensation", "association"),
        '<startEvent id="s"/><userTask id="t"/><boundaryEvent id="b" attachedToRef="t"><compensateEventDefinition/>'
        '</boundaryEvent><userTask id="undo" isForCompensation="true"/><association id="a" sourceRef="b" targetRef="undo"/>'
        '<userTask id="h"/><endEvent id="e"><compensateEventDefinition/></endEvent>' + flows("s t", "t h", "h e"),
        undone, group=group,
        also=(
            COMPENSATION + "test_each_instance_is_undone_with_its_own_item",
            COMPENSATION + "test_a_cancelled_transaction_undoes_its_work_then_leaves_by_its_boundary",
        ),
    )  # fmt: skip


def _repeated() -> Iterator[Case]:
    group = "Loops and several instances"

    def loop(inside: str, attributes: str = "") -> str:
        return one(
            f'<userTask id="t"><standardLoopCharacteristics {attributes}>{inside}</standardLoopCharacteristics></userTask>'
        )

    again = "<loopCondition>${again == true}</loopCondition>"

    def repeats(case: Play) -> None:
        case.complete("t", again=True)
        case.complete("t", again=False)
        passes_on(case)

    yield _runs(
        "standard_loop", "standard loop, condition after each round", ("standardLoopCharacteristics", "loopCondition"),
        loop(again), repeats, data={"again": True}, group=group,
    )  # fmt: skip
    yield _runs(
        "standard_loop-before", "standard loop, condition before each round (testBefore)", ("testBefore",),
        loop(again, 'testBefore="true"'), passes_on, data={"again": False}, group=group,
    )  # fmt: skip

    def at_most(case: Play) -> None:
        case.complete_all(["t", "t", "t"])
        passes_on(case)

    yield _runs(
        "standard_loop-maximum", "standard loop with loopMaximum", ("loopMaximum",),
        loop(again, 'loopMaximum="3"'), at_most, data={"again": True}, group=group,
    )  # fmt: skip

    def multi(inside: str, attributes: str = "") -> str:
        marker = f"<multiInstanceLoopCharacteristics {attributes}>{inside}</multiInstanceLoopCharacteristics>"
        return one(f'<userTask id="t">{marker}</userTask>')

    three = "<loopCardinality>3</loopCardinality>"

    def at_once(case: Play) -> None:
        assert case.tasks == ["t", "t", "t"]
        case.complete_all(["t", "t", "t"])
        passes_on(case)

    def in_turn(case: Play) -> None:
        for _ in range(3):
            assert case.tasks == ["t"]
            case.complete("t")
        passes_on(case)

    yield _runs(
        "multi_instance-parallel",
        "several instances at once, by number",
        ("multiInstanceLoopCharacteristics", "loopCardinality"),
        multi(three),
        at_once,
        group=group,
    )
    yield _runs(
        "multi_instance-sequential",
        "several instances in turn, by number",
        ("isSequential",),
        multi(three, 'isSequential="true"'),
        in_turn,
        group=group,
    )

    def enough(case: Play) -> None:
        case.complete("t")
        passes_on(case)

    yield _runs(
        "multi_instance-completion", "several instances until a condition holds", ("completionCondition",),
        multi(three + "<completionCondition>${nrOfCompletedInstances == 1}</completionCondition>"), enough, group=group,
    )  # fmt: skip

    def collected(case: Play) -> None:
        assert case.tasks == ["t", "t"]
        case.complete("t", opinion="yes")
        case.complete("t", opinion="no")
        assert sorted(case.data["opinions"]) == ["no", "yes"]
        passes_on(case)

    yield _runs(
        "multi_instance-collection", "an instance for each item of a list, and the list of their results",
        ("loopDataInputRef", "inputDataItem", "loopDataOutputRef", "outputDataItem"),
        multi(
            "<loopDataInputRef>agencies</loopDataInputRef><loopDataOutputRef>opinions</loopDataOutputRef>"
            '<inputDataItem id="i1" name="agency"/><outputDataItem id="o1" name="opinion"/>'
        ),
        collected, data={"agencies": ["fire", "health"]}, group=group,
        also=(ACTIVITIES + "test_instances_may_hold_instances",),
    )  # fmt: skip
    yield _refused(
        "multi_instance-behavior", "events thrown by single instances (behavior None, One, Complex)",
        ("complexBehaviorDefinition", "behavior"),
        multi(three, 'behavior="One" oneBehaviorEventRef="sg"'), "multi_instance_behavior", "t", around=AROUND, group=group,
    )  # fmt: skip


def _people() -> Iterator[Case]:
    group = "People and resources"

    def owned(kind: str, said: str) -> str:
        return (
            f'<userTask id="t"><{kind}><resourceAssignmentExpression><formalExpression>{said}</formalExpression>'
            f"</resourceAssignmentExpression></{kind}></userTask>"
        )

    def offered(case: Play) -> None:
        assert case.of(OpenTask)[0].candidate_groups == ("p_front",)
        does("t")(case)

    def given(case: Play) -> None:
        assert case.of(OpenTask)[0].assignee == "meilani"
        does("t")(case)

    yield _runs(
        "potential_owner", "potential owner of a user task", ("potentialOwner", "resourceAssignmentExpression", "formalExpression"),
        one(owned("potentialOwner", "p_front")), offered, group=group,
    )  # fmt: skip
    for kind in ("humanPerformer", "performer"):
        yield _runs(kind, f"{kind} of a user task", (kind,), one(owned(kind, "meilani")), given, group=group)
    yield Case(
        "resource", group, "resource of the whole model, by reference",
        ("resource", "resourceRef", "resourceParameter", "resourceParameterBinding"), State.IGNORED,
        one('<userTask id="t"><potentialOwner><resourceRef>r</resourceRef></potentialOwner></userTask>'), does("t"),
        around='<resource id="r" name="Officers"/>', code="resource_ignored", at="t",
    )  # fmt: skip
