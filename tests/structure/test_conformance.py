"""docs/conformance.md is what its tests say; ``python -m tests.conformance`` writes it."""

import re
from pathlib import Path

from tests.conformance.report import MARK, PAGE, ROOT, elements_part

WRITE_IT = "docs/conformance.md is not up to date: run python -m tests.conformance"
LINK = re.compile(r"\[([^\]]*)\]\(([^)#]+)(?:#([^)]*))?\)")


def test_the_page_says_of_every_element_what_its_test_shows() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written.startswith(elements_part()), WRITE_IT


def test_every_borrowed_model_has_a_line(models: Path) -> None:
    part = PAGE.read_text(encoding="utf-8").partition(MARK)[2]
    numbers = {f.name[:2] for f in (*models.glob("[0-9][0-9]-*"), *models.glob("copyleft/[0-9][0-9]-*"))}
    assert len(numbers) == 30
    assert {m[1] for m in re.finditer(r"^\| (\d\d) ", part, re.MULTILINE)} == numbers, WRITE_IT


def test_every_link_of_the_page_leads_somewhere() -> None:
    explained = "".join(
        (ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("problems.md", "warnings.md")
    )
    codes = set(re.findall(r"^### `([a-z_]+)`|^\| `([a-z_]+)` \|", explained, re.MULTILINE))
    known = {code for pair in codes for code in pair if code}
    for words, path, anchor in LINK.findall(PAGE.read_text(encoding="utf-8")):
        target = (PAGE.parent / path).resolve()
        assert target.exists(), path
        if anchor:
            assert anchor in known, anchor
        elif target.suffix == ".py":
            name = "test_" + words.replace(" ", "_").partition("[")[0]
            assert f"def {name}(" in target.read_text(encoding="utf-8"), name
