"""Designers and auditors: a file with problems, a file without, a case and its whole history."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.city import PROCESSES, SampleCity
from tests.browser.conftest import VisitBy

LICENCE = PROCESSES / "trade_licence"


def _files(folder: Path) -> list[Path]:
    return sorted(
        path for path in [*folder.iterdir(), *(folder / "forms").iterdir()] if path.suffix in _ENDINGS
    )


_ENDINGS = (".bpmn", ".dmn", ".form", ".toml")


def test_problems_are_listed_and_pinned_to_their_elements(visit: VisitBy) -> None:
    bayu = visit("bayu")
    page = bayu.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Proses")
    page.get_by_role("link", name="Unggah proses").click()
    page.get_by_label("Lepas file di sini").set_input_files(
        LICENCE / "process.bpmn"
    )  # without its tables, forms and settings
    expect(page.locator("[data-files]")).to_contain_text("process.bpmn")
    page.get_by_role("button", name="Periksa file").click()
    bayu.drawn()
    expect(page.get_by_role("heading", level=1)).to_contain_text("belum siap")
    problems = page.locator(".probs > li")
    pins = page.locator(".dia .pin")
    assert problems.count() > 3
    assert pins.count() > 3
    bayu.shot("upload-problems", whole=True)
    expect(page.get_by_role("button", name="Berlakukan")).to_have_count(0)
    first = pins.first
    number = first.inner_text()
    first.click()
    expect(page.locator(f"#problem-{number}")).to_have_class("on")
    page.locator(f"#problem-{number} a").click()
    expect(page.locator(".dia .is-chosen").first).to_be_attached()


@pytest.mark.parametrize("width", [1280, 360])
def test_what_must_be_fixed_stands_apart_from_what_deserves_a_look(visit: VisitBy, width: int) -> None:
    bayu = visit("bayu", width=width)
    page = bayu.page
    bayu.go("/processes/upload")
    files = [path for path in _files(LICENCE) if path.suffix != ".toml"]
    page.get_by_label("Lepas file di sini").set_input_files(files)
    page.get_by_role("button", name="Periksa file").click()
    bayu.drawn()
    musts = page.locator("h3:has-text('Harus diperbaiki') + .probs > li")
    looks = page.locator("h3:has-text('Layak dilihat') + .probs > li")
    assert musts.count() > 0
    expect(looks.first).to_contain_text("Tanpa batas waktu")
    assert page.locator(".dia .pin:not(.w)").count() > 0
    assert page.locator(".dia .pin.w").count() > 0
    bayu.shot(f"all/upload-apart-{width}", whole=True)
    below = "document.documentElement.scrollHeight - document.querySelector('footer').getBoundingClientRect().bottom - scrollY"
    assert page.evaluate(below) < 100  # no empty page below the foot
    with page.expect_popup() as opened:
        looks.first.get_by_role("link", name="Mengapa ini penting").click()
    explained = opened.value
    expect(explained.locator("#task_without_sla")).to_contain_text("terlambat")
    expect(explained.locator("dt:has-text('task_without_sla')")).to_be_in_viewport()


def test_an_element_that_must_be_fixed_is_drawn_so_whatever_else_deserves_a_look(visit: VisitBy) -> None:
    bayu = visit("bayu")
    page = bayu.page
    bayu.go("/processes/upload")
    page.get_by_label("Lepas file di sini").set_input_files(LICENCE / "process.bpmn")  # without its forms
    page.get_by_role("button", name="Periksa file").click()
    bayu.drawn()
    both = page.locator(".dia .djs-element.is-must.is-should").first
    late = "getComputedStyle(document.documentElement).getPropertyValue('--late')"
    assert both.evaluate("e => getComputedStyle(e).getPropertyValue('--d-stroke')") == page.evaluate(late)


@pytest.mark.parametrize("width", [1280, 360])
def test_what_a_designer_silenced_is_folded_with_its_reason(visit: VisitBy, width: int) -> None:
    bayu = visit("bayu", width=width)
    page = bayu.page
    bayu.go("/processes/upload")
    page.get_by_label("Lepas file di sini").set_input_files(_files(LICENCE))
    page.get_by_role("button", name="Periksa file").click()
    bayu.drawn()
    expect(page.get_by_role("heading", level=1)).to_have_text("Izin usaha perdagangan siap")
    folded = page.locator("details.warnings")
    expect(folded).not_to_have_attribute("open", "")
    folded.get_by_text("3 diredam dengan alasan").click()
    expect(folded.locator("li")).to_have_count(3)
    expect(folded.locator("li").first).to_contain_text("Alasan: The applicant sits at the counter")
    bayu.shot(f"all/upload-silenced-{width}", whole=True)


def test_a_lane_is_given_to_an_agency_on_the_page(visit: VisitBy) -> None:
    bayu = visit("bayu")
    page = bayu.page
    bayu.go("/processes/upload")
    files = [path for path in _files(LICENCE) if path.suffix != ".toml"]
    page.get_by_label("Lepas file di sini").set_input_files(files)
    page.get_by_role("button", name="Periksa file").click()
    bayu.drawn()
    lane = page.get_by_label("Lajur “DPMPTSP Loket”")
    expect(lane).to_have_attribute("aria-invalid", "true")
    for select in page.locator("select[name^='lane:']").all():
        select.select_option(
            "disdag" if "Dinas Perdagangan" in (select.get_attribute("name") or "") else "dpmptsp"
        )
    page.get_by_role("button", name="Periksa lagi dengan instansi ini").click()
    bayu.drawn()
    expect(page.locator("select[aria-invalid]")).to_have_count(0)
    expect(lane).to_have_value("dpmptsp")


def test_a_file_without_problems_goes_live(visit: VisitBy) -> None:
    bayu = visit("bayu")
    page = bayu.page
    bayu.go("/processes/upload")
    page.get_by_label("Lepas file di sini").set_input_files(_files(LICENCE))
    page.get_by_role("button", name="Periksa file").click()
    bayu.drawn()
    page.get_by_role("button", name="Berlakukan").click()
    bayu.drawn()
    expect(page.get_by_role("heading", level=1)).to_have_text("Izin usaha perdagangan")
    expect(page.locator(".flash")).to_contain_text("berlaku")
    expect(page.get_by_role("row", name="Periksa lapangan")).to_contain_text("Dinas Perdagangan")
    bayu.shot("all/process", whole=True)


def test_what_is_no_bpmn_is_refused_in_words(visit: VisitBy, tmp_path: Path) -> None:
    letter = tmp_path / "surat.bpmn"
    letter.write_text("Yth. Kepala Dinas", encoding="utf-8")
    bayu = visit("bayu")
    page = bayu.page
    bayu.go("/processes/upload")
    page.get_by_label("Lepas file di sini").set_input_files(letter)
    page.get_by_role("button", name="Periksa file").click()
    bayu.drawn()
    expect(page.locator(".probs")).to_contain_text("File tidak terbaca")


def test_the_case_page_says_in_words_what_the_diagram_shows(visit: VisitBy, city: SampleCity) -> None:
    melki = visit("melki")
    page = melki.page
    melki.go(f"/cases/{city.cases['Salon Melati Putih']}")
    expect(page.locator(".status")).to_contain_text("Dinas Perdagangan")
    expect(page.locator("tr.now")).to_contain_text("Periksa lapangan")
    expect(page.locator(".dia .is-now.djs-shape")).not_to_have_count(0)
    expect(page.locator(".dia .bjs-powered-by")).to_be_visible()
    expect(page.get_by_text("rantai utuh")).to_be_visible()
    melki.shot("case", whole=True)


def test_a_case_is_started_and_cancelled_with_a_reason(visit: VisitBy) -> None:
    bagus = visit("bagus")
    page = bagus.page
    bagus.go("/processes")
    page.get_by_role("link", name="Mulai berkas").first.click()
    page.get_by_label("Nomor berkas").fill("TL-2026-000777")
    page.get_by_role("button", name="Mulai berkas").click()
    bagus.drawn()
    expect(page.locator(".flash")).to_contain_text("Berkas TL-2026-000777 dimulai.")
    page.get_by_role("link", name="Batalkan berkas…").click()
    page.get_by_role("button", name="Batalkan berkas").click()
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_label("Alasan").fill("Pemohon menarik permohonannya.")
    page.get_by_role("button", name="Batalkan berkas").click()
    bagus.drawn()
    expect(page.locator(".title")).to_contain_text("Dibatalkan")
    expect(page.locator(".hist")).to_contain_text("Pemohon menarik permohonannya.")


def test_the_auditor_finds_a_case_and_sees_that_its_chain_holds(visit: VisitBy, city: SampleCity) -> None:
    maria = visit("maria")
    page = maria.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Audit")
    page.get_by_label("Nomor berkas, pemohon, atau usaha").fill("berkah jaya")
    page.get_by_role("button", name="Cari").click()
    page.get_by_role("link", name="TL-2026-000391").click()
    maria.drawn()
    expect(page.get_by_role("heading", name="Terverifikasi: rantai utuh")).to_be_visible()
    expect(page.locator(".hist")).to_contain_text("Bagus Panjaitan")
    expect(page.get_by_role("complementary", name="Bukti")).to_contain_text("Jenis tempat")
    maria.shot("all/audit", whole=True)
    maria.go("/inbox")
    expect(page.get_by_role("button", name="Ambil tugas berikutnya")).to_have_count(0)


def test_only_those_who_may_see_a_desk_in_the_menu(visit: VisitBy) -> None:
    rahmat = visit("rahmat")
    expect(rahmat.page.get_by_role("heading", level=1)).to_have_text("Gangguan")
    melki = visit("melki")
    expect(melki.page.get_by_role("link", name="Gangguan")).to_have_count(0)
    melki.go("/audit")
    expect(melki.page.get_by_role("heading", level=1)).to_have_text("Anda tidak berwenang melakukan ini")
    melki.go("/processes/upload")
    expect(melki.page.get_by_role("heading", level=1)).to_have_text("Anda tidak berwenang melakukan ini")
