"""The administrator's desk: people and agencies added, changed and let go by hand, for administrators only."""

import re

import pytest
from flask import Flask

from engine.model import SYSTEM
from engine.states import Power
from engine.store import people
from engine.store.people import PersonRow
from tests.people import FIRE, LICENSING, World
from tests.web.conftest import PASSWORD
from tests.web.test_pages import Reader, ReaderOf, reader
from web.wiring import House

__all__ = ["reader"]  # a fixture


def row(house: House, username: str) -> PersonRow:
    with house.db.read(SYSTEM) as uow:
        return people.person(uow, username)


def exists(house: House, username: str) -> bool:
    with house.db.read(SYSTEM) as uow:
        return people.by_username(uow, username) is not None


@pytest.fixture
def sari(world: World, reader: ReaderOf) -> Reader:
    return reader(world.sari)


def test_the_desk_lists_everybody_every_agency_and_what_changed(sari: Reader) -> None:
    assert sari.get("/").headers["Location"] == "/people"
    page = sari.get("/people").text
    for text in ("Gita", "DPMPTSP: verifier", "Perancang", "damkar", "Belum ada perubahan."):
        assert text in page
    sari.get("/people/gita")
    sari.post("/people/gita", name="Gita Ayu", locale="en", role=f"{LICENSING}/verifier", power="auditor")
    page = sari.get("/people?q=gita").text
    assert "Sari <b>mengubah akun</b> Gita Ayu." in page
    assert "Hadi" not in page.split('id="agencies"')[0]


def test_a_person_is_added_and_signs_in_with_the_password_shown_once(
    app: Flask, house: House, sari: Reader
) -> None:
    sari.get("/add-person")
    made = sari.post(
        "/add-person",
        username="eko",
        name="Eko Purwadinata",
        locale="id",
        role=[f"{FIRE}/inspector"],
        agency=[LICENSING],
        power=["operator"],
    )
    assert made.status_code == 201
    found = re.search(r'<code class="key">([a-z0-9-]+)</code>', made.text)
    assert found is not None
    assert made.headers["Cache-Control"] == "no-store"
    eko = row(house, "eko")
    assert (eko.agencies, eko.roles, eko.powers) == (
        (FIRE, LICENSING),
        ((FIRE, "inspector"),),
        (Power.OPERATOR,),
    )
    assert found.group(1) not in sari.get("/people/eko").text
    visitor = Reader(app.test_client())
    visitor.get("/signin")
    assert visitor.post("/signin", username="eko", password=found.group(1)).status_code == 303


def test_a_bad_form_comes_back_as_it_was_filled_in(house: House, sari: Reader) -> None:
    sari.get("/add-person")
    for fields, said in (
        ({"username": "Eko P"}, "Nama pengguna terdiri atas"),
        ({"username": "ana"}, "sudah dipakai"),
        ({"name": "=1+1"}, "tidak diawali"),
        ({"locale": "fr"}, "language"),
        ({"agency": "nowhere"}, "nowhere"),
        ({"role": "damkar/chief"}, "chief"),
    ):
        sent = {"username": "eko", "name": "Eko", "locale": "id", "role": f"{FIRE}/inspector"} | fields
        answer = sari.post("/add-person", **sent)
        assert answer.status_code == 422
        assert said in answer.text
        assert f'value="{sent["name"]}"' in answer.text
        assert not exists(house, "eko")


def test_an_account_is_ended_after_a_question_and_opened_again(
    app: Flask, house: House, world: World, sari: Reader
) -> None:
    ana = Reader(app.test_client())
    ana.get("/signin")
    ana.post("/signin", username="ana", password=PASSWORD)
    assert ana.get("/inbox").status_code == 200
    assert "Akhiri akun Ana?" in sari.get("/people/ana/end").text
    assert row(house, "ana").active
    assert sari.post("/people/ana/end").status_code == 303
    assert not row(house, "ana").active
    assert ana.get("/inbox").status_code == 303  # signed out at once
    page = sari.get("/people/ana").text
    assert "Buka kembali akun" in page
    assert "Akhiri akun" not in page
    sari.post("/people/ana", name="Ana B", locale="id")  # a saved form does not open it by itself
    assert (row(house, "ana").active, row(house, "ana").name) == (False, "Ana B")
    assert sari.post("/people/ana/password").status_code == 409
    sari.post("/people/ana/back")
    assert row(house, "ana").active
    assert sari.post("/people/ana/password").status_code == 200


def test_nobody_ends_their_own_account_or_power(house: House, sari: Reader) -> None:
    sari.get("/people/sari/end")
    answer = sari.post("/people/sari/end")
    assert answer.status_code == 409
    assert "administrator lain" in answer.text
    answer = sari.post("/people/sari", name="Sari", locale="id")
    assert answer.status_code == 422
    assert row(house, "sari").powers == (Power.ADMINISTRATOR,)


def test_an_agency_is_added_with_roles_and_renamed(house: House, sari: Reader) -> None:
    sari.get("/add-agency")
    fields = {"key": "dinkes", "name_id": "Dinas Kesehatan", "name_en": "Health service"}
    roles = {"role": ["h_head", "", "h_nurse"], "role_id": ["Kepala", "", ""], "role_en": ["Head", "", ""]}
    assert sari.post("/add-agency", **fields, **roles).status_code == 303
    page = sari.get("/agencies/dinkes").text
    assert 'value="h_nurse" readonly' in page
    assert sari.post("/add-agency", **fields).status_code == 422  # there already
    bad = sari.post("/add-agency", **(fields | {"key": "Dinas X"}))
    assert "huruf kecil" in bad.text
    bad = sari.post("/agencies/dinkes", name_id="=x", name_en="y")
    assert (bad.status_code, "tidak diawali" in bad.text) == (422, True)
    bad = sari.post(
        "/agencies/dinkes",
        name_id="x",
        name_en="y",
        role=["", "a"],
        role_id=["Tanpa kunci", ""],
        role_en=["", ""],
    )
    assert bad.status_code == 422
    sari.post(
        "/agencies/dinkes",
        name_id="Dinkes",
        name_en="Health",
        role=["h_head"],
        role_id=["Kepala"],
        role_en=["Chief"],
    )
    with house.db.read(SYSTEM) as uow:
        found = {agency.key: agency for agency in people.agencies(uow)}["dinkes"]
    assert (found.name_en, [(r.key, r.name_en) for r in found.roles]) == (
        "Health",
        [("h_head", "Chief"), ("h_nurse", "h_nurse")],
    )
    assert sari.get("/agencies/nowhere").status_code == 404


def test_the_desk_is_closed_to_everybody_else(house: House, world: World, reader: ReaderOf) -> None:
    for person in world.everybody:
        if person is world.sari:
            continue
        visitor = reader(person)
        assert "/people" not in visitor.get("/shortcuts").text
        for path in (
            "/people",
            "/add-person",
            "/people/ana",
            "/people/ana/end",
            "/add-agency",
            "/agencies/damkar",
        ):
            assert visitor.get(path).status_code == 403, (person.username, path)
        for path in (
            "/add-person",
            "/people/ana",
            "/people/ana/end",
            "/people/ana/back",
            "/people/ana/password",
        ):
            assert visitor.post(path, username="x", name="X").status_code == 403, (person.username, path)
        assert visitor.post("/agencies/damkar", name_id="x", name_en="y").status_code == 403
    assert row(house, "ana").name == "Ana"


def test_what_people_are_called_is_text_and_no_markup(sari: Reader) -> None:
    sari.get("/add-person")
    sari.post("/add-person", username="eko", name="<script>alert(1)</script>", locale="id")
    for path in ("/people", "/people/eko", "/people/eko/end"):
        assert "<script>alert" not in sari.get(path).text


def test_everybody_chooses_a_password_of_their_own(
    app: Flask,
    house: House,
    world: World,
    reader: ReaderOf,
) -> None:
    ana, elsewhere = reader(world.ana), reader(world.ana)

    def change(current: str, new: str, again: str | None = None) -> tuple[int, str]:
        answer = ana.post("/password", current=current, new=new, again=new if again is None else again)
        return answer.status_code, answer.text

    assert "Kata sandi Anda" in ana.get("/password").text
    for current, new, again, said in (
        ("wrong", "tiga kata panjang", None, "saat ini tidak benar"),
        (PASSWORD, "q7pendek", None, "paling sedikit 12"),
        (PASSWORD, PASSWORD, None, "paling sedikit 12"),
        (PASSWORD, "tiga kata panjang", "dua kata panjang", "tidak sama"),
    ):
        status, text = change(current, new, again)
        assert (status, said in text) == (422, True), text
        assert new not in text
    assert change(PASSWORD, "tiga kata panjang")[0] == 303
    assert ana.get("/inbox").status_code == 200  # this session goes on
    assert elsewhere.get("/inbox").status_code == 303  # the others end
    visitor = Reader(app.test_client())
    visitor.get("/signin")
    assert visitor.post("/signin", username="ana", password=PASSWORD).status_code == 422
    assert visitor.post("/signin", username="ana", password="tiga kata panjang").status_code == 303


def test_guessing_the_current_password_is_slowed_down(world: World, reader: ReaderOf) -> None:
    ana = reader(world.ana)
    for _ in range(10):
        assert ana.post("/password", current="wrong", new="x" * 12, again="x" * 12).status_code == 422
    assert ana.post("/password", current=PASSWORD, new="x" * 12, again="x" * 12).status_code == 429
