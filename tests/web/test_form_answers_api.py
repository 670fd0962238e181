"""Answers that break a form, and forms that cannot be read; on both databases."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.people import World
from tests.web.client import Caller, CallerOf, code_of
from tests.web.models import PARTS, PERMIT


@pytest.fixture
def check(caller: CallerOf, world: World) -> Iterator[tuple[Caller, str]]:
    """Ana, and the address of the permit's first task, which is open before and after."""
    assert caller(world.citra).upload("/processes", PERMIT, PARTS).status_code == 201
    ana = caller(world.ana)
    case = ana.post("/processes/permit/start", {}).json
    assert case is not None
    path = f"/tasks/{case['waits']['tasks'][0]['id']}"
    yield ana, path
    task = ana.get(path).json
    assert task is not None
    assert task["state"] == "open"


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({}, "decision"),
        ({"decision": "perhaps"}, "decision"),
        ({"decision": 7}, "decision"),
        ({"decision": "ok", "seats": "many"}, "seats"),
        ({"decision": "ok", "seats": 501}, "seats"),
        ({"decision": "ok", "trade_name": "a name of more than twenty letters"}, "trade_name"),
        ({"decision": "ok", "trade_name": {"a": 1}}, "trade_name"),
        ({"decision": "ok", "colour": "blue"}, "colour"),
    ],
)
def test_answers_of_a_wrong_type_length_or_name(
    check: tuple[Caller, str], answers: dict[str, Any], field: str
) -> None:
    ana, path = check
    answer = ana.post(f"{path}/complete", {"data": answers})
    assert code_of(answer) == (422, "answers_invalid")
    assert answer.json is not None
    assert list(answer.json["fields"]) == [field]
    assert answer.json["fields"][field][0]["code"]


def test_an_error_is_not_kept_under_the_key(caller: CallerOf, world: World) -> None:
    assert caller(world.citra).upload("/processes", PERMIT, PARTS).status_code == 201
    ana = caller(world.ana)
    case = ana.post("/processes/permit/start", {}).json
    assert case is not None
    path = f"/tasks/{case['waits']['tasks'][0]['id']}/complete"
    assert code_of(ana.post(path, {"data": {}}, key="k-2")) == (422, "answers_invalid")
    assert ana.post(path, {"data": {"decision": "ok"}}, key="k-2").status_code == 200


def test_a_form_that_cannot_be_read_is_a_problem_of_its_file(caller: CallerOf, world: World) -> None:
    answer = caller(world.citra).upload("/processes", PERMIT, {**PARTS, "check.form": b"{ no json"})
    assert code_of(answer) == (422, "process_invalid")
    assert answer.json is not None
    assert "check.form" in {problem["file"] for problem in answer.json["problems"]}
