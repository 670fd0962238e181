"""Decision tables that others wrote, read from the collection of models beside the repository."""

import os
from pathlib import Path

import pytest
from lxml import etree

from engine.bpmn.dmn import decide, read_decisions
from engine.bpmn.dmn_table import Table


def _models() -> Path:
    root = Path(__file__).resolve().parents[3]
    places = [root.parent / "shared", root.parent.parent / "shared"]
    if "LINTAS_SHARED" in os.environ:
        places.insert(0, Path(os.environ["LINTAS_SHARED"]))
    for place in places:
        if (place / "models").is_dir():
            return place / "models"
    pytest.skip("the collection of models is not beside this repository")


def _read(*parts: str) -> dict[str, Table]:
    path = _models().joinpath(*parts)
    if not path.exists():
        pytest.skip(f"{path.name} is not in the collection")
    tables, problems = read_decisions(path.read_bytes(), path.name)
    assert problems == []
    return tables


def test_the_conformance_kit_s_eligibility_table_gives_its_three_expected_answers() -> None:
    tables = _read("27-dmn-tck-eligibility", "0004-simpletable-U.dmn")
    (key,) = tables
    cases = etree.parse(_models() / "27-dmn-tck-eligibility" / "0004-simpletable-U-test-01.xml").getroot()
    tried = 0
    for case in cases.iter("{*}testCase"):
        given = {node.get("name"): _value(node.find("{*}value")) for node in case.iter("{*}inputNode")}
        expected = _value(case.find("{*}resultNode/{*}expected/{*}value"))
        assert decide(tables, key, given).result == [{"Approval Status": expected}]  # type: ignore[arg-type]  # names are texts
        tried += 1
    assert tried == 3


def _value(node: etree._Element | None) -> object:
    assert node is not None
    kind = (node.get("{http://www.w3.org/2001/XMLSchema-instance}type") or "").rpartition(":")[2]
    text = node.text or ""
    return {"decimal": lambda: float(text), "boolean": lambda: text == "true"}.get(kind, lambda: text)()


def test_the_invoice_s_approvers_follow_from_its_classification() -> None:
    tables = _read("02-invoice", "invoiceBusinessDecisions.dmn")
    small = decide(tables, "invoice-assign-approver", {"amount": 100.0, "invoiceCategory": "Misc"})
    assert [row["result"] for row in small.result] == ["accounting", "sales"]
    large = decide(tables, "invoice-assign-approver", {"amount": 5000, "invoiceCategory": "Misc"})
    assert [row["result"] for row in large.result] == ["management"]


def test_the_event_permit_s_risk_grows_with_its_size() -> None:
    tables = _read("copyleft", "29-event-permit", "evenementenvergunning-risico.dmn")
    risks = [
        decide(tables, "Evenementenvergunning-risico", {"size": n}).result[0]["risico"]
        for n in (10, 80, 5000)
    ]
    assert risks == ["Laag", "Medium", "Hoog"]
