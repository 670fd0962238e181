"""Everything that the files of an upload say about themselves: admission, forms, and what a designer should look at."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from engine.bpmn.admission.parts import basename, form_files
from engine.bpmn.admit import Admission, Admitted, Known, Limits, Upload, admit
from engine.bpmn.lint.look import Answers, Look, beside
from engine.bpmn.lint.run import lint
from engine.bpmn.lint.silence import silence
from engine.bpmn.settings import ProcessSettings
from engine.forms.form import Component, Computed, Field, Form, Group, ListField
from engine.forms.schema import read_form
from engine.problems import Problem, Severity

HTML_ENDINGS = (".html", ".htm")


def check_files(
    upload: Upload,
    known: Known,
    *,
    limits: Limits | None = None,
    heard: Callable[[str], bool] = lambda _: False,
) -> Admission:
    """Admission, with what is wrong in the forms and every warning; pure, never raises for what is in the files.

    Args:
        known: the house, or what stands for one (``engine.usecases.check_alone``).
        heard: whether a deployed process waits for the message of that name.
    """
    admission = admit(upload, known, limits=limits)
    forms, found = _forms(upload, admission)
    problems = {*admission.problems, *found}
    together = beside([admitted.process for admitted in admission.processes])
    for admitted in admission.processes:
        look = Look(
            admitted.process,
            admitted.settings,
            admitted.facts,
            admitted.routing,
            {key: answers_of(forms[key]) for key in admitted.forms if key in forms},
            together,
            heard,
        )
        problems.update(lint(look, broken=admitted.broken))
    left, admission.silenced = silence(
        sorted(problems),
        {a.process.file: a.facts for a in admission.processes},
        _settings(admission.processes),
    )
    admission.problems = sorted(set(left))
    return admission


def called_within(admitted: Admitted, uploaded: Mapping[str, Admitted]) -> set[str]:
    """Keys of the processes that it calls, and those of the upload in turn, without itself."""
    found: set[str] = set()
    nearest = set(admitted.calls)
    while nearest:
        found |= nearest
        nearest = {name for key in nearest if key in uploaded for name in uploaded[key].calls} - found
    return found - {admitted.process.key}


def answers_of(form: Form) -> Answers:
    """The variables that a form sets, with the values that its choices offer (None: anything)."""
    return dict(_answers(form.components))


def _answers(components: Iterable[Component]) -> Iterator[tuple[str, frozenset[str] | None]]:
    for component in components:
        match component:
            case Group():
                yield from _answers(component.components)
            case Field() | Computed() | ListField():
                if isinstance(component, Field) and component.locked is True:
                    continue
                offered = None
                if isinstance(component, Field) and "." not in component.key:
                    offered = _offered(component)
                yield component.key.partition(".")[0], offered
            case _:
                pass


def _offered(field: Field) -> frozenset[str] | None:
    if field.kind.has_many or not field.options:
        return None
    values = [option.value for option in field.options]
    return frozenset(values) if all(isinstance(v, str) for v in values) else None


def _settings(processes: list[Admitted]) -> ProcessSettings:
    """One process.toml speaks for all processes of the upload."""
    return processes[0].settings if processes else ProcessSettings()


def _forms(upload: Upload, admission: Admission) -> tuple[dict[str, Form], list[Problem]]:
    """The forms that the processes name, by key, uploaded or drawn, and what is wrong in them; pages of other engines are told."""
    wanted = {key: content for admitted in admission.processes for key, content in admitted.forms.items()}
    uploaded = form_files(upload.files)
    forms: dict[str, Form] = {}
    problems: list[Problem] = []

    def read(content: bytes, name: str, keys: Collection[str]) -> None:
        form, found = read_form(content, name)
        problems.extend(found)
        if form is not None:
            forms.update(dict.fromkeys(keys, form))

    for filename, content in upload.files.items():
        name = basename(filename)
        keys = form_files({filename: content}).keys()
        if keys and is_page(name, content):
            rest = "its task takes answers without a form" if keys & wanted.keys() else "no task names it"
            problems.append(
                Problem(
                    0,
                    "",
                    "form_is_html",
                    f"{name} is a page for another engine and is not shown: {rest}.",
                    Severity.WARNING,
                    name,
                )
            )
        elif asked := wanted.keys() & keys:
            read(content, name, asked)
    for key, content in wanted.items():
        if key not in uploaded:
            read(content, f"{key}.form", (key,))
    return forms, problems


def is_page(name: str, content: bytes) -> bool:
    """Whether a form file is a page of HTML, by its ending or by how it begins."""
    return name.lower().endswith(HTML_ENDINGS) or content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"
