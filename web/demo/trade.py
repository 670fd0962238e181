"""The season's trade licences: who applies, and how far each has come. All people and shops are invented.

Answers are those of the procedure's own scenarios; only what differs stands here.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from web.demo.plays import Act, Cancel, Claim, Complete, Pass, Play, Send, Turn
from web.demo.usual import usual

Acts = tuple[Act, ...]
Workday = Callable[[int], datetime]
Shop = Mapping[str, Any]

PROCESS = "trade_licence"
_ONE_DAY = timedelta(days=1)
_NO_ACCESSORY = {"accessory_category": None, "accessory_quantity": None}


def _shop(owner: str, nik: str, name: str, trade: str, amount: int, **more: Any) -> Shop:
    """An applicant and the place of business; ``amount`` in the unit that the fee is counted in."""
    return {
        "full_name": owner,
        "nik": nik,
        "npwp": nik,
        "trade_name": name,
        "trade_type": trade,
        "uom_value": amount,
        **_NO_ACCESSORY,
        **more,
    }


MAIMUNAH: Shop = {}
ANDREAS = _shop(
    "Andreas Bolang", "9901031707810012", "UD Beras Makmur", "GOODS.WHOLESALE.BERAS", 900, structure_type="GUDANG"
)  # fmt: skip
TRI = _shop("Tri Astuti Ningrum", "9901044505960013", "Salon Melati Putih", "SERVICES.GBS.SALON", 4)
BAHARUDDIN = _shop(
    "Baharuddin Lolong", "9901050112770014", "Roti Hangat Muara", "GOODS.MANUFACTURE.ROTI", 200
)
SINTA = _shop("Sinta Kaligis Maharani", "9901014909990015", "Butik Kain Pesisir", "GOODS.RETAIL.PAKAIAN", 45)
MUSTOFA = _shop(
    "Mustofa Alim Wibisana", "9901021503930016", "Takjil Bang Mus", "GOODS.RETAIL.TAKJIL", 1,
    structure_type="KELILING", license_type="TEMPORARY",
)  # fmt: skip
WULAN = _shop("Wulan Sasmita Rorong", "9901025405880001", "Toko Selera Muara", "GOODS.RETAIL.SEMBAKO", 80)
DARTO = _shop("Darto Wirasena", "9901030211790002", "Pangkalan Gas Teluk Biru", "GOODS.RETAIL.LPG", 30)
OKTAVIA = _shop("Oktavia Rembet", "9901015810860020", "Toko Busana Oktavia", "GOODS.RETAIL.PAKAIAN", 70)
NOVI = _shop(
    "Novi Anggrek Lumentut", "9901036506830007", "Grosir Gunung Sari", "GOODS.WHOLESALE.BERAS", 400,
    structure_type="GUDANG",
)  # fmt: skip


def trade_plays(workday: Workday) -> list[Play]:
    """The plays, the earliest first.

    Args:
        workday: gives the morning of the n-th working day before the demonstration starts.
    """
    return [
        _play(number, workday(back), shop, acts(workday(back).date()))
        for number, (back, shop, acts) in enumerate(_SEASON, start=1)
    ]


def _play(number: int, starts_at: datetime, shop: Shop, acts: Acts) -> Play:
    key = f"TL-{starts_at.year}-{number:06d}"
    on = starts_at.date()
    filed = _done(
        "t_draft",
        **{"application_number": key, "valid_from": on.isoformat(), "valid_to": _in_a_year(on), **shop},
    )
    answers = {name: value for name, value in filed.answers.items() if value is not None}
    name = f"{key} {answers['trade_name']}"
    return Play(name, PROCESS, key, starts_at, acts=(Complete("t_draft", answers), *acts))


def _done(element: str, **differs: Any) -> Complete:
    return usual(PROCESS).done(element, **differs)


def _in_a_year(on: date) -> str:
    return (on + 365 * _ONE_DAY).isoformat()


def _inspected(on: date, **differs: Any) -> Complete:
    return _done("t_inspect", visit_at=on.isoformat(), **differs)


def _sent_back(on: date) -> Complete:
    reason = "Alamat dan jumlah pegawai tidak sama dengan yang dilihat."
    marked = ["address", "no_of_employees"]
    return _inspected(on, action="SENDBACKTOCITIZEN", reason=reason, marked_fields=marked)


def _mended() -> Complete:
    return _done("t_citizen_fix", address="Jalan Pasar Kenari 17, Muara Lestari", no_of_employees=4)


def _approved(on: date) -> Complete:
    return _done("t_approve", valid_to=_in_a_year(on))


def _to_the_decision(on: date) -> Acts:
    return (_done("t_verify"), _inspected(on))


def _granted(on: date) -> Acts:
    return (*_to_the_decision(on), _approved(on), _done("t_pay"))


def _rejected_for_papers(_on: date) -> Acts:
    return (_done("t_verify", action="REJECT", reason="Bukti kepemilikan tempat tidak ada."),)


def _rejected_in_the_field(on: date) -> Acts:
    return (
        _done("t_verify"),
        _inspected(on, action="REJECT", reason="Tempat usaha tidak ada di alamat ini."),
    )


def _approved_by_silence(on: date) -> Acts:
    return (*_to_the_decision(on), Pass(3 * _ONE_DAY), _done("t_pay"))


def _back_to_the_citizen(on: date) -> Acts:
    return (_done("t_verify"), _sent_back(on))


def _billed_in_an_outage(on: date) -> Acts:
    """The tax system is down while the case asks it, and comes back when all attempts are spent."""
    down, up = (Turn("tax", {"outage": outage}) for outage in (True, False))
    return (down, *_to_the_decision(on), _approved(on), up)


_SEASON: tuple[tuple[int, Shop, Callable[[date], Acts]], ...] = (
    # How many working days back, who, and what happens after the application, an hour apart.
    (25, MAIMUNAH, _granted),
    (24, SINTA, _rejected_for_papers),
    (22, BAHARUDDIN, _granted),
    (20, OKTAVIA, _rejected_in_the_field),
    (19, MUSTOFA, _approved_by_silence),
    (18, WULAN, lambda on: (*_granted(on), Send("cancel"))),
    (16, ANDREAS, lambda on: (_done("t_verify"), Cancel("Pemohon menarik permohonannya."))),
    (13, TRI, lambda on: (*_back_to_the_citizen(on), _mended(), _inspected(on), _approved(on))),
    (10, DARTO, lambda on: (*_to_the_decision(on), Claim("t_approve_hazard"))),
    (8, NOVI, _back_to_the_citizen),
    (5, BAHARUDDIN, lambda on: (_done("t_verify"), Claim("t_inspect"))),
    (4, ANDREAS, _billed_in_an_outage),
    (2, SINTA, _to_the_decision),
    (1, WULAN, lambda on: (_done("t_verify"),)),
    (1, OKTAVIA, lambda on: ()),
)
