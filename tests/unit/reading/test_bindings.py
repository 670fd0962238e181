"""process.toml in the place of another engine's code: what it says runs, what it leaves out is refused with the line to write."""

import tomllib
from dataclasses import dataclass

import pytest

from engine.bpmn.admit import Admission, Upload, admit
from engine.bpmn.model import ActionKind, Decision, EventKind, ListenerEvent, Node, NodeKind
from engine.problems import Severity
from tests.unit.reading.files import around, extended, flow, node, process
from tests.unit.reading.house import house

ARCHIVE = '<serviceTask id="archive" camunda:class="org.example.Archive"/>'
TELEX = extended('<zeebe:taskDefinition type="telex"/>')
LISTENER = '<camunda:executionListener event="start" delegateExpression="${tell}"/>'
LISTENING = extended('<camunda:executionListener event="end" class="x.Y"/>')
ARCHIVED = 'connector = "http", path = "/archive"'


@dataclass
class Bound:
    admission: Admission

    @property
    def errors(self) -> list[tuple[str, str]]:
        return [(p.code, p.element) for p in self.admission.errors]

    def warnings(self, code: str) -> list[str]:
        return [p.message for p in self.admission.warnings if p.code == code]

    def node(self, node_id: str) -> Node:
        assert self.errors == [], self.admission.errors
        [admitted] = self.admission.processes
        return node(admitted.process, node_id)


def bound(inside: str, toml: str = "", *, more: str = "", **files: bytes) -> Bound:
    content = process(inside, more=more)
    uploaded = {"process.toml": toml.encode(), **{f"{name}.form": text for name, text in files.items()}}
    return Bound(admit(Upload("licence.bpmn", content, uploaded), house()))


def the_line(admission: Admission, code: str, table: str) -> dict[str, object]:
    """What the first line that a problem shows says, read as TOML."""
    [problem] = [p for p in admission.errors if p.code == code]
    line = problem.message.partition(f"under [{table}]: ")[2]
    assert line, problem.message
    for end in range(len(line), 0, -1):
        try:
            return tomllib.loads(line[:end].strip())
        except tomllib.TOMLDecodeError:
            continue
    raise AssertionError(line)


@pytest.mark.parametrize(
    ("task", "key"),
    [
        (ARCHIVE, "archive"),
        (ARCHIVE, '"org.example.Archive"'),
        ('<serviceTask id="archive" camunda:delegateExpression="${archiver}"/>', '"${archiver}"'),
        (
            """<sendTask id="archive" camunda:expression="${mail.send(execution)}"/>""",
            "'${mail.send(execution)}'",
        ),
        ('<serviceTask id="archive" camunda:type="external" camunda:topic="Archive"/>', "Archive"),
        ('<serviceTask id="archive" camunda:type="mail"/>', "mail"),
        ('<businessRuleTask id="archive" camunda:class="org.example.Archive"/>', "archive"),
        ('<scriptTask id="archive" scriptFormat="groovy"><script>x()</script></scriptTask>', "archive"),
        (
            f'<serviceTask id="archive">{TELEX}</serviceTask>',
            "telex",
        ),
    ],
)
def test_a_service_is_found_by_its_id_or_by_what_it_names(task: str, key: str) -> None:
    found = bound(around(task, "archive"), f"[services]\n{key} = {{ {ARCHIVED} }}\n")
    archive = found.node("archive")
    assert archive.kind is NodeKind.SERVICE_TASK
    assert archive.service is not None
    assert (archive.service.connector, archive.service.settings) == ("http", {"path": "/archive"})
    assert found.warnings("binding_unused") == []


def test_the_id_of_an_element_wins_over_what_it_names() -> None:
    found = bound(
        around(ARCHIVE, "archive"),
        f'[services]\n"org.example.Archive" = {{ {ARCHIVED} }}\narchive = {{ skip = "on paper" }}\n',
    )
    assert found.node("archive").kind is NodeKind.PASS
    assert found.warnings("binding_unused") == [
        'No element asks for [services] "org.example.Archive". Compare it with the file: an id, or the text exactly as it stands there.'
    ]


def test_an_answer_is_kept_as_the_entry_says() -> None:
    found = bound(
        around(ARCHIVE, "archive"),
        '[services.archive]\nconnector = "http"\npath = "/archive/${number}"\nretries = 3\nurgent = true\n'
        'result = "answer"\nresults = { shelf = "reply.shelf", row = "reply.row + 1" }\n'
        'inputs = { number = "case_number" }\n',
    )
    archive = found.node("archive")
    service = archive.service
    assert service is not None
    assert service.settings == {"path": "/archive/${number}", "urgent": "true"}
    assert service.expressions["path"].names == {"number"}
    assert (service.result_variable, service.retries) == ("answer", 3)
    assert [(m.target, m.value and m.value.names) for m in service.inputs] == [("number", {"case_number"})]
    assert [(m.target, m.value and m.value.source) for m in archive.outputs] == [
        ("shelf", "reply.shelf"),
        ("row", "reply.row + 1"),
    ]


def test_the_result_variable_of_the_file_holds_where_the_entry_names_none() -> None:
    task = '<serviceTask id="archive" camunda:expression="${bean.shelf(x)}" camunda:resultVariable="shelf"/>'
    service = (
        bound(around(task, "archive"), f"[services]\narchive = {{ {ARCHIVED} }}\n").node("archive").service
    )
    assert service is not None
    assert service.result_variable == "shelf"


def test_a_skipped_service_passes_without_its_mappings_and_says_why() -> None:
    mapping = '<camunda:inputOutput><camunda:inputParameter name="to">${bean.address()}</camunda:inputParameter></camunda:inputOutput>'
    task = f'<serviceTask id="archive" camunda:class="org.example.Archive">{extended(mapping)}</serviceTask>'
    found = bound(around(task, "archive"), '[services]\narchive = { skip = "on paper since 2019" }\n')
    archive = found.node("archive")
    assert (archive.kind, archive.inputs, archive.outputs) == (NodeKind.PASS, (), ())
    [told] = found.warnings("service_skipped")
    assert '"on paper since 2019"' in told


def test_a_service_may_set_variables_instead() -> None:
    found = bound(
        around(ARCHIVE, "archive"), "[services]\narchive = { set = { shelf = \"'B' + str(row)\" } }\n"
    )
    archive = found.node("archive")
    assert archive.kind is NodeKind.PASS
    [shelf] = archive.outputs
    assert (shelf.target, shelf.value and shelf.value.names) == ("shelf", {"row"})


@pytest.mark.parametrize(
    ("drawn", "kind"),
    [
        ('<intermediateThrowEvent id="archive">{}</intermediateThrowEvent>', NodeKind.THROW),
        ('<endEvent id="archive">{}</endEvent>', NodeKind.END),
        ('<sendTask id="archive" camunda:class="org.example.Send"/>', NodeKind.SEND_TASK),
    ],
)
def test_an_element_may_send_a_message_instead(drawn: str, kind: NodeKind) -> None:
    drawn = drawn.format('<messageEventDefinition camunda:expression="${bean.tell()}"/>')
    inside = f'<startEvent id="start"/>{drawn}{flow("start", "archive")}'
    found = bound(inside, '[services]\narchive = { message = "archived", data = { place = "shelf" } }\n')
    archive = found.node("archive")
    assert archive.kind is kind
    assert archive.event is not None
    assert archive.event.kind is EventKind.MESSAGE
    assert archive.event.name is not None
    assert archive.event.name.code == "'archived'"
    assert [m.target for m in archive.event.payload] == ["place"]


def test_an_end_event_that_is_skipped_still_ends() -> None:
    inside = f'<startEvent id="start"/><endEvent id="told"><messageEventDefinition/></endEvent>{flow("start", "told")}'
    found = bound(inside, '[services]\ntold = { skip = "nobody listens" }\n')
    told = found.node("told")
    assert (told.kind, told.event) == (NodeKind.END, None)


def test_a_listener_may_set_variables_in_the_place_of_its_code() -> None:
    task = f'<task id="work">{extended(LISTENER)}</task>'
    found = bound(around(task), '[listeners]\nwork = { set = { phase = "level + 1" } }\n')
    assert found.errors == []
    [listener] = found.node("work").listeners
    [action] = listener.actions
    assert (listener.on, action.kind, action.target) == (ListenerEvent.START, ActionKind.SET, "phase")


def test_a_listener_is_skipped_by_the_id_of_its_element_or_by_its_code() -> None:
    listeners = (
        '<camunda:executionListener event="start" class="org.example.Log"/>'
        '<camunda:executionListener event="end"><camunda:script scriptFormat="javascript">a();\n  b();</camunda:script>'
        "</camunda:executionListener>"
    )
    task = f'<task id="work">{extended(listeners)}</task>'
    by_id = bound(around(task), '[listeners]\nwork = { skip = "history keeps it" }\n')
    assert by_id.node("work").kind is NodeKind.PASS
    assert len(by_id.warnings("listener_skipped")) == 1  # the same sentence about the same element, once
    by_code = '[listeners]\n"org.example.Log" = { skip = "history keeps it" }\n'
    assert bound(around(task), by_code).errors == [("vendor_code", "work")]
    both = bound(around(task), by_code + '"a(); b();" = { skip = "not needed" }\n')
    assert both.node("work").kind is NodeKind.PASS
    assert len(both.warnings("listener_skipped")) == 2


def test_a_listener_sets_variables_instead_once_for_an_element_and_once_for_each_code() -> None:
    listeners = "".join(
        f'<camunda:executionListener event="{event}" class="org.example.Count"/>'
        for event in ("start", "start", "end")
    )
    task = f'<task id="work">{extended(listeners)}</task>'
    for key, times in (("work", 1), ('"org.example.Count"', 2)):
        found = (
            bound(around(task), f'[listeners]\n{key} = {{ set = {{ n = "n + 1" }} }}\n')
            .node("work")
            .listeners
        )
        assert [listener.on.value for listener in found] == ["start"] * times + ["end"]
        assert {(a.target, a.value and a.value.source) for x in found for a in x.actions} == {("n", "n + 1")}


def test_an_expression_of_beans_is_replaced_by_its_exact_text() -> None:
    task = '<userTask id="work" name="Check" camunda:assignee="${staff.find(\n  case)}"/>'
    found = bound(around(task), "[expressions]\n'${staff.find( case)}' = \"officer\"\n")
    work = found.node("work").work
    assert work is not None
    assert work.assignee is not None
    assert (work.assignee.code, work.assignee.source) == ("officer", "${staff.find( case)}")


def test_a_condition_in_another_language_is_replaced() -> None:
    inside = (
        '<startEvent id="s"/><exclusiveGateway id="g" default="n"/><endEvent id="a"/><endEvent id="b"/>'
        f'{flow("s", "g")}<sequenceFlow id="y" sourceRef="g" targetRef="a"><conditionExpression language="groovy">sum() &gt; 3'
        f"</conditionExpression></sequenceFlow>{flow('g', 'b', name='n')}"
    )
    assert bound(inside).errors == [("expression_language", "y")]
    found = bound(inside, '[expressions]\n"sum() > 3" = "total > 3"\n')
    assert found.errors == []
    [admitted] = found.admission.processes
    condition = admitted.process.scope.flows["y"].condition
    assert condition is not None
    assert condition.names == {"total"}


@pytest.mark.parametrize("key", ["calculate", '"total = a + b;"'])
def test_a_script_in_another_language_is_replaced_by_its_text_or_its_id(key: str) -> None:
    task = (
        '<scriptTask id="calculate" scriptFormat="javascript"><script>total =\n a + b;</script></scriptTask>'
    )
    assert bound(around(task, "calculate")).errors == [("script_invalid", "calculate")]
    found = bound(around(task, "calculate"), f'[expressions]\n{key} = "total = a + b"\n')
    script = found.node("calculate").script
    assert script is not None
    assert script.assigns == {"total"}


def test_a_script_in_a_mapping_is_replaced_by_an_expression() -> None:
    mapping = (
        '<camunda:inputOutput><camunda:inputParameter name="to"><camunda:script scriptFormat="groovy">find()</camunda:script>'
        "</camunda:inputParameter></camunda:inputOutput>"
    )
    task = f'<userTask id="work" name="Check">{extended(mapping)}</userTask>'
    assert bound(around(task)).errors == [("mapping_not_supported", "work")]
    [made] = bound(around(task), '[expressions]\n"find()" = "email"\n').node("work").inputs
    assert (made.target, made.value and made.value.code) == ("to", "email")


def test_a_form_of_another_engine_is_replaced_or_skipped() -> None:
    task = '<userTask id="work" name="Check" camunda:formKey="embedded:app:forms/check.html"/>'
    form = b'{"type": "default", "components": []}'
    for key in ("embedded:app:forms/check.html", "check.html"):
        work = bound(around(task), f'[forms]\n"{key}" = "ours"\n', ours=form).node("work").work
        assert work is not None
        assert work.form == "ours"
    skipped = bound(around(task), '[forms]\n"check.html" = { skip = "a program answers" }\n')
    work = skipped.node("work").work
    assert work is not None
    assert work.form is None
    assert '"a program answers"' in skipped.warnings("form_skipped")[0]
    assert skipped.warnings("task_without_form") == []


@pytest.mark.parametrize(
    ("inside", "code", "table", "key"),
    [
        (around(ARCHIVE, "archive"), "vendor_code", "services", "archive"),
        (around('<serviceTask id="a"/>', "a"), "service_without_connector", "services", "a"),
        (around('<sendTask id="a"/>', "a"), "send_without_message", "services", "a"),
        (around('<businessRuleTask id="a"/>', "a"), "decision_missing", "services", "a"),
        (
            around('<serviceTask id="a" camunda:type="external" camunda:topic="Telex"/>', "a"),
            "connector_unknown",
            "services",
            "Telex",
        ),
        (
            around('<intermediateThrowEvent id="a"><messageEventDefinition/></intermediateThrowEvent>', "a"),
            "message_missing",
            "services",
            "a",
        ),
        (
            around(f'<task id="a">{LISTENING}</task>', "a"),
            "vendor_code",
            "listeners",
            "a",
        ),
        (
            around("""<userTask id="a" name="A" camunda:assignee='${staff.find("x")}'/>""", "a"),
            "expression_invalid",
            "expressions",
            '${staff.find("x")}',
        ),
        (
            around('<userTask id="a" name="A" camunda:formKey="a.html"/>', "a"),
            "form_missing",
            "forms",
            "a",
        ),
        (
            '<laneSet><lane id="l" name="Nowhere"><flowNodeRef>a</flowNodeRef></lane></laneSet>'
            + around('<userTask id="a" name="A"/>', "a"),
            "lane_without_agency",
            "lanes",
            "Nowhere",
        ),
    ],
)
def test_what_is_refused_says_the_line_that_would_settle_it(
    inside: str, code: str, table: str, key: str
) -> None:
    assert list(the_line(bound(inside).admission, code, table)) == [key]


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        ('[services]\na = "http"', 2),
        ("[services]\na = {}", 2),
        ('[services]\na = { skip = "x", connector = "http" }', 2),
        ('[services]\na = { skip = "x", result = "y" }', 2),
        ('[services]\na = { skip = " " }', 2),
        ('[services]\na = { connector = "http", result = "two words" }', 2),
        ('[services]\na = { connector = "http", results = { x = "reply." } }', 2),
        ('[services]\na = { connector = "http", results = { "1x" = "reply" } }', 2),
        ('[services]\na = { connector = "http", results = "reply" }', 2),
        ('[services]\na = { connector = "http", retries = 0 }', 2),
        ('[services]\na = { connector = "http", retries = true }', 2),
        ('[services]\na = { connector = "http", query = ["x"] }', 2),
        ('[services]\na = { message = "x", to = "y" }', 2),
        ("[services]\na = { set = { x = 3 } }", 2),
        ('[services]\na = { decision = "risk" }', 2),
        ('[services]\na = { decision = "risk", result = "two words" }', 2),
        ('\n[services."org.example.Archive"]\nskip = 3', 2),
        ('[listeners]\na = { connector = "http" }', 2),
        ("[listeners]\n'${a.b(\"c\")}' = 3", 2),
        ('[expressions]\n"a" = "1 +"', 2),
        ('[expressions]\n"a" = 1', 2),
        ('[expressions]\n"a b" = "1"\n"a  b" = "2"', 3),
        ('[forms]\n"a.html" = { form = "x" }', 2),
        ('[forms]\n"a.html" = 3', 2),
        ("services = 3", 1),
    ],
)
def test_a_wrong_entry_is_told_with_its_line(entry: str, line: int) -> None:
    wrong = [
        p for p in bound('<startEvent id="s"/>', entry).admission.problems if p.code == "settings_invalid"
    ]
    assert [(p.line, p.file, p.severity) for p in wrong] == [(line, "process.toml", Severity.ERROR)]


DECISION = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" namespace="t" id="d" name="d">
  <decision id="risk" name="Risk"><decisionTable id="t"><input id="i"><inputExpression id="e"><text>size</text></inputExpression></input>
    <output id="o" name="level"/><rule id="r"><inputEntry id="a"><text>-</text></inputEntry><outputEntry id="b"><text>"low"</text></outputEntry></rule>
  </decisionTable></decision></definitions>"""


def test_a_task_makes_an_uploaded_decision_in_the_place_of_another_engines() -> None:
    upload = Upload(
        "licence.bpmn",
        process(around('<businessRuleTask id="work" name="Risk" camunda:class="org.example.Risk"/>')),
        {
            "risk.dmn": DECISION,
            "process.toml": b'[services]\nwork = { decision = "risk", result = "level" }\n',
        },
    )
    found = admit(upload, house())
    assert found.errors == []
    [node] = [n for n in found.processes[0].process.nodes() if n.id == "work"]
    assert (node.kind, node.decision) == (NodeKind.DECISION_TASK, Decision("risk", "level", "single_entry"))
