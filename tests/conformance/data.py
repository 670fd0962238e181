"""Data, artifacts, and what a model says beside its flow."""

from collections.abc import Iterator

from tests.conformance.activities import does, one, passes_on
from tests.conformance.case import Case, State
from tests.unit.bpmn.harness import Play, flows, process


def _file(beside: str) -> str:
    """A whole file; what is beside comes before the process, as the schema wants it."""
    return (
        process(PLAIN)
        .replace("targetNamespace", 'id="d" targetNamespace', 1)
        .replace("<process", f"{beside}<process", 1)
    )


PLAIN = one('<userTask id="t"/>')


def _drawn(
    id_: str,
    name: str,
    about: tuple[str, ...],
    body: str,
    around: str = "",
    group: str = "Artifacts and definitions",
) -> Case:
    return Case(id_, group, name, about, State.DRAWN, body, does("t"), around=around)


def _ignored(
    id_: str,
    name: str,
    about: tuple[str, ...],
    body: str,
    code: str,
    at: str,
    around: str = "",
    group: str = "Data",
) -> Case:
    return Case(id_, group, name, about, State.IGNORED, body, does("t"), around=around, code=code, at=at)


def cases() -> Iterator[Case]:
    data = "Data"
    yield _ignored(
        "data_object", "data object and its references", ("dataObject", "dataObjectReference", "dataState"),
        PLAIN + '<dataObject id="d"/><dataObjectReference id="dr" name="Plan" dataObjectRef="d"><dataState name="approved"/>'
        "</dataObjectReference>", "data_ignored", "P",
    )  # fmt: skip
    yield _ignored(
        "data_store", "data store", ("dataStore", "dataStoreReference"), PLAIN + '<dataStoreReference id="dr" name="Register"/>',
        "data_ignored", "P", '<dataStore id="ds" name="Register"/>',
    )  # fmt: skip
    specification = (
        '<ioSpecification><dataInput id="di" name="plan"/><dataOutput id="do" name="verdict"/>'
        "<inputSet><dataInputRefs>di</dataInputRefs></inputSet><outputSet><dataOutputRefs>do</dataOutputRefs></outputSet></ioSpecification>"
    )
    yield _drawn(
        "io_specification", "inputs and outputs of an activity, without associations",
        ("ioSpecification", "dataInput", "dataOutput", "inputSet", "outputSet"), one(f'<userTask id="t">{specification}</userTask>'), group=data,
    )  # fmt: skip
    copies = (
        "<dataInputAssociation><sourceRef>d</sourceRef><targetRef>di</targetRef></dataInputAssociation>"
        "<dataOutputAssociation><sourceRef>do</sourceRef><targetRef>d</targetRef></dataOutputAssociation>"
    )

    def copied(case: Play) -> None:
        task = case.task("t")
        assert case.machine.task_variables(case.step.snapshot, task.token)["plan"] == "first"
        case.complete("t", verdict="second")
        assert case.data["order"] == "second"
        passes_on(case)

    yield Case(
        "data_association-copy", data, "data association that copies between a data object and a task", ("dataInputAssociation", "dataOutputAssociation"),
        State.RUNS, one(f'<userTask id="t">{specification}{copies}</userTask><dataObject id="d" name="order"/>'), copied,
        data={"order": "first"}, also=("tests/unit/reading/test_drawn_data.py::test_an_assignment_and_a_transformation_may_compute",),
    )  # fmt: skip
    computed = (
        "<dataInputAssociation><sourceRef>dr</sourceRef><targetRef>di</targetRef><assignment><from>1</from><to>di/street</to></assignment>"
        "</dataInputAssociation>"
    )
    yield _ignored(
        "data_association", "data association that fills a part of its target", ("assignment", "transformation"),
        one(f'<userTask id="t">{specification}{computed}</userTask>'), "data_ignored", "t",
    )  # fmt: skip
    yield _drawn(
        "property",
        "property of a process or activity",
        ("property",),
        '<property id="p1" name="fee"/>' + PLAIN,
        group=data,
    )
    yield _drawn(
        "item_definition",
        "item definition",
        ("itemDefinition",),
        PLAIN,
        '<itemDefinition id="i1" structureRef="xs:string"/>',
        group=data,
    )
    yield _drawn(
        "artifacts", "text annotation, association, group",
        ("textAnnotation", "association", "group", "category", "categoryValue"),
        PLAIN + '<textAnnotation id="n"><text>Ask first</text></textAnnotation><association id="as" sourceRef="n" targetRef="t"/>'
        '<group id="gr" categoryValueRef="cv"/>', '<category id="c"><categoryValue id="cv" value="Front"/></category>',
    )  # fmt: skip
    yield _drawn(
        "documentation",
        "documentation",
        ("documentation",),
        "<documentation>Ask the applicant.</documentation>" + PLAIN,
    )
    yield _drawn(
        "extension_elements",
        "extension elements of a vendor without meaning for running",
        ("extensionElements",),
        PLAIN.replace(
            '<userTask id="t"/>',
            '<userTask id="t"><extensionElements><v:colour xmlns:v="urn:v">red</v:colour></extensionElements></userTask>',
        ),
    )
    yield _drawn(
        "auditing", "auditing and monitoring", ("auditing", "monitoring"), "<auditing/><monitoring/>" + PLAIN
    )
    yield _drawn(
        "category",
        "import and relationship",
        ("import", "relationship"),
        PLAIN,
        '<relationship type="t" id="rel"><source>a</source><target>b</target></relationship>',
    )
    must = '<extension definition="x:billing" mustUnderstand="true"/>'
    yield Case(
        "extension",
        "Artifacts and definitions",
        "extension that must be understood",
        ("extension",),
        State.REFUSED,
        _file(must),
        code="not_supported",
    )
    yield _drawn(
        "extension-optional",
        "extension that need not be understood",
        ("extension",),
        _file('<extension definition="x:colours"/>'),
    )
    yield Case(
        "interface", "Artifacts and definitions", "interface and operation of a message", ("interface", "operation", "operationRef"),
        State.IGNORED,
        '<startEvent id="s"/><intermediateThrowEvent id="t"><messageEventDefinition messageRef="m"><operationRef>o</operationRef>'
        '</messageEventDefinition></intermediateThrowEvent><userTask id="h"/><endEvent id="e"/>' + flows("s t", "t h", "h e"),
        passes_on, around='<message id="m" name="M"/><interface id="i" name="I"><operation id="o" name="O"><inMessageRef>m</inMessageRef></operation></interface>',
        code="operation_ignored", at="t",
    )  # fmt: skip
    yield Case(
        "event_reference", "Artifacts and definitions", "event definition elsewhere, by reference", ("eventDefinitionRef",), State.REFUSED,
        '<startEvent id="s"/><intermediateCatchEvent id="t"><eventDefinitionRef>x</eventDefinitionRef></intermediateCatchEvent><endEvent id="e"/>'
        + flows("s t", "t e"), around='<signalEventDefinition id="x"/>', code="event_reference", at="t",
    )  # fmt: skip
