"""Answers to a form: checked all at once, typed, without what is hidden, locked or not asked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.bpmn.step import World
from engine.errors import AnswersInvalid
from engine.forms.checks import Refused, compute, holds, is_empty, read_answer
from engine.forms.encoding import from_html
from engine.forms.form import Component, Computed, Field, FieldProblem, Form, Group, ListField, flat
from engine.forms.schema import MAX_ROWS

__all__ = ["check_answers", "from_html", "hidden", "initial_values"]

_ROUNDS = 10
"""Conditions may depend on fields that conditions hide; they settle in far fewer rounds."""

Data = dict[str, Any]
Problems = dict[str, list[FieldProblem]]


def check_answers(
    form: Form,
    raw: Mapping[str, Any],
    *,
    variables: Mapping[str, Any],
    partial: bool = False,
    world: World | None = None,
) -> Data:
    """The answers in their types, by the form's own keys.

    An answer that is not sent keeps the variable of its name; without one it is stored empty (None, False, []) or as the
    field's default. A dotted key is an entry of a group: the group's other entries stay.

    Args:
        raw: JSON values, or the texts that ``from_html`` took from an HTML form; nested as the keys are.
        variables: what the task sees; conditions, options and computed values read them.
        partial: a draft: nothing is required, and only what was sent is given back.
        world: for today() and the time zone of local times.

    Raises:
        AnswersInvalid: ``fields`` maps keys (``name``, ``address.street``, ``staff[0].name``) to FieldProblems.
    """
    problems = _unknown(form.components, raw, "")
    level = _Level(form.components, raw, variables, "", partial, world)
    answers, found = level.settled()
    problems.update(found)
    if problems:
        count = len(problems)
        message = "One answer needs another look." if count == 1 else f"{count} answers need another look."
        raise AnswersInvalid(message, problems, form=form.key)
    return answers


def hidden(
    form: Form, raw: Mapping[str, Any], *, variables: Mapping[str, Any], world: World | None = None
) -> frozenset[Component]:
    """The components that these answers hide, with everything in hidden groups; for drawing the form."""
    level = _Level(form.components, raw, variables, "", True, world)
    level.settled()
    return frozenset(level.hidden)


def initial_values(form: Form, variables: Mapping[str, Any]) -> Data:
    """What the form shows before anybody answers: variables of its keys, else defaults."""
    values: Data = {}
    for component in form.flat():
        if isinstance(component, Field | ListField):
            value = _get(variables, component.key)
            if value is None and isinstance(component, Field):
                value = component.default
            if value is not None:
                _put(values, component.key, value)
    return values


@dataclass(slots=True)
class _Level:
    """The form itself, or one row of a list."""

    components: tuple[Component, ...]
    raw: Mapping[str, Any]
    variables: Mapping[str, Any]
    prefix: str
    partial: bool
    world: World | None
    hidden: set[Component] = field(default_factory=set)
    values: dict[Component, Any] = field(default_factory=dict)
    problems: dict[Component, Problems] = field(default_factory=dict)

    def settled(self) -> tuple[Data, Problems]:
        data: Data = dict(self.variables)
        for _ in range(_ROUNDS):
            before = data
            self.read(before)
            data = self.data()
            now_hidden = set(self.find_hidden(self.components, data, False))
            # what is computed from other answers has seen them only once nothing changes any more
            if now_hidden == self.hidden and data == before:
                break
            self.hidden = now_hidden
        self.require(data)
        return self.outcome()

    def read(self, data: Mapping[str, Any]) -> None:
        self.values.clear()
        self.problems.clear()
        for component in flat(self.components):
            match component:
                case Field():
                    self.read_field(component, data)
                case ListField():
                    self.read_list(component, data)
                case Computed():
                    self.values[component] = compute(component.value, data, self.world)
                case _:
                    continue

    def read_field(self, component: Field, data: Mapping[str, Any]) -> None:
        if holds(component.locked, self.variables, self.world):
            return
        given = _get(self.raw, component.key, _ABSENT)
        if given is _ABSENT:
            if self.partial or _get(self.variables, component.key) is not None:
                return
            given = component.default
        try:
            self.values[component] = read_answer(component, given, variables=data, world=self.world)
        except Refused as refused:
            self.problems[component] = {self.prefix + component.key: [refused.problem]}

    def read_list(self, component: ListField, data: Mapping[str, Any]) -> None:
        given = _get(self.raw, component.key, _ABSENT)
        if given is _ABSENT or given is None:
            if given is None or not (self.partial or _get(self.variables, component.key) is not None):
                self.values[component] = []
            return
        name = self.prefix + component.key
        kept = self.fixed_rows(component)
        if not isinstance(given, list | tuple) or not all(isinstance(row, Mapping) for row in given):
            self.problems[component] = {name: [FieldProblem("not_a_list")]}
        elif len(given) > MAX_ROWS:
            self.problems[component] = {name: [FieldProblem("too_many", {"max": MAX_ROWS})]}
        elif kept and len(kept) != len(given):
            self.problems[component] = {name: [FieldProblem("fixed_rows", {"count": len(kept)})]}
        else:
            rows: list[Data] = []
            problems: Problems = {}
            for place, row in enumerate(given):
                around = {
                    key: value for key, value in data.items() if key not in _own_keys(component.components)
                }
                inside = {**around, "parent": dict(data), "i": place + 1}
                level = _Level(
                    component.components, row, inside, f"{name}[{place}].", self.partial, self.world
                )
                answers, found = level.settled()
                rows.append({**kept[place], **answers} if kept else answers)
                problems.update(found)
            self.values[component] = rows
            if problems:
                self.problems[component] = problems

    def fixed_rows(self, component: ListField) -> list[Mapping[str, Any]]:
        """The case's own rows, of a list whose rows can be filled in but not added or removed."""
        known = _get(self.variables, component.key)
        if component.changeable or not isinstance(known, list):
            return []
        return [row if isinstance(row, Mapping) else {} for row in known]

    def data(self) -> Data:
        """The variables as they would be with these answers; what is hidden is null."""
        data: Data = dict(self.variables)
        for component in self.hidden:
            if isinstance(component, Field | Computed | ListField):
                _put(data, component.key, None)
        for component, value in self.values.items():
            if component not in self.hidden and isinstance(component, Field | Computed | ListField):
                _put(data, component.key, value)
        if self.prefix:
            data["this"] = {
                c.key: v for c, v in self.values.items() if isinstance(c, Field) and c not in self.hidden
            }
        return data

    def find_hidden(
        self, components: tuple[Component, ...], data: Mapping[str, Any], above: bool
    ) -> Iterator[Component]:
        for component in components:
            is_hidden = above or holds(component.hide, data, self.world)
            if is_hidden:
                yield component
            if isinstance(component, Group):
                yield from self.find_hidden(component.components, data, is_hidden)

    def require(self, data: Mapping[str, Any]) -> None:
        if self.partial:
            return
        for component in flat(self.components):
            if not isinstance(component, Field) or component in self.problems or component in self.hidden:
                continue
            if holds(component.locked, self.variables, self.world):
                continue
            value = self.values.get(component, _get(self.variables, component.key))
            if (is_empty(value) or value is False) and holds(component.limits.required, data, self.world):
                self.problems[component] = {self.prefix + component.key: [FieldProblem("required")]}

    def outcome(self) -> tuple[Data, Problems]:
        answers: Data = {}
        problems: Problems = {}
        for component in flat(self.components):
            if component in self.hidden:
                continue
            problems.update(self.problems.get(component, {}))
            if component in self.values and isinstance(component, Field | Computed | ListField):
                top = component.key.partition(".")[0]
                if (
                    top != component.key
                    and top not in answers
                    and isinstance(self.variables.get(top), Mapping)
                ):
                    answers[top] = dict(self.variables[top])
                _put(answers, component.key, self.values[component])
        return answers, problems


_ABSENT: Any = object()


def _own_keys(components: tuple[Component, ...]) -> frozenset[str]:
    return frozenset(
        one.key.partition(".")[0] for one in flat(components) if isinstance(one, Field | Computed | ListField)
    )


def _get(data: Mapping[str, Any], key: str, absent: Any = None) -> Any:
    found: Any = data
    for part in key.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return absent
        found = found[part]
    return found


def _put(data: Data, key: str, value: Any) -> None:
    """Sets an entry along a dotted key; groups on the way are copied, as they may belong to the case."""
    *above, last = key.split(".")
    for part in above:
        inner = data.get(part)
        data[part] = dict(inner) if isinstance(inner, Mapping) else {}
        data = data[part]
    data[last] = value


def _unknown(components: tuple[Component, ...], raw: Mapping[str, Any], prefix: str) -> Problems:
    """A problem for each thing sent that the form does not ask."""
    known: Data = {}
    lists: dict[str, ListField] = {}
    for component in flat(components):
        if isinstance(component, Field | Computed | ListField):
            _put(known, component.key, None)
        if isinstance(component, ListField):
            lists[component.key] = component
    problems: Problems = {}
    for key in _strangers(known, raw, ""):
        problems[prefix + key] = [FieldProblem("unknown_field")]
    for key, component in lists.items():
        rows = _get(raw, key)
        for place, row in enumerate(rows[:MAX_ROWS] if isinstance(rows, list | tuple) else ()):
            if isinstance(row, Mapping):
                problems.update(_unknown(component.components, row, f"{prefix}{key}[{place}]."))
    return problems


def _strangers(known: Mapping[str, Any], raw: Mapping[str, Any], above: str) -> Iterator[str]:
    for key, value in raw.items():
        path = f"{above}{key}"[:100]
        if key not in known:
            yield path
        elif isinstance(known[key], Mapping) and isinstance(value, Mapping):
            yield from _strangers(known[key], value, f"{path}.")
