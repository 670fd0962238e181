"""Who somebody is: actors, tokens, colleagues."""

from datetime import timedelta

import pytest

from engine.clock import MovableClock
from engine.errors import Invalid, NotFound
from engine.model import SYSTEM, ApiToken, Person
from engine.store import people
from engine.store.db import Database
from tests.people import FIRE, LICENSING, World
from tests.statements import counted


def test_an_actor_is_read_whole_in_one_statement(database: Database, world: World) -> None:
    for person in world.everybody:
        with counted(database) as statements, database.read(SYSTEM) as uow:
            assert people.actor_of(uow, person.id) == person
        assert len(statements) == 1


def test_who_left_can_act_no_more(database: Database, world: World) -> None:
    with database.unit(SYSTEM) as uow:
        uow.get(Person, world.ana.id, lock=True).active = False
    with database.read(SYSTEM) as uow, pytest.raises(NotFound):
        people.actor_of(uow, world.ana.id)


def test_a_session_is_its_owner_until_it_is_ended(database: Database, world: World) -> None:
    with counted(database) as statements, database.read(SYSTEM) as uow:
        assert people.actor_of_session(uow, world.ana.id, 0) == world.ana
    assert len(statements) == 1
    with database.unit(SYSTEM) as uow:
        uow.get(Person, world.ana.id, lock=True).session_epoch += 1
    with database.read(SYSTEM) as uow:
        for epoch in (0, 2, None, "1", 1.5):
            assert people.actor_of_session(uow, world.ana.id, epoch) is None
        assert people.actor_of_session(uow, "nobody", 1) is None
        assert people.actor_of_session(uow, world.ana.id, 1) == world.ana
    with database.unit(SYSTEM) as uow:
        uow.get(Person, world.ana.id, lock=True).active = False
    with database.read(SYSTEM) as uow:
        assert people.actor_of_session(uow, world.ana.id, 1) is None


def test_a_token_is_its_owner_until_it_expires_or_is_revoked(
    database: Database, world: World, clock: MovableClock
) -> None:
    with database.unit(SYSTEM) as uow:
        for name, expires_at in (("short", uow.now() + timedelta(hours=1)), ("long", None)):
            uow.add(
                ApiToken(
                    id=name, person_id=world.bo.id, hash=name, created_at=uow.now(), expires_at=expires_at
                )
            )
    with database.read(SYSTEM) as uow:
        assert people.actor_of_token(uow, "short") == world.bo
        assert people.actor_of_token(uow, "stranger") is None
    clock.move_by(timedelta(hours=1))
    with database.unit(SYSTEM) as uow:
        assert people.actor_of_token(uow, "short") is None
        uow.get(ApiToken, "long", lock=True).revoked_at = uow.now()
    with database.read(SYSTEM) as uow:
        assert people.actor_of_token(uow, "long") is None


def test_people_see_themselves_and_their_colleagues_administrators_everybody(
    database: Database, world: World
) -> None:
    with database.read(world.ana) as uow:
        assert [p.username for p in people.people(uow).items] == ["ana", "citra", "gita"]
        with pytest.raises(NotFound):
            people.person(uow, "bo")
    with database.read(world.sari) as uow:
        assert len(people.people(uow).items) == len(world.everybody)
        assert [p.username for p in people.people(uow, agency=FIRE).items] == ["bo"]
        assert people.person(uow, "bo").roles == ((FIRE, "inspector"),)


def test_pages_of_people_meet_without_gap(database: Database, world: World) -> None:
    seen: list[str] = []
    after: str | None = None
    with database.read(world.sari) as uow:
        for _ in range(9):
            page = people.people(uow, after=after, limit=3)
            seen += [p.username for p in page.items]
            after = page.next
            if after is None:
                break
    assert seen == sorted(p.username for p in world.everybody)


def test_a_cursor_of_another_list_is_refused(database: Database, world: World) -> None:
    with database.read(world.sari) as uow:
        for text in ("xx", "WyJpbmJveCIsIDFd", "é"):
            with pytest.raises(Invalid):
                people.people(uow, after=text)


def test_agencies_come_with_their_roles(database: Database, world: World) -> None:
    with database.read(world.ana) as uow:
        found = {a.key: [r.key for r in a.roles] for a in people.agencies(uow)}
        assert found[LICENSING] == ["front_desk", "verifier"]
        assert "bo" in people.usernames(uow)
