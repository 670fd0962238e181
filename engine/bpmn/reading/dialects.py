"""The vocabularies: which vendor's namespace says what, and which of its words change how a process runs."""

from engine.bpmn.xml import BPMN

CAMUNDA_LIKE = (
    "http://camunda.org/schema/1.0/bpmn",
    "http://operaton.org/schema/1.0/bpmn",
    "http://flowable.org/bpmn",
    "http://activiti.org/bpmn",
    "http://activiti.com/modeler",
    "http://www.activiti.com/bpmn2",
)
"""Camunda 7 and its relatives: one vocabulary of attributes and extension elements, JUEL expressions."""
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
MODELER = "http://camunda.org/schema/modeler/1.0"
LINTAS = "urn:lintas:bpmn:1"
SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"
DROOLS = "http://www.jboss.org/drools"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

ENGINES = frozenset({*CAMUNDA_LIKE, ZEEBE, LINTAS, SPIFF, DROOLS})

QUIET = frozenset({BPMN, MODELER, XSI, "http://www.w3.org/XML/1998/namespace", ""})
"""Namespaces whose words never change how a process runs, beside the drawing."""
QUIET_PREFIXES = (
    "http://www.omg.org/spec/",
    "http://bpmn.io/",
    "http://www.bpsim.org/",
    "http://camunda.org/schema/modeler",
)

IGNORED_ATTRIBUTES = frozenset(
    {
        # how another engine schedules, keeps or shows things; nothing a case could notice
        "async", "asyncBefore", "asyncAfter", "exclusive", "jobPriority", "taskPriority", "historyTimeToLive",
        "versionTag", "isStartableInTasklist", "diagramRelationId", "modelerTemplate", "modelerTemplateVersion",
        "modelerTemplateIcon", "formRefBinding", "formRefVersion",
        "mapDecisionResult", "packageName", "version", "adHoc", "dtype", "exporter", "processVersion",
        "createdTime", "formFieldValidation", "sameDeployment", "triggerable",
    }
)  # fmt: skip
READ_ATTRIBUTES = frozenset(
    {
        "assignee", "candidateUsers", "candidateGroups", "formKey", "formRef", "dueDate", "followUpDate", "priority",
        "type", "topic", "resultVariable", "resultVariableName", "decisionRef", "collection", "elementVariable",
        "errorCodeVariable", "errorMessageVariable", "escalationCodeVariable", "elementIndexVariable",
        "calledElementBinding", "calledElementVersion", "calledElementVersionTag",
        "decisionRefBinding", "decisionRefVersion", "decisionRefVersionTag", "initiator", "taskCompleterVariableName",
    }
)  # fmt: skip
WARNED_ATTRIBUTES = {
    "candidateStarterGroups": "Who may start is set by start_roles in process.toml.",
    "candidateStarterUsers": "Who may start is set by start_roles in process.toml.",
    "calledElementTenantId": "Processes have no tenants here.",
    "decisionRefTenantId": "Decisions have no tenants here.",
    "variableName": "The condition is looked at after every change of any variable.",
    "variableEvents": "The condition is looked at after every change of any variable.",
    "category": "Tasks have no category here.",
    "errorMessage": "The text comes from the connector's answer.",
}
REFUSED_ATTRIBUTES = {
    "class": "it names Java code, which does not run here",
    "expression": "it calls code of another engine, which does not run here",
    "delegateExpression": "it names Java code, which does not run here",
    "variableMappingClass": "it names Java code, which does not run here",
    "variableMappingDelegateExpression": "it names Java code, which does not run here",
    "resource": "it names a script in another file; put the script into the task",
    "caseRef": "cases in CMMN are not called",
    "skipExpression": "tasks are not skipped by an expression; draw a gateway before the task",
    "ruleVariablesInput": "rules in another language are not run; use a DMN decision",
    "taskName": "a task's name comes from its name attribute",
}

WARNED_EXTENSIONS = {
    "potentialStarter": "Who may start is set by start_roles in process.toml.",
    "priorityDefinition": "Write the priority as the extension property priority.",
    "versionTag": "Versions are counted at deployment.",
}
REFUSED_EXTENSIONS = {
    "executionListeners": "its listeners are jobs; draw each as a service task of its job type before or after the element",
    "taskListeners": "its listeners are jobs; draw each as a service task of its job type before or after the task",
    "connector": "connectors of another engine do not run here; set the extension property connector (for example http)",
    "errorEventDefinition": "errors of external tasks are not mapped by expression; use the extension property errors",
    "adHoc": "ad-hoc sub-processes are not run",
    "serviceTaskOperator": "operators of another engine do not run here; set the extension property connector",
    "preScript": "scripts before a task do not run here; draw a script task before it",
    "postScript": "scripts after a task do not run here; draw a script task after it",
    "onEntry-script": "scripts at a task's entry do not run here; draw a script task before it",
    "onExit-script": "scripts at a task's exit do not run here; draw a script task after it",
    "conditionalFilter": "a condition restricted to some variables is not kept so",
    "linkedResources": "resources of another engine are not read",
}
READ_EXTENSIONS = frozenset(
    {
        "properties", "inputOutput", "in", "out", "assignmentDefinition", "formDefinition", "taskDefinition", "ioMapping",
        "calledElement", "loopCharacteristics", "calledDecision", "script", "taskSchedule", "taskHeaders", "subscription", "publishMessage",
        "property", "userTask", "field", "executionListener", "taskListener", "formData", "formProperty", "userTaskForm",
        "taskCompleterVariableName",
    }
)  # fmt: skip
IGNORED_EXTENSIONS = frozenset(
    {"failedJobRetryTimeCycle", "metaData", "import", "global", "modelerTemplate", "properties", "instructionsForEndUser"}
)  # fmt: skip
