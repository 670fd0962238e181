"""What the simulated registers know: the invented people and firms of Kota Muara Lestari, and what is wrong with some.

Region code 99 is unassigned, so no number here belongs to a real person.
"""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Resident:
    nik: str
    full_name: str
    alive: bool = True
    birth_shift_days: int = 0  # the register differs from what the number says

    @property
    def birth_date(self) -> date:
        """Digits 7-12 of a NIK are DDMMYY, the day plus 40 for women."""
        day, month, year = int(self.nik[6:8]), int(self.nik[8:10]), int(self.nik[10:12])
        day -= 40 if day > 40 else 0
        return date(1900 + year if year > 26 else 2000 + year, month, day) + timedelta(
            days=self.birth_shift_days
        )


def _residents() -> dict[str, Resident]:
    people = [
        Resident("9901025405880001", "Wulan Sasmita Rorong"),
        Resident("9901030211790002", "Darto Wirasena"),
        Resident("9901046301920003", "Yuliana Pangkey"),
        Resident("9901053008710004", "Hasrul Bandu Toge"),
        Resident("9901014703850005", "Clara Montolalu Dewi"),
        Resident("9901021912900006", "Imam Setyobroto"),
        Resident("9901036506830007", "Novi Anggrek Lumentut"),
        Resident("9901041109870008", "Steven Tarigan Pakaya"),
        Resident("9901054404680009", "Rukmini Dg. Patta"),
        Resident("9901012802940010", "Gilang Prawiradinata"),
        Resident("9901025010750011", "Hj. Maimunah Sondakh"),
        Resident("9901031707810012", "Andreas Bolang"),
        Resident("9901044505960013", "Tri Astuti Ningrum", birth_shift_days=1),
        Resident("9901050112770014", "Baharuddin Lolong"),
        Resident("9901014909990015", "Sinta Kaligis Maharani"),
        Resident("9901021503930016", "Mustofa Alim Wibisana"),
        Resident("9901030606800017", "Ferdinan Worotikan"),
        Resident("9901047101740018", "Ratna Juwita Supit"),
        Resident("9901052711690019", "Lalu Krisna Adiputra"),
        Resident("9901015810860020", "Oktavia Rembet"),
        Resident("9901013112600099", "Almarhum Contoh", alive=False),
    ]
    return {person.nik: person for person in people}


RESIDENTS = _residents()


def company_npwp(nik: str) -> str:
    """The tax number of the firm of a person: ``099`` + the last four digits of the NIK + ``000801000``."""
    return f"099{nik[-4:]}000801000"


TAXPAYERS: dict[str, tuple[str, bool]] = {
    number: (nik, nik != "9901041109870008") for nik in RESIDENTS for number in (nik, company_npwp(nik))
}
"""Tax number → (NIK of the taxpayer or the firm's owner, active). A person's tax number is the NIK."""

LAB_FINDINGS: dict[str, dict[str, object]] = {
    "LAB-2026-0007": {"chem_positive": ["formalin"]},
    "LAB-2026-0009": {"ecoli_water": 4.6},
}
"""Laboratory numbers whose samples were not clean, and what differs in their results."""

PLAN = (
    # lat from, lat to, lon from, lon to, zone, in OSS's detailed plan, matches trade use
    (-1.160, -1.100, 117.000, 117.200, "K-1", True, "match"),
    (-1.220, -1.160, 117.000, 117.100, "K-2", True, "match"),
    (-1.220, -1.160, 117.100, 117.200, "R-4", True, "unknown"),
    (-1.260, -1.220, 117.000, 117.200, "RTH-2", True, "conflict"),
    (-1.300, -1.260, 117.000, 117.200, "", False, "unknown"),
)


def zone(lat: float, lon: float) -> dict[str, object] | None:
    """The detailed spatial plan at a point; None outside the city."""
    for south, north, west, east, code, in_oss, match in PLAN:
        if south <= lat <= north and west <= lon <= east:
            return {"rdtr_in_oss": in_oss, "zone_code": code, "zone_match": match}
    return None
