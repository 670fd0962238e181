"""Admission: lanes lead to agencies, and everything a process names is there."""

from collections.abc import Mapping

import pytest

from engine.bpmn.admit import Admission, Known, Limits, Route, Upload, admit
from engine.problems import Severity
from tests.unit.reading.files import around, document, extended, flow, model, models_folder, process
from tests.unit.reading.house import house


def laned(lanes: Mapping[str, str], *, pool: str | None = None) -> bytes:
    """One task in each lane, called t1, t2 …, one after the other."""
    inside = "".join(
        f'<lane id="lane{n}" name="{name}">{extra}<flowNodeRef>t{n}</flowNodeRef></lane>'
        for n, (name, extra) in enumerate(lanes.items(), start=1)
    )
    count = len(lanes)
    tasks = "".join(f'<userTask id="t{n}" name="Check"/>' for n in range(1, count + 1))
    flows = "".join(flow(f"t{n}", f"t{n + 1}") for n in range(1, count))
    more = (
        f'<collaboration><participant id="pool" name="{pool}" processRef="licence"/></collaboration>'
        if pool
        else ""
    )
    return process(
        f'<laneSet>{inside}</laneSet><startEvent id="start"/>{tasks}{flow("start", "t1")}{flows}', more=more
    )


def told(found: Admission, severity: Severity = Severity.ERROR) -> list[tuple[str, str]]:
    return [(p.code, p.element) for p in found.problems if p.severity is severity]


def send(content: bytes, known: Known | None = None, /, **files: bytes) -> Admission:
    named = {name.replace("__", "."): body for name, body in files.items()}
    return admit(Upload("licence.bpmn", content, named), known or house())


@pytest.mark.parametrize("number", ["05", "06", "07", "08", "09", "11", "13"])
def test_a_real_model_is_admitted_for_the_designers_agency(number: str) -> None:
    content, name = model(number)
    found = admit(Upload(name, content), house())
    assert found.errors == []
    [admitted] = found.processes
    assert admitted.owner_agency == "dpmptsp"
    assert set(admitted.routing.values()) <= {Route("dpmptsp")}


def test_a_process_and_the_one_it_calls_are_admitted_together() -> None:
    folder = models_folder() / "14-call-activity"
    main, called = (
        folder / n
        for n in ("CallActivity.testCallSimpleSubProcess.bpmn20.xml", "simpleSubProcess.bpmn20.xml")
    )
    found = admit(Upload(main.name, main.read_bytes(), {called.name: called.read_bytes()}), house())
    assert found.errors == []
    assert [(a.process.key, a.calls) for a in found.processes] == [
        ("callSimpleSubProcess", ("simpleSubProcess",)),
        ("simpleSubProcess", ()),
    ]
    alone = admit(Upload(main.name, main.read_bytes()), house())
    assert told(alone) == [("called_process_unknown", "callSubProcess")]
    deployed = admit(Upload(main.name, main.read_bytes()), house(processes={"simpleSubProcess": 3}))
    assert deployed.errors == []


def test_groups_that_are_no_roles_yet_are_made_when_the_designer_asks() -> None:
    content, name = model("15")
    refused = admit(Upload(name, content), house())
    assert told(refused) == [("role_unknown", "theTask"), ("role_unknown", "theTask")]
    made = admit(Upload(name, content), house(create_roles=True))
    assert made.errors == []
    assert made.processes[0].new_roles == {("dpmptsp", "accountancy"), ("dpmptsp", "management")}
    known = admit(
        Upload(name, content), house(agencies={"dpmptsp": frozenset({"accountancy", "management"})})
    )
    assert known.errors == []
    assert known.processes[0].new_roles == frozenset()


def test_lanes_named_after_agencies_map_by_themselves() -> None:
    found = send(laned({"dlh": "", "Fire Service": "", "dinas lingkungan hidup": ""}))
    assert found.errors == []
    assert found.processes[0].routing == {"t1": Route("dlh"), "t2": Route("damkar"), "t3": Route("dlh")}


def test_an_unmapped_lane_is_named_once_at_the_lane() -> None:
    found = send(laned({"Verifikator": "", "dlh": ""}))
    assert told(found) == [("lane_without_agency", "lane1")]
    assert "Verifikator" in found.errors[0].message


def test_lanes_are_mapped_at_deployment_before_process_toml() -> None:
    toml = b'[lanes]\nVerifikator = "dlh"\n"Kepala" = { agency = "dpmptsp", roles = ["p_head"] }\n'
    content = laned({"Verifikator": "", "Kepala": ""})
    written = send(content, process__toml=toml)
    assert written.processes[0].routing == {"t1": Route("dlh"), "t2": Route("dpmptsp", ("p_head",))}
    given = send(content, house(lanes={"Verifikator": "dpmptsp/p_verifier"}), process__toml=toml)
    assert given.processes[0].routing["t1"] == Route("dpmptsp", ("p_verifier",))


def test_a_lane_mapped_to_nobody_says_who_is_known() -> None:
    found = send(laned({"Verifikator": ""}), house(lanes={"Verifikator": "dinas_x"}))
    assert told(found) == [("agency_unknown", "lane1")]
    assert "dpmptsp" in found.errors[0].message


def test_a_lane_mapping_that_no_lane_asks_for_is_told() -> None:
    found = send(laned({"dlh": ""}), process__toml=b'[lanes]\n"Verifikatr" = "dlh"\n')
    assert ("lane_setting_unused", "") in told(found, Severity.WARNING)


def test_with_several_pools_the_pool_is_the_agency_and_the_lane_a_role() -> None:
    content = document(
        '<collaboration><participant id="p1" name="dlh" processRef="one"/>'
        '<participant id="p2" name="damkar" processRef="two"/><participant id="p3" name="Pemohon"/></collaboration>'
        '<process id="one" isExecutable="true"><startEvent id="s1"/><userTask id="t1" name="A"/>'
        + flow("s1", "t1")
        + '</process><process id="two" isExecutable="true"><laneSet><lane id="l" name="f_head">'
        "<flowNodeRef>t2</flowNodeRef></lane></laneSet>"
        '<startEvent id="s2"/><userTask id="t2" name="B"/>' + flow("s2", "t2") + "</process>"
    )
    found = send(content)
    assert found.errors == []
    assert [a.routing for a in found.processes] == [
        {"t1": Route("dlh")},
        {"t2": Route("damkar", ("f_head",))},
    ]


def test_a_lane_in_an_agencys_pool_that_is_no_role_is_told_or_made() -> None:
    content = laned({"Loket": ""}, pool="dpmptsp")
    assert told(send(content)) == [("role_unknown", "lane1")]
    assert send(content, house(create_roles=True)).processes[0].new_roles == {("dpmptsp", "Loket")}


def test_one_pool_without_lanes_belongs_to_the_designers_agency() -> None:
    content = process(
        around('<userTask id="work" name="Check"/>'),
        more='<collaboration><participant id="p" name="Izin usaha" processRef="licence"/></collaboration>',
    )
    found = send(content)
    assert found.errors == []
    assert found.processes[0].routing == {"work": Route("dpmptsp")}


def test_tasks_inside_a_sub_process_inherit_its_lane() -> None:
    content = process(
        '<laneSet><lane id="l" name="dlh"><flowNodeRef>part</flowNodeRef></lane></laneSet>'
        + around('<subProcess id="part"><startEvent id="is"/><userTask id="deep" name="Check"/>' + flow("is", "deep") + "</subProcess>", "part")
    )  # fmt: skip
    found = send(content)
    assert found.errors == []
    assert found.processes[0].routing["deep"] == Route("dlh")


def test_a_designer_without_an_agency_has_to_name_the_owner() -> None:
    content = process(around('<userTask id="work" name="Check"/>'))
    assert told(send(content, house(deployer_agency=None))) == [("no_agency", "")]
    found = send(content, house(deployer_agency=None), process__toml=b'owner = "dlh"\n')
    assert found.errors == []
    assert found.processes[0].owner_agency == "dlh"
    assert told(send(content, process__toml=b'owner = "dinas_x"\n')) == [("agency_unknown", "")]


def test_people_named_outright_must_exist() -> None:
    found = send(
        process(
            around(
                '<userTask id="work" name="Check" camunda:assignee="siapa" camunda:candidateUsers="meilani, bukan"/>'
            )
        )
    )
    assert told(found) == [("person_unknown", "work"), ("person_unknown", "work")]


def test_groups_and_people_by_expression_are_asked_when_the_task_opens() -> None:
    content = process(
        around('<userTask id="work" camunda:assignee="${starter}" camunda:candidateGroups="${desks}"/>')
    )
    assert send(content).errors == []


def test_a_form_must_be_in_the_upload() -> None:
    content = process(around('<userTask id="work" camunda:formKey="camunda-forms:deployment:check.form"/>'))
    assert told(send(content)) == [("form_missing", "work")]
    found = send(content, check__form=b'{"components": []}')
    assert found.errors == []
    assert found.processes[0].forms == {"check": b'{"components": []}'}


def test_a_form_is_found_by_the_id_written_in_it() -> None:
    content = process(around('<userTask id="work" camunda:formRef="check-v2"/>'))
    assert send(content, some__form=b'{"id": "check-v2", "components": []}').errors == []
    assert told(send(content, some__form=b"[" * 100_000)) == [("form_missing", "work")]


def test_a_connector_is_known_and_content_with_its_settings() -> None:
    def task(*properties: str) -> bytes:
        inside = "".join(f"<lintas:property {p}/>" for p in properties)
        return process(around(f'<serviceTask id="work">{extended(inside)}</serviceTask>'))

    right = send(
        task('name="connector" value="http"', 'name="path" value="/nik"', 'name="system" value="population"')
    )
    assert right.errors == []
    assert told(send(task('name="connector" value="soap"'))) == [("connector_unknown", "work")]
    assert told(send(task('name="connector" value="http"'))) == [("connector_settings", "work")]
    other = send(
        task('name="connector" value="http"', 'name="path" value="/"', 'name="system" value="pajak"')
    )
    assert told(other) == [("system_unknown", "work")]
    chosen = send(
        task('name="connector" value="http"', 'name="path" value="/"', 'name="system" value="${x}"')
    )
    assert told(chosen) == [("system_by_expression", "work")]


def test_a_process_in_two_files_is_told() -> None:
    content = process(around('<userTask id="work"/>'))
    assert told(send(content, again__bpmn=content)) == [("process_twice", "licence")]


def test_start_roles_must_be_roles_of_the_owner() -> None:
    content = process(around('<userTask id="work"/>'))
    toml = b'start_roles = ["loket"]\n'
    assert told(send(content, process__toml=toml)) == [("role_unknown", "")]
    made = send(content, house(create_roles=True), process__toml=toml)
    assert made.processes[0].new_roles == {("dpmptsp", "loket")}


def test_the_limits_hold_for_all_files_together() -> None:
    content = process(around('<userTask id="work"/>'))
    found = admit(
        Upload("licence.bpmn", content, {"two.bpmn": content}),
        house(),
        limits=Limits(bytes=len(content) + 10),
    )
    assert ("too_large", "") in told(found)
    many = admit(Upload("licence.bpmn", content, {f"{n}.form": b"{}" for n in range(101)}), house())
    assert told(many) == [("too_many_files", "")]


def test_what_a_file_says_wrongly_is_told_with_what_the_house_misses() -> None:
    found = send(
        process(
            around(
                '<userTask id="work" camunda:formKey="x" camunda:assignee="siapa"/><adHocSubProcess id="c"/>'
            )
        )
    )
    assert {code for code, _ in told(found)} == {"form_missing", "person_unknown", "not_supported"}
