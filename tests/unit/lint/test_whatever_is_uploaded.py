"""Linting never stumbles: real models as they are and broken at random end in findings, each with a place to look at."""

import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from engine.bpmn.admit import Upload
from engine.bpmn.lint.run import RULES
from engine.bpmn.xml import BPMN
from engine.usecases.check_alone import check_alone
from tests.unit.reading.files import models_folder

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = sorted((ROOT / "processes").glob("*/*.bpmn"))


def real_models() -> list[Path]:
    return sorted(p for p in models_folder().rglob("*") if p.is_file() and ".bpmn" in p.name)


def look_at(content: bytes, name: str) -> None:
    """Every finding of a rule stands at an element of the file, or on a line where one without an id is."""
    found = check_alone(Upload(name, content), connectors={})
    lines = content.count(b"\n") + 1
    ids = set(re.findall(r'\bid="([^"]*)"', content.decode("utf-8", errors="replace")))
    for problem in found.admission.problems:
        if problem.code in RULES:
            named = problem.element in ids or "_without_id" in problem.element or problem.line > 0
            assert named, problem
            assert 0 <= problem.line <= lines, problem


def broken(content: bytes, seed: int) -> Iterator[bytes]:
    """The file with a few things taken out, doubled or led elsewhere."""
    rng = random.Random(seed)
    for _ in range(8):
        root = etree.fromstring(content)
        elements = [e for e in root.iter(f"{{{BPMN}}}*") if e.getparent() is not None]
        ids = [e.get("id") for e in elements if e.get("id")]
        for _ in range(rng.randrange(1, 5)):
            victim = rng.choice(elements)
            parent = victim.getparent()
            if parent is None:
                continue
            match rng.randrange(4):
                case 0:
                    parent.remove(victim)
                case 1 if victim.attrib:
                    del victim.attrib[rng.choice(list(victim.attrib))]
                case 2:
                    for word in ("sourceRef", "targetRef", "attachedToRef", "default"):
                        if victim.get(word):
                            victim.set(word, str(rng.choice(ids)))
                case _:
                    other = rng.choice(elements)
                    if victim not in other.iterancestors() and victim is not other:
                        other.append(victim)
        yield etree.tostring(root)


def test_real_models_are_looked_at() -> None:
    models = real_models()
    assert len(models) > 25
    for path in models:
        look_at(path.read_bytes(), path.name)


def test_real_models_are_looked_at_when_they_are_broken() -> None:
    for seed, path in enumerate(real_models()):
        for content in broken(path.read_bytes(), seed):
            look_at(content, path.name)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_samples_are_looked_at_when_they_are_broken(path: Path) -> None:
    for content in broken(path.read_bytes(), len(path.name)):
        look_at(content, path.name)
