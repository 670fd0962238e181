"""Administrators set up agencies and people through the API; nobody else does, and nothing half."""

from collections.abc import Callable

import pytest
from flask import Flask

from engine.model import SYSTEM, Actor, StoredAnswer
from engine.store import people
from tests.people import World
from tests.web.client import CallerOf, code_of
from web.wiring import House

HEALTH = {
    "key": "dinkes",
    "name": {"id": "Dinas Kesehatan", "en": "Health service"},
    "roles": [{"key": "h_head", "name": {"id": "Kepala", "en": "Head"}}, {"key": "h_nurse"}],
}
EKO = {
    "username": "eko",
    "name": "Eko Purwadinata",
    "roles": [{"agency": "damkar", "role": "inspector"}],
    "powers": ["designer"],
}


def test_an_agency_is_added_and_changed(caller: CallerOf, world: World) -> None:
    sari = caller(world.sari)
    made = sari.post("/agencies", HEALTH, key="k1")
    assert made.status_code == 201
    assert made.json["roles"][1] == {"key": "h_nurse", "name": {"id": "h_nurse", "en": "h_nurse"}}
    assert sari.post("/agencies", HEALTH, key="k1").json == made.json  # a repeat of the same request
    assert code_of(sari.post("/agencies", HEALTH)) == (409, "agency_exists")
    changed = sari.patch(
        "/agencies/dinkes",
        {
            "name": {"id": "Dinkes", "en": "Health"},
            "roles": [{"key": "h_nurse", "name": {"id": "Perawat", "en": "Nurse"}}],
        },
    )
    assert (changed.json["name"]["en"], [r["name"]["en"] for r in changed.json["roles"]]) == (
        "Health",
        ["Head", "Nurse"],
    )
    assert code_of(sari.patch("/agencies/nowhere", {})) == (404, "not_found")


def test_a_person_is_added_given_a_password_and_signs_in(
    app: Flask, house: House, caller: CallerOf, world: World
) -> None:
    sari = caller(world.sari)
    made = sari.post("/people", EKO)
    assert made.status_code == 201
    assert (made.json["agencies"], made.json["active"], made.json["locale"]) == (["damkar"], True, "id")
    assert code_of(sari.post("/people", EKO)) == (409, "username_taken")
    first = sari.post("/people/eko/password", key="same").json["password"]
    second = sari.post("/people/eko/password", key="same").json["password"]
    assert first != second  # it is kept nowhere, not even for a repeat
    with house.db.read(SYSTEM) as uow:
        from sqlalchemy import select

        assert uow.session.scalars(select(StoredAnswer)).all() == []

    def signs_in(password: str) -> bool:
        browser = app.test_client()
        page = browser.get("/signin").text
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        form = {"username": "eko", "password": password, "csrf_token": token}
        return browser.post("/signin", data=form).status_code == 303

    assert not signs_in(first)
    assert signs_in(second)
    assert caller(world.bo).get("/people/eko").json == made.json  # a colleague
    assert code_of(caller(world.hadi).get("/people/eko")) == (404, "not_found")


def test_a_person_is_changed_in_just_what_is_said(caller: CallerOf, world: World) -> None:
    sari = caller(world.sari)
    before = sari.get("/people/ana").json
    after = sari.patch("/people/ana", {"roles": [{"agency": "dpmptsp", "role": "verifier"}]}).json
    assert after == before | {"roles": [{"agency": "dpmptsp", "role": "verifier"}]}
    after = sari.patch("/people/ana", {"powers": ["auditor"], "locale": "en"}).json
    assert (after["powers"], after["locale"], after["name"]) == (["auditor"], "en", "Ana")
    assert sari.patch("/people/ana", {}).json == after
    assert code_of(sari.patch("/people/nobody", {})) == (404, "not_found")


def test_an_ended_account_is_out_at_once(
    app: Flask, house: House, caller: CallerOf, world: World, token_for: Callable[[Actor], str]
) -> None:
    sari, ana = caller(world.sari), caller(world.ana)
    assert ana.get("/agencies").status_code == 200
    assert sari.patch("/people/ana", {"active": False}).json["active"] is False
    assert code_of(ana.get("/agencies")) == (401, "token_invalid")
    assert code_of(sari.post("/people/ana/password")) == (409, "person_inactive")
    assert code_of(sari.patch("/people/sari", {"active": False})) == (409, "own_account")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, "invalid"),
        ({**EKO, "pasword": "x"}, "invalid"),
        ({**EKO, "username": "E ko"}, "username_invalid"),
        ({**EKO, "username": 5}, "invalid"),
        ({**EKO, "name": "=1+1"}, "name_invalid"),
        ({**EKO, "name": "x" * 201}, "invalid"),
        ({**EKO, "powers": ["king"]}, "invalid"),
        ({**EKO, "locale": "fr"}, "invalid"),
        ({**EKO, "agencies": ["nowhere"]}, "agency_unknown"),
        ({**EKO, "roles": [{"agency": "damkar", "role": "nothing"}]}, "role_unknown"),
        ({**EKO, "roles": ["damkar/inspector"]}, "invalid"),
        ({**EKO, "active": "perhaps"}, "invalid"),
    ],
)
def test_a_bad_person_is_refused(
    house: House, caller: CallerOf, world: World, body: dict[str, object], problem: str
) -> None:
    assert code_of(caller(world.sari).post("/people", body)) == (422, problem)
    with house.db.read(SYSTEM) as uow:
        assert people.by_username(uow, "eko") is None


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "/agencies", HEALTH),
        ("patch", "/agencies/damkar", {"roles": [{"key": "x"}]}),
        ("post", "/people", EKO),
        ("patch", "/people/bo", {"powers": ["administrator"]}),
        ("post", "/people/bo/password", None),
    ],
)
def test_only_administrators_change_people(
    caller: CallerOf, world: World, method: str, path: str, body: object
) -> None:
    for person in world.everybody:
        if person is not world.sari:
            answer = getattr(caller(person), method)(path, body)
            assert answer.status_code in (403, 404), (person.username, answer.text)
