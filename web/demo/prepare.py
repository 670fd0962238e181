"""Fills an empty house with the sample city, its processes and cases that have really run."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from importlib.resources import as_file, files
from zoneinfo import ZoneInfo

from engine.bpmn.admit import Upload
from engine.clock import MovableClock, SystemClock
from engine.config import Settings
from engine.connector import System
from engine.errors import ProcessInvalid
from engine.model import SYSTEM, Actor, ApiToken
from engine.states import Power
from engine.store import people
from engine.usecases.deploy import deploy
from web import uploads
from web.auth import hash_password, new_token
from web.demo.city import City, SamplePerson, read_city, settle
from web.demo.folder import Account
from web.demo.rehearsal import Rehearsal, Report
from web.demo.season import LONG, season
from web.simulators.knobs import Knobs
from web.wiring import House, open_house

PASSWORD = "lintas-contoh"  # noqa: S105  # of sample people, who can be reached from this machine only
PROCESSES = ("restaurant_licence", "trade_licence")

Tell = Callable[[str], None]


def prepare(
    settings: Settings,
    systems: Mapping[str, System],
    knobs: Knobs,
    *,
    tell: Tell,
    ends_at: datetime | None = None,
) -> list[Account]:
    """Set up the city and let a season of cases run, on a clock that begins weeks ago and ends now.

    Args:
        settings: of the demonstration's house, which must be empty.
        systems, knobs: the simulated systems, running.
        tell: is told the progress, a line at a time.
        ends_at: when the demonstration is to start; None = now.

    Returns:
        The sample people, ready to sign in.
    """
    ends_at = ends_at or SystemClock().now()
    clock = MovableClock(ends_at - LONG)
    house = open_house(settings, clock=clock, systems=systems)
    try:
        city = read_city()
        accounts, actors = settle_city(house, city)
        tell(f"{city.name}: {len(city.agencies)} agencies, {len(city.people)} people")
        designer = next(actor for actor in actors if actor.may(Power.DESIGNER))
        for key in PROCESSES:
            tell(f"Process {key}: version {deploy_sample(house, designer, key)}")
        zone = ZoneInfo(settings.timezone)
        rehearsal = Rehearsal(house, clock, actors, knobs=knobs, zone=zone)
        with _quiet():
            plays = season(ends_at, zone=zone)
            report = rehearsal.run(plays, until=ends_at, tell=lambda line: tell(f"  {line}"))
        knobs.reset()
        _sum_up(report, tell)
        return accounts
    finally:
        house.close()


def settle_city(house: House, city: City) -> tuple[list[Account], list[Actor]]:
    """Move the city into an empty house; everybody gets the sample password and a token."""
    names = {agency["key"]: agency["name_en"] for agency in city.agencies}
    accounts, actors = [], []
    with house.db.unit(SYSTEM) as uow:
        settle(uow, city, password_hash=hash_password(PASSWORD))
        uow.flush()
        for sample in city.people:
            person = people.by_username(uow, sample.username)
            if person is None:
                raise LookupError(f"{sample.username} was not settled")
            token, hashed = new_token()
            uow.add(ApiToken(person_id=person.id, hash=hashed, created_at=uow.now()))
            actors.append(people.actor_of(uow, person.id))
            accounts.append(_account(sample, names[sample.agency], token))
    return accounts, actors


def sample_upload(key: str) -> Upload:
    """A process that comes with Lintas, as a designer uploads it."""
    with as_file(files("processes") / key) as folder:
        return uploads.from_disk([folder])


def deploy_sample(house: House, designer: Actor, key: str) -> int:
    """Deploy a process that comes with Lintas; its version.

    Raises:
        ProcessInvalid: it does not fit this house; the message names every error.
    """
    upload = sample_upload(key)
    try:
        with house.db.unit(designer) as uow:
            deployment = uploads.handed(deploy, uow, uploads.Sent(upload), house)
            return deployment.versions[0].version
    except ProcessInvalid as error:
        errors = [f"{problem.element}: {problem.message}" for problem in error.problems]
        raise ProcessInvalid(f"{key}: {'; '.join(errors)}", error.problems) from error


def _account(sample: SamplePerson, agency_name: str, token: str) -> Account:
    return Account(
        username=sample.username,
        name=sample.name,
        agency=sample.agency,
        agency_name=agency_name,
        roles=sample.roles,
        powers=sample.powers,
        password=PASSWORD,
        token=token,
    )


def _sum_up(report: Report, tell: Tell) -> None:
    tell(f"{len(report.cases)} cases have run")
    for name, reason in report.stuck.items():
        tell(f"  {name} stopped early: {reason}")


@contextmanager
def _quiet() -> Iterator[None]:
    """Outages of the season are played on purpose: the log need not warn of them."""
    log = logging.getLogger("engine")
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(before)
