"""The pages over HTTP on both databases: what they refuse, what they keep, and that nothing changes without its token."""

import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.model import Actor
from engine.states import Audit
from engine.store import cases, history, inbox
from engine.usecases.claim_task import claim_task
from engine.usecases.deploy import deploy
from engine.usecases.start_case import start_case
from tests.people import World
from tests.usecases.test_stuck import ONE_WAY_TWO_AWAITED
from tests.web.client import CallerOf
from tests.web.conftest import PASSWORD
from tests.web.models import HEAD, PARTS, PERMIT
from web.uploads import Upload
from web.wiring import House


@dataclass
class Reader:
    """Somebody who is signed in; posts carry the token of the session."""

    client: FlaskClient
    token: str = ""

    def get(self, path: str) -> TestResponse:
        answer = self.client.get(path)
        found = re.search(r'name="csrf_token" value="([^"]+)"', answer.text)
        self.token = found.group(1) if found else self.token
        return answer

    def post(self, path: str, **fields: object) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.token, **fields})


ReaderOf = Callable[[Actor], Reader]


@pytest.fixture
def reader(app: Flask) -> ReaderOf:
    def sign_in(actor: Actor) -> Reader:
        made = Reader(app.test_client())
        made.get("/signin")
        answer = made.post("/signin", username=actor.username, password=PASSWORD, next="/")
        assert answer.status_code == 303
        made.get("/shortcuts")
        return made

    return sign_in


@pytest.fixture
def permit(house: House, world: World) -> str:
    """A case of the permit that waits for Ana at the front desk."""
    upload = Upload("permit.bpmn", PERMIT, PARTS)
    with house.db.unit(world.citra) as uow:
        deploy(uow, upload, connectors={}, systems=())
    with house.db.unit(world.ana) as uow:
        return start_case(uow, "permit", business_key="P-1").case_id


def task_of(house: House, actor: Actor) -> str:
    with house.db.read(actor) as uow:
        return inbox.inbox(uow).items[0].id


def test_a_form_without_the_token_of_its_session_changes_nothing(
    house: House, world: World, reader: ReaderOf, permit: str
) -> None:
    ana, task = reader(world.ana), task_of(house, world.ana)
    answer = ana.client.post(f"/tasks/{task}/claim")
    assert answer.status_code == 400
    assert "Formulir sudah kedaluwarsa" in answer.text
    with house.db.read(world.ana) as uow:
        assert inbox.inbox(uow).items[0].assignee is None


def test_completing_moves_the_case_and_says_where_it_is(
    house: House, world: World, reader: ReaderOf, permit: str
) -> None:
    ana, task = reader(world.ana), task_of(house, world.ana)
    answer = ana.post(f"/tasks/{task}", trade_name="Kedai Ana", seats="40", decision="ok")
    assert answer.status_code == 303
    assert "Berkas sekarang di Dinas Pemadam Kebakaran" in ana.get(answer.location).text
    with house.db.read(world.ana) as uow:
        assert cases.case(uow, permit).facts["title"] == "Kedai Ana"


def test_a_wrong_answer_comes_back_with_what_was_typed(
    house: House, world: World, reader: ReaderOf, permit: str
) -> None:
    ana, task = reader(world.ana), task_of(house, world.ana)
    answer = ana.post(f"/tasks/{task}", trade_name="<b>Kedai</b>", seats="banyak", decision="")
    assert answer.status_code == 422
    assert 'value="banyak"' in answer.text
    assert "&lt;b&gt;Kedai&lt;/b&gt;" in answer.text
    assert "“Kursi” harus berupa angka" in answer.text
    assert "Isi “Keputusan”" in answer.text
    assert answer.text.count("Kesalahan:") >= 3
    with house.db.read(world.ana) as uow:
        assert not any(event.kind is Audit.TASK_COMPLETED for event in history.history(uow, permit))
        assert inbox.inbox(uow).items[0].id == task


def test_the_second_to_complete_is_told_and_keeps_the_answers(
    house: House, world: World, reader: ReaderOf, permit: str
) -> None:
    ana, task = reader(world.ana), task_of(house, world.ana)
    ana.post(f"/tasks/{task}", decision="ok")
    answer = ana.post(f"/tasks/{task}", decision="no", trade_name="Kedai yang kedua")
    assert answer.status_code == 409
    assert "Tugas ini sudah selesai" in answer.text
    assert "Kedai yang kedua" in answer.text


def test_a_task_of_other_roles_is_shown_but_not_filled_in(
    house: House, world: World, reader: ReaderOf, permit: str
) -> None:
    task = task_of(house, world.ana)
    gita = reader(world.gita)
    page = gita.get(f"/tasks/{task}")
    assert page.status_code == 200
    assert "data-send" not in page.text
    assert gita.post(f"/tasks/{task}", decision="ok").status_code == 403
    assert gita.get("/inbox").text.count('class="step"') == 0


def test_strangers_to_the_case_find_nothing(
    house: House, world: World, reader: ReaderOf, permit: str
) -> None:
    task = task_of(house, world.ana)
    hadi = reader(world.hadi)
    for path in (f"/tasks/{task}", f"/cases/{permit}", f"/cases/{permit}/diagram", f"/cases/{permit}/cancel"):
        assert hadi.get(path).status_code == 404
    assert "P-1" not in hadi.get("/cases").text


def test_a_case_is_cancelled_only_with_a_reason(
    house: House, world: World, reader: ReaderOf, permit: str
) -> None:
    ana = reader(world.ana)
    assert ana.post(f"/cases/{permit}/cancel", reason="  ").status_code == 422
    assert ana.post(f"/cases/{permit}/cancel", reason="x" * 3000).status_code == 422
    assert ana.post(f"/cases/{permit}/cancel", reason="Pemohon mundur").status_code == 303
    assert "Pemohon mundur" in ana.get(f"/cases/{permit}").text
    again = ana.post(f"/cases/{permit}/cancel", reason="Sekali lagi")
    assert again.status_code == 409


def test_several_tasks_are_claimed_at_once_and_the_lost_ones_are_counted(
    house: House, world: World, reader: ReaderOf, permit: str
) -> None:
    ana, task = reader(world.ana), task_of(house, world.ana)
    answer = ana.post("/inbox/claim", task=[task, "no-such-task"], next="/inbox?box=mine")
    assert answer.location == "/inbox?box=mine"
    page = ana.get("/inbox?box=mine").text
    assert "1 tugas diambil." in page
    assert "1 tugas tidak terambil" in page


def test_claiming_what_a_colleague_holds_names_the_colleague(
    house: House, world: World, reader: ReaderOf, permit: str
) -> None:
    task = task_of(house, world.ana)
    with house.db.unit(world.ana) as uow:
        claim_task(uow, task)
    ana = reader(world.ana)
    assert ana.post(f"/tasks/{task}/release").status_code == 303
    assert ana.post(f"/tasks/{task}/release").status_code == 409


def test_the_way_back_after_signing_in_stays_in_the_house(app: Flask, world: World, reader: ReaderOf) -> None:
    stranger = Reader(app.test_client())
    stranger.get("/signin")
    answer = stranger.post("/signin", username="ana", password=PASSWORD, next="https://elsewhere.example/")
    assert answer.location == "/"


def test_an_upload_travels_through_the_page_and_goes_live(world: World, reader: ReaderOf) -> None:
    citra = reader(world.citra)
    files = [
        (io.BytesIO(PERMIT), "permit.bpmn"),
        *((io.BytesIO(content), name) for name, content in PARTS.items()),
    ]
    checked = citra.post("/processes/upload", files=files)
    assert checked.status_code == 200
    assert "Berlakukan" in checked.text
    names = re.findall(r'name="name" value="([^"]+)"', checked.text)
    contents = re.findall(r'name="content" value="([^"]+)"', checked.text)
    answer = citra.post("/processes/upload", name=names, content=contents, action="deploy")
    assert answer.status_code == 303
    assert citra.get(answer.location).status_code == 200
    same = citra.client.get("/processes/permit/versions/1/diagram").data
    assert same == PERMIT


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("notes.txt", b"hello", "Pilih file BPMN"),
        ("permit.bpmn", b"<not xml", "File tidak terbaca"),
        ("permit.bpmn", b"", "File tidak terbaca"),
        ("permit.bpmn", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", "File tidak terbaca"),
        ("permit.bpmn", b"<?xml version='1.0' encoding='no-such'?><x/>", "File tidak terbaca"),
    ],
)
def test_a_file_that_is_no_model_is_told_in_words(
    world: World, reader: ReaderOf, name: str, content: bytes, said: str
) -> None:
    answer = reader(world.citra).post("/processes/upload", files=[(io.BytesIO(content), name)])
    assert answer.status_code == 422
    assert said in answer.text


def test_a_file_over_the_limit_is_refused_before_it_is_read(
    house: House, world: World, reader: ReaderOf
) -> None:
    big = io.BytesIO(b"x" * (3 * house.settings.upload_limit_bytes))
    answer = reader(world.citra).post("/processes/upload", files=[(big, "permit.bpmn")])
    assert answer.status_code == 413
    assert "Ini terlalu besar" in answer.text


def test_desks_of_powers_are_closed_to_others(world: World, reader: ReaderOf) -> None:
    ana = reader(world.ana)
    for path in ("/audit", "/incidents", "/processes/upload"):
        assert ana.get(path).status_code == 403
    assert reader(world.dewi).get("/audit").status_code == 200
    assert reader(world.oka).get("/incidents").status_code == 200
    assert reader(world.sari).get("/").status_code == 303


def test_no_page_carries_inline_script_or_style(
    world: World, reader: ReaderOf, house: House, permit: str
) -> None:
    ana = reader(world.ana)
    for path in (
        "/inbox",
        "/cases",
        f"/cases/{permit}",
        f"/tasks/{task_of(house, world.ana)}",
        "/processes",
        "/styleguide",
    ):
        page = ana.get(path)
        assert page.status_code == 200, path
        assert not re.search(r"<script(?![^>]*\bsrc=)", page.text)
        assert not re.search(r"<style|\sstyle=|\son\w+=", page.text)


def test_marks_of_the_diagram_are_plain_json(world: World, reader: ReaderOf, permit: str) -> None:
    page = reader(world.ana).get(f"/cases/{permit}").text
    found = re.search(r'data-marks="([^"]*)"', page)
    assert found is not None
    marks = json.loads(found.group(1).replace("&#34;", '"').replace("&#39;", "'"))
    assert marks["states"]["check"] == "now"


def test_questions_are_asked_again_without_keeping_anything(
    house: House, world: World, reader: ReaderOf, permit: str
) -> None:
    ana, task = reader(world.ana), task_of(house, world.ana)
    answer = ana.post(f"/tasks/{task}/fields", trade_name="Kedai", decision="ok")
    assert answer.status_code == 200
    assert 'value="Kedai"' in answer.text
    assert "<html" not in answer.text


def test_a_case_that_nothing_can_move_is_not_offered_to_be_tried_again(
    caller: CallerOf, world: World, reader: ReaderOf
) -> None:
    assert caller(world.citra).upload("/processes", ONE_WAY_TWO_AWAITED, name="stuck.bpmn").status_code == 201
    ana = caller(world.ana)
    ana.post("/processes/stuck/start", {})
    for answers in ({"floors": 3}, {}):
        (task,) = ana.get("/tasks").json["items"]
        assert ana.post(f"/tasks/{task['id']}/complete", {"data": answers}).status_code == 200
    page = reader(world.oka).get("/incidents").text
    assert "cancel it with a reason" in page
    assert "/retry" not in page


SCHEDULED = (
    HEAD
    + """<message id="m" name="application"/><process id="yearly" isExecutable="true">
  <startEvent id="asked"><messageEventDefinition messageRef="m"/></startEvent>
  <startEvent id="clock" name="Once a day"><timerEventDefinition><timeCycle>0 0 7 * * ?</timeCycle></timerEventDefinition></startEvent>
  <startEvent id="once"><timerEventDefinition><timeDate>2020-01-01</timeDate></timerEventDefinition></startEvent>
  <scriptTask id="sum"><script>total = missing + 1</script></scriptTask>
  <sequenceFlow id="f1" sourceRef="asked" targetRef="sum"/><sequenceFlow id="f3" sourceRef="once" targetRef="sum"/>
  <sequenceFlow id="f2" sourceRef="clock" targetRef="sum"/></process></definitions>"""
).encode()


def test_the_process_page_tells_what_starts_a_case_and_when_next_in_both_languages(
    house: House, world: World, reader: ReaderOf, caller: CallerOf
) -> None:
    with house.db.unit(world.citra) as uow:
        deploy(uow, Upload("yearly.bpmn", SCHEDULED, {}), connectors={}, systems=())
    ana = reader(world.ana)
    page = ana.get("/processes/yearly/versions/1").text
    for words in (
        "Yang memulai berkas dengan sendirinya",
        "Pesan “application”",
        "Jadwal 0 0 7 * * ?",
        "Once a day",
        "07.00",
    ):
        assert words in page
    assert "/processes/yearly/start" not in page
    assert "/processes/yearly/start" not in ana.get("/processes").text
    refused = ana.get("/processes/yearly/start")
    assert (refused.status_code, "tidak dimulai oleh orang" in refused.text) == (422, True)
    ana.post("/language", locale="en", next="/")
    assert "What starts a case by itself" in ana.get("/processes/yearly/versions/1").text
    # The past date is due at once; the case cannot begin, and waits with its incident for an operator.
    house.worker.run_once()
    assert "none any more" in ana.get("/processes/yearly/versions/1").text
    (incident,) = caller(world.oka).get("/incidents").json["items"]
    oka = reader(world.oka)
    shown = oka.get(f"/cases/{incident['case_id']}")
    assert shown.status_code == 200
    assert "Jadwal proses" in shown.text
    assert oka.get("/incidents").status_code == 200
    assert caller(world.oka).post(f"/incidents/{incident['id']}/retry").status_code == 200
    (job,) = caller(world.oka).get("/jobs").json["items"]
    assert (job["kind"], job["state"]) == ("start", "ready")
    house.worker.run_once()
    assert caller(world.oka).get(f"/cases/{incident['case_id']}").json["state"] == "running"
