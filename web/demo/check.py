"""lintas demo --check: one restaurant licence over real HTTP, from the upload of its process to the issued licence."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from engine.clock import SystemClock
from engine.config import Settings
from engine.states import Audit
from engine.store.history import EventRow
from engine.store.page import Named
from web.app import create_app
from web.background import in_background
from web.demo.city import read_city
from web.demo.client import CheckFailed, Townspeople
from web.demo.prepare import sample_upload, settle_city
from web.demo.restaurants import ISSUED, PROCESS, happy_play
from web.demo.run import opened
from web.simulators.server import SimulatorServer
from web.telling import told
from web.wiring import open_house

Tell = Callable[[str], None]

__all__ = ["CheckFailed", "check"]


def check(settings: Settings, *, tell: Tell) -> None:
    """Run the licence and print its history.

    Args:
        settings: of an empty folder; ``port=0`` takes a free port.
        tell: is told what happens, a line at a time.

    Raises:
        CheckFailed: says what broke, and where.
    """
    play = happy_play(SystemClock().now())
    with SimulatorServer() as simulators:
        house = open_house(settings, systems=simulators.systems())
        try:
            accounts, _ = settle_city(house, read_city())
        finally:
            house.close()
        with opened(settings, simulators, accounts) as running:
            server = in_background(running.server, name="server")
            with server, Townspeople(running.url, accounts) as people:
                tell(f"Lintas listens on {running.url}")
                deployed = people.deploy(sample_upload(PROCESS))
                tell(f"{deployed['deployed_by']} uploaded {deployed['key']}, version {deployed['version']}")
                case = people.start(play)
                tell(f"Case {case['business_key']} started")
                for act in play.acts:
                    tell(people.do(case, act))
                ended = people.ended(case["id"])
                events = people.history(case["id"])
            tell("\nHistory:")
            for line in told(create_app(running.house), map(_event, events), locale="en"):
                tell(f"  {line}")
    if ended["outcome"] != ISSUED:
        raise CheckFailed(f"The case ended at {ended['outcome']}, not at {ISSUED}.")
    tell(f"\nThe licence is issued: {ended['outcome']}. All is well.")


def _event(event: dict[str, Any]) -> EventRow:
    """An event as it came over the wire."""
    agency = event["agency"]
    return EventRow(
        seq=event["seq"],
        at=datetime.fromisoformat(event["at"]),
        kind=Audit(event["kind"]),
        actor_id="",
        actor_name=event["actor"],
        agency=None if agency is None else Named(agency["key"], agency["name"]["id"], agency["name"]["en"]),
        element_id=event["element"],
        element_name=event["name"],
        data=event["data"],
        withheld=event["withheld"],
        hash=event["hash"],
    )
