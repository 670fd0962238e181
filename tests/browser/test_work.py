"""People at work: signing in, the inbox by keyboard, a task with a mistake and then without, the language."""

from playwright.sync_api import expect

from tests.browser.city import SampleCity
from tests.browser.conftest import VisitBy


def test_a_wrong_password_is_told_and_the_name_is_kept(visit: VisitBy) -> None:
    stranger = visit()
    stranger.go("/inbox")
    page = stranger.page
    stranger.shot("all/signin")
    page.get_by_label("Nama pengguna").fill("melki")
    page.get_by_label("Kata sandi").fill("salah")
    page.get_by_role("button", name="Masuk").click()
    expect(page).to_have_title("Kesalahan: Masuk – Lintas")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("Nama pengguna")).to_have_value("melki")
    expect(page.get_by_label("Kata sandi")).to_have_value("")


def test_signing_in_leads_to_the_page_that_was_asked_for(visit: VisitBy) -> None:
    stranger = visit()
    stranger.go("/cases?q=roti")
    page = stranger.page
    page.get_by_label("Nama pengguna").fill("melki")
    page.get_by_label("Kata sandi").fill("rahasia-contoh")
    page.get_by_role("button", name="Masuk").click()
    expect(page).to_have_url(stranger.address + "/cases?q=roti")
    expect(page.get_by_role("row", name="Roti Hangat Muara")).to_be_visible()


def test_the_inbox_shows_what_is_most_urgent_first(visit: VisitBy) -> None:
    melki = visit("melki")
    page = melki.page
    expect(page.get_by_role("heading", name="Kotak masuk")).to_be_visible()
    expect(page.locator(".list .grp").first).to_contain_text("Terlambat")
    expect(page.locator(".list tr.r").first).to_contain_text("Toko Sembako Berkah Jaya")
    expect(page.locator(".list tr.r").first).to_contain_text("Anda")
    melki.shot("inbox")


def test_the_inbox_is_worked_by_keyboard(visit: VisitBy) -> None:
    melki = visit("melki")
    page = melki.page
    page.keyboard.press("j")
    first = page.locator(".list .step").nth(0)
    expect(first).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator(".list .step").nth(1)).to_be_focused()
    page.keyboard.press("x")
    expect(page.get_by_role("status")).to_have_text("1 tugas dipilih")
    page.keyboard.press("Escape")
    expect(page.get_by_role("group", name="Tugas yang dipilih")).to_be_hidden()
    page.keyboard.press("k")
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Periksa lapangan")).to_be_visible()
    melki.drawn()
    page.keyboard.press("Escape")
    expect(page).to_have_url(melki.address + "/inbox")
    melki.drawn()
    page.keyboard.press("?")
    expect(page.get_by_role("heading", level=1, name="Pintasan papan tik")).to_be_visible()


def test_single_keys_can_be_turned_off(visit: VisitBy) -> None:
    melki = visit("melki")
    page = melki.page
    melki.go("/shortcuts")
    page.get_by_role("button", name="Matikan tombol tunggal").click()
    melki.go("/inbox")
    page.keyboard.press("j")
    expect(page.locator(".list .step").nth(0)).not_to_be_focused()


def test_a_mistake_is_shown_where_it_is_and_the_answers_stay(visit: VisitBy, city: SampleCity) -> None:
    task = city.task("melki", city.cases["Toko Sembako Berkah Jaya"])
    melki = visit("melki")
    page = melki.page
    melki.go(f"/tasks/{task.id}")
    melki.shot("task")
    date = page.get_by_role("group", name="Tanggal kunjungan")
    date.get_by_label("Tanggal", exact=True).fill("23")
    date.get_by_label("Bulan").fill("13")
    date.get_by_label("Tahun").fill("2026")
    page.get_by_label("Luas terukur").fill("seratus")
    page.get_by_label("Laporan").fill("Papan nama terpasang di depan toko.")
    page.get_by_label("Teruskan").check()
    page.get_by_role("button", name="Selesaikan dan lanjut").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("Ada 2 isian yang perlu diperbaiki")
    expect(page).to_have_title("Kesalahan: Periksa lapangan – Lintas")
    expect(page.get_by_label("Laporan")).to_have_value("Papan nama terpasang di depan toko.")
    expect(page.get_by_label("Teruskan")).to_be_checked()
    melki.drawn()
    melki.shot("all/task-error")
    summary.get_by_role("link", name="Luas terukur").click()
    expect(page.get_by_label("Luas terukur")).to_be_focused()
    page.get_by_label("Luas terukur").fill("118,5")
    page.get_by_role("group", name="Tanggal kunjungan").get_by_label("Bulan").fill("11")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".flash")).to_contain_text("“Periksa lapangan” selesai. Berkas sekarang di DPMPTSP.")
    melki.go(f"/cases/{task.case_id}")
    expect(page.locator(".hist")).to_contain_text(
        "Melki Tandayu (Dinas Perdagangan) menyelesaikan “Periksa lapangan”."
    )


def test_a_question_that_depends_on_an_answer_comes_and_goes(visit: VisitBy, city: SampleCity) -> None:
    task = city.task("siti", city.cases["Butik Kain Pesisir"])
    siti = visit("siti")
    page = siti.page
    siti.go(f"/tasks/{task.id}")
    expect(page.get_by_label("Alasan")).to_have_count(0)
    page.get_by_label("Tolak").check()
    expect(page.get_by_label("Alasan")).to_be_visible()
    expect(page.get_by_label("Tolak")).to_be_checked()
    page.get_by_label("Teruskan").check()
    expect(page.get_by_label("Alasan")).to_have_count(0)


def test_without_scripts_the_question_comes_with_the_answer(visit: VisitBy, city: SampleCity) -> None:
    task = city.task("siti", city.cases["Butik Kain Pesisir"])
    siti = visit(scripts=False)
    siti.sign_in("siti")
    page = siti.page
    page.goto(f"{siti.address}/tasks/{task.id}")
    page.get_by_label("Tolak").check()
    page.get_by_role("button", name="Selesaikan", exact=True).click()
    expect(page.get_by_label("Alasan")).to_be_visible()
    expect(page.get_by_role("link", name="Isi “Alasan”")).to_be_visible()


def test_whoever_comes_second_keeps_the_answers_and_learns_who_was_first(
    visit: VisitBy, city: SampleCity
) -> None:
    task = city.task("melki", city.cases["Roti Hangat Muara"])
    melki = visit("melki")
    page = melki.page
    melki.go(f"/tasks/{task.id}")
    page.get_by_label("Laporan").fill("Sudah saya lihat sendiri.")
    city.claim("siti", "Roti Hangat Muara")
    page.get_by_role("button", name="Selesaikan dan lanjut").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Siti Barokah sekarang memegang tugas ini")
    expect(page.get_by_text("Sudah saya lihat sendiri.")).to_be_visible()


def test_the_next_task_is_claimed_with_one_key(visit: VisitBy, city: SampleCity) -> None:
    melki = visit("melki")
    melki.page.keyboard.press("n")
    expect(melki.page.get_by_role("heading", level=1, name="Periksa lapangan")).to_be_visible()
    melki.drawn()
    expect(melki.page.locator(".clock")).to_contain_text("Dipegang Anda")
    melki.page.keyboard.press("u")
    expect(melki.page.locator(".flash")).to_contain_text("kembali ke antrean")


def test_the_language_is_switched_and_stays(visit: VisitBy) -> None:
    melki = visit("melki")
    page = melki.page
    page.get_by_role("button", name="EN: English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Inbox")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".head")).to_contain_text("Monday 23 November 2026, 08:12")
    melki.shot("all/inbox-en")
    melki.go("/cases")
    expect(page.get_by_role("heading", level=1)).to_have_text("Cases")
    page.get_by_role("button", name="ID: Bahasa Indonesia").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Berkas")


def test_another_agencys_task_is_not_there(visit: VisitBy, city: SampleCity) -> None:
    task = city.task("melki", city.cases["Salon Melati Putih"])
    tomi = visit("tomi")
    tomi.go(f"/tasks/{task.id}")
    expect(tomi.page.get_by_role("heading", level=1)).to_have_text("Halaman ini tidak ada")
    tomi.go(f"/cases/{task.case_id}")
    expect(tomi.page.get_by_role("heading", level=1)).to_have_text("Halaman ini tidak ada")
