"""DMN files that were damaged anywhere are read or refused; nothing raises, and what is read decides or says why not."""

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from engine.bpmn.dmn import DecisionFailed, decide, read_decisions
from tests.unit.dmn.test_boxed import decision, entry, knowledge, literal
from tests.unit.dmn.test_decisions import SIZES, file, table

NEED = '<informationRequirement><requiredDecision href="#required_clearances"/></informationRequirement>'
WHOLE = file(
    table(
        SIZES, policy='hitPolicy="PRIORITY"', values='"none", "fire"', default='"by hand"', types=("integer",)
    ),
    table([(['"fire"'], ["half(seats)"])], key="fee", inputs=("required_clearances",), before=NEED),
    decision(
        "boxed", f"<context>{entry('a', literal('seats'))}{entry('', literal('a + half(2)'))}</context>"
    ),
    decision(
        "called",
        f'<invocation>{literal("half")}<binding><parameter name="x"/>{literal("3")}</binding></invocation>',
    ),
    decision("rows", f'<relation><column name="n"/><row>{literal("1")}</row></relation>'),
    knowledge("half", ("x",), literal("x / 2")),
)
COUNT = sum(1 for _ in etree.fromstring(WHOLE).iter())
WORDS = (
    "",
    "-",
    "[",
    "not(",
    "?",
    "half(",
    "1..",
    '"',
    "\x85",
    "UNIQUE",
    "ANY",
    "#fee",
    "COLLECT",
    "${x}",
    "=",
    "seats",
    "٣",
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """The file with a few elements dropped, doubled, renamed, moved or given other words."""
    root = etree.fromstring(WHOLE)
    for _ in range(draw(st.integers(1, 4))):
        elements = list(root.iter(etree.Element))
        at = elements[draw(st.integers(0, COUNT - 1)) % len(elements)]
        parent = at.getparent()
        match draw(st.sampled_from(["drop", "double", "rename", "attribute", "text", "move"])):
            case "drop" if parent is not None:
                parent.remove(at)
            case "double" if parent is not None:
                parent.append(etree.fromstring(etree.tostring(at)))
            case "rename":
                at.tag = draw(st.sampled_from(elements)).tag
            case "attribute" if at.attrib:
                name = draw(st.sampled_from(sorted(map(str, at.attrib))))
                at.set(name, draw(st.sampled_from([word for word in WORDS if word.isprintable()])))
            case "text":
                at.text = draw(st.sampled_from([word for word in WORDS if word.isprintable()]))
            case "move" if parent is not None:
                elsewhere = elements[draw(st.integers(0, COUNT - 1)) % len(elements)]
                if at not in (elsewhere, *elsewhere.iterancestors()):
                    elsewhere.append(at)
    return etree.tostring(root)


def test_the_file_is_whole_before_it_is_damaged() -> None:
    tables, problems = read_decisions(WHOLE, "whole.dmn")
    assert problems == []
    assert len(tables) == 5


@settings(max_examples=300, deadline=None)
@given(damaged())
def test_a_damaged_file_is_read_or_refused(content: bytes) -> None:
    tables, problems = read_decisions(content, "damaged.dmn")
    assert all(problem.message and problem.file == "damaged.dmn" for problem in problems)
    for key in tables:
        with suppress(DecisionFailed):
            decide(tables, key, {"seats": 60, "x": 1})
