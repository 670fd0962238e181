"""A small world for tests: three agencies, and people who each may do one thing."""

from engine.model import SYSTEM, Actor, Agency, Member, Person, PersonPower, PersonRole, Role
from engine.states import Power
from engine.store.db import Database

LICENSING, FIRE, SPATIAL = "dpmptsp", "damkar", "pupr"

AGENCIES = {
    LICENSING: ("DPMPTSP", "Licensing service", ("front_desk", "verifier")),
    FIRE: ("Dinas Pemadam Kebakaran", "Fire service", ("inspector",)),
    SPATIAL: ("Dinas PUPR", "Public works", ()),
}


def _actor(name: str, *memberships: str, powers: tuple[Power, ...] = ()) -> Actor:
    pairs = [text.split("/") for text in memberships]
    return Actor(
        id=f"person-{name.lower()}",
        username=name.lower(),
        name=name,
        agencies=frozenset(pair[0] for pair in pairs),
        roles=frozenset((pair[0], pair[1]) for pair in pairs if len(pair) == 2),
        powers=frozenset(powers),
        locale="id",
    )


class World:
    """Ana (front desk) and Gita (verifier) at licensing, Bo at the fire service, Hadi at public works (no part in
    anything), Citra who designs for licensing, Dewi who audits, Oka who operates, Sari who administers."""

    ana = _actor("Ana", f"{LICENSING}/front_desk")
    gita = _actor("Gita", f"{LICENSING}/verifier")
    bo = _actor("Bo", f"{FIRE}/inspector")
    hadi = _actor("Hadi", SPATIAL)
    citra = _actor("Citra", LICENSING, powers=(Power.DESIGNER,))
    dewi = _actor("Dewi", powers=(Power.AUDITOR,))
    oka = _actor("Oka", powers=(Power.OPERATOR,))
    sari = _actor("Sari", powers=(Power.ADMINISTRATOR,))
    everybody = (ana, gita, bo, hadi, citra, dewi, oka, sari)


def settle(database: Database) -> World:
    """Put the world into an empty database."""
    world = World()
    with database.unit(SYSTEM) as uow:
        for key, (name_id, name_en, _) in AGENCIES.items():
            uow.add(Agency(key=key, name_id=name_id, name_en=name_en))
        for actor in world.everybody:
            uow.add(Person(id=actor.id, username=actor.username, name=actor.name, locale=actor.locale))
        uow.flush()
        for key, (_, _, roles) in AGENCIES.items():
            uow.add(*(Role(agency_key=key, key=role, name_id=role, name_en=role) for role in roles))
        uow.flush()
        for actor in world.everybody:
            for agency in sorted(actor.agencies):
                uow.add(Member(person_id=actor.id, agency_key=agency))
            for agency, role in sorted(actor.roles):
                uow.add(PersonRole(person_id=actor.id, agency_key=agency, role_key=role))
            for power in sorted(actor.powers):
                uow.add(PersonPower(person_id=actor.id, power=power.value))
    return world
