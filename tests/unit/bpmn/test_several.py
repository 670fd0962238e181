"""Events with several definitions: one is enough to catch, all are thrown; parallel multiple wants every one."""

import pytest

from engine.bpmn.normalise import normalise
from tests.conformance.events import AROUND, DEFINITIONS
from tests.unit.bpmn.conftest import Begin
from tests.unit.bpmn.harness import flows, process

SIGNAL_OR_MESSAGE = DEFINITIONS["multiple"]
ANY = SIGNAL_OR_MESSAGE + DEFINITIONS["timer"] + DEFINITIONS["condition"]


def catching(event: str, more: str = "", flow: tuple[str, ...] = ()) -> str:
    return process(
        '<startEvent id="s"/><parallelGateway id="fk"/><userTask id="side"/><endEvent id="e1"/>'
        f'{event}<userTask id="h"/><endEvent id="e"/>{more}'
        + flows("s fk", "fk side", "side e1", "ev h", "h e", *(flow or ("fk ev",))),
        around=AROUND,
    )


def catch(definitions: str, attributes: str = "") -> str:
    return f'<intermediateCatchEvent id="ev" name="News" {attributes}>{definitions}</intermediateCatchEvent>'


@pytest.mark.parametrize("kind", ["message", "signal", "timer", "condition"])
def test_the_first_of_several_triggers_passes_and_the_others_wait_no_more(begin: Begin, kind: str) -> None:
    case = begin(catching(catch(ANY)))
    assert (case.messages, case.signals, len(case.deadlines), case.tasks) == (["M"], ["S"], 1, ["side"])
    match kind:
        case "message":
            case.message("M")
        case "signal":
            case.signal("S")
        case "timer":
            case.fire()
        case _:
            case.complete("side", ready=True)
    assert "h" in case.tasks
    assert (case.messages, case.signals, case.deadlines) == ([], [], [])
    assert case.passed().count("ev") == 1
    case.complete_all(case.tasks)
    assert case.done


def test_behind_an_event_based_gateway_each_trigger_is_a_choice(begin: Begin) -> None:
    late = (
        '<eventBasedGateway id="g"/><intermediateCatchEvent id="late"><timerEventDefinition><timeDuration>P1D'
        '</timeDuration></timerEventDefinition></intermediateCatchEvent><endEvent id="e2"/>'
    )
    case = begin(catching(catch(SIGNAL_OR_MESSAGE), late + flows("g late", "late e2"), ("fk g", "g ev")))
    assert (case.messages, case.signals, len(case.deadlines)) == (["M"], ["S"], 1)
    case.signal("S")
    assert case.tasks == ["h", "side"]
    assert (case.messages, case.deadlines) == ([], [])


@pytest.mark.parametrize("order", [("message", "signal"), ("signal", "message")])
def test_a_parallel_multiple_event_wants_every_trigger_in_any_order(
    begin: Begin, order: tuple[str, str]
) -> None:
    case = begin(catching(catch(SIGNAL_OR_MESSAGE, 'parallelMultiple="true"')))
    for number, kind in enumerate(order):
        assert case.tasks == ["side"], f"{number} of 2 triggers are enough"
        case.message("M") if kind == "message" else case.signal("S")
    assert case.tasks == ["h", "side"]
    assert case.passed().count("ev") == 1


def bordered(attributes: str = "") -> str:
    return process(
        '<startEvent id="s"/><userTask id="w"/><endEvent id="e"/>'
        f'<boundaryEvent id="ev" attachedToRef="w" {attributes}>{SIGNAL_OR_MESSAGE}</boundaryEvent>'
        '<userTask id="h"/><endEvent id="e2"/>' + flows("s w", "w e", "ev h", "h e2"),
        around=AROUND,
    )


def test_each_trigger_on_a_border_interrupts(begin: Begin) -> None:
    case = begin(bordered())
    case.signal("S")
    assert (case.tasks, case.messages, case.signals) == (["h"], [], [])


def test_triggers_on_a_border_come_again_where_they_do_not_interrupt(begin: Begin) -> None:
    case = begin(bordered('cancelActivity="false"'))
    case.signal("S")
    case.message("M")
    case.signal("S")
    assert case.tasks == ["h", "h", "h", "w"]
    case.complete("w")
    assert (case.messages, case.signals) == ([], [])


@pytest.mark.parametrize("tag", ["intermediateThrowEvent", "endEvent"])
def test_all_of_several_are_thrown_before_one_that_interrupts(begin: Begin, tag: str) -> None:
    thrown = DEFINITIONS["escalation"] + SIGNAL_OR_MESSAGE
    inner = (
        f'<startEvent id="is"/><{tag} id="ev">{thrown}</{tag}>'
        + ('<userTask id="v"/>' + flows("ev v") if tag != "endEvent" else "")
        + flows("is ev")
    )
    case = begin(
        process(
            f'<startEvent id="s"/><subProcess id="box">{inner}</subProcess><endEvent id="e"/>'
            f'<boundaryEvent id="b" attachedToRef="box">{DEFINITIONS["escalation"]}</boundaryEvent>'
            '<userTask id="h"/><endEvent id="e2"/>' + flows("s box", "box e", "b h", "h e2"),
            around=AROUND,
        )
    )
    assert [throw.name for throw in case.thrown] == ["M", "S"]
    assert case.tasks == ["h"]


def test_an_end_event_throws_and_then_ends_what_is_around_it(begin: Begin) -> None:
    case = begin(
        process(
            '<startEvent id="s"/><parallelGateway id="fk"/><userTask id="w"/><userTask id="gone"/><endEvent id="e"/>'
            f'<endEvent id="ev">{DEFINITIONS["terminate"]}{DEFINITIONS["signal"]}</endEvent>'
            + flows("s fk", "fk w", "fk gone", "gone e", "w ev"),
            around=AROUND,
        )
    )
    case.complete("w")
    assert case.done
    assert [throw.name for throw in case.thrown] == ["S"]
    assert (case.step.outcome, case.cancelled()) == ("ev", ["gone"])


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (f'<endEvent id="ev">{DEFINITIONS["terminate"]}{DEFINITIONS["error"]}</endEvent>', "Only one"),
        (f'<endEvent id="ev">{DEFINITIONS["link"]}{DEFINITIONS["signal"]}</endEvent>', "link"),
        (
            f'<intermediateThrowEvent id="ev">{DEFINITIONS["message"]}{DEFINITIONS["signal"]}<extensionElements>'
            '<camunda:inputOutput><camunda:inputParameter name="a">1</camunda:inputParameter></camunda:inputOutput>'
            "</extensionElements></intermediateThrowEvent>",
            "mappings",
        ),
        (
            f'<endEvent id="ev">{DEFINITIONS["signal"]}<messageEventDefinition camunda:type="external" '
            'camunda:topic="http"/></endEvent>',
            "",
        ),
    ],
)
def test_what_cannot_be_told_apart_is_refused_by_name(body: str, word: str) -> None:
    xml = process('<startEvent id="s"/>' + body + flows("s ev"), around=AROUND)
    told = [p for p in normalise(xml.encode(), "t.bpmn").problems if p.element == "ev"]
    assert told
    assert word in " ".join(problem.message for problem in told)
