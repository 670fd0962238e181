"""Agencies for all who are signed in, people for administrators only; on both databases."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from engine.model import Actor
from tests.people import World

Get = Callable[..., Any]


@pytest.fixture
def get(visitor: FlaskClient, token_for: Callable[[Actor], str]) -> Get:
    """Reads an address of the API as a person."""

    def get(actor: Actor, path: str) -> Any:
        return visitor.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {token_for(actor)}"})

    return get


def test_everybody_signed_in_sees_the_agencies_with_their_roles(get: Get, world: World) -> None:
    page = get(world.hadi, "/agencies").json
    assert page["next"] is None
    fire = page["items"][0]
    assert fire == {
        "key": "damkar",
        "name": {"id": "Dinas Pemadam Kebakaran", "en": "Fire service"},
        "roles": [{"key": "inspector", "name": {"id": "inspector", "en": "inspector"}}],
    }


def test_the_administrator_pages_through_everybody(get: Get, world: World) -> None:
    names: list[str] = []
    after = ""
    while True:
        page = get(world.sari, f"/people?limit=3{after}").json
        names += [person["username"] for person in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert names == sorted(person.username for person in world.everybody)
    bo = get(world.sari, "/people?q=bo").json["items"][0]
    assert bo == {
        "username": "bo",
        "name": "Bo",
        "active": True,
        "locale": "id",
        "agencies": ["damkar"],
        "roles": [{"agency": "damkar", "role": "inspector"}],
        "powers": [],
    }


def test_others_may_not_list_people(get: Get, world: World) -> None:
    answer = get(world.ana, "/people")
    assert (answer.status_code, answer.json["code"]) == (403, "not_permitted")


@pytest.mark.parametrize(
    ("path", "field"),
    [("/people?agenci=damkar", "agenci"), ("/people?limit=0", "limit"), ("/people?limit=many", "limit")],
)
def test_a_query_that_is_not_understood_is_refused_by_name(
    get: Get, world: World, path: str, field: str
) -> None:
    answer = get(world.sari, path)
    assert (answer.status_code, answer.json["code"]) == (422, "invalid")
    assert field in answer.json["fields"]


def test_a_filter_given_twice_is_refused(get: Get, world: World) -> None:
    answer = get(world.sari, "/people?q=a&q=b")
    assert (answer.status_code, list(answer.json["fields"])) == (422, ["q"])


def test_a_cursor_of_another_list_is_refused(get: Get, world: World) -> None:
    answer = get(world.sari, "/people?after=nonsense")
    assert (answer.status_code, answer.json["code"]) == (422, "cursor_invalid")
