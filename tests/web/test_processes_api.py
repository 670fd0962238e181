"""Uploading processes over the API, on both databases."""

import pytest

from engine.config import Settings
from tests.people import World
from tests.web.client import CallerOf, code_of
from tests.web.models import HEAD, PARTS, PERMIT, script, small


def test_a_designer_deploys_a_process_and_gets_its_version_with_warnings(
    caller: CallerOf, world: World
) -> None:
    answer = caller(world.citra).upload("/processes", PERMIT, PARTS)
    assert answer.status_code == 201, answer.text
    body = answer.json
    assert body is not None
    assert (body["key"], body["version"]) == ("permit", 1)
    assert body["title"] == {"id": "Izin contoh", "en": "Sample permit"}
    assert {warning["code"] for warning in body["warnings"]} >= {"no_default"}
    again = caller(world.citra).upload("/processes", PERMIT, PARTS).json
    assert again is not None
    assert again["version"] == 2


def test_checking_finds_the_same_problems_and_keeps_nothing(caller: CallerOf, world: World) -> None:
    citra = caller(world.citra)
    answer = citra.upload("/processes/check", PERMIT, PARTS)
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["deployable"] is True
    assert [process["key"] for process in answer.json["processes"]] == ["permit"]
    assert citra.get("/processes").json == {"items": [], "next": None}


def test_a_file_is_refused_with_every_problem_by_element_and_line(caller: CallerOf, world: World) -> None:
    answer = caller(world.citra).upload("/processes", script("import os\nx = os.environ"))
    assert code_of(answer) == (422, "process_invalid")
    assert answer.json is not None
    errors = [problem for problem in answer.json["problems"] if problem["severity"] == "error"]
    assert [(p["element"], p["code"], p["line"]) for p in errors] == [("step", "script_invalid", 5)]
    assert "os" in errors[0]["message"]


def test_an_unknown_lane_is_named_and_can_be_mapped_at_deployment(caller: CallerOf, world: World) -> None:
    citra, forms = caller(world.citra), {"check.form": PARTS["check.form"]}
    refused = citra.upload("/processes", PERMIT, forms)
    assert code_of(refused) == (422, "process_invalid")
    assert refused.json is not None
    assert "Licensing" in str(refused.json["problems"])
    mapped = citra.upload(
        "/processes", PERMIT, forms, lanes='{"Licensing": "dpmptsp", "Fire service": "damkar"}'
    )
    assert mapped.status_code == 201, mapped.text


def test_the_uploaded_bytes_come_back_as_they_were(caller: CallerOf, world: World) -> None:
    citra = caller(world.citra)
    citra.upload("/processes", PERMIT, PARTS)
    answer = citra.get("/processes/permit/versions/1/diagram")
    assert answer.data == PERMIT
    assert answer.mimetype == "application/xml"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    version = citra.get("/processes/permit/versions/1").json
    assert version is not None
    assert version["filename"] == "permit.bpmn"
    assert {file["name"] for file in version["files"]} == set(PARTS)
    listed = citra.get("/processes").json
    assert listed is not None
    assert [(p["key"], p["version"]) for p in listed["items"]] == [("permit", 1)]


def test_only_designers_deploy_and_check(caller: CallerOf, world: World) -> None:
    for path in ("/processes", "/processes/check"):
        assert code_of(caller(world.ana).upload(path, PERMIT, PARTS)) == (403, "not_permitted")


def test_a_process_that_is_not_there_is_404(caller: CallerOf, world: World) -> None:
    citra = caller(world.citra)
    for path in ("/processes/permit", "/processes/permit/versions/1", "/processes/permit/versions/1/diagram"):
        assert code_of(citra.get(path)) == (404, "not_found")


BAD_FILES: dict[str, tuple[bytes, str]] = {
    "malformed": (HEAD.encode() + b"<process id='p'><startEvent>", "xml_malformed"),
    "not xml": (b"\x00\x01\x02 hello", "xml_malformed"),
    "doctype": (
        b'<?xml version="1.0"?><!DOCTYPE definitions [<!ENTITY a "b">]>' + PERMIT[39:],
        "xml_doctype",
    ),
    "entity bomb": (
        b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><d>&b;</d>',
        "xml_doctype",
    ),
    "not bpmn": (b"<html><body>hello</body></html>", "not_bpmn"),
    "nothing in it": (small(""), "no_process"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_what_is_no_model_is_refused_by_its_kind(caller: CallerOf, world: World, name: str) -> None:
    content, code = BAD_FILES[name]
    answer = caller(world.citra).upload("/processes", content)
    assert code_of(answer) == (422, "process_invalid")
    assert answer.json is not None
    assert code in {problem["code"] for problem in answer.json["problems"]}
    assert caller(world.citra).get("/processes").json == {"items": [], "next": None}


def test_a_model_over_the_limit_of_elements_is_refused(
    caller: CallerOf, world: World, settings: Settings
) -> None:
    tasks = "".join(f'<manualTask id="t{n}"/>' for n in range(settings.upload_limit_elements + 1))
    answer = caller(world.citra).upload("/processes", small(tasks))
    assert code_of(answer) == (422, "process_invalid")
    assert "too_many_elements" in answer.text


def test_a_file_over_the_limit_of_bytes_is_413(caller: CallerOf, world: World, settings: Settings) -> None:
    padded = PERMIT + b" " * settings.upload_limit_bytes
    assert code_of(caller(world.citra).upload("/processes", padded, PARTS)) == (413, "too_large")
    huge = PERMIT + b" " * (3 * settings.upload_limit_bytes)
    assert code_of(caller(world.citra).upload("/processes", huge, PARTS)) == (413, "too_large")


def test_six_hundred_elements_in_a_row_deploy_and_start(caller: CallerOf, world: World) -> None:
    chain = "".join(
        f'<sequenceFlow id="f{n}" sourceRef="{"start" if n == 0 else f"m{n - 1}"}" targetRef="m{n}"/>'
        f'<manualTask id="m{n}"/>'
        for n in range(600)
    )
    model = small(
        f'<startEvent id="start"/>{chain}<sequenceFlow id="last" sourceRef="m599" targetRef="end"/>'
        '<endEvent id="end"/>'
    )
    citra = caller(world.citra)
    assert citra.upload("/processes", model).status_code == 201
    started = citra.post("/processes/small/start", {})
    assert started.status_code == 201, started.text
    assert started.json is not None
    assert started.json["state"] == "completed"


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"lanes": "no json"}, "lanes"),
        ({"lanes": '["dpmptsp"]'}, "lanes"),
        ({"create_roles": "perhaps"}, "create_roles"),
        ({"laness": "{}"}, "laness"),
    ],
)
def test_wrong_form_fields_are_named(
    caller: CallerOf, world: World, fields: dict[str, str], wrong: str
) -> None:
    answer = caller(world.citra).upload("/processes", PERMIT, PARTS, **fields)
    assert code_of(answer) == (422, "invalid")
    assert answer.json is not None
    assert list(answer.json["fields"]) == [wrong]


def test_an_upload_that_is_no_form_is_415_and_one_without_a_file_422(caller: CallerOf, world: World) -> None:
    citra = caller(world.citra)
    assert code_of(citra.post("/processes", {"file": "x"})) == (415, "wrong_content_type")
    empty = citra.post("/processes", data={"lanes": "{}"}, content_type="multipart/form-data")
    assert code_of(empty) == (422, "invalid")


def test_the_same_upload_with_the_same_key_deploys_once(caller: CallerOf, world: World) -> None:
    citra = caller(world.citra)
    first = citra.upload("/processes", PERMIT, PARTS, key="upload-1")
    second = citra.upload("/processes", PERMIT, PARTS, key="upload-1")
    assert (second.status_code, second.data) == (201, first.data)
    assert second.headers["Idempotency-Replayed"] == "true"
    other = citra.upload("/processes", PERMIT, {**PARTS, "note.form": PARTS["check.form"]}, key="upload-1")
    assert code_of(other) == (409, "idempotency_key_reused")
    versions = citra.get("/processes/permit").json
    assert versions is not None
    assert versions["version"] == 1


STARTS = (
    HEAD
    + """<message id="m" name="application"/><process id="yearly" isExecutable="true">
  <startEvent id="asked" name="Somebody asks"><messageEventDefinition messageRef="m"/></startEvent>
  <startEvent id="clock"><timerEventDefinition><timeCycle>R/PT24H</timeCycle></timerEventDefinition></startEvent>
  <userTask id="review"/>
  <sequenceFlow id="f1" sourceRef="asked" targetRef="review"/>
  <sequenceFlow id="f2" sourceRef="clock" targetRef="review"/></process></definitions>"""
).encode()


def test_what_starts_a_process_and_when_is_told_and_a_message_starts_it(
    caller: CallerOf, world: World
) -> None:
    assert caller(world.citra).upload("/processes", STARTS, name="yearly.bpmn").status_code == 201
    ana = caller(world.ana)
    process = ana.get("/processes/yearly").json
    assert process is not None
    assert process["starts_by_hand"] is False
    asked, clock = process["starts"]
    assert (asked["element"], asked["kind"], asked["name"], asked["label"], asked["next_at"]) == (
        "asked",
        "message",
        "application",
        "Somebody asks",
        None,
    )
    assert (clock["kind"], clock["timer"]) == ("timer", "R/PT24H")
    assert clock["next_at"] is not None
    assert code_of(ana.post("/processes/yearly/start", {})) == (422, "no_plain_start")
    sent = ana.post("/messages", {"name": "application", "business_key": "Y-1", "data": {"year": 2026}})
    assert sent.status_code == 200, sent.text
    assert sent.json is not None
    assert (sent.json["started"], sent.json["business_key"]) == (True, "Y-1")
    assert [task["element"] for task in sent.json["waits"]["tasks"]] == ["review"]
    again = ana.post("/messages", {"name": "application", "business_key": "Y-1"})
    assert code_of(again) == (409, "case_running")
    assert code_of(caller(world.bo).post("/messages", {"name": "application"})) == (403, "not_permitted")
    assert code_of(ana.post("/messages", {"name": "nothing"})) == (409, "nobody_waits")
