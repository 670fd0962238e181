"""A Dutch event permit: two pools, three lanes, a decision table, an inclusive join; its beans are bound by process.toml."""

from pathlib import Path

import pytest

from engine.model import Actor
from tests.models.bureau import Bureau, bureau, elements, folder_of, reasons, the_line
from tests.people import LICENSING

__all__ = ["bureau"]

PERMIT = f"""
[lanes]
"VTH Horeca" = "{LICENSING}"
"VTH Evenementen" = "{LICENSING}"
"Burgemeester en wethouders" = "{LICENSING}"

[services]
Task_1edg42x = {{ connector = "partner" }}
Task_1hwlax7 = {{ connector = "partner" }}
Task_0yczupk = {{ connector = "partner" }}
Task_0cohmlf = {{ connector = "partner" }}
"${{mailService.sendElementTemplateTaskMail(execution)}}" = {{ skip = "the letters go by post" }}

[listeners]
StartEvent_1 = {{ set = {{ size = "document.size", alcoholBeingServed = "document.alcoholBeingServed", email = "document.email" }} }}
Task_04cardr = {{ skip = "whoever decides answers getPermit" }}
ExclusiveGateway_0oo0xj7 = {{ skip = "whoever decides answers getBwPermit" }}
ExclusiveGateway_0v5tocu = {{ skip = "no letter needs the last name" }}

[forms]
"form:evenementenvergunning-start-formulier" = {{ skip = "the portal starts it" }}
"evenementenvergunning-naam-controleren" = {{ skip = "answered by a program" }}
"evenementenvergunning-aanvraag-behandelen" = {{ skip = "answered by a program" }}
"evenementenvergunning-aanvraag-behandelen-b-w" = {{ skip = "answered by a program" }}
"evenementenvergunning-afhandelen-drank-horeca-vergunning" = {{ skip = "answered by a program" }}
"""
NAME = "Naam controleren"
LIQUOR = "Aanvraag ontheffing drank- en horecawet behandelen"
ASSESS = "Aanvraag inhoudelijk beoordelen & Besluit nemen"
MAYOR = "Aanvraag inhoudelijk beoordelen & besluit nemen B&W"
GRANTED, REFUSED, REFUSED_BY_MAYOR = "Task_1hwlax7", "Task_1edg42x", "Task_0yczupk"


def files(models: Path) -> tuple[Path, Path]:
    folder = folder_of(models, "29")
    return folder / "evenementenvergunning.bpmn", folder / "evenementenvergunning-risico.dmn"


@pytest.fixture
def wim(bureau: Bureau, models: Path) -> Actor:
    """An officer with the two roles that the file names; the permit is deployed."""
    found = bureau.hire("wim", "ROLE_USER", "ROLE_DEVELOPER")
    model, table = files(models)
    warnings = bureau.bind(model, table, toml=PERMIT)
    told = reasons(warnings)
    assert sorted(told) == ["Task_0lse5hh", "Task_1w602q5"]  # the third mail is bound by its id
    assert all("the letters go by post" in message for message in told.values())
    return found


def applied(bureau: Bureau, wim: Actor, *, size: int, alcohol: str = "Nee") -> str:
    """A case whose name was checked."""
    document = {"size": size, "alcoholBeingServed": alcohol, "email": "j@example.nl"}
    case = bureau.start("Evenementenvergunning", {"document": document})
    assert bureau.tasks(case) == [NAME]
    bureau.complete(case, NAME, by=wim)
    return case


def letters(bureau: Bureau) -> list[str]:
    bureau.work()
    return [element for element, _ in bureau.asked]


def test_29_the_bare_upload_names_each_bean_form_and_lane(bureau: Bureau, models: Path) -> None:
    problems = bureau.refused(*files(models))
    mails, letters = ["Task_0cohmlf", "Task_0lse5hh", "Task_1w602q5"], [GRANTED, REFUSED, REFUSED_BY_MAYOR]
    listened = ["ExclusiveGateway_0oo0xj7", "ExclusiveGateway_0v5tocu", "StartEvent_1", "Task_04cardr"]
    assert elements(problems, "vendor_code") == sorted(mails + letters + listened)
    for element in mails + letters:
        the_line(problems, element, "services")
    for element in listened:
        the_line(problems, element, "listeners")
    shown = ["StartEvent_1", "Task_04cardr", "Task_0vfnre7", "Task_1ot2igr", "UserTask_1ryii8d"]
    assert elements(problems, "form_missing") == shown
    for element in shown:
        the_line(problems, element, "forms", "evenementenvergunning-")
    assert elements(problems, "lane_without_agency") == ["Lane_0575j3g", "Lane_0s3njyn", "Lane_1u45zs2"]


@pytest.mark.parametrize(("permit", "letter"), [("Ja", GRANTED), ("Nee", REFUSED)])
def test_29_a_small_dry_event_is_assessed_by_one_office(
    bureau: Bureau, wim: Actor, permit: str, letter: str
) -> None:
    case = applied(bureau, wim, size=40)
    (decided,) = bureau.events(case, "decision_made")
    assert decided["data"]["outputs"] == [{"risico": "Laag"}]
    assert bureau.tasks(case) == [ASSESS]
    bureau.complete(case, ASSESS, {"getPermit": permit}, by=wim)
    assert letters(bureau) == [letter]
    assert bureau.state(case) == "completed"


def test_29_an_event_with_alcohol_needs_an_exemption_first(bureau: Bureau, wim: Actor) -> None:
    case = applied(bureau, wim, size=40, alcohol="Ja")
    assert bureau.tasks(case) == [LIQUOR]
    bureau.complete(case, LIQUOR, by=wim)
    assert bureau.tasks(case) == [ASSESS]


@pytest.mark.parametrize("mayor_first", [True, False])
def test_29_at_high_risk_the_mayor_assesses_too_and_both_come_before_the_letter(
    bureau: Bureau, wim: Actor, mayor_first: bool
) -> None:
    case = applied(bureau, wim, size=900, alcohol="Ja")
    bureau.complete(case, LIQUOR, by=wim)
    assert bureau.tasks(case) == sorted([ASSESS, MAYOR])
    steps = [(MAYOR, {"getBwPermit": "Ja"}), (ASSESS, {"getPermit": "Ja"})]
    for task, answers in steps if mayor_first else reversed(steps):
        assert letters(bureau) == []
        bureau.complete(case, task, answers, by=wim)
    assert letters(bureau) == [GRANTED]
    assert bureau.case(case)["outcome"] == "EndEvent_0kiogi4"


def test_29_a_mayor_who_refuses_ends_everything(bureau: Bureau, wim: Actor) -> None:
    case = applied(bureau, wim, size=2000)
    assert bureau.tasks(case) == sorted([ASSESS, MAYOR])
    bureau.complete(case, MAYOR, {"getBwPermit": "Nee"}, by=wim)
    assert letters(bureau) == [REFUSED_BY_MAYOR, "Task_0cohmlf"]
    assert bureau.tasks(case) == []
    assert (bureau.state(case), bureau.case(case)["outcome"]) == ("completed", "EndEvent_0mfulur")
