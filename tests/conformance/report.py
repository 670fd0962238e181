"""Writes docs/conformance.md: what runs, what is refused, what is ignored, each with the test that shows it."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from engine.bpmn.admit import Upload, admit
from engine.bpmn.language.feel_functions import FUNCTIONS
from engine.bpmn.outline import outline
from engine.problems import Severity
from tests.conformance.case import Case, State
from tests.conformance.decisions import DECISIONS, DecisionLine
from tests.conformance.events import MEANINGS, POSITIONS
from tests.conformance.lines import CASES
from tests.conformance.parts import PARTS
from tests.unit.reading.house import house

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "conformance.md"
SHOWS = "tests/conformance/test_elements.py::test_lintas_does_with_the_drawing_what_the_report_says"
MARK = "## Real models"
WORDS = {
    State.RUNS: "runs",
    State.REFUSED: "refused",
    State.IGNORED: "ignored, told",
    State.DRAWN: "no effect in BPMN",
}
REFERENCE = ("22", "23", "24", "25", "26")
"""The reference models of the BPMN Model Interchange Working Group among the borrowed ones."""


def page(models: Path | None) -> str:
    """The whole page. Without the folder of borrowed models its last part only says so."""
    return elements_part() + MARK + "\n" + "\n".join(models_part(models)) + "\n"


def elements_part() -> str:
    """Everything that needs nothing but this repository; the committed page must begin with it, letter by letter."""
    return "\n".join([*_head(), *_events(), *_groups(), *_parts(), *_decisions(), ""])


def _head() -> Iterator[str]:
    yield "# What runs, what is refused, what is ignored"
    yield ""
    yield "Written by `python -m tests.conformance`, which runs every test that is linked here and writes nothing if one fails."
    yield "A line is a small drawing in [tests/conformance](../tests/conformance); its test is"
    yield f"`{SHOWS}[…]` with the name in the last column."
    yield ""
    yield "* **runs**: it is played, and does what BPMN says."
    yield "* **refused**: at deployment, with this [code](problems.md) at the element. The file can be kept for viewing."
    yield "* **ignored, told**: a warning with this code; the rest runs."
    yield "* **no effect in BPMN**: kept and shown; BPMN gives it no meaning for running."
    yield ""
    yield "| | runs | refused | ignored, told | no effect in BPMN |"
    yield "|---|--:|--:|--:|--:|"
    groups = dict.fromkeys(case.group for case in CASES)
    for group in groups:
        yield _counted(group, [case.state for case in CASES if case.group == group])
    yield _counted("DMN", [line.state for line in DECISIONS])
    yield _counted("**together**", [line.state for line in (*CASES, *DECISIONS)])
    yield ""


def _counted(name: str, states: Sequence[State]) -> str:
    found = Counter(states)
    return f"| {name} | " + " | ".join(str(found[state] or "–") for state in State) + " |"


def _events() -> Iterator[str]:
    """The specification's table 10.93 with our answers."""
    states = {case.name: case.state for case in CASES if case.group == "Events"}
    yield "## Events at every position"
    yield ""
    yield "✓ runs, ✗ refused by name, blank: BPMN does not allow it."
    yield ""
    yield "| | " + " | ".join(POSITIONS) + " |"
    yield "|---|" + ":-:|" * len(POSITIONS)
    for kind, meaning in MEANINGS.items():
        cells = [
            {State.RUNS: "✓", State.REFUSED: "✗"}[states[f"{position}, {meaning}"]] if kind in kinds else ""
            for position, kinds in POSITIONS.items()
        ]
        yield f"| {meaning} | " + " | ".join(cells) + " |"
    yield ""


def _groups() -> Iterator[str]:
    for group in dict.fromkeys(case.group for case in CASES):
        yield f"## {group}"
        yield ""
        yield "| | BPMN | | shown by |"
        yield "|---|---|---|---|"
        for case in CASES:
            if case.group == group:
                about = ", ".join(f"`{name}`" for name in case.about)
                yield f"| {case.name} | {about} | {_state(case)} | `{case.id}`{_also(case.also)} |"
        yield ""


def _state(line: Case | DecisionLine) -> str:
    code = f" {_code(line.code)}" if line.code else ""
    return f"**{WORDS[line.state]}**{code}" if line.state is State.RUNS else f"{WORDS[line.state]}{code}"


def _code(code: str) -> str:
    """A problem's code, with its place in the page that explains it."""
    warned = f"`{code}`" in (PAGE.parent / "warnings.md").read_text(encoding="utf-8")
    return f"[`{code}`]({'warnings' if warned else 'problems'}.md#{code})"


def _also(links: Iterable[str]) -> str:
    return "".join(f", {_link(link)}" for link in links)


def _link(test: str) -> str:
    path, _, name = test.partition("::")
    return f"[{name.removeprefix('test_').replace('_', ' ')}](../{path})"


def _parts() -> Iterator[str]:
    yield "### Parts of these elements"
    yield ""
    yield "Elements of the schema that are read, refused or ignored with the one that holds them:"
    yield ""
    of = {owner: sorted(name for name, whole in PARTS.items() if whole == owner) for owner in PARTS.values()}
    for owner, names in sorted(of.items()):
        yield f"* `{owner}`: " + ", ".join(f"`{name}`" for name in names)
    yield ""


def _decisions() -> Iterator[str]:
    yield "## DMN"
    yield ""
    yield "| | | shown by |"
    yield "|---|---|---|"
    for line in DECISIONS:
        yield f"| {line.name} | {_state(line)} | {', '.join(map(_link, line.also))} |"
    yield ""
    yield (
        "FEEL knows these functions: "
        + ", ".join(f"`{name}`" for name in sorted(FUNCTIONS) if name != "@")
        + ";"
    )
    yield "arithmetic, comparison, `and`, `or`, `between`, `in`, ranges, `if`, `for`, `some`, `every`, filters, paths, contexts, lists and"
    yield '`@"…"` of dates, times and durations. Named arguments, `instance of` and function definitions are refused.'
    yield ""


def models_part(models: Path | None) -> Iterator[str]:
    """The borrowed models by their number, and the MIWG's class of everything element by element."""
    yield ""
    yield "Models of other engines, of public bodies and of the BPMN Model Interchange Working Group (MIWG), read in place. Each"
    yield "comes back byte for byte, whether it runs or is kept for viewing:"
    yield _link("tests/models/test_round_trip.py::test_a_borrowed_file_comes_back_byte_for_byte") + "."
    yield ""
    if models is None:
        yield "The folder of borrowed models was not beside the repository when this page was written."
        return
    tests = tests_by_number()
    yield "| | told of the files as they are, in an empty house | shown by |"
    yield "|---|---|---|"
    for folder in sorted(
        (*models.glob("[0-9][0-9]-*"), *models.glob("copyleft/[0-9][0-9]-*")), key=lambda f: f.name
    ):
        number, _, name = folder.name.partition("-")
        miwg = "MIWG, " if number in REFERENCE else ""
        shown = ", ".join(map(_link, tests.get(number, ()))) or "–"
        yield f"| {number} {miwg}{name.removeprefix('miwg-')} | {_told(folder)} | {shown} |"
    yield ""
    yield from _every_element_once(next(models.glob("23-*/*.bpmn"), None))


def tests_by_number() -> dict[str, list[str]]:
    """Number of a borrowed model → the tests named ``test_<number>_…``."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name in re.findall(r"^def (test_\d\d_\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE):
            found.setdefault(name[5:7], []).append(f"{path.relative_to(ROOT).as_posix()}::{name}")
    return found


def _told(folder: Path) -> str:
    """Codes of the errors, which bindings, forms and agencies mend or which refuse it for good."""
    files = {
        path.name: path.read_bytes()
        for path in sorted(folder.iterdir())
        if path.suffix not in {".png", ".xml"}
    }
    drawn = sorted(path.name for path in folder.iterdir() if path.name.endswith((".bpmn", ".bpmn20.xml")))
    if not drawn:
        return "–"
    main = (folder / drawn[0]).read_bytes()
    others = {name: content for name, content in files.items() if name != drawn[0]}
    others |= {name: (folder / name).read_bytes() for name in drawn[1:]}
    errors = {
        p.code
        for p in admit(Upload(drawn[0], main, others), house()).problems
        if p.severity is Severity.ERROR
    }
    return ", ".join(map(_code, sorted(errors))) or "nothing: it runs"


def _every_element_once(path: Path | None) -> Iterator[str]:
    """MIWG's model with every element of the analytic class: what a check tells of each that it names."""
    if path is None:
        return
    drawn = {one.element: one for one in outline(path.read_bytes(), path.name)}
    problems = admit(Upload(path.name, path.read_bytes()), house()).problems
    yield f"### MIWG {path.stem}, element by element"
    yield ""
    yield f"Names by the BPMN MIWG, CC BY 3.0. {len(drawn)} drawn elements. It is documentation (`isExecutable` is false), so it is kept for viewing; its to-do list says:"
    yield ""
    yield "| element | kind | | to do |"
    yield "|---|---|---|---|"
    for problem in problems:
        one = drawn.get(problem.element)
        name = (one.name if one else "") or problem.element or "the file"
        kind = one.kind.value.replace("_", " ") if one else ""
        must = "must" if problem.severity is Severity.ERROR else "should"
        yield f"| {name.replace('|', '/')} | {kind} | {must} | {_code(problem.code)} |"
