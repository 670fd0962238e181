"""A small house for admission: three agencies, a few people, one connector that wants a path."""

from collections.abc import Mapping

from engine.bpmn.admit import Known

AGENCIES = {
    "dpmptsp": frozenset({"p_front", "p_verifier", "p_head"}),
    "dlh": frozenset({"e_reviewer"}),
    "damkar": frozenset({"f_inspector", "f_head"}),
}
PEOPLE = frozenset({"meilani", "hendra", "niken", "rusdi"})


def needs_path(settings: Mapping[str, str]) -> list[str]:
    return [] if settings.get("path") else ["Set the property path."]


def house(**more: object) -> Known:
    return Known(
        **{  # type: ignore[arg-type]  # the tests override fields by name
            "agencies": AGENCIES,
            "people": PEOPLE,
            "connectors": {"http": needs_path},
            "systems": frozenset({"population"}),
            "deployer_agency": "dpmptsp",
            "agency_names": {"Dinas Lingkungan Hidup": "dlh", "Fire Service": "damkar"},
            **more,
        }
    )
