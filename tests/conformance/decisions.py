"""What of DMN is decided, and which test decides it."""

from dataclasses import dataclass

from tests.conformance.case import State

_TABLES = "tests/unit/dmn/test_decisions.py::"
_BOXED = "tests/unit/dmn/test_boxed.py::"
_RANDOM = "tests/unit/dmn/test_against_brute_force.py::test_a_table_decides_as_its_hit_policy_is_written"
_REFUSED = _BOXED + "test_what_is_not_understood_is_refused_by_name"


@dataclass(frozen=True)
class DecisionLine:
    """A line of the report about DMN; ``also`` are the tests that show it."""

    name: str
    about: tuple[str, ...]
    state: State
    also: tuple[str, ...]
    code: str = ""


def _policy(name: str, *tests: str) -> DecisionLine:
    return DecisionLine(
        f"hit policy {name}", (name,), State.RUNS, (*(_TABLES + test for test in tests), _RANDOM)
    )


def _collect(name: str) -> DecisionLine:
    return DecisionLine(
        f"hit policy COLLECT, aggregation {name}",
        (name,),
        State.RUNS,
        (_TABLES + "test_collect_adds_up_fees", _RANDOM),
    )


def _boxed(name: str, *tests: str) -> DecisionLine:
    return DecisionLine(name, (), State.RUNS, tuple(_BOXED + test for test in tests))


def _refused(name: str, code: str = "dmn_not_supported", test: str = _REFUSED) -> DecisionLine:
    return DecisionLine(name, (), State.REFUSED, (test,), code)


_EACH = "test_each_hit_policy_takes_its_rows"
DECISIONS = [
    _policy("UNIQUE", "test_unique_gives_the_one_row_that_matches_and_tells_its_rule", "test_unique_with_two_matching_rules_is_an_error_that_names_them"),
    _policy("FIRST", _EACH),
    _policy("ANY", "test_any_wants_matching_rules_to_agree"),
    _policy("PRIORITY", _EACH),
    _policy("RULE ORDER", _EACH),
    _policy("OUTPUT ORDER", _EACH),
    _policy("COLLECT", _EACH),
    *(_collect(name) for name in ("SUM", "MIN", "MAX", "COUNT")),
    DecisionLine("several outputs", (), State.RUNS, (_TABLES + "test_several_outputs_make_one_row_with_all_of_them",)),
    DecisionLine("default output", (), State.RUNS, (_TABLES + "test_a_default_output_stands_in_when_no_rule_matches",)),
    DecisionLine("types of inputs and outputs", (), State.RUNS, (_TABLES + "test_a_text_is_read_in_the_type_of_its_column", _TABLES + "test_a_value_of_another_type_is_an_error")),
    DecisionLine("no rule that applies, a variable that is missing", (), State.RUNS, (_TABLES + "test_no_matching_rule_gives_no_row", _TABLES + "test_an_answer_that_is_missing_because_a_variable_is_missing_is_an_error_that_names_it")),
    DecisionLine("FEEL unary tests and expressions", (), State.RUNS, (_RANDOM, "tests/unit/dmn/test_real_files.py::test_the_conformance_kit_s_eligibility_table_gives_its_three_expected_answers")),
    DecisionLine("names with hyphens, slashes and points", (), State.RUNS, ("tests/unit/dmn/test_names.py::test_a_name_with_a_hyphen_is_one_name_where_the_file_knows_it", "tests/unit/dmn/test_names.py::test_a_mortgage_has_360_months")),
    DecisionLine("JUEL in cells, where the file says so", (), State.RUNS, (_TABLES + "test_juel_cells_are_read_where_the_file_says_so",)),
    DecisionLine("literal expression", (), State.RUNS, (_TABLES + "test_a_decision_may_be_one_expression",)),
    _boxed("decision graph of several tables and expressions", "test_the_decisions_of_a_graph_are_decided_once_each_and_told_in_order"),
    _boxed("boxed context", "test_entries_of_a_context_read_those_before_them_and_the_last_without_a_name_is_the_result"),
    _boxed("boxed list and relation", "test_lists_and_relations_become_lists"),
    _boxed("business knowledge model, invoked", "test_an_invocation_binds_the_parameters_of_a_knowledge_model_and_hides_the_case_from_it", "test_a_knowledge_model_may_be_a_table_and_history_tells_its_rule"),
    _boxed("business knowledge model, called in an expression", "test_expressions_call_knowledge_models_as_functions_and_those_call_each_other", "test_cells_of_a_table_call_knowledge_models_too"),
    DecisionLine("inputs, outputs and rules of each table in history, an incident by its rule", (), State.RUNS, ("tests/usecases/test_decisions.py::test_history_tells_every_table_of_a_graph_with_its_rule", "tests/usecases/test_decisions.py::test_a_table_without_one_answer_is_an_incident_in_its_own_words")),
    _refused("boxed conditional, filter, iteration, function definition"),
    _refused("business knowledge model in Java or PMML"),
    _refused("expressions in other languages", test=_TABLES + "test_a_file_that_is_not_understood_is_told_with_its_line"),
    _refused("decisions of another file (import)", "dmn_invalid", _TABLES + "test_a_file_that_is_not_understood_is_told_with_its_line"),
]  # fmt: skip
