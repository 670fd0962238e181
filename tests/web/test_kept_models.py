"""Models kept for viewing: stored as they were, drawn with their to-do list, never started, never in another's way."""

import base64

import pytest

from tests.people import World
from tests.web.client import CallerOf, code_of
from tests.web.models import HEAD, PARTS, PERMIT, small
from tests.web.test_pages import ReaderOf, reader  # noqa: F401 - the fixture

RUNS = small('<startEvent id="a"/><sequenceFlow id="f" sourceRef="a" targetRef="b"/><endEvent id="b"/>')
DRAWN = (
    HEAD
    + """<collaboration id="together"><participant id="p_us" name="Licensing" processRef="small"/>
    <participant id="p_they" name="Applicant"/></collaboration>
    <process id="small" name="Hearing" isExecutable="false"><startEvent id="a" name="Objection comes"/>
    <sequenceFlow id="f" sourceRef="a" targetRef="hear"/><adHocSubProcess id="hear" name="Hear them"/></process>
    </definitions>"""
).encode()
POOLS_ONLY = (
    HEAD + '<collaboration id="together"><participant id="p_a" name="Us"/><participant id="p_b" name="Them"/>'
    "</collaboration></definitions>"
).encode()
CHOREOGRAPHY = (
    HEAD.replace('id="defs"', 'id="defs" name="Handing over"')
    + '<choreography id="handover"><choreographyTask id="t" name="Hand over" initiatingParticipantRef="p">'
    "<participantRef>p</participantRef></choreographyTask></choreography></definitions>"
).encode()


def test_a_drawing_is_kept_with_its_to_do_list_and_comes_back_byte_for_byte(
    caller: CallerOf, world: World
) -> None:
    citra = caller(world.citra)
    answer = citra.upload("/processes", DRAWN, name="hearing.bpmn", view_only="true")
    assert answer.status_code == 201, answer.text
    body = answer.json
    assert body is not None
    assert (body["key"], body["version"], body["kept_version"], body["view_only"]) == ("small", 1, 1, True)
    assert body["title"]["en"] == "Hearing"
    told = {(p["code"], p["element"]) for p in body["warnings"]}
    assert {("not_executable", "small"), ("not_supported", "hear")} <= told
    assert citra.get("/processes/small/versions/1/diagram").data == DRAWN
    version = citra.get("/processes/small/versions/1").json
    assert version is not None
    assert version["view_only"] is True
    assert {p["code"] for p in version["warnings"]} == {code for code, _ in told}
    (listed,) = citra.get("/processes").json["items"]  # type: ignore[index]  # held against the description
    assert (listed["key"], listed["view_only"]) == ("small", True)


@pytest.mark.parametrize("with_key", [None, "k1"])
def test_what_is_kept_for_viewing_cannot_be_started(
    caller: CallerOf, world: World, with_key: str | None
) -> None:
    citra = caller(world.citra)
    citra.upload("/processes", DRAWN, view_only="true")
    answer = citra.post("/processes/small/start", {"data": {}}, key=with_key)
    assert code_of(answer) == (409, "not_executable")
    assert caller(world.dewi).get("/cases").json == {"items": [], "next": None}


def test_a_version_that_runs_keeps_running_beside_one_that_is_looked_at(
    caller: CallerOf, world: World
) -> None:
    citra = caller(world.citra)
    assert citra.upload("/processes", RUNS).status_code == 201
    body = citra.upload("/processes", DRAWN, view_only="true").json
    assert body is not None
    assert (body["version"], body["kept_version"], body["view_only"]) == (1, 2, False)
    assert body["title"]["en"] == "small"
    started = citra.post("/processes/small/start", {"data": {}})
    assert started.status_code == 201
    assert started.json["process_version"] == 1  # type: ignore[index]
    assert citra.get("/processes/small/versions/1/diagram").data == RUNS
    assert citra.get("/processes/small/versions/2/diagram").data == DRAWN
    third = citra.upload("/processes", RUNS).json
    assert third is not None
    assert (third["version"], third["view_only"]) == (3, False)


def test_the_model_becomes_a_procedure_when_it_is_mended(caller: CallerOf, world: World) -> None:
    citra = caller(world.citra)
    citra.upload("/processes", DRAWN, view_only="true")
    body = citra.upload("/processes", RUNS).json
    assert body is not None
    assert (body["version"], body["view_only"]) == (2, False)
    assert citra.post("/processes/small/start", {"data": {}}).status_code == 201


POOL = '<participant id="p_{key}" name="{name}" processRef="{key}"/>'
RUN = '<process id="{key}" isExecutable="true"><startEvent id="s_{key}"/></process>'
POOLS = (
    HEAD
    + '<collaboration id="together"><participant id="p_they" name="Applicant"/>'
    + POOL.format(key="desk", name="DPMPTSP")
    + POOL.format(key="yard", name="Damkar")
    + "</collaboration>"
    + RUN.format(key="desk")
    + RUN.format(key="yard")
    + "</definitions>"
).encode()


def test_several_executable_pools_beside_a_black_box_are_several_processes(
    caller: CallerOf, world: World
) -> None:
    citra = caller(world.citra)
    answer = citra.upload("/processes", POOLS)
    assert answer.status_code == 201, answer.text
    assert [p["key"] for p in answer.json["processes"]] == ["desk", "yard"]  # type: ignore[index]
    for key in ("desk", "yard"):
        assert citra.post(f"/processes/{key}/start", {"data": {}}).status_code == 201
        assert citra.get(f"/processes/{key}/versions/1/diagram").data == POOLS
    kept = citra.upload("/processes", POOLS, view_only="true").json
    assert kept is not None
    assert (kept["key"], kept["version"], kept["kept_version"]) == ("desk", 1, 2)


def test_nothing_calls_a_model_that_is_kept_for_viewing(caller: CallerOf, world: World) -> None:
    citra = caller(world.citra)
    citra.upload("/processes", DRAWN, view_only="true")
    calls = small(
        '<startEvent id="a"/><sequenceFlow id="f" sourceRef="a" targetRef="c"/><callActivity id="c" '
        'calledElement="small"/><sequenceFlow id="g" sourceRef="c" targetRef="b"/><endEvent id="b"/>',
        key="caller",
    )
    answer = citra.upload("/processes", calls)
    assert code_of(answer) == (422, "process_invalid")
    assert "called_process_unknown" in answer.text


@pytest.mark.parametrize(
    ("content", "key", "title"),
    [
        (POOLS_ONLY, "together", "permit"),
        (CHOREOGRAPHY, "handover", "Handing over"),
        (PERMIT, "permit", "Permit"),
    ],
)
def test_any_bpmn_file_can_be_kept_whatever_is_in_it(
    caller: CallerOf, world: World, content: bytes, key: str, title: str
) -> None:
    citra = caller(world.citra)
    body = citra.upload("/processes", content, view_only="true").json
    assert body is not None
    assert (body["key"], body["title"]["en"], body["view_only"]) == (key, title, True)
    assert citra.get(f"/processes/{key}/versions/1/diagram").data == content


def test_files_beside_the_model_are_kept_with_it(caller: CallerOf, world: World) -> None:
    citra = caller(world.citra)
    citra.upload("/processes", DRAWN, PARTS, view_only="true")
    version = citra.get("/processes/small/versions/1").json
    assert version is not None
    assert {file["name"] for file in version["files"]} == set(PARTS)


def test_every_bpmn_file_of_the_upload_is_kept(caller: CallerOf, world: World) -> None:
    citra = caller(world.citra)
    answer = citra.upload("/processes", DRAWN, {"pools.bpmn": POOLS_ONLY, **PARTS}, view_only="true")
    assert answer.status_code == 201, answer.text
    assert [p["key"] for p in answer.json["processes"]] == ["small", "together"]  # type: ignore[index]
    assert citra.get("/processes/together/versions/1/diagram").data == POOLS_ONLY
    version = citra.get("/processes/together/versions/1").json
    assert version is not None
    assert "hear" not in {p["element"] for p in version["warnings"]}, "the to-do list is of its own file"


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"<a", "xml_malformed"), (b"<html/>", "not_bpmn"), (b"<!DOCTYPE a []><a/>", "xml_doctype")],
)
def test_what_is_no_bpmn_is_not_kept_either(
    caller: CallerOf, world: World, content: bytes, code: str
) -> None:
    citra = caller(world.citra)
    answer = citra.upload("/processes", content, view_only="true")
    assert code_of(answer) == (422, "process_invalid")
    assert [p["code"] for p in answer.json["problems"]] == [code]  # type: ignore[index]
    assert citra.get("/processes").json == {"items": [], "next": None}


def test_only_designers_keep_models(caller: CallerOf, world: World) -> None:
    answer = caller(world.ana).upload("/processes", DRAWN, view_only="true")
    assert code_of(answer) == (403, "not_permitted")


def test_the_key_of_another_agency_is_not_taken(caller: CallerOf, world: World) -> None:
    citra = caller(world.citra)
    citra.upload("/processes", RUNS)
    theirs = b'owner = "damkar"\n'
    answer = citra.upload("/processes", DRAWN, {"process.toml": theirs}, view_only="true")
    assert code_of(answer) == (422, "process_invalid")
    assert "process_of_another_agency" in answer.text


# pages -----------------------------------------------------------------------------------------------------


def test_the_upload_page_offers_to_keep_what_cannot_go_live(world: World, reader: ReaderOf) -> None:  # noqa: F811
    citra = reader(world.citra)
    carried = {"name": ["hearing.bpmn"], "content": [base64.b64encode(DRAWN).decode()]}
    checked = citra.post("/processes/upload", **carried, action="check")
    assert checked.status_code == 422
    assert "Simpan untuk dilihat" in checked.text
    kept = citra.post("/processes/upload", **carried, action="keep")
    assert (kept.status_code, kept.location) == (303, "/processes/small/versions/1")
    page = citra.get(kept.location)
    assert page.status_code == 200
    for words in (
        "Untuk dilihat",
        "Agar dapat dijalankan",
        "Hear them",
        "Applicant",
        "isinya tidak digambar",
    ):
        assert words in page.text
    assert "Mulai perkara" not in page.text
    listed = citra.get("/processes").text
    assert "Untuk dilihat" in listed
    assert "/processes/small/start" not in listed
    assert citra.get("/processes/small/start").status_code == 409


def test_a_kept_model_is_checked_again_from_its_own_files(world: World, reader: ReaderOf) -> None:  # noqa: F811
    citra = reader(world.citra)
    carried = {"name": ["hearing.bpmn"], "content": [base64.b64encode(DRAWN).decode()]}
    page = citra.get(citra.post("/processes/upload", **carried, action="keep").location)
    assert "/processes/small/versions/1/check" in page.text
    again = citra.get("/processes/small/versions/1/check")
    assert again.status_code == 200
    assert base64.b64encode(DRAWN).decode() in again.text
    assert "belum siap" in again.text
    assert reader(world.ana).get("/processes/small/versions/1/check").status_code == 403


def test_a_page_of_nothing_but_pools_names_them(world: World, reader: ReaderOf) -> None:  # noqa: F811
    citra = reader(world.citra)
    carried = {"name": ["pools.bpmn"], "content": [base64.b64encode(POOLS_ONLY).decode()]}
    kept = citra.post("/processes/upload", **carried, action="keep")
    page = citra.get(kept.location).text
    assert "Them" in page
    assert "Seluruh file" in page
