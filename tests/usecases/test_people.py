"""Agencies and people are set up by administrators: bad wishes change nothing, and who leaves holds nothing."""

from dataclasses import replace

import orjson
import pytest

from engine.errors import Conflict, EngineError, Invalid, NotFound, NotPermitted
from engine.model import SYSTEM, Actor, ApiToken, AuditEvent, HouseEvent, Person
from engine.states import Audit, Power, TaskState
from engine.store import people
from engine.store.db import Database
from engine.store.history import verify
from engine.usecases.claim_task import claim_task
from engine.usecases.keep_agency import (
    AgencyWish,
    Effect,
    RoleWish,
    change_agency,
    create_agency,
    put_agency,
)
from engine.usecases.keep_person import (
    PersonWish,
    change_person,
    create_person,
    put_person,
    set_password,
    wish_of,
)
from tests.fakes import Stage, task
from tests.people import FIRE, LICENSING
from tests.usecases.conftest import House

HEALTH = AgencyWish("dinkes", "Dinas Kesehatan", "Health service", (RoleWish("h_head", "Kepala", "Head"),))
EKO = PersonWish(
    "eko", "Eko Purwadinata", roles=frozenset({(FIRE, "inspector")}), powers=frozenset({Power.DESIGNER})
)


def events(database: Database) -> list[tuple[str, str, str]]:
    from sqlalchemy import select

    with database.read(SYSTEM) as uow:
        found = uow.session.scalars(select(HouseEvent).order_by(HouseEvent.id))
        return [(event.kind, event.subject, event.actor_name) for event in found]


def row(database: Database, username: str) -> people.PersonRow:
    with database.read(SYSTEM) as uow:
        return people.person(uow, username)


def test_a_new_agency_with_roles_is_there_and_in_the_history(house: House) -> None:
    house.act(house.people.sari, create_agency, HEALTH)
    with house.database.read(house.people.ana) as uow:
        found = {agency.key: agency for agency in people.agencies(uow)}["dinkes"]
    assert (found.name_en, [(r.key, r.name_en) for r in found.roles]) == (
        "Health service",
        [("h_head", "Head")],
    )
    assert events(house.database) == [(Audit.AGENCY_CREATED, "dinkes", "Sari")]
    with pytest.raises(Conflict) as refusal:
        house.act(house.people.sari, create_agency, HEALTH)
    assert refusal.value.problem_code == "agency_exists"


def test_a_wish_that_is_so_already_changes_nothing(house: House) -> None:
    house.act(house.people.sari, put_agency, HEALTH)
    before = house.print()
    assert house.act(house.people.sari, put_agency, HEALTH) is Effect.UNCHANGED
    assert house.act(house.people.sari, put_agency, AgencyWish("dinkes")) is Effect.UNCHANGED
    assert house.print() == before


def test_a_changed_agency_keeps_the_roles_that_are_not_named(house: House) -> None:
    wish = AgencyWish(FIRE, name_en="Fire and rescue", roles=(RoleWish("chief"),))
    assert house.act(house.people.sari, change_agency, wish) is Effect.CHANGED
    with house.database.read(SYSTEM) as uow:
        found = {agency.key: agency for agency in people.agencies(uow)}[FIRE]
    assert found.name_en == "Fire and rescue"
    assert [role.key for role in found.roles] == ["chief", "inspector"]
    with pytest.raises(NotFound):
        house.act(house.people.sari, change_agency, AgencyWish("nowhere", "a", "b"))


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (replace(HEALTH, key="Dinas Kesehatan"), "key_invalid"),
        (replace(HEALTH, key=""), "key_invalid"),
        (replace(HEALTH, key="a/b"), "key_invalid"),
        (replace(HEALTH, key="k" * 65), "key_invalid"),
        (replace(HEALTH, name_id=None), "name_invalid"),
        (replace(HEALTH, name_en="  "), "name_invalid"),
        (replace(HEALTH, name_en="=HYPERLINK(1)"), "name_invalid"),
        (replace(HEALTH, name_en="a\nb"), "name_invalid"),
        (replace(HEALTH, name_en="n" * 201), "name_invalid"),
        (replace(HEALTH, roles=(RoleWish("*"),)), "key_invalid"),
        (replace(HEALTH, roles=(RoleWish(""),)), "key_invalid"),
        (replace(HEALTH, roles=(RoleWish("a"), RoleWish("a"))), "named_twice"),
        (replace(HEALTH, roles=(RoleWish("a", "@x"),)), "name_invalid"),
        (replace(HEALTH, calendar={"hours": {"mon": ["25:00-26:00"]}}), "calendar_invalid"),
    ],
)
def test_an_agency_that_cannot_be_is_refused_and_nothing_changed(
    house: House, wish: AgencyWish, code: str
) -> None:
    before = house.print()
    with pytest.raises(Invalid) as refusal:
        house.act(house.people.sari, put_agency, wish)
    assert refusal.value.problem_code == code
    assert house.print() == before


def test_a_new_person_works_where_their_roles_are(house: House) -> None:
    house.act(house.people.sari, create_person, EKO)
    eko = row(house.database, "eko")
    assert wish_of(eko) == replace(EKO, agencies=frozenset({FIRE}))
    with house.database.read(SYSTEM) as uow:
        actor = people.actor_of(uow, eko.id)
    assert (actor.roles, actor.powers) == (EKO.roles, EKO.powers)
    assert events(house.database) == [(Audit.PERSON_CREATED, "eko", "Sari")]
    with pytest.raises(Conflict) as refusal:
        house.act(house.people.sari, create_person, EKO)
    assert refusal.value.problem_code == "username_taken"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"username": "Eko"}, "username_invalid"),
        ({"username": "eko p"}, "username_invalid"),
        ({"username": ""}, "username_invalid"),
        ({"username": "=eko"}, "username_invalid"),
        ({"name": ""}, "name_invalid"),
        ({"name": "+62 811"}, "name_invalid"),
        ({"name": "Eko\x00"}, "name_invalid"),
        ({"locale": "jv"}, "locale_invalid"),
        ({"agencies": frozenset({"nowhere"})}, "agency_unknown"),
        ({"roles": frozenset({("nowhere", "inspector")})}, "agency_unknown"),
        ({"roles": frozenset({(FIRE, "front_desk")})}, "role_unknown"),
    ],
)
def test_a_person_that_cannot_be_is_refused_and_nothing_changed(
    house: House, changes: dict[str, object], code: str
) -> None:
    before = house.print()
    with pytest.raises(Invalid) as refusal:
        house.act(house.people.sari, put_person, replace(EKO, **changes))
    assert refusal.value.problem_code == code
    assert house.print() == before


def test_only_administrators_and_the_house_itself_set_people_up(house: House) -> None:
    before = house.print()
    world = house.people
    for actor in world.everybody:
        if actor is world.sari:
            continue
        for attempt in (
            lambda a=actor: house.act(a, create_person, EKO),
            lambda a=actor: house.act(a, change_person, a.username, powers=frozenset(Power)),
            lambda a=actor: house.act(a, put_agency, HEALTH),
            lambda a=actor: house.act(a, set_password, "ana", "hash"),
        ):
            with pytest.raises(NotPermitted):
                attempt()
    assert house.print() == before
    house.act(SYSTEM, put_agency, HEALTH)


@pytest.fixture
def permit(house: House) -> str:
    """Two tasks: one for the front desk, one for any member of licensing. Ana holds both."""
    house.deploy(
        "permit",
        Stage((task("desk"), task("any")), needs_all=True),
        routing={"desk": (LICENSING, ["front_desk"]), "any": (LICENSING, [])},
    )
    case = house.start("permit")
    for element in ("desk", "any"):
        house.act(house.people.ana, claim_task, house.task(element).id)
    return case


def released(house: House, case_id: str) -> list[tuple[str, str | None]]:
    found = house.rows(AuditEvent, case_id=case_id)
    return [(e.actor_name, e.element_id) for e in found if e.kind == Audit.TASK_RELEASED]


def test_who_leaves_loses_sessions_and_tokens_and_gives_back_what_they_hold(
    house: House, permit: str
) -> None:
    ana = house.people.ana
    with house.database.unit(SYSTEM) as uow:
        uow.add(ApiToken(person_id=ana.id, hash="h" * 64, created_at=uow.now()))
    epoch = house.rows(Person, id=ana.id)[0].session_epoch
    assert house.act(house.people.sari, change_person, "ana", active=False) is Effect.CHANGED
    with house.database.read(SYSTEM) as uow:
        assert people.actor_of_token(uow, "h" * 64) is None
        assert verify(uow, permit).intact
    (person,) = house.rows(Person, id=ana.id)
    assert (person.active, person.session_epoch) == (False, epoch + 1)
    assert house.rows(ApiToken, person_id=ana.id)[0].revoked_at is not None
    for element in ("desk", "any"):
        open_task = house.task(element)
        assert (open_task.state, open_task.assignee, open_task.assignee_name) == (TaskState.OPEN, None, None)
    assert sorted(released(house, permit)) == [("Sari", "any"), ("Sari", "desk")]
    (event,) = [e for e in house.rows(HouseEvent) if e.kind == Audit.PERSON_DEACTIVATED]
    assert orjson.loads(event.data)["returned"] == 2
    # Taken back, Ana is who she was, but her old token stays dead.
    house.act(house.people.sari, change_person, "ana", active=True)
    with house.database.read(SYSTEM) as uow:
        assert people.actor_of(uow, ana.id).roles == ana.roles
        assert people.actor_of_token(uow, "h" * 64) is None


def test_ending_an_account_once_more_gives_back_what_was_claimed_meanwhile(house: House, permit: str) -> None:
    ana = house.people.ana
    house.act(house.people.sari, change_person, "ana", active=False)
    house.act(ana, claim_task, house.task("any").id)  # a request that had let Ana in just before
    assert house.act(house.people.sari, change_person, "ana", active=False) is Effect.CHANGED
    assert house.task("any").assignee is None
    assert house.act(house.people.sari, change_person, "ana", active=False) is Effect.UNCHANGED


def test_who_changes_role_gives_back_only_what_they_may_hold_no_longer(house: House, permit: str) -> None:
    house.act(house.people.sari, change_person, "ana", roles=frozenset({(LICENSING, "verifier")}))
    assert house.task("desk").assignee is None
    assert house.task("any").assignee == house.people.ana.id
    assert released(house, permit) == [("Sari", "desk")]


def test_the_last_administrator_stays_and_nobody_ends_their_own_account(house: House) -> None:
    sari = house.people.sari

    def code(actor: Actor, **changes: object) -> str:
        with pytest.raises(Conflict) as refusal:
            house.act(actor, change_person, "sari", **changes)
        return refusal.value.problem_code

    assert code(sari, active=False) == "own_account"
    assert code(sari, powers=frozenset()) == "own_account"
    assert code(SYSTEM, active=False) == "last_administrator"
    house.act(sari, put_person, replace(EKO, powers=frozenset({Power.ADMINISTRATOR})))
    house.act(sari, change_person, "eko", active=False)
    assert code(SYSTEM, powers=frozenset()) == "last_administrator"  # one who has left does not count
    house.act(sari, change_person, "eko", active=True)
    house.act(SYSTEM, change_person, "sari", active=False)


def test_a_new_password_signs_the_old_one_out(house: House) -> None:
    house.act(house.people.sari, set_password, "ana", "new-hash")
    (ana,) = house.rows(Person, username="ana")
    assert (ana.password_hash, ana.session_epoch) == ("new-hash", 1)
    assert events(house.database)[-1] == (Audit.PASSWORD_SET, "ana", "Sari")
    assert all("new-hash" not in event.data for event in house.rows(HouseEvent))
    with pytest.raises(NotFound):
        house.act(house.people.sari, set_password, "nobody", "x")
    house.act(house.people.sari, change_person, "ana", active=False)
    with pytest.raises(Conflict):
        house.act(house.people.sari, set_password, "ana", "x")


def test_an_administrator_reads_no_case_by_that_power(house: House, permit: str) -> None:
    from engine.store import cases

    with house.database.read(house.people.sari) as uow:
        assert cases.cases(uow).items == []
        with pytest.raises(EngineError):
            cases.case(uow, permit)
    with pytest.raises(EngineError):
        house.act(house.people.sari, claim_task, house.task("desk").id)
