"""Who gets through the door, on both databases."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from engine.clock import MovableClock
from engine.model import SYSTEM, Actor, ApiToken, Person
from engine.store.uow import UnitOfWork
from tests.people import World
from tests.web.conftest import PASSWORD
from web import auth
from web.context import actor
from web.marks import public
from web.wiring import House


@pytest.fixture
def app(app: Flask) -> Flask:
    """The application, with two rooms of which one is open to everybody."""
    app.add_url_rule(
        "/api/test/me", "test_me", lambda: {"username": actor().username}, methods=["GET", "POST"]
    )
    app.add_url_rule("/test/room", "test_room", lambda: actor().name)
    app.add_url_rule("/test/token", "test_token", public(lambda: auth.csrf_token()))

    @public
    def enter() -> str:
        return auth.sign_in("ana", PASSWORD).name

    app.add_url_rule("/test/enter", "test_enter", enter, methods=["POST"])
    return app


def enter(client: FlaskClient) -> FlaskClient:
    token = client.get("/test/token").text
    assert client.post("/test/enter", headers={"X-CSRF-Token": token}).status_code == 200
    return client


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_visitor_is_sent_to_sign_in_and_comes_back_to_the_page(visitor: FlaskClient) -> None:
    answer = visitor.get("/test/room?day=1")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/signin?next=%2Ftest%2Froom%3Fday%3D1"


def test_a_visitor_gets_a_problem_from_the_api(visitor: FlaskClient) -> None:
    answer = visitor.get("/api/test/me")
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
    assert answer.json is not None
    assert answer.json["code"] == "not_signed_in"
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]
    assert "Bearer" in answer.headers["WWW-Authenticate"]


def test_a_bearer_token_speaks_for_its_person_without_a_csrf_token(
    visitor: FlaskClient, token_for: Callable[[Actor], str], world: World
) -> None:
    answer = visitor.post("/api/test/me", headers=bearer(token_for(world.bo)))
    assert answer.json == {"username": "bo"}
    assert "Set-Cookie" not in answer.headers


def test_a_bearer_token_opens_the_api_only(
    visitor: FlaskClient, token_for: Callable[[Actor], str], world: World
) -> None:
    assert visitor.get("/test/room", headers=bearer(token_for(world.bo))).status_code == 303


@pytest.mark.parametrize("header", ["Bearer lintas_nonsense", "Bearer ", "Basic YW5hOmFuYQ==", "lintas"])
def test_a_token_that_is_none_is_refused_even_with_a_good_session(visitor: FlaskClient, header: str) -> None:
    answer = enter(visitor).get("/api/test/me", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["code"] == "token_invalid"


def test_a_token_ends_when_it_expires_is_revoked_or_its_person_leaves(
    visitor: FlaskClient,
    token_for: Callable[[Actor], str],
    house: House,
    clock: MovableClock,
    world: World,
) -> None:
    expiring, revoked, leaving = token_for(world.ana), token_for(world.gita), token_for(world.bo)
    with house.db.unit(SYSTEM) as uow:
        for token, change in ((expiring, "expires_at"), (revoked, "revoked_at")):
            row = _token_row(uow, token)
            setattr(row, change, uow.now() + timedelta(minutes=1) if change == "expires_at" else uow.now())
        uow.row(Person, world.bo.id).active = False
    assert visitor.get("/api/test/me", headers=bearer(expiring)).status_code == 200
    clock.move_by(timedelta(minutes=2))
    for token in (expiring, revoked, leaving):
        assert visitor.get("/api/test/me", headers=bearer(token)).status_code == 401


def test_a_session_lasts_until_the_person_ends_all_sessions(
    visitor: FlaskClient, house: House, world: World
) -> None:
    enter(visitor)
    assert visitor.get("/test/room").text == "Ana"
    with house.db.unit(SYSTEM) as uow:
        uow.row(Person, world.ana.id).session_epoch += 1
    assert visitor.get("/test/room").status_code == 303


def test_the_session_of_a_person_who_left_is_over(visitor: FlaskClient, house: House, world: World) -> None:
    enter(visitor)
    with house.db.unit(SYSTEM) as uow:
        uow.row(Person, world.ana.id).active = False
    assert visitor.get("/test/room").status_code == 303


def test_signing_in_makes_a_new_session_and_a_new_csrf_token(visitor: FlaskClient) -> None:
    with visitor.session_transaction() as before:
        before["planted"] = "by somebody else"
    old = visitor.get("/test/token").text
    enter(visitor)
    with visitor.session_transaction() as after:
        assert "planted" not in after
    assert visitor.post("/api/test/me", headers={"X-CSRF-Token": old}).status_code == 400


def test_the_cookie_is_kept_from_scripts_and_other_sites(visitor: FlaskClient) -> None:
    token = visitor.get("/test/token").text
    cookie = visitor.post("/test/enter", headers={"X-CSRF-Token": token}).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_a_session_changes_nothing_without_its_csrf_token(visitor: FlaskClient) -> None:
    answer = enter(visitor).post("/api/test/me")
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["code"] == "csrf_failed"
    token = visitor.get("/test/token").text
    assert visitor.post("/api/test/me", headers={"X-CSRF-Token": token}).json == {"username": "ana"}


@pytest.mark.parametrize(
    ("username", "password"),
    [("ana", "wrong"), ("nobody", PASSWORD), ("", ""), ("ana", ""), ("a\0na", PASSWORD)],
)
def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(
    app: Flask, username: str, password: str
) -> None:
    with app.test_request_context("/"), pytest.raises(auth.SignInRefused) as refused:
        auth.sign_in(username, password)
    assert refused.value.message == "This user name and password do not belong together."


def test_an_unknown_name_costs_as_much_time_as_a_wrong_password(app: Flask) -> None:
    def seconds(username: str) -> float:
        began = time.perf_counter()
        with app.test_request_context("/"), pytest.raises(auth.SignInRefused):
            auth.sign_in(username, "wrong")
        return time.perf_counter() - began

    seconds("warm-up")
    # Hashing takes most of it: without it an unknown name would be ten times faster.
    assert seconds("nobody") > seconds("ana") / 3


def test_after_ten_failures_even_the_right_password_waits(app: Flask) -> None:
    with app.test_request_context("/"):
        for _ in range(10):
            with pytest.raises(auth.SignInRefused):
                auth.sign_in("bo", "wrong")
        with pytest.raises(auth.SignInThrottled) as held:
            auth.sign_in("bo", PASSWORD)
    assert 0 < held.value.detail["wait_s"] <= 900


def _token_row(uow: UnitOfWork, token: str) -> ApiToken:
    return uow.session.scalars(select(ApiToken).where(ApiToken.hash == auth.token_hash(token))).one()
