"""The tour names files and functions; each of them has to be there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = re.compile(r"`((?:[\w.-]+/)+[\w.-]+\.py)(?::([A-Za-z_][\w.]*))?`")


def names_in(path: Path) -> set[str]:
    """Functions and classes of a module, and ``Class.member``."""
    found: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {
                f"{node.name}.{member.name}" for member in node.body if isinstance(member, ast.FunctionDef)
            }
    return found


def test_every_file_and_function_that_the_tour_names_exists() -> None:
    references = REFERENCE.findall((ROOT / "docs" / "tour.md").read_text(encoding="utf-8"))
    assert references
    wrong = [
        f"{name}:{function}"
        for name, function in references
        if not (ROOT / name).is_file() or (function and function not in names_in(ROOT / name))
    ]
    assert wrong == []
