"""The shape of the repository itself: what it promises in its papers and what may not creep in."""

import ast
import hashlib
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("engine", "web", "connectors")
SHARED = next((p for p in (ROOT.parent / "shared", ROOT.parent.parent / "shared") if p.is_dir()), None)


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", *patterns], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def sources() -> list[Path]:
    return [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]


def lines_that(pattern: str, paths: list[Path]) -> list[str]:
    wanted = re.compile(pattern)
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if wanted.search(line)
    ]


def test_processes_hold_data_only() -> None:
    allowed = {".bpmn", ".dmn", ".form", ".toml", ".md", ".json", ""}
    assert [p for p in tracked("processes") if p.suffix not in allowed and p.name != "__init__.py"] == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in sources()
        if path.stat().st_size and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_no_source_promises_later_work() -> None:
    assert lines_that(r"\b(TODO|FIXME|XXX|NotImplementedError)\b", sources()) == []


def test_only_the_worker_and_the_door_catch_everything() -> None:
    allowed = {"engine/worker.py", "web/errors.py"}
    broad = []
    for path in sources():
        name = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ExceptHandler) or name in allowed:
                continue
            caught = node.type
            if caught is None or (
                isinstance(caught, ast.Name) and caught.id in {"Exception", "BaseException"}
            ):
                broad.append(f"{name}:{node.lineno}")
    assert broad == []


def test_only_the_clock_reads_the_wall_clock() -> None:
    engine = [p for p in sources() if p.is_relative_to(ROOT / "engine") and p.name != "clock.py"]
    assert lines_that(r"datetime\.(now|utcnow|today)\(|date\.today\(|time\.time\(\)", engine) == []


def test_no_path_of_a_machine_and_no_download_address_is_kept() -> None:
    texts = [
        p
        for p in tracked()
        if p.suffix not in {".png", ".woff2", ".ico"} and p.name not in {"LICENSE", Path(__file__).name}
    ]
    assert lines_that(r"(?<![\w.~}])/(?:home|root|work|mnt)/|\"resolved\": *\"http", texts) == []


def test_the_links_of_the_papers_lead_somewhere() -> None:
    link = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
    broken = [
        f"{page.relative_to(ROOT)} → {target}"
        for page in tracked("*.md")
        for target in link.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_make_help_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.M)
    assert phony
    assert set(phony[1].split()) == set(re.findall(r"^([a-z-]+):.*## ", makefile, re.M))


def test_ci_runs_what_the_readme_names() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "make demo" in readme
    assert "make test" in readme
    assert "make test" in ci
    assert "make check" in ci


def test_no_borrowed_model_was_copied_into_the_project() -> None:
    if SHARED is None or not (SHARED / "models").is_dir():
        pytest.skip("the folder of borrowed models is not beside this checkout")
    borrowed = {
        hashlib.sha256(p.read_bytes()).hexdigest()
        for p in (SHARED / "models").rglob("*")
        if p.suffix in {".bpmn", ".xml", ".dmn", ".form"}
    }
    ours = tracked("*.bpmn", "*.xml", "*.dmn", "*.form")
    assert [p for p in ours if hashlib.sha256(p.read_bytes()).hexdigest() in borrowed] == []
