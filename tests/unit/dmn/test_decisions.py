"""Decision tables: hit policies, cells, columns' types, decisions that need decisions, and what is told of a bad file."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from engine.bpmn.dmn import Decided, DecisionFailed, decide, read_decisions
from engine.problems import Severity

NS = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def cell(tag: str, text: str, more: str = "") -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    return f"<{tag}{more}><text>{text}</text></{tag}>"


def table(
    rules: list[tuple[list[str], list[str]]],
    *,
    policy: str = "",
    inputs: tuple[str, ...] = ("seats",),
    types: tuple[str, ...] = (),
    outputs: tuple[str, ...] = ("clearance",),
    values: str = "",
    key: str = "required_clearances",
    before: str = "",
    default: str = "",
) -> str:
    types = types or ("",) * len(inputs)
    columns = "".join(
        f'<input label="{name}">{cell("inputExpression", name, t and " typeRef=" + repr(t))}</input>'
        for name, t in zip(inputs, types, strict=True)
    )
    results = "".join(
        f'<output name="{name}">{cell("outputValues", values) if values else ""}'
        f"{cell('defaultOutputEntry', default) if default else ''}</output>"
        for name in outputs
    )
    rows = "".join(
        f'<rule id="r{n}">{"".join(cell("inputEntry", t) for t in tests)}'
        f"{''.join(cell('outputEntry', r) for r in results_)}</rule>"
        for n, (tests, results_) in enumerate(rules, 1)
    )
    return (
        f'<decision id="{key}" name="{key}">{before}<decisionTable {policy}>{columns}{results}{rows}'
        "</decisionTable></decision>"
    )


def file(*decisions: str, ns: str = NS, more: str = "") -> bytes:
    return f'<definitions xmlns="{ns}" name="licence"{more}>{"".join(decisions)}</definitions>'.encode()


def decided(content: bytes, variables: Mapping[str, Any], key: str = "required_clearances") -> Decided:
    tables, problems = read_decisions(content, "licence.dmn")
    assert problems == []
    return decide(tables, key, variables)


SIZES = [(["<= 50"], ['"none"']), (["[51..100]"], ['"fire"']), (["> 80"], ['"fire and health"'])]


def test_unique_gives_the_one_row_that_matches_and_tells_its_rule() -> None:
    found = decided(file(table(SIZES)), {"seats": 60})
    assert found == Decided(
        result=[{"clearance": "fire"}],
        inputs={"seats": 60},
        matched=("r2",),
        hit_policy="UNIQUE",
        rules=(2,),
        key="required_clearances",
        name="required_clearances",
    )


def test_unique_with_two_matching_rules_is_an_error_that_names_them() -> None:
    with pytest.raises(DecisionFailed, match=r"rules 2 and 3 all match \(90\)") as failed:
        decided(file(table(SIZES)), {"seats": 90})
    assert failed.value.code == "decision_failed"


def test_no_matching_rule_gives_no_row() -> None:
    assert decided(file(table(SIZES)), {"seats": None}).result == []


def test_a_default_output_stands_in_when_no_rule_matches() -> None:
    content = file(table(SIZES, default='"by hand"'))
    assert decided(content, {}).result == [{"clearance": "by hand"}]


@pytest.mark.parametrize(
    ("policy", "expected", "matched"),
    [
        ('hitPolicy="FIRST"', ["B"], ("r1",)),
        ('hitPolicy="RULE ORDER"', ["B", "A", "C"], ("r1", "r2", "r3")),
        ('hitPolicy="COLLECT"', ["B", "A", "C"], ("r1", "r2", "r3")),
        ('hitPolicy="PRIORITY"', ["A"], ("r2",)),
        ('hitPolicy="OUTPUT ORDER"', ["A", "B", "C"], ("r2", "r1", "r3")),
    ],
)
def test_each_hit_policy_takes_its_rows(policy: str, expected: list[str], matched: tuple[str, ...]) -> None:
    rules = [(["> 1"], ['"B"']), (["> 2"], ['"A"']), (["-"], ['"C"']), (["> 9"], ['"D"'])]
    found = decided(file(table(rules, policy=policy, values='"A", "B", "C", "D"')), {"seats": 5})
    assert [row["clearance"] for row in found.result] == expected
    assert found.matched == matched


def test_any_wants_matching_rules_to_agree() -> None:
    rules = [(["> 1"], ['"A"']), (["> 2"], ['"A"']), (["> 3"], ['"B"'])]
    content = file(table(rules, policy='hitPolicy="ANY"'))
    assert decided(content, {"seats": 3}).result == [{"clearance": "A"}]
    with pytest.raises(DecisionFailed, match="must give the same"):
        decided(content, {"seats": 4})


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("SUM", [{"fee": 430000}]),
        ("MIN", [{"fee": 30000}]),
        ("MAX", [{"fee": 250000}]),
        ("COUNT", [{"fee": 3}]),
    ],
)
def test_collect_adds_up_fees(how: str, expected: list[dict[str, int]]) -> None:
    rules = [
        (['"full"', "-"], ["250000"]),
        (['"full"', "-"], ["100 * land_m2"]),
        (["-", ">= 2"], ["150000"]),
        (["-", ">= 9"], ["1"]),
    ]
    content = file(
        table(
            rules,
            policy=f'hitPolicy="COLLECT" aggregation="{how}"',
            inputs=("route", "floors"),
            outputs=("fee",),
        )
    )
    assert decided(content, {"route": "full", "floors": 2, "land_m2": 300}).result == expected


def test_several_outputs_make_one_row_with_all_of_them() -> None:
    rules = [(['"H"'], ["14", "true"]), (['"F"'], ["7", "true"]), (['"E"'], ["10", "false"])]
    content = file(table(rules, inputs=("agency",), outputs=("sla_wd", "safety")))
    assert decided(content, {"agency": "E"}).result == [{"sla_wd": 10, "safety": False}]


@pytest.mark.parametrize(
    ("type_ref", "given", "rule"),
    [("integer", "60", "r2"), ("number", "60.0", "r2"), ("double", 60, "r2")],
)
def test_a_text_is_read_in_the_type_of_its_column(type_ref: str, given: object, rule: str) -> None:
    assert decided(file(table(SIZES, types=(type_ref,))), {"seats": given}).matched == (rule,)


def test_a_value_of_another_type_is_an_error() -> None:
    with pytest.raises(DecisionFailed, match="'seats' is text, not integer"):
        decided(file(table(SIZES, types=("integer",))), {"seats": "many"})


@pytest.mark.parametrize("given", [[60], {"a": 60}, True, date(2026, 4, 6)])
def test_a_number_is_no_list_no_group_no_truth_and_no_date(given: object) -> None:
    with pytest.raises(DecisionFailed, match=r"'seats' is .*, not integer"):
        decided(file(table(SIZES, types=("integer",))), {"seats": given})


def test_an_answer_that_is_missing_because_a_variable_is_missing_is_an_error_that_names_it() -> None:
    with pytest.raises(DecisionFailed, match=r"has no rule for \(nothing\): the variable 'seats' is not set"):
        decided(file(table(SIZES)), {"chairs": 60})


def test_a_list_of_all_that_applies_may_be_empty_whatever_is_not_set() -> None:
    assert decided(file(table(SIZES, policy='hitPolicy="COLLECT"')), {}).result == []


def test_dates_are_compared_as_dates() -> None:
    rules = [(['< date("2026-04-06")'], ['"expired"']), (['>= date("2026-04-06")'], ['"valid"'])]
    content = file(table(rules, inputs=("valid_to",), types=("date",)))
    assert decided(content, {"valid_to": "2026-04-05"}).result == [{"clearance": "expired"}]
    assert decided(content, {"valid_to": date(2026, 5, 1)}).result == [{"clearance": "valid"}]


def test_a_table_that_needs_another_decision_reads_its_result() -> None:
    risk = table([(["> 100"], ['"high"']), (["<= 100"], ['"low"'])], key="risk", outputs=("risk_level",))
    need = '<informationRequirement><requiredDecision href="#risk"/></informationRequirement>'
    instrument = table(
        [(['"high"'], ['"licence"']), (['"low"'], ['"registration"'])],
        key="instrument",
        inputs=("risk_level",),
        outputs=("instrument",),
        before=need,
    )
    content = file(instrument, risk)
    assert decided(content, {"seats": 120}, "instrument").result == [{"instrument": "licence"}]


def test_a_decision_may_be_one_expression() -> None:
    content = file(
        '<decision id="fee" name="Fee"><variable name="fee"/><literalExpression>'
        "<text>seats * 1000</text></literalExpression></decision>"
    )
    assert decided(content, {"seats": 5}, "fee").result == [{"fee": 5000}]


def test_juel_cells_are_read_where_the_file_says_so() -> None:
    content = file(
        '<decision id="d"><decisionTable hitPolicy="FIRST"><input label="s"><inputExpression expressionLanguage="juel">'
        "<text>seats / 2</text></inputExpression></input><output name='o'/>"
        '<rule id="a"><inputEntry expressionLanguage="juel"><text>cellInput &gt; 10</text></inputEntry>'
        '<outputEntry expressionLanguage="juel"><text>${seats + 1}</text></outputEntry></rule></decisionTable></decision>'
    )
    assert decided(content, {"seats": 30}, "d").result == [{"o": 31}]


def test_a_variable_named_by_the_input_stands_for_an_empty_expression() -> None:
    content = file(
        '<decision id="d"><decisionTable><input label="size" xmlns:c="urn:c" c:inputVariable="size"><inputExpression>'
        "<text></text></inputExpression></input><output name='o'/><rule><inputEntry><text>[1..20]</text></inputEntry>"
        '<outputEntry><text>"Laag"</text></outputEntry></rule></decisionTable></decision>'
    )
    found = decided(content, {"size": 20}, "d")
    assert found.result == [{"o": "Laag"}]
    assert found.matched == ("d-rule-1",)


@pytest.mark.parametrize(
    ("content", "code", "word"),
    [
        (b"<definitions", "xml_malformed", "well-formed"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><definitions/>', "xml_doctype", "DOCTYPE"),
        (b'<definitions xmlns="urn:x"/>', "dmn_malformed", "no DMN"),
        (file(), "dmn_without_decision", "no decision"),
        (file(table([(["=="], ["1"])])), "expression_invalid", "=="),
        (file(table([(["> 1"], ["frob(1)"])])), "expression_invalid", "frob"),
        (file(table([([">1", "2"], ["1"])])), "dmn_invalid", "Rule 1 has 2 inputs"),
        (file(table(SIZES, policy='hitPolicy="BEST"')), "dmn_not_supported", "BEST"),
        (file(table(SIZES, policy='hitPolicy="PRIORITY"')), "dmn_invalid", "priority"),
        (file(table(SIZES), table(SIZES)), "duplicate_id", "two decisions"),
        (file('<decision id="c" name="c"><filter/></decision>'), "dmn_not_supported", "boxed filter"),
        (file(table(SIZES), more=' expressionLanguage="groovy"'), "dmn_not_supported", "groovy"),
        (
            file(
                table(
                    SIZES,
                    before='<informationRequirement><requiredDecision href="#x"/></informationRequirement>',
                )
            ),
            "dmn_invalid",
            "'x'",
        ),
        (
            file(
                table(
                    SIZES,
                    before='<informationRequirement><requiredDecision href="#required_clearances"/></informationRequirement>',
                )
            ),
            "dmn_invalid",
            "itself",
        ),
    ],
)
def test_a_file_that_is_not_understood_is_told_with_its_line(content: bytes, code: str, word: str) -> None:
    tables, problems = read_decisions(content, "licence.dmn")
    errors = [one for one in problems if one.severity is Severity.ERROR]
    assert [one.code for one in errors] == [code]
    assert word in errors[0].message
    assert errors[0].file == "licence.dmn"
    assert len(tables) <= 1


def test_an_unfinished_decision_is_a_warning() -> None:
    tables, problems = read_decisions(file('<decision id="later" name="Later"/>'), "licence.dmn")
    assert tables == {}
    assert [(one.code, one.severity) for one in problems] == [("decision_without_logic", Severity.WARNING)]


def test_a_failing_cell_names_the_decision_and_the_rule() -> None:
    content = file(
        '<decision id="d" name="Fees"><decisionTable><input><inputExpression><text>seats</text></inputExpression></input>'
        '<output name="o"/><rule><inputEntry><text>-</text></inputEntry><outputEntry><text>${gone}</text></outputEntry>'
        "</rule></decisionTable></decision>"
    )
    with pytest.raises(DecisionFailed, match="'Fees', rule 1: variable 'gone' is not set"):
        decided(content, {"seats": 1}, "d")


def test_a_decision_that_is_not_there_is_told() -> None:
    with pytest.raises(DecisionFailed, match="no decision 'x'"):
        decide({}, "x", {})
