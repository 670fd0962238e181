"""Designers keep drawings for viewing: found on the page, pinned to their elements, listed with their state."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, VisitBy
from tests.browser.test_every_page import _check

MIWG = ("22-miwg-A.4.0/A.4.0.bpmn", "23-miwg-B.2.0/B.2.0.bpmn")


def keep(visit: Visit, path: Path) -> None:
    """Upload, check, and keep what cannot go live."""
    page = visit.page
    visit.go("/processes/upload")
    page.get_by_label("Lepas file di sini").set_input_files(path)
    page.get_by_role("button", name="Periksa file").click()
    visit.drawn()
    _check(page)
    page.get_by_role("button", name="Simpan untuk dilihat").click()
    visit.drawn()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
@pytest.mark.parametrize("name", MIWG)
def test_a_reference_model_is_kept_and_its_to_do_list_leads_to_the_elements(
    visit: VisitBy, models: Path, name: str, width: int, scheme: str
) -> None:
    bayu = visit("bayu", width=width, height=780, scheme=scheme)
    page = bayu.page
    keep(bayu, models / name)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text("Untuk dilihat").first).to_be_visible()
    expect(page.get_by_role("heading", name="Agar dapat dijalankan")).to_be_visible()
    _check(page)
    bayu.shot(f"all/kept-{Path(name).stem}-{width}", whole=True)
    number = page.locator(".dia .pin").last.inner_text() if page.locator(".dia .pin").count() else ""
    if number:
        page.locator(f"#problem-{number} a").click()
        expect(page.locator(".dia .is-chosen").first).to_be_attached()
        expect(page.locator(f"#problem-{number}")).to_have_class("on")
    expect(page.get_by_role("link", name="Mulai perkara")).to_have_count(0)
    bayu.go("/processes")
    expect(page.locator("tr", has_text="Untuk dilihat").first).to_be_visible()
    _check(page)
    bayu.shot(f"all/processes-kept-{width}", whole=True)


def test_a_kept_model_reads_in_english_too(visit: VisitBy, models: Path) -> None:
    bayu = visit("bayu")
    keep(bayu, models / MIWG[0])
    here = bayu.page.url.removeprefix(bayu.address)
    bayu.page.get_by_role("button", name="English").click()
    bayu.go(here)
    expect(bayu.page.get_by_role("heading", name="To make it run")).to_be_visible()
    expect(bayu.page.get_by_text("For viewing").first).to_be_visible()
    bayu.shot("all/kept-english", whole=True)
