"""The report forgets nothing: every element of BPMN's schema, every kind the engine knows, every refusal has a line."""

import re
from importlib.resources import files

from engine.bpmn.dmn_table import Aggregation, HitPolicy
from engine.bpmn.model import EventKind, NodeKind, TimerKind
from engine.bpmn.normalise import normalise
from engine.bpmn.support import REFUSED, constructs
from tests.conformance.case import State
from tests.conformance.decisions import DECISIONS
from tests.conformance.lines import CASES
from tests.conformance.parts import ABSTRACT, PARTS
from tests.conformance.report import ROOT


def test_every_element_of_the_schema_has_a_line() -> None:
    schema = files("SpiffWorkflow.bpmn.parser").joinpath("schema", "Semantic.xsd").read_text(encoding="utf-8")
    elements = set(re.findall(r'<xsd:element name="(\w+)"', schema))
    assert len(elements) > 150
    about = {name for case in CASES for name in case.about}
    assert elements - about - ABSTRACT - PARTS.keys() == set()
    assert about & (ABSTRACT | PARTS.keys()) == set()
    assert set(PARTS.values()) <= about


def test_no_two_lines_have_one_name() -> None:
    ids = [case.id for case in CASES]
    assert len(ids) == len(set(ids))


def test_every_kind_of_node_and_event_that_the_engine_knows_is_run_by_a_line() -> None:
    run: set[str] = set()
    for case in CASES:
        if case.state is not State.REFUSED:
            for process in normalise(case.xml.encode(), "drawn.bpmn").processes:
                run |= {name for node in process.nodes() for name in constructs(node)}
    assert {kind.value for kind in NodeKind} - run == set()
    kinds = {name.split(":")[1] for name in run if ":" in name}
    assert {kind.value for kind in EventKind} - kinds <= {
        "compensation"
    }  # on a border it is read as the handler of its host
    assert {f"boundary:timer:{kind.value}" for kind in TimerKind} <= run


def test_every_refusal_of_the_engine_has_a_line_that_shows_it() -> None:
    told = {p.message for case in CASES if case.state is State.REFUSED for p in case.problems()}
    assert {name for name, sentence in REFUSED.items() if sentence not in told} == set()


def test_every_hit_policy_and_aggregation_has_a_line() -> None:
    about = {name for line in DECISIONS for name in line.about}
    assert {policy.value for policy in HitPolicy} | {how.value for how in Aggregation} <= about


def test_every_test_that_the_report_links_to_is_there() -> None:
    links = {link for line in (*CASES, *DECISIONS) for link in line.also}
    for link in links:
        path, _, name = link.partition("::")
        assert f"def {name.partition('[')[0]}(" in (ROOT / path).read_text(encoding="utf-8"), link


def test_no_test_that_the_report_links_to_may_be_skipped() -> None:
    links = {link for line in (*CASES, *DECISIONS) for link in line.also}
    for link in links:
        path, _, name = link.partition("::")
        before = (ROOT / path).read_text(encoding="utf-8").partition(f"def {name.partition('[')[0]}(")[0]
        decorators = before[before.rfind("\n\n\n") :]
        assert not re.search(r"skip|xfail", decorators), link
