"""The sample city with the trade licence deployed and a few shops on their way, each at another desk."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from engine.clock import MovableClock
from engine.config import Settings
from engine.connector import System
from engine.model import SYSTEM, Actor
from engine.store import inbox, people
from engine.store.rows import TaskRow
from engine.usecases.claim_task import claim_task
from engine.usecases.complete_task import complete_task
from engine.usecases.deploy import deploy
from engine.usecases.start_case import start_case
from web.auth import hash_password
from web.demo.city import read_city, settle
from web.uploads import from_disk
from web.wiring import House, open_house

PROCESSES = Path(__file__).resolve().parents[2] / "processes"
PASSWORD = "rahasia-contoh"
MONDAY_MORNING = datetime(2026, 11, 23, 0, 12, tzinfo=UTC)
"""08:12 in the city."""

SHOPS = (
    ("Toko Sembako Berkah Jaya", "Hj. Maimunah Sondakh"),
    ("Roti Hangat Muara", "Baharuddin Lolong"),
    ("Butik Kain Pesisir", "Sinta Kaligis Maharani"),
    ("Salon Melati Putih", "Tri Astuti Ningrum"),
    ("UD Beras Makmur", "Andreas Bolang"),
    ("Takjil Bang Mus", "Mustofa Alim Wibisana"),
    ("Kedai Kopi Teluk Biru", "Darto Wirasena"),
    ("Bakmi Kenanga", "Yuliana Pangkey"),
)
SYSTEMS = ("population", "tax", "spatial", "environment", "health", "fire")


@dataclass
class SampleCity:
    """Attributes:
    cases: name of the shop → case id.
    """

    house: House
    clock: MovableClock
    cases: dict[str, str] = field(default_factory=dict)

    def actor(self, username: str) -> Actor:
        with self.house.db.read(SYSTEM) as uow:
            person = people.by_username(uow, username)
            assert person is not None
            return people.actor_of(uow, person.id)

    def task(self, username: str, case_id: str) -> TaskRow:
        """The open task of the case that this person sees."""
        with self.house.db.read(self.actor(username)) as uow:
            return inbox.inbox(uow, case=case_id).items[0]

    def start(self, shop: str, owner: str, number: int) -> str:
        with self.house.db.unit(self.actor("bagus")) as uow:
            case_id = start_case(uow, "trade_licence", business_key=f"TL-2026-{number:06d}").case_id
        self.cases[shop] = case_id
        self.complete("bagus", shop, application(shop, owner, number))
        return case_id

    def claim(self, username: str, shop: str) -> None:
        task = self.task(username, self.cases[shop])
        with self.house.db.unit(self.actor(username)) as uow:
            claim_task(uow, task.id)

    def complete(self, username: str, shop: str, answers: Mapping[str, Any]) -> None:
        task = self.task(username, self.cases[shop])
        with self.house.db.unit(self.actor(username)) as uow:
            complete_task(uow, task.id, answers)

    def hours(self, count: float) -> None:
        self.clock.move_by(timedelta(hours=count))


@contextmanager
def open_city(folder: Path) -> Iterator[SampleCity]:
    """The city on Monday at 08:12, with five shops at the field inspectors' and the rest at desks before them."""
    clock = MovableClock(MONDAY_MORNING - timedelta(days=6))
    systems = {
        key: System(key, "http://127.0.0.1:9") for key in SYSTEMS
    }  # nobody answers at the discard port
    house = open_house(Settings(data_dir=folder, secret_key="k" * 48), clock=clock, systems=systems)
    try:
        with house.db.unit(SYSTEM) as uow:
            settle(uow, read_city(), password_hash=hash_password(PASSWORD))
        city = SampleCity(house, clock)
        with house.db.unit(city.actor("bayu")) as uow:
            deploy(
                uow, from_disk([PROCESSES / "trade_licence"]), connectors=house.connectors, systems=systems
            )
        _play(city)
        yield city
    finally:
        house.close()


def application(shop: str, owner: str, number: int) -> dict[str, Any]:
    """What the counter writes down."""
    return {
        "application_number": f"TL-2026-{number:06d}",
        "application_type": "NEW",
        "license_type": "PERMANENT",
        "trade_name": shop,
        "structure_type": "RUKO",
        "operational_area_m2": 120,
        "no_of_employees": 4,
        "trade_type": "GOODS.RETAIL.SEMBAKO",
        "uom_value": 120,
        "nik": "9901025010750011",
        "full_name": owner,
        "npwp": "099011000801000",
        "address": "Jl. Kenari 14, Muara",
        "lat": -1.2,
        "lon": 117.1,
        "valid_from": "2026-12-01",
        "valid_to": "2027-11-30",
        "documents": ["OWNERIDPROOF", "OWNERPHOTO"],
        "action": "APPLY",
    }


FORWARD = {"documents_ok": ["OWNERIDPROOF"], "verify_note": "Dokumen lengkap dan sah.", "action": "FORWARD"}


def _play(city: SampleCity) -> None:
    """Two late, one due today, two due tomorrow at the inspectors'; two at the verifiers'; one untouched since then."""
    for number, (shop, owner) in enumerate(SHOPS, start=391):
        city.start(shop, owner, number)
        city.hours({391: 20, 392: 30, 393: 45, 394: 20, 395: 18}.get(number, 0))
        if number <= 395:
            city.complete("meilani", shop, FORWARD)
    city.clock.move_to(MONDAY_MORNING)
    city.claim("melki", SHOPS[0][0])
    city.claim("siti", SHOPS[2][0])
    city.claim("meilani", SHOPS[5][0])
    city.house.worker.run_once()
