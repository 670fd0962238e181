"""The season's restaurant licences: who applies, and how far each has come. All people and restaurants are invented.

Answers are those of the procedure's own scenarios; only what differs stands here.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from web.demo.plays import Act, Cancel, Claim, Complete, Play, Send, Turn
from web.demo.usual import usual

Acts = tuple[Act, ...]
Workday = Callable[[int], datetime]
Applicant = Mapping[str, Any]

PROCESS = "restaurant_licence"
ISSUED = "end_licensed"
_ONE_DAY = timedelta(days=1)
_IN_AN_UNKNOWN_ZONE = {"lat": -1.19, "lon": 117.15}


def _person(
    number: int, name: str, nik: str, born: str, restaurant: str, seats: int, **more: Any
) -> Applicant:
    """An applicant in his or her own name; the first of the scenarios' applicants is the pattern."""
    return {
        "nik": nik,
        "npwp": nik,
        "full_name": name,
        "birth_date": born,
        "phone": f"+62811000000{number:02d}",
        "nib": f"99{number:02d}260{100_000 + 37 * number}",
        "trade_name": restaurant,
        "seats": seats,
        **more,
    }


def _company(company: str, applicant: Applicant) -> Applicant:
    """The same, in the name of a company."""
    npwp = f"099{applicant['nik'][-4:]}000801000"
    return {**applicant, "applicant_type": "company", "company_name": company, "npwp": npwp}


WULAN: Applicant = {}
DARTO = _person(2, "Darto Wirasena", "9901030211790002", "1979-11-02", "Kedai Kopi Teluk Biru", 40)
YULIANA = _person(3, "Yuliana Pangkey", "9901046301920003", "1992-01-23", "Bakmi Kenanga", 80)
HASRUL = _company(
    "PT Rasa Pesisir Lestari",
    _person(
        4, "Hasrul Bandu Toge", "9901053008710004", "1971-08-30", "Pondok Ikan Pesisir", 220, floors=2,
        **_IN_AN_UNKNOWN_ZONE,
    ),
)  # fmt: skip
CLARA = _company(
    "PT Dapur Tanjung Indah",
    _person(
        5, "Clara Montolalu Dewi", "9901014703850005", "1985-03-07", "Dapur Tanjung", 150, floor_area_m2=560,
        wastewater_l_day=5_200,
    ),
)  # fmt: skip
IMAM = _person(6, "Imam Setyobroto", "9901021912900006", "1990-12-19", "Warung Sate Pak Broto", 110)
NOVI = _person(
    7, "Novi Anggrek Lumentut", "9901036506830007", "1983-06-25", "Bakso Gunung Sari", 130, lab_no="LAB-2026-0007"
)  # fmt: skip
STEVEN = _company(
    "PT Ombak Malam Bahari",
    _person(
        8, "Steven Tarigan Pakaya", "9901041109870008", "1987-09-11", "Ombak Malam", 90, kbli="56301",
        serves_alcohol=True,
    ),
)  # fmt: skip
RUKMINI = _person(
    9, "Rukmini Dg. Patta", "9901054404680009", "1968-04-04", "Restoran Bumi Rempah", 160, floor_area_m2=620,
    wastewater_l_day=5_600,
)  # fmt: skip
GILANG = _company(
    "PT Boga Ceria Muara",
    _person(10, "Gilang Prawiradinata", "9901012802940010", "1994-02-28", "Boga Ceria", 300, floors=2),
)


def restaurant_plays(workday: Workday) -> list[Play]:
    """The plays, the earliest first.

    Args:
        workday: gives the morning of the n-th working day before the demonstration starts.
    """
    return [
        _play(number, workday(back), applicant, acts(workday(back).date()), opening=opening)
        for number, (back, applicant, opening, acts) in enumerate(_SEASON, start=101)
    ]


def happy_play(starts_at: datetime) -> Play:
    """Wulan's restaurant, from the application to the issued licence, with nothing in the way."""
    return _play(1, starts_at, WULAN, _granted(starts_at.date()), opening=_complete)


def _play(
    number: int, starts_at: datetime, applicant: Applicant, acts: Acts, *, opening: Callable[[str], Acts]
) -> Play:
    """One application; ``opening`` makes its first acts from its number."""
    key = f"MPP-RST-{starts_at.year}-{number:06d}"
    on = starts_at.date()
    data = {
        **usual(PROCESS).applicants["wulan"],
        "lab_date": (on - 10 * _ONE_DAY).isoformat(),
        "slf_valid_to": (on + 900 * _ONE_DAY).isoformat(),
        **applicant,
    }
    return Play(
        f"{key} {data['trade_name']}", PROCESS, key, starts_at, data=data, acts=(*opening(key), *acts)
    )


def _done(element: str, **differs: Any) -> Complete:
    return usual(PROCESS).done(element, **differs)


def _nothing_yet(_key: str) -> Acts:
    return ()


def _complete(key: str) -> Acts:
    return (_done("t_completeness", case_number=key),)


def _returned(_key: str) -> Acts:
    note = "Denah dapur tidak terbaca; unggah lagi."
    return (Complete("t_completeness", {"completeness": "kembalikan", "return_note": note}),)


def _complete_in_an_outage(key: str) -> Acts:
    """The register is down while the case asks it, and comes back when all attempts are spent."""
    down, up = (Turn("population", {"outage": outage}) for outage in (True, False))
    return (down, *_complete(key), up)


def _health(on: date, **differs: Any) -> Acts:
    visit = _done("t_hygiene_visit", visit_at=on.isoformat())
    return (visit, _done("t_health_review", **differs), _done("t_health_sign"))


def _opinions(on: date) -> Acts:
    return (*_health(on), _done("t_fire_review"), _done("t_fire_sign"))


def _decided() -> Acts:
    return (_done("t_decision_draft"), _done("t_decision_check"), _done("t_decision_sign"))


def _granted(on: date) -> Acts:
    return (*_opinions(on), *_decided())


def _refused_by_health(on: date) -> Acts:
    refused = _health(on, opinion="tolak", reasons="Formalin ditemukan dalam contoh makanan.")
    return (*refused, _done("t_refusal_draft"), _done("t_refusal_sign"))


def _with_land_opinion(on: date) -> Acts:
    land = (_done("t_zone_review"), _done("t_pertek"), _done("t_pertek_sign"), _done("t_kkpr_sign"))
    return (*land, *_opinions(on), _done("t_pay"), *_decided())


def _on_conditions(on: date) -> Acts:
    wanted = "Pasang perangkap lemak kedua sebelum buka."
    environment = (_done("t_env_review", opinion="bersyarat", conditions=wanted), _done("t_env_sign"))
    return (*environment, *_opinions(on), _done("t_conditions"), *_decided())


def _asked_by_the_fire_service(_on: date) -> Acts:
    return (_done("t_fire_review", opinion="klarifikasi", question="Di mana pintu darurat kedua?"),)


_SEASON: tuple[tuple[int, Applicant, Callable[[str], Acts], Callable[[date], Acts]], ...] = (
    # How many working days back, who, how it opens, and what happens then, an hour apart.
    (28, WULAN, _complete, _granted),
    (27, DARTO, _complete, lambda on: ()),  # low risk: the business number is enough
    (26, YULIANA, _complete, lambda on: (_done("t_self_declaration"),)),
    (25, NOVI, _complete, _refused_by_health),
    (23, HASRUL, _complete, _with_land_opinion),
    (21, CLARA, _complete, _on_conditions),
    (18, RUKMINI, _complete, _opinions),  # the environment agency stays silent
    (15, GILANG, _complete, _opinions),  # nobody pays, so it lapses
    (12, STEVEN, _complete, lambda on: (Claim("t_mismatch"),)),  # the tax register says: not active
    (11, IMAM, _complete_in_an_outage, lambda on: ()),
    (9, WULAN, _complete, _asked_by_the_fire_service),
    (8, CLARA, _complete, lambda on: (Send("application_withdrawn"), _done("t_return_file"))),
    (7, DARTO, _nothing_yet, lambda on: (Cancel("Diajukan dua kali."),)),
    (6, HASRUL, _complete, lambda on: (Claim("t_zone_review"),)),
    (4, GILANG, _complete, lambda on: (*_opinions(on), Claim("t_pay"))),
    (3, IMAM, _complete, lambda on: (_done("t_fire_review"), Claim("t_hygiene_visit"))),
    (2, NOVI, _returned, lambda on: ()),
    (1, YULIANA, _nothing_yet, lambda on: ()),
)
