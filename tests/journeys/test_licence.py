"""One restaurant from the designer's files to the auditor's reading, through the pages, with every agency of the city."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import waitress
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from sqlalchemy import update

from engine.clock import MovableClock
from engine.config import Settings
from engine.model import SYSTEM, Actor, AuditEvent
from engine.store import cases, jobs, people
from engine.usecases.start_case import start_case
from hatch_build import build
from tests.browser.city import PASSWORD, PROCESSES
from tests.browser.conftest import Visit, VisitBy
from web.app import create_app
from web.auth import hash_password
from web.demo.city import read_city, settle
from web.demo.prepare import deploy_sample
from web.demo.usual import usual
from web.simulators import SimulatorServer
from web.wiring import House, open_house

PROCESS = "restaurant_licence"
FOLDER = PROCESSES / PROCESS
MORNING = datetime.fromisoformat("2026-04-06T09:00+08:00")
EVERY_AGENCY: Mapping[str, Any] = {
    "lat": -1.28,  # outside the digital plan: planner and land office, and a fee for the latter
    "floor_area_m2": 560,  # large enough for an environmental document
    "slf_number": "",  # no fitness certificate: buildings
    "slf_valid_to": "",
}
DESKS = (
    ("t_zone_review", "arif"),
    ("t_pertek", "fitria"),
    ("t_pertek_sign", "amran"),
    ("t_kkpr_sign", "subrata"),
    ("t_env_review", "niken"),
    ("t_env_sign", "ruth"),
    ("t_building_review", "yanti"),
    ("t_building_sign", "erna"),
    ("t_hygiene_visit", "sari"),
    ("t_health_review", "wahyuni"),
    ("t_health_sign", "benyamin"),
)
LATE_AT_THE_FIRE_SERVICE = (
    ("t_late_fire", "rusdi"),
    ("t_fire_review", "agus"),
    ("t_fire_sign", "rusdi"),
)
DECISION = (
    ("t_pay", "desi"),
    ("t_decision_draft", "meilani"),
    ("t_decision_check", "wiryawan"),
    ("t_decision_sign", "kartika"),
)


@dataclass
class LivingCity:
    """The city at work: its pages are served, its partners answer, its clock is moved by the test."""

    house: House
    clock: MovableClock
    partners: SimulatorServer
    seats: dict[str, Visit] = field(default_factory=dict)

    def actor(self, username: str) -> Actor:
        with self.house.db.read(SYSTEM) as uow:
            person = people.by_username(uow, username)
            assert person is not None
            return people.actor_of(uow, person.id)

    def work(self) -> None:
        self.house.worker.run_once()

    def pass_time(self, until: datetime) -> None:
        """Move the clock, stopping at every deadline and attempt on the way."""
        while True:
            with self.house.db.read(SYSTEM) as uow:
                due = jobs.soonest(uow)
            if due is None or due > until:
                break
            self.clock.move_to(max(due, self.clock.now()))
            assert self.house.worker.run_once() > 0, "a job is due and does not run"
        self.clock.move_to(until)

    def task(self, case_id: str, element: str) -> str:
        """The id of the open task at the element."""
        with self.house.db.read(SYSTEM) as uow:
            waiting = {task.element_id: task.id for task in cases.waits(uow, case_id).tasks}
        assert element in waiting, f"nothing waits at {element}; open: {', '.join(waiting)}"
        return waiting[element]


@pytest.fixture
def city(tmp_path: Path) -> Iterator[LivingCity]:
    clock = MovableClock(MORNING)
    with SimulatorServer() as partners:
        settings = Settings(data_dir=tmp_path, secret_key="k" * 48)
        house = open_house(settings, clock=clock, systems=partners.systems())
        try:
            with house.db.unit(SYSTEM) as uow:
                settle(uow, read_city(), password_hash=hash_password(PASSWORD))
            yield LivingCity(house, clock, partners)
        finally:
            house.close()


@pytest.fixture
def address(city: LivingCity) -> Iterator[str]:
    build()
    server = waitress.create_server(create_app(city.house), host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(timeout=5)


def fill(page: Page, answers: Mapping[str, Any]) -> None:
    """Answer the form on the page: choices first, as they show or hide other questions."""
    form = page.locator("form[data-send]")
    typed: dict[str, str] = {}
    for name, value in answers.items():
        box = form.locator(f'[name="{name}"]')
        if form.locator(f'[name="{name}.day"]').count():
            year, month, day = str(value).split("-") if value else ("", "", "")
            typed |= {f"{name}.day": day, f"{name}.month": month, f"{name}.year": year}
        elif isinstance(value, list):
            for one in value:
                form.locator(f'[name="{name}"][value="{one}"]').check()
        elif isinstance(value, bool):
            box.set_checked(value)
        elif box.count() and box.first.get_attribute("type") == "radio":
            form.locator(f'[name="{name}"][value="{value}"]').check()
        elif box.count() and box.evaluate("e => e.tagName") == "SELECT":
            box.select_option(str(value))
        else:
            typed[name] = str(value).replace(".", ",") if isinstance(value, float) else str(value)
    # Chromium now and then never tells that it is idle; what was typed is looked at below all the same.
    with suppress(PlaywrightTimeout):
        page.wait_for_load_state("networkidle", timeout=5_000)
    for name, text in typed.items():
        form.locator(f'[name="{name}"]').fill(text)
    for name, text in typed.items():
        expect(form.locator(f'[name="{name}"]')).to_have_value(text)


def complete(city: LivingCity, visit: VisitBy, case_id: str, element: str, username: str) -> None:
    """Somebody signs in, opens the task from the inbox's address, answers as usual, and completes it."""
    desk = city.seats.get(username) or visit(username)
    city.seats[username] = desk
    task_id = city.task(case_id, element)
    desk.go("/inbox")
    expect(desk.page.locator(f'a[href*="/tasks/{task_id}"]').first).to_be_visible()
    desk.go(f"/tasks/{task_id}")
    fill(desk.page, usual(PROCESS).answers[element])
    desk.page.get_by_role("button", name="Selesaikan", exact=True).click()
    desk.drawn()
    expect(desk.page.locator(".flash")).to_contain_text("selesai")
    city.work()


def deploy_through_the_page(visit: VisitBy) -> None:
    bayu = visit("bayu")
    bayu.go("/processes/upload")
    files = [FOLDER / "process.bpmn", FOLDER / "clarification.bpmn", FOLDER / "process.toml"]
    bayu.page.get_by_label("Lepas file di sini").set_input_files(
        [*files, *sorted(FOLDER.glob("*.dmn")), *sorted(FOLDER.glob("forms/*.form"))]
    )
    bayu.page.get_by_role("button", name="Periksa file").click()
    bayu.drawn()
    bayu.page.get_by_role("button", name="Berlakukan").click()
    bayu.drawn()
    expect(bayu.page.get_by_role("heading", level=1)).to_have_text("Izin restoran satu pintu")


def start_at_the_counter(city: LivingCity, visit: VisitBy) -> str:
    sulastri = city.seats["sulastri"] = visit("sulastri")
    sulastri.go(f"/processes/{PROCESS}/start")
    fill(sulastri.page, {**usual(PROCESS).applicants["wulan"], **EVERY_AGENCY})
    sulastri.page.get_by_role("button", name="Mulai berkas").click()
    sulastri.page.wait_for_url("**/cases/*")
    sulastri.drawn()
    return sulastri.page.url.rpartition("/")[2]


def heal_the_register(city: LivingCity, visit: VisitBy, case_id: str) -> None:
    """The look-up spends its attempts, the operator sees it, the register comes back, the operator tries again."""
    city.pass_time(MORNING + timedelta(hours=2))
    rahmat = visit("rahmat")
    rahmat.go("/incidents")
    row = rahmat.page.get_by_role("row").filter(has_text="Cocokkan NIK")
    expect(row).to_have_count(1)
    city.partners.knobs.turn("population", outage=False)
    row.get_by_role("button", name="Coba lagi").click()
    rahmat.drawn()
    expect(rahmat.page.get_by_role("row").filter(has_text="Cocokkan NIK")).to_have_count(0)
    city.work()
    assert len(city.partners.knobs.effects("population")) == 1


def test_a_restaurant_passes_every_agency_and_the_auditor_reads_how(city: LivingCity, visit: VisitBy) -> None:
    deploy_through_the_page(visit)
    case_id = start_at_the_counter(city, visit)
    city.partners.knobs.turn("population", outage=True)
    complete(city, visit, case_id, "t_completeness", "sulastri")
    heal_the_register(city, visit, case_id)
    for element, username in DESKS:
        complete(city, visit, case_id, element, username)
    city.pass_time(MORNING + timedelta(days=14))  # beyond the fire service's seven working days
    for element, username in (*LATE_AT_THE_FIRE_SERVICE, *DECISION):
        complete(city, visit, case_id, element, username)

    maria = visit("maria")
    maria.page.get_by_label("Nomor berkas, pemohon, atau usaha").fill("selera muara")
    maria.page.get_by_role("button", name="Cari").click()
    maria.page.locator(f'a[href*="{case_id}"]').first.click()
    maria.drawn()
    expect(maria.page.get_by_role("heading", name="Terverifikasi: rantai utuh")).to_be_visible()
    history = maria.page.locator(".hist")
    for told in (
        "Sulastri Handoyo",
        "Rahmat Lahunduitan",
        "Arif Nainggolan",
        "Fitria Lasabuda",
        "Niken Prameswari",
        "Yanti Paputungan",
        "Sari Mambu",
        "Agus Tumbelaka",
        "Desi Simbolon",
        "Kartika Manurung",
        "Tindak lanjuti pendapat terlambat",
    ):
        expect(history).to_contain_text(told)
    with city.house.db.read(city.actor("maria")) as uow:
        row = cases.case(uow, case_id)
    assert (row.state.value, row.outcome) == ("completed", "end_licensed")


def test_an_event_changed_in_the_database_breaks_the_chain_on_the_page(
    city: LivingCity, visit: VisitBy
) -> None:
    deploy_sample(city.house, city.actor("bayu"), PROCESS)
    with city.house.db.unit(city.actor("sulastri")) as uow:
        case_id = start_case(uow, PROCESS, data=usual(PROCESS).applicants["wulan"]).case_id
    with city.house.db.engine.begin() as connection:
        changed = update(AuditEvent).where(AuditEvent.case_id == case_id, AuditEvent.seq == 1)
        connection.execute(changed.values(actor_name="Gita"))
    maria = visit("maria")
    maria.go(f"/audit/{case_id}")
    expect(maria.page.locator(".seal.broken")).to_contain_text("1")
    expect(maria.page.locator(".seal:not(.broken)")).to_have_count(0)
