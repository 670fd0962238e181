"""Names as the makers of decision models write them: with hyphens, slashes and points, beside sums and products."""

import pytest

from engine.bpmn.dmn import read_decisions
from tests.unit.dmn.test_boxed import decision, knowledge, literal, value
from tests.unit.dmn.test_decisions import decided, file, table

DATA = '<inputData id="i" name="Pre-bureau risk"><variable name="Pre-bureau risk"/></inputData>'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Pre-bureau risk", 8),
        ("Pre-bureau risk-1", 7),
        ("2*Pre-bureau risk + a-b", 17),
        ('if Pre-bureau risk > 5 then "high" else "low"', "high"),
    ],
)
def test_a_name_with_a_hyphen_is_one_name_where_the_file_knows_it(text: str, expected: object) -> None:
    assert value(file(DATA, decision("d", literal(text))), {"Pre-bureau risk": 8, "a": 3, "b": 2}) == expected


def test_a_table_reads_a_decision_whose_name_has_a_hyphen() -> None:
    need = '<informationRequirement><requiredDecision href="#r"/></informationRequirement>'
    risk = (
        '<decision id="r" name="Pre-check"><variable name="Pre-check"/>'
        + literal("seats * 2")
        + "</decision>"
    )
    grid = table([(["> 10"], ["Pre-check/2"])], inputs=("Pre-check",), outputs=("o",), before=need)
    assert decided(file(risk, grid), {"seats": 6}).result == [{"o": 6}]


def test_parameters_may_have_such_names_too() -> None:
    model = knowledge("pay/year", ("in-come",), literal("in-come * 12"))
    assert value(file(model, decision("d", literal("pay/year(5)"))), {}) == 60


def test_a_mortgage_has_360_months() -> None:
    payment = knowledge("PMT", ("p", "r", "n"), literal("(p*r/12)/(1-(1+r/12)**-n)"))
    content = file(payment, decision("d", literal("PMT(Loan.amount, Loan.rate, Loan.term)+fee")))
    loan = {"Loan": {"amount": 600000, "rate": 0.0375, "term": 360}, "fee": 100}
    assert value(content, loan) == pytest.approx(2878.693549, abs=1e-6)


def test_very_many_such_names_are_refused() -> None:
    data = "".join(f'<inputData id="i{n}" name="a-{n}"/>' for n in range(101))
    tables, problems = read_decisions(file(data, decision("d", literal("1"))), "d.dmn")
    assert ([p.code for p in problems], tables) == (["dmn_not_supported"], {})
