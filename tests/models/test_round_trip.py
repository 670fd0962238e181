"""Every borrowed file comes back as it was sent: stored bytes are uploaded bytes, whether it runs or is only looked at."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from tests.models.conftest import Office

BPMN = (".bpmn", ".bpmn20.xml")


def _bpmn_files() -> list[Path]:
    root = Path(__file__).resolve().parents[2]
    for beside in (root.parent / "shared" / "models", root.parent.parent / "shared" / "models"):
        if beside.is_dir():
            return sorted(p for p in beside.rglob("*") if p.name.endswith(BPMN))
    return []


FILES = _bpmn_files()


def beside(path: Path) -> dict[str, bytes]:
    """The tables and forms of its folder, as a designer would upload them with it."""
    kinds = (".dmn", ".form", ".json", ".html")
    return {
        other.name: other.read_bytes() for other in sorted(path.parent.iterdir()) if other.suffix in kinds
    }


def inside(content: bytes) -> Iterator[tuple[str, tuple[tuple[str, str], ...], str]]:
    """Every element with its attributes and text: ids, shapes and vendors' extensions among them."""
    for element in etree.parse(io.BytesIO(content)).getroot().iter(etree.Element):
        yield str(element.tag), tuple((str(k), str(v)) for k, v in element.attrib.items()), element.text or ""


def test_the_collection_holds_the_models_of_its_manifest(models: Path) -> None:
    assert len(FILES) >= 30
    assert all(models in path.parents for path in FILES)


@pytest.mark.parametrize("path", FILES, ids=[f"{p.parent.name}/{p.name}" for p in FILES])
def test_a_borrowed_file_comes_back_byte_for_byte(office: Office, path: Path) -> None:
    content, files = path.read_bytes(), beside(path)
    citra = office.ask(office.world.citra)
    answer = citra.upload("/processes", content, files, name=path.name, create_roles="true")
    if answer.status_code == 422:
        refused = {problem["code"] for problem in answer.json["problems"]}
        answer = citra.upload("/processes", content, files, name=path.name, view_only="true")
        assert answer.status_code == 201, answer.text
        assert {problem["code"] for problem in answer.json["warnings"]} >= refused - {"role_unknown"}
        number = answer.json["kept_version"]
    else:
        assert answer.status_code == 201, answer.text
        number = answer.json["version"]
    key = answer.json["key"]
    citra = office.ask(office.world.citra)  # the house was shut and opened anew
    back = citra.get(f"/processes/{key}/versions/{number}/diagram").data
    assert back == content
    assert list(inside(back)) == list(inside(content))
    for name, sent in files.items():
        assert citra.get(f"/processes/{key}/versions/{number}/files/{name}").data == sent
