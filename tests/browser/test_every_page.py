"""Every page, narrow and wide, light and dark: it fits, it has one heading, every control has a name, nothing complains."""

import pytest
from playwright.sync_api import Page

from tests.browser.city import SampleCity
from tests.browser.conftest import VisitBy

PAGES = {
    "inbox": ("melki", "/inbox"),
    "inbox-mine": ("melki", "/inbox?box=mine"),
    "inbox-empty": ("tomi", "/inbox"),
    "task": ("melki", "/tasks/{task}"),
    "cases": ("melki", "/cases"),
    "case": ("melki", "/cases/{case}"),
    "cancel": ("bagus", "/cases/{case}/cancel"),
    "processes": ("bagus", "/processes"),
    "process": ("bayu", "/processes/trade_licence/versions/1"),
    "start": ("bagus", "/processes/trade_licence/start"),
    "upload": ("bayu", "/processes/upload"),
    "warnings": ("bayu", "/processes/upload/warnings"),
    "incidents": ("rahmat", "/incidents"),
    "audit": ("maria", "/audit"),
    "audit-case": ("maria", "/audit/{case}"),
    "people": ("vonny", "/people"),
    "person": ("vonny", "/people/niken"),
    "person-new": ("vonny", "/add-person"),
    "person-end": ("vonny", "/people/melki/end"),
    "agency": ("vonny", "/agencies/dlh"),
    "password": ("melki", "/password"),
    "styleguide": ("melki", "/styleguide"),
    "shortcuts": ("melki", "/shortcuts"),
    "missing": ("melki", "/nothing-here"),
}

NAMELESS = """() => [...document.querySelectorAll('main input:not([type=hidden]), main select, main textarea:not([hidden]), button, main a[href]')]
  .filter(e => e.checkVisibility())
  .filter(e => !(e.labels?.length || e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') || e.textContent.trim()))
  .map(e => e.outerHTML.slice(0, 120))"""

TWICE = """() => { const ids = [...document.querySelectorAll('[id]')].filter(e => !e.closest('svg')).map(e => e.id);
  return ids.filter((id, at) => ids.indexOf(id) !== at) }"""

DANGLING = """() => [...document.querySelectorAll('[aria-describedby], [aria-labelledby], label[for]')]
  .filter(e => !e.closest('svg'))
  .flatMap(e => [e.getAttribute('aria-describedby'), e.getAttribute('aria-labelledby'), e.getAttribute('for')])
  .filter(Boolean).flatMap(ids => ids.split(' ')).filter(id => !document.getElementById(id))"""

WIDER = """() => document.documentElement.scrollWidth > window.innerWidth ? [...document.querySelectorAll('body *')]
  .filter(e => e.getBoundingClientRect().right > window.innerWidth + 1 && !e.closest('.scroll, .rail, .chips, nav, .vh, .canvas'))
  .slice(0, 5).map(e => e.tagName + '.' + e.className) : []"""


def _check(page: Page) -> None:
    assert page.evaluate(WIDER) == []
    assert page.locator("h1").count() == 1
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(TWICE) == []
    assert page.evaluate(DANGLING) == []
    assert page.locator("main").count() == 1
    assert page.locator("table:not(:has(caption))").count() == 0


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
@pytest.mark.parametrize("name", PAGES)
def test_the_page_fits_and_can_be_read_aloud(
    visit: VisitBy, city: SampleCity, name: str, width: int, scheme: str
) -> None:
    username, path = PAGES[name]
    case = city.cases["Salon Melati Putih"]
    reader = visit(username, width=width, height=780, scheme=scheme)
    reader.go(path.format(case=case, task=city.task("melki", case).id))
    _check(reader.page)
    reader.shot(f"all/{name}-{width}-{scheme}", whole=True)


@pytest.mark.parametrize("width", [1280, 360])
def test_the_sign_in_page_fits(visit: VisitBy, width: int) -> None:
    stranger = visit(width=width)
    stranger.go("/signin")
    _check(stranger.page)


def test_the_first_key_skips_to_the_main_content(visit: VisitBy) -> None:
    melki = visit("melki")
    melki.go("/cases")
    melki.page.keyboard.press("Tab")
    melki.page.keyboard.press("Enter")
    assert melki.page.evaluate("document.activeElement.id") == "main"


def test_colours_forced_by_the_system_leave_every_page_readable(visit: VisitBy, city: SampleCity) -> None:
    melki = visit("melki")
    melki.page.emulate_media(forced_colors="active")
    for path in ("/inbox", "/styleguide", f"/cases/{city.cases['Salon Melati Putih']}"):
        melki.go(path)
        _check(melki.page)


def test_print_leaves_out_what_paper_cannot_do(visit: VisitBy, city: SampleCity) -> None:
    melki = visit("melki")
    melki.go(f"/cases/{city.cases['Salon Melati Putih']}")
    melki.page.emulate_media(media="print")
    assert not melki.page.locator(".top nav").is_visible()
    assert melki.page.locator(".printonly").is_visible()
    assert melki.page.locator(".hist").is_visible()
