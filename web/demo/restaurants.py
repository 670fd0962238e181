"""The season's restaurant licences: who applies, and how far each has come. All people and restaurants are invented."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from web.demo.plays import Act, Cancel, Claim, Complete, Play, Send, Turn

Acts = tuple[Act, ...]
Workday = Callable[[int], datetime]

PROCESS = "restaurant_licence"
ISSUED = "end_licensed"
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Diner:
    """An applicant and the restaurant. ``at`` is a place in the plan: latitude, longitude."""

    number: int
    owner: str
    nik: str
    born: str
    name: str
    seats: int
    company: str = ""
    kbli: str = "56101"
    floor_area_m2: int = 280
    floors: int = 1
    wastewater_l_day: int = 1_500
    at: tuple[float, float] = (-1.14, 117.05)
    alcohol: bool = False
    certified: int = 9


_IN_THE_PLAN, _UNKNOWN_ZONE = (-1.14, 117.05), (-1.19, 117.15)

WULAN = Diner(1, "Wulan Sasmita Rorong", "9901025405880001", "1988-05-14", "Rumah Makan Selera Muara", 120)
DARTO = Diner(2, "Darto Wirasena", "9901030211790002", "1979-11-02", "Kedai Kopi Teluk Biru", 40)
YULIANA = Diner(3, "Yuliana Pangkey", "9901046301920003", "1992-01-23", "Bakmi Kenanga", 80)
HASRUL = Diner(
    4, "Hasrul Bandu Toge", "9901053008710004", "1971-08-30", "Pondok Ikan Pesisir", 220,
    company="PT Rasa Pesisir Lestari", floors=2, floor_area_m2=420, at=_UNKNOWN_ZONE,
)  # fmt: skip
CLARA = Diner(
    5, "Clara Montolalu Dewi", "9901014703850005", "1985-03-07", "Dapur Tanjung", 150,
    company="PT Dapur Tanjung Indah", floor_area_m2=560, wastewater_l_day=5_200,
)  # fmt: skip
IMAM = Diner(6, "Imam Setyobroto", "9901021912900006", "1990-12-19", "Warung Sate Pak Broto", 110)
NOVI = Diner(7, "Novi Anggrek Lumentut", "9901036506830007", "1983-06-25", "Bakso Gunung Sari", 130)
STEVEN = Diner(
    8, "Steven Tarigan Pakaya", "9901041109870008", "1987-09-11", "Ombak Malam", 90,
    company="PT Ombak Malam Bahari", kbli="56301", alcohol=True,
)  # fmt: skip
RUKMINI = Diner(
    9, "Rukmini Dg. Patta", "9901054404680009", "1968-04-04", "Restoran Bumi Rempah", 160,
    floor_area_m2=620, wastewater_l_day=5_600,
)  # fmt: skip
GILANG = Diner(
    10, "Gilang Prawiradinata", "9901012802940010", "1994-02-28", "Boga Ceria", 300,
    company="PT Boga Ceria Muara", floors=2, floor_area_m2=480,
)  # fmt: skip

_SIGNED = {"signature": "tanda_tangan"}
_HEALTH_SIGNED = Complete("t_health_sign", _SIGNED)
_FIRE_SIGNED = Complete("t_fire_sign", _SIGNED)
_ENVIRONMENT_SIGNED = Complete("t_env_sign", _SIGNED)
_PAID = Complete("t_pay", {"payment_method": "transfer", "receipt_no": "BPD-2026-00417"})
_DECIDED = (
    Complete(
        "t_decision_draft",
        {
            "draft": "Semua pendapat positif; izin diberikan.",
            "licence_conditions": "Alat pemadam diperiksa tiap tahun.",
        },
    ),
    Complete("t_decision_check", {"check_action": "lanjut"}),
    Complete("t_decision_sign", {"sign_action": "tanda_tangan"}),
)


def restaurant_plays(workday: Workday) -> list[Play]:
    """The plays, the earliest first.

    Args:
        workday: gives the morning of the n-th working day before the demonstration starts.
    """
    return [
        _play(number, workday(back), diner, acts(workday(back).date()), opening=opening)
        for number, (back, diner, opening, acts) in enumerate(_SEASON, start=101)
    ]


def happy_play(starts_at: datetime) -> Play:
    """Wulan's restaurant, from the application to the issued licence, with nothing in the way."""
    return _play(1, starts_at, WULAN, _granted(starts_at.date()), opening=_complete)


def _play(
    number: int, starts_at: datetime, diner: Diner, acts: Acts, *, opening: Callable[[str], Acts]
) -> Play:
    """One application; ``opening`` makes its first acts from its number."""
    key = f"MPP-RST-{starts_at.year}-{number:06d}"
    data = _application(diner, starts_at.date())
    return Play(f"{key} {diner.name}", PROCESS, key, starts_at, data=data, acts=(*opening(key), *acts))


def _nothing_yet(_key: str) -> Acts:
    return ()


def _complete(key: str) -> Acts:
    seen = ["D01", "D03", "D05", "D08", "D09"]
    answers = {"completeness": "lengkap", "case_number": key, "documents_ok": seen}
    return (Complete("t_completeness", answers),)


def _returned(_key: str) -> Acts:
    note = "Denah dapur tidak terbaca; unggah lagi."
    return (Complete("t_completeness", {"completeness": "kembalikan", "return_note": note}),)


def _complete_in_an_outage(key: str) -> Acts:
    """The register is down while the case asks it, and comes back when all attempts are spent."""
    down, up = (Turn("population", {"outage": outage}) for outage in (True, False))
    return (down, *_complete(key), up)


def _application(diner: Diner, on: date) -> dict[str, Any]:
    company = {"company_name": diner.company} if diner.company else {}
    return {
        "applicant_type": "company" if diner.company else "individual",
        "nik": diner.nik,
        "full_name": diner.owner,
        "birth_date": diner.born,
        "phone": f"+62811000000{diner.number:02d}",
        **company,
        "npwp": f"099{diner.nik[-4:]}000801000" if diner.company else diner.nik,
        "nib": f"99{diner.number:02d}260{100_000 + 37 * diner.number}",
        "trade_name": diner.name,
        "kbli": diner.kbli,
        "seats": diner.seats,
        "serves_alcohol": diner.alcohol,
        "floor_area_m2": diner.floor_area_m2,
        "floors": diner.floors,
        "land_area_m2": diner.floor_area_m2 + 120,
        "premises_address": "Jalan Pantai Muara, Muara Lestari",
        "lat": diner.at[0],
        "lon": diner.at[1],
        "land_status": "sewa",
        "slf_number": f"SLF-64-{diner.number:04d}",
        "slf_valid_to": (on + 900 * _ONE_DAY).isoformat(),
        "wastewater_l_day": diner.wastewater_l_day,
        "grease_trap": True,
        "lpg_kg": 60,
        "handlers_total": 10,
        "handlers_certified": diner.certified,
        "lab_no": f"LAB-2026-{diner.number:04d}",
        "lab_date": (on - 10 * _ONE_DAY).isoformat(),
        "consent_share": True,
    }


def _visited(on: date, score: int = 88) -> Complete:
    return Complete("t_hygiene_visit", {"visit_at": on.isoformat(), "ikl_score": score})


def _health(opinion: str, **more: str) -> Complete:
    return Complete("t_health_review", {"opinion": opinion, **more})


def _fire(opinion: str, **more: str) -> Complete:
    seen = {"extinguishers_seen": 4, "exits_ok": True, "lpg_ok": True}
    return Complete("t_fire_review", {**seen, "opinion": opinion, **more})


def _environment(opinion: str, **more: str) -> Complete:
    return Complete(
        "t_env_review", {"env_document_ok": True, "env_trap_ok": True, "opinion": opinion, **more}
    )


def _opinions(on: date) -> Acts:
    return (_visited(on), _health("setuju"), _HEALTH_SIGNED, _fire("setuju"), _FIRE_SIGNED)


def _granted(on: date) -> Acts:
    return (*_opinions(on), *_DECIDED)


def _refused_by_health(on: date) -> Acts:
    grounds = "Formalin ditemukan dalam contoh makanan."
    remedy = "Keberatan dapat diajukan dalam 21 hari kerja."
    return (
        _visited(on, score=52),
        _health("tolak", reasons=grounds),
        _HEALTH_SIGNED,
        Complete("t_refusal_draft", {"refusal_grounds": grounds, "remedy": remedy}),
        Complete("t_refusal_sign", {"refusal_signature": "tanda_tangan"}),
    )


def _with_land_opinion(on: date) -> Acts:
    return (
        Complete("t_zone_review", {"zone_code": "R-4", "kdb_ok": True, "opinion": "setuju"}),
        Complete("t_pertek", {"title_valid": True, "pertek_no": "PT-64-0117", "opinion": "sesuai"}),
        Complete("t_pertek_sign", _SIGNED),
        Complete("t_kkpr_sign", {"kkpr_decision": "setuju"}),
        *_opinions(on),
        _PAID,
        *_DECIDED,
    )


def _on_conditions(on: date) -> Acts:
    wanted = "Pasang perangkap lemak kedua sebelum buka."
    return (
        _environment("bersyarat", conditions=wanted),
        _ENVIRONMENT_SIGNED,
        *_opinions(on),
        Complete("t_conditions", {"conditions_answer": "terima"}),
        *_DECIDED,
    )


_SEASON: tuple[tuple[int, Diner, Callable[[str], Acts], Callable[[date], Acts]], ...] = (
    # How many working days back, who, how it opens, and what happens then, an hour apart.
    (28, WULAN, _complete, _granted),
    (27, DARTO, _complete, lambda on: ()),  # low risk: the business number is enough
    (
        26,
        YULIANA,
        _complete,
        lambda on: (
            Complete("t_self_declaration", {"standard_declared": True, "certificate_no": "SM-2026-0031"}),
        ),
    ),
    (25, NOVI, _complete, _refused_by_health),
    (23, HASRUL, _complete, _with_land_opinion),
    (21, CLARA, _complete, _on_conditions),
    (18, RUKMINI, _complete, _opinions),  # the environment agency stays silent
    (15, GILANG, _complete, _opinions),  # nobody pays, so it lapses
    (12, STEVEN, _complete, lambda on: (Claim("t_mismatch"),)),  # the tax register says: not active
    (11, IMAM, _complete_in_an_outage, lambda on: ()),
    (
        9,
        WULAN,
        _complete,
        lambda on: (_fire("klarifikasi", question="Di mana pintu darurat kedua?"),),
    ),
    (
        8,
        CLARA,
        _complete,
        lambda on: (Send("application_withdrawn"), Complete("t_return_file", {"file_returned": True})),
    ),
    (7, DARTO, _nothing_yet, lambda on: (Cancel("Diajukan dua kali."),)),
    (6, HASRUL, _complete, lambda on: (Claim("t_zone_review"),)),
    (4, GILANG, _complete, lambda on: (*_opinions(on), Claim("t_pay"))),
    (3, IMAM, _complete, lambda on: (_fire("setuju"), Claim("t_hygiene_visit"))),
    (2, NOVI, _returned, lambda on: ()),
    (1, YULIANA, _nothing_yet, lambda on: ()),
)
