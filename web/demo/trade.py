"""The season's trade licences: who applies, and how far each has come. All people and shops are invented."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from web.demo.plays import Act, Cancel, Claim, Complete, Pass, Play, Send, Turn

Acts = tuple[Act, ...]
Workday = Callable[[int], datetime]

PROCESS = "trade_licence"
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Shop:
    """An applicant and the place of business; ``accessory`` is a category and how many, or None."""

    owner: str
    nik: str
    name: str
    structure: str
    trade: str
    amount: int
    area_m2: int = 60
    staff: int = 2
    accessory: tuple[str, int] | None = None


MAIMUNAH = Shop(
    "Hj. Maimunah Sondakh", "9901025010750011", "Toko Sembako Berkah Jaya", "RUKO", "GOODS.RETAIL.SEMBAKO", 120,
    area_m2=120, staff=3, accessory=("ACC-1", 10),
)  # fmt: skip
ANDREAS = Shop(
    "Andreas Bolang", "9901031707810012", "UD Beras Makmur", "GUDANG", "GOODS.WHOLESALE.BERAS", 900,
    area_m2=900, staff=8,
)  # fmt: skip
TRI = Shop("Tri Astuti Ningrum", "9901044505960013", "Salon Melati Putih", "RUKO", "SERVICES.GBS.SALON", 4)
BAHARUDDIN = Shop(
    "Baharuddin Lolong", "9901050112770014", "Roti Hangat Muara", "RUKO", "GOODS.MANUFACTURE.ROTI", 200,
    area_m2=200, staff=6,
)  # fmt: skip
SINTA = Shop(
    "Sinta Kaligis Maharani", "9901014909990015", "Butik Kain Pesisir", "RUKO", "GOODS.RETAIL.PAKAIAN", 45
)
MUSTOFA = Shop(
    "Mustofa Alim Wibisana", "9901021503930016", "Takjil Bang Mus", "KELILING", "GOODS.RETAIL.TAKJIL", 1
)
WULAN = Shop(
    "Wulan Sasmita Rorong", "9901025405880001", "Toko Selera Muara", "RUKO", "GOODS.RETAIL.SEMBAKO", 80
)
DARTO = Shop("Darto Wirasena", "9901030211790002", "Pangkalan Gas Teluk Biru", "RUKO", "GOODS.RETAIL.LPG", 30)
OKTAVIA = Shop(
    "Oktavia Rembet", "9901015810860020", "Toko Busana Oktavia", "RUKO", "GOODS.RETAIL.PAKAIAN", 70
)
NOVI = Shop(
    "Novi Anggrek Lumentut", "9901036506830007", "Grosir Gunung Sari", "GUDANG", "GOODS.WHOLESALE.BERAS", 400
)

FORWARD = Complete("t_verify", {"action": "FORWARD", "verify_note": "Berkas lengkap."})


def trade_plays(workday: Workday) -> list[Play]:
    """The plays, the earliest first.

    Args:
        workday: gives the morning of the n-th working day before the demonstration starts.
    """
    return [
        _play(number, workday(back), shop, act(workday(back).date()) if callable(act) else act)
        for number, (back, shop, act) in enumerate(_SEASON, start=1)
    ]


def _play(number: int, starts_at: datetime, shop: Shop, acts: Sequence[Act]) -> Play:
    key = f"TL-{starts_at.year}-{number:06d}"
    filed = Complete("t_draft", _application(shop, key, starts_at.date()))
    return Play(f"{key} {shop.name}", PROCESS, key, starts_at, acts=(filed, *acts))


def _application(shop: Shop, number: str, on: date) -> dict[str, Any]:
    accessory = (
        {"accessory_category": shop.accessory[0], "accessory_quantity": shop.accessory[1]}
        if shop.accessory
        else {}
    )
    return {
        "application_number": number,
        "application_type": "NEW",
        "license_type": "TEMPORARY" if shop.structure == "KELILING" else "PERMANENT",
        "trade_name": shop.name,
        "structure_type": shop.structure,
        "operational_area_m2": shop.area_m2,
        "no_of_employees": shop.staff,
        "trade_type": shop.trade,
        "uom_value": shop.amount,
        **accessory,
        "nik": shop.nik,
        "full_name": shop.owner,
        "npwp": shop.nik,
        "address": "Jalan Pasar Kenari, Muara Lestari",
        "lat": -1.21,
        "lon": 117.08,
        "valid_from": on.isoformat(),
        "valid_to": (on + 365 * _ONE_DAY).isoformat(),
        "documents": ["OWNERIDPROOF", "OWNERSHIPPROOF", "OWNERPHOTO"],
        "action": "APPLY",
    }


def _inspect(on: date, area_m2: int) -> Complete:
    seen = {"signboard_ok": True, "trade_matches": True, "area_measured_m2": area_m2}
    return Complete("t_inspect", {"action": "FORWARD", "visit_at": on.isoformat(), **seen})


def _refuse_in_the_field(on: date) -> Complete:
    reason = "Tempat usaha tidak ada di alamat ini."
    return Complete(
        "t_inspect", {"action": "REJECT", "visit_at": on.isoformat(), "area_measured_m2": 0, "reason": reason}
    )


def _to_citizen(on: date) -> Complete:
    return Complete(
        "t_inspect",
        {
            "action": "SENDBACKTOCITIZEN",
            "visit_at": on.isoformat(),
            "area_measured_m2": 55,
            "reason": "Alamat dan jumlah pegawai tidak sama dengan yang dilihat.",
            "marked_fields": ["address", "no_of_employees"],
        },
    )


def _fixed() -> Complete:
    return Complete(
        "t_citizen_fix",
        {"action": "RESUBMIT", "address": "Jalan Pasar Kenari 17, Muara Lestari", "no_of_employees": 4},
    )


def _approve(on: date) -> Complete:
    return Complete("t_approve", {"action": "APPROVE", "valid_to": (on + 365 * _ONE_DAY).isoformat()})


def _reject(element: str, reason: str) -> Complete:
    return Complete(element, {"action": "REJECT", "reason": reason})


def _tax(*, outage: bool) -> Turn:
    return Turn("tax", {"outage": outage})


def _pay(method: str) -> Complete:
    return Complete("t_pay", {"action": "PAY", "payment_method": method})


_SEASON: tuple[tuple[int, Shop, Acts | Callable[[date], Acts]], ...] = (
    # How many working days back, who, and what happens after the application, an hour apart.
    (25, MAIMUNAH, lambda on: (FORWARD, _inspect(on, 120), _approve(on), _pay("CASH"))),
    (24, SINTA, (_reject("t_verify", "Bukti kepemilikan tempat tidak ada."),)),
    (22, BAHARUDDIN, lambda on: (FORWARD, _inspect(on, 200), _approve(on), _pay("TRANSFER"))),
    (20, OKTAVIA, lambda on: (FORWARD, _refuse_in_the_field(on))),
    (19, MUSTOFA, lambda on: (FORWARD, _inspect(on, 60), Pass(3 * _ONE_DAY), _pay("CASH"))),
    (18, WULAN, lambda on: (FORWARD, _inspect(on, 80), _approve(on), _pay("CARD"), Send("cancel"))),
    (16, ANDREAS, (FORWARD, Cancel("Pemohon menarik permohonannya."))),
    (13, TRI, lambda on: (FORWARD, _to_citizen(on), _fixed(), _inspect(on, 60), _approve(on))),
    (10, DARTO, lambda on: (FORWARD, _inspect(on, 60), Claim("t_approve_hazard"))),
    (8, NOVI, lambda on: (FORWARD, _to_citizen(on))),
    (5, BAHARUDDIN, (FORWARD, Claim("t_inspect"))),
    (
        4,
        ANDREAS,
        lambda on: (_tax(outage=True), FORWARD, _inspect(on, 900), _approve(on), _tax(outage=False)),
    ),
    (2, SINTA, lambda on: (FORWARD, _inspect(on, 45))),
    (1, WULAN, (FORWARD,)),
    (1, OKTAVIA, ()),
)
