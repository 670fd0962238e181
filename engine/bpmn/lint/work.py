"""Rules of people's work: tasks, lanes, forms, and what a process tells about itself."""

from collections.abc import Iterator

from engine.bpmn.lint.look import RUNS_THROUGH, Look, constant
from engine.bpmn.lint.rule import Found, rule
from engine.bpmn.model import NodeKind


@rule(
    "No form",
    "The task shows nothing to fill in, so an officer can only tick it off. Name a form with formKey, or silence this where that is meant.",
)
def task_without_form(look: Look) -> Iterator[Found]:
    for _, node in look.of(NodeKind.USER_TASK):
        if node.work is not None and node.work.form is None and node.element not in look.facts.formless:
            yield look.at(node, "The task shows no form, so nothing can be entered. Name one with formKey.")


@rule(
    "No time limit",
    "Nobody sees when the task is late, and no report counts it. Set the extension property sla, for example P5D, "
    "on the task, its lane or the process.",
)
def task_without_sla(look: Look) -> Iterator[Found]:
    for _, node in look.of(NodeKind.USER_TASK):
        if node.work is not None and node.work.sla is None and node.work.due is None:
            yield look.at(
                node, "The task has no service level. Set the extension property sla, for example P5D."
            )


@rule("A step without a name", "Officers see its id instead. Write what is to be done.")
def task_without_name(look: Look) -> Iterator[Found]:
    for _, node in look.of(NodeKind.USER_TASK):
        if node.name is None:
            yield look.at(node, "The task has no name; officers see its id. Write what is to be done.")


@rule(
    "A task for one person by name",
    "When this person is ill or has moved on, the task waits. Name a role with candidateGroups; its officers see the task.",
)
def task_for_one_person(look: Look) -> Iterator[Found]:
    for _, node in look.of(NodeKind.USER_TASK):
        work = node.work
        if work is None or work.candidate_groups:
            continue
        people = [constant(e) for e in (work.assignee, *work.candidate_users) if e is not None]
        if len(people) == 1 and people[0] is not None:
            yield look.at(
                node, f'Only "{people[0]}" can do the task; it waits when they are away. Name a role instead.'
            )


@rule(
    "The same person several times",
    "Each instance opens a task, and all of them go to one person by name. Assign each instance to somebody else, "
    "or draw one task.",
)
def instances_same_person(look: Look) -> Iterator[Found]:
    for _, node in look.of(NodeKind.USER_TASK):
        if node.loop is None or node.loop.sequential or node.work is None:
            continue
        if (person := constant(node.work.assignee)) is not None:
            yield look.at(
                node,
                f'Every instance of the task goes to "{person}" at once. Read the assignee from the item.',
            )


@rule(
    "An empty lane",
    "The lane says that somebody takes part, but nothing is drawn in it. Remove it, or draw its tasks into it.",
)
def lane_empty(look: Look) -> Iterator[Found]:
    used = {node.lane[:depth] for _, node in look.nodes for depth in range(1, len(node.lane) + 1)}
    for lane in look.process.lanes:
        if lane.path not in used:
            yield Found(
                lane.element,
                lane.line,
                f'Nothing is drawn in the lane "{lane.path[-1]}". Remove it or draw its tasks into it.',
            )


@rule(
    "No form to start with",
    "A case begins empty, and its first step is no task with a form either: nobody can say what it is about. "
    "Name a form at the start event, or under [start] in process.toml.",
)
def start_without_form(look: Look) -> Iterator[Found]:
    if look.settings.start_form or look.process.start_form or look.is_called:
        return
    place = look.places[0]
    starts = [s for s in place.scope.starts() if s.event is None and not s.synthetic]
    forms = any(node.work is not None and node.work.form is not None for _, node in look.nodes)
    if not starts or not forms:
        return
    waiting, seen = [starts[0]], {starts[0].id}
    asked = False
    while waiting:
        for follower in place.followers(waiting.pop()):
            asked = asked or (follower.work is not None and follower.work.form is not None)
            if follower.kind in RUNS_THROUGH and follower.id not in seen:
                seen.add(follower.id)
                waiting.append(follower)
    if not asked:
        yield look.at(
            starts[0],
            "A case begins empty, and no form follows at once. Name a form at the start event.",
        )


@rule(
    "No title in both languages",
    "People see the process's id, or a title in the other language. Write title.id and title.en in process.toml.",
)
def title_missing(look: Look) -> Iterator[Found]:
    settings, process = look.settings, look.process
    if bool(settings.title_id) != bool(settings.title_en):
        there, missing = ("id", "en") if settings.title_id else ("en", "id")
        yield look.at_process(f"process.toml has title.{there} but no title.{missing}. Write both.")
    elif not settings.title_id and process.name == process.key:
        yield look.at_process("The process has no name; people see its id. Write one.")


@rule(
    "A call that hands nothing over",
    "A called process sees only what is mapped. Without any mapping it knows nothing of the case, and nothing of its work "
    "comes back. Write the in and out mappings.",
)
def call_without_data(look: Look) -> Iterator[Found]:
    for _, node in look.of(NodeKind.CALL_ACTIVITY):
        if node.called is not None and not node.called.inputs and not node.called.outputs:
            yield look.at(
                node,
                f'Nothing is handed to "{node.called.process}" and nothing comes back. Write the in and out mappings.',
            )
